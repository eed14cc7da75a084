"""Synthetic traffic: shapes that a user declares instead of a history.

The forms of :func:`parse_shape`, with what each makes::

    constant 200/s for 1h                    one rate (for: 1 h if left out)
    diurnal 80/s to 400/s                    a day from midnight, 80/s at 02:00, 400/s at 14:00 (for 3 d: more days)
    ramp 10/s to 500/s over 20 min           a straight rise or fall (over: 20 min if left out), then 30 min at its end
                                             (hold 1 h: longer)
    spike 100/s to 900/s for 5 min           an hour at 100/s, 5 min (also if left out) at 900/s, an hour at 100/s
    bursts 50/s x8 for 30 s every 10 min     50/s on average; bursts of 30 s at 8 times the quiet rate, at random times
                                             10 min apart on average (both also if left out), over 24 times 10 min
                                             (over 6 h: over so much)
    clients 200 thinking 5 s                 a closed loop: each of 200 clients thinks for 5 s on average after every
                                             answer (for 2 h: longer than 1 h)

A rate is a number with ``/s``, ``/min``, ``/h`` or ``rps`` (``req/s`` and ``requests/min`` read the same); a duration
is a number with ``s``, ``min``, ``h`` or ``d``.
"""

import math
import random
import re
from collections.abc import Callable
from dataclasses import replace

from tonnage.workload.errors import TrafficError
from tonnage.workload.traffic import ArrivalPattern, Traffic

HOUR_S = 3600.0
DAY_S = 86400.0
HOLD_S = 1800.0
"""How long a ramp written without ``hold`` stays at its end: as long as a scenario judges."""
BURST_SEED = 1
"""Seed of bursts written in one line: the same line always makes the same traffic."""
RAMP_S = 1200.0
"""Length of a ramp written without ``over``."""
SPIKE_S = 300.0
"""Length of a spike written without ``for``."""
BURST_S, BURST_EVERY_S = 30.0, 600.0
"""Length and mean distance of bursts written without ``for`` and ``every``."""
_LONGEST_S = 366 * DAY_S
_MOST_STEPS = 1_000_000

FORMS = {
    "constant": "constant 200/s for 1h",
    "diurnal": "diurnal 80/s to 400/s",
    "ramp": "ramp 10/s to 500/s over 20 min",
    "spike": "spike 100/s to 900/s for 5 min",
    "bursts": "bursts 50/s x8 for 30 s every 10 min",
    "clients": "clients 200 thinking 5 s",
}
"""An example of each form of :func:`parse_shape`."""


def constant(rate_per_s: float, duration_s: float) -> Traffic:
    """The same rate all the time.

    Raises:
        TrafficError: The rate is not above 0, or the duration outside 1 s to 366 days.
    """
    step_s = _step(duration_s)
    return _traffic(f"constant {_rate(rate_per_s)} for {_time(duration_s)}", step_s, [rate_per_s], duration_s)


def diurnal(
    mean_per_s: float, peak_per_s: float, days: float = 1, step_s: float = 60.0, peak_hour: float = 14.0
) -> Traffic:
    """Days from midnight to midnight with one peak each.

    Up to a peak of twice the mean it is a cosine, with its trough at ``2 mean - peak``; above, the hump
    ``((1 + cos) / 2) ** n`` with the ``n`` that keeps the mean, and no requests opposite the peak. The two meet at
    ``n = 1``.

    Args:
        mean_per_s: Mean rate over a day.
        peak_per_s: Rate at the peak hour.
        days: How many days, parts allowed.
        step_s: Length of a step.
        peak_hour: Hour of the peak, 0 to 24.

    Raises:
        TrafficError: The peak is below the mean or more than 100 times it, or the duration outside 1 s to 366 days.
    """
    if not 0 < mean_per_s <= peak_per_s <= 100 * mean_per_s:
        raise TrafficError(
            f"A daily peak of {_rate(peak_per_s)} and a mean of {_rate(mean_per_s)} do not go together",
            remedy="Make the peak 1 to 100 times the mean, and the mean above 0.",
        )
    duration_s = days * DAY_S
    _check(duration_s, step_s)
    power = _hump_power(mean_per_s / peak_per_s)
    rates = []
    for index in range(math.ceil(duration_s / step_s - 1e-9)):
        wave = math.cos(2.0 * math.pi * (index * step_s / HOUR_S - peak_hour) / 24.0)
        if power is None:
            rates.append(max(0.0, mean_per_s + (peak_per_s - mean_per_s) * wave))
        else:
            rates.append(peak_per_s * max(0.0, (1.0 + wave) / 2.0) ** power)
    name = f"diurnal, {_rate(mean_per_s)} on average, {_rate(peak_per_s)} at {_hour(peak_hour)}"
    return _traffic(name if days == 1 else f"{name}, for {_time(duration_s)}", step_s, rates, duration_s)


