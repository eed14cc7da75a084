"""Objectives held against replications: Student's interval, margins, and what cannot be called."""

import math

import pytest

from outcomes import a_route, an_outcome
from tonnage.advise.verdict import changes, indicator, judge, known_within, met
from tonnage.workload import Objective, parse_objective

ERRORS = parse_objective("errors < 1 %")
LATENCY = parse_objective("p99 latency < 300 ms")
COST = parse_objective("cost < 100 USD/month")


def failing(*per_mille: int):
    return [an_outcome(a_route("all", {0.01: 1000 - n}, failed=n)) for n in per_mille]


def judged(objective: Objective, outcomes, usd: float = 0.0):
    (judgement,) = judge([objective], outcomes, usd)
    return judgement


def test_the_interval_is_students() -> None:
    # Mean 4, standard deviation 2, t(2 degrees of freedom, 97.5 %) = 4.303: half width 4.303 * 2 / sqrt(3).
    judgement = judged(ERRORS, failing(2, 4, 6))
    half = 4.303 * 0.002 / math.sqrt(3.0)
    assert judgement.value == pytest.approx(0.004)
    assert judgement.high == pytest.approx(0.004 + half, rel=1e-4)
    assert judgement.low == 0.0, "a share is never negative"
    assert judgement.margin == pytest.approx(0.6)
    assert (judgement.met, judgement.confidence) == (True, "sure")


def test_two_runs_have_one_degree_of_freedom() -> None:
    judgement = judged(ERRORS, failing(400, 402))
    assert judgement.high - judgement.value == pytest.approx(12.706 * math.sqrt(2e-6) / math.sqrt(2.0), rel=1e-4)


def test_an_interval_across_the_threshold_is_too_close_to_call() -> None:
    just_met, just_missed = judged(ERRORS, failing(6, 9, 12)), judged(ERRORS, failing(8, 11, 14))
    assert (just_met.met, just_met.confidence) == (True, "too close to call")
    assert (just_missed.met, just_missed.confidence) == (False, "too close to call")
    assert just_missed.margin == pytest.approx(-0.1)
    assert judged(ERRORS, failing(30, 31, 32)).confidence == "sure"


def test_one_run_says_that_it_is_one() -> None:
    judgement = judged(ERRORS, failing(5))
    assert (judgement.low, judgement.value, judgement.high) == pytest.approx((0.005, 0.005, 0.005))
    assert judgement.confidence == "one run"


def test_latency_without_an_answer_is_infinite() -> None:
    judgement = judged(LATENCY, [an_outcome(a_route("all", {}, failed=9))] * 3)
    assert math.isinf(judgement.value)
    assert (judgement.met, judgement.confidence, judgement.margin) == (False, "sure", -math.inf)
    # One replication without an answer is enough.
    mixed = judged(LATENCY, [an_outcome(a_route("all", {0.01: 9})), an_outcome(a_route("all", {}, failed=9))])
    assert math.isinf(mixed.value)
    assert not mixed.met


def test_cost_is_exact() -> None:
    judgement = judged(COST, failing(0, 0, 0), usd=80.0)
    assert (judgement.value, judgement.low, judgement.high) == (80.0, 80.0, 80.0)
    assert (judgement.met, judgement.confidence) == (True, "sure")
    assert judgement.margin == pytest.approx(0.2)
    assert not judged(COST, failing(0), usd=100.0).met, "the cost must stay below"


def test_an_objective_of_a_route_looks_at_that_route() -> None:
    seen = an_outcome(a_route("fast", {0.1: 1000}), a_route("slow", {0.5: 1000}))
    assert indicator(parse_objective("p99 latency of fast < 300 ms"), seen, 0.0) == pytest.approx(0.1, rel=0.02)
    assert indicator(parse_objective("mean latency of slow < 300 ms"), seen, 0.0) == pytest.approx(0.5, rel=0.02)
    assert indicator(parse_objective("mean latency < 300 ms"), seen, 0.0) == pytest.approx(0.3, rel=0.02)


def test_one_run_meets_when_all_hold_and_it_was_not_stopped() -> None:
    good = a_route("all", {0.1: 1000})
    assert met([LATENCY, ERRORS, COST], an_outcome(good), 50.0)
    assert not met([LATENCY, ERRORS, COST], an_outcome(good), 150.0)
    assert not met([LATENCY, ERRORS], an_outcome(a_route("all", {0.1: 1000}, failed=20)), 0.0)
    assert not met([LATENCY, ERRORS], an_outcome(good, stopped="overload"), 0.0)


def test_a_figure_is_known_when_its_interval_is_narrow_enough() -> None:
    wide, narrow = judge([ERRORS], failing(100, 120, 140), 0.0), judge([ERRORS], failing(119, 120, 121), 0.0)
    assert not known_within(wide, 0.05)
    assert known_within(narrow, 0.05)
    # Far below its threshold a share of errors need not be known to its own size.
    assert known_within(judge([ERRORS], failing(0, 0, 1, 0), 0.0), 0.10)
    assert not known_within(judge([ERRORS], failing(0, 0, 1, 0), 0.0), 0.05)
    assert known_within(judge([COST], failing(0, 400), 1.0), 0.01), "cost is exact"
    assert known_within(judge([LATENCY], [an_outcome(a_route("all", {}, failed=9))] * 3, 0.0), 0.01)


def test_changes_are_compared_pair_by_pair() -> None:
    (change,) = changes([ERRORS], failing(10, 20, 30), failing(5, 15, 25))
    assert change.mean == pytest.approx(-0.005)
    assert change.half_width == pytest.approx(0.0, abs=1e-12)
    (gone,) = changes([LATENCY], failing(0), [an_outcome(a_route("all", {}, failed=9))])
    assert math.isinf(gone.mean)
