"""Statistics of response times as CloudWatch defines them, read from a histogram.

Bounds given as values are exclusive below and inclusive above; bounds given in percent cut by rank. Inside a bucket
response times are taken to be even. Source: Amazon CloudWatch user guide, "Statistics definitions".
"""

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.histogram import bucket_edges

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def trimmed_mean(counts: Counts, bits_per_octave: int, *, low_percent: float, high_percent: float) -> float:
    """Mean of what lies between two ranks, ``TM(low%:high%)``, seconds; NaN when that is nothing.

    ``tm99`` is ``TM(:99%)``, the interquartile mean ``TM(25%:75%)``.

    Args:
        counts: (OCTAVES * 2**bits,) counts.
        bits_per_octave: Resolution the histogram was made with.
        low_percent: Rank at which it begins, 0 to 100.
        high_percent: Rank at which it ends.
    """
    total = float(counts.sum())
    ends = np.cumsum(counts, dtype=np.float64)
    begins = ends - counts
    low, high = low_percent / 100.0 * total, high_percent / 100.0 * total
    inside = np.clip(counts, 1, None)
    first = np.clip((low - begins) / inside, 0.0, 1.0)
    last = np.clip((high - begins) / inside, 0.0, 1.0)
    return _mean(counts, bits_per_octave, first, last)


def trimmed_mean_between(counts: Counts, bits_per_octave: int, *, above_s: float, up_to_s: float) -> float:
    """Mean of what lies above one value and not above another, ``TM(a:b)``, seconds; NaN when that is nothing."""
    first, last = _between(bits_per_octave, above_s, up_to_s)
    return _mean(counts, bits_per_octave, first, last)


def percentile_rank(counts: Counts, bits_per_octave: int, *, above_s: float, up_to_s: float) -> float:
    """Percent of what lies above one value and not above another, ``PR(a:b)``; NaN when there is nothing."""
    total = float(counts.sum())
    first, last = _between(bits_per_octave, above_s, up_to_s)
    return 100.0 * float(np.dot(counts, last - first)) / total if total else float("nan")


def _between(bits_per_octave: int, above_s: float, up_to_s: float) -> tuple[Floats, Floats]:
    """Where in each bucket two values lie, as shares of it."""
    edges = bucket_edges(bits_per_octave)
    widths = np.diff(edges)
    first = np.clip((above_s - edges[:-1]) / widths, 0.0, 1.0)
    return first, np.maximum(first, np.clip((up_to_s - edges[:-1]) / widths, 0.0, 1.0))


def _mean(counts: Counts, bits_per_octave: int, first: Floats, last: Floats) -> float:
    """Mean over a part of each bucket."""
    edges = bucket_edges(bits_per_octave)
    taken = counts * (last - first)
    weight = float(taken.sum())
    middles = edges[:-1] + np.diff(edges) * (first + last) / 2.0
    return float(np.dot(taken, middles)) / weight if weight > 0 else float("nan")
