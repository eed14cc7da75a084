"""Classic Load Balancers: a little latency for every request, and a price by the hour and by the GB.

It scales by itself and is given no limit here; AWS gives no contract on how fast it scales.
Sources: User Guide for Classic Load Balancers; Elastic Load Balancing pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import lognormal
from tonnage.engine.program import Wait
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._load_balancer import GB, RESPONSE_SIZE
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack

KIND = "AWS::ElasticLoadBalancing::LoadBalancer"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_elb", "boto3": "elb:DescribeLoadBalancers"}
TITLE = "Classic Load Balancer"
ENTRY = True
ROLE: Role = "balancer"

_IDLE_TIMEOUT = "ConnectionSettings.IdleTimeout"

SETTINGS = (
    Setting(
        name=_IDLE_TIMEOUT,
        unit="s",
        default=60,
        meaning="The load balancer answers 504 when the instance has sent nothing for so long.",
        source="User Guide for Classic Load Balancers, idle connection timeout",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="added_latency",
        quantity=fact("alb.latency_s").assumed(),
        meaning="Mean time a request spends in the load balancer: request_processing_time plus "
        "response_processing_time of its access log.",
    ),
    RESPONSE_SIZE,
)
DEMANDS = ()

_VARIATION = 0.5


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a load balancer.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    gathered = Gathered()
    gathered.number(_IDLE_TIMEOUT, resource, *_IDLE_TIMEOUT.split("."))
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """No primitive: it queues nothing, and gives up after its idle timeout."""
    return Behaviour(primitives={}, limits={"timeout_s": number_of(_ROOM, component, _IDLE_TIMEOUT)})


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Its own latency; uses ``bytes``."""
    return Steps(
        enter=(Wait(lognormal(characteristic(_ROOM, component, "added_latency").value, _VARIATION)),),
        usage={"bytes": characteristic(_ROOM, component, "response_size").value},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """The hour, and the data that it processes."""
    hour, data = catalog.unit_price("clb", "hour"), catalog.unit_price("clb", "data")
    gb_per_h = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 / GB
    items = {"load balancer hours": hour.usd, "data processed": gb_per_h * data.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=(
            "data processed is estimated from assumed bytes per request; data transfer to the internet is not counted",
        ),
        sources=(source_of(hour), source_of(data)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: nothing of a load balancer's own limits what it carries."""
    return ()


_ROOM = room_of(sys.modules[__name__])
