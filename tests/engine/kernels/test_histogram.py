"""Histograms: every time in its bucket, percentiles far better than a bucket."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.histogram import (
    COARSE_BITS,
    FINE_BITS,
    OCTAVES,
    bucket_edges,
    bucket_inside,
    bucket_of,
    percentile,
)


@kernel
def inside(time_s):
    return bucket_inside(time_s, 7)


@given(time_s=st.floats(1e-6, 4000.0), bits=st.sampled_from([FINE_BITS, COARSE_BITS]))
def test_a_time_lies_between_the_edges_of_its_bucket(time_s: float, bits: int) -> None:
    edges, k = bucket_edges(bits), bucket_of(time_s, bits)
    assert edges[k] <= time_s < edges[k + 1]
    assert edges[k + 1] / edges[k] <= 1.0 + 2.0**-bits + 1e-12


@pytest.mark.parametrize("time_s", [0.0, 1e-9, 2.0**-20, 1.0, 0.9999999, 4095.9, 4096.0, 1e12, math.inf, math.nan])
def test_kernels_and_python_agree_to_the_very_ends(time_s: float) -> None:
    assert inside(time_s) == bucket_of(time_s, 7)
    assert 0 <= bucket_of(time_s, 7) < OCTAVES << 7


def test_edges_are_ends() -> None:
    edges = bucket_edges(COARSE_BITS)
    assert len(edges) == (OCTAVES << COARSE_BITS) + 1
    assert edges[0] == 2.0**-20
    assert edges[-1] == 2.0**12
    assert np.all(np.diff(edges) > 0)


@pytest.mark.parametrize(("bits", "tolerance"), [(FINE_BITS, 5e-4), (COARSE_BITS, 5e-3)])
def test_percentiles_of_a_known_distribution(bits: int, tolerance: float) -> None:
    # A million evenly spread exponential quantiles: only the histogram can be wrong.
    times = -np.log1p(-(np.arange(1_000_000) + 0.5) / 1_000_000) * 0.1
    edges = bucket_edges(bits)
    counts = np.histogram(np.maximum(times, edges[0]), bins=edges)[0].astype(np.int64)
    for q in (1.0, 50.0, 95.0, 99.0, 99.9, 99.99):
        assert percentile(counts, q, bits) == pytest.approx(-0.1 * math.log1p(-q / 100.0), rel=tolerance)


def test_an_empty_histogram_has_no_percentile() -> None:
    assert math.isnan(percentile(np.zeros(OCTAVES << 5, dtype=np.int64), 99.0, 5))


def test_histograms_merge_by_addition() -> None:
    draw = np.random.default_rng(1)
    edges = bucket_edges(FINE_BITS)
    parts = [np.histogram(draw.exponential(0.1, 5000), bins=edges)[0].astype(np.int64) for _ in range(2)]
    both = percentile(parts[0] + parts[1], 90.0, FINE_BITS)
    one, other = sorted(percentile(part, 90.0, FINE_BITS) for part in parts)
    assert one <= both <= other
