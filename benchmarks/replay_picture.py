"""Capacity against need as an SVG that stands alone: the chart of the reports with title, legend and colours."""

from itertools import pairwise

import numpy as np

from tonnage.advise.replay import Replay
from tonnage.report.html.chart import HEIGHT, LEFT, TOP, WIDTH, Chart, Line, rounded_up, svg
from tonnage.report.html.markup import Markup, element, number

MOST_POINTS = 288
"""Five minutes of a day."""
HEADROOM = 44.0
STYLE = """
text{font:11px system-ui,sans-serif;fill:#1b1f24}.tick{font-size:10px;fill:#5d6772}.title{font-weight:600}
.grid{stroke:#e2e6ea}.line{fill:none;stroke-width:1.3;stroke-linejoin:round}.cursor{display:none}
.quiet{stroke:#98a3ae}.c1{stroke:#0b5cad}.short{fill:#b3261e}.need{fill:#e2e6ea}
text.c1{stroke:none;fill:#0b5cad}text.quiet{stroke:none;fill:#5d6772}text.short{fill:#b3261e}
"""


def picture(title: str, replayed: Replay, part: tuple[float, float], high: float) -> str:
    """The need as an area, the capacity as a line, and in red the part of the need that is not covered.

    Args:
        title: Above the chart.
        replayed: The replay; its first group is drawn.
        part: Beginning and end of what is drawn, s from the beginning of the replay.
        high: Upper end of the scale, instances.
    """
    group, outcome = replayed.elasticities[0], replayed.outcome
    first, last = samples(replayed, part)
    edges = np.linspace(first, last, min(MOST_POINTS, last - first) + 1).round().astype(np.int64)
    parts = [slice(low, high) for low, high in pairwise(edges)]
    # A sample is taken at the end of what it tells.
    begun_s = np.concatenate([[0.0], outcome.times_s[:-1]])
    times_s = begun_s[edges[:-1]] - part[0]
    needed = np.array([group.needed[part].mean() for part in parts])
    supplied = np.array([group.supplied[part].mean() for part in parts])
    short = np.array([np.maximum(group.needed[part] - group.supplied[part], 0.0).mean() for part in parts])
    chart = Chart(
        label=title,
        load="as recorded",
        unit="count",
        times_s=times_s,
        lines=(Line(name="in service", values=supplied, style="c1"),),
        low=0.0,
        high=rounded_up(high),
        judged_s=part[1] - part[0],
        judged_from_s=outcome.judged_from_s + part[0],
        steps=True,
    )
    drawn = str(svg(chart))
    opened = drawn.index(">") + 1
    first_line = drawn.index("<path")
    areas = _area(chart, np.zeros(len(times_s)), needed, "need") + _area(chart, needed - short, needed, "short")
    box = " ".join(number(value) for value in (0.0, -HEADROOM, WIDTH, HEIGHT + HEADROOM))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">'
    titled = drawn.index("</title>") + len("</title>")
    paper = element("rect", x=0, y=-HEADROOM, width=WIDTH, height=HEIGHT + HEADROOM, fill="#fff")
    return (
        head
        + element("style", Markup(STYLE.strip().replace("\n", "")))
        + drawn[opened:titled]
        + paper
        + _legend(title, replayed)
        + drawn[titled:first_line]
        + areas
        + drawn[first_line:]
        + "\n"
    )


def samples(replayed: Replay, part: tuple[float, float]) -> tuple[int, int]:
    """First sample of a part of the replay, and the one after its last."""
    first, last = np.searchsorted(replayed.outcome.times_s, np.array(part) + 1e-6)
    return int(first), int(last)


def _legend(title: str, replayed: Replay) -> Markup:
    item = replayed.elasticities[0]
    overall = f"over all: too few {item.time_too_few:.1%} of the time, {item.instance_hours:,.0f} instance hours"
    texts = [
        element("text", title, class_="title", x=LEFT, y=TOP - 38),
        element("text", overall, class_="tick", x=LEFT, y=TOP - 24),
    ]
    x = LEFT
    for style, text in (("quiet", "need"), ("c1", "in service"), ("short", "too few")):
        texts.append(element("text", text, class_=style, x=x, y=TOP - 8))
        x += 6.2 * len(text) + 14
    return Markup("".join(texts))


def _area(chart: Chart, low: np.ndarray, high: np.ndarray, style: str) -> Markup:
    """Columns between two series, each until the next time; neighbours that are alike are drawn as one."""
    edges = [*(chart.x(float(time_s)) for time_s in chart.times_s), chart.x(chart.judged_s)]
    parts: list[str] = []
    k = 0
    while k < len(low):
        last = k
        while last + 1 < len(low) and low[last + 1] == low[k] and high[last + 1] == high[k]:
            last += 1
        if high[k] > low[k]:
            bottom, top = chart.y(float(low[k])), chart.y(float(high[k]))
            parts.append(f"M{edges[k]:.1f} {bottom:.1f}V{top:.1f}H{edges[last + 1]:.1f}V{bottom:.1f}")
        k = last + 1
    return element("path", class_=style, d="".join(parts) or "M0 0")
