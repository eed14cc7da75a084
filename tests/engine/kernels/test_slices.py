"""Between slices: integrals are brought up to now, and a speed changes at once."""

import pytest

from engine.runs import crowd, one_route
from tonnage.engine.primitives import Environments, Fleet, Pool, constant
from tonnage.engine.program import Hold, Lease, Release, Return, Wait, Work


def test_integrals_are_up_to_now_though_nothing_happened() -> None:
    primitives = {
        "a/cpu": Fleet(servers=3, discipline="fifo", speed=2.0),
        "a/pool": Pool(capacity=100),
        "a/env": Environments(limit=100, cold_start=constant(0.0), keep_alive_s=1.0),
    }
    model = one_route(
        primitives,
        Hold("a/pool"),
        Lease("a/env"),
        Work("a/cpu", constant(1e6)),
        leave=(Return("a/env"), Release("a/pool")),
    )
    run = crowd(model, 10)
    for now in (5.0, 12.5):
        run.advance(now)
        assert run.state.things.instances["busy"][0] == pytest.approx(3 * now)
        assert run.state.things.instances["work"][0] == pytest.approx(6 * now)
        assert run.state.things.pools["integral"][0] == pytest.approx(run.arrived * now)
        assert run.state.things.environments["integral"][0] == pytest.approx(run.arrived * now)


def test_work_done_before_a_change_of_speed_is_kept() -> None:
    run = crowd(one_route({"a/cpu": Fleet(servers=100)}, Work("a/cpu", constant(8.0))), 6, until_s=2.0)
    jobs = run.arrived
    run.set_speed("a/cpu", 0, 3.0)
    assert run.state.slot_time[0] == pytest.approx(4.0)
    run.advance(3.0)
    run.set_speed("a/cpu", 0, 0.5)
    assert run.state.slot_time[0] == pytest.approx(3.0 + 3.0 / 0.5)
    run.advance(9.1)
    assert run.in_flight == 0
    assert run.state.things.instances["work"][0] == pytest.approx(8.0 * jobs)


def test_a_run_begins_with_its_first_arrival_drawn() -> None:
    run = crowd(one_route({}, Wait(constant(1.0))), 5)
    assert 0.0 < run.state.clock["next_arrival"][0] < 1e-8
    assert run.arrived == 0
    assert run.now_s == 0.0
