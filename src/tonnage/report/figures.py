"""Figures as a person would write them: rounded, with a unit, thousands set apart by a space.

Spaces inside a figure are no-break spaces, so that prose never tears a number from its unit.
"""

import math

from tonnage.engine.statistics import Interval
from tonnage.workload import Objective, Quantity

SPACE = "\u00a0"
NOTHING = "–"
_UNITS_OF_BYTES = ("bytes", "kB", "MB", "GB", "TB")


def count(value: float) -> str:
    """A number without a unit: ``1 184``, ``9.4``, ``0.032``; at most three significant digits below a hundred."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    text = f"{size:,.0f}" if size >= 99.95 or size == round(size) else f"{size:.3g}" if size >= 10 else f"{size:.2g}"
    if "e" in text:
        text = f"{size:.10f}".rstrip("0").rstrip(".") if size >= 1e-6 else f"{size:.0e}"
    return ("−" if value < 0 and text != "0" else "") + text.replace(",", SPACE)


def whole(value: float) -> str:
    """A number of things: ``41 200``."""
    return count(round(value)) if math.isfinite(value) else count(value)


def rate(per_s: float, unit: str = "req/s") -> str:
    """A rate: ``1 210 req/s``, ``4.2 req/s``."""
    return f"{whole(per_s) if abs(per_s) >= 10 else count(per_s)}{SPACE}{unit}"


def latency(time_s: float) -> str:
    """A response time: ``188 ms``, ``2.41 s``, ``0.4 ms``; "no answer" where nothing was answered."""
    if math.isnan(time_s):
        return NOTHING
    if math.isinf(time_s):
        return "no answer"
    if time_s < 0.9995:
        milliseconds = time_s * 1e3
        return f"{milliseconds:.0f}{SPACE}ms" if milliseconds >= 9.95 else f"{milliseconds:.2g}{SPACE}ms"
    return f"{time_s:.2f}{SPACE}s" if time_s < 9.995 else f"{time_s:.1f}{SPACE}s" if time_s < 99.95 else span(time_s)


def span(time_s: float) -> str:
    """A length of time, two units at most: ``2 h 50 min``, ``12 min 30 s``, ``45 s``."""
    if not math.isfinite(time_s):
        return NOTHING if math.isnan(time_s) else "for ever"
    seconds = round(abs(time_s))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for k, (name, length) in enumerate(units):
        if seconds >= length or length == 1:
            first, rest = divmod(seconds, length)
            text = f"{first}{SPACE}{name}"
            if k + 1 < len(units) and rest // units[k + 1][1]:
                text += f"{SPACE}{rest // units[k + 1][1]}{SPACE}{units[k + 1][0]}"
            return ("−" if time_s < 0 else "") + text
    raise AssertionError("unreachable: the last unit always fits")


def percent(share: float) -> str:
    """A share of one: ``3.2 %``, ``14 %``, ``0.004 %``, ``0 %``."""
    if not math.isfinite(share):
        return NOTHING if math.isnan(share) else f"{count(share)}{SPACE}%"
    value = abs(share) * 100.0
    if value == 0.0:
        return f"0{SPACE}%"
    if value >= 9.95:
        text = f"{value:,.0f}".replace(",", SPACE)
        # Rounding must not turn nearly all into all: "100 %" is a statement.
        if text == "100" and value < 100.0 - 1e-9:
            text = f"{math.floor(value * 100.0) / 100.0:g}"
    else:
        text = f"{value:.2g}"
        if "e" in text:
            text = "<0.0001" if value < 1e-4 else f"{value:.4f}".rstrip("0")
    return f"{'−' if share < 0 else ''}{text}{SPACE}%"


def signed_percent(share: float) -> str:
    """A relative difference: ``+14 %``, ``−8 %``, ``±0 %``."""
    text = percent(share)
    return text if share < 0 else f"+{text}" if abs(share) >= 5e-7 else f"±{text}"


def usd(amount: float) -> str:
    """An amount of money: ``1 184 $``, ``4.12 $``."""
    if not math.isfinite(amount):
        return f"{count(amount)}{SPACE}$"
    digits = 0 if abs(amount) >= 99.5 or amount == 0 else 2 if abs(amount) < 10 else 0
    text = f"{abs(amount):,.{digits}f}".replace(",", SPACE)
    return f"{'−' if amount < 0 else ''}{text}{SPACE}$"


def signed_usd(amount: float) -> str:
    """A difference of money: ``+52 $``, ``−8 $``, ``±0 $``."""
    if abs(amount) < 0.5:
        return f"±0{SPACE}$"
    return f"{'−' if amount < 0 else '+'}{whole(abs(amount))}{SPACE}$"


def indicated(objective: Objective, value: float) -> str:
    """A value of an objective's indicator; one that rounds onto the threshold keeps the digits that tell them apart."""
    text = _indicated(objective, value)
    if value != objective.threshold and math.isfinite(value) and text == _indicated(objective, objective.threshold):
        return _apart(objective, value)
    return text


