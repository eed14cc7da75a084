"""CloudFront distributions: what the edge keeps is answered there, the rest is asked of the origin.

A request goes by the first cache behavior whose path pattern fits, or by the default one. A GET or HEAD under a
behavior that keeps objects is looked up; what is not found, and every other method, goes to the origin. With a
``hit_ratio`` that share is found. With ``objects`` it comes out of their popularity, the TTL and the traffic: nothing
is evicted, an object is asked for again when its TTL has passed, and each regional edge cache asks by itself. So many
caches with a fraction of the requests each hit as often as one cache with that fraction of the TTL; Origin Shield makes
them one. Requests above the quota of the distribution are refused.

The way between clients and the edge, and between the edge and the origin, is not in the latency.

Not modelled: request collapsing, stale-while-revalidate and stale-if-error, evictions of objects seldom asked for,
failover and the retries towards the origin, CloudFront Functions and Lambda@Edge.

Sources: Amazon CloudFront developer guide, "Managing how long content stays in the cache (expiration)", "Using Amazon
CloudFront Origin Shield", "Quotas"; CloudFront pricing.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Cache, Primitive, lognormal
from tonnage.engine.program import Lookup, Take, Wait
from tonnage.services._edge_cache import (
    CONFIG,
    MANAGED,
    Bounds,
    CacheBehavior,
    behavior_of,
    is_cached,
    max_age_s,
    origin_index,
    policy_of,
    read_behaviors,
    unreachable_s,
)
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
from tonnage.services._load_balancer import GB, RESPONSE_SIZE
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Origin,
    Resource,
    Stack,
    Value,
    assumed,
)

KIND = "AWS::CloudFront::Distribution"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_cloudfront_distribution", "boto3": "cloudfront:ListDistributions"}
TITLE = "CloudFront distribution"
ENTRY = True
ROLE: Role = "edge"

_GUIDE = "Amazon CloudFront developer guide"
_POLICY = "CachePolicyId"
_SHIELD, _SHIELD_REGION = "OriginShield.Enabled", "OriginShield.OriginShieldRegion"
_BEHAVIORS = "CacheBehaviors"
_TTLS = ("MinTTL", "DefaultTTL", "MaxTTL")

SETTINGS = (
    Setting(
        name=_POLICY,
        unit="",
        default=None,
        meaning="Cache policy of the default behavior: the id of a managed one, or one of the stack.",
        source=f"{_GUIDE}, using managed cache policies",
    ),
    Setting(
        name="MinTTL",
        unit="s",
        default=0,
        meaning="Least time that the default behavior keeps an object, whatever the origin says.",
        source=f"{_GUIDE}, expiration",
    ),
    Setting(
        name="DefaultTTL",
        unit="s",
        default=86_400,
        meaning="How long the default behavior keeps an object of which the origin says nothing.",
        source=f"{_GUIDE}, expiration",
    ),
    Setting(
        name="MaxTTL",
        unit="s",
        default=31_536_000,
        meaning="Longest time that the default behavior keeps an object, whatever the origin says.",
        source=f"{_GUIDE}, expiration",
    ),
    Setting(
        name=_BEHAVIORS,
        unit="",
        default=(),
        meaning="All behaviors as they are tried, the default one last: pattern, origin, TTLs and what is cached.",
        source=f"{_GUIDE}, cache behavior settings",
    ),
    Setting(
        name=_SHIELD,
        unit="",
        default=False,
        meaning="Whether what the regional edge caches miss is looked for in one more cache before the origin.",
        source=f"{_GUIDE}, using Amazon CloudFront Origin Shield",
    ),
    Setting(
        name=_SHIELD_REGION,
        unit="",
        default=None,
        meaning="Region of Origin Shield: the one nearest to the origin.",
        source=f"{_GUIDE}, using Amazon CloudFront Origin Shield",
    ),
    Setting(
        name="ConnectionAttempts",
        unit="1",
        default=3,
        meaning="How often CloudFront tries to connect to the origin of the default behavior.",
        source=f"{_GUIDE}, distribution settings",
    ),
    Setting(
        name="ConnectionTimeout",
        unit="s",
        default=10,
        meaning="How long it waits for each connection.",
        source=f"{_GUIDE}, distribution settings",
    ),
    Setting(
        name="OriginReadTimeout",
        unit="s",
        default=30,
        meaning="How long it waits for the origin's answer, 504 afterwards.",
        source=f"{_GUIDE}, distribution settings",
    ),
    Setting(
        name="PriceClass",
        unit="",
        default="PriceClass_All",
        meaning="Which edges are used: PriceClass_100 leaves out all but North America, Europe and Israel.",
        source=f"{_GUIDE}, price class",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="hit_ratio",
        quantity=fact("cloudfront.hit_ratio").assumed(),
        meaning="Share of the GETs and HEADs under caching behaviors that edge or regional cache answers; not used "
        "where objects is given. CloudWatch: CacheHitRate.",
    ),
    Characteristic(
        name="shield_hit_ratio",
        quantity=fact("cloudfront.shield_hit_ratio").assumed(),
        meaning="Share of what the regional caches miss that Origin Shield answers; not used where objects is given. "
        "Logs: OriginShieldHit.",
        needs=_SHIELD,
    ),
    Characteristic(
        name="max_age",
        quantity=assumed(-1.0, "s", "-1: the origin sends none, so the default TTL applies", low=-1.0, high=-1.0),
        meaning="max-age or s-maxage in the origin's Cache-Control; 0 also for no-cache, no-store and private; -1 "
        "where it sends nothing. Ask the origin with curl -I.",
    ),
    Characteristic(
        name="objects",
        quantity=assumed(0.0, "1", "not known: hit_ratio is used instead", low=0.0, high=0.0),
        meaning="Distinct objects (cache keys) under each caching behavior; 0 where not known. Count them in the logs.",
    ),
    Characteristic(
        name="popularity",
        quantity=assumed(
            0.9, "1", "web requests follow Zipf's law with 0.6 to 1.1; only with objects", low=0.6, high=1.1
        ),
        meaning="Zipf exponent of how often objects are asked for: 0 is all alike, 1 is strongly skewed.",
    ),
    Characteristic(
        name="regional_caches",
        quantity=fact("cloudfront.regional_caches").assumed(),
        meaning="Regional edge caches that the audience reaches, each of which asks the origin by itself; only with "
        "objects.",
    ),
    Characteristic(
        name="latency",
        quantity=fact("cloudfront.latency_s").assumed(),
        meaning="Mean time of a request in CloudFront itself, without the ways: time-taken of hits in the logs.",
    ),
    Characteristic(
        name="response_size",
        quantity=RESPONSE_SIZE.quantity,
        meaning="Mean bytes sent to the client: BytesDownloaded over Requests. Decides the price and the quota of "
        "150 Gbit/s.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()

_VARIATION = 0.5
_TB = 1024.0 * GB
_TIERS = (
    (10.0, "us_eu_out_first_10TB"),
    (40.0, "us_eu_out_next_40TB"),
    (100.0, "us_eu_out_next_100TB"),
    (350.0, "us_eu_out_next_350TB"),
    (524.0, "us_eu_out_next_524TB"),
    (4096.0, "us_eu_out_next_4PB"),
    (float("inf"), "us_eu_out_over_5PB"),
)
"""Terabytes a month of each price tier (CloudFront pricing, data transfer out to the internet)."""
_DISABLED = next(key for key, bounds in MANAGED.items() if bounds.name == "CachingDisabled")
_OPTIMIZED = next(key for key, bounds in MANAGED.items() if bounds.name == "CachingOptimized")
_SHORT_TTL_S = 60


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a distribution with its behaviors and the cache policies of the stack.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    gathered = Gathered()
    found = list(read_behaviors(resource, stack))
    gathered.settings[_BEHAVIORS] = tuple(_written(behavior) for _, behavior in found)
    path, _ = found[-1]
    holder, at = policy_of(resource, stack, path)
    policy = resource.get(*path, _POLICY)
    if isinstance(policy, str):
        gathered.text(_POLICY, resource, *path, _POLICY)
    elif holder is not resource or resource.get(*path, "ForwardedValues") is not None:
        for name in _TTLS:
            gathered.number(name, holder, *at, name)
    index = origin_index(resource, resource.get(*path, "TargetOriginId"))
    if index is not None:
        origin = (CONFIG, "Origins", index)
        gathered.switch(_SHIELD, resource, *origin, "OriginShield", "Enabled")
        gathered.text(_SHIELD_REGION, resource, *origin, "OriginShield", "OriginShieldRegion")
        for name, below in (
            ("ConnectionAttempts", ()),
            ("ConnectionTimeout", ()),
            ("OriginReadTimeout", ("CustomOriginConfig",)),
        ):
            if resource.get(*origin, *below, name) is not None:
                gathered.number(name, resource, *origin, *below, name)
    gathered.text("PriceClass", resource, CONFIG, "PriceClass")
    gathered.origins[_BEHAVIORS] = Origin(
        resource=resource.name, path=(CONFIG, _BEHAVIORS), place=resource.places.get((CONFIG, _BEHAVIORS))
    )
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _written(behavior: CacheBehavior) -> Mapping[str, Value]:
    return {
        "PathPattern": behavior.pattern,
        "Origin": behavior.origin,
        **dict(zip(_TTLS, _seconds(behavior.bounds), strict=True)),
        "CachedMethods": " ".join(behavior.methods),
        "WhyNot": behavior.why_not,
    }


def _seconds(bounds: Bounds) -> tuple[float, float, float]:
    return bounds.minimum_s, bounds.default_s, bounds.maximum_s


def behaviors(component: Component) -> tuple[CacheBehavior, ...]:
    """Cache behaviors of a distribution as they are tried, the default one last, with its own settings."""
    written = component.settings.get(_BEHAVIORS)
    found = [_read(each) for each in written if isinstance(each, Mapping)] if isinstance(written, tuple) else []
    default = found[-1] if found else _read({})
    policy = component.settings.get(_POLICY)
    managed = MANAGED.get(policy) if isinstance(policy, str) else None
    own = [
        max(0.0, number_of(_ROOM, component, name)) if name in component.settings else before
        for name, before in zip(_TTLS, _seconds(default.bounds), strict=True)
    ]
    bounds = managed or Bounds(minimum_s=own[0], default_s=own[1], maximum_s=own[2])
    why_not = "" if policy is not None else default.why_not
    last = CacheBehavior(
        pattern=default.pattern, origin=default.origin, bounds=bounds, methods=default.methods, why_not=why_not
    )
    return (*found[:-1], last)


def _read(written: Mapping[str, Value]) -> CacheBehavior:
    defaults = (0.0, fact("cloudfront.default_ttl_s").value, fact("cloudfront.max_ttl_s").value)
    times = [
        float(value) if isinstance(value := written.get(name), int | float) else otherwise
        for name, otherwise in zip(_TTLS, defaults, strict=True)
    ]
    return CacheBehavior(
        pattern=str(written.get("PathPattern", "*")),
        origin=str(written.get("Origin", "")),
        bounds=Bounds(minimum_s=times[0], default_s=times[1], maximum_s=times[2]),
        methods=tuple(str(written.get("CachedMethods", "GET HEAD")).split()),
        why_not=str(written.get("WhyNot", "")),
    )


def _shield(component: Component) -> bool:
    return setting(_ROOM, component, _SHIELD) is True


def _cache(component: Component, behavior: CacheBehavior) -> Cache:
    """What a behavior keeps, seen from the origin."""
    kept_s = behavior.kept_s(max_age_s(component))
    if kept_s <= 0.0:
        return Cache(hit_ratio=0.0)
    objects = round(characteristic(_ROOM, component, "objects").value)
    if objects > 0:
        caches = 1.0 if _shield(component) else max(1.0, characteristic(_ROOM, component, "regional_caches").value)
        alpha = characteristic(_ROOM, component, "popularity").value
        return Cache(objects=objects, alpha=alpha, capacity=objects, ttl_s=kept_s / caches)
    missed = 1.0 - characteristic(_ROOM, component, "hit_ratio").value
    if _shield(component):
        missed *= 1.0 - characteristic(_ROOM, component, "shield_hit_ratio").value
    return Cache(hit_ratio=1.0 - missed)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """The quota of the distribution, and a cache for each behavior."""
    size = max(1.0, characteristic(_ROOM, component, "response_size").value)
    by_bandwidth = fact("cloudfront.bits_per_s").value / 8.0 / size
    rate = min(fact("cloudfront.requests_per_s").value, by_bandwidth)
    what = "150 Gbit/s" if rate == by_bandwidth else "requests/s"
    primitives: dict[str, Primitive] = {
        f"{component.name}/quota": Bucket(
            rate_per_s=rate, capacity=rate, refusal=f"refused (quota of the distribution, {what})"
        ),
        f"{component.name}/not cached": Cache(hit_ratio=0.0),
    }
    for behavior in behaviors(component):
        primitives[_keys(component, behavior)] = _cache(component, behavior)
    unreachable = unreachable_s(
        number_of(_ROOM, component, "ConnectionTimeout"), number_of(_ROOM, component, "ConnectionAttempts")
    )
    return Behaviour(
        primitives=primitives,
        limits={
            "timeout_s": max(1.0, number_of(_ROOM, component, "OriginReadTimeout")),
            "origin unreachable after (s)": max(0.0, unreachable),
            "requests/s": rate,
        },
    )


def _keys(component: Component, behavior: CacheBehavior) -> str:
    return f"{component.name}/cache of {behavior.pattern}"


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Its own latency, and the look-up that decides whether the origin is asked."""
    origin = call.on_miss[0].component if call.on_miss else ""
    behavior = behavior_of(behaviors(component), call.request, origin)
    cached = is_cached(behavior, call.request)
    return Steps(
        enter=(
            Take(f"{component.name}/quota"),
            Wait(lognormal(characteristic(_ROOM, component, "latency").value, _VARIATION)),
            Lookup(_keys(component, behavior) if cached else f"{component.name}/not cached"),
        ),
        usage={"bytes": characteristic(_ROOM, component, "response_size").value},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Requests over HTTPS, and what goes out to the clients, by tiers of the month."""
    request = catalog.unit_price("cloudfront", "us_https")
    left_tb = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 * HOURS_PER_MONTH / _TB
    out, first = 0.0, catalog.unit_price("cloudfront", _TIERS[0][1])
    for size_tb, item in _TIERS:
        taken_tb = min(left_tb, size_tb)
        out += taken_tb * 1024.0 * catalog.unit_price("cloudfront", item).usd / HOURS_PER_MONTH
        left_tb -= taken_tb
    items = {"requests": usage.visits_per_s * 3600.0 / 1e4 * request.usd, "data transfer out": out}
    notes = [
        "CloudFront is priced as for clients in the United States and Europe, without the free tier",
        "unlike the price of a load balancer, CloudFront's contains the data sent to clients",
    ]
    if _shield(component):
        notes.append("requests to Origin Shield are not counted")
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=tuple(notes),
        sources=tuple(dict.fromkeys((source_of(request), source_of(first)))),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Let the default behavior keep what it does not, and one cache before the origin."""
    return (*_keep(component), *_shielded(component, catalog))


def _keep(component: Component) -> Iterator[Change]:
    caveat = "only where the answers are the same for everyone: not those that depend on cookies or headers"
    policy = component.settings.get(_POLICY)
    if policy == _DISABLED and _POLICY in component.origins:
        yield Change(
            component=component.name,
            setting=_POLICY,
            before=policy,
            after=_OPTIMIZED,
            because="the default behavior keeps nothing: every GET goes to the origin",
            caveat=caveat,
        )
    default = behaviors(component)[-1]
    lasting = component.settings.get("MaxTTL")
    room_to_keep = not isinstance(lasting, int | float) or lasting >= _SHORT_TTL_S
    if (
        policy is None
        and "DefaultTTL" in component.origins
        and not default.why_not
        and default.kept_s(None) == 0.0
        and max_age_s(component) is None
        and room_to_keep
    ):
        yield Change(
            component=component.name,
            setting="DefaultTTL",
            before=component.settings.get("DefaultTTL"),
            after=_SHORT_TTL_S,
            because="the origin says nothing and the default TTL is 0: every GET goes to the origin",
            caveat=caveat,
        )


def _shielded(component: Component, catalog: Catalog) -> Iterator[Change]:
    keeps = any(behavior.kept_s(max_age_s(component)) > 0.0 for behavior in behaviors(component))
    if not keeps or _shield(component) or _SHIELD not in component.origins:
        return
    region = Change(
        component=component.name,
        setting=_SHIELD_REGION,
        before=component.settings.get(_SHIELD_REGION),
        after=catalog.region,
    )
    yield Change(
        component=component.name,
        setting=_SHIELD,
        before=component.settings.get(_SHIELD),
        after=True,
        because="all regional edge caches share one cache before the origin, which is asked less often",
        caveat="requests to Origin Shield are billed; not every Region has it, take the nearest that does",
        also=(region,) if region.before is None else (),
    )


_ROOM = room_of(sys.modules[__name__])
