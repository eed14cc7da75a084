"""Cross-zone balancing: the guide's examples, and what is told of a group."""

from dataclasses import replace
from pathlib import Path

import pytest

from scaling.groups import a_group
from services.gathering import a_stack, gathered
from tonnage.advise.cross_zone import cross_zone_findings, shares
from tonnage.services import CROSS_ZONE, auto_scaling_group
from tonnage.workload import Component

NAME = "Web"


def test_two_and_eight_targets_as_documented() -> None:
    # E1: Elastic Load Balancing user guide, How Elastic Load Balancing works: 10 % each with cross-zone balancing; 25 %
    # and 6.25 % without.
    assert shares((2, 8), cross_zone=True) == pytest.approx((0.1, 0.1))
    assert shares((2, 8), cross_zone=False) == pytest.approx((0.25, 0.0625))


def test_a_zone_without_targets_is_out_of_dns() -> None:
    assert shares((0, 4), cross_zone=False) == pytest.approx((0.0, 0.25))
    assert shares((0, 4), cross_zone=True) == pytest.approx((0.0, 0.25))


@pytest.mark.parametrize(
    ("minimum", "maximum", "told"), [(3, 3, None), (3, 5, "of 5 instances in 3 zones"), (9, 10, None), (6, 8, "of 8")]
)
def test_the_worst_size_is_told(minimum: int, maximum: int, told: str | None) -> None:
    group = a_group(minimum=minimum, maximum=maximum, zones=3)
    kept = Component(name=NAME, kind=auto_scaling_group.KIND, settings={CROSS_ZONE: False})
    found = [finding.what for finding in cross_zone_findings(kept, group)]
    assert len(found) == (told is not None)
    assert all(told is not None and told in what for what in found)
    assert not list(cross_zone_findings(replace(kept, settings={CROSS_ZONE: True}), group))
    assert not list(cross_zone_findings(replace(kept, settings={}), group))


TEMPLATE = """
Launch:
  Type: AWS::EC2::LaunchTemplate
  Properties:
    LaunchTemplateData: {InstanceType: m6i.large}
Balancer:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties: {Type: network%s}
Targets:
  Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Properties: {Protocol: %s, Port: 80%s}
Web:
  Type: AWS::AutoScaling::AutoScalingGroup
  Properties:
    LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}
    MinSize: "3"
    MaxSize: "5"
    TargetGroupARNs: [!Ref Targets]
"""
ON = '{Key: load_balancing.cross_zone.enabled, Value: "true"}'
OFF = '{Key: load_balancing.cross_zone.enabled, Value: "false"}'


@pytest.mark.parametrize(
    ("balancer", "protocol", "targets", "expected"),
    [
        ("", "TCP", "", False),
        (f", LoadBalancerAttributes: [{ON}]", "TCP", "", True),
        (f", LoadBalancerAttributes: [{ON}]", "TCP", f", TargetGroupAttributes: [{OFF}]", False),
        ("", "HTTP", "", None),
        ("", "HTTP", f", TargetGroupAttributes: [{OFF}]", False),
    ],
)
def test_the_target_group_decides_and_else_the_load_balancer(
    tmp_path: Path, balancer: str, protocol: str, targets: str, expected: bool | None
) -> None:
    stack = a_stack(tmp_path, TEMPLATE % (balancer, protocol, targets))
    assert gathered(auto_scaling_group, stack, NAME).settings.get(CROSS_ZONE) is expected
