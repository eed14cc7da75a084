import math

import pytest

from report.reviews import a_histogram, a_review, an_outcome
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.report.json_load import given, load_report, number


def test_figures_are_rounded_to_what_means_something():
    assert number(0.1 + 0.2) == 0.3
    assert number(1.0 / 3.0, 3) == 0.333
    assert number(None) is None
    assert number(math.inf) is None
    assert number(math.nan) is None
    with pytest.raises(AssertionError):
        given(math.nan)


def test_all_requests_are_the_sum_of_the_routes():
    report = load_report(a_review().loads[1])
    routes = report.routes.values()
    for part in ("arrived", "answered", "failed"):
        assert getattr(report.all_requests, part) == sum(getattr(route, part) for route in routes)
    outcome = a_review().loads[1].outcomes[0]
    assert report.all_requests.latency.p99_s == number(outcome.latency_s(99.0))
    assert report.all_requests.latency.mean_s == number(outcome.latency_s(None))


def test_percentiles_rise():
    latency = load_report(a_review().loads[1]).all_requests.latency
    assert latency.p50_s <= latency.p90_s <= latency.p99_s <= latency.p99_9_s


def test_the_builder_makes_histograms_as_the_engine_reads_them():
    counts = a_histogram({0.1: 99, 2.0: 1})
    assert percentile(counts, 50.0, FINE_BITS) == pytest.approx(0.1, rel=0.01)
    assert percentile(counts, 99.9, FINE_BITS) == pytest.approx(2.0, rel=0.01)
    assert an_outcome().latency_s(50.0) == pytest.approx(0.02, rel=0.01)
