"""The pending events: next events of instances and timed lines in fixed slots under a tournament, the rest in a heap."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import Floats, Ints, Records


@inlined
def slot_changed(time: Floats, winner: Ints, slot: int) -> None:
    """Play the tournament again after ``time[slot]`` changed; ``winner[1]`` is then the earliest slot."""
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
def timer_push(clock: Records, timers: Records, at: float, task: int, stamp: int, kind: int) -> None:
    """Add a timer at a time (s), for a task with its stamp. The array must have room."""
    i = clock[0].timers
    clock[0].timers = i + 1
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
def timer_pop(clock: Records, timers: Records) -> None:
    """Remove the earliest timer, at index 0."""
    last = clock[0].timers - 1
    clock[0].timers = last
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
    i = size
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
    last = size - 1
    done_at = jobs[base + last].done_at
    task = jobs[base + last].task
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and jobs[base + child + 1].done_at < jobs[base + child].done_at:
            child += 1
        if jobs[base + child].done_at >= done_at:
            break
        jobs[base + i] = jobs[base + child]
        i = child
    jobs[base + i].done_at = done_at
    jobs[base + i].task = task
