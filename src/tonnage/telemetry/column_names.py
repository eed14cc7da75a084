"""What the columns of a traffic file are, judged by their names."""

import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|%")
_REQUESTS = {"request", "requests", "req", "reqs", "invocation", "invocations", "hit", "hits", "call", "calls", "count"}
_GENERIC = {
    "value", "values", "sum", "total", "n", "y", "number", "num", "volume",
    "arrivals", "events", "jobs", "messages", "orders", "queries", "records", "transactions", "views", "visits",
}  # fmt: skip
_VAGUE = {"value", "values", "n", "y", "number", "num", "volume", "total", "sum"}
# A name with one of these speaks of something else: an error count, a latency, a size, an identifier.
_OTHER = {
    "average", "avg", "bytes", "code", "connection", "connections", "cpu", "duration", "error", "errors", "failed",
    "failures", "flow", "hash", "host", "hosts", "id", "ids", "instance", "instances", "kb", "latency", "max",
    "maximum", "mb", "mean", "median", "memory", "min", "minimum", "miss", "misses", "ms", "percent", "percentile",
    "ratio", "size", "status", "target", "time", "token", "tokens", "type", "user", "utilization", "xx", "%",
}  # fmt: skip
# "hit rate" and "success rate" are shares, not requests per second.
_SHARES = {"cache", "hit", "success"}
_TIME = {"timestamp", "time", "date", "datetime", "ds", "ts", "epoch", "minute", "hour", "day", "period"}
_CLOCK = _TIME | {"t", "s", "sec", "second", "seconds", "minutes", "hours", "elapsed", "start", "end", "offset", "of"}
_PER_S = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "min": 1 / 60, "minute": 1 / 60, "h": 1 / 3600, "hour": 1 / 3600,
    "d": 1 / 86400, "day": 1 / 86400,
}  # fmt: skip
_RATES = {"rps": 1.0, "qps": 1.0, "tps": 1.0, "rate": 1.0, "rpm": 1 / 60}


class Fit(IntEnum):
    """How well a name fits a column of demand; a lower value fits better."""

    REQUESTS = 1
    RATE = 2
    GENERIC = 3
    UNKNOWN = 4
    OTHER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a column's name says of its numbers.

    Attributes:
        fit: How well it fits.
        per_s: For a rate: the factor to requests/s; None for a count per step.
        vague: Whether the name leaves open if it is a count or a rate.
    """

    fit: Fit
    per_s: float | None = None
    vague: bool = False


def words(name: str) -> tuple[str, ...]:
    """The words of a column name, lower case: ``RequestCount`` and ``request_count`` are the same two."""
    return tuple(part.lower() for part in _PARTS.findall(name.replace("/", " per ")))


def demand_of(name: str) -> Demand:
    """What a column's name says: ``rps`` is a rate, ``RequestCount`` a count, ``value`` anything, ``cpu`` neither."""
    parts = words(name)
    per_s = rate_factor(name)
    about = set(parts)
    if per_s is not None:
        about -= {"per", *_PER_S}
        return Demand(fit=Fit.OTHER if about & (_OTHER | _SHARES) else Fit.RATE, per_s=per_s)
    if about & _OTHER:
        return Demand(fit=Fit.OTHER)
    if about & _REQUESTS:
        return Demand(fit=Fit.REQUESTS)
    if about & _GENERIC:
        return Demand(fit=Fit.GENERIC, vague=about <= _VAGUE)
    return Demand(fit=Fit.UNKNOWN, vague=True)


def rate_factor(name: str) -> float | None:
    """The factor to requests/s if the name says that it is a rate (``rps``, ``requests_per_minute``), else None."""
    parts = words(name)
    for first, second in pairwise(parts):
        if first == "per" and second in _PER_S:
            return _PER_S[second]
    return next((_RATES[part] for part in parts if part in _RATES), None)


def says_time(name: str) -> bool:
    """Whether a name speaks of a time: ``Timestamp [ms]``, ``ds``, ``end_timestamp``, ``startTime``, ``starttime``."""
    return any(part in _TIME or part.endswith(("time", "timestamp")) for part in words(name))


def says_clock(name: str) -> bool:
    """Whether a name speaks of nothing but time, so that small numbers below it are times too (not durations)."""
    return bool(words(name)) and set(words(name)) <= _CLOCK


def relative_unit_s(name: str) -> float:
    """What 1 means in a column of small time numbers: 60 s below ``minute``."""
    parts = set(words(name))
    if parts & {"minute", "minutes"}:
        return 60.0
    if parts & {"hour", "hours"}:
        return 3600.0
    return 86400.0 if parts & {"day"} else 1.0
