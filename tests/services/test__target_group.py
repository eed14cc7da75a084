"""Target groups: the attributes that decide how requests are given out."""

from pathlib import Path

from services.gathering import a_stack
from tonnage.services import ecs_service
from tonnage.services._properties import Gathered
from tonnage.services._target_group import (
    ALGORITHM,
    CROSS_ZONE,
    DRAIN,
    HEALTHY_AFTER,
    INTERVAL,
    RULES,
    SLOW_START,
    TARGET_GROUP_SETTINGS,
    UNHEALTHY_AFTER,
    found_out_s,
    gather_target_group,
    taken_in_s,
)
from tonnage.workload import Component

RESOURCES = """
Targets:
  Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Properties:
    TargetGroupAttributes:
      - { Key: load_balancing.algorithm.type, Value: least_outstanding_requests }
      - { Key: deregistration_delay.timeout_seconds, Value: "20" }
      - { Key: stickiness.enabled, Value: "true" }
Service:
  Type: AWS::ECS::Service
  Properties:
    LoadBalancers:
      - { TargetGroupArn: !Ref Targets }
"""


def test_attributes_are_taken_with_their_place(tmp_path: Path) -> None:
    stack, gathered = a_stack(tmp_path, RESOURCES), Gathered()
    assert gather_target_group(gathered, stack.resources["Service"].get("LoadBalancers"), stack)
    assert gathered.settings == {ALGORITHM: "least_outstanding_requests", DRAIN: 20}
    assert {origin.resource for origin in gathered.origins.values()} == {"Targets"}


def test_where_there_is_no_target_group_nothing_is_taken(tmp_path: Path) -> None:
    gathered = Gathered()
    assert not gather_target_group(gathered, None, a_stack(tmp_path, RESOURCES))
    assert gathered.settings == {}


def test_every_algorithm_is_a_rule_of_the_engine() -> None:
    defaults = {item.name: item.default for item in TARGET_GROUP_SETTINGS}
    assert set(defaults) == {ALGORITHM, DRAIN, SLOW_START, CROSS_ZONE, INTERVAL, UNHEALTHY_AFTER, HEALTHY_AFTER}
    assert str(defaults[ALGORITHM]) in RULES


def test_health_checks_decide_how_soon_a_target_is_missed(tmp_path: Path) -> None:
    checked = RESOURCES.replace(
        "TargetGroupAttributes:",
        "HealthCheckIntervalSeconds: 10\n    UnhealthyThresholdCount: 3\n    TargetGroupAttributes:",
    )
    stack, gathered = a_stack(tmp_path, checked), Gathered()
    assert gather_target_group(gathered, stack.resources["Service"].get("LoadBalancers"), stack)
    service = Component(name="Service", kind=ecs_service.KIND, settings=gathered.settings, place=None)
    assert found_out_s(ecs_service, service) == 30.0
    assert taken_in_s(ecs_service, service) == 50.0
    usual = Component(name="Service", kind=ecs_service.KIND, settings={}, place=None)
    assert (found_out_s(ecs_service, usual), taken_in_s(ecs_service, usual)) == (60.0, 150.0)
