"""The event loop: every request, one event at a time, in order.

Completions stand in one slot per instance under a tournament; waits, time-outs and retries in a heap; the next arrival
apart.
"""

import math

import numpy as np

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import next_arrival
from tonnage.engine.kernels.draws import GOLDEN, from_table, mix, uniform
from tonnage.engine.kernels.event_set import job_pop, job_push, timer_pop, timer_push
from tonnage.engine.kernels.holding import drop, give_back, pool_account
from tonnage.engine.kernels.instances import choose, progress, schedule
from tonnage.engine.kernels.lru import lru_fill, lru_touch
from tonnage.engine.kernels.queues import join, leave
from tonnage.engine.kernels.state import (
    BEGIN,
    BRANCH,
    CALL,
    CHOOSE,
    END,
    EVENTS,
    FILL,
    FINISH,
    FREE,
    HELD_ENVIRONMENT,
    HELD_INSTANCE,
    HELD_POOL,
    HELD_PROVISIONED,
    HOLD,
    IN_FLIGHT,
    KIND_SHIFT,
    LEASE,
    LEAVE,
    LOOKUP,
    LOOP,
    MARGIN,
    MOST_IN_FLIGHT,
    NEXT_ARRIVAL,
    NOW,
    PATIENCE,
    READY,
    REGISTERS,
    RELEASE,
    RESUME,
    RETRY,
    RETURN,
    SEQUENCE,
    SET,
    TAKE,
    TIMEOUT,
    TIMERS,
    WAIT,
    WORK,
    Constants,
    State,
)
from tonnage.engine.kernels.tasks import answered, end_task, lost, new_task, window_of

_ROUTE_SALT = np.uint64(0x5EED)
_RETRY_SALT = np.uint64(0x0BAC)


