"""Time series of an outcome, thinned for showing: rates by window, percentiles by window, levels by sample."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.histogram import COARSE_BITS, percentile
from tonnage.engine.outcome import Outcome

Floats = NDArray[np.float64]

_PEAKED = frozenset({"utilization", "queue", "waiting", "in use", "refused", "throttled"})
"""Metrics whose highest value is what is judged: thinning keeps maxima, of all others it takes means."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """What happened to the requests that arrived in each window.

    Attributes:
        times_s: (w,) middles of the windows, from the beginning of the judged time.
        offered_per_s: (w,) arrivals.
        answered_per_s: (w,) answered in time.
        failed_per_s: (w,) not answered in time.
        latency_s: Percentile to (w,) response times; NaN where nothing was answered.
    """

    times_s: Floats
    offered_per_s: Floats
    answered_per_s: Floats
    failed_per_s: Floats
    latency_s: Mapping[float, Floats]


def windows(outcome: Outcome, percentiles: tuple[float, ...]) -> Windows:
    """The windows of an outcome; those that a run ended early never reached are left out."""
    ran_s = float(outcome.times_s[-1]) if len(outcome.times_s) else 0.0
    end_s = outcome.judged_s if outcome.stopped is None else min(outcome.judged_s, ran_s)
    begins = outcome.window_s * np.arange(len(outcome.windows), dtype=np.float64)
    reached = int(np.count_nonzero(begins < end_s - 1e-9))
    begins = begins[:reached]
    lengths = np.minimum(outcome.window_s, end_s - begins)
    counts = outcome.windows[:reached].astype(np.float64) / lengths[:, np.newaxis]
    histograms = outcome.window_hist[:reached].astype(np.int64)
    return Windows(
        times_s=begins + lengths / 2.0,
        offered_per_s=counts[:, 0],
        answered_per_s=counts[:, 1],
        failed_per_s=counts[:, 2],
        latency_s={
            q: np.array([percentile(counts_of, q, COARSE_BITS) for counts_of in histograms], dtype=np.float64)
            for q in percentiles
        },
    )


def split(name: str) -> tuple[str, str]:
    """A series' name as primitive and metric: ``Database/cpu:utilization`` → ``("Database/cpu", "utilization")``."""
    primitive, _, metric = name.partition(":")
    return primitive, metric


def component_of(primitive: str) -> str:
    """The component a primitive belongs to."""
    return primitive.partition("/")[0]


def thinned(name: str, values: Floats, most: int) -> Floats:
    """A series of at most so many points: maxima of neighbours where peaks matter, else their means."""
    return thin(values, most, peaks=split(name)[1] in _PEAKED)


def thin(values: Floats, most: int, *, peaks: bool = False) -> Floats:
    """Neighbours joined until at most ``most`` points are left; NaN only where all of them are.

    Args:
        values: (n,) values.
        most: Most points.
        peaks: Keep the largest of each neighbourhood rather than its mean.
    """
    if len(values) <= most:
        return values
    edges = np.linspace(0, len(values), most + 1).round().astype(np.int64)
    result = np.full(most, np.nan)
    for k in range(most):
        part = values[edges[k] : edges[k + 1]]
        part = part[~np.isnan(part)]
        if len(part):
            result[k] = part.max() if peaks else part.mean()
    return result
