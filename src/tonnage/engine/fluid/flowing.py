"""One pass through all programs: what every queue is offered, how long each visit takes, what fails.

Means and variances only; the share of tries that fail comes from the pass before, so that retries settle within a few
steps. Where a queue's line grows (``ratio`` below 1) less flows on, and where it is worked off more.
"""

import math

from tonnage.engine.compiled import inlined
from tonnage.engine.fluid.layout import Code, Kind, Op, Queues
from tonnage.engine.fluid.state import Flows, Levels, Stack

_WAIT, _WORK, _HOLD, _RELEASE, _TAKE = int(Op.WAIT), int(Op.WORK), int(Op.HOLD), int(Op.RELEASE), int(Op.TAKE)
_BEGIN, _END, _MISS, _FILLED = int(Op.BEGIN), int(Op.END), int(Op.MISS), int(Op.FILLED)
_FORK, _JOIN, _SEND = int(Op.FORK), int(Op.JOIN), int(Op.SEND)
_SHARING, _DELAY, _ENVIRONMENTS = int(Kind.SHARING), int(Kind.DELAY), int(Kind.ENVIRONMENTS)


@inlined
def beyond(mean_s: float, variance: float, limit_s: float) -> float:
    """Share of a time of that mean and variance beyond a limit, by Weibull's distribution: exact if exponential."""
    if not limit_s < math.inf or mean_s <= 0.0:
        return 0.0
    if variance <= 1e-6 * mean_s * mean_s:
        return 1.0 if mean_s > limit_s else 0.0
    # The shape by the variation, to 1 % up to 4 (Justus et al. 1978).
    shape = (variance / (mean_s * mean_s)) ** (-1.086 / 2.0)
    return math.exp(-min((limit_s / mean_s * math.gamma(1.0 + 1.0 / shape)) ** shape, 700.0))


@inlined
def beyond_offset(wait: float, variance: float, delayed: float, offset: float) -> float:
    """Mean of what a wait exceeds an offset by: exponential while it is as uneven as that, even in overload."""
    if offset <= 0.0 or wait <= 0.0:
        return wait
    if variance >= wait * wait:
        return wait * math.exp(-offset * delayed / wait)
    return max(wait - offset, 0.0)


