"""The model: primitives and programs, laid out as the arrays that the kernel runs on.

Names end here: inside the kernel everything is an index. :class:`Model` keeps the way back, from index to name, so that
an outcome can speak of "Database/connections".
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tonnage.engine.flatten import flatten
from tonnage.engine.kernels.state import (
    BucketRules,
    CacheRules,
    EnvironmentRules,
    Fleets,
    Floats,
    Ints,
    PoolRules,
)
from tonnage.engine.kernels.state import Program as Instructions
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Primitive
from tonnage.engine.primitives.distribution import quantile_table
from tonnage.engine.program import Program

SHARING_LIMIT = 1024
"""Most jobs that an instance of fewer servers serves at once under processor sharing; more wait in order of arrival."""

_RULES = {"round robin": 0, "least outstanding": 1, "random": 2, "random two": 3}
_UNLIMITED = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why requests fail.

    Attributes:
        component: Component that refused.
        primitive: Full name of the primitive, or the component's own for a time-out.
        text: For the report: "too many connections", "no instance in service", "timed out after 3 s".
    """

    component: str
    primitive: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A compiled workload: independent of traffic, seed and time.

    Attributes:
        components: Names, by index.
        routes: Names, by index.
        programs: What was compiled.
        primitives: By full name.
        causes: Why requests fail, by index.
        fleets: Index by name; likewise ``buckets``, ``caches``, ``environments``.
        pools: Index by name; of the first of its pools where every instance has one.
        program: Instructions and quantile tables.
        fleet_rules: Constants of the fleets; likewise the other rules.
        route_pc: (routes,) int32, first instruction.
        route_until: (routes,) float64, cumulated shares.
        deadline_s: (routes,) float64, s.
    """

    components: tuple[str, ...]
    routes: tuple[str, ...]
    programs: tuple[Program, ...]
    primitives: Mapping[str, Primitive]
    causes: tuple[Cause, ...]
    fleets: Mapping[str, int]
    pools: Mapping[str, int]
    buckets: Mapping[str, int]
    caches: Mapping[str, int]
    environments: Mapping[str, int]
    program: Instructions = field(repr=False)
    fleet_rules: Fleets = field(repr=False)
    pool_rules: PoolRules = field(repr=False)
    bucket_rules: BucketRules = field(repr=False)
    cache_rules: CacheRules = field(repr=False)
    env_rules: EnvironmentRules = field(repr=False)
    route_pc: Ints = field(repr=False)
    route_until: Floats = field(repr=False)
    deadline_s: Floats = field(repr=False)

    def fleet_slots(self, name: str) -> range:
        """Slots of a fleet's instances."""
        fleet = self.primitives[name]
        assert isinstance(fleet, Fleet)
        first = int(self.fleet_rules.first[self.fleets[name]])
        return range(first, first + fleet.max_instances)

    def pool_range(self, name: str) -> range:
        """Pools of that name: one, or one for each slot of its fleet."""
        pool = self.primitives[name]
        assert isinstance(pool, Pool)
        first = self.pools[name]
        return range(first, first + (1 if pool.fleet is None else len(self.fleet_slots(pool.fleet))))


def component_of(primitive: str) -> str:
    """Component that a primitive belongs to, by its full name."""
    return primitive.partition("/")[0]


