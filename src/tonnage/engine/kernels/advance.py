"""The event loop: every request, one event at a time, in order.

Completions and timed lines stand in one slot each under a tournament; waits and retries in a heap; the next arrival
apart. A task that an event wakes runs its program until it has to wait for something.
"""

import math

import numpy as np

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import arrive, next_arrival, thinking_s
from tonnage.engine.kernels.caches import fill, touch
from tonnage.engine.kernels.calls import admits, backoff, learnt, may_retry, refund
from tonnage.engine.kernels.draws import from_table, mix, uniform
from tonnage.engine.kernels.event_set import first_slot, job_pop, job_push, slot_changed, timer_pop, timer_push
from tonnage.engine.kernels.holding import drop, environments_account, give_back, pool_account, take
from tonnage.engine.kernels.instances import choose, outstanding_changed, progress, schedule
from tonnage.engine.kernels.lines import join, leave, too_old
from tonnage.engine.kernels.messages import put_back, receive
from tonnage.engine.kernels.state import (
    BEGIN,
    BRANCH,
    CALL,
    CHOOSE,
    CLIENT,
    END,
    FILL,
    FINISH,
    FORK,
    GIVEN_UP,
    HEDGE,
    HELD_ENVIRONMENT,
    HELD_INSTANCE,
    HELD_POOL,
    HELD_PROVISIONED,
    HOLD,
    KIND_SHIFT,
    LEASE,
    LEAVE,
    LOOKUP,
    MARGIN,
    MOST_AT_ONCE,
    NATURAL,
    NOBODY,
    PATIENCE,
    RELEASE,
    RESUME,
    RETRY,
    RETURN,
    RETURNED,
    SEND,
    SET,
    SPAWN,
    TAKE,
    VISIBLE,
    WAIT,
    WORK,
    Constants,
    State,
)
from tonnage.engine.kernels.tasks import answered, begun, child_of, end_task, lost, make_ready, new_task

_HEDGE_SALT = np.uint64(0x4ED6)
_PATIENCE_SALT = np.uint64(0xFA71)
_SHARD_SALT = np.uint64(0x54A2)


