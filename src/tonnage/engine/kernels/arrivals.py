"""Arrivals: Poisson with a rate that changes by step, drawn by the integral of the rate."""

import math

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.draws import GOLDEN, mix, uniform
from tonnage.engine.kernels.state import NEXT_ARRIVAL, SEQUENCE, Arrivals, Events

_ARRIVAL_SALT = np.uint64(0xA221)


@inlined
def next_arrival(arrivals: Arrivals, events: Events) -> None:
    """Draw the time of the next arrival: Poisson with the rate of each step, by the integral of the rate."""
    key = mix(arrivals.seed[0] + np.uint64(events.counts[SEQUENCE]) * GOLDEN)
    left = -math.log(uniform(key, _ARRIVAL_SALT))
    t = events.clock[NEXT_ARRIVAL]
    step_s = arrivals.rate_step_s
    index = np.int64(t / step_s)
    steps = arrivals.rate_per_s.shape[0]
    if (index + 1) * step_s <= t:
        index += 1
    while True:
        if index >= steps:
            t = math.inf
            break
        rate = arrivals.rate_per_s[index]
        end = (index + 1) * step_s
        room = rate * (end - t)
        if room >= left:
            t += left / rate
            break
        left -= room
        t = end
        index += 1
    events.clock[NEXT_ARRIVAL] = t
