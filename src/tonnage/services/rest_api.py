"""API Gateway REST APIs: throttled by stage, method and usage plan, a cache where the stage has one.

A request takes a token of its usage plan, of its method and of its stage, in that order, and is refused with 429 where
one has none. With a cache, a GET under a method that caches is looked up; what is not found, and every other method,
goes to the integration, which must answer within 29 s. With ``objects`` the hits come out of their popularity, the TTL
and the traffic, else ``hit_ratio`` is found. A usage plan throttles each API key by itself: ``api_keys`` clients with
equal shares are taken to have their throttles together.

Not modelled: how many answers fit into the cache, authorizers, canary stages, quotas of usage plans (they are named
as limits).

Sources: API Gateway developer guide, "Throttle requests to your REST APIs", "Cache settings for REST APIs", "Amazon
API Gateway quotas"; API Gateway pricing.
"""

import sys
from collections.abc import Iterable, Iterator

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Cache, Primitive, lognormal
from tonnage.engine.program import Lookup, Step, Take, Wait
from tonnage.services._api_gateway import (
    BURST,
    CACHE,
    RATE,
    THROTTLES,
    VARIATION,
    stages,
    throttle,
    throttle_knobs,
)
from tonnage.services._edge_cache import method_and_path
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
)
from tonnage.services._method_settings import (
    METHODS,
    MethodSetting,
    fitting,
    method_settings,
    read_method_settings,
    written,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_in, number_of, referred, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Origin,
    Resource,
    Stack,
    TemplateError,
    Value,
    assumed,
)

KIND = "AWS::ApiGateway::RestApi"
ALSO: tuple[str, ...] = ("AWS::Serverless::Api",)
SPELLINGS = {"terraform": "aws_api_gateway_rest_api", "boto3": "apigateway:GetRestApis"}
TITLE = "REST API"
ENTRY = True
ROLE: Role = "api"

_GUIDE = "API Gateway developer guide"
_SIZE, _CACHING, _TTL = "CacheClusterSize", "CachingEnabled", "CacheTtlInSeconds"
_PLAN_RATE, _PLAN_BURST, _PLAN_QUOTA = "UsagePlan.RateLimit", "UsagePlan.BurstLimit", "UsagePlan.QuotaLimit"
_SIZES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")

