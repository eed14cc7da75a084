"""The state a run starts from: everything empty, warm caches filled, buckets at their level."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, OCTAVES
from tonnage.engine.kernels.state import (
    FREE,
    HOLDS,
    REGISTERS,
    TIMERS,
    Books,
    Buckets,
    Caches,
    EnvironmentsInUse,
    Events,
    Instances,
    Lines,
    Pools,
    State,
    Tasks,
)
from tonnage.engine.model import Model
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool

FIRST_TASKS = 4096
_Item = TypeVar("_Item", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Which requests count.

    Attributes:
        start_s: Requests that arrive from here on count.
        end_s: Requests that arrive from here on do not.
        window_s: Length of a window of the series.
    """

    start_s: float
    end_s: float
    window_s: float

    @property
    def windows(self) -> int:
        """Number of windows, the last one perhaps shorter."""
        return max(1, math.ceil((self.end_s - self.start_s) / self.window_s - 1e-9))


def fresh_state(model: Model, measure: Measure) -> State:
    """The state of a model at time 0, before the first arrival."""
    n_instances, n_pools = len(model.fleet_rules.of), len(model.pool_rules.queue)
    state = State(
        events=_events(n_instances),
        inst=_instances(model),
        lines=_lines(n_instances + n_pools, FIRST_TASKS),
        pools=_pools(model, n_pools),
        buckets=_buckets([p for p in model.primitives.values() if isinstance(p, Bucket)]),
        caches=_caches(model),
        envs=_environments([p for p in model.primitives.values() if isinstance(p, Environments)]),
        tasks=_tasks(FIRST_TASKS),
        books=_books(model, measure),
    )
    _fill_caches(model, state.caches)
    return state


def grown(state: State) -> State:
    """The same state with twice the room for tasks and timers."""
    old = len(state.events.free)
    n_free = int(state.events.counts[FREE])
    free = np.zeros(2 * old, dtype=np.int32)
    free[:old] = np.arange(2 * old - 1, old - 1, -1)
    free[old : old + n_free] = state.events.free[:n_free]
    state.events.counts[FREE] = old + n_free
    return state._replace(
        tasks=Tasks._make(_doubled(array) for array in state.tasks),
        lines=state.lines._replace(
            after=_doubled(state.lines.after), before=_doubled(state.lines.before), queue=_doubled(state.lines.queue)
        ),
        events=state.events._replace(
            free=free,
            ready=_doubled(state.events.ready),
            timer_time=_doubled(state.events.timer_time),
            timer_task=_doubled(state.events.timer_task),
            timer_stamp=_doubled(state.events.timer_stamp),
            timer_kind=_doubled(state.events.timer_kind),
        ),
    )


def forget_stale_timers(state: State) -> None:
    """Drop the timers whose task has gone on since: a call that was answered leaves its time-out behind."""
    events = state.events
    n = int(events.counts[TIMERS])
    live = np.flatnonzero(events.timer_stamp[:n] == state.tasks.stamp[events.timer_task[:n]])
    # An array in order of time is a heap.
    kept = live[np.argsort(events.timer_time[live], kind="stable")]
    for array in (events.timer_time, events.timer_task, events.timer_stamp, events.timer_kind):
        array[: len(kept)] = array[kept]
    events.counts[TIMERS] = len(kept)


def _doubled(array: NDArray[_Item]) -> NDArray[_Item]:
    return np.concatenate([array, np.zeros_like(array)])


def _events(n_instances: int) -> Events:
    slots = 1 << max(1, (n_instances - 1).bit_length())
    winner = np.zeros(2 * slots, dtype=np.int32)
    winner[slots:] = np.arange(slots)
    for node in range(slots - 1, 0, -1):
        winner[node] = winner[2 * node]
    timers = 4 * FIRST_TASKS
    return Events(
        clock=np.zeros(2),
        counts=np.array([FIRST_TASKS, 0, 0, 0, 0, 0, 0], dtype=np.int64),
        slot_time=np.full(slots, math.inf),
        winner=winner,
        free=np.arange(FIRST_TASKS - 1, -1, -1, dtype=np.int32),
        ready=np.zeros(FIRST_TASKS, dtype=np.int32),
        timer_time=np.zeros(timers),
        timer_task=np.zeros(timers, dtype=np.int32),
        timer_stamp=np.zeros(timers, dtype=np.int32),
        timer_kind=np.zeros(timers, dtype=np.int8),
    )


def _instances(model: Model) -> Instances:
    fleets = [p for p in model.primitives.values() if isinstance(p, Fleet)]
    n = len(model.fleet_rules.of)
    room = max(1, int(np.sum(model.fleet_rules.heap_room)))
    active = np.zeros((max(1, len(fleets)), max((f.max_instances for f in fleets), default=1)), dtype=np.int32)
    for k, fleet in enumerate(fleets):
        active[k, : fleet.instances] = model.fleet_rules.first[k] + np.arange(fleet.instances)
    speeds = [fleet.speed for fleet in fleets for _ in range(fleet.max_instances)]
    return Instances(
        v=np.zeros(n),
        t=np.zeros(n),
        speed=np.array(speeds, dtype=np.float64),
        busy=np.zeros(n),
        work=np.zeros(n),
        n=np.zeros(n, dtype=np.int32),
        out=np.zeros(n, dtype=np.int32),
        visits=np.zeros(n, dtype=np.int64),
        job_key=np.zeros(room),
        job_task=np.zeros(room, dtype=np.int32),
        active=active,
        active_n=np.array([fleet.instances for fleet in fleets], dtype=np.int32),
        cursor=np.zeros(len(fleets), dtype=np.int32),
    )


