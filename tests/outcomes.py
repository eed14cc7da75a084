"""Outcomes made by hand, for judging them."""

from collections.abc import Mapping

import numpy as np

from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, bucket_of
from tonnage.engine.outcome import Outcome, RouteOutcome


def a_route(
    name: str, times_s: Mapping[float, int], *, failed: int = 0, late: int = 0, unanswered: int = 0
) -> RouteOutcome:
    """A route that took these times so often; the late and unanswered requests are among them."""
    histogram = np.zeros(len(bucket_edges(FINE_BITS)) - 1, dtype=np.int64)
    for time_s, n in times_s.items():
        histogram[bucket_of(time_s, FINE_BITS)] += n
    timed = sum(times_s.values())
    return RouteOutcome(
        name=name,
        arrived=timed + failed,
        answered=timed - late - unanswered,
        failed=failed,
        late=late,
        unanswered=unanswered,
        histogram=histogram,
    )


def an_outcome(*routes: RouteOutcome, stopped: str | None = None) -> Outcome:
    """An outcome of these routes, with nothing seen inside."""
    return Outcome(
        seed=1,
        factor=1.0,
        judged_s=60.0,
        judged_from_s=0.0,
        offered_per_s=1.0,
        routes=routes,
        failures=(),
        components={},
        times_s=np.zeros(0),
        series={},
        window_s=60.0,
        windows=np.zeros((1, 3), dtype=np.int64),
        window_hist=np.zeros((1, 1), dtype=np.int32),
        activities=(),
        happenings=(),
        stopped=stopped,
        arrivals_per_s=1.0,
        requests=1,
    )
