"""Application and Network Load Balancers: a little latency for every request, and a price by the hour and by use.

An Application Load Balancer scales by itself, and AWS gives no contract on how fast: it is assumed to carry always what
the smallest reservation buys (100 LCU), to keep twice the latest minute's requests, to double within five minutes and
to give back within hours; what comes sooner is refused with a 503. A Network Load Balancer is given no limit. A Gateway
Load Balancer serves appliances, not requests, and is not modelled.

Sources: Elastic Load Balancing user guides for Application and Network Load Balancers; Elastic Load Balancing pricing
(an LCU is 25 new connections per second, 3,000 active ones or 1 GB per hour, whichever is most; an NLCU 800 new flows
per second or 1 GB per hour).
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._edge_in_front import edge_in_front
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    GrowingCapacity,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._kubernetes import INGRESS, SERVICE, annotation, attributes
from tonnage.services._load_balancer import GB, NEW_CONNECTIONS, RESPONSE_SIZE
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, attribute_path, number_in, number_of, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Reference, Resource, Stack, Value, assumed

KIND = "AWS::ElasticLoadBalancingV2::LoadBalancer"
ALSO = (INGRESS, SERVICE)
SPELLINGS = {"terraform": "aws_lb", "boto3": "elbv2:DescribeLoadBalancers"}
TITLE = "Load balancer"
ENTRY = True
ROLE: Role = "balancer"

_IDLE_TIMEOUT = "idle_timeout.timeout_seconds"
_RESERVED = "MinimumLoadBalancerCapacity.CapacityUnits"

SETTINGS = (
    Setting(
        name="Type",
        unit="",
        default="application",
        meaning="application (HTTP) or network (TCP); a gateway load balancer is not modelled.",
        source="CloudFormation, AWS::ElasticLoadBalancingV2::LoadBalancer",
    ),
    Setting(
        name=_IDLE_TIMEOUT,
        unit="s",
        default=60,
        meaning="An Application Load Balancer answers 504 when the target has sent nothing for so long.",
        source="User Guide for Application Load Balancers, load balancer attributes",
    ),
    Setting(
        name=_RESERVED,
        unit="LCU",
        default=0,
        meaning="Capacity units reserved for sudden load; paid whether used or not.",
        source="User Guide for Application Load Balancers, capacity reservations",
    ),
)

_LATENCY_S = fact("alb.latency_s").assumed()
_NETWORK_LATENCY_S = assumed(
    0.0001,
    "s",
    "AWS publishes no figure for a Network Load Balancer; about 100 microseconds are measured",
    low=0.00005,
    high=0.0005,
)

CHARACTERISTICS = (
    Characteristic(
        name="added_latency",
        quantity=_LATENCY_S,
        meaning="Mean time a request spends in the load balancer: request_processing_time plus "
        "response_processing_time of its access log.",
    ),
    NEW_CONNECTIONS,
    RESPONSE_SIZE,
    Characteristic(
        name="base_capacity",
        quantity=fact("alb.base_lcu").assumed(),
        meaning="Capacity units that an Application Load Balancer always has: a rush after a quiet day without any 503 "
        "bounds it from below.",
    ),
    Characteristic(
        name="doubling_time",
        quantity=fact("alb.doubling_s").assumed(),
        meaning="How long an Application Load Balancer takes to grow to twice its size. Load test it, or reserve.",
    ),
)
DEMANDS = ()

_HEADROOM = 2.0
"""Capacity over the latest minute's requests, once grown: AWS asks for reservations for "sudden" multiples only."""
_HALVING_S = 3.0 * 3600.0
"""How long capacity that is not needed takes to halve: assumed, so that yesterday's peak is nearly forgotten."""

_VARIATION = 0.5
_NLCU_NEW_FLOWS_PER_S = 800.0
"""New TCP flows per second in one NLCU (Elastic Load Balancing pricing)."""
_SPARE = 1.1
"""Reserved over the peak that was seen."""
_LEFT_OUT = "connections open for over two minutes, rules beyond ten and data transfer to the internet are not counted"


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a load balancer; listeners and target groups belong to the wiring.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    if resource.kind in {INGRESS, SERVICE}:
        return _of_manifest(resource)
    gathered = Gathered()
    kind = gathered.text("Type", resource) or "application"
    if kind not in {"application", "network"}:
        return NotModelled(
            name=resource.name,
            kind=KIND,
            reason=f"a load balancer of type {kind} passes packets through appliances, which the files do not describe",
            place=resource.place_of("Type"),
            matters=True,
        )
    path = attribute_path(resource, "LoadBalancerAttributes", _IDLE_TIMEOUT)
    if path is not None:
        gathered.number(_IDLE_TIMEOUT, resource, *path)
    gathered.number(_RESERVED, resource, *_RESERVED.split("."))
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        characteristics={"added_latency": _NETWORK_LATENCY_S} if kind == "network" else {},
        place=resource.place,
    )


