"""DAX clusters: a write-through cache before DynamoDB whose nodes carry so many normalized requests.

A read that hits costs its size in kB, one that misses ten times as much, a write 25 times as much on every node; a node
of each type carries a published number of these a second, and what exceeds the cluster's is refused with a
ThrottlingException. Reads find their item with the hit ratio given; the calls on a miss are those to the table.

Not modelled: the query cache, evictions (the hit ratio is given), strongly consistent reads (they go to the table), CPU
credits of T nodes.

Sources: Amazon DynamoDB developer guide, "DAX cluster sizing guide", "DAX cluster components", "Burstable instances".
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Cache, lognormal
from tonnage.engine.program import Lookup, Take, Wait
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
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Resource,
    Stack,
    TemplateError,
    assumed,
)

KIND = "AWS::DAX::Cluster"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_dax_cluster", "boto3": "dax:DescribeClusters"}
TITLE = "DAX cluster"
ENTRY = False
ROLE: Role = "cache"

_GUIDE = "Amazon DynamoDB developer guide, DAX cluster sizing guide"
_COMPONENTS = "Amazon DynamoDB developer guide, DAX cluster components"
_MOST_NODES = 11

SETTINGS = (
    Setting(name="NodeType", unit="", default=None, meaning="Type of each node.", source=_COMPONENTS),
    Setting(
        name="ReplicationFactor",
        unit="1",
        default=1,
        meaning="Nodes: one primary, which takes the writes, and the rest read replicas.",
        source=_COMPONENTS,
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="hit_ratio",
        quantity=assumed(0.9, "1", "85 to 95 % are typical (DAX cluster sizing guide)", low=0.85, high=0.95),
        meaning="Share of reads that find their item: ItemCacheHits over ItemCacheHits plus ItemCacheMisses.",
    ),
    Characteristic(
        name="latency",
        quantity=fact("dax.latency_s").assumed(),
        meaning="Time of a request that hits. Measure in the caller.",
    ),
)
DEMANDS = (
    Demand(
        name="reads",
        quantity=assumed(1.0, "1", "one item", low=1.0, high=10.0),
        meaning="Items that a visit reads, eventually consistent.",
    ),
    Demand(
        name="writes",
        quantity=assumed(0.0, "1", "it only reads", low=0.0, high=1.0),
        meaning="Items that a visit writes through the cache; the call to the table stands beside it.",
    ),
    Demand(
        name="item_size",
        quantity=assumed(1_000.0, "bytes", "a small item", low=500.0, high=10_000.0),
        meaning="Size of an item.",
    ),
)
_VARIATION = 0.5
_TARGET = 0.8
"""Share of its capacity that a cluster should use at the peak, for proposals."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a cluster.

    Raises:
        TemplateError: ReplicationFactor is not a number of nodes.
    """
    gathered = Gathered()
    if gathered.text("NodeType", resource) is None:
        why = gathered.unknown.get("NodeType", "it is not given")
        return NotModelled(
            name=resource.name,
            kind=KIND,
            reason=f"its NodeType is not known: {why}",
            place=resource.place_of("NodeType"),
            matters=True,
        )
    nodes = gathered.number("ReplicationFactor", resource)
    if nodes is not None and not 1 <= nodes <= _MOST_NODES:
        raise TemplateError(
            f"{resource.name}: ReplicationFactor is {nodes:g}",
            place=resource.place_of("ReplicationFactor"),
            remedy=f"Give 1 to {_MOST_NODES} nodes ({_COMPONENTS}).",
        )
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def normalized(hits: float, misses: float, writes: float, *, item_kb: float, nodes: int) -> float:
    """Requests in units of a hit of 1 kB: a miss counts ten, a write 25 on every node (DAX cluster sizing guide)."""
    miss, write = fact("dax.miss_factor").value, fact("dax.write_factor").value
    return item_kb * (hits + miss * misses + write * nodes * writes)


def needed(normalized_per_s: float, *, utilization: float, nodes: int) -> float:
    """Capacity that a cluster should have: room above its target utilization, or for the loss of a node, if more.

    Source: DAX cluster sizing guide, "target RPS".
    """
    without_one = nodes / (nodes - 1) if nodes > 1 else math.inf
    return normalized_per_s * max(1.0 / utilization, without_one)


def _nodes(component: Component) -> int:
    return int(number_of(_ROOM, component, "ReplicationFactor"))


def _per_node(component: Component) -> float:
    """Normalized requests per second that a node carries."""
    family, _, size = str(component.settings["NodeType"]).removeprefix("dax.").partition(".")
    if family.startswith("t"):
        return fact("dax.normalized_rps.t").value
    known = {"large", "xlarge", "2xlarge", "4xlarge"}
    return fact(f"dax.normalized_rps.{size if size in known else '8xlarge'}").value


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """What all nodes carry together, and what they keep; with two nodes or more a lost zone is survived."""
    name, nodes = component.name, _nodes(component)
    rate = nodes * _per_node(component)
    limits = {
        "normalized requests/s": rate,
        "writes of 1 kB/s": rate / fact("dax.write_factor").value / nodes,
    }
    return Behaviour(
        primitives={
            f"{name}/capacity": Bucket(rate_per_s=rate, capacity=rate, refusal="throttled (ThrottlingException)"),
            f"{name}/items": Cache(hit_ratio=characteristic(_ROOM, component, "hit_ratio").value),
        },
        limits=limits,
        zone_loss_s=0.0 if nodes > 1 else math.inf,
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """The round trip, its share of the capacity, the look-up."""
    hit_ratio = characteristic(_ROOM, component, "hit_ratio").value
    reads, writes = (demand(_ROOM, call, name).value for name in ("reads", "writes"))
    units = normalized(
        reads * hit_ratio,
        reads * (1.0 - hit_ratio),
        writes,
        item_kb=demand(_ROOM, call, "item_size").value / 1000.0,
        nodes=_nodes(component),
    )
    latency_s = characteristic(_ROOM, component, "latency").value
    return Steps(
        enter=(
            Wait(lognormal(latency_s, _VARIATION)),
            Take(f"{component.name}/capacity", units),
            Lookup(f"{component.name}/items"),
        ),
        usage={"normalized": units},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """All nodes by the hour.

    Raises:
        CatalogError: The node type has no price.
    """
    each = catalog.unit_price("dax", str(component.settings["NodeType"]))
    usd = _nodes(component) * each.usd
    return Cost(usd_per_h=usd, items={"nodes": usd}, sources=(source_of(each),))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """As many nodes as the peak needs with one of them lost, where the cluster refuses."""
    if "throttle" not in situation.pressures or "ReplicationFactor" not in component.origins:
        return
    now = _nodes(component)
    offered = situation.peak_visits_per_s * situation.per_visit.get("normalized", 1.0)
    for nodes in range(now + 1, _MOST_NODES + 1):
        if nodes * _per_node(component) >= needed(offered, utilization=_TARGET, nodes=nodes):
            yield Change(
                component=component.name,
                setting="ReplicationFactor",
                before=component.settings.get("ReplicationFactor"),
                after=nodes,
                because="the nodes carry the peak, with one of them lost",
                caveat="each write is made on every node: more nodes help reads only",
            )
            return


_ROOM = room_of(sys.modules[__name__])
