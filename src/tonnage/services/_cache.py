"""What the ElastiCache rooms share: nodes with an engine, what it keeps, what a visit does.

Redis OSS and Valkey execute commands on one thread of each node; Memcached uses every vCPU. Keys are spread over the
nodes or shards by their hash, all equally often asked for: one hot key is not modelled, nor is network bandwidth. T
nodes earn CPU credits in standard mode and fall to their baseline without.

Whether a look-up hits is either the given ``hit_ratio``, or comes out of ``objects``, ``object_size`` and
``popularity`` where the user knows how many distinct keys are asked for: then a node keeps what fits, by least recent
use.

Source: Amazon ElastiCache user guide, "Choosing your node size", "Supported node types" (CPU credits), "Managing
reserved memory".
"""

from collections.abc import Iterator
from dataclasses import replace

from tonnage.catalog import (
    CacheNodeType,
    Catalog,
    fact,
    larger_cache_node,
    newer_cache_nodes,
)
from tonnage.engine.primitives import Cache, Fleet, Primitive, lognormal
from tonnage.engine.program import Lookup, Wait, Work
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
    Cost,
    Credits,
    Demand,
    Room,
    Setting,
    Situation,
    Steps,
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, named, setting
from tonnage.services._types_to_try import one_of_each_architecture
from tonnage.workload import Call, CatalogError, Change, Component, Resource, Stack, assumed

CACHE_CHARACTERISTICS = (
    Characteristic(
        name="hit_ratio",
        quantity=fact("elasticache.hit_ratio").assumed(),
        meaning="Share of look-ups that find their key; not used where objects is given. CloudWatch: CacheHitRate, or "
        "CacheHits over CacheHits plus CacheMisses.",
    ),
    Characteristic(
        name="objects",
        quantity=assumed(0.0, "1", "not known: hit_ratio is used instead", low=0.0, high=0.0),
        meaning="Distinct keys that are ever asked for; 0 where not known. Count them in a day of requests.",
    ),
    Characteristic(
        name="object_size",
        quantity=assumed(1000.0, "bytes", "small JSON values; only used with objects", low=100.0, high=10_000.0),
        meaning="Bytes of a key with its value and the engine's overhead (about 100 bytes): BytesUsedForCache over "
        "CurrItems.",
    ),
    Characteristic(
        name="popularity",
        quantity=assumed(
            0.9, "1", "web requests follow Zipf's law with 0.6 to 1.1; only with objects", low=0.6, high=1.1
        ),
        meaning="Zipf exponent of how often keys are asked for: 0 is all alike, 1 is strongly skewed.",
    ),
    Characteristic(
        name="time_to_live",
        quantity=assumed(0.0, "s", "0: kept until there is no room", low=0.0, high=0.0),
        meaning="How long a key stays valid after it was written; 0 for ever. Only with objects.",
    ),
    Characteristic(
        name="time_per_operation",
        quantity=fact("elasticache.engine_s_per_operation").assumed(),
        meaning="Time of the engine for one operation on one m5 vCPU: EngineCPUUtilization over operations per second.",
    ),
)
CACHE_DEMANDS = (
    Demand(
        name="operations",
        quantity=assumed(1.0, "1", "one GET; pages often make several", low=1.0, high=10.0),
        meaning="Commands of a visit one after the other, each a round trip: GetTypeCmds plus SetTypeCmds over visits.",
    ),
)

EVICTION = "maxmemory-policy"
EVICTION_SETTING = Setting(
    name=EVICTION,
    unit="",
    default="volatile-lru",
    meaning="What is evicted first: -lfu policies evict what is used least often, all others are taken for -lru.",
    source="Amazon ElastiCache user guide, Redis OSS specific parameters",
)
_PARAMETER_GROUP = "AWS::ElastiCache::ParameterGroup"
_LATENCY_VARIATION = 0.5
_ENGINE_VARIATION = 1.0
_DAY_S = 86_400.0
_MEMCACHED_OVERHEAD_BYTES = 100 * 2**20
"""``memcached_connections_overhead``: 100 MiB by default."""


def is_memcached(engine: str) -> bool:
    """Whether the engine uses all vCPUs and has no reserved share."""
    return engine == "memcached"


def cache_behaviour(
    room: Room,
    component: Component,
    catalog: Catalog,
    *,
    node_type: str,
    engine: str,
    shards: int,
    most: int = 0,
    replicas: int = 0,
) -> Behaviour:
    """Nodes that answer, behind a hash of the key, and what they keep.

    Args:
        room: The room, for its assumptions.
        component: The component.
        catalog: The catalogue.
        node_type: Type of each node.
        engine: ``redis``, ``valkey`` or ``memcached``.
        shards: Primaries, or Memcached nodes: what the keys are spread over.
        most: Most of them at once, where they are scaled.
        replicas: Replicas of all of them together, which answer calls that ask for one.

    Raises:
        CatalogError: The node type is not known, or its memory is not and the hit ratio is to come out of it.
    """
    node = catalog.cache_node(node_type)
    nodes = f"{component.name}/engine"
    fleet = Fleet(
        servers=node.vcpus if is_memcached(engine) else 1,
        discipline="fifo",
        instances=shards,
        max_instances=max(shards, most),
        rule="random",
        speed=node.relative_speed.value,
    )
    burst = _credits(nodes, node, fleet.servers)
    controls: tuple[Control, ...] = () if burst is None else (burst,)
    keys = _keys(room, component, node, engine, shards)
    limits = {"objects": float(keys.capacity)} if keys.hit_ratio is None else {}
    primitives: dict[str, Primitive] = {nodes: fleet, f"{component.name}/keys": keys}
    if replicas > 0:
        readers = f"{component.name}/readers"
        primitives[readers] = replace(fleet, instances=replicas, max_instances=replicas)
        burst = _credits(readers, node, fleet.servers)
        controls += () if burst is None else (burst,)
    return Behaviour(primitives=primitives, controls=controls, limits=limits)


