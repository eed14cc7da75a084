"""Fresh states, and states with more room."""

import math

import numpy as np
import pytest

from engine.runs import crowd, held_by, one_route, routed
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, constant
from tonnage.engine.program import Visit, Wait
from tonnage.engine.start import FIRST_TASKS, Measure, forget_stale_timers, fresh_state, grown

MEASURE = Measure(start_s=0.0, end_s=60.0, window_s=60.0)
NOTHING = Visit(component="a", enter=(Wait(constant(1.0)),))


@pytest.mark.parametrize(
    ("start_s", "end_s", "window_s", "windows"),
    [(0.0, 60.0, 60.0, 1), (10.0, 130.0, 60.0, 2), (0.0, 61.0, 60.0, 2), (0.0, 0.3, 0.1, 3), (5.0, 5.5, 60.0, 1)],
)
def test_windows_cover_the_measured_time(start_s: float, end_s: float, window_s: float, windows: int) -> None:
    assert Measure(start_s=start_s, end_s=end_s, window_s=window_s).windows == windows


def test_everything_is_empty_buckets_are_full_and_clocks_at_zero() -> None:
    primitives = {
        "a/cpu": Fleet(servers=2, instances=2, max_instances=3, speed=1.5),
        "a/pool": Pool(capacity=4, fleet="a/cpu"),
        "a/full": Bucket(rate_per_s=1.0, capacity=9.0),
        "a/low": Bucket(rate_per_s=1.0, capacity=9.0, level=2.0),
        "a/env": Environments(limit=5, cold_start=constant(0.1), keep_alive_s=1.0, scale_burst=3.0),
    }
    state = fresh_state(routed(primitives, NOTHING), MEASURE)
    assert list(state.things.buckets["level"]) == [9.0, 2.0]
    assert list(state.things.active[0, : state.things.fleets["active_n"][0]]) == [0, 1]
    assert list(state.things.instances["speed"]) == [1.5] * 3
    assert list(state.things.pools["capacity"]) == [4] * 3
    assert list(state.things.environments["level"]) == [3.0]
    assert np.isinf(state.slot_time).all()
    assert state.clock["free"][0] == FIRST_TASKS
    assert sorted(state.free) == list(range(FIRST_TASKS))


def test_a_warm_cache_holds_the_most_popular_the_first_as_the_newest() -> None:
    warm = fresh_state(routed({"a/keys": Cache(objects=6, capacity=3)}, NOTHING), MEASURE).things
    ring, node = [], int(warm.links["older"][6])
    while node != 6:
        ring.append(node)
        node = int(warm.links["older"][node])
    assert ring == [0, 1, 2]
    assert warm.caches["held"][0] == 3
    cold = fresh_state(routed({"a/keys": Cache(objects=6, capacity=3, warm=False)}, NOTHING), MEASURE).things
    assert cold.caches["held"][0] == 0
    assert cold.links["older"][6] == cold.links["newer"][6] == 6


def test_more_room_changes_nothing_that_is_there() -> None:
    run = crowd(one_route({}, Wait(constant(1.0))), 100, until_s=0.5)
    before = run.state
    tasks, timers = held_by(before)
    after = grown(before)
    assert held_by(after) == (tasks, timers)
    assert len(after.free) == 2 * FIRST_TASKS
    free = after.free[: after.clock["free"][0]]
    assert sorted([*free, *tasks]) == list(range(2 * FIRST_TASKS))
    assert len(after.tasks) == 2 * FIRST_TASKS
    assert len(after.timers) == 2 * len(before.timers)
    run.state = after
    run.advance(2.0)
    assert run.in_flight == 0


def test_stale_timers_are_forgotten_and_live_ones_stay_in_order() -> None:
    # The first call is answered before its second copy would be sent; the second call's is still to come.
    quick = Visit(component="b", enter=(Wait(constant(0.1)),), hedge_s=50.0)
    slow = Visit(component="c", enter=(Wait(constant(5.0)),), hedge_s=20.0)
    run = crowd(routed({}, Visit(component="a", calls=(quick, slow))), 40, until_s=1.0)
    requests = run.arrived
    assert run.state.clock["timers"][0] == 3 * requests
    forget_stale_timers(run.state)
    n = int(run.state.clock["timers"][0])
    assert n == 2 * requests
    times = run.state.timers["time"][:n]
    assert list(times) == sorted(times)
    assert times[0] == pytest.approx(5.1)
    assert math.isclose(times[-1], 20.1, rel_tol=1e-6)
    run.advance(6.0)
    assert run.in_flight == 0
