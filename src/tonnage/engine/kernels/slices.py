"""What is done to a state between two slices of a run.

Each takes only what it touches: every array that passes from Python to a kernel costs time to compile.
"""

import math

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import next_arrival, thinking_s
from tonnage.engine.kernels.event_set import job_pop, slot_changed, timer_push
from tonnage.engine.kernels.holding import environments_account, pool_account
from tonnage.engine.kernels.instances import list_instance, progress, schedule, unlist_instance
from tonnage.engine.kernels.lines import leave
from tonnage.engine.kernels.state import (
    CLIENT,
    HELD_INSTANCE,
    KIND_SHIFT,
    LEVELS,
    Floats,
    Ints,
    Longs,
    Records,
)
from tonnage.engine.kernels.tasks import make_ready, new_task


@kernel
def speed_changed(
    clock: Records, instances: Records, jobs: Records, slot_time: Floats, tree: Longs, i: int, speed: float
) -> None:
    """Give an instance another speed from now on: jobs in service go on at the new speed."""
    me = instances[i]
    progress(me, clock[0].now)
    me.speed = speed
    schedule(me, jobs, slot_time, tree, i, clock[0].now)


@kernel
def wake(clock: Records, slot_time: Floats, tree: Longs, slot: int) -> None:
    """Let a shard of a queue look at once whether it may begin a batch."""
    slot_time[slot] = clock[0].now
    slot_changed(slot_time, tree, slot)


@kernel
def active_changed(fleets: Records, instances: Records, levels: Ints, active: Ints, f: int) -> None:
    """List the instances of a fleet that ``active`` now names, and no others, by requests outstanding."""
    for level in range(LEVELS):
        while levels[f, level, 0] >= 0:
            unlist_instance(instances, levels, levels[f, level, 0])
    fleets[f].lowest = LEVELS - 1
    for k in range(fleets[f].active_n):
        list_instance(fleets, instances, levels, active[f, k])


@kernel
def lose_instance(
    clock: Records,
    instances: Records,
    jobs: Records,
    slot_time: Floats,
    tree: Longs,
    tasks: Records,
    ready: Ints,
    lines: Records,
    i: int,
    cause: int,
) -> None:
    """An instance is gone: what it serves and what waits at it fails at once.

    Whatever else holds a place at it fails when it next goes on, and whoever is given to it from now on is refused.
    """
    now = clock[0].now
    me = instances[i]
    progress(me, now)
    me.dead = 1
    while me.n > 0:
        task = jobs[me.base].task
        job_pop(jobs, me.base, me.n)
        me.n -= 1
        tasks[task].doom = cause
        make_ready(clock[0], ready, task)
    while lines[i].len > 0:
        task = lines[i].head
        leave(lines, tasks, task)
        tasks[task].doom = cause
        make_ready(clock[0], ready, task)
    slot_time[i] = math.inf
    slot_changed(slot_time, tree, i)
    held = (HELD_INSTANCE << KIND_SHIFT) | i
    for task in range(tasks.shape[0]):
        for k in range(tasks[task].held):
            if tasks[task].hold[k] == held:
                tasks[task].doom = cause


@kernel
def settle(clock: Records, instances: Records, pools: Records, environments: Records) -> None:
    """Bring every integral up to now, so that the caller can read them."""
    now = clock[0].now
    for i in range(instances.shape[0]):
        progress(instances[i], now)
    for p in range(pools.shape[0]):
        pool_account(pools[p], now)
    for e in range(environments.shape[0]):
        environments_account(environments[e], now)


@kernel
def first_arrival(clock: Records, timers: Records, tasks: Records, free: Ints, rates: Floats, tables: Floats) -> None:
    """Draw the first arrival of a fresh state, and let every client think before its first request."""
    me = clock[0]
    for _ in range(me.clients):
        task = new_task(me, tasks, free)
        timer_push(me, timers, thinking_s(me, tables), task, tasks[task].stamp, CLIENT)
    if me.clients == 0:
        next_arrival(me, rates)
    else:
        me.next_arrival = math.inf
