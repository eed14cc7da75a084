"""Application Auto Scaling of services as templates write it."""

from pathlib import Path

import pytest

from services.gathering import a_stack
from shared_data import shared
from tonnage.iac import read_template
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.services._properties import Gathered
from tonnage.services._service_scaling import service_policies
from tonnage.workload import ScalingPolicy

RESOURCES = """
Shop:
  Type: AWS::ECS::Service
  Properties:
    ServiceName: shop
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 2
    MaxCapacity: "8"
    ResourceId: {resource}
    ScalableDimension: ecs:service:DesiredCount
    ServiceNamespace: ecs
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 1500
      PredefinedMetricSpecification: {{ PredefinedMetricType: {metric} }}
"""


def found(
    tmp_path: Path, resource: str = '!Sub "service/main/${Shop.Name}"', metric: str = "ALBRequestCountPerTarget"
) -> tuple[tuple[ScalingPolicy, ...], Gathered]:
    stack, gathered = a_stack(tmp_path, RESOURCES.format(resource=resource, metric=metric)), Gathered()
    return service_policies(stack.resources["Shop"], stack, gathered), gathered


@pytest.mark.parametrize("resource", ['!Sub "service/main/${Shop.Name}"', "service/main/shop"])
def test_bounds_and_policies_of_the_service_are_found(tmp_path: Path, resource: str) -> None:
    (policy,), gathered = found(tmp_path, resource)
    assert gathered.settings == {"MinCapacity": 2, "MaxCapacity": 8}
    assert (
        describe(policy)
        == "service target tracking: requests per target at 1500 per minute, cooldown 300 s out, 300 s in"
    )


def test_another_services_are_not_its_own(tmp_path: Path) -> None:
    policies, gathered = found(tmp_path, "service/main/other")
    assert policies == ()
    assert gathered.settings == {}


def test_memory_is_said_not_to_be_simulated(tmp_path: Path) -> None:
    (policy,), _ = found(tmp_path, metric="ECSServiceAverageMemoryUtilization")
    assert "not simulated" in (unsupported(policy) or "")


def test_step_policies_of_a_real_template_have_their_alarms() -> None:
    file = shared("iac/cloudformation/fargate_service_dedicated_alb.yaml")
    stack = read_template(file, parameters={})
    policies = service_policies(stack.resources["Service"], stack, Gathered())
    assert {policy.mechanism for policy in policies} == {"step"}
    assert [unsupported(policy) for policy in policies] == [None, None]
    assert policies[0].settings["EstimatedInstanceWarmup"] == 300
    assert policies[0].settings["Alarm.Threshold"] == 60
