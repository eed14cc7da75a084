"""Scheduled actions: when they run, and what they leave behind."""

import datetime as dt
import math

import pytest

from refusals import refusal
from scaling.groups import a_group
from tonnage.scaling.auto_scaling_group import next_event_s, start, step
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.scaling.scheduled_action import last_unix_s, next_unix_s, read
from tonnage.workload import ScalingPolicy, Unknown, Value, WorkloadError


def action(name: str = "Morning", **settings: Value) -> ScalingPolicy:
    return ScalingPolicy(name=name, mechanism="scheduled", settings=settings)


def unix(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def times(policy: ScalingPolicy, after: str, n: int = 3) -> list[str]:
    at, found = unix(after), []
    for _ in range(n):
        at = next_unix_s(read(policy), at)
        if math.isinf(at):
            break
        found.append(f"{dt.datetime.fromtimestamp(at, dt.UTC):%a %m-%d %H:%M}")
    return found


def test_a_recurrence_is_a_cron_expression() -> None:
    # AS35: Amazon EC2 Auto Scaling user guide, Scheduled scaling: "30 6 * * 2" is every Tuesday at 06:30 UTC.
    weekly = action(MinSize=1, Recurrence="30 6 * * 2")
    assert times(weekly, "2026-11-23T00:00") == ["Tue 11-24 06:30", "Tue 12-01 06:30", "Tue 12-08 06:30"]
    often = action(MinSize=1, Recurrence="0/15 8 * * *")
    assert times(often, "2026-11-23T08:20") == ["Mon 11-23 08:30", "Mon 11-23 08:45", "Tue 11-24 08:00"]


def test_a_time_zone_keeps_its_daylight_saving() -> None:
    local = action(MinSize=1, Recurrence="0 9 * * *", TimeZone="Europe/Berlin")
    assert times(local, "2026-03-27T12:00") == ["Sat 03-28 08:00", "Sun 03-29 07:00", "Mon 03-30 07:00"]


def test_a_start_time_runs_once_there_and_an_end_time_ends_it() -> None:
    once = action(DesiredCapacity=3, StartTime="2026-11-24T08:00:00Z")
    assert times(once, "2026-11-23T00:00") == ["Tue 11-24 08:00"]
    assert times(once, "2026-11-24T08:00") == []
    bounded = action(
        MinSize=1, Recurrence="0 6 * * *", StartTime="2026-11-24T08:00:00Z", EndTime="2026-11-26T00:00:00Z"
    )
    assert times(bounded, "2026-11-01T00:00", 9) == ["Tue 11-24 08:00", "Wed 11-25 06:00"]


def test_the_last_run_is_looked_for_a_week_back() -> None:
    weekly, once = (
        read(action(MinSize=1, Recurrence="0 0 * * 0")),
        read(action(MinSize=1, StartTime="2026-01-01T00:00:00Z")),
    )
    assert last_unix_s(weekly, unix("2026-11-23T00:00")) == unix("2026-11-22T00:00")
    assert last_unix_s(weekly, unix("2026-11-22T00:00")) == unix("2026-11-22T00:00")
    assert last_unix_s(once, unix("2026-11-23T00:00")) is None


EIGHT = unix("2026-11-24T08:00")


def moved(policy: ScalingPolicy, in_service: int, **settings: int) -> tuple[list[tuple[str, int, int]], int, int, int]:
    """What happens to a group from two minutes before eight to two minutes after."""
    group = a_group(policy, **({"minimum": 1, "maximum": 10, "boot_s": 0.0, "drain_s": 0.0} | settings))
    memory = start(group, time_s=-120.0, in_service=in_service, epoch_s=EIGHT)
    found = []
    for time_s in (-120.0, -60.0, 0.0, 60.0, 120.0):
        memory, activities = step(group, memory, time_s, None)
        found += [(activity.cause, activity.before, activity.after) for activity in activities]
    return found, memory.minimum, memory.maximum, memory.desired


def test_a_desired_capacity_is_reached_from_below_and_from_above() -> None:
    # AS33, AS34, worked examples of the user guide: at the time the group has three instances, whatever it had before.
    once = action(DesiredCapacity=3, StartTime="2026-11-24T08:00:00Z")
    assert moved(once, 1) == ([("Morning", 1, 3)], 1, 10, 3)
    assert moved(once, 5) == ([("Morning", 5, 3)], 1, 10, 3)
    daily = action(DesiredCapacity=3, Recurrence="0 8 * * *")
    assert moved(daily, 3)[0] == []


def test_capacity_follows_new_bounds() -> None:
    assert moved(action(MinSize=4, StartTime="2026-11-24T08:00:00Z"), 2) == ([("Morning", 2, 4)], 4, 10, 4)
    assert moved(action(MaxSize=2, StartTime="2026-11-24T08:00:00Z"), 5) == ([("Morning", 5, 2)], 1, 2, 2)
    both = action(MinSize=12, MaxSize=20, StartTime="2026-11-24T08:00:00Z")
    assert moved(both, 5, ceiling=20) == ([("Morning", 5, 12)], 12, 20, 12)


def test_the_group_is_looked_at_when_an_action_is_due() -> None:
    group = a_group(action(MinSize=4, StartTime="2026-11-24T08:00:30Z"), boot_s=0.0)
    memory = start(group, time_s=0.0, in_service=2, epoch_s=EIGHT)
    assert next_event_s(group, memory, 0.0) == 30.0
    memory, (activity,) = step(group, memory, 30.0, None)
    assert activity.reason == "once from 2026-11-24 08:00 UTC: minimum 4; 2 → 4"
    assert next_event_s(group, memory, 30.0) > 30.0


def test_what_ran_before_the_beginning_has_left_its_values() -> None:
    night, day = action("Night", MaxSize=2, Recurrence="0 20 * * *"), action("Day", MaxSize=9, Recurrence="0 6 * * *")
    group = a_group(night, day, minimum=1, maximum=5)
    at_noon = start(group, time_s=0.0, in_service=4, epoch_s=unix("2026-11-23T12:00"))
    at_midnight = start(group, time_s=0.0, in_service=4, epoch_s=unix("2026-11-23T00:00"))
    assert (at_noon.maximum, at_noon.desired) == (9, 2)
    assert (at_midnight.maximum, at_midnight.desired) == (2, 2)


def test_there_is_room_for_the_largest_maximum() -> None:
    assert a_group(maximum=5).slots == 12
    assert a_group(maximum=5, ceiling=20).slots == 42


def test_it_is_described_in_a_line() -> None:
    policy = action(MinSize=4, MaxSize=9, Recurrence="0 8 * * MON-FRI", TimeZone="Europe/Berlin")
    assert unsupported(policy) is None
    assert describe(policy) == "scheduled: 0 8 * * MON-FRI (Europe/Berlin): minimum 4, maximum 9"
    later = action(MinSize=Unknown(reason="a parameter without a value"), Recurrence="0 8 * * *")
    assert "parameter" in (unsupported(later) or "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"Recurrence": "0 8 * * *"}, "MinSize"),
        ({"MinSize": 5, "MaxSize": 3, "Recurrence": "0 8 * * *"}, "above MaxSize"),
        ({"MinSize": -1, "Recurrence": "0 8 * * *"}, "MinSize"),
        ({"MinSize": 1}, "Recurrence"),
        ({"MinSize": 1, "Recurrence": "at eight"}, "at eight"),
        ({"MinSize": 1, "Recurrence": "0 8 * * *", "TimeZone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"MinSize": 1, "StartTime": "tomorrow"}, "tomorrow"),
    ],
)
def test_what_aws_would_refuse_is_refused(settings: dict[str, Value], said: str) -> None:
    error = refusal(WorkloadError, lambda: read(action(**settings)))
    assert said in str(error)
    assert "Morning" in str(error)