def _of_manifest(resource: Resource) -> Component | NotModelled:
    """The load balancer that the AWS Load Balancer Controller makes of an Ingress, or of a Service of that type."""
    if resource.kind == SERVICE and resource.get("spec", "type") != "LoadBalancer":
        reason = "carries no requests by itself (calls inside the cluster go from pod to pod)"
        return NotModelled(name=resource.name, kind=resource.kind, reason=reason, place=resource.place)
    settings: dict[str, Value] = {"Type": "network" if resource.kind == SERVICE else "application"}
    given = attributes(annotation(resource, "alb.ingress.kubernetes.io/load-balancer-attributes"))
    if (timeout_s := number_in(given.get(_IDLE_TIMEOUT))) is not None:
        settings[_IDLE_TIMEOUT] = timeout_s
    return Component(
        name=resource.name,
        kind=KIND,
        settings=settings,
        characteristics={"added_latency": _NETWORK_LATENCY_S} if resource.kind == SERVICE else {},
        place=resource.place,
    )


def _units_per_request(component: Component) -> float:
    """Capacity units that one request a second takes: its connections or its bytes, whichever is more."""
    connections = characteristic(_ROOM, component, "new_connections_per_request").value
    gb_per_h = characteristic(_ROOM, component, "response_size").value * 3600.0 / GB
    return max(
        connections / fact("alb.lcu_new_connections_per_s").value, gb_per_h / fact("alb.lcu_gb_per_h").value, 1e-12
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """What an Application Load Balancer lets through, growing; it gives up on a target after its idle timeout."""
    if setting(_ROOM, component, "Type") == "network":
        return Behaviour(primitives={})
    units = max(characteristic(_ROOM, component, "base_capacity").value, number_of(_ROOM, component, _RESERVED))
    floor_per_s = units / _units_per_request(component)
    name = f"{component.name}/capacity"
    growing = GrowingCapacity(
        bucket=name,
        floor_per_s=floor_per_s,
        headroom=_HEADROOM,
        doubling_s=characteristic(_ROOM, component, "doubling_time").value,
        halving_s=_HALVING_S,
    )
    return Behaviour(
        primitives={
            name: Bucket(rate_per_s=floor_per_s, capacity=floor_per_s, refusal="503 while the load balancer grows")
        },
        controls=(growing,),
        limits={"timeout_s": number_of(_ROOM, component, _IDLE_TIMEOUT)},
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Its own latency; uses ``bytes`` and ``new_connections``."""
    latency_s = characteristic(_ROOM, component, "added_latency").value
    network = setting(_ROOM, component, "Type") == "network"
    return Steps(
        enter=(*(() if network else (Take(f"{component.name}/capacity"),)), Wait(lognormal(latency_s, _VARIATION))),
        usage={
            "bytes": characteristic(_ROOM, component, "response_size").value,
            "new_connections": characteristic(_ROOM, component, "new_connections_per_request").value,
        },
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """The hour, and capacity units by their largest dimension or as reserved, whichever is more."""
    network = setting(_ROOM, component, "Type") == "network"
    service, unit = ("nlb", "nlcu") if network else ("alb", "lcu")
    new_per_unit = _NLCU_NEW_FLOWS_PER_S if network else fact("alb.lcu_new_connections_per_s").value
    hour, per_unit = catalog.unit_price(service, "hour"), catalog.unit_price(service, unit)
    new_per_s = usage.visits_per_s * usage.per_visit.get("new_connections", 0.0)
    gb_per_h = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 / GB
    units = max(
        new_per_s / new_per_unit, gb_per_h / fact("alb.lcu_gb_per_h").value, number_of(_ROOM, component, _RESERVED)
    )
    items = {"load balancer hours": hour.usd, f"{unit.upper()}s": units * per_unit.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=(f"{unit.upper()}s are estimated from assumed bytes and connections per request; {_LEFT_OUT}",),
        sources=(source_of(hour), source_of(per_unit)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """A distribution in front of it; a reservation for the peak, where the load balancer refuses while it grows."""
    if component.kind == KIND and setting(_ROOM, component, "Type") == "application" and component.origins:
        yield from edge_in_front(component, situation, catalog, Reference(component.name, "DNSName"), own_host=False)
    if "throttle" not in situation.pressures or setting(_ROOM, component, "Type") == "network":
        return
    least = fact("alb.least_reservation_lcu").value
    units = max(least, math.ceil(_SPARE * situation.peak_visits_per_s * _units_per_request(component)))
    before = component.settings.get(_RESERVED)
    if not isinstance(before, int | float) or units > before:
        yield Change(
            component=component.name,
            setting=_RESERVED,
            before=before,
            after=int(units),
            because="the load balancer has the peak's capacity before it comes",
            caveat="a reservation takes minutes to hours, can be lowered twice a day and is paid all the time",
        )


_ROOM = room_of(sys.modules[__name__])
