"""The books of a fluid run as an outcome has them: in whole requests, by route and by cause."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.layout import Layout
from tonnage.engine.fluid.state import ANSWERED, FAILED, UNANSWERED, Books
from tonnage.engine.model import Cause, component_of
from tonnage.engine.outcome import Failure, RouteOutcome
from tonnage.engine.primitives import Fleet, Pool
from tonnage.engine.program import Program, Visit

Floats = NDArray[np.float64]


def whole(shares: Floats) -> NDArray[np.int64]:
    """Whole numbers whose running sums, along the last axis, are the rounded running sums of the shares."""
    sums = np.rint(np.cumsum(shares, axis=-1)).astype(np.int64)
    return np.diff(sums, axis=-1, prepend=0)


def scaled(shares: Floats, totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers in the proportions of the shares, along the last axis, that sum to the totals."""
    summed = shares.sum(axis=-1)
    factor = np.divide(totals, summed, out=np.zeros_like(summed), where=summed > 0)
    return whole(shares * factor[..., None])


def routes_of(books: Books, programs: Sequence[Program]) -> tuple[RouteOutcome, ...]:
    """What happened by route, in whole requests that add up; of a queue's messages, in whole batches."""
    counts = np.moveaxis(whole(np.moveaxis(books.counts, 1, 2)), 2, 1)
    timed = counts.sum(axis=2) - counts[:, :, FAILED]
    fine, coarse = scaled(books.fine, timed.sum(axis=1)), scaled(books.coarse, timed)
    found = []
    for r, program in enumerate(programs):
        answered, failed, late, unanswered = (int(total) for total in counts[r].sum(axis=0))
        lost = counts[r, :, FAILED] + counts[r, :, UNANSWERED]
        found.append(
            RouteOutcome(
                name=program.route,
                arrived=int(counts[r].sum()),
                answered=answered,
                failed=failed,
                late=late,
                unanswered=unanswered,
                histogram=fine[r],
                windows=np.column_stack([counts[r].sum(axis=1), counts[r, :, ANSWERED], lost]),
                window_histogram=coarse[r].astype(np.int32),
                messages=program.queue is not None,
            )
        )
    return tuple(found)


def failures_of(books: Books, layout: Layout, failed: int) -> tuple[Failure, ...]:
    """Failed requests by cause, most first, summing to so many."""
    by_cause: dict[Cause, float] = {}
    for place in np.flatnonzero(books.lost.sum(axis=1)):
        cause = cause_of(layout, int(place))
        by_cause[cause] = by_cause.get(cause, 0.0) + float(books.lost[place].sum())
    if failed == 0 or not by_cause:
        return ()
    ordered = sorted(by_cause.items(), key=lambda item: -item[1])
    counts = scaled(np.array([share for _, share in ordered]), np.array(failed))
    return tuple(Failure(cause=cause, requests=int(n)) for (cause, _), n in zip(ordered, counts, strict=True) if n)


def cause_of(layout: Layout, place: int) -> Cause:
    """Why requests are lost at a queue or, numbered after the queues, to the time-out of a visit."""
    if place >= len(layout.queues):
        visit = visits_of(layout)[place - len(layout.queues)]
        text = f"timed out after {visit.timeout_s or 0.0:g} s"
        return Cause(component=visit.component, primitive=visit.component, text=text)
    name = list(layout.queues)[place]
    primitive = layout.model.primitives[name]
    if isinstance(primitive, Fleet):
        text = "no instance in service" if primitive.queue_limit is None else "queue full"
    elif isinstance(primitive, Pool) and primitive.queue_limit is None and primitive.patience_s is not None:
        text = f"waited longer than {primitive.patience_s:g} s"
    else:
        text = getattr(primitive, "refusal", "refused")
    return Cause(component=component_of(name), primitive=name, text=text)


def visits_of(layout: Layout) -> list[Visit]:
    """Visits by their number: in the order in which they were laid out."""
    found: list[Visit] = []

    def walk(visit: Visit) -> None:
        found.append(visit)
        for below in (*visit.on_miss, *visit.calls):
            walk(below)

    for program in layout.programs:
        walk(program.entry)
    return found