def _hump_power(mean_of_peak: float) -> float | None:
    """``n`` so that ``((1 + cos) / 2) ** n`` has this mean, Γ(n+½) / (√π Γ(n+1)); None where a cosine reaches."""
    if mean_of_peak >= 0.5:
        return None
    low, high = 1.0, 1e5
    for _ in range(200):
        power = math.sqrt(low * high)
        mean = math.exp(math.lgamma(power + 0.5) - math.lgamma(power + 1.0)) / math.sqrt(math.pi)
        low, high = (power, high) if mean > mean_of_peak else (low, power)
    return math.sqrt(low * high)


def ramp(from_per_s: float, to_per_s: float, over_s: float, hold_s: float) -> Traffic:
    """A straight change from one rate to another, then the other rate for ``hold_s``.

    Each step has the mean rate of its time.

    Raises:
        TrafficError: A rate is negative, or the duration outside 1 s to 366 days.
    """
    if not over_s > 0 or hold_s < 0:
        raise TrafficError(f"A ramp over {_time(over_s)} and held {_time(hold_s)} is not one", remedy=_form("ramp"))
    step_s = _step(over_s + hold_s)

    def rate(time_s: float) -> float:
        return from_per_s + (to_per_s - from_per_s) * min(1.0, time_s / over_s)

    rates = []
    for index in range(math.ceil((over_s + hold_s) / step_s - 1e-9)):
        begin, end = index * step_s, (index + 1) * step_s
        corner = min(max(over_s, begin), end)
        area = (rate(begin) + rate(corner)) / 2.0 * (corner - begin) + to_per_s * (end - corner)
        rates.append(area / step_s)
    name = f"ramp from {_rate(from_per_s)} to {_rate(to_per_s)} over {_time(over_s)}, held {_time(hold_s)}"
    return _traffic(name, step_s, rates, over_s + hold_s)


def spike(base_per_s: float, peak_per_s: float, at_s: float, width_s: float, duration_s: float) -> Traffic:
    """One rate, and from ``at_s`` on for ``width_s`` another one above it.

    Raises:
        TrafficError: The peak is not above the base, the spike not inside the duration, or the duration outside 1 s to
            366 days.
    """
    if not peak_per_s > base_per_s:
        raise TrafficError(
            f"A spike from {_rate(base_per_s)} to {_rate(peak_per_s)} does not rise", remedy=_form("spike")
        )
    if not (at_s >= 0 and width_s > 0 and at_s + width_s <= duration_s):
        raise TrafficError(
            f"A spike of {_time(width_s)} at {_time(at_s)} does not lie inside {_time(duration_s)}",
            remedy="Make the whole longer.",
        )
    step_s = min(_step(duration_s), max(1.0, width_s / 5.0))
    rates = _raised(base_per_s, peak_per_s, [(at_s, at_s + width_s)], step_s, duration_s)
    name = f"spike from {_rate(base_per_s)} to {_rate(peak_per_s)} for {_time(width_s)}"
    return _traffic(name, step_s, rates, duration_s)


