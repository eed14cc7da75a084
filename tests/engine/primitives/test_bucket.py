"""Buckets: tokens to the unit."""

import pytest

from engine.runs import counts, crowd, failures, one_route
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take

TOKENS = "a/tokens"


@pytest.mark.parametrize(("amount", "pass_at_once"), [(1.0, 10), (2.5, 4), (10.0, 1), (10.5, 0)])
def test_a_full_bucket_lets_its_capacity_pass_at_once(amount: float, pass_at_once: int) -> None:
    run = crowd(one_route({TOKENS: Bucket(rate_per_s=1.0, capacity=10.0)}, Take(TOKENS, amount)), 50, until_s=1.0)
    assert counts(run)["answered"] == pass_at_once
    assert failures(run) == {"throttled": run.arrived - pass_at_once}
    assert run.state.things.buckets["taken"][0] == pass_at_once * amount
    assert run.state.things.buckets["refused"][0] == (run.arrived - pass_at_once) * amount


def test_it_begins_at_its_level_and_never_holds_more_than_its_capacity() -> None:
    bucket = Bucket(rate_per_s=2.0, capacity=5.0, level=1.0, refusal="slow down")
    run = crowd(one_route({TOKENS: bucket}, Take(TOKENS)), 20, until_s=1.0)
    assert counts(run)["answered"] == 1
    assert set(failures(run)) == {"slow down"}
    # After a long time a new crowd finds five tokens, not two a second for all that time.
    later = crowd(run.model, 20, seed=2)
    later.state.things.buckets["t"][0] = -1000.0
    later.advance(1.0)
    assert counts(later)["answered"] == 5


def test_a_bucket_that_delays_makes_each_wait_its_turn() -> None:
    bucket = Bucket(rate_per_s=2.0, capacity=4.0, when_empty="delay")
    run = crowd(one_route({TOKENS: bucket}, Take(TOKENS)), 30)
    for time_s, answered in ((0.25, 4), (0.75, 5), (1.75, 7), (5.25, 14)):
        run.advance(time_s)
        assert counts(run)["answered"] == answered
    run.advance(100.0)
    assert counts(run)["answered"] == run.arrived


def test_a_new_rate_counts_from_now_on() -> None:
    bucket = Bucket(rate_per_s=1.0, capacity=100.0, level=0.0)
    run = crowd(one_route({TOKENS: bucket}, Take(TOKENS)), 1, until_s=10.0)
    level = run.state.things.buckets["level"][0]
    run.set_bucket_rate(TOKENS, 5.0)
    assert run.state.things.buckets["level"][0] == pytest.approx(level + 10.0)
    run.advance(14.0)
    run.set_bucket_rate(TOKENS, 0.0)
    assert run.state.things.buckets["level"][0] == pytest.approx(level + 10.0 + 20.0)