@kernel
def advance(c: Constants, s: State, until: float) -> int:
    """Run all events up to and including ``until``.

    Args:
        c: What does not change.
        s: The state, changed in place.
        until: Time to reach, s.

    Returns:
        A :class:`Status`: 0 when ``until`` was reached; 1 when the caller must make room for tasks and timers and call
        again; 2 when time stands still.
    """
    code = c.code
    calls = c.calls
    tables = c.tables
    clock = s.clock
    slot_time = s.slot_time
    tree = s.tree
    timers = s.timers
    tasks = s.tasks
    free = s.free
    ready = s.ready
    jobs = s.jobs
    books = s.books
    things = s.things
    fleets = things.fleets
    instances = things.instances
    active = things.active
    levels = things.levels
    lines = things.lines
    pools = things.pools
    shards = things.shards
    me = clock[0]
    n_instances = me.instances
    first_shard = n_instances + me.pools
    first_call = first_shard + me.shards
    most_timers = timers.shape[0]
    while True:
        if me.free < MARGIN or most_timers - me.timers < MARGIN:
            return 1
        task = -1
        cause = -1
        timed_out = False
        now = me.now
        # Tasks are ready before an event only where the last call came back in the middle of one.
        if me.ready == 0:
            slot = first_slot(tree) & NATURAL
            now = slot_time[slot]
            what = 0
            if me.timers > 0 and timers[0].time < now:
                now = timers[0].time
                what = 1
            if me.next_arrival < now:
                now = me.next_arrival
                what = 2
            if now > until:
                me.now = until
                return 0
            if now > me.now:
                me.now = now
                me.at_once = 0
            else:
                now = me.now
                me.at_once += 1
                if me.at_once > MOST_AT_ONCE:
                    return 2
            me.events += 1

            # --- the event itself: who goes on?
            if what == 0:
                if slot < n_instances:
                    station = instances[slot]
                    progress(station, now)
                    base = station.base
                    task = int(jobs[base].task)
                    job_pop(jobs, base, station.n)
                    station.n -= 1
                    while lines[slot].len > 0:
                        waiting = int(lines[slot].head)
                        old = too_old(lines[slot], tasks[waiting].since, now)
                        leave(lines, tasks, waiting)
                        if old or tasks[waiting].give_up < now:
                            tasks[waiting].doom = lines[slot].old if old else GIVEN_UP
                            books.refused[tasks[waiting].doom] += 1
                            make_ready(me, ready, waiting)
                            continue
                        job_push(jobs, base, station.n, station.v + tasks[waiting].work, waiting)
                        station.n += 1
                        break
                    if station.n == 0:
                        station.v = 0.0
                    schedule(station, jobs, slot_time, tree, slot, now)
                elif first_shard <= slot < first_call:
                    k = slot - first_shard
                    receive(me, slot_time, tree, timers, tasks, free, ready, lines, shards, k, now)
                else:
                    # A timed line: the first in it is the first to lose patience.
                    patience_s = math.inf
                    if slot < first_shard:
                        patience_s = pools[slot - n_instances].patience_s
                        cause = pools[slot - n_instances].impatient
                    else:
                        patience_s = calls[slot - first_call].timeout_s
                        cause = calls[slot - first_call].cause
                        timed_out = True
                    if lines[slot].len > 0 and tasks[lines[slot].head].since + patience_s <= now:
                        task = lines[slot].head
                        leave(lines, tasks, task)
                        tasks[task].stamp += 1
                        books.refused[cause] += 1
                    else:
                        cause = -1
                    slot_time[slot] = math.inf
                    if lines[slot].len > 0:
                        slot_time[slot] = tasks[lines[slot].head].since + patience_s
                    slot_changed(slot_time, tree, slot)
            elif what == 1:
                who = int(timers[0].task)
                stamp = timers[0].stamp
                kind = timers[0].kind
                timer_pop(me, timers)
                t = tasks[who]
                if kind == VISIBLE:
                    if stamp == t.ticket:
                        t.ticket = 0
                        put_back(me, timers, tasks, ready, lines, shards, books.refused, who, now, now)
                        k = int(t.shard)
                        receive(me, slot_time, tree, timers, tasks, free, ready, lines, shards, k, now)
                elif stamp == t.stamp:
                    if kind == HEDGE:
                        task = child_of(me, tasks, free, who, t.pc + 1)
                        tasks[task].key = mix(t.key + _HEDGE_SALT)
                        t.waiting += 1
                    elif kind == RETURNED:
                        k = int(t.shard)
                        join(lines, tasks, first_shard + k, who, now)
                        receive(me, slot_time, tree, timers, tasks, free, ready, lines, shards, k, now)
                    else:
                        task = who
                        t.stamp += 1
                        if kind == PATIENCE:
                            p = t.line - n_instances
                            leave(lines, tasks, who)
                            cause = pools[p].impatient
                            books.refused[cause] += 1
                        elif kind == CLIENT:
                            arrive(me, t, books, c.route_pc, c.route_until, now)
            else:
                task = new_task(me, tasks, free)
                arrive(me, tasks[task], books, c.route_pc, c.route_until, now)
                next_arrival(me, c.rates)
            if task >= 0 and tasks[task].doom >= 0:
                cause = tasks[task].doom
                tasks[task].doom = -1

        # --- run the program of everybody who can go on
        while True:
            if task < 0:
                if me.ready == 0:
                    break
                if me.free < MARGIN or most_timers - me.timers < MARGIN:
                    return 1
                me.ready -= 1
                task = int(ready[me.ready])
                cause = tasks[task].doom
                tasks[task].doom = -1
                timed_out = False
            t = tasks[task & NATURAL]
            pc = t.pc & NATURAL
            step = code[pc]
            op = step.op

            if cause >= 0 or op == END:
                # A call with a time-out or retries fails in its caller's hands; anything else unwinds the whole task.
                if cause >= 0 and op == CALL and t.attempt > 0:
                    rule = int(step.c)
                    call = calls[rule]
                    learnt(things.breakers, things.outcomes, call.breaker, 1, now)
                    if t.attempt < call.attempts and t.doom < 0 and t.give_up >= now:
                        if may_retry(things.budgets, call.budget, timed_out, now):
                            wait = backoff(call, t)
                            timer_push(me, timers, now + wait, task, t.stamp, RETRY)
                            task = -1
                            cause = -1
                            continue
                    t.attempt = 0
                for k in range(t.held - 1, -1, -1):
                    give_back(me, tasks, ready, things, books.refused, int(t.hold[k]), now)
                t.held = 0
                parent = int(t.parent)
                if parent >= 0:
                    above = tasks[parent]
                    stale = t.ticket != above.stamp
                    end_task(me, tasks, free, task)
                    task = -1
                    if stale:
                        cause = -1
                        continue
                    above.waiting -= 1
                    rule_op = code[above.pc].op
                    if above.waiting > 0 and (cause < 0) == (rule_op == FORK):
                        # Branches are still under way, or the second copy of a hedged call.
                        cause = -1
                        continue
                    above.stamp += 1
                    task = parent
                    if rule_op == CALL:
                        rule = int(code[above.pc].c)
                        if above.line >= 0:
                            leave(lines, tasks, parent)
                        if cause < 0:
                            learnt(things.breakers, things.outcomes, calls[rule].breaker, 0, now)
                            refund(things.budgets, calls[rule].budget, above.attempt)
                            above.attempt = 0
                    if cause < 0:
                        above.pc = code[above.pc].a
                        cause = above.doom
                        above.doom = -1
                    timed_out = False
                    continue
                if parent == -1:
                    if cause >= 0:
                        lost(me, t, books, cause)
                    else:
                        answered(me, c.deadline_s, t, books, now)
                    if t.shard >= 0:
                        shards[t.shard].dropped += 1
                elif t.shard >= 0:
                    k = int(t.shard)
                    shard = shards[k]
                    if cause >= 0:
                        t.ticket = 0
                        again_at = t.start + shard.visibility_s
                        put_back(me, timers, tasks, ready, lines, shards, books.refused, task, again_at, now)
                        if shard.ordered == 1:
                            shard.paused_until = now + shard.retry_s
                    else:
                        message = int(t.chain)
                        while message >= 0:
                            following = int(tasks[message].chain)
                            answered(me, c.deadline_s, tasks[message], books, now)
                            end_task(me, tasks, free, message)
                            shard.flying -= 1
                            shard.processed += 1
                            message = following
                    t.ticket = 0
                    shard.use -= 1
                    receive(me, slot_time, tree, timers, tasks, free, ready, lines, shards, k, now)
                client = parent == -1 and t.shard < 0 and me.clients > 0
                end_task(me, tasks, free, task)
                if client:
                    task = new_task(me, tasks, free)
                    timer_push(me, timers, now + thinking_s(me, tables), task, tasks[task].stamp, CLIENT)
                task = -1
                cause = -1
                continue

            a = int(step.a)
            b = int(step.b)

            if op == WORK:
                i = int(t.reg[b]) if b >= 0 else -1
                if i < 0:
                    luck = step.salt + np.uint64(7)
                    i = int(choose(fleets, instances, active, levels, a, t.key, luck, now))
                    if i < 0:
                        cause = fleets[a].none
                        books.refused[cause] += 1
                        continue
                    instances[i].visits += 1
                work = step.x * from_table(tables, step.c, uniform(t.key, step.salt))
                t.pc = pc + 1
                if work <= 0.0:
                    continue
                i &= NATURAL
                at = instances[i]
                if at.dead == 1 or t.give_up < now:
                    cause = fleets[a].dead if at.dead == 1 else GIVEN_UP
                    books.refused[cause] += 1
                    continue
                progress(at, now)
                n = at.n
                if n < at.room:
                    job_push(jobs, at.base, n, at.v + work, task)
                    at.n = n + 1
                    # Behind another job of a FIFO instance nothing changes about the next completion.
                    if at.shared == 1 or jobs[at.base].task == task:
                        schedule(at, jobs, slot_time, tree, i, now)
                elif lines[i].len < lines[i].limit:
                    t.work = work
                    join(lines, tasks, i, task, now)
                else:
                    cause = lines[i].full
                    books.refused[cause] += 1
                    continue
                task = -1

            elif op == WAIT or op == BEGIN or op == FINISH or op == BRANCH:
                # Steps that touch nobody else need no event each: they are taken together, at the times they fall on.
                later = now
                while True:
                    if op == WAIT:
                        later += step.x * from_table(tables, step.c, uniform(t.key, step.salt))
                        pc += 1
                    elif op == BEGIN:
                        component = step.a
                        t.mark[t.depth] = later
                        t.depth += 1
                        books.comp_own[component] += 1
                        fault = things.faults[component]
                        later += fault.delay_s
                        pc += 1
                        if fault.errors > 0.0 and uniform(t.key, step.salt) <= fault.errors:
                            t.doom = fault.cause
                            books.refused[fault.cause] += 1
                            break
                    elif op == FINISH:
                        t.depth -= 1
                        component = step.a
                        books.comp_time[component, 0] += 1.0
                        books.comp_time[component, 1] += later - t.mark[t.depth]
                        pc += 1
                    elif op == BRANCH:
                        if uniform(t.key, step.salt) <= step.x:
                            pc += 1
                        else:
                            pc = np.int32(step.c)
                    else:
                        break
                    step = code[pc & NATURAL]
                    op = step.op
                t.pc = pc
                if later > now:
                    timer_push(me, timers, later, task, t.stamp, RESUME)
                    task = -1
                elif t.doom >= 0:
                    cause = t.doom
                    t.doom = -1

            elif op == CHOOSE:
                i = int(choose(fleets, instances, active, levels, a, t.key, step.salt, now))
                cause = -1
                if i < 0:
                    cause = fleets[a].none
                elif instances[i].dead == 1:
                    cause = fleets[a].dead
                elif t.give_up < now:
                    cause = GIVEN_UP
                if cause >= 0:
                    books.refused[cause] += 1
                    continue
                outstanding_changed(fleets, instances, levels, i, 1)
                instances[i].visits += 1
                t.reg[b] = i
                take(t, HELD_INSTANCE, i)
                t.pc = pc + 1

            elif op == HOLD:
                p = a if b < 0 else a + t.reg[b] - step.c
                pool = pools[p]
                line = n_instances + p
                t.pc = pc + 1
                if t.give_up < now:
                    cause = GIVEN_UP
                    books.refused[cause] += 1
                elif pool.use < pool.capacity:
                    pool_account(pool, now)
                    pool.use += 1
                    take(t, HELD_POOL, p)
                elif lines[line].len < lines[line].limit:
                    join(lines, tasks, line, task, now)
                    if pool.patience_s < math.inf:
                        if pool.memoryless == 1:
                            patience_s = -pool.patience_s * math.log(uniform(t.key, step.salt + _PATIENCE_SALT))
                            timer_push(me, timers, now + patience_s, task, t.stamp, PATIENCE)
                        elif slot_time[line] == math.inf:
                            slot_time[line] = now + pool.patience_s
                            slot_changed(slot_time, tree, line)
                    task = -1
                else:
                    cause = lines[line].full
                    books.refused[cause] += 1

            elif op == RELEASE or op == LEAVE or op == RETURN:
                if op == RELEASE:
                    p = a if b < 0 else a + t.reg[b] - step.c
                    held = (HELD_POOL << KIND_SHIFT) | p
                elif op == LEAVE:
                    held = int((HELD_INSTANCE << KIND_SHIFT) | t.reg[b])
                else:
                    held = (HELD_ENVIRONMENT << KIND_SHIFT) | a
                    for k in range(t.held):
                        if t.hold[k] == (HELD_PROVISIONED << KIND_SHIFT) | a:
                            held = (HELD_PROVISIONED << KIND_SHIFT) | a
                drop(t, held)
                t.pc = pc + 1
                give_back(me, tasks, ready, things, books.refused, held, now)

            elif op == TAKE:
                amount = step.x
                bucket = things.buckets[a]
                level = min(bucket.level + bucket.rate * (now - bucket.t), bucket.capacity) - amount
                bucket.t = now
                t.pc = pc + 1
                if level >= 0.0:
                    bucket.level = level
                    bucket.taken += amount
                elif bucket.rejects == 1:
                    bucket.level = level + amount
                    bucket.refused += amount
                    cause = bucket.cause
                    books.refused[cause] += 1
                else:
                    bucket.level = level
                    bucket.taken += amount
                    timer_push(me, timers, now - level / bucket.rate, task, t.stamp, RESUME)
                    task = -1

            elif op == LOOKUP:
                cache = things.caches[a]
                cache.lookups += 1
                u = uniform(t.key, step.salt)
                if cache.fixed >= 0.0:
                    hit = u <= cache.fixed
                else:
                    object_key = 0
                    if cache.trace_len > 0:
                        object_key = int(c.trace[cache.trace_base + cache.trace_at])
                        cache.trace_at = cache.trace_at + 1 if cache.trace_at + 1 < cache.trace_len else 0
                    else:
                        place = u * cache.objects
                        object_key = min(int(place), int(cache.objects - 1))
                        alias = c.aliases[cache.alias_base + object_key]
                        if place - object_key > alias.share:
                            object_key = int(alias.other)
                    t.reg[b] = object_key
                    hit = touch(things.caches, things.links, a, object_key, now)
                if hit:
                    cache.hits += 1
                    t.pc = step.c
                else:
                    t.pc = pc + 1

            elif op == FILL:
                if things.caches[a].fixed < 0.0:
                    fill(things.caches, things.links, a, int(t.reg[b]), now)
                t.pc = pc + 1

            elif op == LEASE:
                env = things.environments[a]
                t.pc = pc + 1
                if t.give_up < now:
                    cause = GIVEN_UP
                    books.refused[cause] += 1
                    continue
                env.leases += 1
                kind = HELD_ENVIRONMENT
                cold = False
                cause = -1
                if env.use >= env.limit:
                    cause = env.cause
                elif env.use_provisioned < env.provisioned:
                    kind = HELD_PROVISIONED
                elif things.environments[env.sharer].claimed >= things.environments[env.sharer].shared_limit:
                    cause = env.cause
                else:
                    if env.provisioned > 0:
                        env.spilled += 1
                    warm = env.warm_n
                    if warm > 0 and now - things.warm[env.base + warm - 1] <= env.keep_alive_s:
                        env.warm_n = warm - 1
                    else:
                        # The newest idle environment is too old, so all are.
                        env.warm_n = 0
                        env.level = min(env.level + env.scale_per_s * (now - env.t), env.scale_burst)
                        env.t = now
                        if env.level < 1.0:
                            cause = env.cause
                        else:
                            env.level -= 1.0
                            env.colds += 1
                            cold = True
                if cause >= 0:
                    env.throttled += 1
                    books.refused[cause] += 1
                    continue
                environments_account(env, now)
                env.use += 1
                if kind == HELD_PROVISIONED:
                    env.use_provisioned += 1
                else:
                    things.environments[env.sharer].claimed += 1
                take(t, kind, a)
                if cold:
                    cold_s = env.cold_s * from_table(tables, env.cold_table, uniform(t.key, step.salt))
                    timer_push(me, timers, now + cold_s, task, t.stamp, RESUME)
                    task = -1

            elif op == CALL:
                if me.free < MARGIN or most_timers - me.timers < MARGIN:
                    # Calls that take no time, made in a loop, would outrun the margin within one event.
                    make_ready(me, ready, task)
                    return 1
                rule = int(step.c)
                call = calls[rule]
                if not admits(things.breakers, call.breaker, now):
                    cause = things.breakers[call.breaker].cause
                    books.refused[cause] += 1
                    t.attempt = 0
                    continue
                t.attempt += 1
                if t.attempt == 1:
                    t.backoff_s = 0.0
                child = int(child_of(me, tasks, free, task, pc + 1))
                below = tasks[child]
                if t.attempt > 1:
                    below.key = mix(t.key + np.uint64(t.attempt))
                t.waiting = 1
                if call.timeout_s < math.inf:
                    if call.deadline == 1:
                        below.give_up = min(below.give_up, now + call.timeout_s)
                    line = first_call + rule
                    join(lines, tasks, line, task, now)
                    if slot_time[line] == math.inf:
                        slot_time[line] = now + call.timeout_s
                        slot_changed(slot_time, tree, line)
                if call.hedge_s < math.inf:
                    timer_push(me, timers, now + call.hedge_s, task, t.stamp, HEDGE)
                task = child

            elif op == FORK:
                count = int(step.c)
                if me.free < MARGIN + count:
                    make_ready(me, ready, task)
                    return 1
                t.waiting = count
                for k in range(count):
                    child = int(child_of(me, tasks, free, task, code[pc + 1 + k].a))
                    make_ready(me, ready, child)
                task = -1

            elif op == SPAWN:
                if me.free < MARGIN:
                    make_ready(me, ready, task)
                    return 1
                child = int(child_of(me, tasks, free, task, pc + 1))
                tasks[child].parent = NOBODY
                make_ready(me, ready, child)
                t.pc = np.int32(a)

            elif op == SEND:
                if me.free < MARGIN:
                    make_ready(me, ready, task)
                    return 1
                message = int(new_task(me, tasks, free))
                m = tasks[message]
                m.key = mix(t.key + step.salt)
                k = a + int(uniform(m.key, _SHARD_SALT) * 0.9999999 * step.c)
                shards[k].sent += 1
                m.start = now
                m.parent = -1
                m.shard = k
                m.route = shards[k].route
                if m.route >= 0:
                    begun(me, m, books)
                    join(lines, tasks, first_shard + k, message, now)
                    receive(me, slot_time, tree, timers, tasks, free, ready, lines, shards, k, now)
                else:
                    end_task(me, tasks, free, message)
                t.pc = pc + 1

            elif op == SET:
                t.reg[b] = a if a >= 0 else t.batch
                t.pc = pc + 1

            else:
                t.reg[b] -= 1
                if t.reg[b] > 0:
                    # Each round is another piece of luck.
                    t.key = mix(t.key + np.uint64(1))
                    t.pc = step.c
                    me.at_once += 1
                    if me.at_once > MOST_AT_ONCE:
                        make_ready(me, ready, task)
                        return 2
                else:
                    t.pc = pc + 1
