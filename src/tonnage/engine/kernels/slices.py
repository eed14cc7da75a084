"""What is done to a state between two slices of a run.

Each takes only what it touches: every array that passes from Python to a kernel costs time to compile.
"""

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import next_arrival
from tonnage.engine.kernels.holding import pool_account
from tonnage.engine.kernels.instances import progress, schedule
from tonnage.engine.kernels.state import (
    NOW,
    SEQUENCE,
    Arrivals,
    EnvironmentsInUse,
    Events,
    Fleets,
    Instances,
    Pools,
)


@kernel
def speed_changed(fleets: Fleets, events: Events, inst: Instances, i: int, speed: float) -> None:
    """Give an instance another speed from now on: jobs in service go on at the new speed."""
    f = fleets.of[i]
    progress(inst, i, fleets.servers[f], fleets.shared[f], events.clock[NOW])
    inst.speed[i] = speed
    schedule(
        events,
        inst,
        i,
        fleets.heap_base[i],
        fleets.servers[f],
        fleets.shared[f],
        events.clock[NOW],
    )


@kernel
def settle(fleets: Fleets, inst: Instances, pools: Pools, envs: EnvironmentsInUse, now: float) -> None:
    """Bring every integral up to now, so that the caller can read them."""
    for i in range(fleets.of.shape[0]):
        f = fleets.of[i]
        progress(inst, i, fleets.servers[f], fleets.shared[f], now)
    for p in range(pools.use.shape[0]):
        pool_account(pools, p, now)
    for e in range(envs.limit.shape[0]):
        envs.integral[e] += envs.use[e, 0] * (now - envs.t[e, 1])
        envs.t[e, 1] = now


@kernel
def first_arrival(arrivals: Arrivals, events: Events) -> None:
    """Draw the first arrival of a fresh state."""
    next_arrival(arrivals, events)
    events.counts[SEQUENCE] += 1
