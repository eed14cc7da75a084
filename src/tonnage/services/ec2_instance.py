"""Single EC2 instances: vCPUs, workers, CPU credits, and the volume that a request reads and writes.

An instance outside an Auto Scaling group is one server that nothing replaces: the loss of its Availability Zone is its
end. Operations of a request go to the volume that is attached beside the root volume, else to the root volume, and
through the instance's own connection to EBS, which bursts for half an hour a day where the type has a burst.

Not modelled: memory, network, instance store, several volumes at once.

Sources: Amazon EC2 user guide, "Burstable performance instances", "Amazon EBS-optimized instance types"; Amazon EBS
user guide, "Amazon EBS volume types".
"""

import math
import sys
from collections.abc import Iterable, Iterator

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Fleet, Pool, Primitive, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Release, Step, Take, Wait, Work
from tonnage.services._burstable import credits_of
from tonnage.services._face import (
    Behaviour,
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
from tonnage.services._instance_type_knobs import instance_type_knobs
from tonnage.services._launch import LAUNCH_TEMPLATE
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, named, number_in, number_of, referred, room_of, setting
from tonnage.services._volumes import DAY_S, Storage, bucket_of, burst_of, instance_storage, volume_storage
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Path, Resource, Stack, assumed

KIND = "AWS::EC2::Instance"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_instance", "boto3": "ec2:DescribeInstances"}
TITLE = "EC2 instance"
ENTRY = False
ROLE: Role = "instances"
_EC2, _EBS = "Amazon EC2 user guide", "Amazon EBS user guide"
_VOLUME = "AWS::EC2::Volume"
_ATTACHMENT = "AWS::EC2::VolumeAttachment"

SETTINGS = (
    Setting(
        name="InstanceType", unit="", default=None, meaning="Type of the instance.", source=f"{_EC2}, instance types"
    ),
    Setting(
        name="CpuCredits",
        unit="",
        default=None,
        meaning="standard or unlimited, for T instances; unset means unlimited for T3, T3a and T4g, standard for T2.",
        source=f"{_EC2}, Burstable performance instances",
    ),
    Setting(
        name="VolumeType",
        unit="",
        default="gp3",
        meaning="Type of the volume that requests read and write; unset means what the AMI asks for.",
        source=f"{_EBS}, volume types",
    ),
    Setting(name="VolumeSize", unit="GiB", default=8, meaning="Its size.", source=f"{_EC2}, Root volumes"),
    Setting(
        name="Iops",
        unit="1/s",
        default=None,
        meaning="Its provisioned IOPS; unset means the 3,000 of gp3.",
        source=f"{_EBS}, volume types",
    ),
    Setting(
        name="Throughput",
        unit="MiB/s",
        default=None,
        meaning="Its provisioned throughput; unset means the 125 MiB/s of gp3.",
        source=f"{_EBS}, volume types",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="workers",
        quantity=fact("app.workers").assumed(),
        meaning="Requests that it serves at once: worker threads or processes.",
    ),
    Characteristic(
        name="backlog",
        quantity=fact("app.backlog").assumed(),
        meaning="Requests that wait for a worker before the next is refused: the listen backlog.",
    ),
    Characteristic(
        name="cpu_variation",
        quantity=assumed(1.0, "1", "application code spreads about as widely as its mean", low=0.5, high=2.0),
        meaning="Standard deviation over mean of the CPU time of a request.",
    ),
    Characteristic(
        name="io_size",
        quantity=assumed(16_384.0, "bytes", "a page of a database", low=4_096.0, high=262_144.0),
        meaning="Mean size of an operation of the volume: VolumeReadBytes over VolumeReadOps.",
    ),
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(
            0.010, "s", "a server-rendered page or JSON call takes 2 to 50 ms of CPU", low=0.002, high=0.050
        ),
        meaning="CPU time of a request on one m5 vCPU. Measure: CPUUtilization x vCPUs over requests per second, times "
        "the relative speed of the type.",
    ),
    Demand(
        name="reads",
        quantity=assumed(0.0, "1", "what is read is in memory", low=0.0, high=2.0),
        meaning="Operations that read the volume, one after the other: VolumeReadOps over requests.",
    ),
    Demand(
        name="writes",
        quantity=assumed(0.0, "1", "nothing is written", low=0.0, high=2.0),
        meaning="Operations that write the volume, one after the other: VolumeWriteOps over requests.",
    ),
)
_LATENCY_VARIATION = 0.5
_FACTORS = (2.0, 4.0)


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of an instance with its launch template and volumes.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    gathered = Gathered()
    carriers: list[tuple[Resource, Path]] = [(resource, ())]
    template = next(
        (
            found
            for key in ("LaunchTemplateId", "LaunchTemplateName")
            if (found := named(resource.get("LaunchTemplate", key), stack, LAUNCH_TEMPLATE, "LaunchTemplateName"))
        ),
        None,
    )
    if template is not None:
        carriers.append((template, ("LaunchTemplateData",)))
    for carrier, path in carriers:
        if "InstanceType" not in gathered.settings:
            gathered.text("InstanceType", carrier, *path, "InstanceType")
        if "CpuCredits" not in gathered.settings:
            name = "CpuCredits" if path else "CPUCredits"
            gathered.text("CpuCredits", carrier, *path, "CreditSpecification", name)
    if "InstanceType" not in gathered.settings:
        why = gathered.unknown.get("InstanceType", "it is not given")
        reason = f"its instance type is not known: {why}"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=True)
    volume = next(_volumes(resource, template, stack), None)
    if volume is not None:
        carrier, path, size = volume
        gathered.text("VolumeType", carrier, *path, "VolumeType")
        gathered.settings.setdefault("VolumeType", "gp2")
        gathered.number("VolumeSize", carrier, *path, size)
        gathered.number("Iops", carrier, *path, "Iops")
        gathered.number("Throughput", carrier, *path, "Throughput")
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _volumes(resource: Resource, template: Resource | None, stack: Stack) -> Iterator[tuple[Resource, Path, str]]:
    """Volumes with the place of their properties: those attached first, then those of the block device mappings."""
    attached = resource.get("Volumes")
    for index in range(len(attached) if isinstance(attached, tuple) else 0):
        for each in referred(resource.get("Volumes", index, "VolumeId"), stack, _VOLUME):
            yield each, (), "Size"
    for attachment in stack.of_kind(_ATTACHMENT):
        if resource in referred(attachment.get("InstanceId"), stack, KIND):
            for each in referred(attachment.get("VolumeId"), stack, _VOLUME):
                yield each, (), "Size"
    for carrier, path in ((resource, ()), (template, ("LaunchTemplateData",))):
        mappings = carrier.get(*path, "BlockDeviceMappings") if carrier is not None else None
        # The root volume comes first in the file, what was added for data after it.
        for index in reversed(range(len(mappings) if isinstance(mappings, tuple) else 0)):
            at: Path = (*path, "BlockDeviceMappings", index, "Ebs")
            if carrier is not None and carrier.get(*at) is not None:
                yield carrier, at, "VolumeSize"


