"""A time of even load: the queues are stepped through it, and the requests that came are counted.

The outer kernel of the fluid fidelity, in one piece: entering it costs more than a step.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.compiled import inlined, kernel
from tonnage.engine.fluid.layout import Code, Queues
from tonnage.engine.fluid.response import Waits, respond
from tonnage.engine.fluid.state import ANSWERED, FAILED, LATE, UNANSWERED, Books, Flows, Levels, Stack
from tonnage.engine.fluid.stepping import step_through
from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, bucket_inside

SAME = 0.01
"""Waits and refusals that change by less, relatively, need no new draws."""


@inlined
def changed(levels: Levels, books: Books) -> bool:
    """Whether the queues stand otherwise than when response times were last drawn."""
    for q in range(levels.wait.shape[0]):
        if abs(levels.wait[q] - books.seen[0, q]) > SAME * books.seen[0, q] + 1e-9:
            return True
        if abs(levels.refused[q] - books.seen[1, q]) > SAME * books.seen[1, q] + 1e-9:
            return True
    return False


@inlined
def book(code: Code, levels: Levels, flows: Flows, books: Books, window: int, passed_s: float) -> None:
    """Count what came in the time just passed."""
    for r in range(code.share.shape[0]):
        arrived = flows.route[r, 0] * passed_s
        failed = arrived * (1.0 - min(max(flows.route[r, 1], 0.0), 1.0))
        books.counts[r, window, FAILED] += failed
        books.pending[r, 0] += arrived - failed
        total = 0.0
        for place in range(flows.lost.shape[0]):
            total += flows.lost[place, r]
        if total > 0.0:
            for place in range(flows.lost.shape[0]):
                books.lost[place, r] += failed * flows.lost[place, r] / total
    for v in range(flows.called.shape[0]):
        books.called[v, 0] += flows.called[v] * passed_s
        books.called[v, 1] += flows.called[v] * passed_s * flows.time_s[v, 0]
    for q in range(levels.wait.shape[0]):
        books.refused[q] += flows.takes[q] * levels.refused[q] * passed_s
        books.cold[q] += flows.visits[q] * levels.cold[q] * passed_s


@inlined
def draw(
    code: Code,
    rules: Queues,
    levels: Levels,
    waits: Waits,
    stack: Stack,
    books: Books,
    strata: NDArray[np.int16],
    window: int,
    left_s: float,
) -> None:
    """Draw response times for the requests that are pending, as the queues stand now."""
    for r in range(code.share.shape[0]):
        pending = books.pending[r, 0]
        if pending <= 0.0:
            continue
        respond(code, rules, levels, waits, stack, strata, r, books.moments[0], books.times_s)
        answered = 0
        for j in range(books.times_s.shape[0]):
            if not math.isnan(books.times_s[j]):
                answered += 1
        if answered == 0:
            books.counts[r, window, FAILED] += pending
        weight = pending / max(answered, 1)
        for j in range(books.times_s.shape[0]):
            time_s = books.times_s[j]
            if math.isnan(time_s):
                continue
            place = ANSWERED
            if time_s > left_s:
                place, time_s = UNANSWERED, left_s
            elif time_s > code.deadline_s[r]:
                place = LATE
            books.counts[r, window, place] += weight
            books.fine[r, bucket_inside(time_s, FINE_BITS)] += weight
            books.coarse[r, window, bucket_inside(time_s, COARSE_BITS)] += weight
        books.pending[r, 0] = 0.0
    books.moments[0] += 1
    for q in range(levels.wait.shape[0]):
        books.seen[0, q] = levels.wait[q]
        books.seen[1, q] = levels.refused[q]


@kernel
def pass_time(
    code: Code,
    rules: Queues,
    levels: Levels,
    flows: Flows,
    waits: Waits,
    stack: Stack,
    books: Books,
    strata: NDArray[np.int16],
    offered_per_s: float,
    passed_s: float,
    window: int,
    left_s: float,
    ends: bool,
) -> int:
    """Step all queues through a time of even load and count its requests.

    Args:
        code: The programs.
        rules: Constants of the queues.
        levels: The queues; changed.
        flows: What flows at the end; changed.
        waits: Room for the distributions of the waits.
        stack: Room for the calls.
        books: What is counted into.
        strata: Luck (see ``response.strata``).
        offered_per_s: Requests per second, all routes together.
        passed_s: Length of the time.
        window: Window that the arrivals belong to; -1: they are not judged.
        left_s: From its end until the simulation ends; who waits longer is unanswered.
        ends: Whether the window ends with this time.

    Returns:
        Steps taken.
    """
    if window < 0:
        return step_through(code, rules, levels, flows, stack, offered_per_s, passed_s)
    # What stands in the middle of a time stands for all of it.
    half_s = passed_s / 2.0
    steps = step_through(code, rules, levels, flows, stack, offered_per_s, half_s)
    book(code, levels, flows, books, window, passed_s)
    if ends or changed(levels, books):
        draw(code, rules, levels, waits, stack, books, strata, window, left_s + half_s)
    return steps + step_through(code, rules, levels, flows, stack, offered_per_s, half_s)
