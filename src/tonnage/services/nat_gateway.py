"""NAT gateways: the hour, every gigabyte that passes, and the connections to one destination.

A call that leaves the VPC may name the gateway as what it goes through; what is below it is outside. Calls to AWS
services from private subnets pass it too, unless there is an endpoint: a check tells where one is missing.

Not modelled: packets a second, idle connections, the zone that it stands in.

Sources: Amazon VPC user guide, "NAT gateway basics", "Amazon VPC quotas"; pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Pool, lognormal
from tonnage.engine.program import Hold, Release, Take, Wait
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::EC2::NatGateway"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_nat_gateway", "boto3": "ec2:DescribeNatGateways"}
TITLE = "NAT gateway"
ENTRY = False
ROLE: Role = "network"
_ADDRESSES = "SecondaryPrivateIpAddressCount"

SETTINGS = (
    Setting(
        name=_ADDRESSES,
        unit="1",
        default=0,
        meaning="Addresses beside the first; each has connections of its own.",
        source="Amazon VPC user guide, NAT gateway basics",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="destinations",
        quantity=assumed(1.0, "1", "one address outside takes all calls", low=1.0, high=20.0),
        meaning="Addresses outside that connections spread over: the limit holds for each.",
    ),
)
DEMANDS = (
    Demand(
        name="bytes",
        quantity=assumed(20_000.0, "bytes", "a JSON answer of another API", low=1_000.0, high=1_000_000.0),
        meaning="Bytes of a call, both ways: BytesInFromDestination plus BytesOutToDestination over calls.",
    ),
)
_VARIATION = 0.5
_BITS = 8.0


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a gateway.

    Raises:
        TemplateError: The number of addresses is not a number.
    """
    gathered = Gathered()
    gathered.number(_ADDRESSES, resource)
    addresses = resource.get("SecondaryPrivateIpAddresses")
    if isinstance(addresses, tuple):
        gathered.settings[_ADDRESSES] = len(addresses)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Bytes that wait above its bandwidth, and connections that are refused above its ports."""
    name = component.name
    per_s = fact("nat.most_gbps").value * 1e9 / _BITS
    ports = fact("nat.connections_per_destination").value * (1.0 + number_of(_ROOM, component, _ADDRESSES))
    connections = int(ports * max(1.0, characteristic(_ROOM, component, "destinations").value))
    return Behaviour(
        primitives={
            f"{name}/bytes": Bucket(rate_per_s=per_s, capacity=per_s, when_empty="delay"),
            f"{name}/connections": Pool(
                capacity=connections, queue_limit=0, refusal="no free port (ErrorPortAllocation)"
            ),
        },
        limits={"connections": float(connections)},
        zone_loss_s=float("inf"),
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A connection, kept until the calls below are done."""
    size = demand(_ROOM, call, "bytes").value
    name = component.name
    return Steps(
        enter=(
            Hold(f"{name}/connections"),
            Take(f"{name}/bytes", size),
            Wait(lognormal(fact("nat.added_latency_s").value, _VARIATION)),
        ),
        leave=(Release(f"{name}/connections"),),
        usage={"bytes": size},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """The hour, and what passes."""
    hour, gb = catalog.unit_price("vpc", "nat_gateway"), catalog.unit_price("vpc", "nat_gateway_data")
    passed = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 / 1e9
    items = {"hours": hour.usd, "data": passed * gb.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("only data of calls that name the gateway is counted",),
        sources=(source_of(hour), source_of(gb)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More addresses where connections ran out."""
    now = int(number_of(_ROOM, component, _ADDRESSES))
    if "connections" in situation.pressures and _ADDRESSES in component.origins and now < _MOST_ADDRESSES:
        yield Change(
            component=component.name,
            setting=_ADDRESSES,
            before=component.settings.get(_ADDRESSES),
            after=min(_MOST_ADDRESSES, 2 * now + 1),
            because="every address has 55,000 connections to each destination",
        )


_MOST_ADDRESSES = 7
"""Beside the first (Amazon VPC user guide, NAT gateway basics: up to eight IPv4 addresses)."""

_ROOM = room_of(sys.modules[__name__])
