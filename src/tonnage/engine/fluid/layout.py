"""A model laid out for the fluid kernels: programs as a line of instructions, primitives as queues with curves.

Every place where requests wait or are refused is a queue: a fleet, a pool, a delaying or rejecting bucket, a limit on
environments, the consumers of a message queue. Its curves (``waiting``) stand in one array; which of them holds depends
on the instances in service.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.expected import Expected, expected, hit_ratio
from tonnage.engine.fluid.waiting import POINTS, Curve, curve
from tonnage.engine.model import Model
from tonnage.engine.primitives import (
    Breaker,
    Bucket,
    Budget,
    Cache,
    Distribution,
    Environments,
    Fleet,
    Pool,
    Queue,
    unreserved,
)
from tonnage.engine.program import Hold, Lease, Lookup, Program, Release, Return, Send, Step, Take, Visit, Wait, Work

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

MOST_CURVE_SERVERS = 2048
"""Servers of the largest curve; beyond, waiting below saturation is negligible and the curve of this many stands."""


class Op(IntEnum):
    """Instructions, in the order in which a request meets them."""

    WAIT = 0
    WORK = 1
    HOLD = 2
    RELEASE = 3
    TAKE = 4
    BEGIN = 5
    END = 6
    MISS = 7
    FILLED = 8
    FORK = 9
    JOIN = 10
    SEND = 11


class Kind(IntEnum):
    """Queues, by what their server time is."""

    FIFO = 0
    SHARING = 1
    POOL = 2
    DELAY = 3
    REJECT = 4
    ENVIRONMENTS = 5


class Code(NamedTuple):
    """The instructions.

    Attributes:
        op: (n, 4) int32: operation, queue or visit, where it ends, shape of the time (0 constant, 1 exponential,
            2 lognormal).
        number: (n, 6) float64, by operation. WAIT and WORK: mean, cv, sigma of its logarithm. TAKE: amount.
            BEGIN: probability, times, time-out, attempts, backoff base and cap. MISS: share of misses.
            SEND: messages in a batch.
        flag: (n, 2) int32; BEGIN: whether the caller waits, jitter (1 where the backoff is drawn).
        route_pc: (routes,) int32, the first instruction of each program.
        share: (routes,) float64, share of the arrivals; 0 where a queue feeds it.
        feeds: (routes,) int32, queue whose messages a program consumes; -1 for none.
        deadline_s: (routes,) float64.
    """

    op: Ints
    number: Floats
    flag: Ints
    route_pc: Ints
    share: Floats
    feeds: Ints
    deadline_s: Floats


class Queues(NamedTuple):
    """Constants of the queues.

    Attributes:
        kind: (queues,) int32.
        servers: (queues,) float64: servers of an instance, tokens, or environments.
        follows: (queues,) int32: the queue whose instances it has (itself for a fleet); -1 where there is one.
        inside: (queues,) int32: the pool or environments held around it; -1 for none.
        central: (queues,) int32: 1 where instances share one line (least outstanding).
        evened: (queues,) int32: 1 where round robin gives an instance every n-th request.
        cv: (queues,) float64, variation of the server time that the curves assume.
        work_cv: (queues,) float64, variation of the work at a fleet.
        memoryless: (queues,) int32: 1 where the server time counts as exponential.
        limited: (queues,) int32: 0 without a limit on the line, 1 with one, 2 where none may wait.
        patience_s: (queues,) float64.
        curve_of: (queues, instances + 1) int32.
        curves: (curves, 6, POINTS) float64: the rows of ``waiting.Curve``.
        scale: (queues,) float64: mean server time of the curve over the queue's own (half for rejecting buckets).
        offset_s: (queues,) float64: work that waits for nobody (the capacity of a delaying bucket over its rate).
        cold_s: (queues, 2) float64: mean and sigma of a cold start.
        keep_s: (queues,) float64: how long an idle environment is kept.
        scaling: (queues, 2) float64: new environments per second, and at once.
        sharing: (queues,) int32: 1 where environments share the concurrency of the account.
        left: (1,) float64: what the account leaves to them.
    """

    kind: Ints
    servers: Floats
    follows: Ints
    inside: Ints
    central: Ints
    evened: Ints
    cv: Floats
    work_cv: Floats
    memoryless: Ints
    limited: Ints
    patience_s: Floats
    curve_of: Ints
    curves: Floats
    scale: Floats
    offset_s: Floats
    cold_s: Floats
    keep_s: Floats
    scaling: Floats
    sharing: Ints
    left: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A model for the fluid kernels.

    Attributes:
        model: What was laid out.
        queues: Queue by name of the primitive.
        programs: The programs as laid out.
        visits: Component of each visit, by its number.
        code: The instructions.
        rules: Constants of the queues.
        not_covered: What the fluid fidelity leaves out of this model, in words.
        means: Means per request, whose hit ratios the caches have.
    """

    model: Model
    queues: Mapping[str, int]
    programs: tuple[Program, ...]
    visits: tuple[str, ...]
    code: Code = field(repr=False)
    rules: Queues = field(repr=False)
    not_covered: tuple[str, ...]
    means: Expected


