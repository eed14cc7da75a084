"""Scheduled actions: minimum, maximum and desired capacity set at a time, once or by a cron expression.

A recurrence is a five-field cron expression in UTC, or in ``TimeZone`` with its daylight saving. With a start time an
action runs there and then by its recurrence; after its end time it is gone, and the values stay. If the minimum rises
above the desired capacity, that rises with it; if the maximum falls below, it falls.

Source: Amazon EC2 Auto Scaling user guide, "Scheduled scaling". Actions may run up to two minutes late; here they are
on time.
"""

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from tonnage.scaling._settings import Settings
from tonnage.workload import ScalingPolicy

MECHANISM = "scheduled"
LOOK_BACK_S = 8 * 86_400.0
"""How far back the last run of an action is looked for when a simulation begins: a week, and a day more."""
_LOOKS_BACK_S = (3600.0, 86_400.0, LOOK_BACK_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """Settings of an action.

    Attributes:
        name: Its name.
        minimum: ``MinSize`` from then on; None leaves it.
        maximum: ``MaxSize``.
        desired: ``DesiredCapacity``.
        recurrence: Cron expression; None runs once.
        zone: Time zone of the recurrence.
        start_unix_s: First time; None from now on.
        end_unix_s: No later; None for ever.
        every_s: Runs at this interval instead of by a cron expression, counted from its start time.
        years: Years in which the recurrence holds; None means all.
        at_start: Whether it runs at its start time whatever its recurrence says.
        written: The schedule as it is written, where that is no plain recurrence.
    """

    name: str
    minimum: int | None
    maximum: int | None
    desired: int | None
    recurrence: str | None
    zone: str
    start_unix_s: float | None
    end_unix_s: float | None
    every_s: float | None = None
    years: frozenset[int] | None = None
    at_start: bool = True
    written: str = ""


def read(policy: ScalingPolicy) -> ScheduledAction:
    """Settings of an action.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: A value that is known only after deployment.
    """
    settings = Settings(policy)
    sizes = [settings.whole(n, least=0) if settings.has(n) else None for n in ("MinSize", "MaxSize", "DesiredCapacity")]
    minimum, maximum, desired = sizes
    if sizes == [None, None, None]:
        raise settings.refuse("MinSize", "is missing, as are MaxSize and DesiredCapacity", "Give one of them.")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise settings.refuse("MinSize", f"is {minimum}, above MaxSize {maximum}", "Make it no more than MaxSize.")
    recurrence = settings.text("Recurrence") if settings.has("Recurrence") else None
    zone = settings.text("TimeZone", "Etc/UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise settings.refuse("TimeZone", f"is {zone!r}", "Give a name such as Europe/Berlin.") from None
    if recurrence is not None:
        try:
            CronSim(recurrence, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        except CronSimError:
            raise settings.refuse(
                "Recurrence", f"is {recurrence!r}", "Give five fields such as '30 6 * * 2'."
            ) from None
    start, end = (time_of(settings, name) for name in ("StartTime", "EndTime"))
    if recurrence is None and start is None:
        raise settings.refuse("Recurrence", "is missing, as is StartTime", "Give one of them.")
    return ScheduledAction(
        name=policy.name,
        minimum=minimum,
        maximum=maximum,
        desired=desired,
        recurrence=recurrence,
        zone=zone,
        start_unix_s=start,
        end_unix_s=end,
    )


def time_of(settings: Settings, name: str) -> float | None:
    """A setting that is a time, as Unix time; UTC where it names no zone. None where it is absent.

    Raises:
        WorkloadError: It is none.
    """
    if not settings.has(name):
        return None
    text = settings.text(name)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise settings.refuse(name, f"is {text!r}", "Give a time such as 2026-06-01T00:00:00Z.") from None
    return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()


def next_unix_s(action: ScheduledAction, after_unix_s: float) -> float:
    """When an action runs next, strictly after a time; infinity when never again. Unix times, s."""
    start = action.start_unix_s
    if start is not None and after_unix_s < start:
        found = start if action.at_start else _recurs_unix_s(action, start - 1e-3)
    else:
        found = _recurs_unix_s(action, after_unix_s)
    return math.inf if action.end_unix_s is not None and found > action.end_unix_s else found


def _recurs_unix_s(action: ScheduledAction, after_unix_s: float) -> float:
    """When the recurrence of an action falls next, strictly after a time; infinity when never again."""
    if action.every_s is not None:
        anchor = action.start_unix_s or 0.0
        return anchor + action.every_s * max(0.0, math.floor((after_unix_s - anchor) / action.every_s) + 1.0)
    if action.recurrence is None:
        return math.inf
    zone = ZoneInfo(action.zone)
    after = dt.datetime.fromtimestamp(after_unix_s, zone)
    while True:
        try:
            found = next(CronSim(action.recurrence, after))
        except StopIteration:
            return math.inf
        if action.years is None or found.year in action.years:
            return found.timestamp()
        later = [year for year in action.years if year > found.year]
        if not later:
            return math.inf
        after = dt.datetime(min(later), 1, 1, tzinfo=zone) - dt.timedelta(minutes=1)


def last_unix_s(action: ScheduledAction, until_unix_s: float) -> float | None:
    """When an action ran last, up to and including a time, within :data:`LOOK_BACK_S`; None if it did not."""
    found: float | None = None
    for back_s in _LOOKS_BACK_S:
        at = next_unix_s(action, until_unix_s - back_s)
        while at <= until_unix_s:
            found = at
            at = next_unix_s(action, at)
        if found is not None:
            break
    return found


def bounds_after(action: ScheduledAction, minimum: int, maximum: int) -> tuple[int, int]:
    """Minimum and maximum after an action; a bound that it leaves contradictory gives way to the one it sets."""
    if action.minimum is not None:
        minimum = action.minimum
        maximum = max(maximum, minimum)
    if action.maximum is not None:
        maximum = action.maximum
        minimum = min(minimum, maximum)
    return minimum, maximum


def describe(action: ScheduledAction) -> str:
    """One line for a report: "30 6 * * 2 (Etc/UTC): minimum 4, maximum 10"."""
    recurrence = action.written or action.recurrence
    when = f"{recurrence} ({action.zone})" if recurrence else "once"
    if action.start_unix_s is not None:
        when += f" from {dt.datetime.fromtimestamp(action.start_unix_s, dt.UTC):%Y-%m-%d %H:%M} UTC"
    sizes = (("minimum", action.minimum), ("maximum", action.maximum), ("desired", action.desired))
    return f"{when}: " + ", ".join(f"{name} {value}" for name, value in sizes if value is not None)
