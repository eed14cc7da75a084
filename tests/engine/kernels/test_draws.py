"""Draws: functions of key and salt, uniform and independent; tables read between their knots."""

import math

import numpy as np
import pytest

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.draws import GOLDEN, from_table, mix, uniform
from tonnage.engine.primitives.distribution import quantile_table, survival_grid

TABLES = np.array([quantile_table("constant", 0.0), quantile_table("exponential", 1.0)])


@kernel
def mixed(z):
    return mix(z)


@kernel
def many_uniform(key, salt, out):
    for k in range(out.shape[0]):
        out[k] = uniform(mix(key + np.uint64(k) * GOLDEN), salt)


@kernel
def read(tables, table, u):
    return from_table(tables, table, u)


def drawn(seed: int, salt: int, n: int = 200_000) -> np.ndarray:
    out = np.empty(n)
    many_uniform(np.uint64(seed), np.uint64(salt), out)
    return out


def test_mix_is_the_finalizer_of_splitmix64() -> None:
    # The first three numbers of SplitMix64 from seed 1234567, as published with its reference code.
    state, numbers = 1234567, []
    for _ in range(3):
        state = (state + int(GOLDEN)) % 2**64
        numbers.append(int(mixed(np.uint64(state))))
    assert numbers == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_draws_are_uniform_and_never_zero() -> None:
    u = drawn(1, 17)
    assert 0.0 < u.min() < 1e-4
    assert 1.0 - 1e-4 < u.max() <= 1.0
    cells = np.bincount((u * 100).astype(int).clip(0, 99), minlength=100)
    chi2 = float(np.sum((cells - 2000.0) ** 2 / 2000.0))
    assert chi2 < 99 + 4 * math.sqrt(2 * 99)


@pytest.mark.parametrize(("one", "other"), [((1, 17), (1, 18)), ((1, 17), (2, 17)), ((1, 0xA221), (1, 0x5EED))])
def test_other_streams_and_seeds_are_independent(one: tuple[int, int], other: tuple[int, int]) -> None:
    correlation = np.corrcoef(drawn(*one), drawn(*other))[0, 1]
    assert abs(correlation) < 4.0 / math.sqrt(200_000)


def test_consecutive_requests_are_independent() -> None:
    u = drawn(3, 99)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4.0 / math.sqrt(len(u))


def test_a_table_is_read_exactly_at_its_knots_and_linearly_between_them() -> None:
    grid = survival_grid()
    for k in (0, 1, 31, 32, 33, 640, 1279):
        assert read(TABLES, 1, grid[k]) == pytest.approx(TABLES[1, k], rel=1e-12)
        if k < 1279:
            middle = (grid[k] + grid[k + 1]) / 2
            assert read(TABLES, 1, middle) == pytest.approx((TABLES[1, k] + TABLES[1, k + 1]) / 2, rel=1e-12)
    assert read(TABLES, 0, 0.123) == 1.0


def test_below_the_last_knot_the_table_is_flat() -> None:
    assert read(TABLES, 1, 2.0**-41) == read(TABLES, 1, 2.0**-53) == TABLES[1, -1]
