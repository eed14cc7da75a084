from dataclasses import replace

import numpy as np
import pytest

from fluid_runs import steady
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.tally import cause_of, failures_of, routes_of, scaled, whole
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Fleet, Pool, constant
from tonnage.engine.program import Hold, Program, Take, Visit, Wait, Work


def test_whole_numbers_keep_their_sum() -> None:
    assert list(whole(np.array([0.4, 0.4, 0.4, 0.8]))) == [0, 1, 0, 1]
    assert list(scaled(np.array([1.0, 1.0, 1.0]), np.array(10))) == [3, 4, 3]
    assert list(scaled(np.zeros(2), np.array(0))) == [0, 0]
    assert scaled(np.ones((2, 3)), np.array([3, 6])).tolist() == [[1, 1, 1], [2, 2, 2]]


def test_a_route_is_conserved_in_whole_requests() -> None:
    primitives = {"s/rate": Bucket(rate_per_s=7.3, capacity=7.0, refusal="slow down")}
    visit = Visit(component="s", enter=(Take("s/rate"), Wait(constant(0.1))))
    run = steady(primitives, visit, 9.7, minutes=3)
    (route,) = routes_of(run.books, run.layout.model.programs)
    assert route.arrived == round(9.7 * 180)
    assert route.arrived == route.answered + route.failed
    assert int(route.histogram.sum()) == route.answered == int(route.window_histogram.sum())
    assert route.windows.sum(axis=0).tolist() == [route.arrived, route.answered, route.failed]
    (failure,) = failures_of(run.books, run.layout, route.failed)
    assert (failure.requests, failure.cause.text) == (route.failed, "slow down")


def test_causes_are_named_as_in_a_request_level_run() -> None:
    primitives = {"s/cpu": Fleet(servers=1), "s/pool": Pool(capacity=1, patience_s=2.0)}
    visit = Visit(component="s", enter=(Hold("s/pool"), Work("s/cpu", constant(0.1))), timeout_s=1.5)
    plain = build(primitives, [Program(route="r", share=1.0, entry=Visit(component="s"))])
    layout = lay_out(replace(plain, programs=(Program(route="r", share=1.0, entry=visit),)))
    texts = [cause_of(layout, place).text for place in range(3)]
    assert texts == ["no instance in service", "waited longer than 2 s", "timed out after 1.5 s"]


def test_time_outs_are_blamed_on_the_call() -> None:
    call = Visit(component="slow", enter=(Wait(constant(3.0)),), timeout_s=1.0)
    run = steady({}, Visit(component="s", calls=(call,)), 5.0, minutes=1)
    (route,) = routes_of(run.books, run.layout.model.programs)
    assert route.failed == route.arrived == 300
    (failure,) = failures_of(run.books, run.layout, 300)
    assert (failure.cause.component, failure.requests) == ("slow", 300)
    assert failures_of(run.books, run.layout, 0) == ()
    assert pytest.approx(run.flows.fails[1]) == 1.0