def _keys(room: Room, component: Component, node: CacheNodeType, engine: str, shards: int) -> Cache:
    objects = round(characteristic(room, component, "objects").value)
    if objects <= 0:
        return Cache(hit_ratio=characteristic(room, component, "hit_ratio").value)
    if node.maxmemory_bytes <= 0:
        raise CatalogError(
            f"The memory of {node.name} is not in the catalogue, so what fits into {component.name} is not known",
            place=component.place,
            remedy="Give hit_ratio instead of objects.",
        )
    size = characteristic(room, component, "object_size").value
    ttl_s = characteristic(room, component, "time_to_live").value
    fits = int(shards * usable_bytes(node, engine) / max(1.0, size))
    return Cache(
        objects=objects,
        alpha=characteristic(room, component, "popularity").value,
        capacity=min(fits, objects),
        ttl_s=ttl_s if ttl_s > 0 else None,
        policy="lfu" if str(setting(room, component, EVICTION)).endswith("-lfu") else "lru",
    )


def gather_eviction(gathered: Gathered, resource: Resource, stack: Stack) -> None:
    """Take what is evicted first from the parameter group of a cluster, where it has one."""
    group = named(resource.get("CacheParameterGroupName"), stack, _PARAMETER_GROUP, "CacheParameterGroupName")
    if group is not None and group.get("Properties", EVICTION) is not None:
        gathered.text(EVICTION, group, "Properties", EVICTION)


def usable_bytes(node: CacheNodeType, engine: str) -> float:
    """Memory of a node that holds data: less the reserved share, or the overhead of Memcached's connections."""
    if is_memcached(engine):
        return max(0.0, node.maxmemory_bytes - _MEMCACHED_OVERHEAD_BYTES)
    return node.maxmemory_bytes * (1.0 - fact("elasticache.reserved_memory").value)


def _credits(fleet: str, node: CacheNodeType, servers: int) -> Credits | None:
    """Credits of a T node: earned for all its vCPUs, spent by those that the engine uses."""
    earned = node.baseline * node.vcpus
    baseline = min(1.0, earned / servers)
    if node.baseline >= 1.0 or baseline >= 1.0:
        return None
    return Credits(fleet=fleet, earn_per_s=earned, capacity=_DAY_S * earned, baseline=baseline, unlimited=False)


def cache_visit(room: Room, component: Component, call: Call, *, replica: bool = False) -> Steps:
    """Round trips, the engine's time, and the look-up that decides whether what lies behind is asked.

    Args:
        room: The room, for its assumptions.
        component: The component.
        call: The call.
        replica: Whether a replica is asked.
    """
    operations = demand(room, call, "operations").value
    engine_s = characteristic(room, component, "time_per_operation").value * operations
    latency_s = fact("elasticache.latency_s").value * operations
    return Steps(
        enter=(
            Wait(lognormal(latency_s, _LATENCY_VARIATION)),
            Work(f"{component.name}/{'readers' if replica else 'engine'}", lognormal(engine_s, _ENGINE_VARIATION)),
            Lookup(f"{component.name}/keys"),
        )
    )


def cache_price(catalog: Catalog, *, node_type: str, engine: str, nodes: float) -> Cost:
    """All nodes by the hour.

    Raises:
        CatalogError: The node type is not known, or has no price.
    """
    each = catalog.cache_price(node_type, engine)
    return Cost(
        usd_per_h=nodes * each.usd,
        items={"nodes": nodes * each.usd},
        notes=("backups and data transfer between Availability Zones are not counted",),
        sources=(source_of(each),),
    )


def node_knobs(component: Component, situation: Situation, catalog: Catalog, engine: str) -> Iterator[Change]:
    """A newer node, on Graviton too (a managed cache needs no change of code), and a larger one.

    Raises:
        CatalogError: The node type is not known.
    """
    if "CacheNodeType" not in component.origins:
        return
    now = catalog.cache_node(str(component.settings["CacheNodeType"]))
    names: dict[str, str] = {}
    for name in one_of_each_architecture(newer_cache_nodes(catalog, now.name, engine), "arm64"):
        names.setdefault(name, "a newer processor executes the same commands in less time")
    if now.baseline < 1.0:
        for name in steady_nodes(catalog, now, engine):
            names.setdefault(name, "it has no CPU credits that can run out")
    larger = larger_cache_node(catalog, now.name, engine)
    if larger is not None and (situation.pressures or "objects" in component.characteristics):
        names.setdefault(larger.name, "more memory keeps more keys")
    for name, because in names.items():
        yield Change(
            component=component.name,
            setting="CacheNodeType",
            before=now.name,
            after=name,
            because=because,
            caveat="the cache is cold afterwards"
            if is_memcached(engine)
            else "the nodes are replaced: a short interruption when the new primary takes over",
        )


def steady_nodes(catalog: Catalog, now: CacheNodeType, engine: str) -> tuple[str, ...]:
    """The cheapest node without CPU credits that has at least the memory of a burstable one."""
    priced: list[tuple[float, str]] = []
    for other in catalog.cache_nodes():
        if other.baseline >= 1.0 and other.maxmemory_bytes >= now.maxmemory_bytes and other.family in {"m6g", "m7g"}:
            try:
                priced.append((catalog.cache_price(other.name, engine).usd, other.name))
            except CatalogError:
                continue
    return (min(priced)[1],) if priced else ()
