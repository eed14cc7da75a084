"""Synthetic traffic: constant, diurnal, ramp, spike, bursts, and the one-line forms in which users ask for them.

The forms::

    constant 200/s [for 1 h]
    diurnal 80/s to 400/s [for 1 d]
    ramp 10/s to 500/s [over 20 min]
    spike 100/s to 900/s [for 5 min]
    bursts 50/s x8 [for 30 s every 10 min]

Rates end in ``/s``, ``/min``, ``/h`` or ``rps``; times in ``s``, ``min``, ``h`` or ``d``.
"""

import math
import random
import re
from collections.abc import Callable

from tonnage.workload.errors import TrafficError
from tonnage.workload.traffic import Traffic

_RATE = r"(\d+(?:\.\d+)?)\s*(/s|/min|/h|rps)"
_TIME = r"(\d+(?:\.\d+)?)\s*(s|min|h|d)"
_PER_SECOND = {"/s": 1.0, "rps": 1.0, "/min": 1 / 60.0, "/h": 1 / 3600.0}
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORMS = (
    "'constant 200/s for 1 h', 'diurnal 80/s to 400/s', 'ramp 10/s to 500/s over 20 min', "
    "'spike 100/s to 900/s for 5 min' or 'bursts 50/s x8 for 30 s every 10 min'"
)


def constant(rate_per_s: float, duration_s: float = 3600.0) -> Traffic:
    """The same rate all the time."""
    return _shape(f"constant {rate_per_s:g}/s", [rate_per_s] * max(1, round(duration_s / 60.0)))


def diurnal(low_per_s: float, high_per_s: float, duration_s: float = 86400.0, *, peak_hour: float = 14.0) -> Traffic:
    """A day's swing between two rates, as a cosine with its peak at an hour of the day."""
    middle, swing = (low_per_s + high_per_s) / 2.0, (high_per_s - low_per_s) / 2.0
    minutes = max(1, round(duration_s / 60.0))
    rates = [middle + swing * math.cos(2.0 * math.pi * (k / 60.0 - peak_hour) / 24.0) for k in range(minutes)]
    return _shape(f"diurnal {low_per_s:g}/s to {high_per_s:g}/s", [max(0.0, rate) for rate in rates])


def ramp(from_per_s: float, to_per_s: float, over_s: float = 1200.0, *, hold_s: float = 1800.0) -> Traffic:
    """A straight climb (or fall), half an hour before and after at its ends."""
    steps = max(1, round(over_s / 60.0))
    climb = [from_per_s + (to_per_s - from_per_s) * (k + 0.5) / steps for k in range(steps)]
    hold = round(hold_s / 60.0)
    return _shape(f"ramp {from_per_s:g}/s to {to_per_s:g}/s", [from_per_s] * hold + climb + [to_per_s] * hold)


def spike(base_per_s: float, peak_per_s: float, width_s: float = 300.0) -> Traffic:
    """A steady rate with one sudden spike in the middle of an hour."""
    wide = max(1, round(width_s / 10.0))
    base = [base_per_s] * 150
    return _shape(f"spike {base_per_s:g}/s to {peak_per_s:g}/s", [*base, *[peak_per_s] * wide, *base], step_s=10.0)


def bursts(
    mean_per_s: float,
    factor: float,
    burst_s: float = 30.0,
    every_s: float = 600.0,
    duration_s: float = 7200.0,
    seed: int = 1,
) -> Traffic:
    """Bursts that arrive as a Poisson process; between them the rate is lower, so that the mean is as given.

    Raises:
        TrafficError: The bursts alone would exceed the mean.
    """
    step_s = min(10.0, burst_s)
    share = 1.0 - math.exp(-burst_s / every_s)
    calm = mean_per_s * (1.0 - share * factor) / (1.0 - share)
    if calm < 0:
        raise TrafficError(
            f"Bursts of x{factor:g} during {share:.0%} of the time exceed the mean of {mean_per_s:g}/s",
            remedy="Make them smaller, shorter or rarer.",
        )
    draw = random.Random(seed)
    ends, clock = -1.0, draw.expovariate(1.0 / every_s)
    rates = []
    for k in range(round(duration_s / step_s)):
        now = k * step_s
        while clock <= now:
            ends = clock + burst_s
            clock += draw.expovariate(1.0 / every_s)
        rates.append(mean_per_s * factor if now < ends else calm)
    return _shape(f"bursts {mean_per_s:g}/s x{factor:g}", rates, step_s=step_s)


def parse_shape(text: str) -> Traffic:
    """Traffic from a one-line form.

    Raises:
        TrafficError: The line is none of the forms.
    """
    line = " ".join(text.split()).lower()
    forms: list[tuple[str, Callable[[tuple[str, ...]], Traffic]]] = [
        (rf"constant {_RATE}(?: for {_TIME})?", lambda g: constant(_rate(g, 0), _time(g, 2, 3600.0))),
        (
            rf"diurnal {_RATE} to {_RATE}(?: for {_TIME})?",
            lambda g: diurnal(_rate(g, 0), _rate(g, 2), _time(g, 4, 86400.0)),
        ),
        (rf"ramp {_RATE} to {_RATE}(?: over {_TIME})?", lambda g: ramp(_rate(g, 0), _rate(g, 2), _time(g, 4, 1200.0))),
        (rf"spike {_RATE} to {_RATE}(?: for {_TIME})?", lambda g: spike(_rate(g, 0), _rate(g, 2), _time(g, 4, 300.0))),
        (
            rf"bursts {_RATE} x\s*(\d+(?:\.\d+)?)(?: for {_TIME} every {_TIME})?",
            lambda g: bursts(_rate(g, 0), float(g[2]), _time(g, 3, 30.0), _time(g, 5, 600.0)),
        ),
    ]
    for pattern, make in forms:
        if match := re.fullmatch(pattern, line):
            return make(tuple(group or "" for group in match.groups()))
    raise TrafficError(f"{text!r} is neither a traffic file nor a shape", remedy=f"Write {_FORMS}.")


def _rate(groups: tuple[str, ...], at: int) -> float:
    return float(groups[at]) * _PER_SECOND[groups[at + 1]]


def _time(groups: tuple[str, ...], at: int, default_s: float) -> float:
    return float(groups[at]) * _SECONDS[groups[at + 1]] if groups[at] else default_s


def _shape(name: str, rates: list[float], *, step_s: float = 60.0) -> Traffic:
    return Traffic(name=name, start_s=0.0, step_s=step_s, rates_per_s=tuple(rates), evidence="declared")
