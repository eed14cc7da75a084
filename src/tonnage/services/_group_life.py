"""What keeps the instances of an Auto Scaling group: zones, health checks, hooks, warm pool, maintenance.

Sources: CloudFormation, AWS::AutoScaling::AutoScalingGroup, AWS::AutoScaling::LifecycleHook,
AWS::AutoScaling::WarmPool; defaults and meanings from the Amazon EC2 Auto Scaling user guide.
"""

from collections.abc import Iterable, Iterator

from tonnage.catalog import fact
from tonnage.services._face import Characteristic, Hook, Setting, WarmPool
from tonnage.services._properties import Gathered, named, number_in, referred
from tonnage.services._scaling_policies import GROUP
from tonnage.workload import Component, Path, Resource, Stack, TemplateError, Value

HOOK = "AWS::AutoScaling::LifecycleHook"
WARM_POOL = "AWS::AutoScaling::WarmPool"
HEALTH_BATCH = 0.1
"""Share of the desired capacity that Auto Scaling replaces at a time for its health (Amazon EC2 Auto Scaling user
guide, "Health checks for instances in an Auto Scaling group")."""
DEFAULT_ZONES = 3

_GUIDE = "Amazon EC2 Auto Scaling user guide"
_LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
_HOOKS = {_LAUNCHING: "LaunchHook", "autoscaling:EC2_INSTANCE_TERMINATING": "TerminationHook"}
_HEARTBEAT_S = 3600.0
_POLICIES = (
    "Default",
    "AllocationStrategy",
    "OldestInstance",
    "NewestInstance",
    "OldestLaunchTemplate",
    "OldestLaunchConfiguration",
    "ClosestToNextInstanceHour",
)

LIFE_SETTINGS = (
    Setting(
        name="AvailabilityZones",
        unit="1",
        default=DEFAULT_ZONES,
        meaning="How many zones its subnets stand in; unknown means three.",
        source=f"{_GUIDE}, Add and remove Availability Zones",
    ),
    Setting(
        name="CapacityDistributionStrategy",
        unit="",
        default="balanced-best-effort",
        meaning="balanced-only goes on failing in a zone where launches fail; else another zone is tried.",
        source="CloudFormation, AvailabilityZoneDistribution",
    ),
    Setting(
        name="TerminationPolicies",
        unit="",
        default="Default",
        meaning="Which instances a scale-in takes, in order.",
        source=f"{_GUIDE}, Configure termination policies",
    ),
    Setting(
        name="NewInstancesProtectedFromScaleIn",
        unit="",
        default=False,
        meaning="Whether scale-in may take no instance.",
        source=f"{_GUIDE}, Use instance scale-in protection",
    ),
    Setting(
        name="HealthCheckType",
        unit="",
        default="EC2",
        meaning="Whether failing the load balancer's health checks (ELB) gets an instance replaced.",
        source=f"{_GUIDE}, Health checks for instances in an Auto Scaling group",
    ),
    Setting(
        name="HealthCheckGracePeriod",
        unit="s",
        default=0,
        meaning="How long after InService those checks are not heeded.",
        source=f"{_GUIDE}, Set the health check grace period",
    ),
    Setting(
        name="CapacityRebalance",
        unit="",
        default=False,
        meaning="Whether Spot Instances at risk are replaced before they are interrupted.",
        source=f"{_GUIDE}, Capacity Rebalancing",
    ),
    Setting(
        name="MinHealthyPercentage",
        unit="%",
        default=None,
        meaning="Least of the desired capacity while instances are replaced; unset means 90 in a refresh.",
        source=f"{_GUIDE}, Instance maintenance policies",
    ),
    Setting(
        name="MaxHealthyPercentage",
        unit="%",
        default=None,
        meaning="Most of the desired capacity while instances are replaced; unset means 100 in a refresh.",
        source=f"{_GUIDE}, Instance maintenance policies",
    ),
    *(
        Setting(
            name=f"{hook}.{name}",
            unit=unit,
            default=default,
            meaning=f"{what} {transition}; of several hooks the strictest.",
            source=f"{_GUIDE}, Amazon EC2 Auto Scaling lifecycle hooks",
        )
        for hook, transition in (("LaunchHook", "a launch"), ("TerminationHook", "a termination"))
        for name, unit, default, what in (
            ("HeartbeatTimeout", "s", _HEARTBEAT_S, "How long a lifecycle hook may hold"),
            ("DefaultResult", "", "ABANDON", "What a lifecycle hook that times out does to"),
        )
    ),
    Setting(
        name="WarmPool.PoolState",
        unit="",
        default=None,
        meaning="Stopped, Running or Hibernated; unset means that there is no warm pool.",
        source=f"{_GUIDE}, Warm pools for Amazon EC2 Auto Scaling",
    ),
    Setting(
        name="WarmPool.MinSize",
        unit="1",
        default=0,
        meaning="Least instances in the warm pool.",
        source=f"{_GUIDE}, Warm pools for Amazon EC2 Auto Scaling",
    ),
    Setting(
        name="WarmPool.MaxGroupPreparedCapacity",
        unit="1",
        default=None,
        meaning="Instances in the pool and in service together; unset means MaxSize.",
        source=f"{_GUIDE}, Warm pools for Amazon EC2 Auto Scaling",
    ),
    Setting(
        name="WarmPool.ReuseOnScaleIn",
        unit="",
        default=False,
        meaning="Whether instances return to the warm pool on scale-in.",
        source=f"{_GUIDE}, Warm pools for Amazon EC2 Auto Scaling",
    ),
)

