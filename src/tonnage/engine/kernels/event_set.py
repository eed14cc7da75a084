"""The pending events: next events of instances and timed lines in fixed slots under a tournament, the rest in a heap.

The tournament is a tree of minima of eight over keys that carry their slot: the bits of the time, whose order is that
of the times, with the lowest bits replaced by the slot. No comparison is a jump that could be guessed wrongly. Two
times that differ by less than the bits replaced (one part in 2**(52 - bits of the slot)) may leave in either order,
always the same.
"""

import numpy as np

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import NATURAL, Floats, Longs, Record, Records


@inlined
def slot_changed(time: Floats, tree: Longs, slot: int) -> None:
    """Play the tournament again after ``time[slot]`` changed.

    Args:
        time: (slots,) float64, s, never negative.
        tree: (any,) int64: number of levels, slot mask, and for each level its start; then the levels, leaves first.
        slot: Which slot.
    """
    mask = tree[1]
    tree[(tree[2] + slot) & NATURAL] = (np.float64(time[slot]).view(np.int64) & ~mask) | slot
    i = slot
    for level in range(tree[0]):
        at = (tree[2 + level] + (i & ~7)) & NATURAL
        least = min(
            min(min(tree[at], tree[at + 1]), min(tree[at + 2], tree[at + 3])),
            min(min(tree[at + 4], tree[at + 5]), min(tree[at + 6], tree[at + 7])),
        )
        i >>= 3
        above = (tree[3 + level] + i) & NATURAL
        if tree[above] == least:
            break
        tree[above] = least


@inlined
def first_slot(tree: Longs) -> int:
    """The slot with the earliest time."""
    return tree[tree[(2 + tree[0]) & NATURAL] & NATURAL] & tree[1]


@inlined
def timer_push(clock: Record, timers: Records, at: float, task: int, stamp: int, kind: int) -> None:
    """Add a timer at a time (s), for a task with its stamp. The array must have room."""
    i = clock.timers & NATURAL
    clock.timers = i + 1
    while i > 0:
        parent = (i - 1) >> 1
        if timers[parent].time <= at:
            break
        timers[i] = timers[parent]
        i = parent
    t = timers[i]
    t.time = at
    t.task = task
    t.stamp = stamp
    t.kind = kind


@inlined
def timer_pop(clock: Record, timers: Records) -> None:
    """Remove the earliest timer, at index 0."""
    last = (clock.timers - 1) & NATURAL
    clock.timers = last
    at = timers[last].time
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and timers[child + 1].time < timers[child].time:
            child += 1
        if timers[child].time >= at:
            break
        timers[i] = timers[child]
        i = child
    timers[i] = timers[last]


@inlined
def job_push(jobs: Records, base: int, size: int, done_at: float, task: int) -> None:
    """Add a job, done at a virtual time (s), to the heap of one instance, which begins at ``base`` and has ``size``."""
    base &= NATURAL
    i = size & NATURAL
    while i > 0:
        parent = (i - 1) >> 1
        if jobs[base + parent].done_at <= done_at:
            break
        jobs[base + i] = jobs[base + parent]
        i = parent
    jobs[base + i].done_at = done_at
    jobs[base + i].task = task


@inlined
def job_pop(jobs: Records, base: int, size: int) -> None:
    """Remove the first job from the heap of one instance."""
    base &= NATURAL
    last = (size - 1) & NATURAL
    done_at = jobs[base + last].done_at
    task = jobs[base + last].task
    # The last job nearly always belongs to the bottom: sink the hole there, then let it rise.
    i = 0
    child = 1
    while child + 1 < last:
        child += int(jobs[base + child + 1].done_at < jobs[base + child].done_at)
        jobs[base + i] = jobs[base + child]
        i = child
        child = 2 * i + 1
    if child < last:
        jobs[base + i] = jobs[base + child]
        i = child
    while i > 0:
        parent = (i - 1) >> 1
        if jobs[base + parent].done_at <= done_at:
            break
        jobs[base + i] = jobs[base + parent]
        i = parent
    jobs[base + i].done_at = done_at
    jobs[base + i].task = task
