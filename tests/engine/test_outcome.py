"""Outcomes: percentiles, means and error shares from what was counted."""

import math

import pytest

from outcomes import a_route, an_outcome


def test_percentiles_and_mean_are_within_the_histograms_resolution() -> None:
    seen = an_outcome(a_route("all", {0.010: 900, 0.100: 90, 1.0: 10}))
    assert seen.latency_s(50.0) == pytest.approx(0.010, rel=0.01)
    assert seen.latency_s(95.0) == pytest.approx(0.100, rel=0.01)
    assert seen.latency_s(99.9) == pytest.approx(1.0, rel=0.01)
    assert seen.latency_s(None) == pytest.approx((900 * 0.010 + 90 * 0.100 + 10 * 1.0) / 1000, rel=0.01)


def test_a_route_is_asked_for_alone_or_all_together() -> None:
    seen = an_outcome(a_route("fast", {0.010: 90}, failed=10), a_route("slow", {1.0: 100}, late=50, unanswered=10))
    assert seen.latency_s(50.0, "fast") == pytest.approx(0.010, rel=0.01)
    assert seen.latency_s(50.0, "slow") == pytest.approx(1.0, rel=0.01)
    assert seen.latency_s(90.0) == pytest.approx(1.0, rel=0.01)
    assert seen.error_share("fast") == pytest.approx(0.10)
    assert seen.error_share("slow") == pytest.approx(0.60)
    assert seen.error_share() == pytest.approx(70 / 200)


def test_nothing_answered_has_no_latency_and_nothing_arrived_no_errors() -> None:
    assert math.isnan(an_outcome(a_route("all", {}, failed=5)).latency_s(99.0))
    assert math.isnan(an_outcome(a_route("all", {}, failed=5)).latency_s(None))
    assert an_outcome(a_route("all", {}, failed=5)).error_share() == 1.0
    assert an_outcome(a_route("all", {})).error_share() == 0.0
