"""Documented cases: Amazon EC2 Auto Scaling user guide, "Step and simple scaling policies"."""

import pytest

from scaling.groups import a_group, an_alarm, step_scaling
from tonnage.scaling._face import Observation, Unsupported
from tonnage.scaling.auto_scaling_group import Sample, start, step
from tonnage.scaling.cloudwatch_alarm import AlarmState
from tonnage.scaling.group_metric import Record
from tonnage.scaling.step_scaling import START, decide, describe, read
from tonnage.workload import ScalingPolicy, WorkloadError


def steps(*bounds: tuple[float | None, float | None, int]):
    return tuple(
        {"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper, "ScalingAdjustment": change}
        for lower, upper, change in bounds
    )


OUT = step_scaling(
    alarm=an_alarm(50, "GreaterThanOrEqualToThreshold"),
    AdjustmentType="PercentChangeInCapacity",
    StepAdjustments=steps((0, 10, 0), (10, 20, 10), (20, None, 30)),
)
IN = step_scaling(
    alarm=an_alarm(50, "LessThanOrEqualToThreshold"),
    AdjustmentType="PercentChangeInCapacity",
    StepAdjustments=steps((-10, 0, 0), (-20, -10, -10), (None, -20, -30)),
)
WARM_UP = step_scaling(
    alarm=an_alarm(60, "GreaterThanOrEqualToThreshold"),
    AdjustmentType="PercentChangeInCapacity",
    StepAdjustments=steps((0, 10, 10), (10, None, 30)),
)


def observed(percent: float, *, desired: int, warming: int = 0, terminating: int = 0) -> Observation:
    return Observation(
        time_s=0.0,
        datapoints=(percent,),
        newest=Record(percent * 10, 10, percent - 5, percent + 15, 10),
        desired=desired,
        warming=warming,
        terminating=terminating,
    )


def capacity(policy: ScalingPolicy, observation: Observation) -> int:
    _, decision = decide(read(policy), START, observation)
    return observation.desired if decision.capacity is None else decision.capacity


@pytest.mark.parametrize(
    ("percent", "before", "after"),
    [
        pytest.param(41.0, 10, 10, id="AS1"),
        pytest.param(59.0, 10, 10, id="AS1, upper end"),
        pytest.param(60.0, 10, 11, id="AS2"),
        pytest.param(70.0, 11, 14, id="AS3: 3.3 becomes 3"),
        pytest.param(40.0, 14, 13, id="AS4: 1.4 becomes 1"),
        pytest.param(30.0, 13, 10, id="AS5: 3.9 becomes 3"),
    ],
)
def test_the_guides_example(percent, before, after):
    after_out = capacity(OUT, observed(percent, desired=before))
    after_in = capacity(IN, observed(percent, desired=before))
    assert (max if after > before else min)(after_out, after_in) == after
    assert before in (after_out, after_in)


@pytest.mark.parametrize(
    ("percent", "after"), [(59.9, 100), (60.0, 110), (74.9, 110), (75.0, 120), (84.9, 120), (85.0, 130), (99.0, 130)]
)
def test_bounds_above_the_threshold_include_the_lower_one(percent, after):
    # AS6
    policy = step_scaling(
        alarm=an_alarm(60, "GreaterThanOrEqualToThreshold"),
        AdjustmentType="PercentChangeInCapacity",
        MinAdjustmentMagnitude=1,
        StepAdjustments=steps((0, 15, 10), (15, 25, 20), (25, None, 30)),
    )
    assert capacity(policy, observed(percent, desired=100)) == after


def test_bounds_below_the_threshold_include_the_upper_one():
    assert [capacity(IN, observed(percent, desired=100)) for percent in (40.1, 40.0, 30.1, 30.0)] == [100, 90, 90, 70]


def test_the_same_step_while_warming_up_adds_nothing():
    # Same page, "Instance warmup": 10 become 11 at 60; 62 adds nothing; 70 adds two more, 13 in all.
    assert capacity(WARM_UP, observed(60.0, desired=10)) == 11
    assert capacity(WARM_UP, observed(62.0, desired=11, warming=1)) == 11
    assert capacity(WARM_UP, observed(70.0, desired=11, warming=1)) == 13


def test_warming_instances_block_scale_in():
    assert capacity(IN, observed(30.0, desired=13, warming=1)) == 13


def test_terminating_instances_count_as_present_when_scaling_in():
    # Same page: 10 % of 14 is one, and one is already leaving.
    assert capacity(IN, observed(40.0, desired=13, terminating=1)) == 13
    assert capacity(IN, observed(30.0, desired=13, terminating=1)) == 10


def test_exact_capacity_goes_both_ways():
    policy = step_scaling(AdjustmentType="ExactCapacity", StepAdjustments=steps((0, None, 5)))
    assert capacity(policy, observed(80.0, desired=3)) == 5
    assert capacity(policy, observed(80.0, desired=8)) == 5
    assert capacity(policy, observed(80.0, desired=8, warming=2)) == 8


def test_two_periods_must_breach():
    # AS11
    settings = read(step_scaling(alarm=an_alarm(Period=300, EvaluationPeriods=2)))
    one = observed(80.0, desired=3)
    two = Observation(time_s=600.0, datapoints=(80.0, 80.0), newest=one.newest, desired=3)
    assert decide(settings, START, one)[0] is AlarmState.OK
    assert decide(settings, START, two)[0] is AlarmState.ALARM


@pytest.mark.parametrize(("aggregation", "after"), [(None, 11), ("Average", 11), ("Minimum", 10), ("Maximum", 13)])
def test_metric_aggregation_chooses_the_step(aggregation, after):
    policy = ScalingPolicy(
        name=WARM_UP.name, mechanism="step", settings={**WARM_UP.settings, "MetricAggregationType": aggregation}
    )
    assert capacity(policy, observed(64.0, desired=10)) == after


def test_a_count_chooses_its_step_by_the_sum():
    policy = step_scaling(
        alarm=an_alarm(1000, MetricName="RequestCount", Namespace="AWS/ApplicationELB", Statistic="Sum"),
        StepAdjustments=steps((0, 500, 1), (500, None, 4)),
    )
    requests = Observation(time_s=0.0, datapoints=(1600.0,), newest=Record(1600.0, 1600.0, 1.0, 1.0, 3), desired=3)
    assert capacity(policy, requests) == 7


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (((0, 10, 1), (5, None, 2)), "overlap"),
        (((0, 10, 1), (15, None, 2)), "leave a gap"),
        (((0, 10, 1),), "positive upper bound"),
        (((-10, 0, -1),), "negative lower bound"),
        (((10, 0, 1),), "lower bound is not below"),
        ((), "no step"),
    ],
)
def test_steps_that_aws_would_refuse(bounds, message):
    with pytest.raises(WorkloadError, match=message):
        read(step_scaling(StepAdjustments=steps(*bounds)))


