"""Arrivals: Poisson with a changing rate, perhaps in bursts or batches; exact counts of a trace; clients that think."""

import math

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.draws import GOLDEN, from_table, mix, uniform
from tonnage.engine.kernels.state import Books, Floats, Ints, Records
from tonnage.engine.kernels.tasks import begun

_ARRIVAL_SALT = np.uint64(0xA221)
_BATCH_SALT = np.uint64(0xBA7C)
_BURST_SALT = np.uint64(0xB025)
_THINK_SALT = np.uint64(0x7411)
_COUNT_SALT = np.uint64(0xC0B7)
_ROUTE_SALT = np.uint64(0x5EED)


@inlined
def next_arrival(clock: Records, rates: Floats) -> None:
    """Draw the time of the next arrival.

    Poisson arrivals are drawn by the integral of the rate; the arrivals of a step whose count is exact are drawn in
    order, as the order statistics of uniform times. Arrivals of a batch come at one moment; their number is geometric.
    """
    me = clock[0]
    if me.batch_left > 0:
        me.batch_left -= 1
        return
    me.draws += 1
    key = mix(me.seed + np.uint64(me.draws) * GOLDEN)
    u = uniform(key, _ARRIVAL_SALT)
    t = me.next_arrival
    step_s = me.rate_step_s
    steps = rates.shape[0]
    if me.counted == 1:
        while me.step_left <= 0:
            me.step_at += 1
            if me.step_at >= steps:
                me.next_arrival = math.inf
                return
            wanted = rates[me.step_at]
            whole = math.floor(wanted)
            more = uniform(mix(me.seed + np.uint64(me.step_at)), _COUNT_SALT) <= wanted - whole
            me.step_left = np.int64(whole) + (1 if more else 0)
            t = me.step_at * step_s
        end = (me.step_at + 1) * step_s
        me.next_arrival = t + (end - t) * (1.0 - u ** (1.0 / me.step_left))
        me.step_left -= 1
        return
    left = -math.log(u) * me.batch_mean
    index = np.int64(t / step_s)
    if (index + 1) * step_s <= t:
        index += 1
    while True:
        if index >= steps:
            t = math.inf
            break
        rate = rates[index]
        end = (index + 1) * step_s
        if me.burst_s > 0.0:
            rate *= me.burst_factor if me.bursting == 1 else me.calm_factor
            end = min(end, me.modulated_until)
        room = rate * (end - t)
        if room >= left:
            t += left / rate
            break
        left -= room
        t = end
        if me.burst_s > 0.0 and t >= me.modulated_until:
            me.bursting = 1 - me.bursting
            mean_s = me.burst_s if me.bursting == 1 else me.calm_s
            me.draws += 1
            me.modulated_until = t - mean_s * math.log(
                uniform(mix(me.seed + np.uint64(me.draws) * GOLDEN), _BURST_SALT)
            )
        if t >= (index + 1) * step_s:
            index += 1
    me.next_arrival = t
    if me.batch_mean > 1.0 and t < math.inf:
        stop = math.log1p(-1.0 / me.batch_mean)
        me.batch_left = np.int64(math.log(uniform(key, _BATCH_SALT)) / stop)


@inlined
def arrive(
    clock: Records, tasks: Records, books: Books, route_pc: Ints, route_until: Floats, task: int, now: float
) -> None:
    """Make a fresh task the next request: its luck, its route, its place in the books."""
    me = clock[0]
    me.sequence += 1
    t = tasks[task]
    t.key = mix(me.seed + np.uint64(me.sequence) * GOLDEN)
    t.start = now
    t.parent = -1
    u = uniform(t.key, _ROUTE_SALT)
    route = 0
    while route < route_until.shape[0] - 1 and u > route_until[route]:
        route += 1
    t.route = route
    t.pc = route_pc[route]
    begun(clock, tasks, books, task)


@inlined
def thinking_s(clock: Records, tables: Floats) -> float:
    """How long a client thinks before its next request, s."""
    me = clock[0]
    me.draws += 1
    u = uniform(mix(me.seed + np.uint64(me.draws) * GOLDEN), _THINK_SALT)
    return me.think_s * from_table(tables, np.int64(me.think_table), u)
