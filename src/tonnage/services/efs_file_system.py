"""EFS file systems: latency of an operation, and throughput that bursts, is provisioned or elastic.

In bursting mode a file system carries 50 MiB/s for each TiB that it holds, and earns credits at that rate; while it has
some it carries 100 MiB/s for each TiB, at least 100. A byte read costs a third of a byte written.

Not modelled: opening and locking of files, the limit of a single client, Infrequent Access.

Sources: Amazon EFS user guide, "Amazon EFS performance specifications", "Amazon EFS quotas"; pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Primitive, lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._face import (
    Behaviour,
    Burst,
    Characteristic,
    Control,
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
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::EFS::FileSystem"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_efs_file_system", "boto3": "efs:DescribeFileSystems"}
TITLE = "EFS file system"
ENTRY = False
ROLE: Role = "storage"
_GUIDE = "Amazon EFS user guide, performance"
_MODE, _PROVISIONED, _ZONE = "ThroughputMode", "ProvisionedThroughputInMibps", "AvailabilityZoneName"
_BURSTING, _ELASTIC = "bursting", "elastic"

SETTINGS = (
    Setting(
        name=_MODE, unit="", default=_BURSTING, meaning="bursting, provisioned or elastic throughput.", source=_GUIDE
    ),
    Setting(name=_PROVISIONED, unit="MiB/s", default=None, meaning="Throughput in provisioned mode.", source=_GUIDE),
    Setting(
        name=_ZONE, unit="", default=None, meaning="Zone of a One Zone file system; absent: Regional.", source=_GUIDE
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="size",
        quantity=assumed(100.0, "GiB", "not known: what is stored decides the throughput", low=10.0, high=1000.0),
        meaning="Data that it holds in standard storage: StorageBytes.",
    ),
)
DEMANDS = (
    Demand(
        name="reads",
        quantity=assumed(1.0, "1", "one file that the client has not cached", low=0.0, high=10.0),
        meaning="Operations that read, one after the other: DataReadIOBytes (SampleCount) over requests.",
    ),
    Demand(
        name="writes",
        quantity=assumed(0.0, "1", "nothing is written", low=0.0, high=2.0),
        meaning="Operations that write, one after the other: DataWriteIOBytes (SampleCount) over requests.",
    ),
    Demand(
        name="bytes",
        quantity=assumed(32_768.0, "bytes", "a script or a small picture", low=4_096.0, high=1_048_576.0),
        meaning="Size of an operation: DataReadIOBytes over its SampleCount.",
    ),
)
_VARIATION = 0.7
_GIB_PER_TIB = 1024.0
_MIB = 2.0**20


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a file system.

    Raises:
        TemplateError: Its throughput is not a number.
    """
    gathered = Gathered()
    gathered.text(_MODE, resource)
    gathered.number(_PROVISIONED, resource)
    gathered.text(_ZONE, resource)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _mode(component: Component) -> str:
    return str(setting(_ROOM, component, _MODE))


def _one_zone(component: Component) -> bool:
    return component.settings.get(_ZONE) is not None


def bursting_mibs(gib: float) -> tuple[float, float]:
    """Throughput in bursting mode, MiB/s: for ever, and while there are credits.

    Args:
        gib: Data that the file system holds.
    """
    tib = gib / _GIB_PER_TIB
    base = max(fact("efs.least_mibs").value, fact("efs.base_mibs_per_tib").value * tib)
    return base, max(fact("efs.least_burst_mibs").value, fact("efs.burst_mibs_per_tib").value * tib)


