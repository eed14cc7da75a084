"""ElastiCache Serverless: processing units instead of nodes, which grow with what is asked.

A simple command uses a processing unit (ECPU) for each kilobyte that it transfers, at least one. The cache takes what
it has grown to, and twice that some minutes later; above it commands are throttled. Whether a look-up hits is given, or
comes out of ``objects`` as in a cache of nodes, of which nothing is evicted below the maximum of its storage.

Not modelled: commands that use more CPU than a GET (scripts, sorted sets), reading from the reader endpoint.

Sources: Amazon ElastiCache user guide, "Scaling ElastiCache Serverless", "ElastiCache Serverless limits"; pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Cache, lognormal
from tonnage.engine.program import Lookup, Take, Wait
from tonnage.services._cache import CACHE_CHARACTERISTICS, CACHE_DEMANDS
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    GrowingCapacity,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_in, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::ElastiCache::ServerlessCache"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_elasticache_serverless_cache", "boto3": "elasticache:DescribeServerlessCaches"}
TITLE = "ElastiCache serverless cache"
ENTRY = False
ROLE: Role = "cache"
_GUIDE = "Amazon ElastiCache user guide, serverless"
_ECPU_MOST, _ECPU_LEAST = "CacheUsageLimits.ECPUPerSecond.Maximum", "CacheUsageLimits.ECPUPerSecond.Minimum"
_DATA_MOST = "CacheUsageLimits.DataStorage.Maximum"

SETTINGS = (
    Setting(name="Engine", unit="", default="valkey", meaning="redis, valkey or memcached.", source=_GUIDE),
    Setting(
        name=_ECPU_LEAST,
        unit="1/s",
        default=None,
        meaning="Processing units a second that it is prepared for, and that are paid.",
        source=f"{_GUIDE}, pre-scaling",
    ),
    Setting(
        name=_ECPU_MOST,
        unit="1/s",
        default=None,
        meaning="Most processing units a second; above them commands are throttled.",
        source=f"{_GUIDE}, scaling limits",
    ),
    Setting(
        name=_DATA_MOST,
        unit="GB",
        default=None,
        meaning="Most data; above it keys are evicted.",
        source=f"{_GUIDE}, scaling limits",
    ),
)
CHARACTERISTICS = (
    *(each for each in CACHE_CHARACTERISTICS if each.name != "time_per_operation"),
    Characteristic(
        name="stored",
        quantity=assumed(1.0, "GB", "a small cache", low=0.1, high=50.0),
        meaning="Data in the cache, which is billed: BytesUsedForCache.",
    ),
    Characteristic(
        name="first_capacity",
        quantity=fact("elasticache.serverless_first_ecpu_per_s").assumed(),
        meaning="Processing units a second that it takes before it has grown: ThrottledCmds in a load test.",
    ),
    Characteristic(
        name="doubling_time",
        quantity=fact("elasticache.serverless_doubling_s").assumed(),
        meaning="How long its capacity takes to double while more is asked.",
    ),
)
DEMANDS = (
    *CACHE_DEMANDS,
    Demand(
        name="bytes",
        quantity=assumed(1000.0, "bytes", "small JSON values", low=100.0, high=10_000.0),
        meaning="Bytes that a command transfers.",
    ),
)
_VARIATION = 0.5
_HEADROOM, _HALVING_S = 2.0, 3600.0
_LEAST_GB = {"valkey": 0.1}
_RETRIES = 3


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a cache.

    Raises:
        TemplateError: A limit is not a number.
    """
    gathered = Gathered()
    gathered.text("Engine", resource)
    for name in (_ECPU_LEAST, _ECPU_MOST, _DATA_MOST):
        gathered.number(name, resource, *name.split("."))
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def units(size_bytes: float) -> float:
    """Processing units of a simple command that transfers so many bytes."""
    return max(1.0, size_bytes / fact("elasticache.serverless_ecpu_bytes").value)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Processing units that grow up to the maximum, and what is kept."""
    name = f"{component.name}/units"
    most = number_in(component.settings.get(_ECPU_MOST))
    least = number_in(component.settings.get(_ECPU_LEAST)) or 0.0
    first = max(least, characteristic(_ROOM, component, "first_capacity").value)
    floor = first if most is None else min(first, most)
    bucket = Bucket(rate_per_s=floor, capacity=floor, refusal="throttled")
    growing = GrowingCapacity(
        bucket=name,
        floor_per_s=floor,
        headroom=_HEADROOM,
        doubling_s=characteristic(_ROOM, component, "doubling_time").value,
        halving_s=_HALVING_S,
    )
    return Behaviour(
        primitives={name: bucket, f"{component.name}/keys": _keys(component)},
        # One that is at its maximum from the beginning does not grow.
        controls=() if most is not None and most <= first else (growing,),
        limits={"ECPU/s": floor},
    )


def _keys(component: Component) -> Cache:
    objects = round(characteristic(_ROOM, component, "objects").value)
    if objects <= 0:
        return Cache(hit_ratio=characteristic(_ROOM, component, "hit_ratio").value)
    most_gb = number_in(component.settings.get(_DATA_MOST))
    size = max(1.0, characteristic(_ROOM, component, "object_size").value)
    ttl_s = characteristic(_ROOM, component, "time_to_live").value
    return Cache(
        objects=objects,
        alpha=characteristic(_ROOM, component, "popularity").value,
        capacity=objects if most_gb is None else min(objects, int(most_gb * 1e9 / size)),
        ttl_s=ttl_s if ttl_s > 0 else None,
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Commands one after the other, their processing units, the look-up."""
    operations = demand(_ROOM, call, "operations").value
    used = operations * units(demand(_ROOM, call, "bytes").value)
    latency_s = fact("elasticache.serverless_latency_s").value * operations
    return Steps(
        enter=(
            Take(f"{component.name}/units", used),
            Wait(lognormal(latency_s, _VARIATION)),
            Lookup(f"{component.name}/keys"),
        ),
        retry_attempts=_RETRIES,
        retry_base_s=0.05,
        retry_cap_s=1.0,
        usage={"ecpu": used},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Processing units used, or prepared for, and data stored."""
    engine = "valkey" if setting(_ROOM, component, "Engine") == "valkey" else "redis_memcached"
    unit, stored = (catalog.unit_price("elasticache", f"serverless_{engine}_{each}") for each in ("ecpu", "storage"))
    prepared = number_in(component.settings.get(_ECPU_LEAST)) or 0.0
    per_h = max(prepared, usage.visits_per_s * usage.per_visit.get("ecpu", 0.0)) * 3600.0
    gb = max(_LEAST_GB.get(engine, 1.0), characteristic(_ROOM, component, "stored").value)
    items = {"processing units": per_h / 1e6 * unit.usd, "data": gb * stored.usd}
    return Cost(usd_per_h=sum(items.values()), items=items, sources=(source_of(unit), source_of(stored)))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Preparation for the peak where it throttles while it grows; a higher maximum where that is in the way."""
    if "throttle" not in situation.pressures:
        return
    asked = int(1.1 * situation.peak_visits_per_s * max(1.0, situation.per_visit.get("ecpu", 1.0)))
    most = number_in(component.settings.get(_ECPU_MOST))
    if most is not None and most < asked:
        yield Change(
            component=component.name,
            setting=_ECPU_MOST,
            before=most,
            after=asked,
            because="the maximum is below what the peak asks",
        )
        return
    if _ECPU_LEAST in component.origins and asked > characteristic(_ROOM, component, "first_capacity").value:
        yield Change(
            component=component.name,
            setting=_ECPU_LEAST,
            before=component.settings.get(_ECPU_LEAST),
            after=asked,
            because="the cache is prepared for the peak before it comes",
            caveat="what it is prepared for is paid all the time",
        )


_ROOM = room_of(sys.modules[__name__])
