"""A replayed history as one HTML file: charts of the load, capacity against need, response time and errors."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage import __version__
from tonnage.advise.replay import Replay
from tonnage.report import figures
from tonnage.report.html.chart import Chart, Line, Unit, figure, rounded_up
from tonnage.report.html.markup import Child, Markup, element
from tonnage.report.html.page import document
from tonnage.report.html.verdict_sections import mark
from tonnage.report.replay_report import happened, moment
from tonnage.report.series import thin, windows

_MOST_POINTS = 600
_MOST_ACTIVITIES = 200
Floats = NDArray[np.float64]


def replay_html(name: str, region: str, replayed: Replay) -> str:
    """A replay as a whole HTML document (UTF-8)."""
    outcome = replayed.outcome
    span = f"{figures.span(outcome.judged_s)} from {moment(replayed, 0.0)}"
    header = element(
        "header",
        element("p", "Tonnage", element("span", f"{name} · {region}")),
        element("h1", f"{span}: {_headline(replayed)}"),
        class_="top",
    )
    main = element(
        "main",
        _section("Objectives", _objectives(replayed)),
        _section("Over time", _charts(replayed)),
        _section("Groups", _groups(replayed)) if replayed.elasticities else None,
        _section("Scaling activities", _activities(replayed)),
        _section("How it was simulated", _simulation(replayed)),
    )
    return document(f"{name}: replay", header, main, element("footer", f"Made by Tonnage {__version__}."))


def _headline(replayed: Replay) -> str:
    missed = [judgement.objective.text for judgement in replayed.judgements if not judgement.met]
    return "every objective holds" if not missed else f"{' and '.join(missed)} missed"


def _section(title: str, *children: Child) -> Markup:
    return element("section", element("h2", title), *children)


def _objectives(replayed: Replay) -> Markup:
    rows = [
        element(
            "tr",
            element("th", judgement.objective.text, scope="row"),
            element(
                "td",
                element("b", figures.indicated(judgement.objective, judgement.value)),
                " ",
                mark(judgement.met),
                class_="num",
            ),
            element("td", f"{int(missed.sum())} of {len(missed)}" if len(missed) else figures.NOTHING, class_="num"),
        )
        for judgement, missed in zip(replayed.judgements, replayed.missed, strict=True)
    ]
    window = figures.span(replayed.outcome.window_s)
    return _table(("Objective", "over all", f"windows of {window} missed"), rows)


def _table(heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = element(
        "tr", [element("th", text, scope="col", class_="num" if k else None) for k, text in enumerate(heads)]
    )
    return element("div", element("table", element("thead", head), element("tbody", rows)), class_="scroll")


def _charts(replayed: Replay) -> Markup:
    outcome = replayed.outcome
    seen = windows(outcome, (50.0, 99.0))
    lost = outcome.windows[: len(seen.times_s), 2] / np.maximum(outcome.windows[: len(seen.times_s), 0], 1)
    latency = [Line(name=f"p{q:g}", values=seen.latency_s[q], style=style) for q, style in ((50.0, "c1"), (99.0, "c2"))]
    finite = np.concatenate([line.values[np.isfinite(line.values)] for line in latency] or [np.zeros(0)])
    thresholds = [
        (judgement.objective.threshold, figures.threshold(judgement.objective))
        for judgement in replayed.judgements
        if judgement.objective.indicator == "latency" and judgement.objective.route is None
    ]
    offered = Line(name="offered", values=seen.offered_per_s, style="c1")
    rows = [
        _row("Requests by second", "", replayed, "req/s", seen.times_s, (offered,)),
        *(
            _row(
                f"Instances of {item.fleet.partition('/')[0]}",
                f"needed to be {replayed.busy:.0%} busy, and in service",
                replayed,
                "count",
                _thin(outcome.times_s),
                (
                    Line(name="needed", values=_thin(item.needed, peaks=True), style="c2 dashed"),
                    Line(name="in service", values=_thin(item.supplied, peaks=True), style="c1"),
                ),
                steps=True,
            )
            for item in replayed.elasticities
        ),
    ]
    if len(finite):
        low, high = float(finite.min()) / 1.3, max(float(finite.max()), *(value for value, _ in thresholds), 1e-3) * 1.3
        rows.append(
            _row(
                "Response time",
                "logarithmic; by time of arrival",
                replayed,
                "s",
                seen.times_s,
                latency,
                low=max(low, 1e-6),
                high=high,
                log=True,
                thresholds=tuple(thresholds),
            )
        )
    allowed = [
        (each.objective.threshold, f"< {figures.percent(each.objective.threshold)}")
        for each in replayed.judgements
        if each.objective.indicator == "errors"
    ]
    rows.append(
        _row(
            "Errors",
            "share of requests",
            replayed,
            "share",
            seen.times_s,
            (_errors(lost),),
            low=0.0,
            high=1.1 * max(float(lost.max(initial=0.0)), *(value for value, _ in allowed), _LEAST_ERRORS),
            thresholds=tuple(allowed),
        )
    )
    return element("div", rows, class_="time-charts")


_LEAST_ERRORS = 0.001
"""Top of the axis of errors where there are none."""


def _errors(lost: Floats) -> Line:
    return Line(name="errors", values=np.asarray(lost, dtype=np.float64), style="bad")


def _thin(values: Floats, *, peaks: bool = False) -> Floats:
    return thin(values, _MOST_POINTS, peaks=peaks)


def _row(
    title: str,
    hint: str,
    replayed: Replay,
    unit: Unit,
    times_s: Floats,
    lines: Sequence[Line],
    *,
    low: float = 0.0,
    high: float | None = None,
    **more: object,
) -> Markup:
    top = max((float(np.nanmax(line.values)) for line in lines if np.isfinite(line.values).any()), default=1.0)
    chart = Chart(
        label=title,
        load=replayed.scenario.name,
        unit=unit,
        times_s=times_s,
        lines=tuple(lines),
        low=low,
        high=rounded_up(max(top, 1e-6)) if high is None else high,
        judged_s=replayed.outcome.judged_s,
        judged_from_s=replayed.outcome.judged_from_s,
        **more,  # type: ignore[arg-type]
    )
    return element(
        "section",
        element("h3", title, " ", element("small", hint)),
        element("div", figure(chart), class_="charts", style="--columns:1"),
        class_="chart-row",
    )


def _groups(replayed: Replay) -> Markup:
    heads = ("Group", "too few, time", "by", "too many, time", "by", "against each other", "instance hours")
    rows = [
        element(
            "tr",
            element("th", item.fleet.partition("/")[0], scope="row"),
            [
                element("td", figures.percent(share), class_="num")
                for share in (item.time_too_few, item.too_few, item.time_too_many, item.too_many, item.instability)
            ],
            element("td", figures.whole(item.instance_hours), class_="num"),
        )
        for item in replayed.elasticities
    ]
    return _table(heads, rows)


def _activities(replayed: Replay) -> Markup:
    found = replayed.outcome.activities
    if not found:
        return element("p", "None.")
    rows = [
        element(
            "tr",
            element("th", moment(replayed, time_s), scope="row"),
            element("td", fleet.partition("/")[0]),
            element("td", f"{before} → {after}" if before != after else str(after), class_="num"),
            element("td", reason),
        )
        for fleet, time_s, before, after, reason in found[:_MOST_ACTIVITIES]
    ]
    more = f"The first {_MOST_ACTIVITIES} of {len(found)}." if len(found) > _MOST_ACTIVITIES else None
    head = element("tr", [element("th", text, scope="col") for text in ("When", "Group", "Capacity", "Why")])
    table = element("div", element("table", element("thead", head), element("tbody", rows)), class_="scroll")
    return element("div", table, element("p", more, class_="quiet") if more else None)


def _simulation(replayed: Replay) -> Markup:
    outcome = replayed.outcome
    how = "request by request" if outcome.fidelity == "request-level" else "as flows, in the fluid fidelity"
    month = f"{figures.usd(replayed.usd)} in this time, {figures.usd(replayed.cost.usd)} a month"
    lines = [
        f"{figures.whole(outcome.requests)} requests {how}; {month}.",
        *happened(replayed),
        *(finding.text for finding in replayed.findings),
        *(f"Not covered as flows: {text}." for text in outcome.not_covered),
    ]
    return element("ul", [element("li", line) for line in lines])
