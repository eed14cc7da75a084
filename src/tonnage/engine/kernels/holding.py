"""What tasks hold (a place at an instance, a token, an environment), and giving it back."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.instances import outstanding_changed
from tonnage.engine.kernels.lines import leave, too_old
from tonnage.engine.kernels.state import (
    GIVEN_UP,
    HELD_INSTANCE,
    HELD_POOL,
    HELD_PROVISIONED,
    KIND_SHIFT,
    Ints,
    Longs,
    Record,
    Records,
    Things,
)
from tonnage.engine.kernels.tasks import make_ready

_MASK = (1 << KIND_SHIFT) - 1


@inlined
def pool_account(pool: Record, now: float) -> None:
    """Bring a pool's integral up to now."""
    pool.integral += pool.use * (now - pool.t)
    pool.t = now


@inlined
def environments_account(environments: Record, now: float) -> None:
    """Bring the integral of environments in use up to now."""
    environments.integral += environments.use * (now - environments.integral_t)
    environments.integral_t = now


@inlined
def take(task: Record, kind: int, i: int) -> None:
    """Write down that a task holds something."""
    task.hold[task.held] = (kind << KIND_SHIFT) | i
    task.held += 1


@inlined
def pass_token(
    clock: Record, tasks: Records, ready: Ints, lines: Records, refused: Longs, line: int, p: int, now: float
) -> bool:
    """Hand a token to the first in line who may still have it; False when there is none."""
    while lines[line].len > 0:
        task = lines[line].head
        t = tasks[task]
        old = too_old(lines[line], t.since, now)
        leave(lines, tasks, task)
        t.stamp += 1
        make_ready(clock, ready, task)
        if old:
            t.doom = lines[line].old
        elif t.give_up < now:
            t.doom = GIVEN_UP
        if t.doom < 0:
            take(t, HELD_POOL, p)
            return True
        refused[t.doom] += 1
    return False


@inlined
def give_back(
    clock: Record, tasks: Records, ready: Ints, things: Things, refused: Longs, held: int, now: float
) -> None:
    """Give back one thing that a task holds, and wake whoever waits for it."""
    kind = held >> KIND_SHIFT
    i = held & _MASK
    if kind == HELD_INSTANCE:
        outstanding_changed(things.fleets, things.instances, things.levels, i, -1)
    elif kind == HELD_POOL:
        pool = things.pools[i]
        pool_account(pool, now)
        line = clock.instances + i
        if pool.use > pool.capacity or not pass_token(clock, tasks, ready, things.lines, refused, line, i, now):
            pool.use -= 1
    else:
        me = things.environments[i]
        environments_account(me, now)
        me.use -= 1
        if kind == HELD_PROVISIONED:
            me.use_provisioned -= 1
        else:
            things.environments[me.sharer].claimed -= 1
            if me.warm_n < me.room:
                things.warm[me.base + me.warm_n] = now
                me.warm_n += 1


@inlined
def drop(task: Record, held: int) -> None:
    """Take an entry out of what a task holds, the newest first."""
    last = task.held - 1
    at = last
    while at >= 0 and task.hold[at] != held:
        at -= 1
    if at >= 0:
        for k in range(at, last):
            task.hold[k] = task.hold[k + 1]
        task.held = last
