from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room
from tonnage.services import Situation, Usage, classic_load_balancer

RESOURCES = """
Web:
  Type: AWS::ElasticLoadBalancing::LoadBalancer
  Properties:
    ConnectionSettings: {IdleTimeout: "45"}
    Listeners: [{LoadBalancerPort: "80", InstancePort: "80", Protocol: HTTP}]
Plain:
  Type: AWS::ElasticLoadBalancing::LoadBalancer
  Properties:
    Listeners: [{LoadBalancerPort: "80", InstancePort: "80", Protocol: TCP}]
"""


def test_it_gives_up_after_its_idle_timeout(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    for name, timeout_s in (("Web", 45), ("Plain", 60)):
        component = gathered(classic_load_balancer, stack, name)
        holds_for_every_room(classic_load_balancer, component)
        assert classic_load_balancer.behaviour(component, CATALOG).limits == {"timeout_s": timeout_s}
        assert list(classic_load_balancer.knobs(component, Situation(), CATALOG)) == []


def test_price_is_the_hour_and_the_data(tmp_path: Path) -> None:
    component = gathered(classic_load_balancer, a_stack(tmp_path, RESOURCES), "Web")
    usage = Usage(visits_per_s=100.0, per_visit={"bytes": 10_000.0})
    # 100/s x 10 kB x 3,600 s = 3.6 GB/h at 0.008 USD.
    assert classic_load_balancer.price(component, usage, CATALOG).usd_per_h == pytest.approx(0.025 + 3.6 * 0.008)
