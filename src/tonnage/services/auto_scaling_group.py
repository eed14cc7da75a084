"""EC2 Auto Scaling groups: instances behind a load balancer, each with vCPUs and a pool of workers.

A request takes a worker of one instance, uses its CPU, keeps the worker while it calls further, and gives it back. The
instances are those of the launch template or launch configuration, or of a mixed instances policy: other types than
the first override are as many servers, faster or slower. T instances spend and earn CPU credits. Policies are run by
the control plane as AWS describes them.

Not modelled: memory, network and volumes of the instances.

Sources: Amazon EC2 Auto Scaling user guide; Amazon EC2 user guide, "Burstable performance instances"; User Guide for
Application Load Balancers, "Target groups" (round robin, slow start and a deregistration delay of 300 s by default).
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Fleet, Pool, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Release, Wait, Work
from tonnage.services._burstable import credits_of
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
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
from tonnage.services._group_knobs import group_knobs
from tonnage.services._group_life import (
    HEALTH_BATCH,
    LIFE_CHARACTERISTICS,
    LIFE_SETTINGS,
    gather_life,
    healthy_percent,
    hook_of,
    warm_pool_of,
)
from tonnage.services._launch import DETAILED_MONITORING, gather_launch
from tonnage.services._mixed_instances import (
    MIXED_CHARACTERISTICS,
    MIXED_SETTINGS,
    is_mixed,
    mixed_notes,
    offers_of,
)
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, number_of, referred, room_of, setting
from tonnage.services._scaling_policies import policies_of, with_alarm
from tonnage.services._target_group import (
    ALGORITHM,
    DRAIN,
    RULES,
    SLOW_START,
    TARGET_GROUP_SETTINGS,
    found_out_s,
    gather_target_group,
    taken_in_s,
)
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

KIND = "AWS::AutoScaling::AutoScalingGroup"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_autoscaling_group", "boto3": "autoscaling:DescribeAutoScalingGroups"}
TITLE = "Auto Scaling group"
ENTRY = False
ROLE: Role = "instances"

_GUIDE = "Amazon EC2 Auto Scaling user guide"
_MAXIMUM_RAISED = 4.0
"""How many times its maximum predictive scaling finds room for, where it is let raise it."""

SETTINGS = (
    Setting(
        name="InstanceType",
        unit="",
        default=None,
        meaning="Type of every instance; of a mixed instances policy the first override.",
        source="CloudFormation, AWS::EC2::LaunchTemplate LaunchTemplateData",
    ),
    Setting(name="MinSize", unit="1", default=None, meaning="Least instances.", source=_GUIDE),
    Setting(name="MaxSize", unit="1", default=None, meaning="Most instances.", source=_GUIDE),
    Setting(
        name="DesiredCapacity",
        unit="1",
        default=None,
        meaning="Instances at the start; unset means MinSize.",
        source=_GUIDE,
    ),
    Setting(
        name="Cooldown",
        unit="s",
        default=300,
        meaning="Wait between activities of simple scaling, and the warm-up where none is set.",
        source=f"{_GUIDE}, Scaling cooldowns",
    ),
    Setting(
        name="DefaultInstanceWarmup",
        unit="s",
        default=None,
        meaning="How long a new instance is left out of the group's metrics.",
        source=f"{_GUIDE}, Set the default instance warmup",
    ),
    Setting(
        name=DETAILED_MONITORING,
        unit="",
        default=False,
        meaning="CPU metrics every minute instead of every five; on by default in a launch configuration.",
        source="Amazon EC2 user guide, Enable detailed monitoring",
    ),
    Setting(
        name="CpuCredits",
        unit="",
        default=None,
        meaning="standard or unlimited, for T instances; unset means unlimited for T3, T3a and T4g, standard for T2.",
        source="Amazon EC2 user guide, Burstable performance instances",
    ),
    Setting(
        name="VolumeSize",
        unit="GiB",
        default=8,
        meaning="EBS storage of one instance; unset means what the AMI asks for, 8 GiB for Amazon Linux.",
        source="Amazon EC2 user guide, Root volumes",
    ),
    Setting(
        name="VolumeType",
        unit="",
        default="gp3",
        meaning="EBS volume type; unset means what the AMI asks for, gp3 for Amazon Linux 2023.",
        source="Amazon Linux 2023 user guide",
    ),
    *LIFE_SETTINGS,
    *MIXED_SETTINGS,
    *TARGET_GROUP_SETTINGS,
)

CHARACTERISTICS = (
    Characteristic(
        name="workers",
        quantity=fact("app.workers").assumed(),
        meaning="Requests that one instance serves at once: worker threads or processes of the web server.",
    ),
    Characteristic(
        name="backlog",
        quantity=fact("app.backlog").assumed(),
        meaning="Requests that wait for a worker of one instance before the next is refused: the listen backlog.",
    ),
    Characteristic(
        name="boot_time",
        quantity=fact("asg.boot_s").assumed(),
        meaning="From launch to the first request: boot, application start, first health check. Compare the start of a "
        "scaling activity with the target's first healthy check.",
    ),
    Characteristic(
        name="scale_in_looks_back",
        quantity=fact("asg.scale_in_looks_back_s").assumed(),
        meaning="Target tracking gives back no more than the heaviest of so much time leaves room for. Compare "
        "your scale-in activities with the metric before them.",
    ),
    Characteristic(
        name="cpu_variation",
        quantity=assumed(1.0, "1", "application code spreads about as widely as its mean", low=0.5, high=2.0),
        meaning="Standard deviation over mean of the CPU time of a request.",
    ),
    *LIFE_CHARACTERISTICS,
    *MIXED_CHARACTERISTICS,
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(
            0.010, "s", "a server-rendered page or JSON call takes 2 to 50 ms of CPU", low=0.002, high=0.050
        ),
        meaning="CPU time of a request on one m5 vCPU. Measure: CPUUtilization x vCPUs x instances over requests per "
        "second, times the relative speed of the type.",
    ),
)

_CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_DETAILED_METRICS = 7
"""Metrics of an instance that detailed monitoring bills (Amazon CloudWatch pricing)."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a group, with its launch template, target groups, policies and alarms.

    Raises:
        TemplateError: A setting that must be a number is none, or MaxSize is below MinSize.
    """
    gathered = Gathered()
    why = gather_launch(gathered, resource, stack)
    for name in ("MinSize", "MaxSize", "DesiredCapacity", "Cooldown", "DefaultInstanceWarmup"):
        gathered.number(name, resource)
    why = why or _unsized(gathered, resource)
    if why is not None:
        return NotModelled(name=resource.name, kind=KIND, reason=why, place=resource.place, matters=True)
    gather_life(gathered, resource, stack)
    _gather_target_group(gathered, resource, stack)
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=policies_of(resource, stack),
        place=resource.place,
    )


def _unsized(gathered: Gathered, resource: Resource) -> str | None:
    for name in ("MinSize", "MaxSize"):
        if name not in gathered.settings:
            why = gathered.unknown.get(name)
            return f"its {name} is not known{f': {why}' if why else ''}"
    minimum, maximum = gathered.settings["MinSize"], gathered.settings["MaxSize"]
    assert isinstance(minimum, int | float)
    assert isinstance(maximum, int | float)
    if maximum < minimum or minimum < 0:
        raise TemplateError(
            f"{resource.name}: MaxSize {maximum:g} and MinSize {minimum:g} contradict each other",
            place=resource.place_of("MaxSize"),
            remedy="Make MinSize at least 0 and MaxSize at least MinSize.",
        )
    return "its MaxSize is 0, so it never has an instance" if maximum == 0 else None


def _gather_target_group(gathered: Gathered, resource: Resource, stack: Stack) -> None:
    """Take how requests reach the instances: attributes of the first target group, or the Classic Load Balancer's way.

    A Classic Load Balancer gives HTTP requests to the instance with the fewest outstanding, and TCP connections in
    turn; without connection draining it drops what a leaving instance has not finished.
    """
    if gather_target_group(gathered, resource.get("TargetGroupARNs"), stack):
        return
    classic = next(referred(resource.get("LoadBalancerNames"), stack, _CLASSIC), None)
    if classic is not None:
        http = str(classic.get("Listeners", 0, "Protocol")).upper() in {"HTTP", "HTTPS"}
        gathered.settings[ALGORITHM] = "least_outstanding_requests" if http else "round_robin"
        gathered.settings[DRAIN] = 0
        if str(classic.get("ConnectionDrainingPolicy", "Enabled")).lower() == "true":
            gathered.settings[DRAIN] = 300
            gathered.number(DRAIN, classic, "ConnectionDrainingPolicy", "Timeout")


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Instances with their vCPUs, a pool of workers in each, credits of T types, and the scaling of the group.

    Raises:
        CatalogError: The instance type is not known.
    """
    name = component.name
    instance = catalog.instance_type(str(component.settings["InstanceType"]))
    group = _scaling_group(component, catalog)
    start = group.minimum if group.desired is None else group.desired
    algorithm = str(setting(_ROOM, component, ALGORITHM))
    fleet = Fleet(
        servers=instance.vcpus,
        discipline="processor sharing",
        instances=sum(group.made_of(min(max(start, group.minimum), group.maximum))),
        max_instances=group.slots,
        rule=RULES.get(algorithm, "round robin"),
        speed=instance.relative_speed.value,
        slow_start_s=number_of(_ROOM, component, SLOW_START) if algorithm == "round_robin" else 0.0,
    )
    workers = Pool(
        capacity=max(1, round(characteristic(_ROOM, component, "workers").value)),
        queue_limit=round(characteristic(_ROOM, component, "backlog").value),
        fleet=f"{name}/cpu",
        refusal="all workers busy and backlog full",
    )
    controls: list[Control] = [group]
    burst = credits_of(f"{name}/cpu", instance, str(setting(_ROOM, component, "CpuCredits") or ""))
    if burst is not None:
        controls.append(burst)
    return Behaviour(
        primitives={f"{name}/cpu": fleet, f"{name}/workers": workers},
        controls=tuple(controls),
        limits={"instances": sum(group.made_of(group.most)), "workers": workers.capacity},
    )


