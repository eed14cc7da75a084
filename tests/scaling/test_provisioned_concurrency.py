"""Scaling of provisioned concurrency: what is read of its use, when it acts, and when what is made serves.

AA2 and AA3: AWS Lambda developer guide, "Configuring provisioned concurrency" (a target of 70 % scales out above 70 %
and in below 63 %; bursts shorter than three minutes scale nothing).
"""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tonnage.scaling._controller import Moment
from tonnage.scaling.cloudwatch_alarm import describe
from tonnage.scaling.provisioned_concurrency import (
    ProvisionedMemory,
    alarms,
    begin,
    levels,
    next_unix_s,
    provisioned,
    settings,
    tick,
)
from tonnage.scaling.readings import Provisioned, Readings
from tonnage.services import SCHEDULED, ProvisionedScaling
from tonnage.workload import ScalingPolicy

RULE = ProvisionedScaling(
    environments="f/environments",
    policy="Track",
    start=10,
    minimum=1,
    maximum=100,
    target=0.7,
    by_peak=False,
    in_cooldown_s=0.0,
    scale_in=True,
    scale_out=True,
    begin_s=90.0,
    per_s=100.0,
)
STEP_S = 10.0


def run(
    leased: Iterable[float], rule: ProvisionedScaling = RULE, each_s: float = 60.0
) -> tuple[list[tuple[float, int, int]], ProvisionedMemory]:
    """Activities by minute, of a function with so many environments in use for a minute each, in ten-second ticks."""
    memory = begin(rule, 0.0)
    found, time_s = [], 0.0
    for used in leased:
        for _ in range(round(each_s / STEP_S)):
            time_s += STEP_S
            moment = Moment(time_s=time_s, unix_s=time_s, passed_s=STEP_S, full_minute=time_s % 60.0 == 0.0)
            readings = Readings(cpu={}, requests={}, tokens={}, leased={rule.environments: used})
            memory, told = tick(rule, memory, moment, readings)
            found += [(a.time_s / 60.0, a.before, a.after) for _, a in told.activities]
    return found, memory


def test_aa2_the_alarms_stand_at_the_target_and_a_tenth_below() -> None:
    high, low = alarms(RULE)
    assert describe(high).endswith("> 0.7 in 3 of 3 × 60 s")
    assert describe(low).endswith("< 0.63 in 15 of 15 × 60 s")
    assert run([6.4] * 60)[0] == []
    assert run([6.9] * 60)[0] == []


def test_three_minutes_above_raise_it_to_the_target() -> None:
    # Minutes 1 to 3 are read in minute 4: 8 of 10 in use are 70 % of 12. They serve within minute 6, whose mean is
    # still above 70 % and makes it one more; 8 of 13 are below 63 %.
    found, memory = run([8.0] * 40)
    assert found == [(4.0, 10, 12), (7.0, 12, 13), (25.0, 13, 12)]
    assert memory.serving == 12


def test_what_spills_over_is_not_in_the_metric() -> None:
    # 50 in use, 10 provisioned: each step grows by no more than 1 / 0.7, and three datapoints later comes the next.
    found, memory = run([50.0] * 60)
    assert found[:3] == [(4.0, 10, 15), (7.0, 15, 22), (10.0, 22, 32)]
    assert memory.serving == 72, "50 / 0.7"


def test_aa3_bursts_shorter_than_three_minutes_scale_nothing() -> None:
    assert run([10.0, 10.0, 6.5, 10.0, 10.0, 6.5] * 6)[0] == []
    assert run([10.0, 1.0] * 30, replace(RULE, by_peak=True), each_s=30.0)[0] != [], "their peak is in every minute"
    assert run([10.0, 3.0] * 30, each_s=30.0)[0] == [], "their mean is not"


def test_fifteen_minutes_below_lower_it() -> None:
    found, memory = run([4.0] * 20)
    assert found == [(16.0, 10, 6)]
    assert memory.serving == 6
    assert run([4.0] * 20, replace(RULE, scale_in=False))[0] == []


def test_a_function_that_is_not_called_keeps_what_it_has() -> None:
    found, memory = run([0.0] * 90)
    assert found == []
    assert memory.low.value == "INSUFFICIENT_DATA"
    assert run([6.5] * 5 + [0.0] * 90)[0] == []
    # Five low minutes and then nothing: the oldest of them reaches the fifteenth place, and the alarm fires, as
    # CloudWatch's table for missing data has it.
    assert run([5.0] * 5 + [0.0] * 90)[0] == [(16.0, 10, 8)]


def test_a_scale_in_waits_for_its_cooldown() -> None:
    falling = [5.0] * 16 + [2.0] * 30
    assert [minute for minute, _, _ in run(falling)[0]] == [16.0, 18.0]
    assert [minute for minute, _, _ in run(falling, replace(RULE, in_cooldown_s=600.0))[0]] == [16.0, 26.0]


def test_further_environments_serve_when_all_are_there_and_are_billed_before() -> None:
    rule = replace(RULE, begin_s=100.0, per_s=0.1)
    found, memory = run([8.0] * 5, rule)
    assert found == [(4.0, 10, 12)]
    assert settings(rule, memory) == (Provisioned(environments="f/environments", count=10),)
    assert provisioned(rule, memory) == {"f/environments": 12.0}
    assert next_unix_s(rule, memory) == 240.0 + 100.0 + 2 / 0.1
    assert levels(rule, run([8.0] * 6, rule)[1]) == {"f/environments:provisioned": 12.0}


def test_a_schedule_sets_the_bounds_and_moves_the_number_into_them() -> None:
    actions = tuple(
        ScalingPolicy(name=name, mechanism=SCHEDULED, settings={"Schedule": when, **bounds})
        for name, when, bounds in (
            ("Up", "at(1970-01-01T00:02:30)", {"MinCapacity": 40}),
            ("Down", "at(1970-01-01T00:05:10)", {"MinCapacity": 1, "MaxCapacity": 5}),
        )
    )
    rule = replace(RULE, schedule=actions, scale_in=False, scale_out=False)
    assert next_unix_s(rule, begin(rule, 0.0)) == 150.0
    assert run([1.0] * 7, rule)[0] == [(2.5, 10, 40), (pytest.approx(31 / 6), 40, 5)]
    assert run([1.0] * 3, rule)[1].serving == 10
    assert run([1.0] * 5, rule)[1].serving == 40


def test_bounds_are_kept() -> None:
    assert begin(replace(RULE, start=0), 0.0).serving == 1
    assert run([10.0] * 6, replace(RULE, maximum=11))[0] == [(4.0, 10, 11)]


def test_l9_the_utilization_is_what_is_busy_of_what_is_provisioned() -> None:
    # L9, AWS Lambda developer guide, monitoring: at most 50 of 100 busy in the minute are a utilization of 0.5.
    rule = replace(RULE, start=100, by_peak=True)
    _, memory = run([50.0, 20.0], rule, each_s=30.0)
    (minute,) = memory.minutes
    assert minute is not None
    assert (minute.share, minute.count) == (0.5, 50.0)
