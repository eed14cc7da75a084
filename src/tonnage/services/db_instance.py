"""RDS instances: MySQL, MariaDB, PostgreSQL, Oracle and SQL Server on one instance, with or without a standby.

vCPUs by processor sharing, a limit on connections by engine and memory, and a volume with its IOPS and bursts behind
the instance class. db.t3 and db.t4g run in unlimited mode: beyond their credits they go on at full speed and the
surplus is billed; db.t2 falls to its baseline.

Not modelled: the standby's share of write latency (Multi-AZ commits wait for it, typically a few milliseconds more),
memory and its cache (it is in ``io``), locks, throughput of the volume in MiB/s, storage autoscaling. A member of a DB
cluster is counted with its cluster; a read replica is a component of its own.

Source: Amazon RDS user guide, "DB instance classes", "Amazon RDS DB instance storage", "Quotas and constraints".
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Primitive
from tonnage.services._burstable import credits_of_class
from tonnage.services._database import (
    CPU,
    CPU_VARIATION,
    IO,
    QUERIES,
    cpu_of,
    default_connections,
    engine_is_known,
    visit_steps,
)
from tonnage.services._database_knobs import class_knobs, connection_knobs, storage_knobs
from tonnage.services._database_proxy import (
    PROXY,
    PROXY_CHARACTERISTICS,
    PROXY_SETTINGS,
    gather_proxy,
    pool_of,
    proxied,
    proxy_usd_per_h,
)
from tonnage.services._database_storage import storage_of, striped
from tonnage.services._face import (
    Behaviour,
    Control,
    Cost,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, named, number_in, number_of, referred, room_of, setting
from tonnage.services._volumes import Storage, bucket_of, burst_of, limited
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Origin, Resource, Stack

KIND = "AWS::RDS::DBInstance"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_db_instance", "boto3": "rds:DescribeDBInstances"}
TITLE = "RDS instance"
ENTRY = False
ROLE: Role = "server"

_GUIDE = "Amazon RDS user guide, Amazon RDS DB instance storage"
SETTINGS = (
    Setting(
        name="DBInstanceClass",
        unit="",
        default=None,
        meaning="Instance class: vCPUs, memory, and what it carries to storage.",
        source="Amazon RDS user guide, DB instance classes",
    ),
    Setting(name="Engine", unit="", default=None, meaning="Database engine.", source="CloudFormation"),
    Setting(
        name="AllocatedStorage",
        unit="GiB",
        default=20,
        meaning="Size of the volume; unset is read as the least that RDS gives.",
        source=_GUIDE,
    ),
    Setting(
        name="StorageType",
        unit="",
        default=None,
        meaning="gp2, gp3, io1, io2 or standard; unset means io1 where Iops is given and gp3 elsewhere.",
        source="Amazon RDS API reference, CreateDBInstance",
    ),
    Setting(name="Iops", unit="1/s", default=None, meaning="Provisioned IOPS of gp3, io1 and io2.", source=_GUIDE),
    Setting(
        name="MultiAZ",
        unit="",
        default=False,
        meaning="Whether a standby in another Availability Zone is kept.",
        source="Amazon RDS user guide, Multi-AZ DB instance deployments",
    ),
    Setting(
        name="max_connections",
        unit="1",
        default=None,
        meaning="Limit on connections from the parameter group; unset means the engine's default by memory.",
        source="Amazon RDS user guide, Quotas and constraints: maximum number of database connections",
    ),
    *PROXY_SETTINGS,
)
CHARACTERISTICS = (CPU_VARIATION, *PROXY_CHARACTERISTICS)
DEMANDS = (CPU, IO, QUERIES)

_CLUSTER = "AWS::RDS::DBCluster"
_PARAMETERS = "AWS::RDS::DBParameterGroup"
_INHERITED = ("Engine", "AllocatedStorage", "StorageType", "Iops")


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of an instance, with its parameter group; a read replica takes from its source what it lacks.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    if resource.get("DBClusterIdentifier") is not None:
        cluster = next(referred(resource.get("DBClusterIdentifier"), stack, _CLUSTER), None)
        where = f"cluster {cluster.name}" if cluster else "a cluster that is not in the files"
        return _not_modelled(resource, f"it is counted as a member of {where}", matters=cluster is None)
    gathered = Gathered()
    gathered.text("DBInstanceClass", resource)
    gathered.switch("MultiAZ", resource)
    carrier = named(resource.get("SourceDBInstanceIdentifier"), stack, KIND, "DBInstanceIdentifier")
    for name in _INHERITED:
        source = carrier if carrier is not None and resource.get(name) is None else resource
        if name in {"Engine", "StorageType"}:
            gathered.text(name, source)
        else:
            gathered.number(name, source)
        gathered.origins[name] = Origin(resource=resource.name, path=(name,), place=resource.places.get((name,)))
    if "DBInstanceClass" not in gathered.settings:
        why = gathered.unknown.get("DBInstanceClass", "it is restored from elsewhere")
        return _not_modelled(resource, f"its instance class is not known: {why}")
    if "Engine" not in gathered.settings:
        why = gathered.unknown.get("Engine", "it is restored from elsewhere")
        return _not_modelled(resource, f"its engine is not known: {why}")
    engine = str(gathered.settings["Engine"])
    if not engine_is_known(engine) or engine.startswith("aurora"):
        return _not_modelled(resource, f"the limits of engine {engine} on an instance of its own are not known")
    _gather_connections(gathered, resource, stack)
    gather_proxy(gathered, resource, stack, "DBInstanceIdentifiers")
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _not_modelled(resource: Resource, reason: str, *, matters: bool = True) -> NotModelled:
    return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=matters)


def _gather_connections(gathered: Gathered, resource: Resource, stack: Stack) -> None:
    """Take ``max_connections`` from the parameter group where it is a plain number, not a formula."""
    group = named(resource.get("DBParameterGroupName"), stack, _PARAMETERS, "DBParameterGroupName")
    path = ("Parameters", "max_connections")
    if group is not None and number_in(group.get(*path)) is not None:
        gathered.number("max_connections", group, *path)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """vCPUs, connections and volume, with credits and bursts.

    Raises:
        CatalogError: The class is not known.
    """
    name = component.name
    db_class = catalog.db_class(str(component.settings["DBInstanceClass"]))
    engine = str(component.settings["Engine"])
    own = number_in(component.settings.get("max_connections"))
    limit = default_connections(engine, db_class.memory_gib) if own is None else int(own)
    storage = limited(_storage(component), db_class.ebs_base_iops)
    primitives: dict[str, Primitive] = {
        f"{name}/cpu": cpu_of(db_class),
        f"{name}/connections": pool_of(_ROOM, component, limit),
        f"{name}/io": bucket_of(storage),
    }
    controls: tuple[Control | None, ...] = (
        credits_of_class(f"{name}/cpu", db_class),
        burst_of(f"{name}/io", storage),
    )
    return Behaviour(
        primitives=primitives,
        controls=tuple(control for control in controls if control is not None),
        limits={"max_connections": limit, "IOPS": storage.baseline_per_s},
        zone_loss_s=fact("rds.failover_s").value if setting(_ROOM, component, "MultiAZ") else math.inf,
    )


def _storage_type(component: Component) -> str:
    kind = setting(_ROOM, component, "StorageType")
    if kind is not None:
        return str(kind)
    return "gp3" if component.settings.get("Iops") is None else "io1"


def _storage(component: Component) -> Storage:
    return storage_of(
        _storage_type(component),
        str(component.settings["Engine"]),
        number_of(_ROOM, component, "AllocatedStorage"),
        number_in(component.settings.get("Iops")),
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A connection, held over the visit; round trips, CPU, operations of the volume with their latency."""
    enter, leave = visit_steps(
        component.name,
        cpu_s=demand(_ROOM, call, "cpu").value,
        cpu_variation=characteristic(_ROOM, component, "cpu_variation").value,
        queries=demand(_ROOM, call, "queries").value,
        before=proxied(_ROOM, component, demand(_ROOM, call, "queries").value),
        io=demand(_ROOM, call, "io").value,
        storage_s=_storage(component).latency_s,
        bucket=True,
    )
    return Steps(enter=enter, leave=leave)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """The class, its volume and provisioned IOPS, twice with a standby, and surplus CPU credits.

    Raises:
        CatalogError: The class is not known, or has no price.
    """
    standby = bool(setting(_ROOM, component, "MultiAZ"))
    class_name, engine = str(component.settings["DBInstanceClass"]), str(component.settings["Engine"])
    instance = catalog.db_price(class_name, engine, multi_az=standby)
    storage_usd, sources = _storage_usd_per_month(component, catalog)
    copies = 2.0 if standby else 1.0
    items = {"instance": instance.usd, "storage": storage_usd * copies / HOURS_PER_MONTH}
    if component.settings.get(PROXY):
        items["proxy"] = proxy_usd_per_h(component, catalog, catalog.db_class(class_name))
    burst = credits_of_class(f"{component.name}/cpu", catalog.db_class(class_name))
    if burst is not None and burst.unlimited:
        items["surplus CPU credits"] = usage.surplus_credit_s_per_h / 3600.0 * burst.surplus_usd_per_server_hour
    notes = ["backups and data transfer are not counted"]
    if standby:
        notes.append("the standby is priced; what it adds to the latency of writes is not modelled")
    if "licences" in instance.basis:
        notes.append(f"licences of {engine} are not counted: the instance is priced as PostgreSQL")
    return Cost(usd_per_h=sum(items.values()), items=items, notes=tuple(notes), sources=(source_of(instance), *sources))


