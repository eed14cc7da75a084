"""One line chart as SVG, drawn here and not in the browser: axes, lines, thresholds, marks."""

import datetime as dt
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonnage.report import figures
from tonnage.report.html.markup import Markup, element, number

WIDTH, HEIGHT = 500.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 8.0, 8.0, 20.0
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_DAY_S = 86_400
_DAYS = (2, 4, 7, 14, 28, 56, 91, 182, 364)
_MOST_TIME_TICKS = 6
_SINCE_1980_S = 315_532_800.0

Unit = Literal["req/s", "s", "share", "count", "credits"]

SHOWN: dict[Unit, Callable[[float], str]] = {
    "req/s": figures.rate,
    "s": figures.latency,
    "share": figures.percent,
    "count": figures.count,
    "credits": lambda value: f"{figures.count(value)}{figures.SPACE}credits",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One line of a chart.

    Attributes:
        name: For the legend.
        values: (n,) values; NaN is a gap.
        style: Class: ``c1`` to ``c6``, ``quiet`` or ``bad``, with ``dashed`` where wanted.
    """

    name: str
    values: NDArray[np.float64]
    style: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chart:
    """What a chart shows.

    Attributes:
        label: What it is, for a reader who does not see it.
        load: The load it belongs to, for where no column says so.
        unit: Of the values.
        times_s: (n,) times from the beginning of the judged time.
        lines: The lines.
        low: Lower end of the value axis.
        high: Upper end.
        log: Whether the value axis is logarithmic.
        judged_s: Length of the time axis.
        judged_from_s: Unix time of its beginning; a small number for a shape without a date.
        thresholds: Value and label of dashed lines across.
        marks: Time and text of what happened.
        steps: Whether values hold until the next one.
    """

    label: str
    load: str
    unit: Unit
    times_s: NDArray[np.float64]
    lines: tuple[Line, ...]
    low: float
    high: float
    judged_s: float
    judged_from_s: float
    log: bool = False
    thresholds: tuple[tuple[float, str], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()
    steps: bool = False

    def x(self, time_s: float) -> float:
        """Where a time lies."""
        return LEFT + (WIDTH - LEFT - RIGHT) * time_s / self.judged_s

    def y(self, value: float) -> float:
        """Where a value lies."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (at - low) / (high - low)


def figure(chart: Chart) -> Markup:
    """The chart with its legend; the values at its hovered time are filled in by ``page.js``."""
    data = {
        "unit": chart.unit,
        "judged": float(number(chart.judged_s)),
        "times": [float(number(float(time_s))) for time_s in chart.times_s],
        "lines": [[_plain(float(value)) for value in line.values] for line in chart.lines],
        "steps": chart.steps,
    }
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return element(
        "figure",
        element(
            "figcaption", element("span", chart.load, class_="at"), [_legend(line, chart.unit) for line in chart.lines]
        ),
        svg(chart),
        element("script", Markup(text), type="application/json"),
        class_="chart",
    )


def svg(chart: Chart) -> Markup:
    """The chart without its legend."""
    return element(
        "svg",
        element("title", f"{chart.label} at {chart.load}"),
        _value_axis(chart),
        _time_axis(chart),
        [_threshold(chart, value, label) for value, label in chart.thresholds],
        [element("path", d=_path(chart, line), class_=f"line {line.style}") for line in chart.lines],
        [_mark(chart, time_s, text) for time_s, text in chart.marks],
        element("line", class_="cursor", x1=LEFT, x2=LEFT, y1=TOP, y2=HEIGHT - BOTTOM),
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        role="img",
        data_left=LEFT,
        data_width=WIDTH - LEFT - RIGHT,
    )


def _plain(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _legend(line: Line, unit: Unit) -> Markup:
    finite = line.values[np.isfinite(line.values)]
    peak = f"max {SHOWN[unit](float(finite.max()))}" if len(finite) else "no values"
    return element(
        "span",
        element("span", class_=f"swatch {line.style}"),
        element("span", line.name, class_="name"),
        element("span", peak, class_="value", data_peak=peak),
        class_="legend",
    )


def _path(chart: Chart, line: Line) -> str:
    parts: list[str] = []
    pen_down, before = False, 0.0
    for time_s, value in zip(chart.times_s, line.values, strict=True):
        if not math.isfinite(value):
            pen_down = False
            continue
        x, y = f"{chart.x(float(time_s)):.1f}", chart.y(float(value))
        if pen_down and chart.steps:
            parts.append(f"H{x}" if y == before else f"H{x}V{y:.1f}")
        else:
            parts.append(f"{'L' if pen_down else 'M'}{x} {y:.1f}")
        pen_down, before = True, y
    return "".join(parts) or "M0 0"


def _value_axis(chart: Chart) -> list[Markup]:
    result = []
    for value in log_ticks(chart.low, chart.high) if chart.log else ticks(chart.low, chart.high):
        y = chart.y(value)
        result.append(element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y))
        text = _tick(value, chart.unit)
        result.append(element("text", text, class_="tick", x=LEFT - 6, y=y + 3.5, text_anchor="end"))
    return result


def _tick(value: float, unit: Unit) -> str:
    """A round value beside an axis: shorter than a figure in the text, since it is exact."""
    if unit == "s":
        return f"{value * 1e3:g}{figures.SPACE}ms" if value < 0.9995 else f"{value:g}{figures.SPACE}s"
    return figures.percent(value) if unit == "share" else figures.count(value)


def _time_axis(chart: Chart) -> list[Markup]:
    steps = (*_TIME_STEPS_S, *(_DAY_S * days for days in _DAYS))
    step = next((s for s in steps if chart.judged_s / s <= _MOST_TIME_TICKS), steps[-1])
    dated = chart.judged_from_s > _SINCE_1980_S
    first = -chart.judged_from_s % min(step, _DAY_S) if dated else 0.0
    result = []
    for k in range(math.floor((chart.judged_s - first) / step) + 1):
        time_s = first + k * step
        if dated:
            moment = dt.datetime.fromtimestamp(chart.judged_from_s + time_s, tz=dt.UTC)
            text = f"{moment:%m-%d}" if step >= _DAY_S else f"{moment:%H:%M:%S}" if step < 60 else f"{moment:%H:%M}"
        else:
            text = figures.span(time_s) if time_s else "0"
        x = chart.x(time_s)
        anchor = "end" if x > WIDTH - 24 else "middle"
        result.append(element("line", class_="grid", x1=x, x2=x, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 3))
        result.append(element("text", text, class_="tick", x=x, y=HEIGHT - 5, text_anchor=anchor))
    return result


def _threshold(chart: Chart, value: float, label: str) -> Markup:
    y = chart.y(value)
    return element(
        "g",
        element("line", class_="threshold", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y),
        element("text", label, class_="threshold-label", x=WIDTH - RIGHT, y=y - 3, text_anchor="end"),
    )


def _mark(chart: Chart, time_s: float, text: str) -> Markup:
    x = chart.x(time_s)
    return element(
        "g",
        element("title", text),
        element("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM),
        element("path", d=f"M{number(x - 4)} {number(TOP)}h8l-4 7z"),
        class_="mark",
    )


def ticks(low: float, high: float) -> Sequence[float]:
    """Round values from one to another, three to six of them."""
    raw = (high - low) / 4.0
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if raw <= power * k * 1.0001)
    return [step * k for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> Sequence[float]:
    """Powers of ten between two values; where those are fewer than three, with threes, or with twos and fives."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
        found = [m * 10.0**k for k in decades for m in steps if low <= m * 10.0**k * 1.0001 <= high * 1.0002]
        if len(found) >= 3:
            break
    return found


def rounded_up(value: float) -> float:
    """The next round value above, for the end of an axis."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        power * k for k in (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if value <= power * k * 1.0001
    )
