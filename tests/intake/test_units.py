"""Amounts as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refusals import refusal
from tonnage.intake.starter import amount
from tonnage.intake.units import parse_amount
from tonnage.workload import Place, WorkloadError, assumed, declared

HERE = Place(file="tonnage.yaml", line=7)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("8 ms", "s", 0.008),
        ("8ms", "s", 0.008),
        ("250 us", "s", 250e-6),
        ("250 µs", "s", 250e-6),
        ("1.5 s", "s", 1.5),
        ("2 min", "s", 120.0),
        ("1 h", "s", 3600.0),
        (3, "s", 3.0),
        (0.25, "s", 0.25),
        ("80 %", "1", 0.8),
        ("0.8", "1", 0.8),
        ("1_000", "1", 1000.0),
        ("1e3", "1", 1000.0),
        ("512 KB", "bytes", 512e3),
        ("1 MiB", "bytes", 1024.0**2),
        ("200/s", "1/s", 200.0),
        ("200 /s", "1/s", 200.0),
        ("600/min", "1/s", 10.0),
        ("120 rps", "1/s", 120.0),
    ],
)
def test_amounts(text: object, unit: str, value: float) -> None:
    read = parse_amount(text, unit, what="x", place=HERE)
    assert read.value == pytest.approx(value)
    assert (read.unit, read.evidence, read.source) == (unit, "declared", "declared at tonnage.yaml:7")
    assert read.low == read.value == read.high


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("4 ms (2-10 ms)", 0.002, 0.010),
        ("4 ms (2 - 10)", 0.002, 0.010),
        ("4 ms (2–10 ms)", 0.002, 0.010),
        ("4 ms (2 to 10 ms)", 0.002, 0.010),
        ("4 ms (2..10 ms)", 0.002, 0.010),
        ("4 ms (0.001-0.02 s)", 0.001, 0.020),
    ],
)
def test_a_value_with_a_range_is_still_to_be_measured(text: str, low: float, high: float) -> None:
    read = parse_amount(text, "s", what="x", place=HERE)
    assert read.evidence == "assumed"
    assert (read.low, read.value, read.high) == pytest.approx((low, 0.004, high))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("8 lightyears", "s"),
        ("8 KB", "s"),
        ("8 ms", "1"),
        ("fast", "s"),
        ("", "s"),
        ("8 ms or so", "s"),
        (True, "s"),
        (None, "s"),
        ("ms", "s"),
        ("5 (1-9 KB)", "s"),
    ],
)
def test_what_is_no_amount_is_refused_where_it_stands(text: object, unit: str) -> None:
    error = refusal(WorkloadError, lambda: parse_amount(text, unit, what="cpu of Web", place=HERE))
    assert error.place == HERE
    assert error.what.startswith("cpu of Web: ")
    assert repr(text) in error.what


@pytest.mark.parametrize("value", [math.nan, math.inf, "nan", "1e999"])
def test_what_is_not_a_finite_number_is_refused(value: object) -> None:
    error = refusal(WorkloadError, lambda: parse_amount(value, "s", what="cpu of Web", place=HERE))
    assert error.place == HERE


def test_a_value_outside_its_own_range_is_refused() -> None:
    error = refusal(WorkloadError, lambda: parse_amount("20 ms (2-10 ms)", "s", what="cpu of Web", place=HERE))
    assert "outside its own range" in error.what
    assert error.place == HERE


@given(
    value=st.floats(1e-7, 1e7),
    wider=st.tuples(st.floats(0.0, 1.0), st.floats(1.0, 100.0)),
    unit=st.sampled_from(["s", "bytes", "1", "1/s"]),
    certain=st.booleans(),
)
def test_what_the_starter_writes_reads_back(value, wider, unit, certain) -> None:
    quantity = (
        declared(value, unit, "test")
        if certain
        else assumed(value, unit, "test", low=value * wider[0], high=value * wider[1])
    )
    again = parse_amount(amount(quantity), unit, what="x", place=None)
    assert again.value == pytest.approx(quantity.value, rel=1e-5)
    assert again.low == pytest.approx(quantity.low, rel=1e-5, abs=value * 1e-5)
    assert again.high == pytest.approx(quantity.high, rel=1e-5)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (assumed(0.02, "s", "t", low=0.005, high=0.1), "20 ms (5-100 ms)"),
        (assumed(0.0, "s", "t", low=0.0, high=3.0), "0 s (0-3 s)"),
        (declared(0.8, "1", "t"), "0.8"),
        (assumed(0.0, "1/s", "t", low=0.0, high=20_000.0), "0 /s (0-20000 /s)"),
        (declared(0.0003, "s", "t"), "300 us"),
    ],
)
def test_the_starter_writes_amounts_as_people_do(quantity, text: str) -> None:
    assert amount(quantity) == text
