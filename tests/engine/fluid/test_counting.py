import math

import pytest

from fluid_runs import steady
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.fluid.state import ANSWERED, FAILED, LATE, UNANSWERED
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Fleet, exponential
from tonnage.engine.program import Program, Take, Visit, Wait, Work


def test_every_request_is_counted_once() -> None:
    primitives = {"s/rate": Bucket(rate_per_s=60.0, capacity=60.0)}
    visit = Visit(component="s", enter=(Take("s/rate"), Wait(exponential(1.0))))
    run = steady(primitives, visit, 100.0, minutes=2, deadline_s=math.log(2.0))
    counts = run.books.counts[0]
    assert counts.sum(axis=1) == pytest.approx([6000.0, 6000.0])
    assert counts[:, FAILED] == pytest.approx([2400.0, 2400.0], rel=0.01)
    assert counts[:, ANSWERED] == pytest.approx(counts[:, LATE], rel=0.06)
    assert run.books.fine.sum() == pytest.approx(counts.sum() - counts[:, FAILED].sum())
    assert run.books.coarse[0].sum(axis=1) == pytest.approx(counts.sum(axis=1) - counts[:, FAILED])
    assert run.books.refused[0] == pytest.approx(4800.0, rel=0.01)
    assert run.books.lost.sum() == pytest.approx(4800.0, rel=0.01)


def test_who_waits_beyond_the_end_is_unanswered() -> None:
    visit = Visit(component="s", enter=(Wait(exponential(1.0)),))
    run = FluidRun(lay_out(build({}, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.advance(0.2, 300.0, window=0, left_s=math.log(4.0) - 0.1)
    assert run.books.counts[0, 0, UNANSWERED] == pytest.approx(15.0, rel=0.02)


def test_response_times_are_drawn_again_only_when_queues_have_changed() -> None:
    primitives = {"s/cpu": Fleet(servers=1, discipline="fifo")}
    visit = Visit(component="s", enter=(Work("s/cpu", exponential(0.01)),))
    run = FluidRun(lay_out(build(primitives, [Program(route="r", share=1.0, entry=visit)])), 1)
    run.advance(600.0, 50.0)
    for k in range(5):
        run.advance(601.0 + k, 50.0, window=0, left_s=math.inf, ends=False)
    assert run.books.moments[0] == 1
    assert run.books.pending[0, 0] == pytest.approx(200.0)
    run.advance(606.0, 80.0, window=0, left_s=math.inf, ends=False)
    assert run.books.moments[0] == 2
    assert run.books.pending[0, 0] == 0.0
    assert run.books.fine.sum() == pytest.approx(330.0)
