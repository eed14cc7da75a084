"""The model: primitives and programs, laid out as the arrays that the kernel runs on.

Names end here: inside the kernel everything is an index. :class:`Model` keeps the way back, from index to name, so that
an outcome can speak of "Database/connections".
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, TypeVar

import numpy as np

from tonnage.engine.flatten import Flattened, Indices, flatten
from tonnage.engine.kernels.state import (
    ALIAS,
    BREAKER,
    BUCKET,
    BUDGET,
    CACHE,
    CALL_RULE,
    ENVIRONMENTS,
    FAULT,
    FLEET,
    FREQUENCIES,
    INSTANCE,
    INSTRUCTION,
    LEVELS,
    LINE,
    LINK,
    POOL,
    SHARD,
    Floats,
    Ints,
    Records,
    Things,
)
from tonnage.engine.primitives import (
    Breaker,
    Bucket,
    Budget,
    Cache,
    Environments,
    Fleet,
    Pool,
    Primitive,
    Queue,
    unreserved,
)
from tonnage.engine.primitives.breaker import MOST_WINDOW
from tonnage.engine.primitives.distribution import TableKey, quantile_table
from tonnage.engine.program import Program
from tonnage.workload import WorkloadError

SHARING_LIMIT = 1024
"""Most jobs that an instance of fewer servers serves at once under processor sharing; more wait in order of arrival."""

_RULES = {"round robin": 0, "least outstanding": 1, "random": 2, "random two": 3, "weighted random": 4}
_Kind = TypeVar("_Kind")
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
        fleets: Index by name; likewise ``buckets``, ``caches``, ``environments``, ``budgets``, ``breakers``.
        pools: Index by name; of the first of its pools where every instance has one.
        queues: Index of the first shard, by name.
        code: Instructions.
        calls: How calls are made.
        tables: Quantiles of the distributions.
        aliases: Popularity of the caches' objects.
        trace: Keys to replay.
        things: Everything at time 0.
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
    queues: Mapping[str, int]
    budgets: Mapping[str, int]
    breakers: Mapping[str, int]
    code: Records = field(repr=False)
    calls: Records = field(repr=False)
    tables: Floats = field(repr=False)
    aliases: Records = field(repr=False)
    trace: Ints = field(repr=False)
    things: Things = field(repr=False)
    route_pc: Ints = field(repr=False)
    route_until: Floats = field(repr=False)
    deadline_s: Floats = field(repr=False)

    def fleet_slots(self, name: str) -> range:
        """Slots of a fleet's instances."""
        fleet = self.primitives[name]
        assert isinstance(fleet, Fleet)
        first = int(self.things.fleets["first"][self.fleets[name]])
        return range(first, first + fleet.max_instances)

    def pool_range(self, name: str) -> range:
        """Pools of that name: one, or one for each slot of its fleet."""
        pool = self.primitives[name]
        assert isinstance(pool, Pool)
        first = self.pools[name]
        return range(first, first + (1 if pool.fleet is None else len(self.fleet_slots(pool.fleet))))

    @property
    def followers(self) -> dict[str, Queue]:
        """Queues whose consumers are the instances of a fleet."""
        return {n: p for n, p in self.primitives.items() if isinstance(p, Queue) and p.fleet is not None}

    def shard_range(self, name: str) -> range:
        """Shards of a queue."""
        queue = self.primitives[name]
        assert isinstance(queue, Queue)
        return range(self.queues[name], self.queues[name] + queue.shards)


def component_of(primitive: str) -> str:
    """Component that a primitive belongs to, by its full name."""
    return primitive.partition("/")[0]