def changed(objective: Objective, change: Interval) -> str:
    """A change of an indicator with half its interval: ``−572 ms ± 31 ms``."""
    if not math.isfinite(change.mean):
        return NOTHING
    sign = "−" if change.mean < 0 else "+"
    text = f"{sign}{_indicated(objective, abs(change.mean))}"
    return text if change.n < 2 else f"{text}{SPACE}±{SPACE}{_indicated(objective, change.half_width)}"


def threshold(objective: Objective) -> str:
    """What an objective asks: ``< 300 ms``."""
    return f"<{SPACE}{_indicated(objective, objective.threshold)}{'/month' if objective.indicator == 'cost' else ''}"


def _indicated(objective: Objective, value: float) -> str:
    if objective.indicator == "latency":
        return latency(value)
    return percent(value) if objective.indicator == "errors" else usd(value)


def _apart(objective: Objective, value: float) -> str:
    factor, unit = {
        "latency": (1e3, "ms") if objective.threshold < 0.9995 else (1.0, "s"),
        "errors": (100.0, "%"),
        "cost": (1.0, "$"),
    }[objective.indicator]
    for digits in range(1, 9):
        text = f"{value * factor:.{digits}f}"
        if text != f"{objective.threshold * factor:.{digits}f}":
            return f"{text}{SPACE}{unit}"
    return f"{value * factor:.9g}{SPACE}{unit}"


def measure(value: float, unit: str) -> str:
    """A value of a :class:`~tonnage.workload.Quantity` in its unit: ``4 ms``, ``1.5 kB``, ``0.8``."""
    if unit == "s":
        return _time(value)
    if unit == "bytes":
        size, k = value, 0
        while abs(size) >= 1000.0 and k + 1 < len(_UNITS_OF_BYTES):
            size, k = size / 1000.0, k + 1
        return f"{count(size)}{SPACE}{_UNITS_OF_BYTES[k]}"
    return count(value) if unit in {"", "1"} else f"{count(value)}{SPACE}{unit}"


def quantity_range(quantity: Quantity) -> str:
    """The plausible range: ``1 ms–10 ms``; empty where there is none."""
    if quantity.low == quantity.high:
        return ""
    return f"{measure(quantity.low, quantity.unit)}–{measure(quantity.high, quantity.unit)}"


def _time(time_s: float) -> str:
    """A time that someone stated: short ones keep their digits, long ones read as a span."""
    if abs(time_s) >= 99.5:
        return span(time_s)
    if abs(time_s) >= 0.9995 or time_s == 0:
        return f"{time_s:.3g}{SPACE}s"
    return f"{time_s * 1e3:.3g}{SPACE}ms" if abs(time_s) >= 1e-3 else f"{time_s * 1e6:.3g}{SPACE}µs"
