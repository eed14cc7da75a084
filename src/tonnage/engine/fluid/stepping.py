"""Stepping the queues through time.

Each queue has the mean and the variance of the wait that a request arriving now would meet. The mean follows the fluid
law ``d wait / dt = offered - done``, where what is done is what a steady queue with this wait would do (the pointwise
stationary fluid flow approximation; Wang, Tipper and Banerjee 1996): steady below saturation, an evenly growing backlog
above, and a smooth way between. The variance grows by the variation of what comes and goes, towards that of the steady
queue. Both are stepped implicitly, so a long step over a quiet time ends in the steady state.
"""

import math

from tonnage.engine.compiled import inlined
from tonnage.engine.fluid.flowing import flow_through
from tonnage.engine.fluid.layout import Code, Kind, Queues
from tonnage.engine.fluid.state import Flows, Levels, Stack

FINE_S = 1.0
"""Step while a backlog is possible."""
QUIET = 0.85
"""Below this utilization of every queue there is none."""

_SHARING, _POOL, _DELAY = int(Kind.SHARING), int(Kind.POOL), int(Kind.DELAY)
_REJECT, _ENVIRONMENTS = int(Kind.REJECT), int(Kind.ENVIRONMENTS)
_PEAK = 3.0
"""Environments kept for the highest of the Poisson occupancies within a keep-alive time, in standard deviations."""


@inlined
def demand(rules: Queues, levels: Levels, flows: Flows, q: int) -> float:
    """Set a queue's server time; its servers, all instances together."""
    kind = rules.kind[q]
    servers = rules.servers[q]
    if rules.follows[q] >= 0:
        servers *= levels.instances[rules.follows[q]]
    if kind in (_DELAY, _REJECT):
        levels.server_s[q] = 1.0 / max(levels.speed[q], 1e-12)
    elif kind in (_POOL, _ENVIRONMENTS):
        if flows.admitted[q] > 0.0:
            levels.server_s[q] = flows.held[q] / flows.admitted[q]
    elif flows.visits[q] > 0.0:
        levels.server_s[q] = flows.work[q] / flows.visits[q] / levels.speed[q]
    levels.full[q] = flows.visits[q] * levels.server_s[q] / servers if servers > 0.0 else math.inf
    return float(servers)


@inlined
def between(rules: Queues, c: int, row: int, i: int, share: float) -> float:
    """A row of a curve between two of its points."""
    low = rules.curves[c, row, i]
    return float(low + share * (rules.curves[c, row, i + 1] - low))


@inlined
def settle(rules: Queues, levels: Levels, flows: Flows, q: int, servers: float, step_s: float) -> None:
    """Step one queue."""
    load = levels.full[q]
    if servers <= 0.0:
        levels.refused[q], levels.busy[q], levels.ratio[q], levels.delayed[q] = 1.0, 0.0, 1.0, 0.0
        levels.wait[q] = levels.variance[q] = 0.0
        return
    count = levels.instances[rules.follows[q]] if rules.follows[q] >= 0 else 1.0
    c = rules.curve_of[q, min(int(count), rules.curve_of.shape[1] - 1)]
    unit = levels.server_s[q] * rules.scale[q]
    if rules.kind[q] == _DELAY and flows.takes[q] > 0.0:
        unit *= flows.visits[q] / flows.takes[q]
    none_waits = rules.limited[q] == 2
    wanted = load if none_waits else levels.wait[q] + step_s * load
    low, high = 0, rules.curves.shape[2] - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if none_waits:
            reached = rules.curves[c, 0, middle]
        else:
            done = rules.curves[c, 1, middle] + load * rules.curves[c, 2, middle]
            reached = rules.curves[c, 4, middle] * unit + step_s * done
        if reached <= wanted:
            low = middle
        else:
            high = middle
    if none_waits:
        left, right = rules.curves[c, 0, low], rules.curves[c, 0, high]
    else:
        left = rules.curves[c, 4, low] * unit + step_s * (rules.curves[c, 1, low] + load * rules.curves[c, 2, low])
        right = rules.curves[c, 4, high] * unit + step_s * (rules.curves[c, 1, high] + load * rules.curves[c, 2, high])
    share = (wanted - left) / (right - left) if right > left else 0.0
    growing = share > 1.0 and rules.limited[q] == 0
    share = min(max(share, 0.0), 1.0)
    steady = between(rules, c, 0, low, share)
    levels.busy[q] = between(rules, c, 1, low, share)
    levels.refused[q] = between(rules, c, 2, low, share)
    levels.delayed[q] = 1.0 if growing else between(rules, c, 3, low, share)
    wait = wanted - step_s * levels.busy[q] if growing else between(rules, c, 4, low, share) * unit
    if none_waits:
        levels.ratio[q] = 1.0
        return
    levels.ratio[q] = min(steady / load, 1000.0) if load > 1e-12 else 1.0
    wait = hold_back(rules, levels, q, wait, servers, max(load - 1.0, 0.0) * step_s)
    if wait > rules.patience_s[q]:
        levels.refused[q] += (wait - rules.patience_s[q]) / max(step_s * load, 1e-12)
        levels.refused[q] = min(levels.refused[q], 1.0)
        wait = rules.patience_s[q]
    levels.wait[q] = wait
    spread(rules, levels, q, between(rules, c, 5, low, share) * unit * unit, unit, count, growing, step_s)


