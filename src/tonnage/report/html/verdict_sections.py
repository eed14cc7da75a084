"""The verdict: each objective at each load, and the load line as a gauge."""

from collections.abc import Sequence

from tonnage.advise.review import Review
from tonnage.advise.verdict import Judgement
from tonnage.report import figures, sentences
from tonnage.report.html.markup import Markup, element, join, number

GAUGE_WIDTH, GAUGE_LEFT, BAR_TOP, BAR_HEIGHT = 1040.0, 4.0, 44.0, 18.0
LABEL_ROOM = 150.0
_CLOSE = "too close to call"


def mark(met: bool) -> Markup:
    """A tick or a cross that can be read aloud."""
    if met:
        return element("span", "✓", class_="mark-met", title="met", role="img", aria_label="met")
    return element("span", "✗", class_="mark-missed", title="missed", role="img", aria_label="missed")


def verdict_line(review: Review) -> Markup:
    """Each load in a line: what holds, what is missed."""
    items = []
    for load in review.loads:
        missed = [sentences.objective_name(item.objective) for item in load.judgements if not item.met]
        words = "every objective holds" if not missed else f"{' and '.join(missed)} missed"
        close = [sentences.objective_name(item.objective) for item in load.judgements if item.confidence == _CLOSE]
        words += f" ({' and '.join(close)} {_CLOSE})" if close else ""
        items.append(element("li", mark(load.met), " ", element("b", sentences.load_title(load)), f": {words}"))
    return element("ul", items, class_="verdicts")


def objectives_table(review: Review) -> Markup:
    """Objectives by load, with intervals and doubts."""
    head = element(
        "tr",
        element("th", "Objective", scope="col"),
        element("th", "asked", scope="col", class_="num"),
        [element("th", sentences.load_title(load), scope="col", class_="num") for load in review.loads],
    )
    rows = [
        element(
            "tr",
            element("th", sentences.objective_name(objective), scope="row"),
            element("td", figures.threshold(objective), class_="num"),
            [_judged(load.judgements[k]) for load in review.loads],
        )
        for k, objective in enumerate(review.workload.objectives)
    ]
    notes = [
        element("p", f"{sentences.load_title(load)}: {note}.", class_="quiet")
        for load in review.loads
        for note in load.notes
    ]
    table = element("div", element("table", element("thead", head), element("tbody", rows)), class_="scroll")
    return join([table, *notes])


def _judged(judgement: Judgement) -> Markup:
    objective = judgement.objective
    under = []
    if judgement.high > judgement.low:
        low, high = figures.indicated(objective, judgement.low), figures.indicated(objective, judgement.high)
        if low != high:
            under.append(f"{low} to {high}")
    if doubt := sentences.doubt(judgement):
        under.append(doubt)
    return element(
        "td",
        element("b", figures.indicated(objective, judgement.value)),
        " ",
        mark(judgement.met),
        element("small", "; ".join(under)) if under else None,
        class_="num",
    )


def load_line_gauge(review: Review) -> Markup:
    """The load line on an axis of requests/s, beside the judged loads."""
    line = review.load_line
    peak = review.workload.traffic.peak_per_s
    above = line.above * peak if line.above is not None else None
    rates = [load.rate_per_s for load in review.loads]
    most = max([*rates, line.rate_per_s, above or 0.0]) * 1.1

    def x(rate: float) -> float:
        return GAUGE_LEFT + (GAUGE_WIDTH - 2 * GAUGE_LEFT) * rate / most

    drawn = [element("rect", x=x(0.0), y=BAR_TOP, width=x(most) - x(0.0), height=BAR_HEIGHT, rx=3.0, class_="rail")]
    if above is not None:
        drawn.append(
            element("rect", x=x(above), y=BAR_TOP, width=x(most) - x(above), height=BAR_HEIGHT, rx=3.0, class_="over")
        )
    if line.rate_per_s > 0:
        width = x(line.rate_per_s) - x(0.0)
        drawn.append(element("rect", x=x(0.0), y=BAR_TOP, width=width, height=BAR_HEIGHT, rx=3.0, class_="carried"))
        words = sentences.load_line_words(review)
        drawn += _pointer(x(line.rate_per_s), f"load line {words.carries}")
    labels = [(x(load.rate_per_s), sentences.load_title(load), load.met) for load in review.loads]
    rows = _rows([place for place, _, _ in labels])
    for (place, text, met), row in zip(labels, rows, strict=True):
        drawn += _tick(place, f"{'✓' if met else '✗'} {text}", row, "met" if met else "missed")
    height = BAR_TOP + BAR_HEIGHT + 26.0 + 17.0 * max(rows, default=0)
    return element(
        "svg",
        element("title", f"Load line: {sentences.load_line_words(review).carries}"),
        drawn,
        viewBox=f"0 0 {number(GAUGE_WIDTH)} {number(height)}",
        role="img",
        class_="gauge",
    )


def _rows(places: Sequence[float]) -> list[int]:
    """The row of each label below the bar: a second one where two would touch."""
    taken: list[float] = []
    result = [0] * len(places)
    for k in sorted(range(len(places)), key=lambda k: places[k]):
        row = next((n for n, end in enumerate(taken) if places[k] - end > LABEL_ROOM), len(taken))
        if row == len(taken):
            taken.append(places[k])
        else:
            taken[row] = places[k]
        result[k] = row
    return result


def _anchor(place: float) -> str:
    return "start" if place < LABEL_ROOM / 2 else "end" if place > GAUGE_WIDTH - LABEL_ROOM / 2 else "middle"


def _pointer(place: float, text: str) -> list[Markup]:
    return [
        element("line", x1=place, x2=place, y1=BAR_TOP - 12, y2=BAR_TOP + BAR_HEIGHT, class_="pointer"),
        element("text", text, x=place, y=BAR_TOP - 18, text_anchor=_anchor(place), class_="strong"),
    ]


def _tick(place: float, text: str, row: int, style: str) -> list[Markup]:
    y = BAR_TOP + BAR_HEIGHT
    return [
        element("line", x1=place, x2=place, y1=BAR_TOP - 2, y2=y + 7 + 17 * row, class_=f"at {style}"),
        element("text", text, x=place, y=y + 20 + 17 * row, text_anchor=_anchor(place), class_=style),
    ]
