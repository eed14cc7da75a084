"""Classic Load Balancers as they are answered."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import classic_load_balancing


def test_a_balancer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        client("elb").create_load_balancer(
            LoadBalancerName="old",
            Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 8080}],
            AvailabilityZones=["us-east-1a"],
        )

    balancer = only(found(monkeypatch, classic_load_balancing, make), "AWS::ElasticLoadBalancing::LoadBalancer")
    assert balancer.properties["Listeners"] == ({"LoadBalancerPort": "80", "InstancePort": "8080", "Protocol": "HTTP"},)
    assert "DNSName" in balancer.identifiers.values()
