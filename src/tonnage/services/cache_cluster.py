"""ElastiCache clusters without replication: Memcached with its nodes, or a single Redis or Valkey node.

See ``_cache`` for what is modelled. Source: Amazon ElastiCache user guide.
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
    is_memcached,
    node_knobs,
)
from tonnage.services._face import Behaviour, Cost, Role, Setting, Situation, Steps, Usage
from tonnage.services._properties import Gathered, number_of, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, TemplateError

KIND = "AWS::ElastiCache::CacheCluster"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_elasticache_cluster", "boto3": "elasticache:DescribeCacheClusters"}
TITLE = "ElastiCache cluster"
ENTRY = False
ROLE: Role = "cache"

SETTINGS = (
    Setting(
        name="CacheNodeType",
        unit="",
        default=None,
        meaning="Type of each node.",
        source="Amazon ElastiCache user guide, Supported node types",
    ),
    Setting(name="Engine", unit="", default=None, meaning="memcached, redis or valkey.", source="CloudFormation"),
    Setting(
        name="NumCacheNodes",
        unit="1",
        default=1,
        meaning="Nodes over which Memcached clients spread the keys; 1 with Redis and Valkey.",
        source="CloudFormation, AWS::ElastiCache::CacheCluster",
    ),
    EVICTION_SETTING,
)

CHARACTERISTICS = CACHE_CHARACTERISTICS
DEMANDS = CACHE_DEMANDS

_MOST_NODES = 60


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a cluster.

    Raises:
        TemplateError: NumCacheNodes is not a number of nodes.
    """
    gathered = Gathered()
    for name in ("CacheNodeType", "Engine"):
        if gathered.text(name, resource) is None:
            why = gathered.unknown.get(name, "it is not given")
            return NotModelled(
                name=resource.name,
                kind=KIND,
                reason=f"its {name} is not known: {why}",
                place=resource.place_of(name),
                matters=True,
            )
    nodes = gathered.number("NumCacheNodes", resource)
    if nodes is not None and not 1 <= nodes <= _MOST_NODES:
        raise TemplateError(
            f"{resource.name}: NumCacheNodes is {nodes:g}",
            place=resource.place_of("NumCacheNodes"),
            remedy=f"Give 1 to {_MOST_NODES} nodes.",
        )
    gathered.settings["Engine"] = str(gathered.settings["Engine"]).lower()
    gather_eviction(gathered, resource, stack)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _engine(component: Component) -> str:
    return str(component.settings["Engine"])


def _nodes(component: Component) -> int:
    return int(number_of(_ROOM, component, "NumCacheNodes"))


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Nodes with their engine, and what they keep.

    Raises:
        CatalogError: The node type is not known.
    """
    return cache_behaviour(
        _ROOM,
        component,
        catalog,
        node_type=str(component.settings["CacheNodeType"]),
        engine=_engine(component),
        shards=_nodes(component),
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Round trips, the engine's time, the look-up."""
    return cache_visit(_ROOM, component, call)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """All nodes by the hour.

    Raises:
        CatalogError: The node type is not known, or has no price.
    """
    node_type = str(component.settings["CacheNodeType"])
    return cache_price(catalog, node_type=node_type, engine=_engine(component), nodes=_nodes(component))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """More Memcached nodes where they are full, newer and larger nodes.

    Raises:
        CatalogError: The node type is not known.
    """
    return (*_more_nodes(component, situation), *node_knobs(component, situation, catalog, _engine(component)))


def _more_nodes(component: Component, situation: Situation) -> Iterator[Change]:
    nodes = _nodes(component)
    wanted = situation.pressures or "objects" in component.characteristics
    if not is_memcached(_engine(component)) or "NumCacheNodes" not in component.origins or not wanted:
        return
    for after in sorted({nodes + 1, nodes * 2}):
        if after <= _MOST_NODES:
            yield Change(
                component=component.name,
                setting="NumCacheNodes",
                before=component.settings.get("NumCacheNodes"),
                after=after,
                because="more nodes share the keys",
                caveat="clients must hash consistently and discover nodes; keys that move are cold at first",
            )


_ROOM = room_of(sys.modules[__name__])
