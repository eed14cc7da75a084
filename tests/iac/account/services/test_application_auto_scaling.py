"""Targets, policies and schedules as Application Auto Scaling answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import application_auto_scaling


def test_a_table_that_scales_by_use_and_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
    }

    def make(client: Callable[[str], Any]) -> None:
        scaling = client("application-autoscaling")
        client("dynamodb").create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        scaling.register_scalable_target(**target, MinCapacity=5, MaxCapacity=50)
        scaling.put_scaling_policy(
            **target,
            PolicyName="writes",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0},
        )
        scaling.put_scheduled_action(
            **target, ScheduledActionName="morning", Schedule="cron(0 7 * * ? *)",
            ScalableTargetAction={"MinCapacity": 20},
        )  # fmt: skip

    things = found(monkeypatch, application_auto_scaling, make)
    scalable = only(things, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert (scalable.properties["MinCapacity"], scalable.properties["MaxCapacity"]) == (5, 50)
    (schedule,) = scalable.properties["ScheduledActions"]  # type: ignore[misc]
    assert schedule["Schedule"] == "cron(0 7 * * ? *)"  # type: ignore[index,call-overload]
    assert list(scalable.identifiers) == ["table/orders|dynamodb:table:WriteCapacityUnits|dynamodb"]
    policy = only(things, "AWS::ApplicationAutoScaling::ScalingPolicy").properties
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {"TargetValue": 70.0}
