"""Arrivals: in the time of the integrated rate they are a Poisson process of rate one; bursts, batches, counts."""

import math

import numpy as np
import pytest

from engine.runs import one_route
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.arrivals import next_arrival
from tonnage.engine.kernels.state import CLOCK
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import constant, exponential
from tonnage.engine.program import Wait
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

STEP_S = 10.0
RATES = np.array([5.0, 0.0, 0.0, 800.0, 0.01, 300.0])


@kernel
def arrive(clock, rates, out):
    for k in range(out.shape[0]):
        next_arrival(clock[0], rates)
        out[k] = clock[0].next_arrival
        if math.isinf(out[k]):
            return


def arrivals(offered: Offered, seed: int, most: int = 50_000) -> np.ndarray:
    clock = np.zeros(1, dtype=CLOCK)
    offered.write(clock, seed, 0)
    out = np.full(most, math.inf)
    arrive(clock, offered.steps(), out)
    return out[np.isfinite(out)]


def times(seed: int, rates: np.ndarray = RATES) -> np.ndarray:
    found = arrivals(Offered(rates_per_s=tuple(rates), step_s=STEP_S), seed)
    return found[found <= len(rates) * STEP_S]


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


def test_an_exact_count_is_met_in_every_step_at_uniform_times() -> None:
    counts = (30.0, 0.0, 7.0, 2.5)
    offered = Offered(rates_per_s=tuple(n / STEP_S for n in counts), step_s=STEP_S, within="exact")
    places, halves = [], []
    for seed in range(300):
        found = arrivals(offered, seed, 60)
        steps = np.floor(found / STEP_S).astype(int)
        assert np.all(np.diff(found) >= 0)
        assert [int((steps == k).sum()) for k in range(3)] == [30, 0, 7]
        halves.append(int((steps == 3).sum()))
        places.extend(found[steps == 0] / STEP_S)
    assert set(halves) == {2, 3}
    assert np.mean(halves) == pytest.approx(2.5, abs=4 * 0.5 / math.sqrt(300))
    ranks = np.sort(places)
    assert np.max(np.abs(ranks - (np.arange(len(ranks)) + 0.5) / len(ranks))) < 1.95 / math.sqrt(len(ranks))


def test_batches_come_at_one_moment_with_a_geometric_number() -> None:
    found = arrivals(Offered(rates_per_s=(100.0,), step_s=1000.0, batch_mean=4.0), 1, 100_000)
    sizes = np.unique(found, return_counts=True)[1]
    assert len(found) / found.max() == pytest.approx(100.0, rel=0.03)
    assert sizes.mean() == pytest.approx(4.0, rel=0.03)
    for k in (1, 2, 5):
        assert np.mean(sizes == k) == pytest.approx(0.25 * 0.75 ** (k - 1), abs=0.01)


def test_bursts_keep_the_mean_rate_and_disperse_the_counts_as_an_mmpp_does() -> None:
    # Index of dispersion of counts of a two-state MMPP over a long time, for rates a, b and mean stays 1/r, 1/s:
    # 1 + 2 r s (a - b)^2 / ((r + s)^2 (a s + b r)) (Fischer and Meier-Hellstern, 1993).
    offered = Offered(rates_per_s=(50.0,), step_s=1e5, burst_ratio=6.0, burst_s=2.0, calm_s=8.0)
    found = arrivals(offered, 7, 1_500_000)
    calm = 50.0 / (0.8 + 0.2 * 6.0)
    a, b, r, s = 6.0 * calm, calm, 1 / 2.0, 1 / 8.0
    exact = 1.0 + 2.0 * r * s * (a - b) ** 2 / ((r + s) ** 2 * (a * s + b * r))
    counts = np.bincount((found / 200.0).astype(int))[:-1]
    assert counts.mean() / 200.0 == pytest.approx(50.0, rel=0.05)
    assert counts.var() / counts.mean() == pytest.approx(exact, rel=4 * math.sqrt(2 / len(counts)))


def test_clients_think_and_send_again_after_the_answer() -> None:
    # A closed network without queueing: throughput = clients / (think + response).
    offered = Offered(clients=50, think=exponential(4.0))
    model = one_route({}, Wait(constant(1.0)))
    run = Run(model, offered, 60.0, Measure(start_s=0.0, end_s=4000.0, window_s=4000.0), seed=3)
    run.advance(4000.0)
    assert run.arrived / 4000.0 == pytest.approx(50 / 5.0, rel=0.02)
    assert run.in_flight <= 50
    assert run.most_in_flight <= 50
