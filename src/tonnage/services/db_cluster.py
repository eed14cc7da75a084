"""Aurora clusters, MySQL and PostgreSQL: the writer as one station, the readers as another, coarse but honest.

A visit goes to the writer: vCPUs by processor sharing and a limit on connections. Reading from readers is up to the
application: a call with the demand ``readers: 1`` goes through the reader endpoint to one of them, or to the writer
where there is none. With Aurora Auto Scaling the readers follow their load (``service_target_tracking``): those it adds
have the class of the writer, those in the files stay, and it acts only where there is a reader to measure. All readers
are simulated with the class of the first.

The cluster volume scales by itself and has no limit on operations here; each operation costs its latency and, without
I/O-Optimized storage, its price. Aurora Serverless v2 is taken as if it always had its maximum capacity, an ACU
standing for a quarter of a vCPU (AWS publishes 2 GiB of memory for an ACU, and R classes have 8 GiB for a vCPU): it
scales in place, usually within seconds, and what it lacks meanwhile is not seen. Its price is by the CPU that the
traffic needs.

Not modelled: Serverless v1, Multi-AZ DB clusters of RDS, replica lag, failover, Babelfish, Limitless.

Source: Amazon Aurora user guide, "DB instance classes", "Maximum connections", "Aurora Serverless v2", and Aurora
pricing.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Fleet, Primitive
from tonnage.services._burstable import credits_of_class
from tonnage.services._database import (
    CPU,
    CPU_VARIATION,
    IO,
    QUERIES,
    connections_of,
    cpu_of,
    default_connections,
    visit_steps,
)
from tonnage.services._database_knobs import class_knobs
from tonnage.services._database_proxy import (
    PROXY,
    PROXY_CHARACTERISTICS,
    PROXY_SETTINGS,
    gather_proxy,
    pool_of,
    proxied,
    proxy_usd_per_h,
)
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
    Cost,
    Credits,
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
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, number_in, number_of, referred, room_of, setting
from tonnage.services._scalable_target import largest_maximum
from tonnage.services._service_scaling import service_policies
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::RDS::DBCluster"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_rds_cluster", "boto3": "rds:DescribeDBClusters"}
TITLE = "Aurora cluster"
ENTRY = False
ROLE: Role = "server"

_MINIMUM, _MAXIMUM = "ServerlessV2ScalingConfiguration.MinCapacity", "ServerlessV2ScalingConfiguration.MaxCapacity"
_SERVERLESS_PAGE = "Amazon Aurora user guide, Aurora Serverless v2 capacity"
SETTINGS = (
    Setting(
        name="Engine", unit="", default=None, meaning="aurora-mysql or aurora-postgresql.", source="CloudFormation"
    ),
    Setting(
        name="DBInstanceClass",
        unit="",
        default=None,
        meaning="Class of the writer, the first instance of the cluster; db.serverless for Aurora Serverless v2.",
        source="Amazon Aurora user guide, DB instance classes",
    ),
    Setting(
        name="ReaderClasses",
        unit="",
        default="",
        meaning="Classes of the readers, the other instances of the cluster, separated by spaces.",
        source="Amazon Aurora user guide, Aurora DB clusters",
    ),
    Setting(
        name="StorageType",
        unit="",
        default="aurora",
        meaning="aurora (operations are billed) or aurora-iopt1 (I/O-Optimized).",
        source="Amazon Aurora user guide, storage configurations",
    ),
    Setting(
        name="MinCapacity",
        unit="1",
        default=None,
        meaning="Least readers under auto scaling.",
        source="Amazon Aurora user guide, Aurora Auto Scaling",
    ),
    Setting(
        name="MaxCapacity",
        unit="1",
        default=None,
        meaning="Most readers under auto scaling.",
        source="Amazon Aurora user guide, Aurora Auto Scaling",
    ),
    Setting(
        name=_MINIMUM, unit="ACU", default=0.5, meaning="Least capacity of Serverless v2.", source=_SERVERLESS_PAGE
    ),
    Setting(
        name=_MAXIMUM, unit="ACU", default=None, meaning="Most capacity of Serverless v2.", source=_SERVERLESS_PAGE
    ),
    *PROXY_SETTINGS,
)
CHARACTERISTICS = (
    CPU_VARIATION,
    Characteristic(
        name="storage_latency",
        quantity=assumed(
            0.002,
            "s",
            "reads from the cluster volume take about 1 ms, commits wait for four of six copies in three zones",
            low=0.001,
            high=0.006,
        ),
        meaning="Mean time of one read from, or commit to, the cluster volume. CloudWatch: ReadLatency, CommitLatency.",
    ),
    Characteristic(
        name="stored",
        quantity=assumed(50.0, "GB", "a small application's data; only the price depends on it", low=10.0, high=1000.0),
        meaning="Data in the cluster volume; only the price depends on it. CloudWatch: VolumeBytesUsed.",
    ),
    Characteristic(
        name="replica_time",
        quantity=fact("aurora.replica_s").assumed(),
        meaning="From the decision to add a reader until it answers; only with Aurora Auto Scaling. See the events.",
    ),
    *PROXY_CHARACTERISTICS,
)
DEMANDS = (
    CPU,
    IO,
    QUERIES,
    Demand(
        name="readers",
        quantity=assumed(0.0, "1", "the application asks the writer", low=0.0, high=0.0),
        meaning="1 for a call through the reader endpoint, 0 for one to the writer.",
    ),
)

_INSTANCE = "AWS::RDS::DBInstance"
_READERS = "rds:cluster:ReadReplicaCount"
_MOST_READERS = 15
_SERVERLESS = "db.serverless"
_VCPUS_PER_ACU = 0.25
_SURPLUS_USD = 0.09
"""Surplus CPU credits of T classes, USD for a vCPU-hour (Aurora pricing)."""
_READERS_TOO = "give the readers the same class, since any of them may become the writer"
_LOAD_OF_ACU = 0.7
"""Aurora Serverless v2 adds capacity before the CPU is full; the mean utilization of what it bills is assumed."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a cluster with its instances, in the order of the file.

    Raises:
        TemplateError: A capacity is no number.
    """
    gathered = Gathered()
    engine = gathered.text("Engine", resource)
    if engine not in {"aurora", "aurora-mysql", "aurora-postgresql"}:
        unknown = gathered.unknown.get("Engine", "it is not given")
        reason = f"its engine is not known: {unknown}" if engine is None else f"{engine} clusters are not modelled"
        return _not_modelled(resource, f"{reason}; only Aurora MySQL and Aurora PostgreSQL are")
    if resource.get("EngineMode") == "serverless":
        return _not_modelled(resource, "Aurora Serverless v1 scales by pausing at points that AWS does not describe")
    members = [
        instance
        for instance in stack.of_kind(_INSTANCE)
        if resource in referred(instance.get("DBClusterIdentifier"), stack, KIND)
    ]
    if not members:
        return _not_modelled(resource, "no instance in the files is a member of it")
    if gathered.text("DBInstanceClass", members[0]) is None:
        why = gathered.unknown.get("DBInstanceClass", "it is not given")
        return _not_modelled(resource, f"the class of its writer {members[0].name} is not known: {why}")
    gathered.settings["ReaderClasses"] = " ".join(
        str(found)
        if isinstance(found := reader.get("DBInstanceClass"), str)
        else str(gathered.settings["DBInstanceClass"])
        for reader in members[1:]
    )
    policies = service_policies(resource, stack, gathered, _READERS, "DBClusterIdentifier")
    gathered.text("StorageType", resource)
    gather_proxy(gathered, resource, stack, "DBClusterIdentifiers")
    for name in (_MINIMUM, _MAXIMUM):
        gathered.number(name, resource, *name.split("."))
    if gathered.settings["DBInstanceClass"] == _SERVERLESS and _MAXIMUM not in gathered.settings:
        why = gathered.unknown.get(_MAXIMUM, "it is not given")
        return _not_modelled(resource, f"the most capacity of its Serverless v2 instances is not known: {why}")
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=policies,
        place=resource.place,
    )


def _not_modelled(resource: Resource, reason: str) -> NotModelled:
    return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=True)


def _class(component: Component) -> str:
    return str(component.settings["DBInstanceClass"])


def _engine(component: Component) -> str:
    return str(component.settings["Engine"])


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """The writer's vCPUs and connections, with credits of T classes; the readers' likewise, and their scaling.

    Raises:
        CatalogError: The class is not known.
    """
    name = component.name
    controls: list[Control | None] = [_credits(component, catalog)]
    cpu, limit = _station(component, _class(component), catalog)
    primitives: dict[str, Primitive] = {f"{name}/cpu": cpu, f"{name}/connections": pool_of(_ROOM, component, limit)}
    least, most = _reader_bounds(component)
    if least > 0:
        reader, reader_limit = _station(component, _reader_class(component), catalog)
        ceiling = max(most, int(largest_maximum(component.policies)))
        primitives[f"{name}/readers"] = replace(
            reader, instances=least, max_instances=2 * ceiling + 2 if component.policies else least, rule="random"
        )
        primitives[f"{name}/reader connections"] = replace(connections_of(reader_limit), fleet=f"{name}/readers")
        controls.append(_credits(component, catalog, "readers"))
        if component.policies:
            controls.append(
                ScalingGroup(
                    fleet=f"{name}/readers",
                    minimum=least,
                    maximum=most,
                    desired=least,
                    policies=component.policies,
                    boot_s=characteristic(_ROOM, component, "replica_time").value,
                    default_warmup_s=0.0,
                    default_cooldown_s=300.0,
                    drain_s=0.0,
                    metric_period_s=60.0,
                    ceiling=ceiling,
                )
            )
    return Behaviour(
        primitives=primitives,
        controls=tuple(control for control in controls if control is not None),
        limits={"max_connections": limit},
        zone_loss_s=fact("aurora.failover_s").value,
    )


def _station(component: Component, class_name: str, catalog: Catalog) -> tuple[Fleet, int]:
    """CPU of an instance, and its limit on connections."""
    if class_name == _SERVERLESS:
        most = number_of(_ROOM, component, _MAXIMUM)
        cpu = Fleet(servers=max(1, round(most * _VCPUS_PER_ACU)), discipline="processor sharing")
        return cpu, default_connections(_engine(component), most * fact("aurora.gib_per_acu").value)
    db_class = catalog.db_class(class_name)
    return cpu_of(db_class), default_connections(_engine(component), db_class.memory_gib)


def _reader_classes(component: Component) -> list[str]:
    return str(setting(_ROOM, component, "ReaderClasses")).split()


def _reader_class(component: Component) -> str:
    """Class of the readers: of the first in the files, else of the writer."""
    return next(iter(_reader_classes(component)), _class(component))


def _reader_bounds(component: Component) -> tuple[int, int]:
    """Least and most readers: those in the files stay whatever the scaling's least is."""
    declared = len(_reader_classes(component))
    least, most = (number_in(component.settings.get(name)) for name in ("MinCapacity", "MaxCapacity"))
    low = max(declared, int(least or 0))
    return low, min(max(low, int(most or 0)), max(low, _MOST_READERS))