def _storage_usd_per_month(component: Component, catalog: Catalog) -> tuple[float, tuple[str, ...]]:
    """Price of one copy of the volume a month; magnetic storage is priced as gp2, io2 as io1."""
    kind, gib = _storage_type(component), number_of(_ROOM, component, "AllocatedStorage")
    priced = {"standard": "gp2", "io2": "io1"}.get(kind, kind)
    per_gib = catalog.unit_price("rds", f"{priced}_storage_single_az")
    usd, sources = gib * per_gib.usd, [source_of(per_gib)]
    engine = str(component.settings["Engine"])
    provisioned = storage_of(kind, engine, gib, number_in(component.settings.get("Iops"))).baseline_per_s
    if priced == "io1":
        per_iops = catalog.unit_price("rds", "io1_iops_single_az")
        usd, sources = usd + provisioned * per_iops.usd, [*sources, source_of(per_iops)]
    elif priced == "gp3":
        per_iops = catalog.unit_price("rds", "gp3_iops_single_az_above_baseline")
        free = storage_of(kind, engine, gib, None).baseline_per_s
        usd, sources = usd + (provisioned - free) * per_iops.usd, [*sources, source_of(per_iops)]
    return usd, tuple(sources)


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Storage first where it is full, else the class; connections where they ran out.

    Raises:
        CatalogError: The class is not known.
    """
    engine = str(component.settings["Engine"])
    classes = class_knobs(component, situation, catalog, engine)
    gib = number_of(_ROOM, component, "AllocatedStorage")
    volumes = storage_knobs(component, situation, _storage_type(component), gib, striped=striped(engine, gib))
    memory_gib = catalog.db_class(str(component.settings["DBInstanceClass"])).memory_gib
    more = connection_knobs(component, situation, default_connections(engine, memory_gib))
    if "iops" in situation.pressures[:1]:
        return (*volumes, *classes, *more)
    return (*more, *classes, *volumes)


_ROOM = room_of(sys.modules[__name__])
