"""CloudFront distributions: a cache near the clients in front of load balancers, APIs, functions and buckets.

A request is answered from the cache, or goes on to the origin. Whether it hits is the given ``hit_ratio``, or comes out
of ``objects``, ``popularity`` and the time to live that the cache behaviour makes of the origin's Cache-Control.
Objects are then kept for their time in as many caches as stand before the origin: the regional edge caches, or the one
of Origin Shield. Requests of a route that names calls under ``calls`` and not ``on miss`` pass the distribution without
being cached. The behaviour with the default path, or else the first that caches, stands for all of them.

Not modelled: eviction of what is seldom asked for, request collapsing, stale answers while the origin is asked,
functions at the edge, compression, WAF.

Sources: Amazon CloudFront developer guide, "How CloudFront delivers content", "Manage how long content stays in the
cache", "Using Amazon CloudFront Origin Shield", "Quotas"; pricing.
"""

import sys
from collections.abc import Iterable, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Cache, lognormal
from tonnage.engine.program import Lookup, Take, Wait
from tonnage.services._cache_behaviors import NAMES, CacheBehavior, cache_behaviors, time_to_live_s
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
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Origin, Resource, Stack, assumed

KIND = "AWS::CloudFront::Distribution"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_cloudfront_distribution", "boto3": "cloudfront:ListDistributions"}
TITLE = "CloudFront distribution"
ENTRY = True
ROLE: Role = "cdn"
_GUIDE = "Amazon CloudFront developer guide"
_CONFIG = "DistributionConfig"
_SHIELD = "OriginShield"
_ATTEMPTS, _CONNECT, _READ = "ConnectionAttempts", "ConnectionTimeout", "OriginReadTimeout"
_EXPIRATION = f"{_GUIDE}, manage how long content stays in the cache"

