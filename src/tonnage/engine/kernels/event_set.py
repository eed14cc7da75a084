"""The pending events: next completions in fixed slots under a tournament, everything rarer in a binary heap."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import TIMERS, Events, Instances


@inlined
def slot_changed(events: Events, slot: int) -> None:
    """Play the tournament again after ``slot_time[slot]`` changed; ``winner[1]`` is then the earliest slot."""
    time = events.slot_time
    winner = events.winner
    node = (slot + time.shape[0]) >> 1
    while node >= 1:
        left = winner[2 * node]
        right = winner[2 * node + 1]
        best = left if time[left] <= time[right] else right
        if best == winner[node] and best != slot:
            break
        winner[node] = best
        node >>= 1


@inlined
def timer_push(events: Events, at: float, who: int, which: int, what: int) -> None:
    """Add a timer at a time (s), for a task with its stamp. The arrays must have room."""
    time = events.timer_time
    task = events.timer_task
    stamp = events.timer_stamp
    kind = events.timer_kind
    i = events.counts[TIMERS]
    events.counts[TIMERS] = i + 1
    while i > 0:
        parent = (i - 1) >> 1
        if time[parent] <= at:
            break
        time[i] = time[parent]
        task[i] = task[parent]
        stamp[i] = stamp[parent]
        kind[i] = kind[parent]
        i = parent
    time[i] = at
    task[i] = who
    stamp[i] = which
    kind[i] = what


@inlined
def timer_pop(events: Events) -> None:
    """Remove the earliest timer, at index 0."""
    time = events.timer_time
    task = events.timer_task
    stamp = events.timer_stamp
    kind = events.timer_kind
    last = events.counts[TIMERS] - 1
    events.counts[TIMERS] = last
    at = time[last]
    who = task[last]
    which = stamp[last]
    what = kind[last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and time[child + 1] < time[child]:
            child += 1
        if time[child] >= at:
            break
        time[i] = time[child]
        task[i] = task[child]
        stamp[i] = stamp[child]
        kind[i] = kind[child]
        i = child
    time[i] = at
    task[i] = who
    stamp[i] = which
    kind[i] = what


@inlined
def job_push(inst: Instances, base: int, size: int, done_at: float, who: int) -> None:
    """Add a job, done at a virtual time (s), to the heap of one instance, which begins at ``base`` and has ``size``."""
    key = inst.job_key
    task = inst.job_task
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if key[base + parent] <= done_at:
            break
        key[base + i] = key[base + parent]
        task[base + i] = task[base + parent]
        i = parent
    key[base + i] = done_at
    task[base + i] = who


@inlined
def job_pop(inst: Instances, base: int, size: int) -> None:
    """Remove the first job from the heap of one instance."""
    key = inst.job_key
    task = inst.job_task
    last = size - 1
    done_at = key[base + last]
    who = task[base + last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and key[base + child + 1] < key[base + child]:
            child += 1
        if key[base + child] >= done_at:
            break
        key[base + i] = key[base + child]
        task[base + i] = task[base + child]
        i = child
    key[base + i] = done_at
    task[base + i] = who
