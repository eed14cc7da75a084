"""Arrivals: in the time of the integrated rate they are a Poisson process of rate one."""

import math

import numpy as np
import pytest

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import next_arrival
from tonnage.engine.kernels.state import NEXT_ARRIVAL, SEQUENCE, Arrivals
from tonnage.engine.start import _events

STEP_S = 10.0
RATES = np.array([5.0, 0.0, 0.0, 800.0, 0.01, 300.0])


@kernel
def arrive(arrivals, events, out):
    for k in range(out.shape[0]):
        next_arrival(arrivals, events)
        events.counts[SEQUENCE] += 1
        out[k] = events.clock[NEXT_ARRIVAL]
        if math.isinf(out[k]):
            return


def times(seed: int, rates: np.ndarray = RATES) -> np.ndarray:
    arrivals = Arrivals(
        route_pc=np.zeros(1, dtype=np.int32),
        route_until=np.ones(1),
        deadline_s=np.ones(1),
        seed=np.array([seed], dtype=np.uint64),
        rate_per_s=rates,
        rate_step_s=STEP_S,
        measure=np.zeros(3),
    )
    out = np.full(50_000, math.inf)
    arrive(arrivals, _events(1), out)
    return out[np.isfinite(out)]


def test_gaps_in_integrated_rate_are_exponential() -> None:
    knots = np.arange(len(RATES) + 1) * STEP_S
    passed = np.concatenate([[0.0], np.cumsum(RATES * STEP_S)])
    gaps = np.concatenate([np.diff(np.interp(times(seed), knots, passed), prepend=0.0) for seed in range(5)])
    assert gaps.mean() == pytest.approx(1.0, abs=4 / math.sqrt(len(gaps)))
    ranks = np.sort(1.0 - np.exp(-gaps))
    distance = np.max(np.abs(ranks - (np.arange(len(ranks)) + 0.5) / len(ranks)))
    assert distance < 1.95 / math.sqrt(len(ranks))  # Kolmogorov and Smirnov, 0.1 %


def test_nobody_comes_where_the_rate_is_zero_or_after_the_end() -> None:
    found = times(3)
    assert not np.any((found > STEP_S) & (found < 3 * STEP_S))
    assert found.max() <= len(RATES) * STEP_S
    assert np.all(np.diff(found) > 0)


def test_counts_in_a_step_vary_like_a_poisson_number() -> None:
    counts = np.array([len(times(seed, np.array([10.0]))) for seed in range(400)])
    assert counts.mean() == pytest.approx(100.0, abs=4 * 10 / math.sqrt(400))
    assert counts.var() == pytest.approx(100.0, abs=4 * 100 * math.sqrt(2 / 400))
