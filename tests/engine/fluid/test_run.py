import pytest

from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Fleet, Pool, constant
from tonnage.engine.program import Choose, Hold, Program, Take, Visit, Work


def a_fleet() -> FluidRun:
    primitives = {
        "s/cpu": Fleet(servers=1, discipline="fifo", instances=2, max_instances=4),
        "s/pool": Pool(capacity=1000, fleet="s/cpu"),
    }
    visit = Visit(component="s", enter=(Choose("s/cpu"), Hold("s/pool"), Work("s/cpu", constant(0.01))))
    return FluidRun(lay_out(build(primitives, [Program(route="r", share=1.0, entry=visit)])), 1)


def test_new_instances_share_the_line_and_slower_ones_work_longer() -> None:
    run = a_fleet()
    run.advance(10.0, 300.0)
    cpu = run.layout.queues["s/cpu"]
    before = run.levels.wait[cpu]
    assert before == pytest.approx(5.0, rel=0.02)
    run.set_instances("s/cpu", [1.0] * 4)
    assert run.levels.wait[cpu] == pytest.approx(before / 2.0)
    run.set_instances("s/cpu", [1.0] * 3)
    assert run.levels.wait[cpu] == pytest.approx(before / 2.0)
    run.set_instances("s/cpu", [0.5] * 3)
    run.advance(11.0, 0.1)
    assert run.levels.server_s[cpu] == pytest.approx(0.02)
    assert run.cpu("s/cpu") == pytest.approx(0.5, rel=0.01)


def test_a_bucket_keeps_its_tokens_when_its_rate_changes() -> None:
    primitives = {"s/rate": Bucket(rate_per_s=10.0, capacity=100.0, when_empty="delay", level=40.0)}
    visit = Visit(component="s", enter=(Take("s/rate", 2.0),))
    run = FluidRun(lay_out(build(primitives, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.set_bucket_rate("s/rate", 20.0)
    assert 100.0 - run.levels.wait[0] * run.levels.speed[0] == pytest.approx(40.0)
    run.advance(1.0, 5.0)
    assert run.tokens_per_s("s/rate") == pytest.approx(10.0)
