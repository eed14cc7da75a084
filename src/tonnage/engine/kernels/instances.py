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
from tonnage.engine.kernels.state import LEVELS, Floats, Ints, Longs, Record, Records

_MOST_DRAWS = 64
_AGAIN = np.uint64(0x5107)


@inlined
def progress(me: Record, now: float) -> None:
    """Bring an instance's virtual time and integrals up to now."""
    passed = now - me.t
    me.t = now
    n = me.n
    if n == 0:
        me.v = 0.0
        return
    servers = me.servers
    busy = min(servers, n)
    me.busy += passed * busy
    done = passed * me.speed
    me.work += done * busy
    if n > servers and me.shared == 1:
        me.v += done * servers / n
    else:
        me.v += done


@inlined
def schedule(me: Record, jobs: Records, slot_time: Floats, tree: Longs, i: int, now: float) -> None:
    """Put the next completion of an instance into its slot ``i``."""
    n = me.n
    speed = me.speed
    if n == 0 or speed <= 0.0:
        slot_time[i] = math.inf
    else:
        left = max(jobs[me.base].done_at - me.v, 0.0)
        if n > me.servers and me.shared == 1:
            left *= n / me.servers
        slot_time[i] = now + left / speed if speed != 1.0 else now + left
    slot_changed(slot_time, tree, i)


@inlined
def list_instance(fleets: Records, instances: Records, levels: Ints, i: int) -> None:
    """Put an instance at the end of the list of those with as many requests outstanding."""
    me = instances[i]
    f = me.fleet
    level = min(me.out, LEVELS - 1)
    last = levels[f, level, 1]
    me.previous = last
    me.next = -1
    me.listed = level
    if last >= 0:
        instances[last].next = i
    else:
        levels[f, level, 0] = i
    levels[f, level, 1] = i
    fleets[f].lowest = min(fleets[f].lowest, level)


@inlined
def unlist_instance(instances: Records, levels: Ints, i: int) -> None:
    """Take an instance out of the list it stands in."""
    me = instances[i]
    f = me.fleet
    level = me.listed
    following = me.next
    preceding = me.previous
    if preceding >= 0:
        instances[preceding].next = following
    else:
        levels[f, level, 0] = following
    if following >= 0:
        instances[following].previous = preceding
    else:
        levels[f, level, 1] = preceding
    me.listed = -1


@inlined
def outstanding_changed(fleets: Records, instances: Records, levels: Ints, i: int, change: int) -> None:
    """One request more or less outstanding at an instance."""
    me = instances[i]
    me.out += change
    if me.listed >= 0 and min(me.out, LEVELS - 1) != me.listed:
        unlist_instance(instances, levels, i)
        list_instance(fleets, instances, levels, i)


@inlined
def least_outstanding(fleets: Records, instances: Records, levels: Ints, f: int) -> int:
    """The instance with the fewest requests outstanding; of several the one that has been so the longest."""
    fleet = fleets[f]
    level = fleet.lowest
    while level < LEVELS - 1 and levels[f, level, 0] < 0:
        level += 1
    fleet.lowest = level
    best = levels[f, level, 0]
    if level == LEVELS - 1:
        other = instances[best].next
        while other >= 0:
            if instances[other].out < instances[best].out:
                best = other
            other = instances[other].next
    return best


@inlined
def choose(
    fleets: Records,
    instances: Records,
    active: Ints,
    levels: Ints,
    f: int,
    key: np.uint64,
    luck: np.uint64,
    now: float,
) -> int:
    """Pick an instance by the fleet's rule; -1 when none is in service.

    An instance of less weight, or one that came into service less than the slow start ago, is passed over with the
    probability that gives it its share.
    """
    fleet = fleets[f]
    n = fleet.active_n
    if n == 0:
        return -1
    if n == 1:
        return active[f, 0]
    rule = fleet.rule
    if rule == 1:
        return least_outstanding(fleets, instances, levels, f)
    slow_start_s = fleet.slow_start_s
    chosen = -1
    for _ in range(_MOST_DRAWS):
        if rule == 0:
            k = fleet.cursor
            if k >= n:
                k = 0
            fleet.cursor = k + 1
            chosen = active[f, k]
        else:
            u = uniform(key, luck)
            chosen = active[f, min(np.int64(u * n), n - 1)]
            if rule == 3:
                # The second of "random two" is drawn among the others.
                further = 1 + np.int64(uniform(key, luck + np.uint64(1)) * (n - 1)) % (n - 1)
                second = active[f, (np.int64(u * n) + further) % n]
                if instances[second].out < instances[chosen].out:
                    chosen = second
        share = 1.0
        if rule == 4:
            share = instances[chosen].weight / fleet.most_weight
        if slow_start_s > 0.0:
            share *= min(1.0, (now - instances[chosen].since) / slow_start_s)
        if share >= 1.0:
            break
        luck += _AGAIN
        if uniform(key, luck + np.uint64(2)) <= share:
            break
    return chosen