def _scaling_group(component: Component, catalog: Catalog) -> ScalingGroup:
    """The group as the control plane knows it."""
    desired = component.settings.get("DesiredCapacity")
    warm_up = component.settings.get("DefaultInstanceWarmup")
    detailed = bool(setting(_ROOM, component, DETAILED_MONITORING))
    known = {name: characteristic(_ROOM, component, name).value for name in _TIMES}
    return ScalingGroup(
        fleet=f"{component.name}/cpu",
        minimum=int(number_of(_ROOM, component, "MinSize")),
        maximum=int(number_of(_ROOM, component, "MaxSize")),
        desired=int(desired) if isinstance(desired, int | float) else None,
        policies=tuple(with_alarm(policy) for policy in component.policies),
        boot_s=known["boot_time"],
        scale_in_looks_back_s=known["scale_in_looks_back"],
        default_warmup_s=float(warm_up) if isinstance(warm_up, int | float) else None,
        default_cooldown_s=number_of(_ROOM, component, "Cooldown"),
        drain_s=number_of(_ROOM, component, DRAIN),
        found_out_s=found_out_s(_ROOM, component),
        taken_in_s=taken_in_s(_ROOM, component),
        metric_period_s=60.0 if detailed else 300.0,
        ceiling=max((math.ceil(size) for size in _later_maxima(component)), default=0),
        offers=offers_of(component, catalog),
        on_demand_base=int(number_of(_ROOM, component, "OnDemandBaseCapacity")),
        on_demand_percent=number_of(_ROOM, component, "OnDemandPercentageAboveBaseCapacity"),
        zones=max(1, int(number_of(_ROOM, component, "AvailabilityZones"))),
        balanced_only=setting(_ROOM, component, "CapacityDistributionStrategy") == "balanced-only",
        termination=tuple(str(setting(_ROOM, component, "TerminationPolicies")).split(", ")),
        protected=bool(setting(_ROOM, component, "NewInstancesProtectedFromScaleIn")),
        launch_hook=hook_of(component, "LaunchHook", known["launch_hook_time"]),
        termination_hook=hook_of(component, "TerminationHook", known["termination_hook_time"]),
        warm_pool=None if is_mixed(component) else warm_pool_of(component, known["warm_start_time"]),
        elb_health="ELB" in str(setting(_ROOM, component, "HealthCheckType")),
        grace_s=number_of(_ROOM, component, "HealthCheckGracePeriod"),
        health_batch=HEALTH_BATCH,
        healthy_percent=healthy_percent(component),
        capacity_rebalance=bool(setting(_ROOM, component, "CapacityRebalance")),
    )