def credits_mib() -> float:
    """Credits of a new file system, MiB."""
    return fact("efs.credits_tib").value * _GIB_PER_TIB * _GIB_PER_TIB


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Throughput in MiB metered, and operations a second, of which what is above waits."""
    name, mode = component.name, _mode(component)
    base, burst = bursting_mibs(characteristic(_ROOM, component, "size").value)
    if mode == "provisioned":
        base = burst = max(base, number_of(_ROOM, component, _PROVISIONED))
    elif mode == _ELASTIC:
        base = burst = fact("efs.elastic_mibs").value
    kind = "one_zone" if _one_zone(component) else mode if mode in {_ELASTIC, "provisioned"} else _BURSTING
    rates = {each: fact(f"efs.{kind}_{each}_per_s").value for each in ("reads", "writes")}
    primitives: dict[str, Primitive] = {
        f"{name}/throughput": Bucket(rate_per_s=base, capacity=base, when_empty="delay"),
        **{
            f"{name}/{each}": Bucket(rate_per_s=rate, capacity=rate, when_empty="delay") for each, rate in rates.items()
        },
    }
    controls: tuple[Control, ...] = ()
    if burst > base:
        controls = (Burst(bucket=f"{name}/throughput", baseline_per_s=base, burst_per_s=burst, capacity=credits_mib()),)
    return Behaviour(
        primitives=primitives,
        controls=controls,
        limits={"MiB/s": base, **{f"{each}/s": rate for each, rate in rates.items()}},
        zone_loss_s=float("inf") if _one_zone(component) else 0.0,
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Operations with their latency, and their bytes as they are metered."""
    name = component.name
    reads, writes, size = (demand(_ROOM, call, each).value for each in ("reads", "writes", "bytes"))
    third = 1.0 if _mode(component) == _ELASTIC else fact("efs.read_weight").value
    metered = size / _MIB * (reads * third + writes)
    write_s = fact("efs.one_zone_write_s" if _one_zone(component) else "efs.write_s").value
    latency_s = reads * fact("efs.read_s").value + writes * write_s
    return Steps(
        enter=(
            *(
                Take(f"{name}/{each}", amount)
                for each, amount in (("reads", reads), ("writes", writes), ("throughput", metered))
                if amount > 0
            ),
            Wait(lognormal(latency_s, _VARIATION)),
        ),
        usage={"read_bytes": reads * size, "written_bytes": writes * size},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Storage, and the throughput that is provisioned or used."""
    gib = characteristic(_ROOM, component, "size").value
    storage = catalog.unit_price("efs", "one_zone_storage" if _one_zone(component) else "standard_storage")
    items = {"storage": gib * storage.usd / HOURS_PER_MONTH}
    sources = [source_of(storage)]
    if _mode(component) == "provisioned":
        unit = catalog.unit_price("efs", "provisioned_throughput")
        above = max(0.0, number_of(_ROOM, component, _PROVISIONED) - bursting_mibs(gib)[0])
        items["provisioned throughput"] = above * unit.usd / HOURS_PER_MONTH
        sources.append(source_of(unit))
    elif _mode(component) == _ELASTIC:
        for each, kind in (("read", "read_bytes"), ("write", "written_bytes")):
            unit = catalog.unit_price("efs", f"elastic_{each}")
            items[f"elastic {each}s"] = usage.visits_per_s * usage.per_visit.get(kind, 0.0) * 3600.0 / 1e9 * unit.usd
            sources.append(source_of(unit))
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("all data is taken to be in standard storage",),
        sources=tuple(sources),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Elastic throughput where the file system is full, more of what is provisioned."""
    if "iops" not in situation.pressures or _MODE not in component.origins:
        return
    if _mode(component) != _ELASTIC:
        written = _PROVISIONED in component.settings
        yield Change(
            component=component.name,
            setting=_MODE,
            before=component.settings.get(_MODE),
            after=_ELASTIC,
            because="elastic throughput follows the load, and has no credits that run out",
            caveat="every byte read and written is billed",
            also=(
                Change(
                    component=component.name,
                    setting=_PROVISIONED,
                    before=component.settings.get(_PROVISIONED),
                    after=None,
                ),
            )
            if written
            else (),
        )


_ROOM = room_of(sys.modules[__name__])
