"""Instances: virtual time by hand, and every rule's choice."""

import math

import numpy as np
import pytest

from engine.runs import routed
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.instances import choose, progress, schedule
from tonnage.engine.primitives import Fleet, constant
from tonnage.engine.program import Visit, Wait
from tonnage.engine.start import Measure, fresh_state


@kernel
def progressed(inst, i, servers, shared, now):
    progress(inst, i, servers, shared, now)


@kernel
def scheduled(events, inst, i, base, servers, shared, now):
    schedule(events, inst, i, base, servers, shared, now)


@kernel
def chosen(fleets, inst, f, keys, out):
    for k in range(keys.shape[0]):
        out[k] = choose(fleets, inst, f, keys[k], np.uint64(7))


def one_instance(n: int, speed: float, first_done: float):
    state = fresh_state(
        routed({"a/cpu": Fleet(servers=2, speed=speed)}, Visit(component="a", enter=(Wait(constant(1.0)),))),
        Measure(start_s=0.0, end_s=1.0, window_s=1.0),
    )
    state.inst.n[0] = n
    state.inst.job_key[0] = first_done
    return state


@pytest.mark.parametrize(
    ("n", "shared", "received", "done_at"),
    [
        (1, 1, 12.0, 10.0),  # one job on two servers: full speed
        (2, 1, 12.0, 10.0),
        (6, 1, 4.0, 30.0),  # six jobs on two servers: a third each
        (6, 0, 12.0, 10.0),  # FIFO: those in service have a server each
    ],
)
def test_jobs_in_service_progress_alike(n: int, shared: int, received: float, done_at: float) -> None:
    state = one_instance(n, speed=3.0, first_done=30.0)
    scheduled(state.events, state.inst, 0, 0, 2, shared, 0.0)
    assert state.events.slot_time[0] == pytest.approx(done_at)
    progressed(state.inst, 0, 2, shared, 4.0)
    assert state.inst.v[0] == pytest.approx(received)
    # Half-way the completion is still where it was.
    scheduled(state.events, state.inst, 0, 0, 2, shared, 4.0)
    assert state.events.slot_time[0] == pytest.approx(done_at)
    busy = min(n, 2)
    assert state.inst.busy[0] == pytest.approx(4.0 * busy)
    assert state.inst.work[0] == pytest.approx(4.0 * busy * 3.0)


@pytest.mark.parametrize(("n", "speed"), [(0, 1.0), (3, 0.0)])
def test_nothing_is_due_at_an_idle_or_stopped_instance(n: int, speed: float) -> None:
    state = one_instance(n, speed=speed, first_done=1.0)
    scheduled(state.events, state.inst, 0, 0, 2, 1, 0.0)
    assert math.isinf(state.events.slot_time[0])


def picks(rule: str, outstanding: list[int], active: int, requests: int = 4000) -> np.ndarray:
    fleet = Fleet(servers=1, instances=active, max_instances=len(outstanding), rule=rule)  # type: ignore[arg-type]
    model = routed(
        {"x/cpu": Fleet(servers=1, instances=3, max_instances=3), "a/cpu": fleet},
        Visit(component="a", enter=(Wait(constant(1.0)),)),
    )
    state = fresh_state(model, Measure(start_s=0.0, end_s=1.0, window_s=1.0))
    state.inst.out[3:] = outstanding
    out = np.empty(requests, dtype=np.int64)
    keys = np.arange(requests, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    chosen(model.fleet_rules, state.inst, 1, keys, out)
    return out


def test_round_robin_goes_round() -> None:
    assert list(picks("round robin", [9, 0, 0, 0], 3, 7)) == [3, 4, 5, 3, 4, 5, 3]


def test_least_outstanding_takes_the_least_and_goes_round_among_equals() -> None:
    assert set(picks("least outstanding", [2, 1, 5, 0], 3)) == {4}
    assert np.bincount(picks("least outstanding", [1, 0, 7, 0], 4))[3:] == pytest.approx([0, 2000, 0, 2000], abs=2000)
    assert set(picks("least outstanding", [1, 0, 7, 0], 4)) == {4, 6}


def test_random_takes_each_alike() -> None:
    assert np.bincount(picks("random", [5, 0, 0, 0], 4))[3:] == pytest.approx([1000] * 4, abs=4 * math.sqrt(750))


def test_random_two_takes_the_better_of_two_that_differ() -> None:
    # Of four, the best wins whenever drawn (1/2), the worst never: shares 3/6, 2/6, 1/6, 0.
    found = np.bincount(picks("random two", [0, 1, 2, 3], 4, 12_000), minlength=7)[3:] / 12_000
    assert found == pytest.approx([1 / 2, 1 / 3, 1 / 6, 0.0], abs=0.02)
    assert set(picks("random two", [3, 1], 2)) == {4}


def test_one_instance_is_always_taken_and_none_is_told() -> None:
    assert set(picks("random two", [8], 1, 10)) == {3}
    assert set(picks("least outstanding", [8, 0], 0, 10)) == {-1}
