"""Tasks come and go; requests that end are booked."""

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.histogram import bucket_inside
from tonnage.engine.kernels.state import (
    FREE,
    IN_FLIGHT,
    Arrivals,
    Books,
    Events,
    Lines,
    Tasks,
)


@inlined
def new_task(events: Events, lines: Lines, tasks: Tasks) -> int:
    """A fresh task; the caller has made sure that one is free."""
    events.counts[FREE] -= 1
    task = events.free[events.counts[FREE]]
    tasks.held[task] = 0
    tasks.depth[task] = 0
    tasks.attempt[task] = 0
    tasks.child[task] = -1
    lines.queue[task] = -1
    return task


@inlined
def end_task(events: Events, tasks: Tasks, task: int) -> None:
    """Free a task; its timers are stale from now on."""
    tasks.stamp[task] += 1
    events.free[events.counts[FREE]] = task
    events.counts[FREE] += 1


@inlined
def window_of(arrivals: Arrivals, books: Books, at: float) -> int:
    """Window of the series that a measured arrival falls in."""
    w = np.int64((at - arrivals.measure[0]) / arrivals.measure[2])
    return min(w, books.window_count.shape[1] - 1)


@inlined
def answered(arrivals: Arrivals, events: Events, tasks: Tasks, books: Books, task: int, now: float) -> None:
    """Book a request that came to its end."""
    events.counts[IN_FLIGHT] -= 1
    t0 = tasks.start[task]
    if t0 < arrivals.measure[0] or t0 >= arrivals.measure[1]:
        return
    route = tasks.route[task]
    took = now - t0
    w = window_of(arrivals, books, t0)
    books.route_hist[route, bucket_inside(took, 7)] += 1
    books.window_hist[route, w, bucket_inside(took, 5)] += 1
    if took > arrivals.deadline_s[route]:
        books.route_count[route, 3] += 1
        books.window_count[route, w, 2] += 1
    else:
        books.route_count[route, 1] += 1
        books.window_count[route, w, 1] += 1


@inlined
def lost(arrivals: Arrivals, events: Events, tasks: Tasks, books: Books, task: int, cause: int) -> None:
    """Book a request that failed."""
    events.counts[IN_FLIGHT] -= 1
    t0 = tasks.start[task]
    if t0 < arrivals.measure[0] or t0 >= arrivals.measure[1]:
        return
    route = tasks.route[task]
    w = window_of(arrivals, books, t0)
    books.route_count[route, 2] += 1
    books.window_count[route, w, 2] += 1
    books.failed[route, cause] += 1
