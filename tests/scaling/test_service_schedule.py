"""Scheduled actions of Application Auto Scaling: their expressions, and when they run.

The ids AA14 to AA17 are the examples of the Application Auto Scaling user guide, "Schedule recurring scaling actions
using cron expressions".
"""

import datetime as dt
import math

import pytest

from refusals import refusal
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.scaling.scheduled_action import last_unix_s, next_unix_s
from tonnage.scaling.service_schedule import read
from tonnage.services import SCHEDULED
from tonnage.workload import ScalingPolicy, Value, WorkloadError


def action(schedule: str = "cron(0 8 * * ? *)", **settings: Value) -> ScalingPolicy:
    given: dict[str, Value] = {"Schedule": schedule, "MinCapacity": 2}
    return ScalingPolicy(name="Morning", mechanism=SCHEDULED, settings=given | settings)


def unix(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def times(policy: ScalingPolicy, after: str = "2026-11-20T12:00", n: int = 4) -> list[str]:
    at, found = unix(after), []
    for _ in range(n):
        at = next_unix_s(read(policy), at)
        if math.isinf(at):
            break
        found.append(f"{dt.datetime.fromtimestamp(at, dt.UTC):%a %y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        pytest.param("cron(0 10 * * ? *)", ["Sat 26-11-21 10:00", "Sun 26-11-22 10:00"], id="AA14"),
        pytest.param("cron(15 12 * * ? *)", ["Fri 26-11-20 12:15", "Sat 26-11-21 12:15"], id="AA15"),
        pytest.param("cron(0 18 ? * MON-FRI *)", ["Fri 26-11-20 18:00", "Mon 26-11-23 18:00"], id="AA16"),
        pytest.param("cron(0/15 * * * ? *)", ["Fri 26-11-20 12:15", "Fri 26-11-20 12:30"], id="AA17"),
        pytest.param("cron(0 8 1 * ? *)", ["Tue 26-12-01 08:00", "Fri 27-01-01 08:00"], id="first of the month"),
        pytest.param("cron(0 8 L * ? *)", ["Mon 26-11-30 08:00", "Thu 26-12-31 08:00"], id="last of the month"),
        # Amazon EventBridge user guide, "Cron expressions reference": days of the week count from 1 for Sunday.
        pytest.param("cron(30 6 ? * 2 *)", ["Mon 26-11-23 06:30", "Mon 26-11-30 06:30"], id="day 2 is Monday"),
        pytest.param("cron(30 6 ? * 3#2 *)", ["Tue 26-12-08 06:30", "Tue 27-01-12 06:30"], id="second Tuesday"),
        pytest.param("cron(0 9 ? * 2-6 2028)", ["Mon 28-01-03 09:00", "Tue 28-01-04 09:00"], id="a later year"),
        pytest.param("rate(12 hours)", ["Sat 26-11-21 00:00", "Sat 26-11-21 12:00"], id="rate"),
    ],
)
def test_expressions_of_the_guide(schedule: str, runs: list[str]) -> None:
    assert times(action(schedule), n=2) == runs


def test_a_year_ends_a_recurrence() -> None:
    assert times(action("cron(0 8 31 12 ? 2026)")) == ["Thu 26-12-31 08:00"]
    assert times(action("cron(0 8 1 1 ? 2027-2031/2)")) == [f"{day} {y}-01-01 08:00" for day, y in (
        ("Fri", 27), ("Mon", 29), ("Wed", 31)
    )]  # fmt: skip


def test_local_times_keep_their_daylight_saving() -> None:
    local = action("cron(0 9 * * ? *)", Timezone="Europe/Berlin")
    assert times(local, "2026-03-27T12:00", 2) == ["Sat 26-03-28 08:00", "Sun 26-03-29 07:00"]
    assert times(action("at(2026-12-01T09:00:00)", Timezone="Europe/Berlin")) == ["Tue 26-12-01 08:00"]


def test_start_and_end_bound_a_recurrence_and_begin_an_interval() -> None:
    bounded = action("cron(0 6 * * ? *)", StartTime="2026-11-24T08:00:00Z", EndTime="2026-11-26T07:00:00Z")
    assert times(bounded) == ["Wed 26-11-25 06:00", "Thu 26-11-26 06:00"]
    from_then = action("rate(2 days)", StartTime="2026-11-24T08:00:00Z")
    assert times(from_then, n=2) == ["Tue 26-11-24 08:00", "Thu 26-11-26 08:00"]


def test_a_frequent_action_is_found_in_the_last_hour() -> None:
    assert last_unix_s(read(action("rate(1 minute)")), unix("2026-11-20T12:00") + 30.0) == unix("2026-11-20T12:00")


def test_it_is_described_as_it_is_written() -> None:
    assert describe(action(MaxCapacity=9)) == "scheduled: cron(0 8 * * ? *) (Etc/UTC): minimum 2, maximum 9"
    assert describe(action("at(2026-12-01T09:00:00)")) == "scheduled: once from 2026-12-01 09:00 UTC: minimum 2"


def test_what_is_not_simulated_is_said() -> None:
    assert "nearest" in (unsupported(action("cron(0 8 15W * ? *)")) or "")
    assert "SuspendedState" in (unsupported(action(Suspended=True)) or "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"MinCapacity": None}, "MinCapacity"),
        ({"MinCapacity": 5, "MaxCapacity": 3}, "above MaxCapacity"),
        ({"Schedule": "0 8 * * ? *"}, "0 8"),
        ({"Schedule": "cron(0 8 * * *)"}, "cron"),
        ({"Schedule": "cron(0 25 * * ? *)"}, "cron"),
        ({"Schedule": "cron(0 8 * * ? 1066)"}, "1066"),
        ({"Schedule": "rate(0 minutes)"}, "rate"),
        ({"Schedule": "at(tomorrow)"}, "tomorrow"),
        ({"Timezone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_what_aws_would_refuse_is_refused(settings: dict[str, Value], said: str) -> None:
    error = refusal(WorkloadError, lambda: read(action(**settings)))
    assert said in str(error)
    assert "Morning" in str(error)
