from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room, refused, titles, writable
from tonnage.engine.program import Wait
from tonnage.services import GrowingCapacity, Situation, Usage, load_balancer
from tonnage.workload import Call, TemplateError, declared

RESOURCES = """
Web:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties:
    LoadBalancerAttributes:
      - {Key: access_logs.s3.enabled, Value: "false"}
      - {Key: idle_timeout.timeout_seconds, Value: "30"}
Tcp:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties: {Type: network}
Appliances:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties: {Type: gateway}
Reserved:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties:
    MinimumLoadBalancerCapacity: {CapacityUnits: 100}
"""


def test_an_application_load_balancer_gives_up_after_its_idle_timeout(tmp_path: Path) -> None:
    component = gathered(load_balancer, a_stack(tmp_path, RESOURCES), "Web")
    holds_for_every_room(load_balancer, component)
    assert load_balancer.behaviour(component, CATALOG).limits == {"timeout_s": 30}
    origin = component.origins["idle_timeout.timeout_seconds"]
    assert origin.path == ("LoadBalancerAttributes", 1, "Value")
    assert origin.place is not None
    assert list(load_balancer.knobs(component, Situation(), CATALOG)) == []


def test_a_network_load_balancer_is_faster_and_never_gives_up(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    network, application = (gathered(load_balancer, stack, name) for name in ("Tcp", "Web"))
    holds_for_every_room(load_balancer, network)
    assert load_balancer.behaviour(network, CATALOG).limits == {}
    waits = [load_balancer.visit(each, Call(component=each.name), CATALOG).enter for each in (network, application)]
    fast, slow = (step.time.mean_s for steps in waits for step in steps if isinstance(step, Wait))
    assert fast < slow / 5


def test_a_gateway_load_balancer_is_not_modelled(tmp_path: Path) -> None:
    refusal = refused(load_balancer, a_stack(tmp_path, RESOURCES), "Appliances")
    assert "gateway" in refusal.reason
    assert refusal.matters


def test_price_of_an_hour_is_the_documented_example(tmp_path: Path) -> None:
    # 40 new connections/s, 500 requests/s of 3 kB (5.4 GB/h): 5.4 LCU, 0.0225 + 5.4 x 0.008 USD.
    component = gathered(load_balancer, a_stack(tmp_path, RESOURCES), "Web")
    usage = Usage(visits_per_s=500.0, per_visit={"bytes": 3000.0, "new_connections": 40.0 / 500.0})
    assert load_balancer.price(component, usage, CATALOG).usd_per_h == pytest.approx(0.0657)
    usage = Usage(visits_per_s=500.0, per_visit={"bytes": 300.0, "new_connections": 0.5})
    assert load_balancer.price(component, usage, CATALOG).usd_per_h == pytest.approx(0.0225 + 10 * 0.008)


def test_reserved_capacity_is_paid_when_idle(tmp_path: Path) -> None:
    component = gathered(load_balancer, a_stack(tmp_path, RESOURCES), "Reserved")
    assert load_balancer.price(component, Usage(visits_per_s=0.0), CATALOG).usd_per_h == pytest.approx(0.8225)


def test_an_own_latency_is_used(tmp_path: Path) -> None:
    component = gathered(load_balancer, a_stack(tmp_path, RESOURCES), "Tcp")
    component = replace(component, characteristics={"added_latency": declared(0.003, "s", "access log")})
    (step,) = load_balancer.visit(component, Call(component="Tcp"), CATALOG).enter
    assert isinstance(step, Wait)
    assert step.time.mean_s == 0.003


def test_a_timeout_that_is_no_number_is_refused_at_its_place(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.replace('"30"', "soon"))
    with pytest.raises(TemplateError, match=r"template.yaml:\d+.*'soon'"):
        load_balancer.gather(stack.resources["Web"], stack)


def test_what_it_always_carries_is_what_the_smallest_reservation_buys(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    web = gathered(load_balancer, stack, "Web")
    # 100 units of 1 GB an hour, 10 kB a request.
    (growing,) = load_balancer.behaviour(web, CATALOG).controls
    assert isinstance(growing, GrowingCapacity)
    assert growing.floor_per_s == pytest.approx(100e9 / 10_000 / 3600)
    more = replace(web, settings={"MinimumLoadBalancerCapacity.CapacityUnits": 400.0})
    (reserved,) = load_balancer.behaviour(more, CATALOG).controls
    assert isinstance(reserved, GrowingCapacity)
    assert reserved.floor_per_s == pytest.approx(4.0 * growing.floor_per_s)
    assert load_balancer.behaviour(gathered(load_balancer, stack, "Tcp"), CATALOG).controls == ()


def test_a_reservation_for_the_peak_is_proposed_where_it_refuses(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    refusing = Situation(pressures=("throttle",), peak_visits_per_s=10_000.0)
    found = titles(writable(load_balancer, stack, gathered(load_balancer, stack, "Web"), refusing))
    assert found == ["Web MinimumLoadBalancerCapacity.CapacityUnits (unset) → 396"]
    found = titles(writable(load_balancer, stack, gathered(load_balancer, stack, "Reserved"), refusing))
    assert found == ["Reserved MinimumLoadBalancerCapacity.CapacityUnits 100 → 396"]
    assert writable(load_balancer, stack, gathered(load_balancer, stack, "Tcp"), refusing) == []


def test_the_largest_dimension_counts(tmp_path: Path) -> None:
    # E3: Elastic Load Balancing pricing: 167 new connections a second are 6.68 LCU.
    component = gathered(load_balancer, a_stack(tmp_path, RESOURCES), "Web")
    usage = Usage(visits_per_s=167.0, per_visit={"bytes": 100.0, "new_connections": 1.0})
    per_unit = CATALOG.unit_price("alb", "lcu").usd
    assert load_balancer.price(component, usage, CATALOG).items["LCUs"] == pytest.approx(6.68 * per_unit)
