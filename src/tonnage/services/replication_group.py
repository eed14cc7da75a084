"""ElastiCache replication groups: Redis or Valkey in one or more shards, each a primary with replicas.

Visits go to the primaries: reading from replicas is up to the application, a call with the demand ``readers: 1`` does.
With Application Auto Scaling the shards follow the load of the primaries' engines (``service_target_tracking``); the
keys that a shard takes over, or gives away, are there once their slots have moved. What all shards keep together stays
as it was at the start, and the scaling of replicas is read and not run.
See ``_cache`` for the rest. Source: Amazon ElastiCache user guide, "High availability using replication groups".
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tonnage.catalog import Catalog, fact
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
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    ScalingGroup,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._properties import Gathered, number_in, number_of, room_of, setting
from tonnage.services._scalable_target import largest_maximum
from tonnage.services._service_scaling import service_policies
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, TemplateError, assumed

KIND = "AWS::ElastiCache::ReplicationGroup"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_elasticache_replication_group", "boto3": "elasticache:DescribeReplicationGroups"}
TITLE = "ElastiCache replication group"
ENTRY = False
ROLE: Role = "cache"

_SHARDS = "elasticache:replication-group:NodeGroups"
_SCALING_PAGE = "Amazon ElastiCache user guide, Using Auto Scaling with shards"
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
    Setting(
        name="MinCapacity",
        unit="1",
        default=None,
        meaning="Least shards under auto scaling; unset means NumNodeGroups.",
        source=_SCALING_PAGE,
    ),
    Setting(
        name="MaxCapacity",
        unit="1",
        default=None,
        meaning="Most shards under auto scaling; unset means NumNodeGroups.",
        source=_SCALING_PAGE,
    ),
)

CHARACTERISTICS = (
    *CACHE_CHARACTERISTICS,
    Characteristic(
        name="reshard_time",
        quantity=fact("elasticache.reshard_s").assumed(),
        meaning="From the decision to add shards until their slots have moved to them; only where shards are scaled. "
        "See the group's events.",
    ),
)
DEMANDS = (
    *CACHE_DEMANDS,
    Demand(
        name="readers",
        quantity=assumed(0.0, "1", "the application asks the primary", low=0.0, high=0.0),
        meaning="1 for a call that reads from a replica (reader endpoint, READONLY), 0 for one to the primary.",
    ),
)

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
    policies = service_policies(resource, stack, gathered, _SHARDS, "ReplicationGroupId")
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=policies,
        place=resource.place,
    )


def _bounds(component: Component) -> tuple[int, int]:
    """Least and most shards; those of the group where nothing scales them."""
    least, most = (number_in(component.settings.get(name)) for name in ("MinCapacity", "MaxCapacity"))
    shards = _shards(component)
    low = shards if least is None else int(least)
    return low, max(low, shards if most is None else int(most))


def _shards(component: Component) -> int:
    return int(number_of(_ROOM, component, "NumNodeGroups"))


def _nodes(component: Component) -> int:
    """All nodes: shards times a primary with its replicas, or the members of the only shard."""
    replicas = number_in(component.settings.get("ReplicasPerNodeGroup"))
    if replicas is not None:
        return _shards(component) * (1 + int(replicas))
    members = int(number_of(_ROOM, component, "NumCacheClusters"))
    return members if _shards(component) == 1 else _shards(component)


def _replicas(component: Component) -> int:
    """Replicas of all shards of the files; those that scaling adds are left out."""
    return _nodes(component) - _shards(component)


def _engine(component: Component) -> str:
    return str(setting(_ROOM, component, "Engine"))


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Primaries with their engine thread, and what they keep.

    Raises:
        CatalogError: The node type is not known.
    """
    low, high = _bounds(component)
    ceiling = max(high, int(largest_maximum(component.policies)))
    made = cache_behaviour(
        _ROOM,
        component,
        catalog,
        node_type=str(component.settings["CacheNodeType"]),
        engine=_engine(component),
        shards=_shards(component),
        most=2 * ceiling + 2 if component.policies else 0,
        replicas=_replicas(component),
    )
    if not component.policies:
        return made
    group = ScalingGroup(
        fleet=f"{component.name}/engine",
        minimum=low,
        maximum=high,
        desired=_shards(component),
        policies=component.policies,
        boot_s=characteristic(_ROOM, component, "reshard_time").value,
        default_warmup_s=0.0,
        default_cooldown_s=600.0,
        drain_s=0.0,
        metric_period_s=60.0,
        ceiling=ceiling,
    )
    return replace(made, controls=(*made.controls, group))


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Round trips, the engine's time, the look-up."""
    asked = demand(_ROOM, call, "readers").value > 0.0 and _replicas(component) > 0
    return cache_visit(_ROOM, component, call, replica=asked)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """All nodes by the hour, replicas included.

    Raises:
        CatalogError: The node type is not known, or has no price.
    """
    node_type = str(component.settings["CacheNodeType"])
    nodes = _nodes(component)
    scaled = usage.instances * nodes / _shards(component) if component.policies else nodes
    return cache_price(catalog, node_type=node_type, engine=_engine(component), nodes=scaled)


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