SETTINGS = (
    *THROTTLES,
    Setting(
        name=METHODS,
        unit="",
        default=(),
        meaning="Throttles and caching of single methods and paths.",
        source=f"{_GUIDE}, set up a stage",
    ),
    Setting(
        name=CACHE,
        unit="",
        default=False,
        meaning="Whether the stage has a cache.",
        source=f"{_GUIDE}, cache settings for REST APIs",
    ),
    Setting(
        name=_SIZE,
        unit="GB",
        default="0.5",
        meaning=f"Its size: {', '.join(_SIZES)}.",
        source=f"{_GUIDE}, cache settings for REST APIs",
    ),
    Setting(
        name=_CACHING,
        unit="",
        default=False,
        meaning="Whether answers to GETs are kept in it, for methods that have no setting of their own.",
        source=f"{_GUIDE}, cache settings for REST APIs",
    ),
    Setting(
        name=_TTL,
        unit="s",
        default=300,
        meaning="How long an answer is kept; 0 to 3,600.",
        source=f"{_GUIDE}, cache settings for REST APIs",
    ),
    Setting(
        name=_PLAN_RATE,
        unit="1/s",
        default=None,
        meaning="Requests per second of each API key under the first usage plan of the stage.",
        source=f"{_GUIDE}, usage plans and API keys",
    ),
    Setting(
        name=_PLAN_BURST,
        unit="1",
        default=None,
        meaning="Requests that each API key may send at once.",
        source=f"{_GUIDE}, usage plans and API keys",
    ),
    Setting(
        name=_PLAN_QUOTA,
        unit="1",
        default=None,
        meaning="Requests that each API key may send in the period of the quota.",
        source=f"{_GUIDE}, usage plans and API keys",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="overhead",
        quantity=fact("apigateway.rest_overhead_s").assumed(),
        meaning="Time a request spends in API Gateway: Latency minus IntegrationLatency.",
    ),
    Characteristic(
        name="hit_ratio",
        quantity=assumed(0.5, "1", "APIs repeat themselves less than web sites do", low=0.1, high=0.9),
        meaning="Share of the GETs under caching methods that the cache answers; not used where objects is given. "
        "CloudWatch: CacheHitCount over CacheHitCount plus CacheMissCount.",
        needs=CACHE,
    ),
    Characteristic(
        name="objects",
        quantity=assumed(0.0, "1", "not known: hit_ratio is used instead", low=0.0, high=0.0),
        meaning="Distinct answers (path and cache key parameters) that are asked for; 0 where not known.",
        needs=CACHE,
    ),
    Characteristic(
        name="popularity",
        quantity=assumed(
            0.9, "1", "web requests follow Zipf's law with 0.6 to 1.1; only with objects", low=0.6, high=1.1
        ),
        meaning="Zipf exponent of how often they are asked for: 0 is all alike, 1 is strongly skewed.",
        needs=CACHE,
    ),
    Characteristic(
        name="api_keys",
        quantity=assumed(1.0, "1", "one client; each more has the usage plan's throttle again", low=1.0, high=100.0),
        meaning="API keys that share the traffic equally.",
        needs=_PLAN_RATE,
    ),
)
DEMANDS: tuple[Demand, ...] = ()


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of an API with what its first stage and the first usage plan of it say.

    Raises:
        TemplateError: A throttle is not a number, or the cache has a size that there is not.
    """
    gathered = Gathered()
    for holder in (*stages(resource, stack, "AWS::ApiGateway::Stage", "RestApiId"), resource):
        methods = tuple(read_method_settings(holder))
        if methods and METHODS not in gathered.settings:
            gathered.settings[METHODS] = written(methods)
        for each in methods:
            for name in (RATE, BURST, _TTL) if each.everything else ():
                if name not in gathered.settings and holder.get(*each.at, name) is not None:
                    gathered.number(name, holder, *each.at, name)
            if each.everything and _CACHING not in gathered.settings:
                gathered.switch(_CACHING, holder, *each.at, _CACHING)
        _gather_cluster(gathered, holder, resource)
    _gather_plan(gathered, resource, stack)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _gather_cluster(gathered: Gathered, holder: Resource, api: Resource) -> None:
    if CACHE in gathered.origins or (holder is api and api.kind == KIND):
        return
    gathered.switch(CACHE, holder)
    size = gathered.text(_SIZE, holder)
    if size is not None and size not in _SIZES:
        raise TemplateError(
            f"{holder.name}: there is no cache of {size} GB",
            place=holder.place_of(_SIZE),
            remedy=f"Sizes are {', '.join(_SIZES)}.",
        )
    gathered.origins[METHODS] = Origin(resource=holder.name, path=(METHODS,), place=holder.places.get((METHODS,)))


def _gather_plan(gathered: Gathered, api: Resource, stack: Stack) -> None:
    for plan in stack.of_kind("AWS::ApiGateway::UsagePlan"):
        if api in referred(plan.get("ApiStages"), stack, api.kind):
            for name, path in (
                (_PLAN_RATE, ("Throttle", "RateLimit")),
                (_PLAN_BURST, ("Throttle", "BurstLimit")),
                (_PLAN_QUOTA, ("Quota", "Limit")),
            ):
                if plan.get(*path) is not None:
                    gathered.number(name, plan, *path)
            return


def _methods(component: Component) -> tuple[MethodSetting, ...]:
    return method_settings(component.settings.get(METHODS))


def _cache(component: Component, ttl_s: float) -> Cache:
    objects = round(characteristic(_ROOM, component, "objects").value)
    if objects > 0:
        alpha = characteristic(_ROOM, component, "popularity").value
        return Cache(objects=objects, alpha=alpha, capacity=objects, ttl_s=ttl_s)
    return Cache(hit_ratio=characteristic(_ROOM, component, "hit_ratio").value)


def _ttl_s(component: Component, own: MethodSetting | None) -> float:
    """How long the answer to a GET is kept; 0 where it is not."""
    every = next((each for each in _methods(component) if each.everything), None)
    said = [each.cached for each in (own, every) if each is not None and each.cached is not None]
    kept_s = [each.ttl_s for each in (own, every) if each is not None and each.ttl_s is not None]
    stage = component.settings.get(_CACHING)
    cached = stage is True if stage is not None and (own is None or own.cached is None) else bool(said) and said[0]
    if not cached or setting(_ROOM, component, CACHE) is not True:
        return 0.0
    if own is None or own.ttl_s is None:
        kept_s = [number_of(_ROOM, component, _TTL)] if _TTL in component.settings or not kept_s else kept_s
    return max(0.0, min(kept_s[0], fact("apigateway.cache_ttl_s").high))


def _key(component: Component, what: str, own: MethodSetting | None) -> str:
    return f"{component.name}/{what}" if own is None else f"{component.name}/{what} of {own.method} {own.path}"


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Token buckets of the stage, of methods and of the usage plan; caches by how long methods keep answers."""
    bucket = throttle(_ROOM, component, catalog)
    primitives: dict[str, Primitive] = {f"{component.name}/throttle": bucket}
    limits = {"timeout_s": fact("apigateway.rest_timeout_s").value, "requests/s": bucket.rate_per_s}
    for own in _methods(component):
        if not own.everything and own.rate_per_s is not None:
            primitives[_key(component, "throttle", own)] = Bucket(
                rate_per_s=max(own.rate_per_s, 1e-9),
                capacity=max(own.burst if own.burst is not None else own.rate_per_s, 1.0),
                refusal="throttled by the method (429)",
            )
    plan = number_in(component.settings.get(_PLAN_RATE))
    if plan is not None:
        keys = max(1.0, characteristic(_ROOM, component, "api_keys").value)
        burst = number_in(component.settings.get(_PLAN_BURST))
        primitives[f"{component.name}/usage plan"] = Bucket(
            rate_per_s=max(plan * keys, 1e-9),
            capacity=max(keys * (burst if burst is not None else plan), 1.0),
            refusal="throttled by the usage plan (429)",
        )
        limits["requests/s of the usage plan"] = plan * keys
    quota = number_in(component.settings.get(_PLAN_QUOTA))
    if quota is not None:
        limits["quota of each API key"] = quota
    if setting(_ROOM, component, CACHE) is True:
        primitives[f"{component.name}/not cached"] = Cache(hit_ratio=0.0)
        for some in (None, *(each for each in _methods(component) if not each.everything)):
            ttl_s = _ttl_s(component, some)
            if ttl_s > 0.0:
                primitives[_key(component, "cache", some)] = _cache(component, ttl_s)
    return Behaviour(primitives=primitives, limits=limits)


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A token of each throttle, or 429; the overhead; the look-up that decides whether the integration is asked."""
    method, path = method_and_path(call.request) if call.request else ("", "")
    own = fitting(_methods(component), method, path) if call.request else None
    steps: list[Step] = []
    if component.settings.get(_PLAN_RATE) is not None:
        steps.append(Take(f"{component.name}/usage plan"))
    if own is not None and own.rate_per_s is not None:
        steps.append(Take(_key(component, "throttle", own)))
    steps.append(Take(f"{component.name}/throttle"))
    steps.append(Wait(lognormal(characteristic(_ROOM, component, "overhead").value, VARIATION)))
    if setting(_ROOM, component, CACHE) is True:
        kept = method in {"", "GET"} and _ttl_s(component, own) > 0.0
        steps.append(Lookup(_key(component, "cache", own) if kept else f"{component.name}/not cached"))
    return Steps(enter=tuple(steps))


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Requests at the first tier, and the cache by the hour."""
    million = catalog.unit_price("apigateway", "rest_first_333M")
    items = {"requests": usage.visits_per_s * 3600.0 / 1e6 * million.usd}
    sources = [source_of(million)]
    if setting(_ROOM, component, CACHE) is True:
        hour = catalog.unit_price("apigateway", f"rest_cache_{setting(_ROOM, component, _SIZE)}GB")
        items["cache"] = hour.usd
        sources.append(source_of(hour))
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("requests are priced at the first tier (333 million a month); data transfer is not counted",),
        sources=tuple(dict.fromkeys(sources)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Higher throttles, where the stage sets them; a cache, where routes say that requests are GETs."""
    return (*throttle_knobs(component), *_with_cache(component, situation, catalog))


def _with_cache(component: Component, situation: Situation, catalog: Catalog) -> Iterator[Change]:
    if situation.declared_reads <= 0.0 or CACHE not in component.origins or setting(_ROOM, component, CACHE) is True:
        return
    where = component.origins[CACHE]
    everything = next((each for each in _methods(component) if each.everything), None)
    also = [Change(component=component.name, setting=_SIZE, before=component.settings.get(_SIZE), after=_SIZES[0])]
    if everything is not None and _CACHING in component.origins:
        also.append(Change(component=component.name, setting=_CACHING, before=everything.cached, after=True))
    elif METHODS not in component.settings:
        every: Value = {"ResourcePath": "/*", "HttpMethod": "*", _CACHING: True, _TTL: 60}
        also.append(Change(component=component.name, setting=METHODS, before=None, after=(every,)))
    else:
        return
    hour = catalog.unit_price("apigateway", f"rest_cache_{_SIZES[0]}GB")
    yield Change(
        component=component.name,
        setting=CACHE,
        before=component.settings.get(CACHE),
        after=True,
        because=f"{situation.declared_reads:.0%} of the requests are GETs: what stage {where.resource} has answered "
        f"need not be computed again; the smallest cache is {hour.usd:g} USD an hour",
        caveat="the share that hits is assumed (hit_ratio of the API): count repeated GETs in the logs; answers that "
        "differ by user need that user's header as a cache key; creating it takes up to 4 minutes",
        also=tuple(also),
    )


_ROOM = room_of(sys.modules[__name__])
