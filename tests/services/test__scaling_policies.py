from pathlib import Path

import pytest

from services.gathering import a_stack
from tonnage.scaling.mechanism import describe
from tonnage.services._scaling_policies import policies_of, with_alarm
from tonnage.workload import ScalingPolicy

GROUP = """
Web:
  Type: AWS::AutoScaling::AutoScalingGroup
  Properties: {MinSize: 1, MaxSize: 2, AutoScalingGroupName: web}
"""
ALARM = """
%s:
  Type: AWS::CloudWatch::Alarm
  Properties:
    AlarmActions: [%s]
    MetricName: CPUUtilization
    Namespace: AWS/EC2
    Threshold: "%d"
"""
STEP = """
Step:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: web
    PolicyType: StepScaling
    AdjustmentType: PercentChangeInCapacity
    MinAdjustmentMagnitude: "2"
    StepAdjustments: [{MetricIntervalLowerBound: "0", ScalingAdjustment: "10"}]
"""


def policies(tmp_path: Path, text: str) -> tuple[ScalingPolicy, ...]:
    stack = a_stack(tmp_path, GROUP + text)
    return policies_of(stack.resources["Web"], stack)


def test_a_policy_finds_its_group_by_the_groups_own_name(tmp_path: Path) -> None:
    (policy,) = policies(tmp_path, STEP + ALARM % ("High", "!Ref Step", 70))
    assert (policy.name, policy.mechanism) == ("Step", "step")
    assert policy.settings["MinAdjustmentMagnitude"] == 2
    assert policy.settings["Alarm.Threshold"] == 70
    assert policy.origins["Alarm.Threshold"].resource == "High"
    assert policy.origins["EstimatedInstanceWarmup"].place is None


def test_two_alarms_make_two_policies(tmp_path: Path) -> None:
    found = policies(tmp_path, STEP + ALARM % ("High", "!Ref Step", 70) + ALARM % ("Higher", "!Ref Step", 90))
    assert [policy.name for policy in found] == ["Step", "Step by Higher"]
    assert [policy.settings["Alarm.Threshold"] for policy in found] == [70, 90]


def test_a_policy_that_nothing_fires_is_kept_without_alarm(tmp_path: Path) -> None:
    (policy,) = policies(tmp_path, STEP + ALARM % ("High", "arn:aws:sns:us-east-1:1:topic", 70))
    assert "Alarm" not in policy.settings


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [("PredictiveScaling", "predictive"), ("SimpleScaling", "simple"), ("TargetTrackingScaling", "target tracking")],
)
def test_mechanisms(tmp_path: Path, kind: str, mechanism: str) -> None:
    (policy,) = policies(tmp_path, STEP.replace("StepScaling", kind))
    assert policy.mechanism == mechanism


PREDICT = """
Predict:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: !Ref Web
    PolicyType: PredictiveScaling
    PredictiveScalingConfiguration:
      Mode: ForecastAndScale
      SchedulingBufferTime: "600"
      MaxCapacityBreachBehavior: IncreaseMaxCapacity
      MaxCapacityBuffer: 10
      MetricSpecifications:
        - TargetValue: "50"
          PredefinedMetricPairSpecification: {PredefinedMetricType: ASGCPUUtilization}
"""


def test_a_predictive_policy_has_its_configuration(tmp_path: Path) -> None:
    (policy,) = policies(tmp_path, PREDICT)
    assert policy.mechanism == "predictive"
    assert policy.settings["SchedulingBufferTime"] == 600
    assert policy.settings["MaxCapacityBuffer"] == 10
    place = policy.origins["SchedulingBufferTime"].place
    assert place is not None
    said = "predictive: CPU at 50 %, 600 s ahead of the hour, raises the maximum to 10 % above the forecast"
    assert describe(policy) == said


def test_flat_settings_go_back_into_the_alarm() -> None:
    plain = ScalingPolicy(name="P", mechanism="step", settings={"Alarm": {"Threshold": "70", "Period": 60}})
    assert with_alarm(plain) is plain
    changed = ScalingPolicy(name="P", mechanism="step", settings={**plain.settings, "Alarm.Threshold": 50})
    assert with_alarm(changed).settings == {"Alarm": {"Threshold": 50, "Period": 60}}
