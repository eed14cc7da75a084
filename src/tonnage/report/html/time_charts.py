"""The charts of a review: a row for each question, a column for each load, the same scale across a row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tonnage.advise.review import Judged, Review
from tonnage.engine.outcome import Outcome
from tonnage.report import figures, sentences
from tonnage.report.html.chart import Chart, Line, Unit, figure, rounded_up
from tonnage.report.html.markup import Markup, element
from tonnage.report.series import Floats, Windows, component_of, split, thin, thinned, windows

MOST_POINTS = 480
MOST_LINES = 5
IDLE = 0.03
"""Lines of components never busier than this would only hide the others' labels."""
_COLOURS = ("c1", "c2", "c3", "c4", "c5")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Load:
    """A load with its windows, computed once."""

    judged: Judged
    outcome: Outcome
    windows: Windows


def time_charts(review: Review) -> Markup:
    """All rows of charts; rows of which there is nothing to show are left out."""
    loads = [
        _Load(judged=judged, outcome=judged.outcomes[0], windows=windows(judged.outcomes[0], (50.0, 99.0)))
        for judged in review.loads
    ]
    heads = [element("div", sentences.load_title(judged), class_="load") for judged in review.loads]
    rows = [
        _row("Requests by second", "by time of arrival", [_requests(load, loads) for load in loads]),
        _row("Response time", "logarithmic; by time of arrival", [_latency(review, load, loads) for load in loads]),
        _utilization(review, loads),
        _instances(review, loads),
        _levels(loads, "credits", "CPU credits", "mean of an instance; 1 credit is one vCPU minute", "credits", 1.0),
        _levels(loads, "burst balance", "Burst balance of storage", "share of a full balance", "share", 1.0),
        _refused(loads),
    ]
    return element(
        "div",
        element("div", heads, class_="charts heads", style=_columns(len(loads))),
        rows,
        class_="time-charts",
    )


def _columns(n: int) -> str:
    return f"--columns:{min(n, 2)}"


def _row(title: str, hint: str, charts: Sequence[Chart]) -> Markup:
    return element(
        "section",
        element("h3", title, " ", element("small", hint)),
        element("div", [figure(chart) for chart in charts], class_="charts", style=_columns(len(charts))),
        class_="chart-row",
    )


def _chart(
    load: _Load, label: str, unit: Unit, lines: Sequence[Line], low: float, high: float, **more: object
) -> Chart:
    times_s = thin(load.outcome.times_s, MOST_POINTS)
    options: dict[str, object] = {"times_s": times_s, "judged_s": load.outcome.judged_s} | more
    return Chart(
        label=label,
        load=sentences.load_name(load.judged),
        unit=unit,
        lines=tuple(lines),
        low=low,
        high=high,
        judged_from_s=load.outcome.judged_from_s,
        **options,  # type: ignore[arg-type]
    )


def _requests(load: _Load, loads: Sequence[_Load]) -> Chart:
    high = rounded_up(max(_most(other.windows.offered_per_s) for other in loads))
    seen = load.windows
    lines = [
        Line(name="offered", values=thin(seen.offered_per_s, MOST_POINTS), style="quiet"),
        Line(name="answered in time", values=thin(seen.answered_per_s, MOST_POINTS), style="c1"),
        Line(name="not answered", values=thin(seen.failed_per_s, MOST_POINTS), style="bad"),
    ]
    times_s = thin(seen.times_s, MOST_POINTS)
    return _chart(load, "Requests offered and answered", "req/s", lines, 0.0, high, times_s=times_s)


def _latency(review: Review, load: _Load, loads: Sequence[_Load]) -> Chart:
    objectives = [
        objective
        for objective in review.workload.objectives
        if objective.indicator == "latency" and objective.route is None
    ]
    shown = [values for other in loads for values in other.windows.latency_s.values()]
    finite = np.concatenate([values[np.isfinite(values)] for values in shown])
    limits = [objective.threshold for objective in objectives]
    low = max(1e-4, min([*finite, *limits], default=0.01)) * 0.8
    high = max([*finite, *limits], default=1.0) * 1.3
    lines = [
        Line(name="p50", values=thin(load.windows.latency_s[50.0], MOST_POINTS), style="quiet"),
        Line(name="p99", values=thin(load.windows.latency_s[99.0], MOST_POINTS, peaks=True), style="c1"),
    ]
    return _chart(
        load,
        "Response times",
        "s",
        lines,
        low,
        high,
        log=True,
        times_s=thin(load.windows.times_s, MOST_POINTS),
        thresholds=tuple(
            (o.threshold, f"{sentences.objective_name(o).partition(' ')[0]} {figures.threshold(o)}") for o in objectives
        ),
    )


def _shares(load: _Load) -> dict[str, Floats]:
    """Busy share of every fleet, and share in use of every function's concurrency, by component."""
    found: dict[str, Floats] = {}
    series = load.outcome.series
    for name, values in series.items():
        primitive, metric = split(name)
        component = component_of(primitive)
        seen = load.outcome.components.get(component)
        if metric == "utilization":
            found[f"{component} CPU"] = values
        elif metric == "in use" and f"{primitive}:throttled" in series and seen and seen.concurrency_limit:
            found[f"{component} concurrency"] = values / seen.concurrency_limit
    return found


