"""Queues: messages wait in the lines of their shards, and are processed in batches.

A batch is a task of its own that nobody waits for; the messages hang on it, the newest first.
"""

import math

from tonnage.engine.compiled import called, inlined
from tonnage.engine.kernels.event_set import slot_changed, timer_push
from tonnage.engine.kernels.lines import join, join_first, leave
from tonnage.engine.kernels.state import NOBODY, RETURNED, VISIBLE, Floats, Ints, Longs, Record, Records
from tonnage.engine.kernels.tasks import make_ready, new_task

_MOST_BATCHES = 64
"""Batches begun in one go; the rest follow as an event of their own, so that the margin of free tasks holds."""


@inlined
def _wake(slot_time: Floats, tree: Longs, slot: int, at: float) -> None:
    slot_time[slot] = at
    slot_changed(slot_time, tree, slot)


@called
def receive(
    clock: Record,
    slot_time: Floats,
    tree: Longs,
    timers: Records,
    tasks: Records,
    free: Ints,
    ready: Ints,
    lines: Records,
    shards: Records,
    k: int,
    now: float,
) -> None:
    """Begin as many batches of a shard as it may."""
    me = shards[k]
    line = clock.instances + clock.pools + k
    if slot_time[line] < math.inf:
        _wake(slot_time, tree, line, math.inf)
    for begun in range(_MOST_BATCHES + 1):
        if lines[line].len == 0 or me.use >= me.concurrency or me.pc < 0:
            return
        due = me.paused_until
        if lines[line].len < me.batch:
            due = max(due, tasks[lines[line].head].since + me.window_s)
        if due > now or begun == _MOST_BATCHES:
            _wake(slot_time, tree, line, max(due, now))
            return
        batch = new_task(clock, tasks, free)
        b = tasks[batch]
        b.pc = me.pc
        b.route = me.route
        b.parent = NOBODY
        b.shard = k
        b.start = now
        while b.batch < me.batch and lines[line].len > 0:
            message = lines[line].head
            leave(lines, tasks, message)
            m = tasks[message]
            if now - m.start > me.retention_s:
                m.doom = me.old
                make_ready(clock, ready, message)
                continue
            m.attempt += 1
            m.chain = b.chain
            b.chain = message
            b.batch += 1
            b.key = m.key
        me.use += 1
        me.flying += b.batch
        if me.ordered == 0:
            clock.batches += 1
            b.ticket = -clock.batches
            timer_push(clock, timers, now + me.visibility_s, batch, b.ticket, VISIBLE)
        make_ready(clock, ready, batch)


@inlined
def put_back(
    clock: Record,
    timers: Records,
    tasks: Records,
    ready: Ints,
    lines: Records,
    shards: Records,
    refused: Longs,
    batch: int,
    at: float,
    now: float,
) -> None:
    """Let the messages of a batch be received again, now or ``at`` a later time, or drop them after their last try."""
    b = tasks[batch]
    me = shards[b.shard]
    line = clock.instances + clock.pools + b.shard
    message = b.chain
    b.chain = -1
    while message >= 0:
        m = tasks[message]
        following = m.chain
        me.flying -= 1
        if me.receives > 0 and m.attempt >= me.receives:
            m.doom = me.cause
            refused[me.cause] += 1
            make_ready(clock, ready, message)
        elif me.ordered == 1:
            me.again += 1
            join_first(lines, tasks, line, message, now)
        elif at > now:
            me.again += 1
            timer_push(clock, timers, at, message, m.stamp, RETURNED)
        else:
            me.again += 1
            join(lines, tasks, line, message, now)
        message = following
