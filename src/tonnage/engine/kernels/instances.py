"""Instances: jobs in service progress in virtual time, one event slot each, and are given to instances by a rule.

All jobs in service progress alike, by ``v`` seconds of work since the instance was last empty, so a job that needs
``w`` is done when ``v`` reaches ``v_at_start + w``, whatever the speed does in between. FIFO with c servers and
processor sharing differ only in how many jobs are in service and how fast ``v`` runs.
"""

import math

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.draws import uniform
from tonnage.engine.kernels.event_set import slot_changed
from tonnage.engine.kernels.state import Events, Fleets, Instances


@inlined
def progress(inst: Instances, i: int, servers: int, shared: int, now: float) -> None:
    """Bring an instance's virtual time and integrals up to now."""
    passed = now - inst.t[i]
    inst.t[i] = now
    n = inst.n[i]
    if n == 0:
        inst.v[i] = 0.0
        return
    speed = inst.speed[i]
    busy = min(servers, n)
    inst.busy[i] += passed * busy
    inst.work[i] += passed * busy * speed
    if shared == 1 and n > servers:
        inst.v[i] += passed * speed * servers / n
    else:
        inst.v[i] += passed * speed


@inlined
def schedule(events: Events, inst: Instances, i: int, base: int, servers: int, shared: int, now: float) -> None:
    """Put the instance's next completion into its slot."""
    n = inst.n[i]
    speed = inst.speed[i]
    if n == 0 or speed <= 0.0:
        events.slot_time[i] = math.inf
    else:
        left = inst.job_key[base] - inst.v[i]
        left = max(left, 0.0)
        if shared == 1 and n > servers:
            events.slot_time[i] = now + left * n / (servers * speed)
        else:
            events.slot_time[i] = now + left / speed
    slot_changed(events, i)


@inlined
def choose(fleets: Fleets, inst: Instances, f: int, key: np.uint64, luck: np.uint64) -> int:
    """Pick an instance by the fleet's rule; -1 when none is in service."""
    n = inst.active_n[f]
    if n == 0:
        return -1
    if n == 1:
        return inst.active[f, 0]
    rule = fleets.rule[f]
    if rule == 0:
        k = inst.cursor[f]
        if k >= n:
            k = 0
        inst.cursor[f] = k + 1
        return inst.active[f, k]
    if rule == 1:
        start = inst.cursor[f]
        if start >= n:
            start = 0
        inst.cursor[f] = start + 1
        best = inst.active[f, start]
        least = inst.out[best]
        k = start
        for _ in range(n - 1):
            if least == 0:
                break
            k += 1
            if k >= n:
                k = 0
            other = inst.active[f, k]
            if inst.out[other] < least:
                least = inst.out[other]
                best = other
        return best
    u = uniform(key, luck)
    first = inst.active[f, min(np.int64(u * n), n - 1)]
    if rule == 2:
        return first
    # The second of "random two" is drawn among the others.
    further = 1 + np.int64(uniform(key, luck + np.uint64(1)) * (n - 1)) % (n - 1)
    second = inst.active[f, (np.int64(u * n) + further) % n]
    return second if inst.out[second] < inst.out[first] else first