def stream(name: str) -> int:
    """The salt of a named stream of luck, 64 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


class _Causes:
    """Causes, numbered as they come up; the first is work that nobody waits for any more."""

    def __init__(self) -> None:
        self.found = [Cause(component="", primitive="", text="the caller had given up")]

    def add(self, primitive: str, text: str) -> int:
        self.found.append(Cause(component=component_of(primitive), primitive=primitive, text=text))
        return len(self.found) - 1


def build(primitives: Mapping[str, Primitive], programs: Sequence[Program]) -> Model:
    """Lay a workload out as arrays.

    Args:
        primitives: By full name ``Component/part``.
        programs: One for each route, whose shares sum to 1, and one for each queue that is consumed.

    Returns:
        The model: independent of traffic, seed and time.

    Raises:
        WorkloadError: A number makes no sense, or calls are nested too deeply.
    """
    causes = _Causes()
    tables: dict[TableKey, int] = {("constant", 0.0, ()): 0}
    parts = _Parts(primitives, causes, tables)
    at = parts.indices()
    flat = flatten(
        programs,
        at,
        tables=tables,
        salt=stream,
        timeout_cause=lambda component, timeout_s: causes.add(component, f"timed out after {timeout_s:g} s"),
    )
    queued = {program.queue: k for k, program in enumerate(programs) if program.queue is not None}
    aliases, trace = _popularity(parts.caches)
    things = Things(
        fleets=parts.fleet_records(),
        instances=parts.instance_records(),
        active=parts.active(),
        levels=np.full((len(parts.fleets), LEVELS, 2), -1, dtype=np.int32),
        lines=parts.line_records(len(flat.calls)),
        pools=parts.pool_records(),
        buckets=parts.bucket_records(),
        caches=parts.cache_records(),
        links=_filled_links(parts.caches),
        environments=parts.environment_records(),
        warm=np.zeros(max(1, sum(e.limit for e in parts.environments.values()))),
        budgets=_records(BUDGET, [_budget(b) for b in parts.budgets.values()]),
        breakers=parts.breaker_records(),
        outcomes=np.zeros(max(1, sum(b.window for b in parts.breakers.values())), dtype=np.uint8),
        shards=parts.shard_records(queued, flat.route_pc),
        faults=_records(FAULT, [{"cause": causes.add(name, "fault")} for name in flat.components]),
    )
    total = math.fsum(program.share for program in programs)
    return Model(
        components=flat.components,
        routes=tuple(program.route for program in programs),
        programs=tuple(programs),
        primitives=dict(primitives),
        causes=tuple(causes.found),
        fleets=at.fleets,
        pools=at.pools,
        buckets=at.buckets,
        caches=at.caches,
        environments=at.environments,
        queues={name: first for name, (first, _) in at.queues.items()},
        budgets=at.budgets,
        breakers=at.breakers,
        code=np.array(flat.code, dtype=INSTRUCTION),
        calls=_calls(flat),
        tables=np.array([quantile_table(*key) for key in tables]),
        aliases=aliases,
        trace=trace,
        things=things,
        route_pc=np.array(flat.route_pc, dtype=np.int32),
        route_until=np.cumsum([program.share / total for program in programs]),
        deadline_s=np.array([program.deadline_s for program in programs], dtype=np.float64),
    )


def _records(kind: np.dtype[np.void], rows: Sequence[Mapping[str, Any]]) -> Records:
    """Records of a kind; what a row does not name is 0."""
    found = np.zeros(len(rows), dtype=kind)
    for record, row in zip(found, rows, strict=True):
        for name, value in row.items():
            record[name] = value
    return found


def _calls(flat: Flattened) -> Records:
    return np.array([astuple(rule) for rule in flat.calls], dtype=CALL_RULE)


def _starts(sizes: Sequence[int]) -> list[int]:
    """Where each part begins when parts of these sizes lie one after the other."""
    return [0, *np.cumsum(sizes).tolist()][: len(sizes)]


def _limit(limit: int | None) -> int:
    return _UNLIMITED if limit is None else limit


def _inf(value: float | None) -> float:
    return math.inf if value is None else value


class _Parts:
    """The primitives by kind, and the records they become."""

    def __init__(self, primitives: Mapping[str, Primitive], causes: _Causes, tables: dict[TableKey, int]) -> None:
        def of(kind: type[_Kind]) -> dict[str, _Kind]:
            return {name: p for name, p in primitives.items() if isinstance(p, kind)}

        self.fleets, self.pools, self.buckets, self.caches = of(Fleet), of(Pool), of(Bucket), of(Cache)
        self.environments, self.queues, self.budgets, self.breakers = (
            of(Environments),
            of(Queue),
            of(Budget),
            of(Breaker),
        )
        self.causes, self.tables = causes, tables
        self.first_slots = _starts([fleet.max_instances for fleet in self.fleets.values()])
        self.copies = {
            name: 1 if pool.fleet is None else self.fleets[pool.fleet].max_instances
            for name, pool in self.pools.items()
        }

    def indices(self) -> Indices:
        def numbered(of: Mapping[str, object]) -> dict[str, int]:
            return {name: k for k, name in enumerate(of)}

        shards = [queue.shards for queue in self.queues.values()]
        return Indices(
            fleets=numbered(self.fleets),
            first_slot=dict(zip(self.fleets, self.first_slots, strict=True)),
            pools=dict(zip(self.pools, _starts(list(self.copies.values())), strict=True)),
            pool_fleet={name: pool.fleet for name, pool in self.pools.items()},
            buckets=numbered(self.buckets),
            caches=numbered(self.caches),
            environments=numbered(self.environments),
            queues=dict(zip(self.queues, zip(_starts(shards), shards, strict=True), strict=True)),
            budgets=numbered(self.budgets),
            breakers=numbered(self.breakers),
        )

    def fleet_records(self) -> Records:
        return _records(
            FLEET,
            [
                {
                    "first": first,
                    "servers": fleet.servers,
                    "shared": fleet.discipline != "fifo",
                    "rule": _RULES[fleet.rule],
                    "active_n": fleet.instances,
                    "full": self.causes.add(name, "queue full"),
                    "none": self.causes.add(name, "no instance in service"),
                    "dead": self.causes.add(name, "instance lost"),
                    "most_weight": max(
                        (*fleet.weights, *(() if len(fleet.weights) >= fleet.max_instances else (1.0,)))
                    ),
                    "slow_start_s": fleet.slow_start_s,
                }
                for first, (name, fleet) in zip(self.first_slots, self.fleets.items(), strict=True)
            ],
        )

    def instance_records(self) -> Records:
        room = [f.servers if f.discipline == "fifo" else max(f.servers, SHARING_LIMIT) for f in self.fleets.values()]
        slots = [fleet.max_instances for fleet in self.fleets.values()]
        rooms = np.repeat(np.array(room, dtype=np.int64), slots)
        found = np.zeros(sum(slots), dtype=INSTANCE)
        found["room"], found["base"] = rooms, _starts(rooms.tolist())
        found["since"], found["weight"] = -math.inf, 1.0
        for name in ("listed", "next", "previous"):
            found[name] = -1
        for k, (first, fleet) in enumerate(zip(self.first_slots, self.fleets.values(), strict=True)):
            mine = found[first : first + fleet.max_instances]
            mine["fleet"], mine["servers"], mine["shared"] = k, fleet.servers, fleet.discipline != "fifo"
            mine["speed"] = fleet.speed
            mine["weight"][: len(fleet.weights)] = fleet.weights[: fleet.max_instances]
        return found

    def active(self) -> Ints:
        most = max((fleet.max_instances for fleet in self.fleets.values()), default=1)
        found = np.zeros((max(1, len(self.fleets)), most), dtype=np.int32)
        for k, (first, fleet) in enumerate(zip(self.first_slots, self.fleets.values(), strict=True)):
            found[k, : fleet.instances] = first + np.arange(fleet.instances)
        return found

    def line_records(self, n_calls: int) -> Records:
        """Lines of instances, pools, shards and calls, in this order."""
        rows: list[dict[str, Any]] = []
        for name, fleet in self.fleets.items():
            full, old = self.causes.add(name, "queue full"), self.causes.add(name, "waited too long")
            rows += [_line(fleet, full, old)] * fleet.max_instances
        for name, pool in self.pools.items():
            full, old = self.causes.add(name, pool.refusal), self.causes.add(name, "waited too long")
            rows += [_line(pool, full, old)] * self.copies[name]
        shards = sum(queue.shards for queue in self.queues.values())
        plain = {"head": -1, "tail": -1, "age_limit_s": math.inf, "age_target_s": math.inf}
        return _records(LINE, [*rows, *[plain] * (shards + n_calls)])

    def pool_records(self) -> Records:
        rows: list[dict[str, Any]] = []
        for name, pool in self.pools.items():
            impatient = self.causes.add(name, f"waited longer than {pool.patience_s or 0:g} s")
            row = {
                "capacity": pool.capacity,
                "memoryless": pool.patience == "exponential",
                "impatient": impatient,
                "patience_s": _inf(pool.patience_s),
            }
            rows += [row] * self.copies[name]
        return _records(POOL, rows)

    def bucket_records(self) -> Records:
        return _records(
            BUCKET,
            [
                {
                    "rate": bucket.rate_per_s,
                    "capacity": bucket.capacity,
                    "level": bucket.capacity if bucket.level is None else bucket.level,
                    "rejects": bucket.when_empty == "reject",
                    "cause": self.causes.add(name, bucket.refusal),
                }
                for name, bucket in self.buckets.items()
            ],
        )

    def cache_records(self) -> Records:
        objects = [_objects(cache) for cache in self.caches.values()]
        bases = _starts([n + _rings(cache) for n, cache in zip(objects, self.caches.values(), strict=True)])
        traces = _starts([len(cache.trace) for cache in self.caches.values()])
        return _records(
            CACHE,
            [
                {
                    "fixed": -1.0 if cache.hit_ratio is None else cache.hit_ratio,
                    "ttl_s": _inf(cache.ttl_s),
                    "base": base,
                    "objects": n,
                    "capacity": min(cache.capacity, n),
                    "held": len(_held(name, cache)[0]),
                    "frequent": cache.policy == "lfu",
                    "alias_base": alias,
                    "trace_base": trace,
                    "trace_len": len(cache.trace),
                }
                for (name, cache), n, base, alias, trace in zip(
                    self.caches.items(), objects, bases, _starts(objects), traces, strict=True
                )
            ],
        )

    def environment_records(self) -> Records:
        sharing = [k for k, e in enumerate(self.environments.values()) if e.shares]
        left = unreserved(self.environments.values())
        found = _records(
            ENVIRONMENTS,
            [
                {
                    "keep_alive_s": e.keep_alive_s,
                    "scale_per_s": e.scale_per_s,
                    "scale_burst": e.scale_burst,
                    "cold_s": e.cold_start.mean_s,
                    "level": e.scale_burst,
                    "cold_table": self.tables.setdefault(e.cold_start.table_key, len(self.tables)),
                    "limit": e.limit,
                    "provisioned": e.provisioned,
                    "base": base,
                    "room": e.limit,
                    "cause": self.causes.add(name, e.refusal),
                    "sharer": sharing[0] if e.shares else k,
                    "shared_limit": left if e.shares else _UNLIMITED,
                }
                for k, (base, (name, e)) in enumerate(
                    zip(_starts([e.limit for e in self.environments.values()]), self.environments.items(), strict=True)
                )
            ],
        )
        np.add.at(found["claimed"], found["sharer"], found["provisioned"])
        return found

    def breaker_records(self) -> Records:
        for name, breaker in self.breakers.items():
            if not 1 <= breaker.window <= MOST_WINDOW:
                raise WorkloadError(f"{name}: a window of {breaker.window} calls is outside 1 to {MOST_WINDOW}")
        return _records(
            BREAKER,
            [
                {
                    "threshold": breaker.threshold,
                    "open_s": breaker.open_s,
                    "base": base,
                    "window": breaker.window,
                    "probes": breaker.probes,
                    "cause": self.causes.add(name, breaker.refusal),
                }
                for base, (name, breaker) in zip(
                    _starts([b.window for b in self.breakers.values()]), self.breakers.items(), strict=True
                )
            ],
        )

    def shard_records(self, consumed: Mapping[str, int], route_pc: Sequence[int]) -> Records:
        rows: list[dict[str, Any]] = []
        for name, queue in self.queues.items():
            program = consumed.get(name, -1)
            row = {
                "visibility_s": queue.visibility_s,
                "retention_s": queue.retention_s,
                "window_s": queue.batch_window_s,
                "retry_s": queue.retry_s,
                "concurrency": queue.concurrency,
                "batch": queue.batch,
                "ordered": queue.ordered,
                "receives": queue.receives or 0,
                "cause": self.causes.add(name, queue.refusal),
                "old": self.causes.add(name, f"older than {queue.retention_s:g} s"),
                "pc": route_pc[program] if program >= 0 else -1,
                "route": program,
            }
            rows += [row] * queue.shards
        return _records(SHARD, rows)


def _line(of: Fleet | Pool, full: int, old: int) -> dict[str, Any]:
    return {
        "head": -1,
        "tail": -1,
        "limit": _limit(of.queue_limit),
        "full": full,
        "old": old,
        "age_limit_s": _inf(of.age_limit_s),
        "age_target_s": _inf(of.age_limit_s if of.age_target_s is None else of.age_target_s),
    }


def _budget(budget: Budget) -> dict[str, Any]:
    return {
        "level": budget.capacity,
        "capacity": budget.capacity,
        "cost": budget.cost,
        "timeout_cost": budget.timeout_cost,
        "refund": budget.refund,
        "rate": budget.rate_per_s,
    }


def _objects(cache: Cache) -> int:
    return 0 if cache.hit_ratio is not None else cache.objects


def _rings(cache: Cache) -> int:
    return FREQUENCIES if cache.policy == "lfu" else 1


def popularity(cache: Cache) -> Floats:
    """Weights of a cache's objects: measured, or Zipf's.

    Returns:
        (objects,) float64, not normalized.
    """
    if cache.weights:
        return np.array(cache.weights, dtype=np.float64)
    return np.asarray(np.arange(1, cache.objects + 1, dtype=np.float64) ** -cache.alpha)


def _popularity(caches: Mapping[str, Cache]) -> tuple[Records, Ints]:
    """Alias tables of all caches, and the keys to replay."""
    found = [np.zeros(0, dtype=ALIAS)]
    for name, cache in caches.items():
        n = _objects(cache)
        if cache.weights and len(cache.weights) != n:
            raise WorkloadError(f"{name}: {len(cache.weights)} weights for {n} objects", remedy="Give one for each.")
        if any(not 0 <= key < n for key in cache.trace):
            raise WorkloadError(f"{name}: the trace has keys outside 0 to {n - 1}", remedy="Number the keys from 0.")
        if n:
            from tonnage.engine.kernels.alias import alias_table  # only here are kernels compiled before a run

            share, other = np.empty(n), np.empty(n, dtype=np.int32)
            alias_table(popularity(cache), share, other, np.empty((2, n), dtype=np.int32))
            both = np.zeros(n, dtype=ALIAS)
            both["share"], both["other"] = share, other
            found.append(both)
    keys = [np.array(cache.trace, dtype=np.int32) for cache in caches.values()]
    return np.concatenate(found), np.concatenate([np.zeros(0, dtype=np.int32), *keys])


def _filled_links(caches: Mapping[str, Cache]) -> Records:
    """The rings of all caches; a warm cache holds the most popular objects, the most popular as the newest."""
    found = [np.zeros(1, dtype=LINK)]
    for name, cache in caches.items():
        held, ages = _held(name, cache)
        links = ring_links(_objects(cache), _rings(cache), held)
        links["stored"][held] = -ages
        found.append(links)
    return np.concatenate(found[1:]) if len(found) > 1 else found[0]


def _held(name: str, cache: Cache) -> tuple[Ints | np.ndarray[Any, Any], Floats]:
    """Objects in a cache at the start, the most popular first, and how long ago each was stored, seconds.

    An object that is fetched when it is asked for after it expired is there for ``ttl_s`` and then not for the mean
    time between requests: it is there with probability ``x / (1 + x)`` for ``x`` requests in a time to live, and as
    likely of any age (renewal theory).
    """
    n = _objects(cache)
    if not n or not cache.warm or cache.capacity <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    weights = popularity(cache)
    keys = np.argsort(-weights, kind="stable")
    ages = np.zeros(n)
    if cache.ttl_s is not None and cache.warm_per_s > 0:
        luck = np.random.default_rng(stream(name))
        asked = weights[keys] / weights.sum() * cache.warm_per_s * cache.ttl_s
        there = luck.random(n) < asked / (1.0 + asked)
        keys, ages = keys[there], (luck.random(n) * cache.ttl_s)[there]
    return keys[: cache.capacity], ages[: cache.capacity]


def ring_links(objects: int, rings: int, held: Ints | np.ndarray[Any, Any]) -> Records:
    """Links of a cache that holds some objects, the first of them as the newest.

    Args:
        objects: Number of keys; the sentinels of the rings follow them.
        rings: Number of rings; all held objects are in the first.
        held: (n,) keys.
    """
    links = np.zeros(objects + rings, dtype=LINK)
    links["newer"] = links["older"] = -1
    sentinels = objects + np.arange(rings)
    links["newer"][sentinels] = links["older"][sentinels] = sentinels
    ring = np.concatenate([[objects], held]).astype(np.int64)
    links["older"][ring] = np.roll(ring, -1)
    links["newer"][ring] = np.roll(ring, 1)
    return links