def _credits(component: Component, catalog: Catalog, part: str = "cpu") -> Credits | None:
    name = _class(component) if part == "cpu" else _reader_class(component)
    if name == _SERVERLESS:
        return None
    return credits_of_class(f"{component.name}/{part}", catalog.db_class(name), surplus_usd_per_vcpu_h=_SURPLUS_USD)


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A connection, held over the visit; round trips, CPU, storage. Uses ``cpu_s`` and ``io``."""
    cpu_s, io = demand(_ROOM, call, "cpu").value, demand(_ROOM, call, "io").value
    enter, leave = visit_steps(
        component.name,
        cpu_s=cpu_s,
        cpu_variation=characteristic(_ROOM, component, "cpu_variation").value,
        queries=demand(_ROOM, call, "queries").value,
        before=proxied(_ROOM, component, demand(_ROOM, call, "queries").value),
        io=io,
        storage_s=characteristic(_ROOM, component, "storage_latency").value,
        bucket=False,
        readers=demand(_ROOM, call, "readers").value > 0.0 and _reader_bounds(component)[0] > 0,
    )
    return Steps(enter=enter, leave=leave, usage={"cpu_s": cpu_s, "io": io})


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Writer and readers, or the capacity that Serverless v2 needs; storage, operations, surplus CPU credits.

    Raises:
        CatalogError: A class is not known, or has no price.
    """
    optimized = setting(_ROOM, component, "StorageType") == "aurora-iopt1"
    stored = catalog.unit_price("aurora", "storage_io_optimized" if optimized else "storage_standard")
    items: dict[str, float] = {}
    sources = [source_of(stored)]
    classes = [_class(component), *str(setting(_ROOM, component, "ReaderClasses")).split()]
    for index, name in enumerate(classes):
        usd, source = _instance_usd(
            component, name, usage if index == 0 else Usage(visits_per_s=0.0), catalog, optimized
        )
        key = "writer" if index == 0 else "readers"
        items[key] = items.get(key, 0.0) + usd
        sources.append(source)
    if component.policies:
        more = max(0.0, usage.provisioned.get("readers", float(_reader_bounds(component)[0])) - len(classes) + 1)
        usd, _ = _instance_usd(component, _class(component), Usage(visits_per_s=0.0), catalog, optimized)
        items["readers"] = items.get("readers", 0.0) + more * usd
    items["storage"] = characteristic(_ROOM, component, "stored").value * stored.usd / HOURS_PER_MONTH
    if not optimized:
        operation = catalog.unit_price("aurora", "io_requests_standard")
        million = usage.visits_per_s * usage.per_visit.get("io", 0.0) * 3600.0 / 1e6
        items["I/O requests"] = million * operation.usd
        sources.append(source_of(operation))
    if component.settings.get(PROXY):
        db_class = None if _class(component) == _SERVERLESS else catalog.db_class(_class(component))
        items["proxy"] = proxy_usd_per_h(component, catalog, db_class)
    burst = _credits(component, catalog)
    if burst is not None and burst.unlimited:
        items["surplus CPU credits"] = usage.surplus_credit_s_per_h / 3600.0 * burst.surplus_usd_per_server_hour
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=_price_notes(component, classes),
        sources=tuple(dict.fromkeys(sources)),
    )


