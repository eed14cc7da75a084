"""What tasks hold (a place at an instance, a token, an environment), and giving it back."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.queues import leave
from tonnage.engine.kernels.state import (
    HELD_INSTANCE,
    HELD_POOL,
    HELD_PROVISIONED,
    KIND_SHIFT,
    READY,
    EnvironmentRules,
    EnvironmentsInUse,
    Events,
    Instances,
    Lines,
    PoolRules,
    Pools,
    Tasks,
)

_MASK = (1 << KIND_SHIFT) - 1


@inlined
def pool_account(pools: Pools, p: int, now: float) -> None:
    """Bring a pool's integral up to now."""
    pools.integral[p] += pools.use[p] * (now - pools.t[p])
    pools.t[p] = now


@inlined
def give_back(
    pool_rules: PoolRules,
    env_rules: EnvironmentRules,
    events: Events,
    inst: Instances,
    lines: Lines,
    pools: Pools,
    envs: EnvironmentsInUse,
    tasks: Tasks,
    held: int,
    now: float,
) -> None:
    """Give back one thing that a task holds, and wake whoever waits for it."""
    kind = held >> KIND_SHIFT
    i = held & _MASK
    if kind == HELD_INSTANCE:
        inst.out[i] -= 1
    elif kind == HELD_POOL:
        pool_account(pools, i, now)
        queue = pool_rules.queue[i]
        if lines.len[queue] > 0 and pools.use[i] <= pools.capacity[i]:
            task = lines.head[queue]
            leave(lines, task)
            tasks.stamp[task] += 1
            tasks.hold[task, tasks.held[task]] = held
            tasks.held[task] += 1
            events.ready[events.counts[READY]] = task
            events.counts[READY] += 1
        else:
            pools.use[i] -= 1
    else:
        envs.integral[i] += envs.use[i, 0] * (now - envs.t[i, 1])
        envs.t[i, 1] = now
        envs.use[i, 0] -= 1
        if kind == HELD_PROVISIONED:
            envs.use[i, 1] -= 1
        elif envs.warm_n[i] < env_rules.room[i]:
            envs.warm[env_rules.base[i] + envs.warm_n[i]] = now
            envs.warm_n[i] += 1


@inlined
def drop(tasks: Tasks, task: int, held: int) -> None:
    """Take an entry out of what a task holds, the newest first."""
    last = tasks.held[task] - 1
    at = last
    while at >= 0 and tasks.hold[task, at] != held:
        at -= 1
    if at >= 0:
        for k in range(at, last):
            tasks.hold[task, k] = tasks.hold[task, k + 1]
        tasks.held[task] = last
