"""Alias tables give every object exactly its share."""

import numpy as np
import pytest

from tonnage.engine.kernels.alias import alias_table


@pytest.mark.parametrize(
    "weight",
    [
        np.ones(7),
        np.arange(1.0, 51.0) ** -0.9,
        np.array([5.0, 0.0, 0.0, 1.0]),
        np.array([3.0]),
        np.random.default_rng(1).random(200),
    ],
)
def test_shares_are_proportional_to_weights(weight: np.ndarray) -> None:
    n = len(weight)
    share, other = np.empty(n), np.empty(n, dtype=np.int32)
    alias_table(weight, share, other, np.empty((2, n), dtype=np.int32))
    assert np.all((share >= 0.0) & (share <= 1.0 + 1e-12))
    drawn = share / n
    np.add.at(drawn, other, (1.0 - share) / n)
    assert drawn == pytest.approx(weight / weight.sum(), abs=1e-12)
