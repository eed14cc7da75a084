"""Target groups: the attributes that decide how requests are given out."""

from pathlib import Path

from services.gathering import a_stack
from tonnage.services._properties import Gathered
from tonnage.services._target_group import (
    ALGORITHM,
    DRAIN,
    RULES,
    SLOW_START,
    TARGET_GROUP_SETTINGS,
    gather_target_group,
)

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
    assert set(defaults) == {ALGORITHM, DRAIN, SLOW_START}
    assert str(defaults[ALGORITHM]) in RULES
