"""Scalable targets: whose they are, their schedules, and what is suspended."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.services import ScalingGroup, TableScaling, dynamodb_table
from tonnage.services._properties import Gathered
from tonnage.services._scalable_target import is_of, last_word
from tonnage.services._service_scaling import service_policies
from tonnage.workload import Place, Resource, ScalingPolicy

RESOURCES = """
Shop:
  Type: AWS::ECS::Service
  Properties: {{ ServiceName: shop }}
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 2
    MaxCapacity: 8
    ResourceId: service/main/shop
    ScalableDimension: ecs:service:DesiredCount
    SuspendedState: {suspended}
    ScheduledActions:
      - ScheduledActionName: morning
        Schedule: cron(0 7 ? * MON-FRI *)
        Timezone: Europe/Berlin
        ScalableTargetAction: {{ MinCapacity: "6", MaxCapacity: 20 }}
      - Schedule: at(2026-12-24T18:00:00)
        ScalableTargetAction: {{ MaxCapacity: 3 }}
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 60
      PredefinedMetricSpecification: {{ PredefinedMetricType: ECSServiceAverageCPUUtilization }}
Jump:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: StepScaling
    ScalingTargetId: !Ref Target
    StepScalingPolicyConfiguration:
      AdjustmentType: ChangeInCapacity
      StepAdjustments:
        - {{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }}
High:
  Type: AWS::CloudWatch::Alarm
  Properties:
    AlarmActions: [!Ref Jump]
    MetricName: CPUUtilization
    Namespace: AWS/ECS
    Statistic: Average
    Period: 60
    EvaluationPeriods: 2
    Threshold: 80
    ComparisonOperator: GreaterThanThreshold
    Dimensions: [{{ Name: ServiceName, Value: shop }}, {{ Name: ClusterName, Value: main }}]
"""


def found(tmp_path: Path, **suspended: bool) -> tuple[ScalingPolicy, ...]:
    text = RESOURCES.format(suspended=str({f"{name}Suspended": each for name, each in suspended.items()}))
    stack = a_stack(tmp_path, text.replace("True", "true").replace("'", '"'))
    return service_policies(stack.resources["Shop"], stack, Gathered())


def run(policies: tuple[ScalingPolicy, ...]) -> dict[str, bool]:
    return {policy.name: unsupported(policy) is None for policy in policies}


def test_scheduled_actions_are_policies_with_their_places(tmp_path: Path) -> None:
    follow, jump, morning, later = found(tmp_path)
    assert run((follow, jump, morning, later)) == {"Follow": True, "Jump": True, "morning": True, "Target 2": True}
    assert describe(morning) == "scheduled: cron(0 7 ? * MON-FRI *) (Europe/Berlin): minimum 6, maximum 20"
    origin = morning.origins["MinCapacity"]
    assert (origin.resource, origin.path) == ("Target", ("ScheduledActions", 0, "ScalableTargetAction", "MinCapacity"))
    assert origin.place is not None


def test_each_kind_of_scaling_is_suspended_apart(tmp_path: Path) -> None:
    follow, jump, *schedule = found(tmp_path, ScheduledScaling=True)
    assert run((follow, jump, *schedule)) == {"Follow": True, "Jump": True, "morning": False, "Target 2": False}
    follow, jump, *schedule = found(tmp_path, DynamicScalingOut=True)
    assert run((follow, jump, *schedule)) == {"Follow": True, "Jump": False, "morning": True, "Target 2": True}
    assert describe(follow).endswith("scaling out is suspended")
    follow, jump, *_ = found(tmp_path, DynamicScalingIn=True)
    assert run((follow, jump)) == {"Follow": True, "Jump": True}
    assert describe(follow).endswith("never scales in")
    follow, jump, *_ = found(tmp_path, DynamicScalingIn=True, DynamicScalingOut=True)
    assert run((follow, jump)) == {"Follow": False, "Jump": False}
    assert "SuspendedState" in describe(follow)


@pytest.mark.parametrize(
    ("resource_id", "properties", "mine"),
    [
        ("service/shop/api", {"N": "api"}, True),
        ("service/shop/api", {"N": "shop"}, False),
        ("table/shop/index/api", {"N": "shop"}, True),
        ("table/shop/index/api", {"N": "api"}, False),
        ("function:shop:live", {"N": "shop"}, True),
        ("cluster:shop", {"N": "shop"}, True),
        ("shop", {"N": "shop"}, False),
    ],
)
def test_a_resource_id_names_its_resource(resource_id: str, properties: Mapping[str, str], mine: bool) -> None:
    owner = Resource(name="Shop", kind="AWS::X::Y", properties=properties, place=Place(file="t.yaml", line=1))
    assert is_of(resource_id, owner, "N") is mine


def test_the_last_word_of_a_resource_id() -> None:
    assert last_word("function:shop:live") == "live"
    assert last_word(None) is None


TABLE = """
Orders:
  Type: AWS::DynamoDB::Table
  Properties:
    ProvisionedThroughput: { ReadCapacityUnits: 50, WriteCapacityUnits: 20 }
Reads:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 10
    MaxCapacity: 100
    ResourceId: !Sub "table/${Orders}"
    ScalableDimension: dynamodb:table:ReadCapacityUnits
    SuspendedState: { DynamicScalingOutSuspended: true }
    ScheduledActions:
      - Schedule: cron(0 7 * * ? *)
        ScalableTargetAction: { MinCapacity: 80 }
"""


def test_a_table_may_be_scaled_by_its_schedule_alone(tmp_path: Path) -> None:
    component = gathered(dynamodb_table, a_stack(tmp_path, TABLE), "Orders")
    (control,) = dynamodb_table.behaviour(component, CATALOG).controls
    assert isinstance(control, TableScaling)
    assert (control.minimum, control.maximum, control.scale_in, control.scale_out) == (10, 100, False, False)
    assert [policy.settings["MinCapacity"] for policy in control.schedule] == [80]
    assert not isinstance(control, ScalingGroup)