@inlined
def hold_back(rules: Queues, levels: Levels, q: int, wait: float, servers: float, too_much_s: float) -> float:
    """No more can wait here than tokens are held around it; what came beyond the capacity waits for a token."""
    outer = rules.inside[q]
    if outer < 0 or rules.kind[q] == _DELAY or rules.kind[q] == _REJECT:
        return wait
    fewest, narrowest = math.inf, outer
    while outer >= 0:
        tokens = rules.servers[outer]
        if rules.follows[outer] >= 0:
            tokens *= levels.instances[rules.follows[outer]]
        if tokens < fewest:
            fewest, narrowest = tokens, outer
        outer = rules.inside[outer]
    most = max(fewest / servers - 1.0, 0.0) * levels.server_s[q]
    if wait <= most:
        return wait
    if rules.limited[narrowest] != 2:
        levels.wait[narrowest] += min(wait - most, too_much_s)
    return float(most)


@inlined
def spread(
    rules: Queues, levels: Levels, q: int, steady: float, unit: float, count: float, growing: bool, step_s: float
) -> None:
    """Step the variance of the wait."""
    line = rules.servers[q]
    phases = count if rules.evened[q] == 1 else 1.0
    if rules.central[q] == 1:
        line *= count
    noise = levels.busy[q] * unit * (1.0 / phases + rules.cv[q] ** 2) / line
    grown = levels.variance[q] + step_s * noise
    if not growing:
        grown = grown / (1.0 + step_s * noise / steady) if steady > 0.0 else 0.0
    levels.variance[q] = grown


@inlined
def share_granted(rules: Queues, levels: Levels, flows: Flows) -> float:
    """Share of the wanted on-demand environments that the account has left for those that share its concurrency.

    What is provisioned is claimed whether it is used or not; the rest is granted in proportion to what is wanted.
    """
    left, wanted = rules.left[0], 0.0
    for q in range(rules.kind.shape[0]):
        if rules.sharing[q]:
            left -= levels.always[q]
            wanted += max(flows.visits[q] * levels.server_s[q] - levels.always[q], 0.0)
    return min(1.0, max(left, 0.0) / wanted) if wanted > 0.0 else 1.0


@inlined
def make_environments(rules: Queues, levels: Levels, flows: Flows, q: int, step_s: float, granted: float) -> None:
    """Environments follow the occupancy up at once, as far as their rate allows, and down by the keep-alive time.

    Args:
        rules: Constants of the queues.
        levels: The queues; changed.
        flows: What flows.
        q: The environments.
        step_s: Length of the step.
        granted: Share of those wanted on demand that the account allows.
    """
    if rules.sharing[q] and granted < 1.0:
        asks = flows.visits[q] * levels.server_s[q]
        may = min(asks, levels.always[q]) + granted * max(asks - levels.always[q], 0.0)
        levels.refused[q] = max(levels.refused[q], 1.0 - may / asks) if asks > 0.0 else levels.refused[q]
    busy = flows.visits[q] * levels.server_s[q] * (1.0 - levels.refused[q])
    peak = min(busy + _PEAK * math.sqrt(busy), rules.servers[q])
    wanted = max(peak - levels.always[q], 0.0)
    levels.spare[q] = min(levels.spare[q] + step_s * rules.scaling[q, 0], rules.scaling[q, 1])
    made = min(max(wanted - levels.made[q], 0.0), levels.spare[q])
    levels.spare[q] -= made
    levels.made[q] += made
    if wanted < levels.made[q]:
        levels.made[q] += (wanted - levels.made[q]) * min(1.0, step_s / rules.keep_s[q])
    there = levels.always[q] + levels.made[q]
    if busy > there:
        levels.refused[q] = 1.0 - (1.0 - levels.refused[q]) * there / busy
    asked = flows.visits[q] * step_s
    rare = math.exp(-min(flows.visits[q] * rules.keep_s[q], 700.0)) if levels.always[q] < 1.0 else 0.0
    levels.cold[q] = max(min(made / asked, 1.0), rare) if asked > 0.0 else 0.0


@inlined
def step_through(
    code: Code, rules: Queues, levels: Levels, flows: Flows, stack: Stack, offered_per_s: float, passed_s: float
) -> int:
    """Step all queues through a time of even load.

    Args:
        code: The programs.
        rules: Constants of the queues.
        levels: The queues; changed.
        flows: What flows at the end; changed.
        stack: Room to work in.
        offered_per_s: Requests per second.
        passed_s: Length of the time.

    Returns:
        Steps taken.
    """
    steps = 0
    left_s = passed_s
    while left_s > 1e-9:
        flow_through(code, rules, levels, flows, stack, offered_per_s)
        quiet = True
        for q in range(rules.kind.shape[0]):
            demand(rules, levels, flows, q)
            load = levels.full[q]
            if load > QUIET or levels.wait[q] > 0.05 * left_s * (1.0 - load) or rules.scaling[q, 0] < math.inf:
                quiet = False
        # Waits lengthen the time that tokens are held, so a quiet time takes a second step to settle.
        step_s = left_s if quiet and steps > 0 else min(left_s, FINE_S)
        granted = share_granted(rules, levels, flows)
        for q in range(rules.kind.shape[0]):
            servers = demand(rules, levels, flows, q)
            settle(rules, levels, flows, q, servers, step_s)
            if rules.kind[q] == _ENVIRONMENTS:
                make_environments(rules, levels, flows, q, step_s, granted)
        left_s -= step_s
        steps += 1
    return steps
