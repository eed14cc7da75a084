"""Documented cases: Amazon EC2 Auto Scaling user guide, "Target tracking scaling policies"."""

import pytest

from scaling.groups import a_group, run, target_tracking
from tonnage.scaling._face import Observation, Unsupported
from tonnage.scaling.group_metric import Record
from tonnage.scaling.target_tracking import LOW_ALARM_FRACTION, START, decide, describe, read
from tonnage.workload import WorkloadError


def observed(percent: float, *, desired: int, warming: int = 0, minutes: int = 17) -> Observation:
    """A group whose warm instances have been at ``percent`` for some minutes."""
    warm = desired - warming
    return Observation(
        time_s=0.0,
        datapoints=(percent,) * minutes,
        newest=Record(percent * warm, warm, percent, percent, warm),
        desired=desired,
        warming=warming,
    )


def wanted(policy, observation: Observation) -> int | None:
    return decide(read(policy), START, observation)[1].capacity


@pytest.mark.parametrize(
    ("percent", "desired", "expected"),
    [
        pytest.param(57.5, 10, 12, id="AS17: +1.5 becomes +2"),
        pytest.param(34.0, 10, 7, id="a removal of 3.2 becomes 3"),
        pytest.param(34.0, 5, 4, id="AS18: -1.6 becomes -1"),
        pytest.param(34.0, 1, None, id="AS19: removing one would exceed the target"),
        pytest.param(30.0, 2, None, id="AS19: -0.8 is no removal"),
        pytest.param(50.0, 10, None, id="at the target"),
        pytest.param(40.0, 10, None, id="between the low alarm and the target"),
        pytest.param(100.0, 10, 20, id="twice the target"),
        pytest.param(0.0, 10, 0, id="idle"),
    ],
)
def test_capacity_is_in_proportion(percent, desired, expected):
    assert wanted(target_tracking(), observed(percent, desired=desired)) == expected


def test_scale_out_needs_three_minutes_and_scale_in_fifteen():
    policy = target_tracking()
    assert wanted(policy, observed(90.0, desired=4, minutes=2)) is None
    assert wanted(policy, observed(90.0, desired=4, minutes=3)) == 8
    assert wanted(policy, observed(10.0, desired=4, minutes=14)) is None
    assert wanted(policy, observed(10.0, desired=4, minutes=15)) == 1


def test_low_alarm_is_a_fraction_of_the_target():
    assert LOW_ALARM_FRACTION.low <= 0.7 == LOW_ALARM_FRACTION.value <= LOW_ALARM_FRACTION.high
    assert wanted(target_tracking(), observed(34.9, desired=10)) == 7
    assert wanted(target_tracking(), observed(35.1, desired=10)) is None


def test_disabled_scale_in_only_scales_out():
    policy = target_tracking(DisableScaleIn="true")
    assert wanted(policy, observed(5.0, desired=10)) is None
    assert wanted(policy, observed(100.0, desired=10)) == 20


def test_what_warms_up_is_not_added_twice():
    # "Set the default instance warmup": while instances warm up a further breach of the same size adds nothing, a
    # larger one adds the difference, and nothing is removed.
    assert wanted(target_tracking(), observed(100.0, desired=8, warming=4)) == 8
    assert wanted(target_tracking(), observed(150.0, desired=8, warming=4)) == 12
    assert wanted(target_tracking(), observed(5.0, desired=8, warming=4)) is None


def test_without_data_nothing_happens():
    silent = Observation(time_s=0.0, datapoints=(None,) * 17, newest=None, desired=5)
    assert wanted(target_tracking(), silent) is None


def test_reason_names_the_alarm():
    _, decision = decide(read(target_tracking(TargetValue=70)), START, observed(83.1, desired=6))
    assert decision.reason == "AlarmHigh: 3 of 3 datapoints above 70.0 (newest 83.1)"
    assert decision.capacity == 8


def test_requests_per_target_are_divided_by_those_in_service():
    policy = target_tracking(TargetValue=1000, PredefinedMetricType="ALBRequestCountPerTarget")
    group = a_group(policy, maximum=50)
    _, activities = run(group, in_service=4, until_s=1800.0, requests=lambda _: 9_500.0)
    assert [(item.before, item.after) for item in activities] == [(4, 10)]


def test_basic_monitoring_alarms_on_a_lone_point():
    # The load rises at 3600 s; that block is published at 3900 s, read at 3960 s, third in age at 4080 s.
    for period_s, acts_s in ((60.0, 3840.0), (300.0, 4080.0)):
        group = a_group(target_tracking(), metric_period_s=period_s, metric_delay_s=60.0)
        _, activities = run(
            group, in_service=4, until_s=4200.0, cpu_load=lambda began_s: 160.0 if began_s < 3600 else 320.0
        )
        assert [(item.time_s, item.after) for item in activities] == [(acts_s, 7)]


def test_customized_metric_of_the_group():
    cpu = {
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Statistic": "Average",
        "Dimensions": ({"Name": "AutoScalingGroupName", "Value": "web"},),
    }
    policy = target_tracking(PredefinedMetricType=None, CustomizedMetricSpecification=cpu)
    assert read(policy) == read(target_tracking())
    for change, message in (
        ({"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS"}, "not in the files"),
        ({"Statistic": "Maximum"}, "Maximum"),
        ({"Period": 10}, "10 s"),
        ({"MetricName": "RequestCount", "Namespace": "AWS/ApplicationELB", "Statistic": "Sum"}, "does not fall"),
    ):
        with pytest.raises(Unsupported, match=message):
            read(target_tracking(PredefinedMetricType=None, CustomizedMetricSpecification=cpu | change))


@pytest.mark.parametrize(
    "settings",
    [
        {"TargetValue": 0},
        {"TargetValue": None},
        {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        {"EstimatedInstanceWarmup": -1},
    ],
)
def test_nonsense_is_refused(settings):
    with pytest.raises(WorkloadError, match="Track"):
        read(target_tracking(**settings))


@pytest.mark.parametrize("metric", ["ASGAverageNetworkIn", "ASGAverageNetworkOut", None])
def test_unemitted_metrics_are_said(metric):
    with pytest.raises(Unsupported, match="it tracks"):
        read(target_tracking(PredefinedMetricType=metric))


def test_description():
    policy = target_tracking(TargetValue="60", EstimatedInstanceWarmup="300", DisableScaleIn=True)
    assert describe(read(policy)) == "target tracking: CPU at 60 %, warm-up 300 s, never scales in"