def test_a_policy_without_alarm_is_said():
    with pytest.raises(Unsupported, match="no CloudWatch alarm"):
        read(step_scaling(Alarm=None))


def test_description():
    policy = step_scaling(
        StepAdjustments=steps((0, 15, 1), (15, None, 2)),
        EstimatedInstanceWarmup=120,
        alarm=an_alarm(EvaluationPeriods=3),
    )
    assert describe(read(policy)) == "step: CPU > 70 % in 3 of 3 × 60 s: 70 % to 85 % +1; from 85 % +2, warm-up 120 s"


def test_aa1_in_a_cooldown_only_the_difference_is_added() -> None:
    # AA1, Application Auto Scaling user guide, "Step scaling": +2 was done, its cooldown runs, and the alarm now asks
    # for +3: one more. The cooldown of a scalable target is the warm-up of its step policy.
    policy = step_scaling(
        StepAdjustments=steps((0, 10, 2), (10, None, 3)), EstimatedInstanceWarmup=300, alarm=an_alarm(70)
    )
    group = a_group(policy, minimum=1, maximum=20, boot_s=0.0, drain_s=0.0)
    memory = start(group, time_s=0.0, in_service=10)
    found = []
    for minute, percent in enumerate([75.0, 75.0, 85.0, 85.0]):
        busy = {instance.slot: percent for instance in memory.instances}
        sample = Sample(start_s=60.0 * minute, cpu_percent=busy, requests=0.0)
        memory, _ = step(group, memory, 60.0 * (minute + 1), sample)
        found.append(memory.desired)
    assert found == [12, 12, 13, 13]
