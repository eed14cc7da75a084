"""Objectives as people write them: ``p99 latency < 300 ms``, ``errors < 0.1 %``, ``cost < 2000 USD/month``."""

import re
from dataclasses import dataclass
from typing import Literal

from tonnage.workload.errors import ObjectiveError
from tonnage.workload.place import Place

Indicator = Literal["latency", "errors", "cost"]

_LATENCY = re.compile(
    r"^(?P<stat>p\d{1,2}(?:\.\d+)?|mean|average|median)?\s*(?:latency|response time)(?:\s+of\s+(?P<route>\S+))?"
    r"\s*(?:<=?|below|under)\s*(?P<value>[\d.]+)\s*(?P<unit>us|µs|ms|s|seconds?)$",
    re.IGNORECASE,
)
_ERRORS = re.compile(
    r"^(?:errors?|error rate)(?:\s+of\s+(?P<route>\S+))?\s*(?:<=?|below|under)\s*(?P<value>[\d.]+)\s*%$", re.IGNORECASE
)
_AVAILABILITY = re.compile(
    r"^(?:availability|success(?: rate)?)(?:\s+of\s+(?P<route>\S+))?\s*(?:>=?|above|over)\s*(?P<value>[\d.]+)\s*%$",
    re.IGNORECASE,
)
_COST = re.compile(
    r"^cost\s*(?:<=?|below|under)\s*\$?\s*(?P<value>\d[\d ,_]*(?:\.\d+)?)\s*(?:USD|\$|dollars?)?"
    r"\s*(?:/|per|a)\s*(?P<per>month|hour|day|year)$",
    re.IGNORECASE,
)
_SECONDS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "second": 1.0, "seconds": 1.0}
_MONTHS = {"month": 1.0, "hour": 730.0, "day": 730.0 / 24.0, "year": 1.0 / 12.0}
_EXAMPLES = "Write it like 'p99 latency < 300 ms', 'errors < 0.1 %' or 'cost < 2000 USD/month'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A service-level objective.

    Attributes:
        text: As the user wrote it.
        indicator: ``latency`` (seconds), ``errors`` (share of requests, 0 to 1) or ``cost`` (USD per 730-hour month).
        percentile: For latency: 0 to 100 exclusive, or None for the mean.
        threshold: The indicator must stay below this, in the indicator's unit.
        route: Only this route; None for all requests together.
        place: Where it is written.
    """

    text: str
    indicator: Indicator
    threshold: float
    percentile: float | None = None
    route: str | None = None
    place: Place | None = None


def parse_objective(text: str, place: Place | None = None) -> Objective:
    """Read one objective.

    Args:
        text: As a person writes it. ``availability > 99.9 %`` reads as ``errors < 0.1 %``.
        place: Where it is written, for the error.

    Raises:
        ObjectiveError: It cannot be read, or no system could ever meet it.
    """
    stripped = " ".join(text.split())
    if match := _LATENCY.match(stripped):
        return _latency(text, match, place)
    if match := _ERRORS.match(stripped):
        share = _number(match["value"], text, place) / 100.0
        return _objective(text, "errors", share, place, route=match["route"], most=1.0)
    if match := _AVAILABILITY.match(stripped):
        share = round(1.0 - _number(match["value"], text, place) / 100.0, 12)
        return _objective(text, "errors", share, place, route=match["route"], most=1.0)
    if match := _COST.match(stripped):
        value = _number(re.sub(r"[ ,_]", "", match["value"]), text, place) * _MONTHS[match["per"].lower()]
        return _objective(text, "cost", value, place)
    raise ObjectiveError(f"Objective {text!r} cannot be read", place=place, remedy=_EXAMPLES)


def _latency(text: str, match: re.Match[str], place: Place | None) -> Objective:
    stat = (match["stat"] or "p99").lower()
    percentile = None if stat in {"mean", "average"} else 50.0 if stat == "median" else float(stat[1:])
    if percentile is not None and not 0.0 < percentile < 100.0:
        raise ObjectiveError(
            f"Objective {text!r}: percentile {percentile:g} is outside 0 to 100", place=place, remedy=_EXAMPLES
        )
    seconds = _number(match["value"], text, place) * _SECONDS[match["unit"].lower()]
    return _objective(text, "latency", seconds, place, percentile=percentile, route=match["route"])


def _objective(
    text: str,
    indicator: Indicator,
    threshold: float,
    place: Place | None,
    *,
    percentile: float | None = None,
    route: str | None = None,
    most: float = float("inf"),
) -> Objective:
    if not 0.0 < threshold <= most:
        raise ObjectiveError(
            f"Objective {text!r} can never be met: nothing is below {threshold:g}"
            if threshold <= 0
            else f"Objective {text!r} is always met",
            place=place,
            remedy=_EXAMPLES,
        )
    return Objective(
        text=" ".join(text.split()),
        indicator=indicator,
        threshold=threshold,
        percentile=percentile,
        route=route,
        place=place,
    )


def _number(digits: str, text: str, place: Place | None) -> float:
    try:
        return float(digits)
    except ValueError:
        raise ObjectiveError(f"Objective {text!r}: {digits!r} is not a number", place=place, remedy=_EXAMPLES) from None