LIFE_CHARACTERISTICS = (
    Characteristic(
        name="launch_hook_time",
        quantity=fact("asg.launch_hook_s").assumed(),
        meaning="How long the work of the launch hook takes, before boot_time counts. Compare the beginning of "
        "Pending:Wait with complete-lifecycle-action.",
        needs="LaunchHook.HeartbeatTimeout",
    ),
    Characteristic(
        name="termination_hook_time",
        quantity=fact("asg.termination_hook_s").assumed(),
        meaning="How long the work of the termination hook takes, after draining.",
        needs="TerminationHook.HeartbeatTimeout",
    ),
    Characteristic(
        name="warm_start_time",
        quantity=fact("asg.warm_start_s").assumed(),
        meaning="From leaving the warm pool to the first request: start of the stopped instance, first health check.",
        needs="WarmPool.PoolState",
    ),
)


def gather_life(gathered: Gathered, group: Resource, stack: Stack) -> None:
    """Take what the group, its hooks and its warm pool say.

    Raises:
        TemplateError: A value that AWS would refuse.
    """
    zones = zones_of(group, stack)
    if zones is not None:
        gathered.settings["AvailabilityZones"] = zones
    for name in ("NewInstancesProtectedFromScaleIn", "CapacityRebalance"):
        _taken(gathered, "switch", name, group, (name,))
    _taken(gathered, "text", "HealthCheckType", group, ("HealthCheckType",))
    _taken(gathered, "number", "HealthCheckGracePeriod", group, ("HealthCheckGracePeriod",))
    distribution = ("AvailabilityZoneDistribution", "CapacityDistributionStrategy")
    _taken(gathered, "text", distribution[1], group, distribution)
    for name in ("MinHealthyPercentage", "MaxHealthyPercentage"):
        _taken(gathered, "number", name, group, ("InstanceMaintenancePolicy", name))
    _gather_termination(gathered, group)
    _gather_hooks(gathered, group, stack)
    for pool in stack.of_kind(WARM_POOL):
        if _is_for(pool, group, stack):
            gathered.settings["WarmPool.PoolState"] = "Stopped"
            _taken(gathered, "text", "WarmPool.PoolState", pool, ("PoolState",))
            for name in ("MinSize", "MaxGroupPreparedCapacity"):
                _taken(gathered, "number", f"WarmPool.{name}", pool, (name,))
            _taken(gathered, "switch", "WarmPool.ReuseOnScaleIn", pool, ("InstanceReusePolicy", "ReuseOnScaleIn"))


def zones_of(group: Resource, stack: Stack) -> int | None:
    """How many Availability Zones a group stands in; None where the files do not tell.

    Subnets without a known zone are taken to stand in one each, as is usual.
    """
    for name in ("VPCZoneIdentifier", "AvailabilityZones"):
        found = group.get(name)
        each = [item for value in (found if isinstance(found, tuple) else (found,)) for item in _parts(value)]
        subnets = [next(referred(item, stack, "AWS::EC2::Subnet"), None) for item in each]
        # One that is neither known nor a subnet may be a parameter that holds a list: how long is not known.
        if len(each) > 1 or (each and (isinstance(each[0], str) or subnets[0] is not None)):
            return len({_zone(item, subnet, k) for k, (item, subnet) in enumerate(zip(each, subnets, strict=True))})
    return None


