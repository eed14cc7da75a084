"""API Gateway HTTP APIs: like REST APIs with less overhead, an integration time-out of 30 s and a lower price.

WebSocket APIs are not modelled: their load is connections and messages, not requests.

Sources: API Gateway developer guide, "Throttle requests to your HTTP APIs", "Amazon API Gateway quotas"; pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._api_gateway import BURST, RATE, THROTTLES, VARIATION, stages, throttle, throttle_knobs
from tonnage.services._edge_in_front import edge_in_front
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Reference, Resource, Stack, Text

KIND = "AWS::ApiGatewayV2::Api"
ALSO: tuple[str, ...] = ("AWS::Serverless::HttpApi",)
SPELLINGS = {"terraform": "aws_apigatewayv2_api", "boto3": "apigatewayv2:GetApis"}
TITLE = "HTTP API"
ENTRY = True
ROLE: Role = "api"
SETTINGS = THROTTLES
CHARACTERISTICS = (
    Characteristic(
        name="overhead",
        quantity=fact("apigateway.http_overhead_s").assumed(),
        meaning="Time a request spends in API Gateway: Latency minus IntegrationLatency.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()
_DEFAULTS = "DefaultRouteSettings"


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of an API with the default throttle of its first stage.

    Raises:
        TemplateError: A throttle is not a number.
    """
    if resource.get("ProtocolType") == "WEBSOCKET":
        return NotModelled(
            name=resource.name,
            kind=KIND,
            reason="a WebSocket API carries connections and messages, not requests",
            place=resource.place,
            matters=True,
        )
    gathered = Gathered()
    for holder in (*stages(resource, stack, "AWS::ApiGatewayV2::Stage", "ApiId"), resource):
        for name in (RATE, BURST):
            if name not in gathered.settings and holder.get(_DEFAULTS, name) is not None:
                gathered.number(name, holder, _DEFAULTS, name)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """A token bucket."""
    bucket = throttle(_ROOM, component, catalog)
    return Behaviour(
        primitives={f"{component.name}/throttle": bucket},
        limits={"timeout_s": fact("apigateway.http_timeout_s").value, "requests/s": bucket.rate_per_s},
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A token, or 429; then the overhead."""
    overhead_s = characteristic(_ROOM, component, "overhead").value
    return Steps(enter=(Take(f"{component.name}/throttle"), Wait(lognormal(overhead_s, VARIATION))))


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Requests at the first tier."""
    million = catalog.unit_price("apigateway", "http_first_300M")
    usd = usage.visits_per_s * 3600.0 / 1e6 * million.usd
    return Cost(
        usd_per_h=usd,
        items={"requests": usd},
        notes=("requests are priced at the first tier (300 million a month); data transfer is not counted",),
        sources=(source_of(million),),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Higher throttles, where the stage sets them; a distribution in front of it."""
    domain = Text((Reference(component.name), f".execute-api.{catalog.region}.amazonaws.com"))
    return (*throttle_knobs(component), *edge_in_front(component, situation, catalog, domain, own_host=True))


_ROOM = room_of(sys.modules[__name__])
