import numpy as np
import pytest

from fluid_runs import failed_share, steady
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Environments, Fleet, Pool, constant, exponential
from tonnage.engine.program import Hold, Lease, Program, Release, Return, Take, Visit, Wait, Work


def test_a_quiet_queue_settles_in_few_steps_and_a_busy_one_is_stepped_finely() -> None:
    server = {"s/cpu": Fleet(servers=1, discipline="fifo")}
    visit = Visit(component="s", enter=(Work("s/cpu", exponential(0.01)),))
    quiet, busy = steady(server, visit, 50.0, minutes=1), steady(server, visit, 95.0, minutes=1)
    assert quiet.steps < 10
    assert busy.steps == 660
    assert quiet.levels.wait[0] == pytest.approx(0.01, rel=0.01)
    assert busy.levels.wait[0] == pytest.approx(0.19, rel=0.02)


def test_a_backlog_grows_and_is_worked_off_evenly() -> None:
    server = {"s/cpu": Fleet(servers=2, discipline="fifo")}
    visit = Visit(component="s", enter=(Work("s/cpu", constant(0.02)),))
    run = FluidRun(lay_out(build(server, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.advance(100.0, 150.0)
    assert run.levels.wait[0] == pytest.approx(50.0, rel=0.01)
    assert run.levels.ratio[0] == pytest.approx(100.0 / 150.0, rel=1e-3)
    run.advance(150.0, 50.0)
    assert run.levels.wait[0] == pytest.approx(25.0, rel=0.02)
    run.advance(230.0, 50.0)
    assert run.levels.wait[0] < 0.01


def test_more_cannot_wait_inside_than_tokens_are_held_outside() -> None:
    primitives = {"s/pool": Pool(capacity=10), "s/cpu": Fleet(servers=1, discipline="fifo")}
    visit = Visit(component="s", enter=(Hold("s/pool"), Work("s/cpu", exponential(0.01))), leave=(Release("s/pool"),))
    run = steady(primitives, visit, 120.0, minutes=1)
    pool, cpu = (run.layout.queues[name] for name in ("s/pool", "s/cpu"))
    assert run.levels.wait[cpu] == pytest.approx(0.09, rel=0.02)
    # What is offered above the capacity of 100/s for 660 s waits for a token: 132 s of work.
    assert run.levels.wait[pool] == pytest.approx(132.0, rel=0.02)


@pytest.mark.parametrize(("rate", "refused"), [(7.0, 0.0787408830), (12.0, 0.301949)])
def test_a_pool_without_places_is_the_erlang_loss_system(rate: float, refused: float) -> None:
    visit = Visit(component="s", enter=(Hold("s/pool"), Wait(constant(1.0))), leave=(Release("s/pool"),))
    run = steady({"s/pool": Pool(capacity=10, queue_limit=0)}, visit, rate, minutes=1)
    assert failed_share(run) == pytest.approx(refused, rel=5e-3)


def test_patience_ends_a_backlog() -> None:
    primitives = {"s/pool": Pool(capacity=10, patience_s=3.0)}
    visit = Visit(component="s", enter=(Hold("s/pool"), Wait(exponential(1.0))), leave=(Release("s/pool"),))
    run = steady(primitives, visit, 20.0, minutes=1)
    assert run.levels.wait[0] == pytest.approx(3.0)
    assert run.levels.refused[0] == pytest.approx(0.5, rel=0.03)


def test_buckets_hold_back_what_exceeds_their_rate() -> None:
    reject = {"s/rate": Bucket(rate_per_s=100.0, capacity=100.0)}
    visit = Visit(component="s", enter=(Take("s/rate"), Wait(constant(0.01))))
    assert failed_share(steady(reject, visit, 150.0, minutes=1)) == pytest.approx(1.0 / 3.0, rel=5e-3)
    assert failed_share(steady(reject, visit, 80.0, minutes=1)) < 1e-9
    delay = {"s/rate": Bucket(rate_per_s=100.0, capacity=1000.0, when_empty="delay")}
    run = FluidRun(lay_out(build(delay, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.advance(100.0, 110.0)
    # A thousand tokens last a hundred seconds; then requests wait for what is missing.
    assert run.flows.route[0, 2] < 0.3
    run.advance(200.0, 110.0)
    assert run.flows.route[0, 2] == pytest.approx(10.0, rel=0.02)


def test_environments_are_made_once_and_refused_beyond_the_limit() -> None:
    function = {"f/env": Environments(limit=20, cold_start=constant(0.5), keep_alive_s=300.0)}
    visit = Visit(component="f", enter=(Lease("f/env"), Wait(constant(0.1))), leave=(Return("f/env"),))
    calm, crowded = steady(function, visit, 50.0, minutes=1), steady(function, visit, 400.0, minutes=1)
    assert 5.0 < calm.levels.made[0] < 20.0
    assert calm.levels.cold[0] < 1e-6
    assert crowded.levels.made[0] == pytest.approx(20.0)
    assert failed_share(crowded) == pytest.approx(0.5, abs=0.03)


def test_no_instance_refuses_everything() -> None:
    server = {"s/cpu": Fleet(servers=1, discipline="fifo", max_instances=2)}
    visit = Visit(component="s", enter=(Work("s/cpu", exponential(0.01)),))
    run = FluidRun(lay_out(build(server, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.set_instances("s/cpu", [])
    run.advance(10.0, 10.0)
    assert run.flows.route[0, 1] == 0.0 or np.isclose(run.levels.refused[0], 1.0)


def test_environments_that_are_always_there_have_no_cold_starts() -> None:
    function = {"f/env": Environments(limit=20, cold_start=constant(0.5), keep_alive_s=300.0)}
    visit = Visit(component="f", enter=(Lease("f/env"), Wait(constant(0.1))), leave=(Return("f/env"),))
    run = FluidRun(lay_out(build(function, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.advance(1.0, 0.001)
    assert run.levels.cold[0] > 0.9, "once in a thousand seconds finds nothing warm"
    run.set_provisioned("f/env", 20)
    run.advance(2.0, 0.001)
    run.advance(10.0, 50.0)
    assert run.levels.cold[0] == 0.0
    assert run.leased("f/env") == pytest.approx(5.0, rel=0.01)


def test_functions_of_one_account_are_granted_what_it_has_left_in_proportion() -> None:
    environments = {
        f"{name}/env": Environments(
            limit=100, account=100, cold_start=constant(0.1), keep_alive_s=300.0, provisioned=provisioned
        )
        for name, provisioned in (("a", 0), ("b", 20))
    }
    programs = [
        Program(
            route=name,
            share=share,
            entry=Visit(
                component=name, enter=(Lease(f"{name}/env"), Wait(constant(0.1))), leave=(Return(f"{name}/env"),)
            ),
        )
        for name, share in (("a", 0.9), ("b", 0.1))
    ]
    run = FluidRun(lay_out(build(environments, programs)), 1)
    run.advance(60.0, 2000.0)
    # 180 wanted by a, 20 by b, who has them provisioned: a gets the 80 left, and four ninths of its calls.
    assert run.leased("b/env") == pytest.approx(20.0, rel=0.05)
    assert run.leased("a/env") == pytest.approx(80.0, rel=0.05)
    assert run.flows.route[0, 1] == pytest.approx(4.0 / 9.0, rel=0.05)