_SHAPES = {"constant": 0, "exponential": 1, "lognormal": 2, "mixture": 2}


def lay_out(model: Model, means: Expected | None = None) -> Layout:
    """Lay a model out for the fluid kernels.

    Args:
        model: The model.
        means: Its means per request; None: those without a rate.
    """
    means = means or expected(model)
    queues = {
        name: k
        for k, name in enumerate(
            n for n, p in model.primitives.items() if isinstance(p, Fleet | Pool | Bucket | Environments | Queue)
        )
    }
    writer = _Writer(model, queues, means)
    programs = tuple(replace(program, entry=with_shares_apart(program.entry)) for program in model.programs)
    for program in programs:
        writer.program(program.entry, program.queue)
    code = Code(
        op=np.array([row[0] for row in writer.rows], dtype=np.int32).reshape(-1, 4),
        number=np.array([row[1] for row in writer.rows], dtype=np.float64).reshape(-1, 6),
        flag=np.array([row[2] for row in writer.rows], dtype=np.int32).reshape(-1, 2),
        route_pc=np.array(writer.route_pc, dtype=np.int32),
        share=np.array([program.share for program in programs], dtype=np.float64),
        feeds=np.array([queues[p.queue] if p.queue else -1 for p in programs], dtype=np.int32),
        deadline_s=np.array([program.deadline_s for program in programs], dtype=np.float64),
    )
    return Layout(
        model=model,
        queues=queues,
        programs=programs,
        visits=tuple(writer.visits),
        code=code,
        rules=_rules(model, queues, writer),
        not_covered=tuple(_not_covered(model)),
        means=means,
    )


def with_shares_apart(visit: Visit) -> Visit:
    """A visit whose takes by a share of its visits are a part before the others, tried again by itself.

    The same visits make those takes at every try, so their tries fail together; as flows they must not be drawn anew.
    """
    visit = replace(
        visit,
        calls=tuple(with_shares_apart(call) for call in visit.calls),
        on_miss=tuple(with_shares_apart(call) for call in visit.on_miss),
    )
    shares = sorted({step.share for step in visit.enter if isinstance(step, Take) and step.share < 1.0})
    if not shares:
        return visit
    parts = [
        Visit(
            component="",
            enter=tuple(replace(s, share=1.0) for s in visit.enter if isinstance(s, Take) and s.share == share),
            probability=share,
            timeout_s=visit.timeout_s,
            attempts=visit.attempts,
            backoff_base_s=visit.backoff_base_s,
            backoff_cap_s=visit.backoff_cap_s,
            jitter=visit.jitter,
        )
        for share in shares
    ]
    others = tuple(step for step in visit.enter if not (isinstance(step, Take) and step.share < 1.0))
    rest = replace(visit, enter=others, probability=1.0, times=1, waits=True, each_message=False)
    return Visit(
        component="",
        calls=(*parts, rest),
        probability=visit.probability,
        times=visit.times,
        waits=visit.waits,
        each_message=visit.each_message,
    )


