"""Groups as EC2 Auto Scaling answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import auto_scaling


def test_a_group_with_what_it_waits_for_and_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        groups, ec2 = client("autoscaling"), client("ec2")
        ec2.create_launch_template(
            LaunchTemplateName="template", LaunchTemplateData={"InstanceType": "m6g.large", "UserData": "aHVudGVyMg=="}
        )
        groups.create_auto_scaling_group(
            AutoScalingGroupName="web", MinSize=1, MaxSize=4, AvailabilityZones=["us-east-1a"],
            LaunchTemplate={"LaunchTemplateName": "template", "Version": "$Latest"},
        )  # fmt: skip
        groups.put_lifecycle_hook(
            LifecycleHookName="ready", AutoScalingGroupName="web", HeartbeatTimeout=120,
            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
        )  # fmt: skip
        groups.put_warm_pool(AutoScalingGroupName="web", MinSize=2, PoolState="Stopped")
        groups.put_scheduled_update_group_action(
            AutoScalingGroupName="web", ScheduledActionName="morning", Recurrence="0 7 * * *", MinSize=3
        )

    things = found(monkeypatch, auto_scaling, make)
    prefix = "AWS::AutoScaling::"
    assert only(things, f"{prefix}AutoScalingGroup").properties["MaxSize"] == 4
    assert only(things, f"{prefix}LifecycleHook").properties["HeartbeatTimeout"] == 120
    assert only(things, f"{prefix}WarmPool").properties["PoolState"] == "Stopped"
    assert only(things, f"{prefix}ScheduledAction").properties["Recurrence"] == "0 7 * * *"
    template = only(things, "AWS::EC2::LaunchTemplate").properties
    assert template == {"LaunchTemplateData": {"InstanceType": "m6g.large"}}
