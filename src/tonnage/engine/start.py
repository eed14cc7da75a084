"""The state a run starts from: everything empty, warm caches filled, buckets at their level."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, OCTAVES
from tonnage.engine.kernels.state import CLOCK, JOB, TASK, TIMER, VISIBLE, Books, Records, State, Things
from tonnage.engine.model import Model

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


def fresh_state(model: Model, measure: Measure, clients: int = 0) -> State:
    """The state of a model at time 0, before the first arrival.

    Args:
        model: The model.
        measure: Which requests count.
        clients: Clients of a closed loop: there is room for the request of each.
    """
    tasks = FIRST_TASKS
    while tasks < clients + FIRST_TASKS // 2:
        tasks *= 2
    slots = max(1, len(model.things.lines))
    clock = np.zeros(1, dtype=CLOCK)
    clock["free"], clock["instances"], clock["pools"] = tasks, len(model.things.instances), len(model.things.pools)
    clock["shards"] = len(model.things.shards)
    clock["measure_start"], clock["measure_end"], clock["window_s"] = measure.start_s, measure.end_s, measure.window_s
    return State(
        clock=clock,
        slot_time=np.full(slots, math.inf),
        tree=tournament(slots),
        timers=np.zeros(4 * tasks, dtype=TIMER),
        tasks=np.zeros(tasks, dtype=TASK),
        free=np.arange(tasks - 1, -1, -1, dtype=np.int32),
        ready=np.zeros(tasks, dtype=np.int32),
        jobs=np.zeros(max(1, int(model.things.instances["room"].sum())), dtype=JOB),
        things=Things._make(array.copy() for array in model.things),
        books=_books(model, measure),
    )


def tournament(slots: int) -> NDArray[np.int64]:
    """A tournament over so many slots in which nothing is pending."""
    sizes = [8 * math.ceil(slots / 8)]
    while sizes[-1] > 8:
        sizes.append(8 * math.ceil(sizes[-1] / 64))
    sizes.append(1)
    head = 2 + len(sizes)
    starts = head + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    tree = np.full(head + sum(sizes), np.iinfo(np.int64).max, dtype=np.int64)
    tree[:head] = [len(sizes) - 1, (1 << max(1, (slots - 1).bit_length())) - 1, *starts]
    never = np.float64(np.inf).view(np.int64)
    tree[head : head + slots] = never & ~tree[1] | np.arange(slots)
    tree[-1] = tree[head]
    return tree


def grown(state: State) -> State:
    """The same state with twice the room for tasks and timers."""
    old = len(state.free)
    n_free = int(state.clock["free"][0])
    free = np.zeros(2 * old, dtype=np.int32)
    free[:old] = np.arange(2 * old - 1, old - 1, -1)
    free[old : old + n_free] = state.free[:n_free]
    state.clock["free"] += old
    return state._replace(
        tasks=_doubled(state.tasks), free=free, ready=_doubled(state.ready), timers=_doubled(state.timers)
    )


def forget_stale_timers(state: State) -> None:
    """Drop the timers whose task has gone on since: a call that was answered leaves its second copy's timer behind."""
    n = int(state.clock["timers"][0])
    timers = state.timers[:n]
    tasks: Records = state.tasks[timers["task"]]
    live = np.where(timers["kind"] == VISIBLE, timers["stamp"] == tasks["ticket"], timers["stamp"] == tasks["stamp"])
    # An array in order of time is a heap.
    kept = timers[live]
    state.timers[: len(kept)] = kept[np.argsort(kept["time"], kind="stable")]
    state.clock["timers"] = len(kept)


def _doubled(array: NDArray[_Item]) -> NDArray[_Item]:
    return np.concatenate([array, np.zeros_like(array)])


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
