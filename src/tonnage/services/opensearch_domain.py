"""OpenSearch domains, coarsely: data nodes that share the searches, each with the vCPUs of its instance type.

A search asks several shards at once; their work is taken together as one demand of CPU at one node. What a search costs
depends on the index and the query alone: measure it.

Not modelled: shards and their replicas, heap and caches, indexing beside searches, dedicated masters, UltraWarm,
Serverless collections, and the price: the catalogue has none for search instances.

Source: Amazon OpenSearch Service developer guide, "Sizing Amazon OpenSearch Service domains", "Supported instance
types".
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog
from tonnage.engine.primitives import Fleet, lognormal
from tonnage.engine.program import Wait, Work
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
    demand,
)
from tonnage.services._properties import Gathered, number_of, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::OpenSearchService::Domain"
ALSO: tuple[str, ...] = ("AWS::Elasticsearch::Domain",)
SPELLINGS = {"terraform": "aws_opensearch_domain", "boto3": "opensearch:DescribeDomains"}
TITLE = "OpenSearch domain"
ENTRY = False
ROLE: Role = "server"
_GUIDE = "Amazon OpenSearch Service developer guide"
_TYPE, _COUNT = "InstanceType", "InstanceCount"
_CONFIG = {KIND: "ClusterConfig", ALSO[0]: "ElasticsearchClusterConfig"}
_SUFFIXES = (".search", ".elasticsearch")

SETTINGS = (
    Setting(
        name=_TYPE,
        unit="",
        default="m5.large.search",
        meaning="Type of the data nodes.",
        source=f"{_GUIDE}, supported instance types",
    ),
    Setting(name=_COUNT, unit="1", default=1, meaning="Data nodes.", source=f"{_GUIDE}, creating domains"),
)
CHARACTERISTICS = (
    Characteristic(
        name="latency",
        quantity=assumed(0.005, "s", "network and coordination of the shards", low=0.002, high=0.02),
        meaning="Time of a search that is not CPU: SearchLatency of an idle domain less the query's CPU.",
    ),
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(0.02, "s", "a search over a small index; aggregations take more", low=0.005, high=0.2),
        meaning="CPU time of a search on one m5 vCPU, of all shards together: CPUUtilization x vCPUs x nodes over "
        "SearchRate, times the relative speed of the type.",
    ),
)
_VARIATION = 1.0
_BUSY = 0.7


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a domain.

    Raises:
        TemplateError: The number of nodes is not a number.
    """
    gathered = Gathered()
    gathered.text(_TYPE, resource, _CONFIG[resource.kind], _TYPE)
    gathered.number(_COUNT, resource, _CONFIG[resource.kind], _COUNT)
    if _TYPE in gathered.unknown:
        reason = f"its instance type is not known: {gathered.unknown[_TYPE]}"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=True)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _machine(component: Component) -> str:
    """The EC2 type of a node: search types are named after them."""
    name = str(component.settings.get(_TYPE) or SETTINGS[0].default)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Data nodes by their vCPUs.

    Raises:
        CatalogError: The type is not known.
    """
    machine = catalog.instance_type(_machine(component))
    nodes = max(1, int(number_of(_ROOM, component, _COUNT)))
    fleet = Fleet(
        servers=machine.vcpus,
        discipline="processor sharing",
        instances=nodes,
        max_instances=nodes,
        speed=machine.relative_speed.value,
    )
    return Behaviour(primitives={f"{component.name}/nodes": fleet}, limits={"nodes": float(nodes)})


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Network and coordination, then the CPU of the search."""
    latency_s = characteristic(_ROOM, component, "latency").value
    return Steps(
        enter=(
            Wait(lognormal(latency_s, _VARIATION)),
            Work(f"{component.name}/nodes", lognormal(demand(_ROOM, call, "cpu").value, _VARIATION)),
        )
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Not counted."""
    return Cost(usd_per_h=0.0, notes=("the price of search instances is not in the catalogue and not counted",))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More data nodes where they are busy."""
    if _COUNT not in component.origins or not ("cpu" in situation.pressures or situation.utilization > _BUSY):
        return
    now = int(number_of(_ROOM, component, _COUNT))
    for after in dict.fromkeys((now + 1, 2 * now)):
        yield Change(
            component=component.name,
            setting=_COUNT,
            before=component.settings.get(_COUNT),
            after=after,
            because="more data nodes share the searches",
            caveat="the index needs as many shards or replicas, and its price is not counted here",
        )


_ROOM = room_of(sys.modules[__name__])
