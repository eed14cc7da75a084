"""Tasks are numbered anew, and a request ends in exactly one account."""

import pytest

from engine.runs import crowd, one_route
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.state import FREE
from tonnage.engine.kernels.tasks import end_task, new_task, window_of
from tonnage.engine.primitives import constant
from tonnage.engine.program import Wait
from tonnage.engine.run import Run
from tonnage.engine.start import Measure


@kernel
def made(events, lines, tasks):
    return new_task(events, lines, tasks)


@kernel
def ended(events, tasks, task):
    end_task(events, tasks, task)


@kernel
def window(arrivals, books, at):
    return window_of(arrivals, books, at)


def test_a_freed_task_comes_back_clean_and_its_timers_are_stale() -> None:
    state = crowd(one_route({}, Wait(constant(1.0))), 1).state
    before = int(state.events.counts[FREE])
    task = made(state.events, state.lines, state.tasks)
    assert made(state.events, state.lines, state.tasks) != task
    stamp = int(state.tasks.stamp[task])
    state.tasks.held[task] = state.tasks.depth[task] = state.tasks.attempt[task] = 3
    ended(state.events, state.tasks, task)
    assert state.events.counts[FREE] == before - 1
    assert made(state.events, state.lines, state.tasks) == task
    assert state.tasks.stamp[task] != stamp
    assert state.tasks.held[task] == state.tasks.depth[task] == state.tasks.attempt[task] == 0


@pytest.mark.parametrize(("at", "index"), [(10.0, 0), (19.999, 0), (20.0, 1), (30.0 - 1e-13, 1), (35.0, 2)])
def test_every_measured_moment_has_a_window(at: float, index: int) -> None:
    # The last window is shorter; a moment that rounding puts on its end belongs to it.
    run = Run(one_route({}, Wait(constant(1.0))), [1.0], 1.0, Measure(start_s=10.0, end_s=35.0, window_s=10.0), 1)
    assert window(run.constants.arrivals, run.state.books, at) == index
    assert window(run.constants.arrivals, run.state.books, 40.0) == 2
