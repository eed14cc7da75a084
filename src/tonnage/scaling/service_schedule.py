"""Scheduled actions of Application Auto Scaling: ``cron(...)`` of six fields, ``at(...)`` or ``rate(...)``.

A cron expression has minutes, hours, day of month, month, day of week and year; ``?`` stands for no particular day, and
days of the week count from 1 for Sunday. It runs by its recurrence only, between its start and end time. An interval
without a start time begins when the action is created, which no template says: it is taken to be counted from
1970-01-01 00:00 UTC.

Sources: Application Auto Scaling user guide, "Scheduled scaling" and "Schedule recurring scaling actions using cron
expressions"; Amazon EventBridge user guide, "Cron expressions reference". The nearest weekday (``W``) is not simulated.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.scaling.scheduled_action import ScheduledAction, time_of
from tonnage.workload import ScalingPolicy

_WRITTEN = re.compile(r"\s*(cron|at|rate)\(([^()]*)\)\s*")
_RATE = re.compile(r"\s*([1-9]\d*)\s+(minute|hour|day)s?\s*")
_UNIT_S = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_YEARS = range(1970, 2200)


def read(policy: ScalingPolicy) -> ScheduledAction:
    """Settings of an action.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: A value that is known only after deployment, or a nearest weekday.
    """
    settings = Settings(policy)
    minimum, maximum = (
        settings.whole(name, least=0) if settings.has(name) else None for name in ("MinCapacity", "MaxCapacity")
    )
    if minimum is None and maximum is None:
        raise settings.refuse("MinCapacity", "is missing, as is MaxCapacity", "Give one of them.")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise settings.refuse(
            "MinCapacity", f"is {minimum}, above MaxCapacity {maximum}", "Make it no more than MaxCapacity."
        )
    zone = settings.text("Timezone", "Etc/UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise settings.refuse("Timezone", f"is {zone!r}", "Give a name such as Europe/Berlin.") from None
    written = settings.text("Schedule")
    start, end = (time_of(settings, name) for name in ("StartTime", "EndTime"))
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise _refused(settings, written)
    kind, inside = found.groups()
    recurrence: str | None = None
    every_s: float | None = None
    years: frozenset[int] | None = None
    if kind == "cron":
        recurrence, years = _cron(settings, inside)
    elif kind == "rate":
        rate = _RATE.fullmatch(inside)
        if rate is None:
            raise _refused(settings, written)
        every_s = int(rate[1]) * _UNIT_S[rate[2]]
    else:
        start = _at(settings, inside, zone)
    return ScheduledAction(
        name=policy.name,
        minimum=minimum,
        maximum=maximum,
        desired=None,
        recurrence=recurrence,
        zone=zone,
        start_unix_s=start,
        end_unix_s=end,
        every_s=every_s,
        years=years,
        at_start=kind != "cron",
        written="" if kind == "at" else written.strip(),
    )


def _refused(settings: Settings, written: str) -> Exception:
    return settings.refuse(
        "Schedule",
        f"is {written!r}",
        "Give cron(0 8 ? * MON-FRI *), at(2026-06-01T08:00:00) or rate(1 day).",
    )


def _at(settings: Settings, text: str, zone: str) -> float:
    try:
        return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(zone)).timestamp()
    except ValueError:
        raise _refused(settings, f"at({text})") from None


def _cron(settings: Settings, text: str) -> tuple[str, frozenset[int] | None]:
    """A recurrence of five fields with days of the week from 0 for Sunday, and the years in which it holds."""
    fields = text.split()
    if len(fields) != 6:
        raise _refused(settings, f"cron({text})")
    *times, year = (field.upper() for field in fields)
    if "W" in times[2].replace("LW", ""):
        raise Unsupported(f"it runs on the weekday nearest to a day, {times[2]}, which is not simulated")
    times = ["*" if field == "?" else field for field in times]
    # A count after # or / is no day.
    times[4] = re.sub(r"(?<![\d#/])[1-7](?!\d)", lambda day: str(int(day[0]) - 1), times[4])
    recurrence = " ".join(times)
    try:
        CronSim(recurrence, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        return recurrence, _years(year)
    except (CronSimError, ValueError):
        raise _refused(settings, f"cron({text})") from None


def _years(text: str) -> frozenset[int] | None:
    """Years of the last field; None means all.

    Raises:
        ValueError: It is none.
    """
    if text in {"*", "?"}:
        return None
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = _YEARS.start if first == "*" else int(first)
        end = int(last) if last else (_YEARS.stop - 1 if step or first == "*" else begin)
        years = range(begin, end + 1, int(step or 1))
        if not years or begin not in _YEARS or end not in _YEARS:
            raise ValueError(text)
        found |= set(years)
    return frozenset(found)
