"""The tables behind the answer: response times, failures, cost, what requests do, what is left out, notes."""

from collections.abc import Iterator

from tonnage.advise.review import Judged, Review
from tonnage.report import figures, sentences
from tonnage.report.html.markup import Markup, element
from tonnage.workload import Call, NotModelled

PERCENTILES = (50.0, 90.0, 99.0, 99.9)
MOST_ACTIVITIES = 60


def _table(heads: tuple[str, ...], rows: list[Markup], *, text_columns: int = 1) -> Markup:
    head = element(
        "tr",
        [element("th", text, scope="col", class_="num" if k >= text_columns else None) for k, text in enumerate(heads)],
    )
    return element("div", element("table", element("thead", head), element("tbody", rows)), class_="scroll")


def latency_table(review: Review) -> Markup:
    """Percentiles by load and route, with errors."""
    rows = []
    for load in review.loads:
        names = (
            [None, *(route.name for route in load.outcomes[0].routes)] if len(load.outcomes[0].routes) > 1 else [None]
        )
        rows += [_latency_row(load, name) for name in names]
    heads = ("Load", "route", *(f"p{q:g}" for q in PERCENTILES), "mean", "requests", "errors")
    return _table(heads, rows, text_columns=2)


def _latency_row(load: Judged, route: str | None) -> Markup:
    outcome = load.outcomes[0]
    arrived = sum(item.arrived for item in outcome.routes_of(route))
    times = [outcome.latency_s(q, route) for q in (*PERCENTILES, None)]
    return element(
        "tr",
        element("th", sentences.load_title(load) if route is None else "", scope="row"),
        element("td", route or "all"),
        [element("td", figures.latency(time_s), class_="num") for time_s in times],
        element("td", figures.whole(arrived), class_="num"),
        element("td", figures.percent(outcome.error_share(route)), class_="num"),
        class_="group" if route is None else None,
    )


def failures(review: Review) -> Markup | None:
    """Who refused, and with what words."""
    rows = [
        element(
            "tr",
            element("th", sentences.load_title(load), scope="row"),
            element("td", failure.cause.primitive.replace("/", " ")),
            element("td", sentences.spaced(failure.cause.text)),
            element("td", figures.whole(failure.requests), class_="num"),
        )
        for load in review.loads
        for failure in load.outcomes[0].failures
    ]
    if not rows:
        return None
    return element(
        "div", element("h3", "Why requests failed"), _table(("Load", "by", "with", "requests"), rows, text_columns=3)
    )


def pressures(review: Review) -> Markup | None:
    """What is full at each load."""
    items = [
        element(
            "div",
            element("h3", f"Full at {sentences.load_title(load)}"),
            element("ol", [element("li", sentences.pressure_text(review, pressure)) for pressure in load.pressures]),
        )
        for load in review.loads
        if load.pressures
    ]
    return element("div", items) if items else None


def activities(review: Review) -> Markup | None:
    """Every scaling activity with its reason."""
    parts = []
    for load in review.loads:
        found = load.outcomes[0].activities
        if not found:
            continue
        rows = [
            element(
                "tr",
                element("th", figures.span(time_s), scope="row"),
                element("td", fleet.partition("/")[0]),
                element("td", f"{before} → {after}" if before != after else str(after)),
                element("td", sentences.spaced(reason)),
            )
            for fleet, time_s, before, after, reason in found[:MOST_ACTIVITIES]
        ]
        left = f", the first {MOST_ACTIVITIES} of them" if len(found) > MOST_ACTIVITIES else ""
        title = f"{len(found)} scaling activities at {sentences.load_title(load)}{left}"
        if len(found) == 1:
            title = f"1 scaling activity at {sentences.load_title(load)}"
        heads = ("after", "group", "instances", "why")
        parts.append(element("details", element("summary", title), _table(heads, rows, text_columns=4)))
    return element("div", parts) if parts else None


def cost_table(review: Review) -> Markup:
    """Cost of a month by component and load."""
    highest = max((usd for load in review.loads for usd in load.cost.components.values()), default=0.0) or 1.0
    rows = []
    last = review.loads[-1].cost.components
    for name in sorted(last, key=lambda name: -last[name]):
        share = max(0.0, last[name]) / highest
        bar = element("span", class_="bar", style=f"--share:{share:.3f}")
        rows.append(
            element(
                "tr",
                element("th", sentences.component_title(review, name), bar, scope="row"),
                [
                    element("td", figures.usd(load.cost.components.get(name, 0.0)), class_="num")
                    for load in review.loads
                ],
            )
        )
    rows.append(
        element(
            "tr",
            element("th", "all", scope="row"),
            [element("td", element("b", figures.usd(load.cost.usd)), class_="num") for load in review.loads],
            class_="group",
        )
    )
    return element(
        "div",
        _table(("A month", *(sentences.load_title(load) for load in review.loads)), rows),
        element("ul", [element("li", sentences.spaced(note)) for note in sentences.cost_notes(review)], class_="quiet"),
    )


