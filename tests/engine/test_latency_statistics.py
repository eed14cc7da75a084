"""CloudWatch's statistics of response times."""

import math

import numpy as np
import pytest

from tonnage.engine.kernels.histogram import FINE_BITS, OCTAVES, bucket_of, percentile
from tonnage.engine.latency_statistics import percentile_rank, trimmed_mean, trimmed_mean_between

RNG = np.random.default_rng(7)
TIMES = RNG.lognormal(-1.5, 0.8, 40_000)


def counted(times) -> np.ndarray:
    counts = np.zeros(OCTAVES << FINE_BITS, dtype=np.int64)
    for time_s in times:
        counts[bucket_of(float(time_s), FINE_BITS)] += 1
    return counts


COUNTS = counted(TIMES)


def test_a_trimmed_mean_by_value_is_exclusive_below_and_inclusive_above() -> None:
    # CW19: Amazon CloudWatch user guide, Statistics definitions: TM(150:1000) leaves out what is 150 or less and what
    # is above 1000 (milliseconds here).
    kept = TIMES[(TIMES > 0.150) & (TIMES <= 1.0)]
    found = trimmed_mean_between(COUNTS, FINE_BITS, above_s=0.150, up_to_s=1.0)
    assert found == pytest.approx(kept.mean(), rel=1e-3)
    few = counted([0.1] * 50 + [0.5] * 10 + [2.0] * 90)
    assert trimmed_mean_between(few, FINE_BITS, above_s=0.150, up_to_s=1.0) == pytest.approx(0.5, rel=5e-3)


def test_a_percentile_rank_is_the_share_between_two_values() -> None:
    # CW20: PR(100:2000) is the percent of values above 100 and up to 2000.
    share = 100.0 * np.mean((TIMES > 0.1) & (TIMES <= 2.0))
    assert percentile_rank(COUNTS, FINE_BITS, above_s=0.1, up_to_s=2.0) == pytest.approx(share, abs=0.05)
    assert percentile_rank(COUNTS, FINE_BITS, above_s=0.0, up_to_s=math.inf) == pytest.approx(100.0)


def test_ranks_cut_by_rank() -> None:
    ordered = np.sort(TIMES)
    tm99 = ordered[: int(0.99 * len(ordered))].mean()
    assert trimmed_mean(COUNTS, FINE_BITS, low_percent=0.0, high_percent=99.0) == pytest.approx(tm99, rel=1e-3)
    iqm = ordered[len(ordered) // 4 : 3 * len(ordered) // 4].mean()
    assert trimmed_mean(COUNTS, FINE_BITS, low_percent=25.0, high_percent=75.0) == pytest.approx(iqm, rel=1e-3)
    # p99 is the maximum of the lowest 99 %, tm99 their average.
    assert trimmed_mean(COUNTS, FINE_BITS, low_percent=0.0, high_percent=99.0) < percentile(COUNTS, 99.0, FINE_BITS)


def test_nothing_has_no_statistics() -> None:
    none = np.zeros_like(COUNTS)
    assert math.isnan(trimmed_mean(none, FINE_BITS, low_percent=0.0, high_percent=99.0))
    assert math.isnan(percentile_rank(none, FINE_BITS, above_s=0.0, up_to_s=1.0))