class _Writer:
    """Writes programs down as instructions, and notes what each queue serves."""

    def __init__(self, model: Model, queues: Mapping[str, int], means: Expected) -> None:
        self.model, self.queues, self.means = model, queues, means
        self.rows: list[tuple[list[int], list[float], list[int]]] = []
        self.route_pc: list[int] = []
        self.visits: list[str] = []
        self.inside = [-1] * len(queues)
        self.work: dict[str, list[tuple[float, Distribution]]] = {}
        self._held: list[int] = []
        self._batch = 1

    def program(self, entry: Visit, queue: str | None) -> None:
        self.route_pc.append(len(self.rows))
        self._held = []
        self._batch = 1
        if queue is not None:
            rule = self.model.primitives[queue]
            assert isinstance(rule, Queue)
            self._batch = rule.batch
            self._hold(self.queues[queue])
        self._visit(entry, 1.0)
        if queue is not None:
            self._put(Op.RELEASE, self.queues[queue])
        self._put(Op.END, -1)

    def _put(
        self, op: Op, a: int = 0, shape: int = 0, numbers: tuple[float, ...] = (), flag: tuple[int, int] = (0, 0)
    ) -> int:
        self.rows.append(([op, a, -1, shape], [*numbers, *[0.0] * (6 - len(numbers))], list(flag)))
        return len(self.rows) - 1

    def _visit(self, visit: Visit, weight: float) -> None:
        times = visit.times * (self._batch if visit.each_message else 1)
        weight *= visit.probability * times
        number = len(self.visits)
        self.visits.append(visit.component)
        timeout_s = math.inf if visit.timeout_s is None else visit.timeout_s
        rules = (visit.probability, times, timeout_s, visit.attempts, visit.backoff_base_s, visit.backoff_cap_s)
        begin = self._put(Op.BEGIN, number, 0, rules, (int(visit.waits), int(visit.jitter != "none")))
        held = len(self._held)
        missing = 1.0
        for step in visit.enter:
            missing = self._step(step, weight)
        if visit.on_miss:
            miss = self._put(Op.MISS, 0, 0, (missing,))
            for below in visit.on_miss:
                self._visit(below, weight * missing)
            self.rows[miss][0][2] = self._put(Op.FILLED)
        if visit.calls:
            together = visit.parallel and len(visit.calls) > 1
            if together:
                self._put(Op.FORK)
            for below in visit.calls:
                self._visit(below, weight)
            if together:
                self._put(Op.JOIN)
        for step in visit.leave:
            self._step(step, weight)
        while len(self._held) > held:
            self._put(Op.RELEASE, self._held.pop())
        self.rows[begin][0][2] = self._put(Op.END, number)

    def _hold(self, queue: int) -> None:
        self._enclose(queue)
        self._put(Op.HOLD, queue)
        self._held.append(queue)

    def _enclose(self, queue: int) -> None:
        if self._held and self.inside[queue] < 0:
            self.inside[queue] = self._held[-1]

    def _step(self, step: Step, weight: float) -> float:
        """One step; the share of misses where it is a look-up."""
        if isinstance(step, Wait | Work):
            shape, cv, _ = step.time.table_key
            sigma = math.sqrt(math.log1p(cv * cv)) if shape == "lognormal" else 0.0
            numbers = (step.time.mean_s, cv, sigma)
            if isinstance(step, Work):
                self._enclose(self.queues[step.fleet])
                self.work.setdefault(step.fleet, []).append((weight, step.time))
                self._put(Op.WORK, self.queues[step.fleet], _SHAPES[shape], numbers)
            else:
                self._put(Op.WAIT, 0, _SHAPES[shape], numbers)
        elif isinstance(step, Hold):
            self._hold(self.queues[step.pool])
        elif isinstance(step, Lease):
            self._hold(self.queues[step.environments])
        elif isinstance(step, Release | Return):
            queue = self.queues[step.pool if isinstance(step, Release) else step.environments]
            if queue in self._held:
                self._held.remove(queue)
                self._put(Op.RELEASE, queue)
        elif isinstance(step, Take):
            self._put(Op.TAKE, self.queues[step.bucket], 0, (step.amount,))
        elif isinstance(step, Send):
            queue_rule = self.model.primitives[step.queue]
            assert isinstance(queue_rule, Queue)
            self._put(Op.SEND, self.queues[step.queue], 0, (float(queue_rule.batch),))
        elif isinstance(step, Lookup):
            cache = self.model.primitives[step.cache]
            assert isinstance(cache, Cache)
            return 1.0 - self.means.hits.get(step.cache, hit_ratio(cache))
        return 1.0


