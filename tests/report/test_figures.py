import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.report import figures
from tonnage.workload import assumed, declared, parse_objective


def plain(text):
    return text.replace(figures.SPACE, " ")


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0.0004, "0.4 ms"),
        (0.0098, "9.8 ms"),
        (0.00999, "10 ms"),
        (0.188, "188 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (2.414, "2.41 s"),
        (24.13, "24.1 s"),
        (124.0, "2 min 4 s"),
        (math.inf, "no answer"),
        (math.nan, "–"),
    ],
)
def test_latencies(time_s, text):
    assert plain(figures.latency(time_s)) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0.0, "0 s"),
        (45.0, "45 s"),
        (750.0, "12 min 30 s"),
        (10200.0, "2 h 50 min"),
        (3600.0, "1 h"),
        (90000.0, "1 d 1 h"),
        (-300.0, "−5 min"),
        (59.7, "1 min"),
    ],
)
def test_spans(time_s, text):
    assert plain(figures.span(time_s)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.00004, "0.004 %"),
        (0.0009, "0.09 %"),
        (0.032, "3.2 %"),
        (0.14, "14 %"),
        (0.9999, "99.99 %"),
        (1.0, "100 %"),
        (12.4, "1 240 %"),
        (-0.08, "−8 %"),
        (1e-8, "<0.0001 %"),
    ],
)
def test_percentages(share, text):
    assert plain(figures.percent(share)) == text


@given(st.floats(min_value=0.0, max_value=1.0))
def test_only_all_reads_as_all_and_only_nothing_as_nothing(share):
    text = plain(figures.percent(share))
    assert (text == "100 %") == (share * 100.0 >= 100.0 - 1e-9)
    assert (text == "0 %") == (share == 0.0)


@pytest.mark.parametrize(
    ("amount", "text", "difference"),
    [
        (1184.4, "1 184 $", "+1 184 $"),
        (4.123, "4.12 $", "+4 $"),
        (52.0, "52 $", "+52 $"),
        (0.0, "0 $", "±0 $"),
        (-8.2, "−8.20 $", "−8 $"),
        (0.3, "0.30 $", "±0 $"),
    ],
)
def test_money(amount, text, difference):
    assert plain(figures.usd(amount)) == text
    assert plain(figures.signed_usd(amount)) == difference


@pytest.mark.parametrize(
    ("rate", "text"), [(1210.4, "1 210 req/s"), (412.0, "412 req/s"), (9.43, "9.4 req/s"), (0.35, "0.35 req/s")]
)
def test_rates(rate, text):
    assert plain(figures.rate(rate)) == text


def test_counts():
    given_counts = (1184, 1, 12.345, 0.032, 0.00001, -3.0, 0.0, math.inf, math.nan)
    assert [plain(figures.count(value)) for value in given_counts] == [
        "1 184",
        "1",
        "12.3",
        "0.032",
        "0.00001",
        "−3",
        "0",
        "∞",
        "–",
    ]


def test_a_value_that_rounds_onto_its_threshold_keeps_the_digits_that_tell_them_apart():
    objective = parse_objective("p99 latency < 300 ms")
    assert plain(figures.indicated(objective, 0.188)) == "188 ms"
    assert plain(figures.indicated(objective, 0.2996)) == "299.6 ms"
    assert plain(figures.indicated(objective, 0.30004)) == "300.04 ms"
    assert plain(figures.indicated(objective, 0.3)) == "300 ms"
    assert plain(figures.indicated(parse_objective("errors < 0.1 %"), 0.001004)) == "0.1004 %"
    assert plain(figures.indicated(parse_objective("cost < 400 USD/month"), 400.2)) == "400.2 $"


def test_thresholds_carry_their_unit():
    texts = ("p99 latency < 300 ms", "p50 latency < 1.5 s", "availability > 99.9 %", "cost < 2000 USD/month")
    assert [plain(figures.threshold(parse_objective(text))) for text in texts] == [
        "< 300 ms",
        "< 1.50 s",
        "< 0.1 %",
        "< 2 000 $/month",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.009, "s", "9 ms"),
        (1e-5, "s", "10 µs"),
        (300.0, "s", "5 min"),
        (60.0, "s", "60 s"),
        (1500.0, "bytes", "1.5 kB"),
        (0.8, "1", "0.8"),
        (50.0, "1/s", "50 1/s"),
    ],
)
def test_quantities_in_their_unit(value, unit, text):
    assert plain(figures.measure(value, unit)) == text


def test_a_range_is_shown_only_where_there_is_one():
    assert plain(figures.quantity_range(assumed(0.004, "s", "x", low=0.001, high=0.01))) == "1 ms–10 ms"
    assert figures.quantity_range(declared(0.004, "s", "x")) == ""
