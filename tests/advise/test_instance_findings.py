"""Findings about instances: what cannot be meant, with its place."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.advise.instance_findings import instance_findings
from tonnage.services import ScalingGroup, auto_scaling_group

TEMPLATE = """
Template:
  Type: AWS::EC2::LaunchTemplate
  Properties: {LaunchTemplateData: {InstanceType: m5.large}}
Web:
  Type: AWS::AutoScaling::AutoScalingGroup
  Properties:
    MinSize: 2
    MaxSize: 8
"""
PLAIN = '    LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}\n'
MIXED = """\
    MixedInstancesPolicy:
      LaunchTemplate:
        LaunchTemplateSpecification: {LaunchTemplateId: !Ref Template, Version: "1"}
        Overrides: [{InstanceType: m5.large, WeightedCapacity: "WEIGHT"}]
"""
HOOK = """
Hook:
  Type: AWS::AutoScaling::LifecycleHook
  Properties:
    AutoScalingGroupName: !Ref Web
    LifecycleTransition: autoscaling:EC2_INSTANCE_LAUNCHING
    HeartbeatTimeout: SECONDS
    DefaultResult: RESULT
"""
POOL = """
Pool:
  Type: AWS::AutoScaling::WarmPool
  Properties: {AutoScalingGroupName: !Ref Web, MaxGroupPreparedCapacity: PREPARED}
"""


def found(tmp_path: Path, resources: str) -> list[str]:
    component = gathered(auto_scaling_group, a_stack(tmp_path, TEMPLATE + resources), "Web")
    behaviour = auto_scaling_group.behaviour(component, CATALOG)
    group = next(control for control in behaviour.controls if isinstance(control, ScalingGroup))
    return [finding.text for finding in instance_findings(component, group)]


@pytest.mark.parametrize(
    "sound",
    [
        PLAIN,
        MIXED.replace("WEIGHT", "4"),
        PLAIN + HOOK.replace("SECONDS", "300").replace("RESULT", "ABANDON"),
        PLAIN + POOL.replace("PREPARED", "6"),
        PLAIN + "    InstanceMaintenancePolicy: {MinHealthyPercentage: 90, MaxHealthyPercentage: 120}\n",
        PLAIN + "    TerminationPolicies: [OldestInstance, Default]\n",
        PLAIN + "    NewInstancesProtectedFromScaleIn: true\n",
    ],
)
def test_what_is_sound_is_not_complained_about(tmp_path: Path, sound: str) -> None:
    assert found(tmp_path, sound) == []


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        (HOOK.replace("SECONDS", "30").replace("RESULT", "ABANDON"), 17, "every launch is abandoned"),
        (HOOK.replace("SECONDS", "30").replace("RESULT", "CONTINUE"), 17, "serve before it is done"),
        (POOL.replace("PREPARED", "2"), 0, "never holds an instance"),
        ("    TerminationPolicies: [Default, OldestInstance]\n", 0, "what follows Default is never asked"),
        ("    InstanceMaintenancePolicy: {MinHealthyPercentage: 20, MaxHealthyPercentage: 150}\n", 0, "AWS refuses"),
        ("    InstanceMaintenancePolicy: {MaxHealthyPercentage: 150}\n", 0, "AWS refuses"),
    ],
)
def test_what_contradicts_itself_is_told_with_its_place(tmp_path: Path, wrong: str, line: int, said: str) -> None:
    (text,) = found(tmp_path, PLAIN + wrong)
    assert said in text
    assert f"template.yaml:{line}" in text if line else "template.yaml:" in text


def test_a_weight_above_the_maximum_is_told(tmp_path: Path) -> None:
    (text,) = found(tmp_path, MIXED.replace("WEIGHT", "9"))
    assert "one m5.large counts 9 units, more than the maximum of 8" in text


def test_a_warm_pool_with_mixed_instances_is_refused_by_aws(tmp_path: Path) -> None:
    (text,) = found(tmp_path, MIXED.replace("WEIGHT", "1") + POOL.replace("PREPARED", "8"))
    assert "simulated without pool" in text


def test_policies_that_may_remove_nothing_are_told(tmp_path: Path) -> None:
    policy = """
Night:
  Type: AWS::AutoScaling::ScheduledAction
  Properties: {AutoScalingGroupName: !Ref Web, DesiredCapacity: 2, Recurrence: "0 20 * * *"}
"""
    (text,) = found(tmp_path, PLAIN + "    NewInstancesProtectedFromScaleIn: true\n" + policy)
    assert "protected from scale-in" in text
