"""Statistics against tables, exact cases and the coverage they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.engine.statistics import interval, paired, student, warm_up


# Tables: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
@pytest.mark.parametrize(
    ("degrees", "quantile"), [(1, 12.706), (4, 2.776), (9, 2.262), (10, 2.228), (19, 2.093), (30, 2.042), (100, 1.984)]
)
def test_students_quantiles_are_those_of_the_table(degrees: int, quantile: float) -> None:
    assert student(degrees) == pytest.approx(quantile, abs=6e-4)


def test_no_degree_of_freedom_is_an_error() -> None:
    with pytest.raises(ValueError, match="degrees"):
        student(0)
    with pytest.raises(ValueError, match="no values"):
        interval([])


def test_an_interval_is_students() -> None:
    found = interval([9.0, 10.0, 11.0, 14.0])
    assert found.mean == 11.0
    assert found.half_width == pytest.approx(3.1824 * math.sqrt(14.0 / 3.0 / 4.0), rel=1e-4)
    assert found.precision == pytest.approx(found.half_width / 11.0)
    assert (found.low + found.high) / 2 == 11.0


def test_one_value_has_no_width_and_infinity_stays() -> None:
    assert interval([3.0]).half_width == 0.0
    assert interval([1.0, math.inf]).mean == math.inf
    assert interval([1.0, math.inf]).half_width == 0.0
    assert interval([0.0, 0.0]).precision == 0.0
    assert interval([-1.0, 1.0]).precision == math.inf


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    hits = 0
    for _ in range(4000):
        found = interval(draw.normal(5.0, 2.0, size=6))
        hits += found.low <= 5.0 <= found.high
    assert hits / 4000 == pytest.approx(0.95, abs=4 * math.sqrt(0.05 * 0.95 / 4000))


def test_pairs_that_share_their_luck_are_compared_far_more_sharply() -> None:
    draw = np.random.default_rng(2)
    luck = draw.normal(0.0, 10.0, size=8)
    before, after = 100.0 + luck, 99.0 + luck + draw.normal(0.0, 0.1, size=8)
    change = paired(before.tolist(), after.tolist())
    assert change.mean == pytest.approx(-1.0, abs=0.2)
    assert change.high < 0.0
    assert change.half_width < interval(before).half_width / 20
    with pytest.raises(ValueError, match="zip"):
        paired([1.0], [1.0, 2.0])


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), shift=st.floats(-1e3, 1e3))
def test_an_even_change_is_known_exactly(values: list[float], shift: float) -> None:
    change = paired(values, [value + shift for value in values])
    assert change.mean == pytest.approx(shift, abs=1e-6)
    assert change.half_width == pytest.approx(0.0, abs=1e-6)


def correlated(n: int, seed: int, phi: float = 0.9) -> np.ndarray:
    """A first-order autoregressive series of mean 0, in its steady state."""
    draw = np.random.default_rng(seed)
    noise = draw.normal(size=n)
    values = np.empty(n)
    values[0] = noise[0] / math.sqrt(1 - phi * phi)
    for k in range(1, n):
        values[k] = phi * values[k - 1] + noise[k]
    return values


@pytest.mark.parametrize("length", [40, 100])
def test_a_warm_up_is_found_where_it_ends(length: int) -> None:
    values = correlated(400, 3, phi=0.3) + 50.0
    values[:length] -= np.linspace(50.0, 0.0, length)
    found = warm_up(values)
    assert found is not None
    assert 0.6 * length <= found <= length + 10


def test_a_settled_series_keeps_nearly_all() -> None:
    kept = [warm_up(correlated(400, seed, phi=0.3) + 5.0) for seed in range(50)]
    assert all(n is not None for n in kept)
    assert np.median([n for n in kept if n is not None]) <= 40


def test_a_series_that_goes_on_rising_never_settles() -> None:
    assert warm_up(np.linspace(0.0, 100.0, 300) ** 2) is None
    assert warm_up(np.zeros(6)) is None
