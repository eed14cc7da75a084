"""What to change, and what to measure first."""

from collections.abc import Sequence

from tonnage.advise.assumptions import Influence
from tonnage.advise.load_line import LoadLine
from tonnage.advise.recommend import Recommendation
from tonnage.advise.review import Review
from tonnage.report import figures, sentences
from tonnage.report.html.markup import Markup, element
from tonnage.report.html.verdict_sections import mark

_DIFF_CLASSES = (("+++", "file"), ("---", "file"), ("@@", "hunk"), ("+", "added"), ("-", "removed"))
MOST_ASSUMPTIONS = 10


def best_change(review: Review) -> Markup | None:
    """The first recommendation in a line, for the head of the page."""
    if not review.recommendations:
        return None
    best = review.recommendations[0]
    gain = f": load line {_carried(best.effect.load_line)}" if best.effect.load_line else ""
    cost = f"{figures.signed_usd(best.effect.usd - best.before.usd)} a month"
    title = "; ".join(line for line in sentences.change_lines(best) if not line.startswith(sentences.ALSO))
    return element("p", "Best change: ", element("a", title, href="#changes"), f"{gain}, {cost}", class_="best")


def recommendations(review: Review) -> Markup:
    """A card for each recommendation, best first."""
    if not review.recommendations:
        if not review.advised:
            return element("p", "Changes were not searched for.")
        if all(load.met for load in review.loads):
            return element("p", "Nothing has to change: every objective holds at every load judged.")
        return element("p", "No change that was tried helps enough to be worth showing.")
    return element(
        "div",
        element(
            "p",
            "Each change was simulated in one run beside one run of the workload as it is, with the same requests; "
            "where there is a patch, the patched file was read again and simulated.",
            class_="quiet",
        ),
        element("div", [_card(review, item, k) for k, item in enumerate(review.recommendations, 1)], class_="cards"),
    )


def _card(review: Review, item: Recommendation, number: int) -> Markup:
    lines = list(sentences.change_lines(item))
    reasons = dict.fromkeys(change.because for change in item.changes if change.because)
    return element(
        "article",
        element("header", element("span", str(number), class_="number"), element("h3", _broken(lines))),
        [element("p", sentences.spaced(f"{reason[:1].upper()}{reason[1:]}."), class_="because") for reason in reasons],
        _effects(review, item),
        element("ul", [element("li", sentences.spaced(note)) for note in item.notes], class_="caveats")
        if item.notes
        else None,
        _diff(item.diff) if item.diff else None,
        class_="card",
    )


def _broken(lines: Sequence[str]) -> list[Markup]:
    return [element("span", line, class_="also" if line.startswith(sentences.ALSO) else "change") for line in lines]


def _effects(review: Review, item: Recommendation) -> Markup:
    at = sentences.load_name(sentences.tried_at(review, item))
    head = element(
        "tr",
        element("td"),
        element("th", "now", scope="col", class_="num"),
        element("th", "changed", scope="col", class_="num"),
    )
    rows = [
        element(
            "tr",
            element("th", "load line", scope="row"),
            element("td", _carried(item.before.load_line), class_="num"),
            element("td", element("b", _carried(item.effect.load_line)), class_="num"),
        )
    ]
    for k, (before, after) in enumerate(zip(item.before.judgements, item.effect.judgements, strict=True)):
        if before.objective.indicator == "cost":
            continue
        name = f"{sentences.objective_name(before.objective)} at {at}"
        rows.append(
            element(
                "tr",
                element("th", name, scope="row"),
                element("td", figures.indicated(before.objective, before.value), " ", mark(before.met), class_="num"),
                element(
                    "td",
                    element("b", figures.indicated(after.objective, after.value)),
                    " ",
                    mark(after.met),
                    f" ({figures.changed(after.objective, item.changed[k])})" if k < len(item.changed) else None,
                    class_="num",
                ),
            )
        )
    rows.append(
        element(
            "tr",
            element("th", f"cost a month at {at}", scope="row"),
            element("td", figures.usd(item.before.usd), class_="num"),
            element(
                "td",
                element("b", figures.usd(item.effect.usd)),
                f" ({figures.signed_usd(item.effect.usd - item.before.usd)})",
                class_="num",
            ),
        )
    )
    early = item.effect.outcome.stopped
    note = (
        element(
            "p",
            f"The run with the change was ended early ({sentences.spaced(early)}): its figures go no further.",
            class_="quiet",
        )
        if early
        else None
    )
    return element("div", element("table", element("thead", head), element("tbody", rows)), note, class_="effects")


