"""Tasks are numbered anew, and a request ends in exactly one account."""

import math

import pytest

from engine.runs import crowd, one_route
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.tasks import child_of, end_task, new_task, window_of
from tonnage.engine.primitives import constant
from tonnage.engine.program import Wait
from tonnage.engine.run import Run
from tonnage.engine.start import Measure


@kernel
def made(clock, tasks, free):
    return new_task(clock[0], tasks, free)


@kernel
def child(clock, tasks, free, parent, pc):
    return child_of(clock[0], tasks, free, parent, pc)


@kernel
def ended(clock, tasks, free, task):
    end_task(clock[0], tasks, free, task)


@kernel
def window(clock, books, at):
    return window_of(clock[0], books, at)


def test_a_freed_task_comes_back_clean_and_its_timers_are_stale() -> None:
    state = crowd(one_route({}, Wait(constant(1.0))), 1).state
    before = int(state.clock["free"][0])
    task = made(state.clock, state.tasks, state.free)
    assert made(state.clock, state.tasks, state.free) != task
    stamp = int(state.tasks["stamp"][task])
    for name in ("held", "depth", "attempt", "batch", "doom", "shard", "line"):
        state.tasks[name][task] = 3
    state.tasks["give_up"][task] = 5.0
    ended(state.clock, state.tasks, state.free, task)
    assert state.clock["free"][0] == before - 1
    assert made(state.clock, state.tasks, state.free) == task
    assert state.tasks["stamp"][task] != stamp
    assert [int(state.tasks[name][task]) for name in ("held", "depth", "attempt", "batch")] == [0] * 4
    assert [int(state.tasks[name][task]) for name in ("doom", "shard", "line")] == [-1] * 3
    assert state.tasks["give_up"][task] == math.inf


def test_a_child_has_its_callers_luck_and_registers_and_knows_whom_to_tell() -> None:
    state = crowd(one_route({}, Wait(constant(1.0))), 1).state
    parent = made(state.clock, state.tasks, state.free)
    caller = state.tasks[parent]
    caller["key"], caller["route"], caller["start"], caller["stamp"], caller["give_up"] = 77, 2, 3.5, 9, 4.5
    caller["reg"] = range(8)
    below = state.tasks[child(state.clock, state.tasks, state.free, parent, 12)]
    assert (below["pc"], below["parent"], below["ticket"], below["key"], below["route"]) == (12, parent, 9, 77, 2)
    assert (below["start"], below["give_up"], below["held"]) == (3.5, 4.5, 0)
    assert list(below["reg"]) == list(range(8))


@pytest.mark.parametrize(("at", "index"), [(10.0, 0), (19.999, 0), (20.0, 1), (30.0 - 1e-13, 1), (35.0, 2)])
def test_every_measured_moment_has_a_window(at: float, index: int) -> None:
    # The last window is shorter; a moment that rounding puts on its end belongs to it.
    run = Run(one_route({}, Wait(constant(1.0))), [1.0], 1.0, Measure(start_s=10.0, end_s=35.0, window_s=10.0), 1)
    assert window(run.state.clock, run.state.books, at) == index
    assert window(run.state.clock, run.state.books, 40.0) == 2
