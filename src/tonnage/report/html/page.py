"""The review as one HTML file: no network, no library; only the read-out of the charts needs its script."""

from importlib.resources import files

from tonnage import __version__
from tonnage.advise.review import Review
from tonnage.report import sentences
from tonnage.report.html import advice_sections as advice
from tonnage.report.html import detail_sections as detail
from tonnage.report.html import verdict_sections as verdict
from tonnage.report.html.architecture_picture import architecture_picture
from tonnage.report.html.markup import Child, Markup, element
from tonnage.report.html.time_charts import time_charts

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What the page may load: nothing; the browser enforces it."""


def to_html(review: Review) -> str:
    """A review as a whole HTML document (UTF-8)."""
    return document(
        f"{review.workload.name}: what it carries",
        _header(review),
        element("main", _sections(review)),
        _footer(review),
        version=review.version,
    )


def document(title: str, *children: Child, version: str = __version__) -> str:
    """A whole HTML document (UTF-8) with the style and the script of all pages.

    Args:
        title: Its title.
        children: Its body.
        version: Version of Tonnage that made it.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"Tonnage {version}"),
        element("title", title),
        element("style", _asset("page.css")),
    )
    script = element("script", _asset("page.js"))
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *children), script, lang='en')}\n"


def _asset(name: str) -> Markup:
    return Markup((files("tonnage.report.html") / name).read_text(encoding="utf-8"))


def _header(review: Review) -> Markup:
    words = sentences.load_line_words(review)
    workload = review.workload
    return element(
        "header",
        element("p", "Tonnage", element("span", f"{workload.name} · {workload.region} · {workload.architecture}")),
        element("h1", sentences.headline(review)),
        _gives_way(words.gives_way) if words.gives_way else None,
        element("ul", [element("li", f"then {then}") for then in words.then], class_="then") if words.then else None,
        verdict.verdict_line(review),
        advice.best_change(review),
        class_="top",
    )


def _gives_way(text: str) -> Markup:
    component, colon, what = text.partition(": ")
    return element("p", "Gives way first: ", element("b", component), f"{colon}{what}.", class_="lead")


def _section(title: str, *children: Child, name: str) -> Markup:
    return element("section", element("h2", title), *children, id=name)


def _sections(review: Review) -> list[Markup]:
    words = sentences.load_line_words(review)
    missed = (
        f"Above the load line {words.misses} {'are' if ' and ' in words.misses else 'is'} missed."
        if words.misses
        else None
    )
    return [
        _section("Objectives", verdict.objectives_table(review), name="objectives"),
        _section(
            "Load line",
            verdict.load_line_gauge(review),
            element("p", missed, class_="quiet") if missed else None,
            name="load-line",
        ),
        _section("Architecture", architecture_picture(review), detail.routes(review), name="architecture"),
        _section("The peak, minute by minute", time_charts(review), detail.activities(review), name="time"),
        _section(
            "Response times and errors",
            detail.latency_table(review),
            detail.failures(review),
            detail.pressures(review),
            name="latency",
        ),
        _section("What to change", advice.recommendations(review), name="changes"),
        _section("Findings", detail.findings(review), name="findings") if review.findings else Markup(),
        _section("Assumptions", advice.assumptions(review), name="assumptions"),
        _section("Cost", detail.cost_table(review), name="cost"),
        _section("Not modelled", detail.not_modelled(review), name="not-modelled"),
        _section("Notes", detail.notes(review), name="notes") if sentences.notes(review) else Markup(),
        _section("How it was simulated", detail.simulation(review), name="simulation"),
    ]


def _footer(review: Review) -> Markup:
    return element(
        "footer", f"Made by Tonnage {review.version} with seed {review.seed}. The same seed gives the same report."
    )
