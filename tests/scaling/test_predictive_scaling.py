"""Predictive scaling: what it forecasts from, when it acts, and what it leaves to others."""

import math
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

from refusals import refusal
from scaling.groups import a_group, predictive_scaling, step_scaling, target_tracking
from tonnage.scaling.auto_scaling_group import GroupMemory, Sample, next_event_s, start, step
from tonnage.scaling.control import ControlLoop
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.scaling.predictive_scaling import (
    HourlyLoad,
    Prediction,
    advance,
    begin,
    gather,
    maximum_for,
    needed,
    next_unix_s,
    read,
)
from tonnage.scaling.readings import Activity
from tonnage.services import ScalingGroup
from tonnage.workload import ScalingPolicy, Unknown, Value, WorkloadError

HOUR = 3600.0
# Percent of one instance's CPU: 2 instances at 50 % by night, 8 from eight to twenty.
DAY = tuple(400.0 if 8 <= hour < 20 else 100.0 for hour in range(24))


def carried(days: int, day: tuple[float, ...] = DAY) -> HourlyLoad:
    return HourlyLoad(cpu_percent=day * days, requests_per_min=tuple(10.0 * load for load in day * days))


def run(
    group: ScalingGroup,
    history: HourlyLoad,
    hours: float,
    *,
    in_service: int = 2,
    cpu_load: Callable[[float], float] = lambda time_s: DAY[int(time_s // HOUR) % 24],
    from_s: float = 0.0,
) -> tuple[GroupMemory, list[Activity]]:
    """A group from a midnight on, its load shared evenly."""
    memory = start(group, time_s=from_s, in_service=in_service, history=history)
    found: list[Activity] = []
    time_s = from_s
    while time_s < from_s + hours * HOUR:
        time_s = min((math.floor(time_s / 60.0) + 1) * 60.0, next_event_s(group, memory, time_s))
        sample = None
        if time_s % 60.0 == 0.0:
            serving = [item.slot for item in memory.instances if item.state is InstanceState.IN_SERVICE]
            load = cpu_load(time_s - 60.0)
            cpu = {slot: min(100.0, load / len(serving)) for slot in serving}
            sample = Sample(start_s=time_s - 60.0, cpu_percent=cpu, requests=10.0 * load)
        memory, activities = step(group, memory, time_s, sample)
        found += activities
        assert next_event_s(group, memory, time_s) > time_s
    return memory, found


def changes(activities: list[Activity]) -> list[tuple[float, int, int]]:
    return [(activity.time_s / HOUR, activity.before, activity.after) for activity in activities]


# Amazon EC2 Auto Scaling user guide, "Predictive scaling": at the start of each hour, five minutes ahead by default.


def test_capacity_is_raised_before_the_hour_that_needs_it() -> None:
    # AS22, API reference, SchedulingBufferTime: needed at 10:00 with five minutes' buffer, launched at 9:55.
    memory, activities = run(a_group(predictive_scaling()), carried(14), 12.0)
    assert changes(activities) == [(8.0 - 300.0 / HOUR, 2, 8)]
    assert activities[0].cause == "Predict"
    assert activities[0].reason == "forecast of CPU at 50 %, 300 s ahead of the hour; 2 → 8"
    assert memory.desired == 8


@pytest.mark.parametrize("buffer_s", [0, 90, 600, 3599])
def test_the_buffer_is_kept_to_the_second(buffer_s: int) -> None:
    group = a_group(predictive_scaling(SchedulingBufferTime=buffer_s), drain_s=0.0)
    assert changes(run(group, carried(14), 9.0)[1]) == [(8.0 - buffer_s / HOUR, 2, 8)]


def test_it_never_scales_in() -> None:
    assert run(a_group(predictive_scaling()), carried(14), 48.0)[0].desired == 8


def test_dynamic_policies_scale_in_but_not_below_the_forecast_of_the_hour() -> None:
    idle: dict[str, Callable[[float], float]] = {"cpu_load": lambda _: 10.0}
    group = a_group(target_tracking(), predictive_scaling())
    # The load stays away: what the forecast wants is kept nonetheless until its hours are over.
    memory, activities = run(group, carried(14), 12.0, in_service=10, **idle)
    assert min(activity.after for activity in activities[1:] if activity.time_s >= 8 * HOUR) == memory.desired
    alone, _ = run(a_group(target_tracking()), carried(14), 12.0, in_service=10, **idle)
    assert memory.desired > alone.desired == 1
    first = next(activity for activity in activities if activity.after < activity.before)
    assert first.after == 2
    assert "(the forecast; 1 wanted)" in first.reason


def test_the_larger_of_what_policies_want_is_taken() -> None:
    # AS16, worked example of the user guide: target tracking needs 10, predictive scaling 8: desired is 10.
    group = a_group(target_tracking(), predictive_scaling())
    memory, activities = run(group, carried(14), 12.0, cpu_load=lambda time_s: 500.0 if time_s >= 9 * HOUR else 100.0)
    assert memory.desired == 10
    assert [activity.after for activity in activities] == [8, 10]
    assert [activity.cause for activity in activities] == ["Predict", "Track"]


def test_where_the_forecast_wants_more_it_acts_before_a_dynamic_policy() -> None:
    group = a_group(step_scaling(), predictive_scaling(SchedulingBufferTime=0))
    _, activities = run(group, carried(14), 8.1, cpu_load=lambda time_s: 100.0 if time_s < 8 * HOUR - 60.0 else 500.0)
    assert (activities[0].cause, activities[0].after) == ("Predict", 8)


def test_a_scheduled_action_raises_the_floor_for_a_time() -> None:
    settings: dict[str, Value] = {"MinSize": 12, "StartTime": "1970-01-01T10:00:00Z"}
    action = ScalingPolicy(name="Event", mechanism="scheduled", settings=settings)
    _, activities = run(a_group(predictive_scaling(), action), carried(14), 12.0)
    assert [(activity.cause, activity.after) for activity in activities] == [("Predict", 8), ("Event", 12)]


# API reference, PredictiveScalingConfiguration.


def test_the_maximum_is_honoured_by_default() -> None:
    memory, activities = run(a_group(predictive_scaling(), maximum=5, ceiling=20), carried(14), 12.0)
    assert (memory.desired, memory.maximum) == (5, 5)
    assert activities[0].reason.endswith("2 → 5 (the maximum; 8 wanted)")


def test_the_maximum_is_raised_where_it_may_be_and_stays_raised() -> None:
    policy = predictive_scaling(MaxCapacityBreachBehavior="IncreaseMaxCapacity", MaxCapacityBuffer=50)
    group = a_group(policy, maximum=5, ceiling=20)
    assert run(group, carried(14), 7.0)[0].maximum == 5
    memory, activities = run(group, carried(14), 24.0)
    assert changes(activities) == [(8.0 - 300.0 / HOUR, 2, 8)]
    assert memory.maximum == 12
    tight, _ = run(replace(group, ceiling=7), carried(14), 12.0)
    assert (tight.maximum, tight.desired) == (7, 7)


@pytest.mark.parametrize(
    ("buffer", "capacity", "maximum", "raised"), [(10, 50, 40, 55), (10, 50, 52, 55), (0, 50, 40, 50), (100, 5, 40, 40)]
)
def test_the_buffer_is_a_percentage_of_the_forecast(buffer: int, capacity: int, maximum: int, raised: int) -> None:
    # AS21, user guide, "Predictive scaling": forecast 50, maximum 40, buffer 10 %: 55.
    policy = read(predictive_scaling(MaxCapacityBreachBehavior="IncreaseMaxCapacity", MaxCapacityBuffer=buffer))
    assert maximum_for(policy, capacity, maximum) == raised


def test_a_policy_that_only_forecasts_changes_nothing() -> None:
    policy = predictive_scaling(Mode="ForecastOnly")
    memory, activities = run(a_group(policy), carried(14), 12.0)
    assert activities == []
    assert memory.predictive is None
    assert describe(policy) == "predictive: CPU at 50 %, forecasts only and changes nothing"
    assert describe(predictive_scaling(Mode=None)) == describe(policy)


def test_only_one_policy_of_a_group_scales() -> None:
    one, other = predictive_scaling("One"), predictive_scaling("Other")
    said = refusal(WorkloadError, lambda: start(a_group(one, other), time_s=0.0, in_service=1))
    assert "One" in said.what
    assert "Other" in said.what
    start(a_group(one, predictive_scaling("Other", Mode="ForecastOnly")), time_s=0.0, in_service=1)


# User guide: at least 24 h of history, up to 14 days; 48 h ahead; a new forecast every six hours.


def test_without_a_day_of_history_it_waits_for_one() -> None:
    short = HourlyLoad(cpu_percent=DAY[:23], requests_per_min=DAY[:23])
    policy = read(predictive_scaling())
    assert needed(policy, begin(policy, short, 0.0), 0.0) is None
    group = a_group(predictive_scaling())
    _, activities = run(group, HourlyLoad(), 36.0)
    # The load of the morning is more than two instances can do: a hundred percent of each are seen.
    assert changes(activities) == [(32.0 - 300.0 / HOUR, 2, 4)]


def test_it_is_said_that_it_waits() -> None:
    def loop(history: HourlyLoad) -> ControlLoop:
        group = a_group(predictive_scaling())
        return ControlLoop([group], {"Web/fleet": 2}, {"Web/fleet": 2}, 0.0, 0.0, {"Web/fleet": history})

    (happening,) = loop(HourlyLoad(cpu_percent=DAY[:5])).happenings
    assert happening.primitive == "Web"
    assert happening.text == "Predict does not act before 24 h of history are there: it begins with 5 h"
    assert loop(carried(1)).happenings == []


def test_no_more_than_fourteen_days_are_kept() -> None:
    policy = read(predictive_scaling())
    long = begin(policy, carried(20), 0.0)
    assert len(long.history) == 14 * 24
    for hour in range(30):
        long = gather(policy, long, hour * HOUR, 7.0, 0.0)
    assert len(long.history) == 14 * 24
    assert long.history[-1] == 7.0


def test_a_forecast_is_made_anew_after_six_hours_and_reaches_two_days() -> None:
    policy = read(predictive_scaling())
    made = begin(policy, carried(14), 0.0)
    assert (made.first_hour, len(made.capacities)) == (0, 48)
    assert made.capacities[:24] == tuple(round(load / 50.0) for load in DAY)
    refreshed, hours = made, []
    for hour in range(1, 20):
        before = refreshed.first_hour
        refreshed = advance(policy, gather(policy, refreshed, hour * HOUR - 60.0, 900.0, 0.0), hour * HOUR)
        if refreshed.first_hour != before:
            hours.append(hour)
    assert hours == [6, 12, 18]
    assert refreshed.capacities != made.capacities


def test_memory_travels_between_processes() -> None:
    memory, _ = run(a_group(predictive_scaling()), carried(2), 1.0)
    assert pickle.loads(pickle.dumps(memory)) == memory


def test_an_hour_is_the_mean_of_its_minutes() -> None:
    policy = read(predictive_scaling())
    seen = Prediction(hour=0, history=(5.0,))
    for minute in range(60):
        seen = gather(policy, seen, minute * 60.0, float(minute), 1000.0)
    assert advance(policy, seen, HOUR).history == (5.0, 29.5)
    # An hour without a minute is as the one before.
    assert advance(policy, seen, 3 * HOUR).history == (5.0, 29.5, 29.5, 29.5)


def test_a_time_a_rounding_error_before_the_hour_is_in_it() -> None:
    policy = read(predictive_scaling())
    at = 475_000 * HOUR
    assert next_unix_s(policy, at - 1e-6) == at + HOUR - 300.0
    assert next_unix_s(policy, at - 300.0) == at
    assert next_unix_s(policy, at - 301.0) == at - 300.0


# API reference, PredictiveScalingMetricSpecification: requests per minute are the load, 1000 per target the target.


def test_requests_are_counted_by_the_minute() -> None:
    policy = read(predictive_scaling(metric="ALBRequestCount", target=1000))
    by_day = begin(policy, carried(14), 0.0)
    assert by_day.capacities[:24] == tuple(math.ceil(load * 10.0 / 1000.0) for load in DAY)
    assert gather(policy, by_day, 0.0, 77.0, 4000.0).total == 4000.0
    assert describe(predictive_scaling(metric="ALBRequestCount", target=1000)).startswith(
        "predictive: requests at 1000 per target and minute"
    )


def separately(load: str, scaling: str) -> ScalingPolicy:
    return predictive_scaling(
        MetricSpecifications=(
            {
                "TargetValue": "60",
                "PredefinedLoadMetricSpecification": {"PredefinedMetricType": load},
                "PredefinedScalingMetricSpecification": {"PredefinedMetricType": scaling},
            },
        )
    )


def test_a_load_and_a_scaling_metric_are_as_good_as_a_pair() -> None:
    assert read(separately("ASGTotalCPUUtilization", "ASGAverageCPUUtilization")) == replace(
        read(predictive_scaling()), target=60.0
    )
    assert describe(separately("ALBTargetGroupRequestCount", "ALBRequestCountPerTarget")).startswith(
        "predictive: requests at 60"
    )


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (predictive_scaling(metric="ASGNetworkOut"), "ASGNetworkOut"),
        (separately("ASGTotalNetworkIn", "ASGAverageNetworkIn"), "ASGTotalNetworkIn"),
        (separately("ALBTargetGroupRequestCount", "ASGAverageCPUUtilization"), "differ"),
        (predictive_scaling(target=Unknown(reason="a parameter")), "parameter"),
        (
            predictive_scaling(MetricSpecifications=({"TargetValue": 5, "CustomizedLoadMetricSpecification": {}},)),
            "custom metric",
        ),
    ],
)
def test_what_cannot_be_run_is_said(policy: ScalingPolicy, said: str) -> None:
    assert said in (unsupported(policy) or "")
    assert start(a_group(policy), time_s=0.0, in_service=2).predictive is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"MetricSpecifications": ()}, "MetricSpecifications"),
        ({"MetricSpecifications": ({"TargetValue": 5}, {"TargetValue": 6})}, "are 2"),
        ({"MetricSpecifications": ({"TargetValue": 5},)}, "PredefinedMetricPairSpecification"),
        ({"target": 0}, "TargetValue"),
        ({"metric": "Guess"}, "Guess"),
        ({"Mode": "Sometimes"}, "Sometimes"),
        ({"SchedulingBufferTime": 3600}, "3600"),
        ({"SchedulingBufferTime": -1}, "SchedulingBufferTime"),
        ({"MaxCapacityBreachBehavior": "IncreaseMaxCapacity"}, "MaxCapacityBuffer"),
        ({"MaxCapacityBreachBehavior": "IncreaseMaxCapacity", "MaxCapacityBuffer": 101}, "101"),
        ({"MaxCapacityBuffer": 10}, "IncreaseMaxCapacity"),
    ],
)
def test_what_aws_would_refuse_is_refused(settings: dict[str, Value], said: str) -> None:
    error = refusal(WorkloadError, lambda: read(predictive_scaling(**settings)))  # type: ignore[arg-type]
    assert said in str(error)
    assert "Predict" in str(error)
