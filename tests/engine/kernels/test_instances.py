"""Instances: virtual time by hand, and every rule's choice."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runs import routed
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.instances import choose, outstanding_changed, progress, schedule
from tonnage.engine.kernels.slices import active_changed
from tonnage.engine.primitives import Fleet, constant
from tonnage.engine.program import Visit, Wait
from tonnage.engine.start import Measure, fresh_state

NOTHING = Visit(component="a", enter=(Wait(constant(1.0)),))
SECOND = Measure(start_s=0.0, end_s=1.0, window_s=1.0)


@kernel
def progressed(instances, i, now):
    progress(instances[i], now)


@kernel
def scheduled(instances, jobs, slot_time, tree, i, now):
    schedule(instances[i], jobs, slot_time, tree, i, now)


@kernel
def chosen(fleets, instances, active, levels, f, keys, now, out):
    for k in range(keys.shape[0]):
        out[k] = choose(fleets, instances, active, levels, f, keys[k], np.uint64(7), now)


@kernel
def counted(fleets, instances, levels, i, change):
    outstanding_changed(fleets, instances, levels, i, change)


def one_instance(n: int, speed: float, first_done: float, shared: bool = True):
    discipline = "processor sharing" if shared else "fifo"
    state = fresh_state(routed({"a/cpu": Fleet(servers=2, speed=speed, discipline=discipline)}, NOTHING), SECOND)
    state.things.instances["n"][0] = n
    state.jobs["done_at"][0] = first_done
    return state


def due(state, now: float) -> float:
    scheduled(state.things.instances, state.jobs, state.slot_time, state.tree, 0, now)
    return float(state.slot_time[0])


@pytest.mark.parametrize(
    ("n", "shared", "received", "done_at"),
    [
        (1, True, 12.0, 10.0),  # one job on two servers: full speed
        (2, True, 12.0, 10.0),
        (6, True, 4.0, 30.0),  # six jobs on two servers: a third each
        (6, False, 12.0, 10.0),  # FIFO: those in service have a server each
    ],
)
def test_jobs_in_service_progress_alike(n: int, shared: bool, received: float, done_at: float) -> None:
    state = one_instance(n, speed=3.0, first_done=30.0, shared=shared)
    assert due(state, 0.0) == pytest.approx(done_at)
    progressed(state.things.instances, 0, 4.0)
    assert state.things.instances["v"][0] == pytest.approx(received)
    # Half-way the completion is still where it was.
    assert due(state, 4.0) == pytest.approx(done_at)
    busy = min(n, 2)
    assert state.things.instances["busy"][0] == pytest.approx(4.0 * busy)
    assert state.things.instances["work"][0] == pytest.approx(4.0 * busy * 3.0)


@pytest.mark.parametrize(("n", "speed"), [(0, 1.0), (3, 0.0)])
def test_nothing_is_due_at_an_idle_or_stopped_instance(n: int, speed: float) -> None:
    assert math.isinf(due(one_instance(n, speed=speed, first_done=1.0), 0.0))


def fleet_state(rule: str, outstanding: list[int], active: int, **more: object):
    fleet = Fleet(servers=1, instances=active, max_instances=len(outstanding), rule=rule, **more)  # type: ignore[arg-type]
    model = routed({"x/cpu": Fleet(servers=1, instances=3, max_instances=3), "a/cpu": fleet}, NOTHING)
    things = fresh_state(model, SECOND).things
    things.instances["out"][3:] = outstanding
    for f in range(2):
        active_changed(things.fleets, things.instances, things.levels, things.active, f)
    return things


def pick(things, requests: int, now: float = 0.0) -> np.ndarray:
    out = np.empty(requests, dtype=np.int64)
    keys = np.arange(requests, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    chosen(things.fleets, things.instances, things.active, things.levels, 1, keys, now, out)
    return out


def picks(rule: str, outstanding: list[int], active: int, requests: int = 4000, **more: object) -> np.ndarray:
    return pick(fleet_state(rule, outstanding, active, **more), requests)


def test_round_robin_goes_round() -> None:
    assert list(picks("round robin", [9, 0, 0, 0], 3, 7)) == [3, 4, 5, 3, 4, 5, 3]


def test_least_outstanding_takes_the_least_in_service() -> None:
    assert set(picks("least outstanding", [2, 1, 5, 0], 3)) == {4}
    assert set(picks("least outstanding", [70, 90, 65, 99], 4)) == {5}


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=1, max_size=200))
def test_least_outstanding_is_the_minimum_whatever_comes_and_goes(moves: list[int | None]) -> None:
    # None: a request comes and is given away; a number: one leaves that instance.
    things = fleet_state("least outstanding", [0] * 5, 5)
    out = things.instances["out"]
    order: list[int] = []
    for move in moves:
        if move is None:
            i = int(pick(things, 1)[0])
            assert out[i] == out[3:].min()
            counted(things.fleets, things.instances, things.levels, i, 1)
            order.append(i)
        elif out[3 + move] > 0:
            counted(things.fleets, things.instances, things.levels, 3 + move, -1)


def test_least_outstanding_goes_round_among_equals() -> None:
    things = fleet_state("least outstanding", [0] * 4, 4)
    given_to = []
    for _ in range(8):
        i = int(pick(things, 1)[0])
        counted(things.fleets, things.instances, things.levels, i, 1)
        given_to.append(i)
    assert given_to == [3, 4, 5, 6, 3, 4, 5, 6]


def test_random_takes_each_alike() -> None:
    assert np.bincount(picks("random", [5, 0, 0, 0], 4))[3:] == pytest.approx([1000] * 4, abs=4 * math.sqrt(750))


def test_random_two_takes_the_better_of_two_that_differ() -> None:
    # Of four, the best wins whenever drawn (1/2), the worst never: shares 3/6, 2/6, 1/6, 0.
    found = np.bincount(picks("random two", [0, 1, 2, 3], 4, 12_000), minlength=7)[3:] / 12_000
    assert found == pytest.approx([1 / 2, 1 / 3, 1 / 6, 0.0], abs=0.02)
    assert set(picks("random two", [3, 1], 2)) == {4}


def test_weighted_random_takes_each_by_its_weight() -> None:
    found = np.bincount(picks("weighted random", [0] * 4, 4, 10_000, weights=(5.0, 3.0, 2.0, 0.0)), minlength=7)[3:]
    assert found / 10_000 == pytest.approx([0.5, 0.3, 0.2, 0.0], abs=0.02)
    one = np.bincount(picks("weighted random", [0] * 3, 3, 10_000, weights=(4.0,)), minlength=6)[3:]
    assert one / 10_000 == pytest.approx([4 / 6, 1 / 6, 1 / 6], abs=0.02)


@pytest.mark.parametrize("rule", ["round robin", "random", "weighted random"])
def test_a_new_instance_starts_slowly(rule: str) -> None:
    # Half-way through its slow start it gets half of what each of the others gets.
    things = fleet_state(rule, [0] * 4, 4, slow_start_s=60.0)
    things.instances["since"][4] = 70.0
    found = np.bincount(pick(things, 10_000, now=100.0), minlength=7)[3:] / 10_000
    assert found == pytest.approx([2 / 7, 1 / 7, 2 / 7, 2 / 7], abs=0.02)
    found = np.bincount(pick(things, 10_000, now=131.0), minlength=7)[3:] / 10_000
    assert found == pytest.approx([1 / 4] * 4, abs=0.02)


def test_one_instance_is_always_taken_and_none_is_told() -> None:
    assert set(picks("random two", [8], 1, 10)) == {3}
    assert set(picks("least outstanding", [8, 0], 0, 10)) == {-1}
