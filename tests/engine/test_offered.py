"""Offered: what cannot be offered is refused, and what can is written as the kernel reads it."""

import math

import numpy as np
import pytest

from refusals import refusal
from tonnage.engine.kernels.state import CLOCK
from tonnage.engine.offered import MOST_CLIENTS, Offered
from tonnage.engine.primitives import exponential
from tonnage.engine.primitives.distribution import quantile_table
from tonnage.workload import TrafficError


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates_per_s": (-1.0,)},
        {"rates_per_s": (1.0, math.nan)},
        {"rates_per_s": (math.inf,)},
        {"rates_per_s": (1e12,)},
        {"rates_per_s": ()},
        {"step_s": 0.0},
        {"clients": -1},
        {"clients": MOST_CLIENTS + 1},
        {"batch_mean": 0.5},
        {"burst_ratio": 0.5},
        {"burst_ratio": 2.0},
        {"burst_ratio": 2.0, "burst_s": 1.0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    refusal(TrafficError, lambda: Offered(**{"rates_per_s": (1.0,)} | wrong), remedy=False)  # type: ignore[arg-type]


def test_rates_go_on_beyond_the_end_and_exact_ones_are_counts() -> None:
    assert Offered(rates_per_s=(2.0, 5.0), step_s=60.0).steps().tolist() == [2.0, 5.0, 5.0]
    assert Offered(rates_per_s=(2.0, 5.0), step_s=60.0, within="exact").steps().tolist() == [120.0, 300.0, 300.0]


def test_bursts_are_written_as_factors_that_keep_the_mean() -> None:
    clock = np.zeros(1, dtype=CLOCK)
    Offered(rates_per_s=(1.0,), burst_ratio=5.0, burst_s=10.0, calm_s=30.0).write(clock, 7, 0)
    high, low = float(clock["burst_factor"][0]), float(clock["calm_factor"][0])
    assert high / low == pytest.approx(5.0)
    assert 0.25 * high + 0.75 * low == pytest.approx(1.0)
    assert clock["seed"][0] == 7


def test_the_thinking_time_has_a_table_of_its_own_behind_the_models() -> None:
    tables = np.ones((3, quantile_table("constant", 0.0).shape[0]))
    both, row = Offered(clients=3, think=exponential(2.0)).with_table(tables)
    assert row == 3
    assert both.shape[0] == 4
    assert np.array_equal(both[3], quantile_table(*exponential(2.0).table_key))
