"""Load balancers as they are answered."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import elastic_load_balancing


def test_a_balancer_is_read_down_to_its_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        ec2, elb = client("ec2"), client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        balancer = elb.create_load_balancer(Name="b", Subnets=[subnet], Type="network")["LoadBalancers"][0]
        group = elb.create_target_group(Name="t", Protocol="TCP", Port=80, VpcId=vpc, TargetType="ip")
        own = group["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=own, Targets=[{"Id": "10.0.1.7"}])
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": own}],
        )  # fmt: skip

    things = found(monkeypatch, elastic_load_balancing, make)
    prefix = "AWS::ElasticLoadBalancingV2::"
    group = only(things, f"{prefix}TargetGroup")
    assert group.properties["Targets"] == ({"Id": "10.0.1.7"},)
    (action,) = only(things, f"{prefix}Listener").properties["DefaultActions"]  # type: ignore[misc]
    assert action["TargetGroupArn"] in group.identifiers  # type: ignore[index,call-overload]
    assert only(things, f"{prefix}LoadBalancer").properties["Type"] == "network"
