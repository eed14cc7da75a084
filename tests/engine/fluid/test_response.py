import math

import numpy as np
import pytest

from fluid_runs import mean_response, steady
from tonnage.engine.fluid.response import DIMENSIONS, strata
from tonnage.engine.fluid.state import SAMPLES
from tonnage.engine.fluid.tally import scaled
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.primitives import Cache, Fleet, Pool, constant, exponential, lognormal
from tonnage.engine.program import Hold, Lookup, Release, Visit, Wait, Work


def quantile(shares: np.ndarray, q: float) -> float:
    return percentile(scaled(shares, np.array(1_000_000)), q, FINE_BITS)


def test_every_draw_runs_through_all_strata() -> None:
    assert strata().shape == (DIMENSIONS, SAMPLES)
    assert all(np.array_equal(np.sort(row), np.arange(SAMPLES)) for row in strata())
    assert not np.array_equal(strata()[0], strata()[1])


def test_the_response_of_mm1_is_exponential() -> None:
    server = {"s/cpu": Fleet(servers=1, discipline="fifo")}
    run = steady(server, Visit(component="s", enter=(Work("s/cpu", exponential(0.01)),)), 80.0, minutes=60)
    assert mean_response(run) == pytest.approx(0.05, rel=0.02)
    for q in (50.0, 90.0, 99.0):
        assert quantile(run.books.fine[0], q) == pytest.approx(-0.05 * math.log(1.0 - q / 100.0), rel=0.05)


@pytest.mark.parametrize("time", [exponential(0.01), lognormal(0.01, 2.0), constant(0.01)])
def test_the_mean_of_a_shared_server_does_not_depend_on_the_variation(time: object) -> None:
    server = {"s/cpu": Fleet(servers=1, discipline="processor sharing")}
    run = steady(server, Visit(component="s", enter=(Work("s/cpu", time),)), 70.0, minutes=60)  # type: ignore[arg-type]
    assert mean_response(run) == pytest.approx(0.01 / 0.3, rel=0.04)


def test_a_branch_a_miss_and_rounds_add_their_time() -> None:
    primitives = {"s/cache": Cache(hit_ratio=0.75)}
    below = Visit(component="b", enter=(Wait(constant(0.1)),), probability=0.5, times=2)
    visit = Visit(
        component="s",
        enter=(Lookup("s/cache"),),
        on_miss=(Visit(component="m", enter=(Wait(constant(1.0)),)),),
        calls=(below,),
    )
    run = steady(primitives, visit, 10.0)
    shares = run.books.fine[0] / run.books.fine[0].sum()
    assert mean_response(run) == pytest.approx(0.25 + 0.1, rel=0.02)
    # A quarter takes the second of the miss; the caller makes both rounds or none.
    assert quantile(shares, 70.0) < 0.21 < 0.99 < quantile(shares, 76.0)
    assert run.flows.route[0, 2] == pytest.approx(0.35)


def test_parallel_calls_take_as_long_as_the_longest_and_others_nothing() -> None:
    calls = (
        Visit(component="a", enter=(Wait(exponential(0.1)),)),
        Visit(component="b", enter=(Wait(exponential(0.1)),)),
        Visit(component="c", enter=(Wait(constant(50.0)),), waits=False),
    )
    together = steady({}, Visit(component="s", calls=calls, parallel=True), 10.0)
    assert mean_response(together) == pytest.approx(0.15, rel=0.03)
    after = steady({}, Visit(component="s", calls=calls), 10.0)
    assert mean_response(after) == pytest.approx(0.2, rel=0.03)
    assert after.visits_per_s("c") == pytest.approx(10.0)


def test_a_call_that_times_out_is_tried_again() -> None:
    call = Visit(
        component="b",
        enter=(Wait(exponential(0.1)),),
        timeout_s=0.1 * math.log(4.0),
        attempts=2,
        backoff_base_s=1.0,
        backoff_cap_s=1.0,
        jitter="none",
    )
    run = steady({}, Visit(component="s", calls=(call,)), 10.0)
    # A quarter of the tries takes too long: a sixteenth of the requests fails, and a quarter is tried again.
    counts = run.books.counts[0].sum(axis=0)
    assert run.visits_per_s("b") == pytest.approx(12.5, rel=0.03)
    assert counts[1] / counts.sum() == pytest.approx(1.0 / 16.0, rel=0.1)
    assert quantile(run.books.fine[0], 79.0) < 0.14 < 1.0 < quantile(run.books.fine[0], 83.0)


def test_a_bounded_wait_for_a_token_is_in_the_response() -> None:
    primitives = {"s/pool": Pool(capacity=5, queue_limit=20)}
    visit = Visit(component="s", enter=(Hold("s/pool"), Wait(exponential(1.0))), leave=(Release("s/pool"),))
    run = steady(primitives, visit, 20.0, minutes=30)
    # Far overloaded, a request that is admitted finds nearly twenty ahead of it: four seconds, then its own.
    assert mean_response(run) == pytest.approx(5.0 - 0.07, rel=0.03)
