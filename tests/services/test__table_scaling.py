"""Application Auto Scaling of tables as templates write it."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from shared_data import shared
from tonnage.iac import read_template
from tonnage.services import TableScaling, Usage, dynamodb_table
from tonnage.services._table_scaling import table_policies
from tonnage.workload import Component, WorkloadError

RESOURCES = """
Orders:
  Type: AWS::DynamoDB::Table
  Properties:
    TableName: orders
    ProvisionedThroughput: {{ ReadCapacityUnits: 50, WriteCapacityUnits: 20 }}
    GlobalSecondaryIndexes:
      - IndexName: By
        ProvisionedThroughput: {{ ReadCapacityUnits: 5, WriteCapacityUnits: 10 }}
Reads:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 10
    MaxCapacity: {most}
    ResourceId: {resource}
    ScalableDimension: dynamodb:table:ReadCapacityUnits
    ServiceNamespace: dynamodb
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyName: follow
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Reads
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: {target}
      ScaleInCooldown: 60
      DisableScaleIn: true
      PredefinedMetricSpecification: {{ PredefinedMetricType: DynamoDBReadCapacityUtilization }}
"""


def orders(
    tmp_path: Path, resource: str = '!Sub "table/${Orders}"', target: str = "70", most: str = "500"
) -> Component:
    text = RESOURCES.format(resource=resource, target=target, most=most)
    return gathered(dynamodb_table, a_stack(tmp_path, text), "Orders")


def scalings(component: Component) -> list[TableScaling]:
    controls = dynamodb_table.behaviour(component, CATALOG).controls
    return [control for control in controls if isinstance(control, TableScaling)]


@pytest.mark.parametrize("resource", ['!Sub "table/${Orders}"', '!Join ["/", [table, !Ref Orders]]', "table/orders"])
def test_a_policy_finds_its_table_however_it_is_named(tmp_path: Path, resource: str) -> None:
    component = orders(tmp_path, resource)
    (found,) = scalings(component)
    assert (found.bucket, found.start, found.minimum, found.maximum) == ("Orders/reads", 50, 10.0, 500.0)
    assert (found.target, found.out_cooldown_s, found.in_cooldown_s, found.scale_in) == (0.7, 0.0, 60.0, False)
    assert found.delay_s == 180.0
    (policy,) = component.policies
    assert policy.name == "Follow"
    assert {origin.resource for origin in policy.origins.values()} == {"Reads", "Follow"}


def test_another_tables_policy_is_not_its_own(tmp_path: Path) -> None:
    assert orders(tmp_path, "table/customers").policies == ()


def test_writes_of_an_index_are_scaled_apart(tmp_path: Path) -> None:
    text = RESOURCES.format(resource='!Sub "table/${Orders}/index/By"', target="50", most="500")
    text = text.replace("dynamodb:table:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits")
    component = gathered(dynamodb_table, a_stack(tmp_path, text), "Orders")
    (found,) = scalings(component)
    assert (found.bucket, found.start) == ("Orders/index writes", 10)


def test_what_is_provisioned_on_average_is_paid(tmp_path: Path) -> None:
    component = orders(tmp_path)
    as_written = dynamodb_table.price(component, Usage(visits_per_s=1.0), CATALOG)
    scaled = dynamodb_table.price(component, Usage(visits_per_s=1.0, provisioned={"reads": 25.0}), CATALOG)
    assert scaled.items["read capacity"] == pytest.approx(as_written.items["read capacity"] / 2.0)
    assert scaled.items["write capacity"] == as_written.items["write capacity"]


@pytest.mark.parametrize(("target", "most"), [("95", "500"), ("10", "500"), ("70", "5")])
def test_what_aws_would_refuse_is_refused_at_its_place(tmp_path: Path, target: str, most: str) -> None:
    component = orders(tmp_path, target=target, most=most)
    with pytest.raises(WorkloadError, match=r"template.yaml:\d+.*Follow") as caught:
        dynamodb_table.behaviour(component, CATALOG)
    assert caught.value.remedy


def test_a_real_template() -> None:
    stack = read_template(shared("iac/cloudformation/dynamodb_autoscaling_alarms.yaml"), parameters={})
    tables = [resource for resource in stack.resources.values() if resource.kind == "AWS::DynamoDB::Table"]
    found = [policy for table in tables for policy in table_policies(table, stack)]
    assert {policy.settings["Part"] for policy in found} == {"reads", "writes"}