def bursts(
    mean_per_s: float, burst_factor: float, burst_s: float, every_s: float, duration_s: float, seed: int
) -> Traffic:
    """Bursts that begin as a Poisson process, with the mean over the whole exactly as given.

    Inside a burst the rate is ``burst_factor`` times the quiet rate; bursts that overlap are one longer burst. There is
    at least one.

    Args:
        mean_per_s: Mean rate over the whole.
        burst_factor: Rate in a burst over the rate outside, above 1.
        burst_s: Length of a burst.
        every_s: Mean time from the beginning of a burst to the next.
        duration_s: Length of the whole.
        seed: Of the random times.

    Raises:
        TrafficError: The factor is not above 1, a burst longer than the whole, or the duration outside 1 s to 366 days.
    """
    if not burst_factor > 1:
        raise TrafficError(f"Bursts at {burst_factor:g} times the quiet rate are none", remedy=_form("bursts"))
    if not 0 < burst_s <= duration_s or not every_s > 0:
        raise TrafficError(
            f"Bursts of {_time(burst_s)} every {_time(every_s)} do not fit into {_time(duration_s)}",
            remedy=_form("bursts"),
        )
    step_s = min(_step(duration_s), max(1.0, burst_s / 5.0))
    _check(duration_s, step_s)
    draws = random.Random(seed)  # the seed is the user's: same seed, same traffic
    begins = []
    begin = draws.expovariate(1.0 / every_s)
    while begin < duration_s:
        begins.append(begin)
        begin += draws.expovariate(1.0 / every_s)
    spans: list[tuple[float, float]] = []
    for begin in begins or [draws.uniform(0.0, duration_s - burst_s)]:
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], begin + burst_s)
        else:
            spans.append((begin, begin + burst_s))
    shape = _raised(1.0, burst_factor, spans, step_s, duration_s)
    quiet = mean_per_s * len(shape) / math.fsum(shape)
    name = (
        f"bursts at {burst_factor:g} times the quiet rate for {_time(burst_s)} every {_time(every_s)}, "
        f"{_rate(mean_per_s)} on average"
    )
    return _traffic(name, step_s, [quiet * part for part in shape], duration_s)