def _carried(line: LoadLine | None) -> str:
    if line is None:
        return figures.NOTHING
    if line.never:
        return "none"
    return f"{'at least ' if line.at_least else ''}{figures.rate(line.rate_per_s)}"


def _diff(diff: str) -> Markup:
    lines = []
    for line in diff.splitlines():
        style = next((style for begin, style in _DIFF_CLASSES if line.startswith(begin)), None)
        lines.append(element("span", line + "\n", class_=style))
    return element("details", element("summary", "Patch"), element("pre", element("code", lines), class_="diff"))


def assumptions(review: Review) -> Markup:
    """The assumptions by influence: their range, and what happens at its ends."""
    if not review.influences:
        return element("p", "Nothing was assumed: every figure was measured or declared.")
    carrying = sentences.carrying(review)
    tested = sum(item.met is not None for item in review.influences)
    first = "1 assumption carries" if len(carrying) == 1 else f"{len(carrying)} assumptions carry"
    intro = (
        f"{first} this answer: at an end of the range a load that holds no longer does. Measure first: "
        + "; ".join(f"{item.assumption.component} {item.assumption.name}" for item in carrying)
        + "."
        if carrying
        else f"Of the {tested} most influential, simulated at both ends of their range, none turns a load that holds "
        "into a miss."
    )
    moving = [item for item in review.influences if item.score > sentences.MATTERS or item.met is not None]
    shown, rest = moving[:MOST_ASSUMPTIONS], [i for i in review.influences if i not in moving[:MOST_ASSUMPTIONS]]
    more = f"{len(rest)} more that move capacity and response time little or not at all"
    return element(
        "div",
        element("p", intro),
        _assumption_table(shown, carrying) if shown else None,
        element("details", element("summary", more), _assumption_table(rest, carrying)) if rest else None,
    )


def _assumption_table(items: Sequence[Influence], carrying: Sequence[Influence]) -> Markup:
    heads = ("Assumption", "used", "range", "capacity at the ends", "response time at the ends", "simulated")
    head = element(
        "tr", [element("th", text, scope="col", class_="num" if 0 < k < 5 else None) for k, text in enumerate(heads)]
    )
    rows = []
    for item in items:
        assumption, quantity = item.assumption, item.assumption.quantity
        rows.append(
            element(
                "tr",
                element(
                    "th",
                    element("b", f"{assumption.component} {assumption.name}"),
                    element("small", f"{assumption.meaning} Source: {quantity.source}."),
                    scope="row",
                ),
                element("td", figures.measure(quantity.value, quantity.unit), class_="num"),
                element("td", figures.quantity_range(quantity) or figures.NOTHING, class_="num"),
                element("td", _ends(item.capacity), class_="num"),
                element("td", _ends(item.latency), class_="num"),
                element("td", sentences.ends_text(item) or figures.NOTHING),
                class_="carries" if item in carrying else None,
            )
        )
    return element(
        "div", element("table", element("thead", head), element("tbody", rows), class_="assumptions"), class_="scroll"
    )


def _ends(ratios: tuple[float, float]) -> str:
    if all(abs(ratio - 1.0) < 0.005 for ratio in ratios):
        return "no change"
    return ", ".join(figures.signed_percent(round(ratio - 1.0, 3)) for ratio in ratios)
