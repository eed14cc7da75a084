"""Calls that may fail: retry budgets, circuit breakers, backoff."""

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.draws import uniform
from tonnage.engine.kernels.state import (
    CLOSED,
    DECORRELATED_JITTER,
    EQUAL_JITTER,
    FULL_JITTER,
    HALF_OPEN,
    OPEN,
    Record,
    Records,
)

_RETRY_SALT = np.uint64(0x0BAC)


@inlined
def backoff(call: Record, task: Record) -> float:
    """How long to wait before the next try, s; ``attempt`` tries have been made.

    Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
    """
    wait = min(call.base_s * 2.0 ** min(task.attempt - 1, 1000), call.cap_s)
    if call.jitter != 0:
        u = uniform(task.key, _RETRY_SALT + np.uint64(task.attempt))
        if call.jitter == FULL_JITTER:
            wait *= u
        elif call.jitter == EQUAL_JITTER:
            wait *= 0.5 + 0.5 * u
        elif call.jitter == DECORRELATED_JITTER:
            last = max(task.backoff_s, call.base_s)
            wait = min(call.cap_s, call.base_s + (3.0 * last - call.base_s) * u)
    task.backoff_s = wait
    return wait


@inlined
def may_retry(budgets: Records, b: int, timed_out: bool, now: float) -> bool:
    """Pay for a retry from the purse; False when it is too empty."""
    if b < 0:
        return True
    purse = budgets[b]
    purse.level = min(purse.capacity, purse.level + purse.rate * (now - purse.t))
    purse.t = now
    cost = purse.timeout_cost if timed_out else purse.cost
    if purse.level < cost:
        purse.refused += 1
        return False
    purse.level -= cost
    return True


@inlined
def refund(budgets: Records, b: int, tries: int) -> None:
    """An answered call fills the purse: by what its last retry cost, or by the refund of a first try."""
    if b >= 0:
        purse = budgets[b]
        purse.level = min(purse.capacity, purse.level + (purse.cost if tries > 1 else purse.refund))


@inlined
def admits(breakers: Records, b: int, now: float) -> bool:
    """Whether a circuit breaker lets a call through."""
    if b < 0:
        return True
    me = breakers[b]
    if me.state == CLOSED:
        return True
    if me.state == OPEN:
        if now < me.until:
            return False
        me.state = HALF_OPEN
        me.asked = 0
        me.passed = 0
    if me.asked >= me.probes:
        return False
    me.asked += 1
    return True


@inlined
def learnt(breakers: Records, outcomes: NDArray[np.uint8], b: int, failed: int, now: float) -> None:
    """Tell a circuit breaker how a call ended."""
    if b < 0:
        return
    me = breakers[b]
    trips = False
    if me.state == HALF_OPEN:
        if failed == 1:
            trips = True
        else:
            me.passed += 1
            if me.passed >= me.probes:
                me.state = CLOSED
                me.known = 0
                me.at = 0
                me.failures = 0
    elif me.state == CLOSED:
        at = me.base + me.at
        if me.known == me.window:
            me.failures -= outcomes[at]
        else:
            me.known += 1
        outcomes[at] = failed
        me.failures += failed
        me.at = me.at + 1 if me.at + 1 < me.window else 0
        trips = me.known == me.window and me.failures >= me.threshold * me.window
    if trips:
        me.state = OPEN
        me.until = now + me.open_s
        me.opened += 1