def stream(name: str) -> int:
    """The salt of a named stream of luck, 64 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _of(primitives: Mapping[str, Primitive], kind: type) -> dict[str, int]:
    return {name: k for k, name in enumerate(n for n, p in primitives.items() if isinstance(p, kind))}


class _Causes:
    """Causes, numbered as they come up."""

    def __init__(self) -> None:
        self.found: list[Cause] = []

    def add(self, primitive: str, text: str) -> int:
        self.found.append(Cause(component=component_of(primitive), primitive=primitive, text=text))
        return len(self.found) - 1


def build(primitives: Mapping[str, Primitive], programs: Sequence[Program]) -> Model:
    """Lay a workload out as arrays.

    Args:
        primitives: By full name ``Component/part``.
        programs: One for each route; the shares sum to 1.

    Returns:
        The model: independent of traffic, seed and time.
    """
    causes = _Causes()
    fleets, buckets = _of(primitives, Fleet), _of(primitives, Bucket)
    caches, environments = _of(primitives, Cache), _of(primitives, Environments)
    fleet_rules = _fleet_rules([(n, p) for n, p in primitives.items() if isinstance(p, Fleet)], causes)
    pools, pool_rules = _pool_rules(primitives, len(fleet_rules.of), causes)
    bucket_rules = _bucket_rules([(n, p) for n, p in primitives.items() if isinstance(p, Bucket)], causes)
    cache_rules = _cache_rules([p for p in primitives.values() if isinstance(p, Cache)])
    tables: dict[tuple[str, float], int] = {("constant", 0.0): 0}
    env_rules = _environment_rules(
        [(n, p) for n, p in primitives.items() if isinstance(p, Environments)], tables, causes
    )
    flat = flatten(
        programs,
        fleets=fleets,
        first_slot={name: int(fleet_rules.first[k]) for name, k in fleets.items()},
        pools=pools,
        pool_fleet={n: p.fleet for n, p in primitives.items() if isinstance(p, Pool)},
        buckets=buckets,
        caches=caches,
        environments=environments,
        tables=tables,
        salt=stream,
        timeout_cause=lambda component, timeout_s: causes.add(component, f"timed out after {timeout_s:g} s"),
    )
    total = math.fsum(program.share for program in programs)
    return Model(
        components=flat.components,
        routes=tuple(program.route for program in programs),
        programs=tuple(programs),
        primitives=dict(primitives),
        causes=tuple(causes.found),
        fleets=fleets,
        pools=pools,
        buckets=buckets,
        caches=caches,
        environments=environments,
        program=Instructions(
            code=np.array(flat.code, dtype=np.int32).reshape(-1, 5),
            number=np.array(flat.number, dtype=np.float64).reshape(-1, 3),
            salt=np.array(flat.salt, dtype=np.uint64),
            tables=np.array([quantile_table(*key) for key in tables]),
        ),
        fleet_rules=fleet_rules,
        pool_rules=pool_rules,
        bucket_rules=bucket_rules,
        cache_rules=cache_rules,
        env_rules=env_rules,
        route_pc=np.array(flat.route_pc, dtype=np.int32),
        route_until=np.cumsum([program.share / total for program in programs]),
        deadline_s=np.array([program.deadline_s for program in programs], dtype=np.float64),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int32)


def _fleet_rules(fleets: list[tuple[str, Fleet]], causes: _Causes) -> Fleets:
    slots = [fleet.max_instances for _, fleet in fleets]
    room = [f.servers if f.discipline == "fifo" else max(f.servers, SHARING_LIMIT) for _, f in fleets]
    rooms = np.repeat(_ints(room), slots)
    return Fleets(
        first=np.concatenate([[0], np.cumsum(slots)])[:-1].astype(np.int32),
        servers=_ints([fleet.servers for _, fleet in fleets]),
        shared=_ints([fleet.discipline != "fifo" for _, fleet in fleets]),
        rule=_ints([_RULES[fleet.rule] for _, fleet in fleets]),
        queue_limit=_ints([_UNLIMITED if fleet.queue_limit is None else fleet.queue_limit for _, fleet in fleets]),
        cause=np.array(
            [[causes.add(n, "queue full"), causes.add(n, "no instance in service")] for n, _ in fleets], dtype=np.int32
        ).reshape(-1, 2),
        of=np.repeat(np.arange(len(fleets), dtype=np.int32), slots),
        heap_base=np.concatenate([[0], np.cumsum(rooms)])[:-1].astype(np.int64),
        heap_room=rooms,
    )


def _pool_rules(
    primitives: Mapping[str, Primitive], n_instances: int, causes: _Causes
) -> tuple[dict[str, int], PoolRules]:
    base: dict[str, int] = {}
    limit: list[int] = []
    patience: list[float] = []
    cause: list[tuple[int, int]] = []
    for name, pool in primitives.items():
        if not isinstance(pool, Pool):
            continue
        base[name] = len(limit)
        copies = 1
        if pool.fleet is not None:
            fleet = primitives[pool.fleet]
            assert isinstance(fleet, Fleet)
            copies = fleet.max_instances
        both = (causes.add(name, pool.refusal), causes.add(name, f"waited longer than {pool.patience_s or 0:g} s"))
        limit += [_UNLIMITED if pool.queue_limit is None else pool.queue_limit] * copies
        patience += [math.inf if pool.patience_s is None else pool.patience_s] * copies
        cause += [both] * copies
    return base, PoolRules(
        queue_limit=_ints(limit),
        patience_s=np.array(patience, dtype=np.float64),
        cause=np.array(cause, dtype=np.int32).reshape(-1, 2),
        queue=np.arange(n_instances, n_instances + len(limit), dtype=np.int32),
    )


def _bucket_rules(buckets: list[tuple[str, Bucket]], causes: _Causes) -> BucketRules:
    return BucketRules(
        rejects=_ints([bucket.when_empty == "reject" for _, bucket in buckets]),
        cause=_ints([causes.add(name, bucket.refusal) for name, bucket in buckets]),
    )


def _cache_rules(caches: list[Cache]) -> CacheRules:
    objects = [0 if cache.hit_ratio is not None else cache.objects for cache in caches]
    shares: list[Floats] = [np.zeros(0)]
    others: list[Ints] = [np.zeros(0, dtype=np.int32)]
    for cache, n in zip(caches, objects, strict=True):
        if n:
            from tonnage.engine.kernels.alias import alias_table  # only here are kernels compiled before a run

            share, other = np.empty(n), np.empty(n, dtype=np.int32)
            weight = np.arange(1, n + 1, dtype=np.float64) ** -cache.alpha
            alias_table(weight, share, other, np.empty((2, n), dtype=np.int32))
            shares.append(share)
            others.append(other)
    starts = np.concatenate([[0], np.cumsum(objects)])[:-1]
    return CacheRules(
        fixed=np.array([-1.0 if c.hit_ratio is None else c.hit_ratio for c in caches], dtype=np.float64),
        base=_ints([int(start) + k for k, start in enumerate(starts)]),
        objects=_ints(objects),
        capacity=_ints([min(c.capacity, n) for c, n in zip(caches, objects, strict=True)]),
        ttl_s=np.array([math.inf if c.ttl_s is None else c.ttl_s for c in caches], dtype=np.float64),
        alias_share=np.concatenate(shares),
        alias_other=np.concatenate(others),
        alias_base=starts.astype(np.int32),
    )


def _environment_rules(
    environments: list[tuple[str, Environments]], tables: dict[tuple[str, float], int], causes: _Causes
) -> EnvironmentRules:
    rooms = [e.limit for _, e in environments]
    cold = [(e.cold_start.mean_s, tables.setdefault(e.cold_start.table_key, len(tables))) for _, e in environments]
    return EnvironmentRules(
        keep_alive_s=np.array([e.keep_alive_s for _, e in environments], dtype=np.float64),
        scale=np.array([[e.scale_per_s, e.scale_burst] for _, e in environments], dtype=np.float64).reshape(-1, 2),
        cold=np.array(cold, dtype=np.float64).reshape(-1, 2),
        cause=_ints([causes.add(name, e.refusal) for name, e in environments]),
        base=np.concatenate([[0], np.cumsum(rooms)])[:-1].astype(np.int32),
        room=_ints(rooms),
    )