def _raised(
    base: float, peak: float, spans: list[tuple[float, float]], step_s: float, duration_s: float
) -> list[float]:
    """``base`` everywhere and ``peak`` inside the spans, as the mean of each step."""
    rates = [base] * math.ceil(duration_s / step_s - 1e-9)
    for begin, end in spans:
        for index in range(int(begin // step_s), min(len(rates), math.ceil(end / step_s))):
            inside = min(end, (index + 1) * step_s) - max(begin, index * step_s)
            rates[index] += (peak - base) * inside / step_s
    return rates


def _traffic(name: str, step_s: float, rates: list[float], duration_s: float) -> Traffic:
    _check(duration_s, step_s)
    for rate in rates:
        if not (math.isfinite(rate) and rate >= 0):
            raise TrafficError(f"Traffic '{name}' has a rate of {rate:g}/s", remedy="Give rates of zero or more.")
    if len(rates) == 1:
        rates = rates * math.ceil(duration_s / step_s - 1e-9)
    return Traffic(name=name, start_s=0.0, step_s=step_s, rates_per_s=tuple(rates), evidence="declared")


def _step(duration_s: float) -> float:
    """A step that resolves the time well and keeps the number of steps small."""
    return 1.0 if duration_s <= HOUR_S else 10.0 if duration_s <= 12 * HOUR_S else 60.0


def _check(duration_s: float, step_s: float) -> None:
    if not 1.0 <= duration_s <= _LONGEST_S:
        raise TrafficError(f"A traffic of {_time(duration_s)} cannot be made", remedy="Give 1 s to 366 d.")
    if not (step_s > 0 and duration_s / step_s <= _MOST_STEPS):
        raise TrafficError(
            f"{_time(duration_s)} in steps of {_time(step_s)} is too fine",
            remedy="Give a shorter time or longer steps.",
        )


def _rate(rate_per_s: float) -> str:
    return f"{rate_per_s:.4g}/s"


def _time(time_s: float) -> str:
    for unit, length in (("d", DAY_S), ("h", HOUR_S), ("min", 60.0)):
        if time_s >= length and math.isclose(time_s / length, round(time_s / length, 1)):
            return f"{time_s / length:g} {unit}"
    return f"{time_s:g} s"


def _hour(hour: float) -> str:
    return f"{int(hour) % 24:02d}:{round(hour % 1 * 60):02d}"


def _form(shape: str) -> str:
    return f"Write it like '{FORMS[shape]}'."


_NUMBER = r"\d[\d_]*(?:\.\d+)?"
_A_RATE = rf"{_NUMBER}\s*(?:(?:req|requests?)?\s*/\s*(?:s|sec|second|min|minute|h|hour)|rps)"
_A_TIME = rf"{_NUMBER}\s*(?:s|sec|seconds?|min|minutes?|h|hours?|d|days?)"


def _pattern(text: str) -> re.Pattern[str]:
    """A form as a regular expression: ``RATE`` and ``TIME`` stand for amounts, in the order of the groups."""
    spaced = text.replace(" ", r"\s*")
    return re.compile(spaced.replace("RATE", rf"({_A_RATE})").replace("TIME", rf"({_A_TIME})") + "$", re.IGNORECASE)


def _parse_constant(rate: str, duration: str | None) -> Traffic:
    return constant(_per_s(rate), _seconds(duration) if duration else HOUR_S)


def _parse_diurnal(low: str, high: str, duration: str | None) -> Traffic:
    trough, peak = _per_s(low), _per_s(high)
    if trough > peak:
        raise TrafficError(
            f"Diurnal traffic from {_rate(trough)} to {_rate(peak)} falls",
            remedy="Give the night first, then the peak.",
        )
    days = _seconds(duration) / DAY_S if duration else 1.0
    return diurnal((trough + peak) / 2.0, peak, days=days)


def _parse_ramp(begin: str, end: str, over: str | None, hold: str | None) -> Traffic:
    return ramp(_per_s(begin), _per_s(end), _seconds(over) if over else RAMP_S, _seconds(hold) if hold else HOLD_S)


def _parse_spike(base: str, peak: str, width: str | None) -> Traffic:
    width_s = _seconds(width) if width else SPIKE_S
    return spike(_per_s(base), _per_s(peak), HOUR_S, width_s, 2 * HOUR_S + width_s)


def clients(number: int, think_s: float, duration_s: float) -> Traffic:
    """Clients in a closed loop.

    Raises:
        TrafficError: There are none, or they do not think.
    """
    if not (number >= 1 and think_s > 0):
        raise TrafficError(f"{number} clients thinking {think_s:g} s are no load", remedy=_form("clients"))
    open_loop = constant(number / think_s, duration_s)
    return replace(open_loop, pattern=ArrivalPattern(clients=number, think_s=think_s))


def _parse_clients(number: str, think: str, duration: str | None) -> Traffic:
    return clients(round(_value(number)), _seconds(think), _seconds(duration) if duration else HOUR_S)


def _parse_bursts(mean: str, factor: str, burst: str | None, every: str | None, over: str | None) -> Traffic:
    every_s = _seconds(every) if every else BURST_EVERY_S
    duration_s = _seconds(over) if over else max(HOUR_S, 24.0 * every_s)
    burst_s = _seconds(burst) if burst else BURST_S
    return bursts(_per_s(mean), _value(factor), burst_s, every_s, duration_s, BURST_SEED)


_SHAPES: dict[str, tuple[re.Pattern[str], Callable[..., Traffic]]] = {
    "constant": (_pattern("RATE(?: for TIME)?"), _parse_constant),
    "diurnal": (_pattern("RATE to RATE(?: for TIME)?"), _parse_diurnal),
    "ramp": (_pattern("(?:from )?RATE to RATE(?: over TIME)?(?:,? hold TIME)?"), _parse_ramp),
    "spike": (_pattern("(?:from )?RATE to RATE(?: for TIME)?"), _parse_spike),
    "clients": (_pattern(rf"({_NUMBER}) thinking TIME(?: for TIME)?"), _parse_clients),
    "bursts": (_pattern(rf"RATE [x×] ({_NUMBER})(?: for TIME every TIME)?(?: over TIME)?"), _parse_bursts),
}


def parse_shape(text: str) -> Traffic:
    """Read a shape written in one line; the forms are in this module's head, and the line is the traffic's name.

    Raises:
        TrafficError: It is none of the forms, or its numbers cannot be.
    """
    word, _, rest = text.strip().partition(" ")
    name = word.lower()
    if name not in _SHAPES:
        raise TrafficError(
            f"Traffic {text.strip()!r} is neither a file nor a shape",
            remedy="The shapes are " + ", ".join(f"'{form}'" for form in FORMS.values()) + ".",
        )
    pattern, make = _SHAPES[name]
    match = pattern.match(rest.strip())
    if match is None:
        raise TrafficError(f"Traffic {text.strip()!r} cannot be read", remedy=_form(name))
    return replace(make(*match.groups()), name=" ".join(text.split()))


def _per_s(text: str) -> float:
    unit = text.rpartition("/")[2].strip().lower() if "/" in text else "s"
    return _value(text) / (60.0 if unit.startswith("m") else HOUR_S if unit.startswith("h") else 1.0)


def _seconds(text: str) -> float:
    unit = text.lstrip("0123456789_. ").lower()
    return _value(text) * {"s": 1.0, "m": 60.0, "h": HOUR_S, "d": DAY_S}[unit[0]]


def _value(text: str) -> float:
    number = re.match(_NUMBER, text)
    return float(number[0].replace("_", "")) if number else math.nan
