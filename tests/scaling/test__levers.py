"""Values worth trying."""

import pytest

from scaling.groups import an_alarm, simple_scaling, step_scaling, target_tracking
from tonnage.scaling._levers import alarm_levers, around, scaled
from tonnage.scaling.mechanism import levers
from tonnage.workload import ScalingPolicy, Value


def flat(policy: ScalingPolicy, **settings: Value) -> ScalingPolicy:
    return ScalingPolicy(name="P", mechanism=policy.mechanism, settings={**policy.settings, **settings})


def test_the_present_value_is_among_them_in_order() -> None:
    assert around(65.0, (30.0, 80.0)) == (30.0, 65.0, 80.0)
    assert around(None, (60.0,)) == (60.0,)
    assert scaled(10.0) == (5.0, 7.0, 8.0, 10.0, 12.0, 15.0)
    assert scaled(1.4)[0] == 1.0
    assert 1.4 in scaled(1.4)


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        (target_tracking(TargetValue=45), "TargetValue"),
        (flat(step_scaling(), **{"Alarm.Threshold": 70}), "Alarm.Threshold"),
        (flat(simple_scaling(), **{"Alarm.EvaluationPeriods": 1}), "Alarm.EvaluationPeriods"),
        (simple_scaling(Cooldown=45), "Cooldown"),
    ],
)
def test_every_mechanism_says_what_can_be_turned(policy: ScalingPolicy, setting: str) -> None:
    values = levers(policy)[setting]
    assert policy.settings[setting] in values
    assert list(values) == sorted(set(values))
    assert len(values) >= 3


def test_requests_per_target_are_turned_by_factors() -> None:
    label = "app/x/1/targetgroup/y/2"
    policy = target_tracking(PredefinedMetricType="ALBRequestCountPerTarget", TargetValue=1000, ResourceLabel=label)
    assert levers(policy)["TargetValue"] == (500.0, 700.0, 850.0, 1000.0, 1200.0, 1500.0)


def test_an_alarm_on_low_load_is_left_alone() -> None:
    low = flat(step_scaling(alarm=an_alarm(30, "LessThanThreshold")), **{"Alarm.Threshold": 30})
    assert alarm_levers(low) == {}
    assert alarm_levers(step_scaling()) == {}, "no place where it is written"


def test_what_does_not_run_has_none() -> None:
    assert levers(ScalingPolicy(name="S", mechanism="scheduled", settings={})) == {}
    assert levers(target_tracking(PredefinedMetricType="ASGAverageNetworkIn")) == {}