@inlined
def flow_through(code: Code, rules: Queues, levels: Levels, flows: Flows, stack: Stack, offered_per_s: float) -> None:
    """Book what one second of the offered rate asks of everything.

    Args:
        code: The programs.
        rules: The queues.
        levels: Their waits now.
        flows: Is filled in.
        stack: Room to work in.
        offered_per_s: Requests per second, all routes together.
    """
    queues = rules.kind.shape[0]
    for q in range(queues):
        flows.visits[q] = flows.takes[q] = flows.work[q] = flows.held[q] = flows.admitted[q] = 0.0
    for v in range(flows.called.shape[0]):
        flows.called[v] = 0.0
    for r in range(code.share.shape[0]):
        for k in range(flows.lost.shape[0]):
            flows.lost[k, r] = 0.0
        rate = offered_per_s * code.share[r]
        if code.feeds[r] >= 0:
            rate = flows.feed[code.feeds[r]]
            flows.feed[code.feeds[r]] = 0.0
        flows.route[r, 0] = rate
        flow, success, time, variance, final = rate, 1.0, 0.0, 0.0, 1.0
        depth = held = 0
        pc = code.route_pc[r]
        stack.at[0, 3] = 0
        while True:
            op, a = code.op[pc, 0], code.op[pc, 1]
            if op == _WAIT:
                mean = code.number[pc, 0]
                time += mean
                variance += (mean * code.number[pc, 1]) ** 2
            elif op in (_WORK, _HOLD, _TAKE):
                amount = code.number[pc, 0] if op == _TAKE else 1.0
                flows.visits[a] += flow * amount
                flows.takes[a] += flow
                refused = levels.refused[a]
                if refused > 0.0:
                    flows.lost[a, r] += flow * refused * final
                    success *= 1.0 - refused
                    flow *= 1.0 - refused
                flow *= levels.ratio[a]
                if op == _WORK:
                    work = code.number[pc, 0]
                    flows.work[a] += flow / max(levels.ratio[a] * (1.0 - refused), 1e-12) * work
                    own = work / levels.speed[a]
                    spread = (own * code.number[pc, 1]) ** 2
                    if rules.kind[a] == _SHARING:
                        server = max(levels.server_s[a], 1e-12)
                        slow = 1.0 + levels.wait[a] / server
                        time += own * slow
                        variance += spread * slow * slow + (own * own + spread) * levels.variance[a] / (server * server)
                    else:
                        time += levels.wait[a] + own
                        variance += levels.variance[a] + spread
                elif op == _HOLD:
                    time += levels.wait[a]
                    variance += levels.variance[a]
                    stack.hold[held, 0], stack.hold[held, 1], stack.hold[held, 2] = a, time, flow
                    held += 1
                    if rules.kind[a] == _ENVIRONMENTS:
                        time += levels.cold[a] * rules.cold_s[a, 0]
                elif rules.kind[a] == _DELAY:
                    time += beyond_offset(levels.wait[a], levels.variance[a], levels.delayed[a], rules.offset_s[a])
                    variance += levels.variance[a] if levels.wait[a] > rules.offset_s[a] else 0.0
            elif op == _RELEASE:
                k = held - 1
                while k > 0 and stack.hold[k, 0] != a:
                    k -= 1
                flows.held[a] += stack.hold[k, 2] * (time - stack.hold[k, 1])
                flows.admitted[a] += stack.hold[k, 2]
                for j in range(k, held - 1):
                    for i in range(3):
                        stack.hold[j, i] = stack.hold[j + 1, i]
                held -= 1
            elif op in (_BEGIN, _MISS):
                kept = stack.kept[depth]
                kept[0], kept[1], kept[2], kept[3], kept[4] = flow, success, time, variance, final
                stack.at[depth, 0] = pc
                depth += 1
                stack.at[depth, 3] = 0
                success, time, variance = 1.0, 0.0, 0.0
                flow *= code.number[pc, 0]
                if op == _BEGIN:
                    flow *= code.number[pc, 1]
                    fails, attempts = flows.fails[a], code.number[pc, 3]
                    if attempts > 1.0 and fails > 0.0:
                        last = fails ** (attempts - 1.0)
                        flow *= (1.0 - last * fails) / (1.0 - fails) if fails < 1.0 else attempts
                        final *= last
                    flows.called[a] += flow
                kept[5] = flow
            elif op in (_END, _FILLED):
                if op == _END and a < 0:
                    break
                depth -= 1
                kept = stack.kept[depth]
                begin = stack.at[depth, 0]
                onward = flow / max(kept[5] * success, 1e-300) if kept[5] > 0.0 else 1.0
                probability, times, answered, total, waits = code.number[begin, 0], 1.0, success, time, True
                if op == _END:
                    times, waits = code.number[begin, 1], code.flag[begin, 0] == 1
                    timeout, attempts = code.number[begin, 2], code.number[begin, 3]
                    late = beyond(time, variance, timeout)
                    flows.time_s[a, 0], flows.time_s[a, 1] = time, variance
                    flows.lost[queues + a, r] += kept[5] * success * late * final
                    fails = 1.0 - success * (1.0 - late)
                    flows.fails[a] = fails
                    total = min(time, timeout * late + time * (1.0 - late)) if late > 0.0 else time
                    one = total
                    answered, chance, backoff = 1.0 - fails, fails, code.number[begin, 4]
                    for _ in range(1, attempts):
                        # A drawn backoff is half of its limit on average.
                        pause = min(backoff, code.number[begin, 5]) * (0.5 if code.flag[begin, 1] == 1 else 1.0)
                        total += chance * (pause + one)
                        answered += chance * (1.0 - fails)
                        chance *= fails
                        backoff *= 2.0
                if not waits:
                    answered, onward, total, variance = 1.0, 1.0, 0.0, 0.0
                reached = (1.0 - probability * (1.0 - answered)) ** times
                flow = kept[0] * reached * (1.0 + probability * (onward - 1.0))
                success = kept[1] * reached
                time, final = kept[2], kept[4]
                added = probability * times * total
                spread = times * (probability * (variance + total * total) - (probability * total) ** 2)
                variance = kept[3]
                if stack.at[depth, 3] == 1:
                    stack.kept[depth, 6] = max(stack.kept[depth, 6], added)
                    stack.kept[depth, 7] = max(stack.kept[depth, 7], spread)
                else:
                    time += added
                    variance += spread
            elif op == _FORK:
                stack.at[depth, 3] = 1
                stack.kept[depth, 6] = stack.kept[depth, 7] = 0.0
            elif op == _JOIN:
                stack.at[depth, 3] = 0
                time += stack.kept[depth, 6]
                variance += stack.kept[depth, 7]
            elif op == _SEND:
                flows.feed[a] += flow / code.number[pc, 0]
            pc += 1
        flows.route[r, 1] = success
        flows.route[r, 2] = time
