"""Programs become instructions: a tree of visits is laid out flat, with jumps, for the kernel to interpret."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tonnage.engine.operations import Operation as Op
from tonnage.engine.primitives.distribution import TableKey
from tonnage.engine.program import (
    Choose,
    Hold,
    Lease,
    Leave,
    Lookup,
    Program,
    Release,
    Return,
    Send,
    Step,
    Take,
    Visit,
    Wait,
    Work,
)
from tonnage.workload import WorkloadError

MOST_REGISTERS = 8
MOST_HELD = 16
MOST_DEPTH = 8
_SKIPS = 1_000_000
"""What the register of a share holds where its takes are skipped: ``LOOP`` counts it down by one each time it jumps."""


@dataclass(slots=True)
class CallRule:
    """How a call is made (see ``Visit``); the indices are -1 where there is none."""

    timeout_s: float
    base_s: float
    cap_s: float
    hedge_s: float
    attempts: int
    jitter: int
    budget: int
    breaker: int
    deadline: int
    cause: int


@dataclass(slots=True)
class Flattened:
    """Instructions.

    Attributes:
        code: Rows of operation, a, b, c, component, x, salt.
        calls: Rules of the calls.
        route_pc: First instruction of each program.
        components: Names of the components, by the index that ``BEGIN`` carries.
    """

    code: list[tuple[int, int, int, int, int, float, int]] = field(default_factory=list)
    calls: list[CallRule] = field(default_factory=list)
    route_pc: list[int] = field(default_factory=list)
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """What names become: index of each primitive by name.

    Attributes:
        fleets: By name.
        first_slot: First instance of each fleet.
        pools: Index of a pool, or of the first of a pool in every instance.
        pool_fleet: Fleet whose instances each have the pool, or None.
        buckets: By name.
        caches: By name.
        environments: By name.
        queues: First shard, and number of shards.
        budgets: By name.
        breakers: By name.
    """

    fleets: Mapping[str, int]
    first_slot: Mapping[str, int]
    pools: Mapping[str, int]
    pool_fleet: Mapping[str, str | None]
    buckets: Mapping[str, int]
    caches: Mapping[str, int]
    environments: Mapping[str, int]
    queues: Mapping[str, tuple[int, int]]
    budgets: Mapping[str, int]
    breakers: Mapping[str, int]


JITTERS = ("none", "full", "equal", "decorrelated")


@dataclass(slots=True)
class _Scope:
    """What is known at a point of a program: which register holds a fleet's instance, how much is held, how deep.

    ``drawn`` has the register for each share of takes: 1 where the visit makes them, ``_SKIPS`` where it does not.
    """

    registers: dict[str, int]
    used: int
    held: int
    depth: int
    component: int = 0
    drawn: dict[float, int] = field(default_factory=dict)

    def inner(self, depth: int = 1) -> "_Scope":
        return _Scope(dict(self.registers), self.used, self.held, self.depth + depth, self.component, dict(self.drawn))

    def apart(self) -> "_Scope":
        """For a task of its own, which holds nothing and begins at no depth."""
        return _Scope(dict(self.registers), self.used, 0, 0, self.component, dict(self.drawn))


@dataclass(slots=True)
class _Writer:
    at: Indices
    tables: dict[TableKey, int]
    salt: Callable[[str], int]
    timeout_cause: Callable[[str, float], int]
    out: Flattened = field(default_factory=Flattened)
    names: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def emit(self, op: int, a: int = 0, b: int = -1, c: int = 0, d: int = 0, x: float = 0.0, stream: str = "") -> int:
        self.out.code.append((op, a, b, c, d, x, self.salt(stream) if stream else 0))
        return len(self.out.code) - 1

    def point(self, at: int, *, a: int | None = None, c: int | None = None) -> None:
        op, old_a, b, old_c, *rest = self.out.code[at]
        self.out.code[at] = (op, old_a if a is None else a, b, old_c if c is None else c, *rest)  # type: ignore[assignment]

    def here(self) -> int:
        return len(self.out.code)

    def route(self, program: Program) -> None:
        self.seen = {}
        self.out.route_pc.append(self.here())
        scope = _Scope({}, 0, 0, 0)
        self.visit(program.entry, scope, program.route)
        self.emit(Op.END)

    def visit(self, visit: Visit, scope: _Scope, route: str) -> None:
        """One visit with its probability, repetition, time-out, retries and all that stands around it."""
        skip = None
        occurrence = f"{route}:{visit.component}:{self.seen.get(visit.component, 0)}"
        if visit.probability < 1.0:
            skip = self.emit(Op.BRANCH, x=visit.probability, stream=f"{occurrence}:branch")
        again, counter = 0, -1
        if visit.times > 1 or visit.each_message:
            counter = self.register(scope, visit)
            self.emit(Op.SET, -1 if visit.each_message else visit.times, counter)
            again = self.here()
        scope = self.drawn(visit, scope, occurrence)
        if visit.waits and not _guarded(visit):
            self.body(visit, scope.inner(1 if visit.component else 0), route)
        else:
            at = self.emit(Op.CALL, c=self.rule(visit)) if visit.waits else self.emit(Op.SPAWN)
            if not visit.waits and _guarded(visit):
                inside = self.emit(Op.CALL, c=self.rule(visit))
                self.body(visit, scope.apart(), route)
                self.emit(Op.END)
                self.point(inside, a=self.here())
            else:
                self.body(visit, scope.apart(), route)
            self.emit(Op.END)
            self.point(at, a=self.here())
        if counter >= 0:
            self.emit(Op.LOOP, b=counter, c=again)
        if skip is not None:
            self.point(skip, c=self.here())

    def drawn(self, visit: Visit, scope: _Scope, stream: str) -> _Scope:
        """Draw, before any try of the visit, whether it makes the takes that only a share of the visits make."""
        takes = [step for step in (*visit.enter, *visit.leave) if isinstance(step, Take) and step.share < 1.0]
        if not takes:
            return scope
        inner = scope.inner(0)
        inner.drawn = {}
        for share in sorted({step.share for step in takes}):
            inner.drawn[share] = self.register(inner, visit)
            self.emit(Op.SET, _SKIPS, inner.drawn[share])
            skip = self.emit(Op.BRANCH, x=share, stream=f"{stream}:share {share!r}")
            self.emit(Op.SET, 1, inner.drawn[share])
            self.point(skip, c=self.here())
        return inner

    def rule(self, visit: Visit) -> int:
        """The rule of a call; its cause speaks of the time-out."""
        timeout_s = math.inf if visit.timeout_s is None else visit.timeout_s
        self.out.calls.append(
            CallRule(
                timeout_s=timeout_s,
                base_s=visit.backoff_base_s,
                cap_s=visit.backoff_cap_s,
                hedge_s=math.inf if visit.hedge_s is None else visit.hedge_s,
                attempts=visit.attempts,
                jitter=JITTERS.index(visit.jitter),
                budget=-1 if visit.budget is None else self.at.budgets[visit.budget],
                breaker=-1 if visit.breaker is None else self.at.breakers[visit.breaker],
                deadline=int(visit.deadline),
                cause=0 if math.isinf(timeout_s) else self.timeout_cause(visit.component, timeout_s),
            )
        )
        return len(self.out.calls) - 1

    def below(self, visit: Visit, scope: _Scope, route: str) -> None:
        """The calls of a visit: one after the other, or all at once."""
        if not visit.parallel or len(visit.calls) < 2:
            for call in visit.calls:
                self.visit(call, scope, route)
            return
        fork = self.emit(Op.FORK, c=len(visit.calls))
        starts = [self.emit(Op.END) for _ in visit.calls]
        for start, call in zip(starts, visit.calls, strict=True):
            self.point(start, a=self.here())
            self.visit(call, scope.apart(), route)
            self.emit(Op.END)
        self.point(fork, a=self.here())

    def body(self, visit: Visit, scope: _Scope, route: str) -> None:
        """One visit itself: begin, enter, look up, what is missing, calls, leave, finish.

        A visit without a name is a part of the visit around it: neither counted nor timed by itself.
        """
        if scope.depth > MOST_DEPTH:
            raise WorkloadError(
                f"Route {route}: calls are nested deeper than {MOST_DEPTH} components at {visit.component}",
                remedy="Join some of the calls.",
            )
        count = self.seen.get(visit.component, 0)
        self.seen[visit.component] = count + 1
        stream = f"{route}:{visit.component}:{count}"
        if visit.component:
            scope.component = self.names.setdefault(visit.component, len(self.names))
            self.emit(Op.BEGIN, scope.component, stream=f"{stream}:fault")
        component = scope.component
        lookup: tuple[int, int, int] | None = None
        for k, step in enumerate(visit.enter):
            if isinstance(step, Lookup):
                register = self.register(scope, visit)
                cache = self.at.caches[step.cache]
                lookup = (
                    self.emit(Op.LOOKUP, cache, register, d=component, stream=f"{stream}:lookup"),
                    cache,
                    register,
                )
            else:
                self.step(step, scope, visit, component, f"{stream}:enter{k}")
        for missing in visit.on_miss:
            self.visit(missing, scope, route)
        if lookup is not None:
            at, cache, register = lookup
            self.emit(Op.FILL, cache, register)
            self.point(at, c=self.here())
        self.below(visit, scope, route)
        for k, step in enumerate(visit.leave):
            self.step(step, scope, visit, component, f"{stream}:leave{k}")
        if visit.component:
            self.emit(Op.FINISH, component)

    def register(self, scope: _Scope, visit: Visit) -> int:
        if scope.used >= MOST_REGISTERS:
            raise WorkloadError(
                f"The call to {visit.component} is nested in more than {MOST_REGISTERS} fleets, caches and loops",
                remedy="Join some of the calls.",
            )
        scope.used += 1
        return scope.used - 1

    def hold(self, scope: _Scope, visit: Visit) -> None:
        scope.held += 1
        if scope.held > MOST_HELD:
            raise WorkloadError(
                f"At {visit.component} a request would hold more than {MOST_HELD} things at once",
                remedy="Join some of the calls.",
            )

    def step(self, step: Step, scope: _Scope, visit: Visit, component: int, stream: str) -> None:
        if isinstance(step, Wait | Work):
            table = self.tables.setdefault(step.time.table_key, len(self.tables))
            mean_s = step.time.mean_s
            if isinstance(step, Wait):
                self.emit(Op.WAIT, c=table, d=component, x=mean_s, stream=stream)
            else:
                register = scope.registers.get(step.fleet, -1)
                self.emit(Op.WORK, self.at.fleets[step.fleet], register, table, component, mean_s, stream)
        elif isinstance(step, Choose):
            register = self.register(scope, visit)
            scope.registers[step.fleet] = register
            self.hold(scope, visit)
            self.emit(Op.CHOOSE, self.at.fleets[step.fleet], register, d=component, stream=stream)
        elif isinstance(step, Leave):
            self.emit(Op.LEAVE, self.at.fleets[step.fleet], scope.registers[step.fleet])
            scope.held -= 1
        elif isinstance(step, Hold | Release):
            fleet = self.at.pool_fleet[step.pool]
            register = -1 if fleet is None else scope.registers[fleet]
            first = 0 if fleet is None else self.at.first_slot[fleet]
            if isinstance(step, Hold):
                self.hold(scope, visit)
                self.emit(Op.HOLD, self.at.pools[step.pool], register, first, component, stream=stream)
            else:
                scope.held -= 1
                self.emit(Op.RELEASE, self.at.pools[step.pool], register, first)
        elif isinstance(step, Take):
            # A register of 1 counts down to nothing and lets through; any more jumps over the take.
            skip = self.emit(Op.LOOP, b=scope.drawn[step.share]) if step.share < 1.0 else None
            self.emit(Op.TAKE, self.at.buckets[step.bucket], d=component, x=step.amount)
            if skip is not None:
                self.point(skip, c=self.here())
        elif isinstance(step, Lease):
            self.hold(scope, visit)
            self.emit(Op.LEASE, self.at.environments[step.environments], d=component, stream=stream)
        elif isinstance(step, Return):
            scope.held -= 1
            self.emit(Op.RETURN, self.at.environments[step.environments])
        elif isinstance(step, Send):
            first, shards = self.at.queues[step.queue]
            self.emit(Op.SEND, first, c=shards, d=component, stream=stream)
        else:
            raise AssertionError(f"A look-up must be the last step before the calls of {visit.component}")


def _guarded(visit: Visit) -> bool:
    """Whether somebody may give up on the visit, or try it again."""
    return (
        visit.timeout_s is not None
        or visit.attempts > 1
        or visit.hedge_s is not None
        or visit.budget is not None
        or visit.breaker is not None
    )


def flatten(
    programs: Sequence[Program],
    at: Indices,
    *,
    tables: dict[TableKey, int],
    salt: Callable[[str], int],
    timeout_cause: Callable[[str, float], int],
) -> Flattened:
    """Lay programs out as instructions.

    Args:
        programs: One for each route, and one for each queue that is consumed.
        at: Index of every primitive.
        tables: Row of the quantile table for each distribution met; extended.
        salt: Stream of luck for a name.
        timeout_cause: Makes the cause of a time-out.

    Raises:
        WorkloadError: The calls are nested too deeply.
    """
    writer = _Writer(at, tables, salt, timeout_cause)
    for program in programs:
        writer.route(program)
    writer.out.components = tuple(writer.names)
    return writer.out