def _instance_usd(
    component: Component, name: str, usage: Usage, catalog: Catalog, optimized: bool
) -> tuple[float, str]:
    """One instance an hour: its class, or the capacity between its limits that the CPU of the visits needs."""
    if name != _SERVERLESS:
        instance = catalog.db_price(name, _engine(component))
        factor = catalog.unit_price("aurora", "io_optimized_instance_multiplier").usd if optimized else 1.0
        return instance.usd * factor, source_of(instance)
    unit = catalog.unit_price("aurora", "serverless_v2_io_optimized" if optimized else "serverless_v2_standard")
    busy = usage.visits_per_s * usage.per_visit.get("cpu_s", 0.0)
    least = number_of(_ROOM, component, _MINIMUM)
    most = number_of(_ROOM, component, _MAXIMUM) if _MAXIMUM in component.settings else least
    needed = busy / _LOAD_OF_ACU / _VCPUS_PER_ACU
    return min(max(needed, least), max(least, most)) * unit.usd, source_of(unit)


def _price_notes(component: Component, classes: list[str]) -> tuple[str, ...]:
    notes = ["the size of the cluster volume is assumed (stored); backups and data transfer are not counted"]
    if len(classes) > 1:
        notes.append(f"{len(classes) - 1} readers take only the calls that have the demand readers: 1")
    if _class(component) == _SERVERLESS:
        notes.append("Serverless v2 is modelled at its maximum capacity and priced by the CPU that the traffic needs")
    return tuple(notes)


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Another class for the writer, or more capacity for Serverless v2.

    Raises:
        CatalogError: The class is not known.
    """
    if _class(component) == _SERVERLESS:
        return tuple(_more_capacity(component, situation))
    changes = class_knobs(component, situation, catalog, _engine(component))
    if not setting(_ROOM, component, "ReaderClasses"):
        return tuple(changes)
    return tuple(replace(change, caveat=f"{change.caveat}; {_READERS_TOO}") for change in changes)


def _more_capacity(component: Component, situation: Situation) -> Iterator[Change]:
    most = number_in(component.settings.get(_MAXIMUM))
    if most is None or not situation.pressures:
        return
    for factor in (1.5, 2.0):
        after = min(256.0, round(most * factor * 2.0) / 2.0)
        if after > most:
            yield Change(
                component=component.name,
                setting=_MAXIMUM,
                before=most,
                after=int(after) if after == int(after) else after,
                because="the instance may grow further before its CPU or connections are full",
            )


_ROOM = room_of(sys.modules[__name__])
