"""One judged load as JSON: figures, failures, series."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.pressure import Pressure
from tonnage.advise.review import Judged
from tonnage.advise.verdict import Judgement
from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, percentile
from tonnage.engine.latency_statistics import percentile_rank, trimmed_mean
from tonnage.engine.outcome import ComponentOutcome, Outcome, RouteOutcome
from tonnage.report import review_format as form
from tonnage.report.series import thin, thinned, windows
from tonnage.workload import Objective

MOST_POINTS = 360
DIGITS = 9
"""Significant digits of a figure: more would only show how a processor rounds."""


def number(value: float | None, digits: int = DIGITS) -> float | None:
    """A figure for JSON: rounded, null where it is infinite or does not exist."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{float(value):.{digits}g}")


def given(value: float) -> float:
    """A figure that is always finite, rounded."""
    rounded = number(value)
    assert rounded is not None, "a finite figure was expected"
    return rounded


def load_report(judged: Judged) -> form.LoadReport:
    """One judged load."""
    outcome = judged.outcomes[0]
    return form.LoadReport(
        name=judged.scenario.name,
        factor=given(judged.scenario.factor),
        rate_per_s=given(judged.rate_per_s),
        met=judged.met,
        judged_s=given(outcome.judged_s),
        judged_from_s=given(outcome.judged_from_s),
        lead_s=given(judged.scenario.lead_s),
        runs=[form.RunReport(seed=run.seed, requests=run.requests, stopped=run.stopped) for run in judged.outcomes],
        judgements=[judgement_report(judgement) for judgement in judged.judgements],
        within_percent={
            judgement.objective.text: number(within_percent(outcome, judgement.objective))
            for judgement in judged.judgements
            if judgement.objective.indicator == "latency"
        },
        all_requests=_route(outcome.routes_of(None)),
        routes={route.name: _route([route]) for route in outcome.routes},
        failures=[
            form.FailureReport(
                component=failure.cause.component,
                primitive=failure.cause.primitive,
                text=failure.cause.text,
                requests=failure.requests,
            )
            for failure in outcome.failures
        ],
        pressures=[pressure_report(pressure) for pressure in judged.pressures],
        components={name: _component(seen) for name, seen in outcome.components.items()},
        activities=[
            form.ActivityReport(fleet=fleet, time_s=given(time_s), before=before, after=after, reason=reason)
            for fleet, time_s, before, after, reason in outcome.activities
        ],
        happenings=[
            form.HappeningReport(primitive=primitive, time_s=given(time_s), text=text)
            for primitive, time_s, text in outcome.happenings
        ],
        cost=form.CostReport(
            usd_per_month=number(judged.cost.usd),
            components={name: number(usd) for name, usd in judged.cost.components.items()},
            notes=list(judged.cost.notes),
        ),
        series=_series(outcome),
        notes=list(judged.notes),
    )


def judgement_report(judgement: Judgement) -> form.JudgementReport:
    """One objective at one load."""
    return form.JudgementReport(
        objective=judgement.objective.text,
        value=number(judgement.value),
        low=number(judgement.low),
        high=number(judgement.high),
        met=judgement.met,
        margin=number(judgement.margin),
        confidence=judgement.confidence,
    )


def pressure_report(pressure: Pressure) -> form.PressureReport:
    """Something that is full."""
    return form.PressureReport(
        component=pressure.component,
        primitive=pressure.primitive,
        kind=pressure.kind,
        text=pressure.text,
        since_s=number(pressure.since_s),
        severity=number(pressure.severity),
    )


def _route(routes: Iterable[RouteOutcome]) -> form.RouteResultReport:
    """Routes taken together; of one route its own figures."""
    found = list(routes)
    return form.RouteResultReport(
        arrived=sum(route.arrived for route in found),
        answered=sum(route.answered for route in found),
        failed=sum(route.failed for route in found),
        late=sum(route.late for route in found),
        unanswered=sum(route.unanswered for route in found),
        latency=_latency(np.sum([route.histogram for route in found], axis=0)),
    )


def _latency(counts: NDArray[np.int64]) -> form.LatencyReport:
    edges = bucket_edges(FINE_BITS)
    total = int(counts.sum())
    mean = float(np.dot(counts, (edges[:-1] + edges[1:]) / 2.0)) / total if total else math.nan
    return form.LatencyReport(
        mean_s=number(mean),
        p50_s=number(percentile(counts, 50.0, FINE_BITS)),
        p90_s=number(percentile(counts, 90.0, FINE_BITS)),
        p99_s=number(percentile(counts, 99.0, FINE_BITS)),
        p99_9_s=number(percentile(counts, 99.9, FINE_BITS)),
        tm99_s=number(trimmed_mean(counts, FINE_BITS, low_percent=0.0, high_percent=99.0)),
        iqm_s=number(trimmed_mean(counts, FINE_BITS, low_percent=25.0, high_percent=75.0)),
    )


def within_percent(outcome: Outcome, objective: Objective) -> float:
    """Percent of the answers that are no slower than the threshold of an objective about latency."""
    counts = np.sum([route.histogram for route in outcome.routes_of(objective.route)], axis=0)
    return percentile_rank(counts, FINE_BITS, above_s=0.0, up_to_s=objective.threshold)


def _component(seen: ComponentOutcome) -> form.ComponentResultReport:
    return form.ComponentResultReport(
        visits_per_s=number(seen.visits_per_s),
        residence_s=number(seen.residence_s),
        utilization=number(seen.utilization),
        utilization_peak=number(seen.utilization_peak),
        instances=number(seen.instances),
        instances_peak=number(seen.instances_peak),
        hit_ratio=number(seen.hit_ratio),
        concurrency=number(seen.concurrency),
        concurrency_peak=number(seen.concurrency_peak),
        concurrency_limit=number(seen.concurrency_limit),
        cold_starts=seen.cold_starts,
        refused=seen.refused,
    )


def _series(outcome: Outcome) -> form.SeriesReport:
    by_window = windows(outcome, (50.0, 99.0))
    return form.SeriesReport(
        window_times_s=_points(thin(by_window.times_s, MOST_POINTS)),
        offered_per_s=_points(thin(by_window.offered_per_s, MOST_POINTS)),
        answered_per_s=_points(thin(by_window.answered_per_s, MOST_POINTS)),
        failed_per_s=_points(thin(by_window.failed_per_s, MOST_POINTS)),
        latency_p50_s=_points(thin(by_window.latency_s[50.0], MOST_POINTS)),
        latency_p99_s=_points(thin(by_window.latency_s[99.0], MOST_POINTS, peaks=True)),
        times_s=_points(thin(outcome.times_s, MOST_POINTS)),
        levels={name: _points(thinned(name, values, MOST_POINTS)) for name, values in outcome.series.items()},
    )


def _points(values: NDArray[np.float64]) -> list[float | None]:
    return [number(float(value), 6) for value in values]