@kernel
def advance(c: Constants, s: State, until: float) -> int:
    """Run all events up to and including ``until``.

    Args:
        c: The model.
        s: The state, changed in place.
        until: Time to reach, s.

    Returns:
        A :class:`Status`: 0 when ``until`` was reached; 1 when the caller must make room for tasks and timers and call
        again.
    """
    program = c.program
    fleets = c.fleets
    pool_rules = c.pool_rules
    bucket_rules = c.bucket_rules
    cache_rules = c.cache_rules
    env_rules = c.env_rules
    arrivals = c.arrivals
    events = s.events
    inst = s.inst
    lines = s.lines
    pools = s.pools
    buckets = s.buckets
    caches = s.caches
    envs = s.envs
    tasks = s.tasks
    books = s.books
    servers_of = fleets.servers
    shared_of = fleets.shared
    most_timers = events.timer_time.shape[0]
    while True:
        if events.counts[FREE] < MARGIN or most_timers - events.counts[TIMERS] < MARGIN:
            return 1
        task = -1
        cause = -1
        now = events.clock[NOW]
        # Tasks are ready before an event only where the last call came back in the middle of one.
        if events.counts[READY] == 0:
            slot = np.int64(events.winner[1])
            now = events.slot_time[slot]
            what = 0
            if events.counts[TIMERS] > 0 and events.timer_time[0] < now:
                now = events.timer_time[0]
                what = 1
            if events.clock[NEXT_ARRIVAL] < now:
                now = events.clock[NEXT_ARRIVAL]
                what = 2
            if now > until:
                events.clock[NOW] = until
                return 0
            events.clock[NOW] = now
            events.counts[EVENTS] += 1

            # --- the event itself: who goes on?
            if what == 0:
                f = fleets.of[slot]
                base = fleets.heap_base[slot]
                progress(inst, slot, servers_of[f], shared_of[f], now)
                task = inst.job_task[base]
                job_pop(inst, base, inst.n[slot])
                inst.n[slot] -= 1
                if lines.len[slot] > 0:
                    waiting = np.int64(lines.head[slot])
                    leave(lines, waiting)
                    job_push(inst, base, inst.n[slot], inst.v[slot] + tasks.work[waiting], waiting)
                    inst.n[slot] += 1
                if inst.n[slot] == 0:
                    inst.v[slot] = 0.0
                schedule(events, inst, slot, base, servers_of[f], shared_of[f], now)
            elif what == 1:
                who = events.timer_task[0]
                stamp = events.timer_stamp[0]
                kind = events.timer_kind[0]
                timer_pop(events)
                if stamp == tasks.stamp[who]:
                    task = who
                    tasks.stamp[who] += 1
                    if kind == TIMEOUT:
                        # The work already sent goes on; nobody waits for it any more.
                        tasks.parent[tasks.child[who]] = -2
                        tasks.child[who] = -1
                        cause = program.code[tasks.pc[who], 2]
                        books.refused[cause] += 1
                    elif kind == PATIENCE:
                        queue = lines.queue[who]
                        leave(lines, who)
                        cause = pool_rules.cause[queue - fleets.of.shape[0], 1]
                        books.refused[cause] += 1
            else:
                sequence = events.counts[SEQUENCE]
                task = new_task(events, lines, tasks)
                key = mix(arrivals.seed[0] + np.uint64(sequence) * GOLDEN)
                tasks.key[task] = key
                tasks.parent[task] = -1
                tasks.start[task] = now
                u = uniform(key, _ROUTE_SALT)
                route = 0
                while u > arrivals.route_until[route] and route < arrivals.route_until.shape[0] - 1:
                    route += 1
                tasks.route[task] = route
                tasks.pc[task] = arrivals.route_pc[route]
                events.counts[SEQUENCE] += 1
                events.counts[IN_FLIGHT] += 1
                if events.counts[IN_FLIGHT] > events.counts[MOST_IN_FLIGHT]:
                    events.counts[MOST_IN_FLIGHT] = events.counts[IN_FLIGHT]
                if arrivals.measure[0] <= now < arrivals.measure[1]:
                    books.route_count[route, 0] += 1
                    books.window_count[route, window_of(arrivals, books, now), 0] += 1
                next_arrival(arrivals, events)

        # --- tasks run until they block
        while True:
            if task < 0:
                if events.counts[READY] == 0:
                    break
                if events.counts[FREE] < MARGIN or most_timers - events.counts[TIMERS] < MARGIN:
                    return 1
                events.counts[READY] -= 1
                task = events.ready[events.counts[READY]]
                cause = -1

            if cause >= 0:
                # A call with a time-out or retries fails in its caller's hands; anything else unwinds the whole task.
                at = tasks.pc[task]
                if program.code[at, 0] == CALL and tasks.attempt[task] > 0:
                    attempts = program.code[at, 3]
                    if tasks.attempt[task] < attempts:
                        backoff = program.number[at, 1] * 2.0 ** (tasks.attempt[task] - 1)
                        backoff = min(backoff, program.number[at, 2])
                        if program.code[at, 4] & 1:
                            backoff *= uniform(tasks.key[task], _RETRY_SALT + np.uint64(tasks.attempt[task]))
                        timer_push(events, now + backoff, task, tasks.stamp[task], RETRY)
                        task = -1
                        continue
                    tasks.attempt[task] = 0
                for k in range(tasks.held[task] - 1, -1, -1):
                    give_back(
                        pool_rules,
                        env_rules,
                        events,
                        inst,
                        lines,
                        pools,
                        envs,
                        tasks,
                        np.int64(tasks.hold[task, k]),
                        now,
                    )
                tasks.held[task] = 0
                parent = tasks.parent[task]
                if parent == -1:
                    lost(arrivals, events, tasks, books, task, cause)
                end_task(events, tasks, task)
                if parent >= 0:
                    tasks.stamp[parent] += 1
                    tasks.child[parent] = -1
                    task = parent
                else:
                    task = -1
                continue

            pc = tasks.pc[task]
            op = program.code[pc, 0]
            a = program.code[pc, 1]
            b = program.code[pc, 2]

            if op == WORK:
                i = tasks.reg[task, b] if b >= 0 else -1
                if i < 0:
                    i = choose(fleets, inst, a, tasks.key[task], program.salt[pc] + np.uint64(7))
                    if i < 0:
                        cause = fleets.cause[a, 1]
                        books.refused[cause] += 1
                        continue
                    inst.visits[i] += 1
                work = program.number[pc, 0] * from_table(
                    program.tables, program.code[pc, 3], uniform(tasks.key[task], program.salt[pc])
                )
                if work <= 0.0:
                    tasks.pc[task] = pc + 1
                    continue
                base = fleets.heap_base[i]
                servers = servers_of[a]
                shared = shared_of[a]
                progress(inst, i, servers, shared, now)
                n = inst.n[i]
                if n < fleets.heap_room[i]:
                    job_push(inst, base, n, inst.v[i] + work, task)
                    inst.n[i] = n + 1
                    schedule(events, inst, i, base, servers, shared, now)
                elif lines.len[i] < fleets.queue_limit[a]:
                    tasks.work[task] = work
                    join(lines, i, task)
                else:
                    cause = fleets.cause[a, 0]
                    books.refused[cause] += 1
                    continue
                tasks.pc[task] = pc + 1
                task = -1

            elif op == WAIT or op == BEGIN or op == FINISH or op == BRANCH:
                # Steps that touch nobody else need no event each: they are taken together, at the times they fall on.
                later = now
                while True:
                    if op == WAIT:
                        later += program.number[pc, 0] * from_table(
                            program.tables, program.code[pc, 3], uniform(tasks.key[task], program.salt[pc])
                        )
                        pc += 1
                    elif op == BEGIN:
                        tasks.mark[task, tasks.depth[task]] = later
                        tasks.depth[task] += 1
                        books.comp_own[program.code[pc, 1]] += 1
                        pc += 1
                    elif op == FINISH:
                        tasks.depth[task] -= 1
                        books.comp_time[program.code[pc, 1], 0] += 1.0
                        books.comp_time[program.code[pc, 1], 1] += later - tasks.mark[task, tasks.depth[task]]
                        pc += 1
                    elif op == BRANCH:
                        if uniform(tasks.key[task], program.salt[pc]) <= program.number[pc, 0]:
                            pc += 1
                        else:
                            pc = np.int32(program.code[pc, 3])
                    else:
                        break
                    op = program.code[pc, 0]
                tasks.pc[task] = pc
                if later > now:
                    timer_push(events, later, task, tasks.stamp[task], RESUME)
                    task = -1

            elif op == CHOOSE:
                i = choose(fleets, inst, a, tasks.key[task], program.salt[pc])
                if i < 0:
                    cause = fleets.cause[a, 1]
                    books.refused[cause] += 1
                    continue
                inst.out[i] += 1
                inst.visits[i] += 1
                tasks.reg[task, b] = i
                tasks.hold[task, tasks.held[task]] = (HELD_INSTANCE << KIND_SHIFT) | i
                tasks.held[task] += 1
                tasks.pc[task] = pc + 1

            elif op == HOLD:
                p = a if b < 0 else a + tasks.reg[task, b] - program.code[pc, 3]
                tasks.pc[task] = pc + 1
                if pools.use[p] < pools.capacity[p]:
                    pool_account(pools, p, now)
                    pools.use[p] += 1
                    if pools.use[p] > pools.most[p]:
                        pools.most[p] = pools.use[p]
                    tasks.hold[task, tasks.held[task]] = (HELD_POOL << KIND_SHIFT) | p
                    tasks.held[task] += 1
                elif lines.len[pool_rules.queue[p]] < pool_rules.queue_limit[p]:
                    join(lines, np.int64(pool_rules.queue[p]), task)
                    if pool_rules.patience_s[p] < math.inf:
                        timer_push(events, now + pool_rules.patience_s[p], task, tasks.stamp[task], PATIENCE)
                    task = -1
                else:
                    cause = pool_rules.cause[p, 0]
                    books.refused[cause] += 1

            elif op == RELEASE:
                p = a if b < 0 else a + tasks.reg[task, b] - program.code[pc, 3]
                held = (HELD_POOL << KIND_SHIFT) | p
                drop(tasks, task, held)
                tasks.pc[task] = pc + 1
                give_back(pool_rules, env_rules, events, inst, lines, pools, envs, tasks, held, now)

            elif op == LEAVE:
                held = (HELD_INSTANCE << KIND_SHIFT) | tasks.reg[task, b]
                drop(tasks, task, held)
                tasks.pc[task] = pc + 1
                give_back(pool_rules, env_rules, events, inst, lines, pools, envs, tasks, held, now)

            elif op == TAKE:
                amount = program.number[pc, 0]
                level = buckets.level[a] + buckets.rate[a] * (now - buckets.t[a])
                level = min(level, buckets.capacity[a]) - amount
                buckets.t[a] = now
                tasks.pc[task] = pc + 1
                if level >= 0.0:
                    buckets.level[a] = level
                    buckets.taken[a] += amount
                elif bucket_rules.rejects[a] == 1:
                    buckets.level[a] = level + amount
                    buckets.refused[a] += amount
                    cause = bucket_rules.cause[a]
                    books.refused[cause] += 1
                else:
                    buckets.level[a] = level
                    buckets.taken[a] += amount
                    timer_push(events, now - level / buckets.rate[a], task, tasks.stamp[task], RESUME)
                    task = -1

            elif op == LOOKUP:
                caches.counts[a, 0] += 1
                u = uniform(tasks.key[task], program.salt[pc])
                if cache_rules.fixed[a] >= 0.0:
                    hit = u <= cache_rules.fixed[a]
                else:
                    objects = cache_rules.objects[a]
                    place = u * objects
                    object_key = min(np.int64(place), objects - 1)
                    if place - object_key > cache_rules.alias_share[cache_rules.alias_base[a] + object_key]:
                        object_key = np.int64(cache_rules.alias_other[cache_rules.alias_base[a] + object_key])
                    tasks.reg[task, b] = object_key
                    hit = lru_touch(caches, cache_rules.base[a], objects, object_key, now, cache_rules.ttl_s[a], a)
                if hit:
                    caches.counts[a, 1] += 1
                    tasks.pc[task] = program.code[pc, 3]
                else:
                    tasks.pc[task] = pc + 1

            elif op == FILL:
                if cache_rules.fixed[a] < 0.0:
                    lru_fill(
                        caches,
                        cache_rules.base[a],
                        cache_rules.objects[a],
                        tasks.reg[task, b],
                        now,
                        cache_rules.capacity[a],
                        a,
                    )
                tasks.pc[task] = pc + 1

            elif op == LEASE:
                tasks.pc[task] = pc + 1
                envs.counts[a, 0] += 1
                if envs.use[a, 0] >= envs.limit[a]:
                    envs.counts[a, 2] += 1
                    cause = env_rules.cause[a]
                    books.refused[cause] += 1
                    continue
                held = HELD_ENVIRONMENT << KIND_SHIFT
                cold = False
                if envs.use[a, 1] < envs.provisioned[a]:
                    held = HELD_PROVISIONED << KIND_SHIFT
                else:
                    if envs.provisioned[a] > 0:
                        envs.counts[a, 3] += 1
                    warm = envs.warm_n[a]
                    if warm > 0 and now - envs.warm[env_rules.base[a] + warm - 1] <= env_rules.keep_alive_s[a]:
                        envs.warm_n[a] = warm - 1
                    else:
                        # The newest idle environment is too old, so all are.
                        envs.warm_n[a] = 0
                        level = envs.level[a] + env_rules.scale[a, 0] * (now - envs.t[a, 0])
                        level = min(level, env_rules.scale[a, 1])
                        envs.t[a, 0] = now
                        envs.level[a] = level
                        if level < 1.0:
                            envs.counts[a, 2] += 1
                            cause = env_rules.cause[a]
                            books.refused[cause] += 1
                            continue
                        envs.level[a] = level - 1.0
                        envs.counts[a, 1] += 1
                        cold = True
                envs.integral[a] += envs.use[a, 0] * (now - envs.t[a, 1])
                envs.t[a, 1] = now
                envs.use[a, 0] += 1
                if held >> KIND_SHIFT == HELD_PROVISIONED:
                    envs.use[a, 1] += 1
                if envs.use[a, 0] > envs.use[a, 2]:
                    envs.use[a, 2] = envs.use[a, 0]
                tasks.hold[task, tasks.held[task]] = held | a
                tasks.held[task] += 1
                if cold:
                    time = env_rules.cold[a, 0] * from_table(
                        program.tables, np.int32(env_rules.cold[a, 1]), uniform(tasks.key[task], program.salt[pc])
                    )
                    timer_push(events, now + time, task, tasks.stamp[task], RESUME)
                    task = -1

            elif op == RETURN:
                held = (HELD_ENVIRONMENT << KIND_SHIFT) | a
                provisioned = (HELD_PROVISIONED << KIND_SHIFT) | a
                k = tasks.held[task] - 1
                while k >= 0 and tasks.hold[task, k] != held and tasks.hold[task, k] != provisioned:
                    k -= 1
                if k >= 0:
                    held = np.int64(tasks.hold[task, k])
                    drop(tasks, task, held)
                    give_back(pool_rules, env_rules, events, inst, lines, pools, envs, tasks, held, now)
                tasks.pc[task] = pc + 1

            elif op == CALL:
                if events.counts[FREE] < MARGIN or most_timers - events.counts[TIMERS] < MARGIN:
                    # Calls that take no time, made in a loop, would outrun the margin within one event.
                    events.ready[events.counts[READY]] = task
                    events.counts[READY] += 1
                    return 1
                attempt = tasks.attempt[task] + 1
                tasks.attempt[task] = attempt
                child = new_task(events, lines, tasks)
                tasks.child[task] = child
                tasks.parent[child] = task
                tasks.pc[child] = pc + 1
                tasks.route[child] = tasks.route[task]
                tasks.start[child] = tasks.start[task]
                tasks.key[child] = tasks.key[task] if attempt == 1 else mix(tasks.key[task] + np.uint64(attempt))
                for k in range(REGISTERS):
                    tasks.reg[child, k] = tasks.reg[task, k]
                if program.number[pc, 0] < math.inf:
                    timer_push(events, now + program.number[pc, 0], task, tasks.stamp[task], TIMEOUT)
                task = child

            elif op == END:
                parent = tasks.parent[task]
                if parent == -1:
                    answered(arrivals, events, tasks, books, task, now)
                end_task(events, tasks, task)
                if parent >= 0:
                    tasks.stamp[parent] += 1
                    tasks.child[parent] = -1
                    tasks.attempt[parent] = 0
                    tasks.pc[parent] = program.code[tasks.pc[parent], 1]
                    task = parent
                else:
                    task = -1

            elif op == SET:
                tasks.reg[task, b] = a
                tasks.pc[task] = pc + 1

            elif op == LOOP:
                tasks.reg[task, b] -= 1
                if tasks.reg[task, b] > 0:
                    # Each round is another piece of luck.
                    tasks.key[task] = mix(tasks.key[task] + np.uint64(1))
                    tasks.pc[task] = program.code[pc, 3]
                else:
                    tasks.pc[task] = pc + 1