def routes(review: Review) -> Markup:
    """What a request does, as nested lists."""
    parts = []
    for route in review.workload.routes:
        certain = " (made from the wiring, not confirmed)" if route.inferred else ""
        parts.append(
            element(
                "div",
                element("h3", f"{route.name}: {figures.percent(route.share)} of requests{certain}"),
                element("ul", _call(route.entry, ""), class_="calls"),
            )
        )
    return element("details", element("summary", "What a request does, and what it asks of each component"), parts)


def _call(call: Call, when: str) -> Markup:
    words = list(_conditions(call, when))
    demands = [f"{name} {sentences.evidence_text(quantity)}" for name, quantity in call.demands.items()]
    below = [_call(item, "") for item in call.calls] + [_call(item, "on a miss") for item in call.on_miss]
    return element(
        "li",
        element("b", call.component),
        f" {', '.join(words)}" if words else None,
        element("small", "; ".join(demands)) if demands else None,
        element("ul", below) if below else None,
    )


def _conditions(call: Call, when: str) -> Iterator[str]:
    if when:
        yield when
    if call.probability < 1.0:
        yield f"in {figures.percent(call.probability)} of visits"
    if call.times > 1:
        yield f"{call.times} times"
    if call.timeout_s is not None:
        yield f"time-out {figures.span(call.timeout_s) if call.timeout_s >= 1 else figures.latency(call.timeout_s)}"
    if call.retry is not None:
        yield f"{call.retry.attempts} attempts"


def findings(review: Review) -> Markup:
    """What contradicts itself or a rule, the worst first."""
    rows = [
        element(
            "tr",
            element("th", found.component or "the workload", scope="row"),
            element("td", found.severity),
            element("td", f"{sentences.spaced(found.what)}. {sentences.spaced(found.remedy)}"),
            element("td", " · ".join(each for each in (found.best_practice, found.source) if each)),
            element("td", str(found.place) if found.place else ""),
        )
        for found in review.findings
    ]
    return _table(("Resource", "severity", "what", "rule", "where"), rows, text_columns=5)


def not_modelled(review: Review) -> Markup:
    """What was read and left out, with reasons."""
    matters, rest = sentences.left_out(review)
    if not matters and not rest:
        return element("p", "Everything in the architecture is modelled.")
    parts: list[Markup] = []
    if matters:
        parts.append(
            element(
                "p",
                "Requests probably pass through these; without them the answer may be too good. A review "
                "judges the rest.",
            )
        )
        parts.append(_left_out(matters))
    if rest:
        title = (
            "1 resource that carries no requests" if len(rest) == 1 else f"{len(rest)} resources that carry no requests"
        )
        parts.append(element("details", element("summary", title), _left_out(rest)))
    return element("div", parts)


def _left_out(items: tuple[NotModelled, ...]) -> Markup:
    rows = [
        element(
            "tr",
            element("th", item.name, scope="row"),
            element("td", item.kind),
            element("td", sentences.spaced(item.reason)),
            element("td", str(item.place) if item.place else ""),
        )
        for item in items
    ]
    return _table(("Resource", "type", "why", "where"), rows, text_columns=4)


def notes(review: Review) -> Markup | None:
    """What a reader must know."""
    found = sentences.notes(review)
    return element("ul", [element("li", sentences.spaced(note)) for note in found]) if found else None


def simulation(review: Review) -> Markup:
    """How the answer was made."""
    traffic = review.workload.traffic
    said = {"measured": "measured", "declared": "declared", "assumed": "assumed: give your own"}[traffic.evidence]
    line = review.load_line
    return element(
        "ul",
        element("li", f"{sentences.simulated(review)}."),
        element(
            "li",
            f"Traffic: {traffic.name} ({said}), {figures.span(traffic.duration_s)} in steps of "
            f"{figures.span(traffic.step_s)}, mean {figures.rate(traffic.mean_per_s)}, "
            f"peak {figures.rate(traffic.peak_per_s)}.",
        ),
        element(
            "li",
            f"Each run starts {figures.span(review.loads[0].scenario.lead_s)} before the judged time, from a coarse "
            "run of the day before it, so that instances, credits and caches are as that day left them. Curves and "
            "tables are of the first run, verdicts and intervals of all of them.",
        ),
        element(
            "li",
            f"The load line took {line.runs} runs more; it lies between "
            f"{figures.rate(line.rate_per_s)} and {figures.rate((line.above or 0.0) * traffic.peak_per_s)}."
            if line.above is not None
            else f"The load line took {line.runs} runs more; no load that was tried failed.",
        ),
    )
