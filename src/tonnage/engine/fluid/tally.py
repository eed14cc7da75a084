"""What the requests of a fluid run met, counted as a request-level run counts them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, LOWEST_EXPONENT, OCTAVES
from tonnage.engine.model import Cause
from tonnage.engine.outcome import Failure, RouteOutcome

Floats = NDArray[np.float64]
ANSWERED, FAILED, LATE, UNANSWERED = range(4)


def buckets_of(times_s: Floats, bits_per_octave: int) -> NDArray[np.int64]:
    """Histogram buckets of times (see ``kernels.histogram.bucket_of``)."""
    raw = np.maximum(times_s, 2.0**LOWEST_EXPONENT).view(np.int64) >> (52 - bits_per_octave)
    index = raw - ((1023 + LOWEST_EXPONENT) << bits_per_octave)
    return np.clip(index, 0, (OCTAVES << bits_per_octave) - 1)


def whole(shares: Floats) -> NDArray[np.int64]:
    """Whole numbers that sum, from the first on, to what the shares sum to, rounded."""
    return np.diff(np.rint(np.cumsum(np.append(0.0, shares)))).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Expected numbers of judged requests.

    Attributes:
        count: (routes, windows, 4) float64: answered, failed, late, unanswered.
        fine: (routes, buckets) float64, response times of all but the failed.
        coarse: (routes, windows, coarse buckets) float64, likewise.
        lost: (places, routes) float64, failed by place (see ``Flows.lost``).
        causes: By place, as met last.
    """

    count: Floats
    fine: Floats
    coarse: Floats
    lost: Floats
    causes: dict[int, Cause]


def empty_tally(run: FluidRun, windows: int) -> Tally:
    """Nothing counted yet."""
    routes = len(run.layout.model.routes)
    return Tally(
        count=np.zeros((routes, windows, 4)),
        fine=np.zeros((routes, OCTAVES << FINE_BITS)),
        coarse=np.zeros((routes, windows, OCTAVES << COARSE_BITS)),
        lost=np.zeros_like(run.flows.lost),
        causes={},
    )


def count(tally: Tally, run: FluidRun, window: int, passed_s: float, left_s: float) -> None:
    """Count the requests of the time just passed as arriving now.

    Args:
        tally: Is added to.
        run: The run.
        window: Window of the arrivals.
        passed_s: Length of the time.
        left_s: Until the simulation ends; who waits longer is unanswered.
    """
    for r in range(len(run.layout.model.routes)):
        arrived = run.flows.route[r, 0] * passed_s
        if arrived <= 0.0:
            continue
        failed = arrived * (1.0 - min(max(run.flows.route[r, 1], 0.0), 1.0))
        times_s = run.responses(r)
        answered = times_s[~np.isnan(times_s)]
        if len(answered) == 0:
            failed = arrived
        weight = (arrived - failed) / max(len(answered), 1)
        unanswered = answered > left_s
        late = ~unanswered & (answered > run.layout.code.deadline_s[r])
        seen = np.minimum(answered, left_s)
        row = tally.count[r, window]
        row[FAILED] += failed
        row[LATE] += weight * late.sum()
        row[UNANSWERED] += weight * unanswered.sum()
        row[ANSWERED] += weight * (len(answered) - late.sum() - unanswered.sum())
        np.add.at(tally.fine[r], buckets_of(seen, FINE_BITS), weight)
        np.add.at(tally.coarse[r, window], buckets_of(seen, COARSE_BITS), weight)
        lost = run.flows.lost[:, r]
        total = lost.sum()
        if failed > 0.0 and total > 0.0:
            tally.lost[:, r] += failed * lost / total
            for place in np.flatnonzero(lost):
                tally.causes[int(place)] = run.cause(int(place))


def routes_of(tally: Tally, names: tuple[str, ...]) -> tuple[RouteOutcome, ...]:
    """The tally by route, in whole requests."""
    found = []
    for r, name in enumerate(names):
        counts = np.column_stack([whole(tally.count[r, :, k]) for k in range(4)])
        answered, failed, late, unanswered = (int(total) for total in counts.sum(axis=0))
        timed = counts.sum(axis=1) - counts[:, FAILED]
        windows = np.column_stack(
            [counts.sum(axis=1), counts[:, ANSWERED], counts[:, FAILED] + counts[:, UNANSWERED]]
        )
        found.append(
            RouteOutcome(
                name=name,
                arrived=int(counts.sum()),
                answered=answered,
                failed=failed,
                late=late,
                unanswered=unanswered,
                histogram=_scaled(tally.fine[r], int(timed.sum())),
                windows=windows,
                window_histogram=np.array(
                    [_scaled(row, int(n)) for row, n in zip(tally.coarse[r], timed, strict=True)], dtype=np.int32
                ),
            )
        )
    return tuple(found)


def _scaled(shares: Floats, total: int) -> NDArray[np.int64]:
    summed = shares.sum()
    return whole(shares * (total / summed)) if summed > 0 else np.zeros(len(shares), dtype=np.int64)


def failures_of(tally: Tally, routes: tuple[RouteOutcome, ...]) -> tuple[Failure, ...]:
    """Failed requests by cause, most first; what no place explains is left to the largest."""
    by_cause: dict[Cause, float] = {}
    for place, cause in tally.causes.items():
        by_cause[cause] = by_cause.get(cause, 0.0) + float(tally.lost[place].sum())
    ordered = sorted(by_cause.items(), key=lambda item: -item[1])
    total, summed = sum(route.failed for route in routes), sum(share for _, share in ordered)
    if total == 0 or summed <= 0:
        return ()
    counts = whole(np.array([share * total / summed for _, share in ordered]))
    return tuple(Failure(cause=cause, requests=int(n)) for (cause, _), n in zip(ordered, counts, strict=True) if n)
