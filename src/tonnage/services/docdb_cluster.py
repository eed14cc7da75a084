"""DocumentDB clusters, coarsely: a primary and replicas, each with the vCPUs of its class and a limit on connections.

Calls that have the demand ``readers: 1`` go to a replica, where there is one.

Not modelled: operations of the storage, cursors, elastic clusters, failover, and the price of instances: the catalogue
has none for DocumentDB.

Source: Amazon DocumentDB developer guide, "Instance class specifications", "Amazon DocumentDB quotas and limits".
"""

import sys
from collections.abc import Iterable
from dataclasses import replace

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Primitive
from tonnage.services._database import CPU, CPU_VARIATION, IO, QUERIES, connections_of, cpu_of, visit_steps
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
from tonnage.services._properties import Gathered, number_of, referred, room_of
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::DocDB::DBCluster"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_docdb_cluster", "boto3": "docdb:DescribeDBClusters"}
TITLE = "DocumentDB cluster"
ENTRY = False
ROLE: Role = "server"
_INSTANCE = "AWS::DocDB::DBInstance"
_GUIDE = "Amazon DocumentDB developer guide"
_READERS = "Readers"

SETTINGS = (
    Setting(
        name="DBInstanceClass",
        unit="",
        default=None,
        meaning="Class of the instances.",
        source=f"{_GUIDE}, instance class specifications",
    ),
    Setting(name=_READERS, unit="1", default=0, meaning="Instances beside the primary.", source=f"{_GUIDE}, replicas"),
)
CHARACTERISTICS = (
    CPU_VARIATION,
    Characteristic(
        name="storage_latency",
        quantity=assumed(0.002, "s", "as of Aurora, whose storage it resembles", low=0.001, high=0.006),
        meaning="Mean time of a read from, or a write to, the cluster volume: ReadLatency, WriteLatency.",
    ),
)
DEMANDS = (
    CPU,
    IO,
    QUERIES,
    Demand(
        name="readers",
        quantity=assumed(0.0, "1", "the application asks the primary", low=0.0, high=0.0),
        meaning="1 for a call that reads from a replica, 0 for one to the primary.",
    ),
)


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a cluster with its instances, in the order of the file."""
    gathered = Gathered()
    members = [
        each for each in stack.of_kind(_INSTANCE) if resource in referred(each.get("DBClusterIdentifier"), stack, KIND)
    ]
    if not members or gathered.text("DBInstanceClass", members[0]) is None:
        why = gathered.unknown.get("DBInstanceClass", "no instance in the files is a member of it")
        reason = f"the class of its instances is not known: {why}"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=True)
    gathered.settings[_READERS] = len(members) - 1
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """VCPUs and connections of the primary, and of the replicas.

    Raises:
        CatalogError: The class is not known.
    """
    name = component.name
    db_class = catalog.db_class(str(component.settings["DBInstanceClass"]))
    cpu = cpu_of(db_class)
    limit = max(1, int(fact("docdb.connections_per_gib").value * db_class.memory_gib))
    primitives: dict[str, Primitive] = {f"{name}/cpu": cpu, f"{name}/connections": connections_of(limit)}
    readers = int(number_of(_ROOM, component, _READERS))
    if readers > 0:
        primitives[f"{name}/readers"] = replace(cpu, instances=readers, max_instances=readers, rule="random")
        primitives[f"{name}/reader connections"] = replace(connections_of(limit), fleet=f"{name}/readers")
    return Behaviour(
        primitives=primitives, limits={"connections": float(limit)}, zone_loss_s=fact("aurora.failover_s").value
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A connection, held over the visit; round trips, CPU, storage."""
    asked = demand(_ROOM, call, "readers").value > 0.0 and number_of(_ROOM, component, _READERS) > 0
    enter, leave = visit_steps(
        component.name,
        cpu_s=demand(_ROOM, call, "cpu").value,
        cpu_variation=characteristic(_ROOM, component, "cpu_variation").value,
        queries=demand(_ROOM, call, "queries").value,
        io=demand(_ROOM, call, "io").value,
        storage_s=characteristic(_ROOM, component, "storage_latency").value,
        bucket=False,
        readers=asked,
    )
    return Steps(enter=enter, leave=leave)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Not counted."""
    return Cost(usd_per_h=0.0, notes=("the price of DocumentDB is not in the catalogue and not counted",))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: without a price no class can be weighed against another."""
    return ()


_ROOM = room_of(sys.modules[__name__])
