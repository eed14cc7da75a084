"""ElastiCache replication groups: Redis or Valkey in one or more shards, each a primary with replicas.

All visits go to the primaries: replicas are priced, but reading from them is up to the application and not modelled.
See ``_cache`` for the rest. Source: Amazon ElastiCache user guide, "High availability using replication groups".
"""

import sys
from collections.abc import Iterable, Iterator

from tonnage.catalog import Catalog
from tonnage.services._cache import (
    CACHE_CHARACTERISTICS,
    CACHE_DEMANDS,
    EVICTION_SETTING,
    cache_behaviour,
    cache_price,
    cache_visit,
    gather_eviction,
    node_knobs,
)
from tonnage.services._face import Behaviour, Cost, Role, Setting, Situation, Steps, Usage
from tonnage.services._properties import Gathered, number_in, number_of, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, TemplateError

KIND = "AWS::ElastiCache::ReplicationGroup"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_elasticache_replication_group", "boto3": "elasticache:DescribeReplicationGroups"}
TITLE = "ElastiCache replication group"
ENTRY = False
ROLE: Role = "cache"

_PAGE = "CloudFormation, AWS::ElastiCache::ReplicationGroup"
SETTINGS = (
    Setting(
        name="CacheNodeType",
        unit="",
        default=None,
        meaning="Type of each node.",
        source="Amazon ElastiCache user guide, Supported node types",
    ),
    Setting(name="Engine", unit="", default="redis", meaning="redis or valkey.", source=_PAGE),
    Setting(name="NumNodeGroups", unit="1", default=1, meaning="Shards over which keys are spread.", source=_PAGE),
    Setting(
        name="ReplicasPerNodeGroup",
        unit="1",
        default=None,
        meaning="Replicas of each shard; unset means NumCacheClusters less the primary.",
        source=_PAGE,
    ),
    Setting(
        name="NumCacheClusters",
        unit="1",
        default=1,
        meaning="Nodes of a group with one shard, the primary included.",
        source=_PAGE,
    ),
    EVICTION_SETTING,
)

CHARACTERISTICS = CACHE_CHARACTERISTICS
DEMANDS = CACHE_DEMANDS

_MOST_SHARDS = 500
_NUMBERS = ("NumNodeGroups", "ReplicasPerNodeGroup", "NumCacheClusters")


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a group.

    Raises:
        TemplateError: A number of shards or replicas is none.
    """
    gathered = Gathered()
    if gathered.text("CacheNodeType", resource) is None:
        why = gathered.unknown.get("CacheNodeType", "it is not given (a secondary group takes it from its primary)")
        return NotModelled(
            name=resource.name,
            kind=KIND,
            reason=f"its CacheNodeType is not known: {why}",
            place=resource.place_of("CacheNodeType"),
            matters=True,
        )
    gathered.text("Engine", resource)
    if "Engine" in gathered.settings:
        gathered.settings["Engine"] = str(gathered.settings["Engine"]).lower()
    for name in _NUMBERS:
        value = gathered.number(name, resource)
        least = 0 if name == "ReplicasPerNodeGroup" else 1
        if value is not None and not least <= value <= _MOST_SHARDS:
            raise TemplateError(
                f"{resource.name}: {name} is {value:g}",
                place=resource.place_of(name),
                remedy=f"Give a number from {least} to {_MOST_SHARDS}.",
            )
    shards = resource.get("NodeGroupConfiguration")
    if isinstance(shards, tuple) and "NumNodeGroups" not in gathered.settings:
        # Each item describes one shard, so their number cannot be changed by a setting of its own.
        gathered.settings["NumNodeGroups"] = len(shards)
        del gathered.origins["NumNodeGroups"]
        replicas = number_in(resource.get("NodeGroupConfiguration", 0, "ReplicaCount"))
        if replicas is not None and "ReplicasPerNodeGroup" not in gathered.settings:
            gathered.settings["ReplicasPerNodeGroup"] = replicas
    gather_eviction(gathered, resource, stack)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _shards(component: Component) -> int:
    return int(number_of(_ROOM, component, "NumNodeGroups"))


def _nodes(component: Component) -> int:
    """All nodes: shards times a primary with its replicas, or the members of the only shard."""
    replicas = number_in(component.settings.get("ReplicasPerNodeGroup"))
    if replicas is not None:
        return _shards(component) * (1 + int(replicas))
    members = int(number_of(_ROOM, component, "NumCacheClusters"))
    return members if _shards(component) == 1 else _shards(component)


def _engine(component: Component) -> str:
    return str(setting(_ROOM, component, "Engine"))


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Primaries with their engine thread, and what they keep.

    Raises:
        CatalogError: The node type is not known.
    """
    return cache_behaviour(
        _ROOM,
        component,
        catalog,
        node_type=str(component.settings["CacheNodeType"]),
        engine=_engine(component),
        shards=_shards(component),
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Round trips, the engine's time, the look-up."""
    return cache_visit(_ROOM, component, call)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """All nodes by the hour, replicas included.

    Raises:
        CatalogError: The node type is not known, or has no price.
    """
    node_type = str(component.settings["CacheNodeType"])
    return cache_price(catalog, node_type=node_type, engine=_engine(component), nodes=_nodes(component))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Newer and larger nodes; more shards where the group is sharded and its threads are full.

    Raises:
        CatalogError: The node type is not known.
    """
    return (*_more_shards(component, situation), *node_knobs(component, situation, catalog, _engine(component)))


def _more_shards(component: Component, situation: Situation) -> Iterator[Change]:
    """A group without cluster mode cannot be given shards in place: clients speak another protocol to it."""
    shards = _shards(component)
    sharded = "NumNodeGroups" in component.settings and "NumNodeGroups" in component.origins
    wanted = situation.pressures or "objects" in component.characteristics
    if not sharded or not wanted:
        return
    for after in sorted({shards + 1, shards * 2}):
        if after <= _MOST_SHARDS:
            yield Change(
                component=component.name,
                setting="NumNodeGroups",
                before=shards,
                after=after,
                because="more shards share the keys, each with an engine thread of its own",
                caveat="resharding goes on online and takes some of the engine's time",
            )


_ROOM = room_of(sys.modules[__name__])
