"""Arrivals: Poisson with a changing rate, perhaps in bursts or batches; exact counts of a trace; clients that think."""

import math

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.draws import GOLDEN, from_table, mix, uniform
from tonnage.engine.kernels.state import Books, Floats, Ints, Record
from tonnage.engine.kernels.tasks import begun

_ARRIVAL_SALT = np.uint64(0xA221)
_BATCH_SALT = np.uint64(0xBA7C)
_BURST_SALT = np.uint64(0xB025)
_THINK_SALT = np.uint64(0x7411)
_COUNT_SALT = np.uint64(0xC0B7)
_ROUTE_SALT = np.uint64(0x5EED)


@inlined
def next_arrival(clock: Record, rates: Floats) -> None:
    """Draw the time of the next arrival.

    Poisson arrivals are drawn by the integral of the rate; the arrivals of a step whose count is exact are drawn in
    order, as the order statistics of uniform times. Arrivals of a batch come at one moment; their number is geometric.
    """
    if clock.batch_left > 0:
        clock.batch_left -= 1
        return
    clock.draws += 1
    key = mix(clock.seed + np.uint64(clock.draws) * GOLDEN)
    u = uniform(key, _ARRIVAL_SALT)
    t = clock.next_arrival
    step_s = clock.rate_step_s
    steps = rates.shape[0]
    if clock.counted == 1:
        while clock.step_left <= 0:
            clock.step_at += 1
            if clock.step_at >= steps:
                clock.next_arrival = math.inf
                return
            wanted = rates[clock.step_at]
            whole = math.floor(wanted)
            more = uniform(mix(clock.seed + np.uint64(clock.step_at)), _COUNT_SALT) <= wanted - whole
            clock.step_left = np.int64(whole) + (1 if more else 0)
            t = clock.step_at * step_s
        end = (clock.step_at + 1) * step_s
        clock.next_arrival = t + (end - t) * (1.0 - u ** (1.0 / clock.step_left))
        clock.step_left -= 1
        return
    left = -math.log(u) * clock.batch_mean
    index = np.int64(t / step_s)
    if (index + 1) * step_s <= t:
        index += 1
    while True:
        if index >= steps:
            t = math.inf
            break
        rate = rates[index]
        end = (index + 1) * step_s
        if clock.burst_s > 0.0:
            rate *= clock.burst_factor if clock.bursting == 1 else clock.calm_factor
            end = min(end, clock.modulated_until)
        room = rate * (end - t)
        if room >= left:
            t += left / rate
            break
        left -= room
        t = end
        if clock.burst_s > 0.0 and t >= clock.modulated_until:
            clock.bursting = 1 - clock.bursting
            mean_s = clock.burst_s if clock.bursting == 1 else clock.calm_s
            clock.draws += 1
            clock.modulated_until = t - mean_s * math.log(
                uniform(mix(clock.seed + np.uint64(clock.draws) * GOLDEN), _BURST_SALT)
            )
        if t >= (index + 1) * step_s:
            index += 1
    clock.next_arrival = t
    if clock.batch_mean > 1.0 and t < math.inf:
        stop = math.log1p(-1.0 / clock.batch_mean)
        clock.batch_left = np.int64(math.log(uniform(key, _BATCH_SALT)) / stop)


@inlined
def arrive(clock: Record, request: Record, books: Books, route_pc: Ints, route_until: Floats, now: float) -> None:
    """Make a fresh task the next request: its luck, its route, its place in the books."""
    clock.sequence += 1
    request.key = mix(clock.seed + np.uint64(clock.sequence) * GOLDEN)
    request.start = now
    request.parent = -1
    u = uniform(request.key, _ROUTE_SALT)
    route = 0
    while route < route_until.shape[0] - 1 and u > route_until[route]:
        route += 1
    request.route = route
    request.pc = route_pc[route]
    begun(clock, request, books)


@inlined
def thinking_s(clock: Record, tables: Floats) -> float:
    """How long a client thinks before its next request, s."""
    clock.draws += 1
    u = uniform(mix(clock.seed + np.uint64(clock.draws) * GOLDEN), _THINK_SALT)
    return clock.think_s * from_table(tables, np.int64(clock.think_table), u)
