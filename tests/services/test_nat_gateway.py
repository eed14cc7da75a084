"""NAT gateways: ports by address, the worked example of the price, more addresses where ports ran out."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Pool
from tonnage.services import Situation, Usage, nat_gateway
from tonnage.workload import Component, declared

NAT = "Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1%s}}"


def gateway(tmp_path: Path, more: str = "") -> Component:
    return gathered(nat_gateway, a_stack(tmp_path, NAT % more), "Nat")


@pytest.mark.parametrize(("secondary", "connections"), [(0, 55_000), (7, 440_000)])
def test_every_address_has_55000_connections_to_a_destination(tmp_path: Path, secondary: int, connections: int) -> None:
    # Amazon VPC user guide, NAT gateway basics: up to eight addresses, 440,000 connections.
    component = gateway(tmp_path, f", SecondaryPrivateIpAddressCount: {secondary}")
    pool = nat_gateway.behaviour(component, CATALOG).primitives["Nat/connections"]
    assert isinstance(pool, Pool)
    assert pool.capacity == connections
    two = replace(component, characteristics={"destinations": declared(2.0, "1", "a test")})
    assert nat_gateway.behaviour(two, CATALOG).limits["connections"] == 2 * connections


def test_the_worked_example_of_the_price(tmp_path: Path) -> None:
    # 10 TB a month through a NAT gateway: 460.8 dollars of data and 32.85 of hours.
    per_h = 10_240e9 / 730
    usage = Usage(visits_per_s=per_h / 3600.0 / 20_000.0, per_visit={"bytes": 20_000.0})
    items = nat_gateway.price(gateway(tmp_path), usage, CATALOG).items
    assert items["data"] * 730 == pytest.approx(460.8)
    assert items["hours"] * 730 == pytest.approx(32.85)


def test_more_addresses_are_proposed_where_ports_ran_out(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, NAT % ", SecondaryPrivateIpAddressCount: 3")
    component = gathered(nat_gateway, stack, "Nat")
    found = writable(nat_gateway, stack, component, Situation(pressures=("connections",)))
    assert titles(found) == ["Nat SecondaryPrivateIpAddressCount 3 → 7"]
    assert writable(nat_gateway, stack, component, Situation()) == []