def _storage(component: Component) -> Storage:
    return volume_storage(
        str(setting(_ROOM, component, "VolumeType")),
        number_of(_ROOM, component, "VolumeSize"),
        number_in(component.settings.get("Iops")),
        number_in(component.settings.get("Throughput")),
        characteristic(_ROOM, component, "io_size").value,
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """One instance with its vCPUs and workers, its volume and its connection to EBS.

    Raises:
        CatalogError: The instance type is not known.
    """
    name = component.name
    instance = catalog.instance_type(str(component.settings["InstanceType"]))
    volume = _storage(component)
    link = instance_storage(instance, characteristic(_ROOM, component, "io_size").value)
    primitives: dict[str, Primitive] = {
        f"{name}/cpu": Fleet(
            servers=instance.vcpus,
            discipline="processor sharing",
            instances=1,
            max_instances=1,
            speed=instance.relative_speed.value,
        ),
        f"{name}/workers": Pool(
            capacity=max(1, round(characteristic(_ROOM, component, "workers").value)),
            queue_limit=round(characteristic(_ROOM, component, "backlog").value),
            fleet=f"{name}/cpu",
            refusal="all workers busy and backlog full",
        ),
        f"{name}/volume": bucket_of(volume),
    }
    controls: list[Control | None] = [
        credits_of(f"{name}/cpu", instance, str(setting(_ROOM, component, "CpuCredits") or "")),
        burst_of(f"{name}/volume", volume),
    ]
    limits = {"workers": float(round(characteristic(_ROOM, component, "workers").value)), "IOPS": volume.baseline_per_s}
    if link is not None:
        primitives[f"{name}/ebs"] = bucket_of(link)
        controls.append(burst_of(f"{name}/ebs", link, DAY_S))
        limits["IOPS of the instance"] = link.baseline_per_s
    return Behaviour(
        primitives=primitives,
        controls=tuple(control for control in controls if control is not None),
        limits=limits,
        zone_loss_s=math.inf,
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:
    """To the instance, a worker, its CPU, the volume; the worker is kept until the calls below are done."""
    cpu, workers = f"{component.name}/cpu", f"{component.name}/workers"
    time = lognormal(demand(_ROOM, call, "cpu").value, characteristic(_ROOM, component, "cpu_variation").value)
    network = lognormal(fact("network.cross_az_rtt_s").value, 0.5)
    disk = _disk(component, call, catalog)
    return Steps(
        enter=(Wait(network), Choose(cpu), Hold(workers), Work(cpu, time), *disk), leave=(Release(workers), Leave(cpu))
    )


def _disk(component: Component, call: Call, catalog: Catalog) -> tuple[Step, ...]:
    reads, writes = (demand(_ROOM, call, name).value for name in ("reads", "writes"))
    if reads + writes <= 0:
        return ()
    volume = _storage(component)
    instance = catalog.instance_type(str(component.settings["InstanceType"]))
    link = instance_storage(instance, characteristic(_ROOM, component, "io_size").value)
    latency_s = reads * volume.latency_s + writes * volume.write_latency_s
    through = () if link is None else (Take(f"{component.name}/ebs", reads + writes),)
    return (
        Take(f"{component.name}/volume", reads + writes),
        *through,
        Wait(lognormal(latency_s, _LATENCY_VARIATION)),
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """The instance, its volume with what is provisioned of it, and surplus CPU credits.

    Raises:
        CatalogError: The instance type is not known, or has no price.
    """
    instance_type = str(component.settings["InstanceType"])
    instance = catalog.instance_price(instance_type)
    kind, gib = str(setting(_ROOM, component, "VolumeType")), number_of(_ROOM, component, "VolumeSize")
    volume = catalog.unit_price("ebs", f"{kind}_storage")
    items = {"instance": instance.usd, "volume": gib * volume.usd / HOURS_PER_MONTH}
    iops, mibs = (number_in(component.settings.get(name)) or 0.0 for name in ("Iops", "Throughput"))
    if kind == "gp3":
        more = (
            max(0.0, iops - fact("ebs.gp3_baseline_iops").value) * catalog.unit_price("ebs", "gp3_iops_above_3000").usd
        )
        wider = (
            max(0.0, mibs - fact("ebs.gp3_baseline_mibs").value)
            * catalog.unit_price("ebs", "gp3_throughput_above_125").usd
        )
        items["provisioned IOPS and throughput"] = (more + wider) / HOURS_PER_MONTH
    elif kind in {"io1", "io2"}:
        first = "io1_iops" if kind == "io1" else "io2_iops_tier1_to_32000"
        items["provisioned IOPS"] = iops * catalog.unit_price("ebs", first).usd / HOURS_PER_MONTH
    burst = credits_of(
        f"{component.name}/cpu",
        catalog.instance_type(instance_type),
        str(setting(_ROOM, component, "CpuCredits") or ""),
    )
    if burst is not None and burst.unlimited:
        items["surplus CPU credits"] = usage.surplus_credit_s_per_h / 3600.0 * burst.surplus_usd_per_server_hour
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("the instance at the On-Demand price of Linux; other volumes and data transfer are not counted",),
        sources=(source_of(instance), source_of(volume)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Volume first where it is full, else the type.

    Raises:
        CatalogError: The instance type is not known.
    """
    types = instance_type_knobs(component, situation, catalog)
    volumes = _volume_knobs(component, situation)
    return (*volumes, *types) if "iops" in situation.pressures[:1] else (*types, *volumes)


def _volume_knobs(component: Component, situation: Situation) -> Iterator[Change]:
    """gp3 instead of gp2 or magnetic; more IOPS where the volume is full."""
    kind = str(setting(_ROOM, component, "VolumeType"))
    if kind in {"gp2", "standard"} and "VolumeType" in component.origins:
        yield Change(
            component=component.name,
            setting="VolumeType",
            before=component.settings.get("VolumeType"),
            after="gp3",
            because="gp3 has 3,000 IOPS at any size, no burst balance that runs out, and costs a fifth less than gp2",
        )
    if "iops" not in situation.pressures or kind not in {"gp3", "io1", "io2"} or "Iops" not in component.origins:
        return
    written = number_in(component.settings.get("Iops"))
    now = written or fact(f"ebs.{'gp3_baseline' if kind == 'gp3' else f'{kind}_least'}_iops").value
    gib = number_of(_ROOM, component, "VolumeSize")
    most = min(fact(f"ebs.{kind}_most_iops").value, fact(f"ebs.{kind}_iops_per_gib").value * gib)
    for factor in _FACTORS:
        if now < factor * now <= most:
            yield Change(
                component=component.name,
                setting="Iops",
                before=written,
                after=round(factor * now),
                because="the volume is at its provisioned IOPS",
            )


_ROOM = room_of(sys.modules[__name__])