def _lines(n: int, tasks: int) -> Lines:
    return Lines(
        head=np.full(n, -1, dtype=np.int32),
        tail=np.full(n, -1, dtype=np.int32),
        len=np.zeros(n, dtype=np.int32),
        after=np.full(tasks, -1, dtype=np.int32),
        before=np.full(tasks, -1, dtype=np.int32),
        queue=np.full(tasks, -1, dtype=np.int32),
    )


def _pools(model: Model, n: int) -> Pools:
    capacity = np.zeros(n, dtype=np.int32)
    for name, pool in model.primitives.items():
        if isinstance(pool, Pool):
            copies = model.pool_range(name)
            capacity[copies.start : copies.stop] = pool.capacity
    return Pools(
        capacity=capacity,
        use=np.zeros(n, dtype=np.int32),
        most=np.zeros(n, dtype=np.int32),
        integral=np.zeros(n),
        t=np.zeros(n),
    )


def _buckets(buckets: list[Bucket]) -> Buckets:
    n = len(buckets)
    return Buckets(
        rate=np.array([bucket.rate_per_s for bucket in buckets], dtype=np.float64),
        capacity=np.array([bucket.capacity for bucket in buckets], dtype=np.float64),
        level=np.array([b.capacity if b.level is None else b.level for b in buckets], dtype=np.float64),
        t=np.zeros(n),
        taken=np.zeros(n),
        refused=np.zeros(n),
    )


def _caches(model: Model) -> Caches:
    n = len(model.cache_rules.objects)
    links = max(1, int(np.sum(model.cache_rules.objects)) + n)
    return Caches(
        newer=np.full(links, -1, dtype=np.int32),
        older=np.full(links, -1, dtype=np.int32),
        stored=np.zeros(links),
        held=np.zeros(n, dtype=np.int32),
        counts=np.zeros((n, 2), dtype=np.int64),
    )


def _fill_caches(model: Model, caches: Caches) -> None:
    """Link each cache's ring; a warm cache holds the most popular objects, the most popular as the newest."""
    declared = [p for p in model.primitives.values() if isinstance(p, Cache)]
    for k, cache in enumerate(declared):
        base, objects = int(model.cache_rules.base[k]), int(model.cache_rules.objects[k])
        if objects == 0:
            continue
        held = int(model.cache_rules.capacity[k]) if cache.warm else 0
        ring = np.concatenate([[objects], np.arange(held)])
        caches.older[base + ring] = np.roll(ring, -1)
        caches.newer[base + ring] = np.roll(ring, 1)
        caches.held[k] = held


def _environments(environments: list[Environments]) -> EnvironmentsInUse:
    n = len(environments)
    return EnvironmentsInUse(
        limit=np.array([e.limit for e in environments], dtype=np.int32),
        provisioned=np.array([e.provisioned for e in environments], dtype=np.int32),
        use=np.zeros((n, 3), dtype=np.int32),
        warm=np.zeros(max(1, sum(e.limit for e in environments))),
        warm_n=np.zeros(n, dtype=np.int32),
        level=np.array([e.scale_burst for e in environments], dtype=np.float64),
        t=np.zeros((n, 2)),
        integral=np.zeros(n),
        counts=np.zeros((n, 4), dtype=np.int64),
    )


def _tasks(n: int) -> Tasks:
    return Tasks(
        pc=np.zeros(n, dtype=np.int32),
        route=np.zeros(n, dtype=np.int32),
        start=np.zeros(n),
        key=np.zeros(n, dtype=np.uint64),
        parent=np.full(n, -1, dtype=np.int32),
        stamp=np.zeros(n, dtype=np.int32),
        child=np.full(n, -1, dtype=np.int32),
        attempt=np.zeros(n, dtype=np.int32),
        work=np.zeros(n),
        reg=np.zeros((n, REGISTERS), dtype=np.int32),
        hold=np.zeros((n, HOLDS), dtype=np.int32),
        held=np.zeros(n, dtype=np.int32),
        mark=np.zeros((n, 10)),
        depth=np.zeros(n, dtype=np.int32),
    )


def _books(model: Model, measure: Measure) -> Books:
    routes, causes, components = len(model.routes), max(1, len(model.causes)), max(1, len(model.components))
    return Books(
        route_count=np.zeros((routes, 4), dtype=np.int64),
        route_hist=np.zeros((routes, OCTAVES << FINE_BITS), dtype=np.int64),
        window_count=np.zeros((routes, measure.windows, 3), dtype=np.int64),
        window_hist=np.zeros((routes, measure.windows, OCTAVES << COARSE_BITS), dtype=np.int32),
        failed=np.zeros((routes, causes), dtype=np.int64),
        refused=np.zeros(causes, dtype=np.int64),
        comp_time=np.zeros((components, 2)),
        comp_own=np.zeros(components, dtype=np.int64),
    )