_TIMES = ("boot_time", "scale_in_looks_back", "launch_hook_time", "termination_hook_time", "warm_start_time")


def _later_maxima(component: Component) -> Iterable[float]:
    """Maxima that scheduled actions set, and the most that predictive scaling is let raise the maximum to."""
    for policy in component.policies:
        raises = policy.settings.get("MaxCapacityBreachBehavior") == "IncreaseMaxCapacity"
        if raises and policy.settings.get("Mode") == "ForecastAndScale":
            yield _MAXIMUM_RAISED * number_of(_ROOM, component, "MaxSize")
        size = policy.settings.get("MaxSize")
        if policy.mechanism == "scheduled" and isinstance(size, int | float):
            yield size


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """To an instance, a worker, its CPU; the worker is kept until the calls below are done."""
    cpu, workers = f"{component.name}/cpu", f"{component.name}/workers"
    time = lognormal(demand(_ROOM, call, "cpu").value, characteristic(_ROOM, component, "cpu_variation").value)
    network = lognormal(fact("network.cross_az_rtt_s").value, 0.5)
    return Steps(
        enter=(Wait(network), Choose(cpu), Hold(workers), Work(cpu, time)), leave=(Release(workers), Leave(cpu))
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Instances at their On-Demand or Spot price, their volumes, detailed monitoring and surplus CPU credits.

    A warm pool's instances have volumes; those that run while they wait are paid like any other.

    Raises:
        CatalogError: The instance type is not known, or has no price.
    """
    instance_type = str(component.settings["InstanceType"])
    instance = catalog.instance_price(instance_type)
    volume_type = str(setting(_ROOM, component, "VolumeType"))
    volume = catalog.unit_price("ebs", f"{volume_type}_storage")
    pooled = usage.instances_of.get("warm pool", 0.0)
    volumes = (usage.instances + pooled) * number_of(_ROOM, component, "VolumeSize")
    items = _instance_items(component, usage, catalog) | {"volumes": volumes * volume.usd / HOURS_PER_MONTH}
    sources = [source_of(instance), source_of(volume)]
    if setting(_ROOM, component, DETAILED_MONITORING):
        metric = catalog.unit_price("ec2", "detailed_monitoring")
        items["detailed monitoring"] = usage.instances * _DETAILED_METRICS * metric.usd / HOURS_PER_MONTH
        sources.append(source_of(metric))
    burstable = catalog.instance_type(instance_type)
    burst = credits_of(f"{component.name}/cpu", burstable, str(setting(_ROOM, component, "CpuCredits") or ""))
    if burst is not None and burst.unlimited:
        items["surplus CPU credits"] = usage.surplus_credit_s_per_h / 3600.0 * burst.surplus_usd_per_server_hour
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=_price_notes(component, catalog),
        sources=tuple(sources),
    )


def _instance_items(component: Component, usage: Usage, catalog: Catalog) -> dict[str, float]:
    """What instances cost, by how they are bought; where nobody has counted, all of the first offer."""
    own = str(component.settings["InstanceType"])
    counted = {name: mean for name, mean in usage.instances_of.items() if name != "warm pool"} or {own: usage.instances}
    share = characteristic(_ROOM, component, "spot_price").value
    items = {"instances": 0.0}
    for name, mean in counted.items():
        usd = mean * catalog.instance_price(name.removesuffix(" Spot") or own).usd
        if name.endswith(" Spot"):
            items["Spot Instances"] = items.get("Spot Instances", 0.0) + share * usd
        else:
            items["instances"] += usd
    if component.settings.get("WarmPool.PoolState") == "Running":
        items["warm pool"] = usage.instances_of.get("warm pool", 0.0) * catalog.instance_price(own).usd
    return items


def _price_notes(component: Component, catalog: Catalog) -> tuple[str, ...]:
    notes = ["instances at the On-Demand price of Linux; data transfer is not counted"]
    if is_mixed(component):
        zones = int(number_of(_ROOM, component, "AvailabilityZones"))
        notes += mixed_notes(component, offers_of(component, catalog), zones)
    if component.settings.get("WarmPool.PoolState") == "Hibernated":
        notes.append("the memory that hibernated instances keep on their volumes is not counted")
    return tuple(notes)


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:
    """Instance type, sizes, policies, warm-up and monitoring, in the order of what gave way.

    Raises:
        CatalogError: The instance type is not known.
    """
    boot_s = characteristic(_ROOM, component, "boot_time").value
    return group_knobs(component, situation, catalog, boot_s)


_ROOM = room_of(sys.modules[__name__])
