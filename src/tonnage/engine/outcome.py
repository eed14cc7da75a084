"""Outcome: what a simulation gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, percentile
from tonnage.engine.model import Cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RouteOutcome:
    """What happened to the judged requests of one route.

    Attributes:
        name: The route.
        arrived: Requests that arrived in the judged time.
        answered: Answered before the deadline.
        failed: Refused, or given up by a time-out.
        late: Answered after the deadline.
        unanswered: Still in flight when the simulation ended.
        histogram: (buckets,) int64, response times of all but the failed ones; the unanswered at their age.
        windows: (w, 3) int64: arrived, answered in time, failed, by arrival.
        window_histogram: (w, coarse buckets) int32, response times by the window of arrival.
        messages: Whether these are the messages of a queue: the response time is the age of a message when it has been
            processed, and no objective about all requests speaks of them.
    """

    name: str
    arrived: int
    answered: int
    failed: int
    late: int
    unanswered: int
    histogram: NDArray[np.int64]
    windows: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    window_histogram: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 1), dtype=np.int32))
    messages: bool = False

    @property
    def errors(self) -> int:
        """Requests without an answer in time."""
        return self.failed + self.late + self.unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Judged requests lost to one cause.

    Attributes:
        cause: Who refused, and with what words.
        requests: How many.
    """

    cause: Cause
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOutcome:
    """What a component did over the judged time.

    Attributes:
        visits_per_s: Visits begun, per second.
        residence_s: Mean time of a visit, calls below included.
        utilization: Mean busy share of its servers at full speed, 0 to 1; None without servers.
        utilization_peak: The same in the busiest sample.
        instances: Mean number in service; None where it has no instances.
        instances_peak: Most in service.
        hit_ratio: Share of look-ups that hit; None without a cache.
        concurrency: Mean tokens or environments in use of the fullest pool; None without one.
        concurrency_peak: Most in use in any sample, of the capacity then.
        concurrency_limit: Capacity of that pool.
        cold_starts: Environments made.
        refused: Refusals at any attempt.
    """

    visits_per_s: float
    residence_s: float
    utilization: float | None = None
    utilization_peak: float | None = None
    instances: float | None = None
    instances_peak: float | None = None
    hit_ratio: float | None = None
    concurrency: float | None = None
    concurrency_peak: float | None = None
    concurrency_limit: float | None = None
    cold_starts: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What one simulation gives.

    Attributes:
        seed: Seed of the run.
        factor: Factor on the traffic.
        judged_s: Length of the judged time.
        judged_from_s: Unix time (or offset into a synthetic shape) at which it begins.
        offered_per_s: Highest offered rate of a minute in the judged time.
        routes: By route.
        failures: By cause, most first.
        components: By component.
        times_s: (n,) float64, ends of the samples, seconds from the beginning of the judged time.
        series: ``primitive:metric`` to (n,) float64.
        window_s: Length of the windows below.
        windows: (w, 3) int64: arrived, answered in time, failed, by arrival, of all routes together.
        window_hist: (w, coarse buckets) int32, likewise.
        activities: Scaling activities: (fleet, time from the beginning of the judged time, before, after, reason).
        happenings: What ran out: (primitive, time, text).
        stopped: Why the run ended early; None when it did not.
        arrivals_per_s: Mean arrivals per second over the time that ``components`` speaks of.
        requests: Requests simulated in all.
        fidelity: ``request-level``, or ``fluid``: queues as flows and distributions, expected numbers of requests.
        not_covered: What the fidelity leaves out of this model, in words.
    """

    seed: int
    factor: float
    judged_s: float
    judged_from_s: float
    offered_per_s: float
    routes: tuple[RouteOutcome, ...]
    failures: tuple[Failure, ...]
    components: Mapping[str, ComponentOutcome]
    times_s: NDArray[np.float64]
    series: Mapping[str, NDArray[np.float64]]
    window_s: float
    windows: NDArray[np.int64]
    window_hist: NDArray[np.int32]
    activities: tuple[tuple[str, float, int, int, str], ...]
    happenings: tuple[tuple[str, float, str], ...]
    stopped: str | None
    arrivals_per_s: float
    requests: int
    fidelity: Literal["request-level", "fluid"] = "request-level"
    not_covered: tuple[str, ...] = ()

    def routes_of(self, route: str | None) -> tuple[RouteOutcome, ...]:
        """The route of that name; all routes of requests for None."""
        return tuple(item for item in self.routes if (not item.messages if route is None else item.name == route))

    def latency_s(self, q: float | None, route: str | None = None) -> float:
        """A percentile of the response time, or its mean for ``q`` None; NaN when nothing was answered."""
        counts = np.sum([item.histogram for item in self.routes_of(route)], axis=0)
        if q is not None:
            return percentile(counts, q, FINE_BITS)
        total = int(counts.sum())
        edges = bucket_edges(FINE_BITS)
        return float(np.dot(counts, (edges[:-1] + edges[1:]) / 2.0) / total) if total else float("nan")

    def error_share(self, route: str | None = None) -> float:
        """Requests without an answer in time, as a share of all that arrived."""
        routes = self.routes_of(route)
        arrived = sum(item.arrived for item in routes)
        return sum(item.errors for item in routes) / arrived if arrived else 0.0
