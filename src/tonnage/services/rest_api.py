"""API Gateway REST APIs: throttled per stage, an overhead for every request, an integration time-out of 29 s.

Not modelled: usage plans (they throttle single clients), the API cache, authorizers, canary stages.

Sources: API Gateway developer guide, "Throttle requests to your REST APIs", "Amazon API Gateway quotas"; API Gateway
pricing.
"""

import sys
from collections.abc import Iterable, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._api_gateway import BURST, RATE, THROTTLES, VARIATION, stages, throttle, throttle_knobs
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
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack

KIND = "AWS::ApiGateway::RestApi"
ALSO: tuple[str, ...] = ("AWS::Serverless::Api",)
SPELLINGS = {"terraform": "aws_api_gateway_rest_api", "boto3": "apigateway:GetRestApis"}
TITLE = "REST API"
ENTRY = True
ROLE: Role = "api"
SETTINGS = THROTTLES
CHARACTERISTICS = (
    Characteristic(
        name="overhead",
        quantity=fact("apigateway.rest_overhead_s").assumed(),
        meaning="Time a request spends in API Gateway: Latency minus IntegrationLatency.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of an API with the throttle of its first stage.

    Raises:
        TemplateError: A throttle is not a number.
    """
    gathered = Gathered()
    holders = [*stages(resource, stack, "AWS::ApiGateway::Stage", "RestApiId"), resource]
    for holder in holders:
        methods = holder.get("MethodSettings")
        for k, method in enumerate(methods if isinstance(methods, tuple) else ()):
            everything = isinstance(method, Mapping) and method.get("HttpMethod") == "*"
            if everything and isinstance(method, Mapping) and str(method.get("ResourcePath")) in {"/*", "/*/*"}:
                for name in (RATE, BURST):
                    if name in method and name not in gathered.settings:
                        gathered.number(name, holder, "MethodSettings", k, name)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """A token bucket."""
    bucket = throttle(_ROOM, component, catalog)
    return Behaviour(
        primitives={f"{component.name}/throttle": bucket},
        limits={"timeout_s": fact("apigateway.rest_timeout_s").value, "requests/s": bucket.rate_per_s},
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A token, or 429; then the overhead."""
    overhead_s = characteristic(_ROOM, component, "overhead").value
    return Steps(enter=(Take(f"{component.name}/throttle"), Wait(lognormal(overhead_s, VARIATION))))


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Requests at the first tier."""
    million = catalog.unit_price("apigateway", "rest_first_333M")
    usd = usage.visits_per_s * 3600.0 / 1e6 * million.usd
    return Cost(
        usd_per_h=usd,
        items={"requests": usd},
        notes=("requests are priced at the first tier (333 million a month); data transfer is not counted",),
        sources=(source_of(million),),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Higher throttles, where the stage sets them."""
    return throttle_knobs(component)


_ROOM = room_of(sys.modules[__name__])
