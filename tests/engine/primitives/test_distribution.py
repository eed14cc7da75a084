"""Quantile tables: exact mean, true shape, one grid."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from tonnage.engine.primitives.distribution import (
    CELLS,
    OCTAVES,
    constant,
    exponential,
    lognormal,
    mixture,
    quantile_table,
    survival_grid,
)

SHAPES = [("constant", 0.0), ("exponential", 1.0), ("lognormal", 0.3), ("lognormal", 1.5), ("lognormal", 4.0)]


def moment(table: np.ndarray, power: int) -> float:
    """Moment of the table read with linear interpolation between its knots, flat below the last."""
    survival = survival_grid()
    low, high = table[:-1], table[1:]
    inside = sum(low**k * high ** (power - k) for k in range(power + 1)) / (power + 1)
    return float(np.sum((survival[:-1] - survival[1:]) * inside) + survival[-1] * table[-1] ** power)


def test_the_grid_falls_from_one_in_equal_cells_of_an_octave() -> None:
    grid = survival_grid()
    assert len(grid) == OCTAVES * CELLS + 1
    assert grid[0] == 1.0
    assert grid[CELLS] == 0.5
    assert grid[-1] == 2.0**-OCTAVES
    assert np.diff(grid[: CELLS + 1]) == pytest.approx(-0.5 / CELLS)


@pytest.mark.parametrize(("shape", "cv"), SHAPES)
def test_the_mean_is_one_exactly(shape: str, cv: float) -> None:
    table = quantile_table(shape, cv)
    assert moment(table, 1) == pytest.approx(1.0, abs=1e-12)
    assert np.all(np.diff(table) >= 0.0)
    assert np.all(np.isfinite(table))


@pytest.mark.parametrize(("shape", "cv"), SHAPES)
def test_the_variance_is_that_of_the_distribution(shape: str, cv: float) -> None:
    # The tail beyond 2**-40 is cut off: what a lognormal of cv 4 loses there is below 1 %.
    assert moment(quantile_table(shape, cv), 2) == pytest.approx(1.0 + cv * cv, rel=0.01)


@pytest.mark.parametrize("survival", [0.5, 0.1, 0.01, 1e-4, 1e-8])
def test_quantiles_are_those_of_the_distribution(survival: float) -> None:
    grid = survival_grid()[::-1]
    cv = 1.5
    sigma = math.sqrt(math.log1p(cv * cv))
    exact = math.exp(sigma * NormalDist().inv_cdf(1.0 - survival) - sigma * sigma / 2.0)
    assert np.interp(survival, grid, quantile_table("lognormal", cv)[::-1]) == pytest.approx(exact, rel=2e-3)
    assert np.interp(survival, grid, quantile_table("exponential", 1.0)[::-1]) == pytest.approx(
        -math.log(survival), rel=2e-3
    )


def test_equal_shapes_share_a_table_whatever_their_mean() -> None:
    assert exponential(0.1).table_key == exponential(7.0).table_key
    assert lognormal(0.1, 1.5).table_key == lognormal(7.0, 1.5).table_key != lognormal(0.1, 1.4).table_key
    assert lognormal(0.1, 0.0).table_key == constant(3.0).table_key


def test_a_factor_scales_the_mean_and_keeps_the_shape() -> None:
    assert lognormal(0.1, 1.5).times(3.0) == lognormal(pytest.approx(0.3), 1.5)


def test_a_mixture_has_its_parts_in_their_shares():
    time = mixture([(3.0, 0.010), (1.0, 0.110)])
    assert time.mean_s == pytest.approx(0.035)
    assert time.cv == pytest.approx(math.sqrt(0.75 * 0.025**2 + 0.25 * 0.075**2) / 0.035)
    table = quantile_table(*time.table_key)
    assert time.mean_s * np.interp(0.1, survival_grid()[::-1], table[::-1]) == pytest.approx(0.110, rel=0.02)
    assert time.mean_s * np.interp(0.5, survival_grid()[::-1], table[::-1]) == pytest.approx(0.010, rel=0.02)
    assert moment(table, 2) == pytest.approx(1.0 + time.cv**2, rel=0.02)


def test_a_mixture_of_equals_is_constant():
    assert mixture([(0.5, 2.0), (0.5, 2.0)]).table_key == constant(2.0).table_key
    assert mixture([(1.0, 0.0)]).mean_s == 0.0
