"""Metric math: the guide's examples, gaps, and whatever somebody types."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.scaling.metric_math import MathError, Series, evaluate, names, parse

NO = None
M1: Series = (30.0, 20.0, 0.0, 0.0)
M2: Series = (20.0, NO, 20.0, NO)
A: Series = (1.0, 1.0, 0.0, 0.0, NO)
B: Series = (30.0, NO, 0.0, 0.0, 30.0)
C: Series = (0.0, 0.0, 20.0, NO, 20.0)


def of(text: str, **metrics: Series) -> Series:
    return evaluate(parse(text), metrics, 60.0)


@pytest.mark.parametrize(
    ("case", "text", "expected"),
    [
        ("CW15", "m1 < m2", (0, 0, 1, 0)),
        ("CW16", "m1 >= 30", (1, 0, 0, 0)),
    ],
)
def test_comparisons_as_documented(case: str, text: str, expected: Series) -> None:
    # Amazon CloudWatch user guide, Using math expressions with CloudWatch metrics.
    assert of(text, m1=M1, m2=M2) == expected, case


@pytest.mark.parametrize(
    ("case", "text", "expected"),
    [("CW17", "IF(a, b, c)", (30, 0, 20, 0, NO)), ("CW18", "IF(a, b, 5)", (30, 0, 5, 5, NO))],
)
def test_if_as_documented(case: str, text: str, expected: Series) -> None:
    # The same page, "Using IF expressions".
    assert of(text, a=A, b=B, c=C) == expected, case


def test_an_omitted_branch_and_a_number_beside_a_gap_drop_the_point() -> None:
    assert of("IF(a, b)", a=A, b=B) == (30, 0, NO, NO, NO)
    assert of("IF(a, 7, c)", a=A, c=C) == (7, 7, 20, NO, NO)


def test_a_missing_value_counts_as_nothing_where_another_is_there() -> None:
    assert of("m1 + m2", m1=(1.0, NO, NO), m2=(NO, 2.0, NO)) == (1, 2, NO)
    assert of("m1 * 2 + 1", m1=(1.0, NO)) == (3, NO)
    assert of("m1 / m2", m1=(4.0, 4.0, 4.0), m2=(2.0, 0.0, NO)) == (2, NO, NO)


def test_backlog_per_instance() -> None:
    # AS20: 1,500 messages for 10 instances are 150 each (Amazon EC2 Auto Scaling user guide, Amazon SQS).
    assert of("visible / instances", visible=(1500.0,), instances=(10.0,)) == (150,)
    assert of("FILL(visible, 0) / IF(n > 0, n, 1)", visible=(NO, 30.0), n=(0.0, 3.0)) == (0, 10)


def test_operators_bind_as_usual() -> None:
    assert of("1 + 2 * m ^ 2 - -3", m=(3.0,)) == (22,)
    assert of("(1 + 2) * m", m=(3.0,)) == (9,)
    assert of("m > 1 AND m < 5 OR m == 9", m=(0.0, 3.0, 9.0)) == (0, 1, 1)
    assert of("m > 1 && m != 3 || m <= 0", m=(0.0, 3.0, 9.0)) == (1, 0, 1)
    assert of("2 ^ 3 ^ m", m=(2.0,)) == (512,)


def test_gaps_are_filled_as_asked() -> None:
    m: Series = (NO, 2.0, NO, NO, 8.0, NO)
    assert of("FILL(m, 7)", m=m) == (7, 2, 7, 7, 8, 7)
    assert of("FILL(m, REPEAT)", m=m) == (NO, 2, 2, 2, 8, 8)
    assert of("FILL(m, LINEAR)", m=m) == (NO, 2, 4, 6, 8, 8)
    assert of("FILL(m, n)", m=m, n=(1.0,) * 6) == (1, 2, 1, 1, 8, 1)


def test_functions_of_one_series_and_of_several() -> None:
    assert of("CEIL(m) + FLOOR(m) + ABS(0 - m)", m=(1.5, NO)) == (4.5, NO)
    assert of("RATE(m)", m=(0.0, 60.0, NO, 300.0)) == (NO, 1, NO, 2)
    assert of("DIFF(m)", m=(0.0, 60.0, NO, 300.0)) == (NO, 60, NO, 240)
    assert of("m / PERIOD(m)", m=(120.0,)) == (2,)
    assert of("AVG([m, n])", m=(4.0, NO, NO), n=(2.0, 2.0, NO)) == (3, 1, NO)
    assert of("MAX([m, n]) - MIN([m, n]) + SUM(METRICS())", m=(4.0,), n=(2.0,)) == (8,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column 1: something is missing"),
        ("m +", "column 4: something is missing"),
        ("m n", "column 3: 'n' is too much"),
        ("(m", "column 3: ')' is missing"),
        ("m ? 2", "column 3: '?' is not part of metric math"),
        ("SEARCH(m)", "column 1: SEARCH cannot be watched"),
        ("AVG(m)", "AVG of one series is a single value"),
        ("IF(m)", "IF takes 2 or 3 arguments"),
        ("FILL(REPEAT, m)", "REPEAT is for the second argument of FILL"),
        ("(" * 60 + "m", "nested too deeply"),
        ("-" * 60 + "m", "nested too deeply"),
        ("m" * 3000, "3000 characters long"),
        ("+".join(["m"] * 600), "has 1199 parts"),
    ],
)
def test_what_is_wrong_is_told_with_its_column(text: str, said: str) -> None:
    with pytest.raises(MathError, match=said.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        parse(text)


def test_what_is_no_series_is_refused() -> None:
    for text in ("1 + 1", "PERIOD(m)"):
        with pytest.raises(MathError, match="a number"):
            of(text, m=(1.0,))
    with pytest.raises(MathError, match="no metric has the id n"):
        of("m + n", m=(1.0,))
    with pytest.raises(MathError, match="a single series is needed"):
        of("[m, m] + 1", m=(1.0,))


def test_a_long_sum_is_no_deep_one() -> None:
    assert of("+".join(["m"] * 200), m=(1.0,)) == (200,)


def test_names_are_those_that_must_be_given() -> None:
    assert names(parse("FILL(b, REPEAT) / IF(a > 1, b, 2)")) == ("b", "a")


@given(st.text(alphabet="mn01.(),+-*/^<>=&|[] IFLRAVGX", max_size=60))
def test_whatever_somebody_types_is_an_expression_or_told(text: str) -> None:
    try:
        found = of(text, m=(1.0, NO, 3.0), n=(0.0, 2.0, NO))
    except MathError:
        return
    assert len(found) in {0, 3}
    assert all(value is None or math.isfinite(value) for value in found)
