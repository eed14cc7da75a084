"""Tasks come and go; requests and messages that end are booked."""

import math

import numpy as np

from tonnage.engine.compiled import called, inlined
from tonnage.engine.kernels.histogram import bucket_inside
from tonnage.engine.kernels.state import NATURAL, REGISTERS, Books, Floats, Ints, Record, Records


@inlined
def new_task(clock: Record, tasks: Records, free: Ints) -> int:
    """A fresh task; the caller has made sure that one is free."""
    clock.free -= 1
    task = free[clock.free & NATURAL] & NATURAL
    t = tasks[task]
    t.held = 0
    t.depth = 0
    t.attempt = 0
    t.line = -1
    t.doom = -1
    t.batch = 0
    t.chain = -1
    t.shard = -1
    t.give_up = math.inf
    return task


@called
def child_of(clock: Record, tasks: Records, free: Ints, parent: int, pc: int) -> int:
    """A fresh task that runs from ``pc`` on for a caller, with the caller's luck and registers."""
    child = new_task(clock, tasks, free)
    above = tasks[parent]
    below = tasks[child]
    below.parent = parent
    below.ticket = above.stamp
    below.pc = pc
    below.route = above.route
    below.start = above.start
    below.key = above.key
    below.batch = above.batch
    below.give_up = above.give_up
    for k in range(REGISTERS):
        below.reg[k] = above.reg[k]
    return child


@inlined
def end_task(clock: Record, tasks: Records, free: Ints, task: int) -> None:
    """Free a task; its timers and children are stale from now on."""
    tasks[task].stamp += 1
    free[clock.free] = task
    clock.free += 1


@inlined
def make_ready(clock: Record, ready: Ints, task: int) -> None:
    """Let a task go on as soon as the present one stops."""
    ready[clock.ready] = task
    clock.ready += 1


@inlined
def window_of(clock: Record, books: Books, at: float) -> int:
    """Window of the series that a measured arrival falls in."""
    w = np.int64((at - clock.measure_start) / clock.window_s)
    return min(w, books.window_count.shape[1] - 1)


@inlined
def begun(clock: Record, request: Record, books: Books) -> None:
    """Book a request that arrives, or a message that is sent."""
    clock.in_flight += 1
    clock.most_in_flight = max(clock.most_in_flight, clock.in_flight)
    t0 = request.start
    if clock.measure_start <= t0 < clock.measure_end:
        route = request.route
        books.route_count[route, 0] += 1
        books.window_count[route, window_of(clock, books, t0), 0] += 1


@inlined
def answered(clock: Record, deadline_s: Floats, request: Record, books: Books, now: float) -> None:
    """Book a request that came to its end."""
    clock.in_flight -= 1
    t0 = request.start
    if t0 < clock.measure_start or t0 >= clock.measure_end:
        return
    route = request.route
    took = now - t0
    w = window_of(clock, books, t0)
    books.route_hist[route, bucket_inside(took, 7)] += 1
    books.window_hist[route, w, bucket_inside(took, 5)] += 1
    if took > deadline_s[route]:
        books.route_count[route, 3] += 1
        books.window_count[route, w, 2] += 1
    else:
        books.route_count[route, 1] += 1
        books.window_count[route, w, 1] += 1


@inlined
def lost(clock: Record, request: Record, books: Books, cause: int) -> None:
    """Book a request that failed."""
    clock.in_flight -= 1
    t0 = request.start
    if t0 < clock.measure_start or t0 >= clock.measure_end:
        return
    route = request.route
    w = window_of(clock, books, t0)
    books.route_count[route, 2] += 1
    books.window_count[route, w, 2] += 1
    books.failed[route, cause] += 1