def _utilization(review: Review, loads: Sequence[_Load]) -> Markup | None:
    shares = [_shares(load) for load in loads]
    names = _busiest(shares)
    if not names:
        return None
    first = {pressure.component for pressure in review.load_line.gives_way[:1]}
    charts = []
    for load, found in zip(loads, shares, strict=True):
        lines = [
            Line(
                name=name,
                values=thinned(":utilization", np.minimum(found[name], 1.0), MOST_POINTS),
                style="bad" if name.rpartition(" ")[0] in first else _COLOURS[k],
            )
            for k, name in enumerate(names)
            if name in found
        ]
        charts.append(_chart(load, "Utilization", "share", lines, 0.0, 1.0))
    return _row("Utilization", "the busiest components; above 90 % queues take over", charts)


def _busiest(shares: Iterable[dict[str, Floats]]) -> list[str]:
    peaks: dict[str, float] = {}
    for found in shares:
        for name, values in found.items():
            peaks[name] = max(peaks.get(name, 0.0), _most(values))
    busiest = sorted(peaks, key=lambda name: -peaks[name])
    return [name for k, name in enumerate(busiest[:MOST_LINES]) if k == 0 or peaks[name] >= IDLE]


def _instances(review: Review, loads: Sequence[_Load]) -> Markup | None:
    del review
    groups = list(
        dict.fromkeys(
            split(name)[0] for load in loads for name in load.outcome.series if split(name)[1] == "in service"
        )
    )[:MOST_LINES]
    if not groups:
        return None
    high = 1.0
    for load in loads:
        for group in groups:
            high = max(high, *(_most(load.outcome.series.get(f"{group}:{m}")) for m in ("in service", "pending")))
    charts = []
    for load in loads:
        lines = []
        for k, group in enumerate(groups):
            serving = load.outcome.series.get(f"{group}:in service")
            pending = load.outcome.series.get(f"{group}:pending")
            if serving is None:
                continue
            name = component_of(group)
            lines.append(Line(name=f"{name} in service", values=thin(serving, MOST_POINTS), style=_COLOURS[k]))
            if pending is not None and _most(pending) > 0:
                style = f"{_COLOURS[k]} dashed"
                lines.append(Line(name=f"{name} pending", values=thin(pending, MOST_POINTS), style=style))
        marks = tuple(
            (time_s, f"{component_of(fleet)} after {figures.span(time_s)}: {sentences.spaced(reason)}")
            for fleet, time_s, _, _, reason in load.outcome.activities
            if 0.0 <= time_s <= load.outcome.judged_s
        )
        charts.append(_chart(load, "Instances", "count", lines, 0.0, rounded_up(high), marks=marks, steps=True))
    return _row("Instances", "triangles: scaling activities, with their reason", charts)


def _levels(loads: Sequence[_Load], metric: str, title: str, hint: str, unit: Unit, least: float) -> Markup | None:
    """Balances that move or are all but used up; one that stays full tells nothing."""
    names = _moving(loads, metric, least)
    if not names:
        return None
    return _lines(loads, names, metric, title, hint, unit, lambda high: 1.0 if unit == "share" else rounded_up(high))


def _refused(loads: Sequence[_Load]) -> Markup | None:
    found = []
    for metric in ("refused", "throttled"):
        names = [n for n in _names(loads, metric) if any(_most(load.outcome.series.get(n)) > 0 for load in loads)]
        found += names[:MOST_LINES]
    if not found:
        return None
    return _lines(loads, found[:MOST_LINES], "refused", "Refused calls by second", "throttles", "req/s", rounded_up)


def _lines(
    loads: Sequence[_Load],
    names: Sequence[str],
    what: str,
    title: str,
    hint: str,
    unit: Unit,
    top: Callable[[float], float],
) -> Markup:
    high = top(max(_most(load.outcome.series.get(name)) for load in loads for name in names))
    charts = []
    for load in loads:
        lines = [
            Line(
                name=_short(name, names),
                values=thinned(name, load.outcome.series[name], MOST_POINTS),
                style=_COLOURS[k],
            )
            for k, name in enumerate(names)
            if name in load.outcome.series
        ]
        charts.append(_chart(load, f"{title} ({what})", unit, lines, 0.0, high))
    return _row(title, hint, charts)


def _short(name: str, names: Sequence[str]) -> str:
    """The component of a series, with the part of it only where two would read alike."""
    primitive = split(name)[0]
    component = component_of(primitive)
    alike = sum(component_of(split(other)[0]) == component for other in names)
    return component if alike == 1 else primitive.replace("/", " ")


def _names(loads: Sequence[_Load], metric: str) -> list[str]:
    return list(dict.fromkeys(name for load in loads for name in load.outcome.series if split(name)[1] == metric))


def _moving(loads: Sequence[_Load], metric: str, least: float) -> list[str]:
    kept = []
    for name in _names(loads, metric):
        series = [load.outcome.series[name] for load in loads if name in load.outcome.series]
        low, high = min(float(np.nanmin(s)) for s in series), max(_most(s) for s in series)
        if high - low > 0.01 * high or high < least:
            kept.append(name)
    return kept[:MOST_LINES]


def _most(values: Floats | None) -> float:
    if values is None or not len(values):
        return 0.0
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else 0.0