SETTINGS = (
    Setting(
        name="MinTTL",
        unit="s",
        default=0,
        meaning="Least time an object stays in the cache, whatever the origin says.",
        source=_EXPIRATION,
    ),
    Setting(
        name="DefaultTTL",
        unit="s",
        default=86_400,
        meaning="Time an object stays where the origin says nothing.",
        source=_EXPIRATION,
    ),
    Setting(
        name="MaxTTL",
        unit="s",
        default=31_536_000,
        meaning="Longest time an object stays; 0: nothing is cached.",
        source=_EXPIRATION,
    ),
    Setting(
        name=_SHIELD,
        unit="",
        default=False,
        meaning="Whether one cache stands before the origin, for all Regions.",
        source=f"{_GUIDE}, Origin Shield",
    ),
    Setting(
        name=_READ,
        unit="s",
        default=30,
        meaning="How long an answer of the origin may take.",
        source=f"{_GUIDE}, origin settings, response timeout",
    ),
    Setting(
        name=_ATTEMPTS,
        unit="1",
        default=3,
        meaning="Attempts to connect to the origin.",
        source=f"{_GUIDE}, origin settings, connection attempts",
    ),
    Setting(
        name=_CONNECT,
        unit="s",
        default=10,
        meaning="How long an attempt to connect may take.",
        source=f"{_GUIDE}, origin settings, connection timeout",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="hit_ratio",
        quantity=fact("cloudfront.hit_ratio").assumed(),
        meaning="Share of cacheable requests answered without the origin; not used where objects is given. CloudWatch: "
        "CacheHitRate (an additional metric), or the cache statistics report.",
    ),
    Characteristic(
        name="objects",
        quantity=assumed(0.0, "1", "not known: hit_ratio is used instead", low=0.0, high=0.0),
        meaning="Distinct objects that are ever asked for; 0 where not known. Count them in a day of access logs.",
    ),
    Characteristic(
        name="popularity",
        quantity=assumed(
            0.9, "1", "web requests follow Zipf's law with 0.6 to 1.1; only with objects", low=0.6, high=1.1
        ),
        meaning="Zipf exponent of how often objects are asked for: 0 is all alike, 1 is strongly skewed.",
    ),
    Characteristic(
        name="max_age",
        quantity=assumed(-1.0, "s", "the origin sends no Cache-Control", low=-1.0, high=-1.0),
        meaning="max-age (or s-maxage) of the origin's Cache-Control header; -1 where it sends none. Only with "
        "objects.",
    ),
    Characteristic(
        name="regional_caches",
        quantity=fact("cloudfront.regional_caches").assumed(),
        meaning="Regional edge caches that the clients are spread over; each asks the origin for itself. Only with "
        "objects, and not with Origin Shield.",
    ),
    Characteristic(
        name="object_size",
        quantity=assumed(20_000.0, "bytes", "a page or a small picture, compressed", low=2_000.0, high=200_000.0),
        meaning="Bytes of an answer: BytesDownloaded over Requests.",
    ),
    Characteristic(
        name="added_latency",
        quantity=fact("cloudfront.added_latency_s").assumed(),
        meaning="Time a request spends in an edge location; the way of the clients to it is not counted.",
    ),
    Characteristic(
        name="origin_round_trip",
        quantity=fact("cloudfront.origin_round_trip_s").assumed(),
        meaning="Round trip from the edge to the origin's Region over connections that are kept open: OriginLatency "
        "minus the origin's own time.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()
_VARIATION = 0.5


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a distribution, with the times of the behaviour that stands for all.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    behaviors = list(cache_behaviors(resource, stack))
    if str(resource.get(_CONFIG, "Enabled")).lower() == "false" or not behaviors:
        reason = "the distribution is not enabled" if behaviors else "it has no cache behaviour"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place)
    gathered = Gathered()
    shown = _shown(behaviors)
    times = (shown.min_s, shown.default_s, shown.max_s) if not shown.everything_differs else (0.0, 0.0, 0.0)
    for name, value in zip(NAMES, times, strict=True):
        gathered.settings[name] = value
        if shown.path is not None:
            place = stack.resources[shown.holder].places.get((*shown.path, name))
            gathered.origins[name] = Origin(resource=shown.holder, path=(*shown.path, name), place=place)
    _gather_origin(gathered, resource, shown)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _shown(behaviors: list[CacheBehavior]) -> CacheBehavior:
    """The default behaviour, unless only others cache."""
    default = behaviors[-1]
    return default if default.caches else next((each for each in behaviors if each.caches), default)


def _gather_origin(gathered: Gathered, resource: Resource, shown: CacheBehavior) -> None:
    """Timeouts and shield of the origin that stands behind the behaviour."""
    origins = resource.get(_CONFIG, "Origins")
    for k, origin in enumerate(origins if isinstance(origins, tuple) else ()):
        if isinstance(origin, Mapping) and origin.get("Id") == shown.origin:
            at = (_CONFIG, "Origins", k)
            gathered.number(_READ, resource, *at, "CustomOriginConfig", _READ)
            gathered.number(_ATTEMPTS, resource, *at, _ATTEMPTS)
            gathered.number(_CONNECT, resource, *at, _CONNECT)
            gathered.switch(_SHIELD, resource, *at, _SHIELD, "Enabled")


def _time_to_live_s(component: Component) -> float:
    max_age_s = characteristic(_ROOM, component, "max_age").value
    least, default, most = (number_of(_ROOM, component, name) for name in NAMES)
    behavior = CacheBehavior(
        pattern="*", origin=None, min_s=least, default_s=default, max_s=most, holder="", path=None, at=()
    )
    return time_to_live_s(behavior, None if max_age_s < 0 else max_age_s)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """The quota of requests and bytes, and what is kept."""
    name = component.name
    bytes_each = max(1.0, characteristic(_ROOM, component, "object_size").value)
    most_per_s = min(fact("cloudfront.requests_per_s").value, fact("cloudfront.bytes_per_s").value / bytes_each)
    return Behaviour(
        primitives={
            f"{name}/requests": Bucket(rate_per_s=most_per_s, capacity=most_per_s, refusal="above the quota (503)"),
            f"{name}/cache": _cache(component),
        },
        limits={
            "requests/s": most_per_s,
            "timeout_s": number_of(_ROOM, component, _READ),
            "origin unreachable, s": number_of(_ROOM, component, _ATTEMPTS) * number_of(_ROOM, component, _CONNECT),
        },
    )


def _cache(component: Component) -> Cache:
    """Objects kept for their time; spread over n caches, each lives as if for an n-th of it in one.

    A cache that n caches share the requests of sees each object n times less often: ``rate / n * time`` is what its hit
    ratio depends on (Fofack and others, "Performance evaluation of hierarchical TTL-based cache networks", 2014).
    """
    objects = round(characteristic(_ROOM, component, "objects").value)
    ttl_s = _time_to_live_s(component)
    if objects <= 0 or ttl_s <= 0:
        return Cache(hit_ratio=characteristic(_ROOM, component, "hit_ratio").value if ttl_s > 0 else 0.0)
    shielded = bool(setting(_ROOM, component, _SHIELD))
    caches = 1.0 if shielded else max(1.0, characteristic(_ROOM, component, "regional_caches").value)
    return Cache(
        objects=objects,
        alpha=characteristic(_ROOM, component, "popularity").value,
        capacity=objects,
        ttl_s=ttl_s / caches,
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """The edge; then the cache where the call reads through it, and the way to the origin."""
    name = component.name
    edge = (
        Take(f"{name}/requests"),
        Wait(lognormal(characteristic(_ROOM, component, "added_latency").value, _VARIATION)),
    )
    way = Wait(lognormal(characteristic(_ROOM, component, "origin_round_trip").value, _VARIATION))
    usage = {"bytes": characteristic(_ROOM, component, "object_size").value}
    if call.on_miss:
        return Steps(enter=(*edge, Lookup(f"{name}/cache")), missed=(way,), usage=usage)
    return Steps(enter=(*edge, way) if call.calls else edge, usage=usage)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Requests over HTTPS and bytes to clients in North America and Europe, at the first tier."""
    requests = catalog.unit_price("cloudfront", "us_https")
    out = catalog.unit_price("cloudfront", "us_eu_out_first_10TB")
    gb_per_h = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 / 1e9
    items = {
        "requests": usage.visits_per_s * 3600.0 / 1e4 * requests.usd,
        "data to clients": gb_per_h * out.usd,
    }
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("clients are priced as in North America and Europe, at the first tier; Origin Shield is not counted",),
        sources=(source_of(requests), source_of(out)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """A longer time to live, where the times are one's own and what is kept comes out of them."""
    if characteristic(_ROOM, component, "objects").value <= 0:
        return
    most = number_of(_ROOM, component, "MaxTTL")
    for name in ("DefaultTTL", "MinTTL"):
        now = number_of(_ROOM, component, name)
        longer = min(most, 10.0 * now if now > 0 else 60.0)
        said = characteristic(_ROOM, component, "max_age").value >= 0
        if name in component.origins and longer > now and (name == "MinTTL") == said:
            yield Change(
                component=component.name,
                setting=name,
                before=component.settings.get(name),
                after=int(longer),
                because="objects stay longer at the edge, and fewer requests reach the origin",
                caveat="clients may see an object that old after it has changed, unless it is invalidated",
            )


_ROOM = room_of(sys.modules[__name__])