def _variation(parts: list[tuple[float, Distribution]]) -> float:
    """Coefficient of variation of the work that one request in the mix brings; 1 where there is none."""
    total = sum(weight for weight, _ in parts)
    mean = sum(weight * time.mean_s for weight, time in parts)
    if total <= 0 or mean <= 0:
        return 1.0
    square = sum(weight * time.mean_s**2 * (1.0 + time.table_key[1] ** 2) for weight, time in parts)
    return math.sqrt(max(0.0, square * total / mean**2 - 1.0))


def _rules(model: Model, queues: Mapping[str, int], writer: _Writer) -> Queues:
    n = len(queues)
    rules = Queues(
        kind=np.zeros(n, dtype=np.int32),
        servers=np.ones(n),
        follows=np.full(n, -1, dtype=np.int32),
        inside=np.array(writer.inside, dtype=np.int32),
        central=np.zeros(n, dtype=np.int32),
        evened=np.zeros(n, dtype=np.int32),
        cv=np.ones(n),
        work_cv=np.ones(n),
        memoryless=np.ones(n, dtype=np.int32),
        limited=np.zeros(n, dtype=np.int32),
        patience_s=np.full(n, math.inf),
        curve_of=np.zeros((n, 1), dtype=np.int32),
        curves=np.zeros((1, 6, POINTS)),
        scale=np.ones(n),
        offset_s=np.zeros(n),
        cold_s=np.zeros((n, 2)),
        keep_s=np.full(n, math.inf),
        scaling=np.full((n, 2), math.inf),
        sharing=np.zeros(n, dtype=np.int32),
        left=np.array([float(unreserved(p for p in model.primitives.values() if isinstance(p, Environments)))]),
    )
    most = 1
    for name, k in queues.items():
        primitive = model.primitives[name]
        if isinstance(primitive, Fleet):
            rules.kind[k] = Kind.SHARING if primitive.discipline == "processor sharing" else Kind.FIFO
            rules.servers[k], rules.follows[k] = primitive.servers, k
            rules.central[k] = primitive.rule in ("least outstanding", "random two")
            # Processor sharing is insensitive to the variation of the work: its queue is that of exponential work.
            parts = writer.work.get(name, [])
            rules.work_cv[k] = _variation(parts)
            if rules.kind[k] == Kind.FIFO:
                rules.cv[k] = rules.work_cv[k]
                rules.memoryless[k] = len({time for _, time in parts}) == 1 and parts[0][1].shape == "exponential"
            rules.limited[k] = primitive.queue_limit is not None and rules.kind[k] == Kind.FIFO
            rules.evened[k] = primitive.rule == "round robin"
            most = max(most, primitive.max_instances)
        elif isinstance(primitive, Pool):
            rules.kind[k], rules.servers[k] = Kind.POOL, primitive.capacity
            if primitive.fleet is not None:
                owner = model.primitives[primitive.fleet]
                assert isinstance(owner, Fleet)
                rules.follows[k], rules.evened[k] = queues[primitive.fleet], owner.rule == "round robin"
                rules.central[k] = owner.rule in ("least outstanding", "random two")
            rules.limited[k] = 0 if primitive.queue_limit is None else (2 if primitive.queue_limit == 0 else 1)
            rules.patience_s[k] = math.inf if primitive.patience_s is None else primitive.patience_s
        elif isinstance(primitive, Bucket):
            rejects = primitive.when_empty == "reject"
            rules.kind[k], rules.cv[k] = (Kind.REJECT, 1.0) if rejects else (Kind.DELAY, 0.0)
            rules.limited[k], rules.memoryless[k] = rejects, rejects
            rules.scale[k] = 0.5 if rejects else 1.0
            rules.offset_s[k] = 0.0 if rejects else primitive.capacity / max(primitive.rate_per_s, 1e-12)
        elif isinstance(primitive, Environments):
            rules.kind[k], rules.servers[k], rules.limited[k] = Kind.ENVIRONMENTS, primitive.limit, 2
            _, cv, _ = primitive.cold_start.table_key
            rules.cold_s[k] = primitive.cold_start.mean_s, math.sqrt(math.log1p(cv * cv))
            rules.keep_s[k] = primitive.keep_alive_s
            rules.scaling[k] = primitive.scale_per_s, primitive.scale_burst
            rules.sharing[k] = primitive.shares
        elif isinstance(primitive, Queue):
            rules.kind[k], rules.servers[k] = Kind.POOL, primitive.concurrency * primitive.shards
            if primitive.fleet is not None:
                rules.servers[k], rules.follows[k] = primitive.per_instance, queues[primitive.fleet]
                rules.central[k] = 1
    return _with_curves(model, queues, rules, most)