def _parts(value: Value) -> tuple[Value, ...]:
    """The items of a list that may be written as one text."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else (value,)


def _zone(item: Value, subnet: Resource | None, k: int) -> str:
    """The zone of a subnet; a zone or subnet that is only named counts as one of its own."""
    zone = None if subnet is None else subnet.get("AvailabilityZone") or subnet.get("AvailabilityZoneId")
    if isinstance(zone, str):
        return zone
    return item if isinstance(item, str) else str(k)


def _taken(gathered: Gathered, how: str, name: str, resource: Resource, path: Path) -> None:
    """Take a property that is there."""
    if resource.get(*path) is not None:
        getattr(gathered, how)(name, resource, *path)


def _is_for(resource: Resource, group: Resource, stack: Stack) -> bool:
    found = named(resource.get("AutoScalingGroupName"), stack, GROUP, "AutoScalingGroupName")
    return found is not None and found.name == group.name


def _gather_termination(gathered: Gathered, group: Resource) -> None:
    policies = group.get("TerminationPolicies")
    if not isinstance(policies, tuple):
        return
    names = [name for name in policies if isinstance(name, str)]
    wrong = [name for name in names if name not in _POLICIES and not name.startswith("arn:")]
    if wrong:
        raise TemplateError(
            f"{group.name}: TerminationPolicies has {wrong[0]!r}",
            place=group.place_of("TerminationPolicies"),
            remedy=f"Use {', '.join(_POLICIES)}.",
        )
    gathered.settings["TerminationPolicies"] = ", ".join(name for name in names if name in _POLICIES) or "Default"


def _gather_hooks(gathered: Gathered, group: Resource, stack: Stack) -> None:
    """Take the strictest hook of each transition: of those that abandon the one with the shortest heartbeat."""
    for transition, prefix in _HOOKS.items():
        found = [hook for hook in _hooks(group, stack) if hook[2] == transition]
        if not found:
            continue
        carrier, path, _, result, heartbeat_s = min(found, key=lambda hook: (hook[3] != "ABANDON", hook[4]))
        if result not in {"ABANDON", "CONTINUE"}:
            raise TemplateError(
                f"{group.name}: DefaultResult of a lifecycle hook is {result!r}",
                place=carrier.place_of(*path, "DefaultResult"),
                remedy="Give ABANDON or CONTINUE.",
            )
        gathered.settings[f"{prefix}.HeartbeatTimeout"] = heartbeat_s
        gathered.settings[f"{prefix}.DefaultResult"] = result
        for name, how in (("HeartbeatTimeout", "number"), ("DefaultResult", "text")):
            _taken(gathered, how, f"{prefix}.{name}", carrier, (*path, name))


def _hooks(group: Resource, stack: Stack) -> Iterator[tuple[Resource, Path, Value, str, float]]:
    """Every hook of a group: where it stands, its transition, result and heartbeat."""
    inside = group.get("LifecycleHookSpecificationList")
    places: Iterable[tuple[Resource, Path]] = (
        *(
            (group, ("LifecycleHookSpecificationList", k))
            for k in range(len(inside) if isinstance(inside, tuple) else 0)
        ),
        *((hook, ()) for hook in stack.of_kind(HOOK) if _is_for(hook, group, stack)),
    )
    for carrier, path in places:
        result = carrier.get(*path, "DefaultResult")
        heartbeat_s = number_in(carrier.get(*path, "HeartbeatTimeout"))
        yield (
            carrier,
            path,
            carrier.get(*path, "LifecycleTransition"),
            result if isinstance(result, str) else "ABANDON",
            _HEARTBEAT_S if heartbeat_s is None else heartbeat_s,
        )


def hook_of(component: Component, prefix: str, work_s: float) -> Hook | None:
    """The hook of a transition (``LaunchHook``, ``TerminationHook``), whose work takes so long; None without one."""
    heartbeat_s = component.settings.get(f"{prefix}.HeartbeatTimeout")
    if not isinstance(heartbeat_s, int | float):
        return None
    return Hook(
        work_s=work_s,
        heartbeat_s=float(heartbeat_s),
        abandons=component.settings.get(f"{prefix}.DefaultResult") != "CONTINUE",
    )


def warm_pool_of(component: Component, start_s: float) -> WarmPool | None:
    """The warm pool, whose instances are in service so long after they leave it; None without one."""
    state = component.settings.get("WarmPool.PoolState")
    if state is None:
        return None
    prepared = number_in(component.settings.get("WarmPool.MaxGroupPreparedCapacity"))
    return WarmPool(
        start_s=start_s,
        least=int(number_in(component.settings.get("WarmPool.MinSize")) or 0),
        prepared=None if prepared is None or prepared < 0 else int(prepared),
        running=state == "Running",
        reuse=bool(component.settings.get("WarmPool.ReuseOnScaleIn")),
    )


def healthy_percent(component: Component) -> tuple[float, float] | None:
    """Bounds of the instance maintenance policy; None where there is none."""
    least, most = (number_in(component.settings.get(f"{name}HealthyPercentage")) for name in ("Min", "Max"))
    return None if least is None or most is None or least < 0 or most < 0 else (float(least), float(most))