def _with_curves(model: Model, queues: Mapping[str, int], rules: Queues, most: int) -> Queues:
    """The same rules with the curves of every number of instances, each different curve once."""
    curve_of = np.zeros((len(queues), most + 1), dtype=np.int32)
    found: dict[int, int] = {}
    arrays: list[Curve] = []
    for name, k in queues.items():
        primitive = model.primitives[name]
        fleet = next((n for n, q in queues.items() if q == rules.follows[k]), None)
        top = 1
        if fleet is not None:
            owner = model.primitives[fleet]
            assert isinstance(owner, Fleet)
            top = owner.max_instances
        for instances in range(1, most + 1):
            one = _curve_of(primitive, rules, k, model.primitives.get(fleet or ""), min(instances, top))
            if id(one) not in found:
                found[id(one)] = len(arrays)
                arrays.append(one)
            curve_of[k, instances] = found[id(one)]
        curve_of[k, 0] = curve_of[k, 1]
    rows = [[c.offered, c.carried, c.refused, c.delayed, c.wait, c.variance] for c in arrays]
    return rules._replace(curve_of=curve_of, curves=np.ascontiguousarray(rows, dtype=np.float64).reshape(-1, 6, POINTS))


def _curve_of(primitive: object, rules: Queues, k: int, owner: object, instances: int) -> Curve:
    servers, cv = int(rules.servers[k]), float(rules.cv[k])
    limit: int | None = None
    phases = 1.0
    if isinstance(owner, Fleet):
        if rules.central[k]:
            servers *= instances
        elif rules.evened[k]:
            phases = float(instances)
    if isinstance(primitive, Bucket) and rules.kind[k] == Kind.REJECT:
        # Tokens come evenly, so the line varies half as much as one with exponential service: twice the places.
        limit = round(2.0 * primitive.capacity)
    elif isinstance(primitive, Fleet | Pool) and rules.limited[k]:
        assert primitive.queue_limit is not None
        limit = primitive.queue_limit * (instances if servers > rules.servers[k] else 1)
    elif isinstance(primitive, Environments):
        limit = 0
    return curve(min(max(1, servers), MOST_CURVE_SERVERS), cv, phases, limit, bool(rules.memoryless[k]))


def _not_covered(model: Model) -> Iterator[str]:
    """What the fluid kernels do not do, as far as this model has it."""
    for name, primitive in model.primitives.items():
        if isinstance(primitive, Breaker):
            yield f"{name}: the circuit breaker never opens"
        elif isinstance(primitive, Budget):
            yield f"{name}: retries are never refused by the budget"
        elif isinstance(primitive, Cache) and (primitive.trace or primitive.weights or primitive.policy != "lru"):
            yield f"{name}: hits as of a least-recently-used cache under Zipf's popularity"
        elif isinstance(primitive, Cache) and primitive.ttl_s is not None:
            yield f"{name}: objects expire as at today's peak, whatever the load"
        elif isinstance(primitive, Fleet | Pool) and primitive.age_limit_s is not None:
            yield f"{name}: nothing is refused for its age"
        elif isinstance(primitive, Queue):
            yield f"{name}: batches are full, and messages are neither received again nor kept in order"
    for program in model.programs:
        for visit in _walk(program.entry):
            if visit.hedge_s is not None:
                yield f"{visit.component}: calls are not hedged"
            if any(isinstance(step, Wait) and step.time.shape == "mixture" for step in visit.enter):
                yield f"{visit.component}: the way of the clients varies as a lognormal time of the same variation"
            if visit.deadline:
                yield f"{visit.component}: the deadline does not travel along"


def _walk(visit: Visit) -> Iterator[Visit]:
    yield visit
    for below in (*visit.on_miss, *visit.calls):
        yield from _walk(below)
