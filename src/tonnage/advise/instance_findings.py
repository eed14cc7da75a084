"""Findings about the instances of a group: hooks, warm pool, weights and maintenance that contradict themselves."""

from collections.abc import Iterator

from tonnage.advise.finding import Finding
from tonnage.services import ScalingGroup
from tonnage.workload import Component


def instance_findings(component: Component, group: ScalingGroup) -> Iterator[Finding]:
    """What cannot be meant in how a group launches, keeps and replaces its instances."""
    yield from _hook(component, group)
    yield from _warm_pool(component, group)
    for offer in group.offers:
        if offer.weight > group.maximum and not offer.spot:
            yield _finding(
                component,
                "WeightedCapacity",
                f"one {offer.name} counts {offer.weight} units, more than the maximum of {group.maximum}",
                "Give sizes in units: at least two or three times the largest weight.",
            )
    if group.protected and group.policies:
        yield _finding(
            component,
            "NewInstancesProtectedFromScaleIn",
            "its instances are protected from scale-in, so no policy ever removes one",
            "Protect only instances that must not be stopped, while they must not.",
        )
    if "Default" in group.termination[:-1]:
        yield _finding(
            component,
            "TerminationPolicies",
            f"its termination policies are {', '.join(group.termination)}: what follows Default is never asked",
            "Put Default last.",
        )
    yield from _maintenance(component)


def _hook(component: Component, group: ScalingGroup) -> Iterator[Finding]:
    hook = group.launch_hook
    if hook is None or hook.work_s <= hook.heartbeat_s:
        return
    late = f"its launch hook times out after {hook.heartbeat_s:g} s, but its work takes {hook.work_s:g} s"
    then = "every launch is abandoned" if hook.abandons else "instances serve before it is done"
    yield _finding(
        component,
        "LaunchHook.HeartbeatTimeout",
        f"{late}: {then}",
        f"Make HeartbeatTimeout longer, or say what launch_hook_time really is (now {hook.work_s:g} s).",
    )


def _warm_pool(component: Component, group: ScalingGroup) -> Iterator[Finding]:
    name = "WarmPool.PoolState"
    if name not in component.settings:
        return
    pool = group.warm_pool
    if pool is None:
        yield _finding(
            component,
            name,
            "it has a warm pool and a mixed instances policy, which AWS refuses together; it is simulated without pool",
            "Remove one of the two.",
        )
    elif pool.size(group.minimum, group.most) == 0:
        yield _finding(
            component,
            name,
            "its warm pool never holds an instance: MinSize of the group is all that may be prepared",
            "Give the pool a MinSize or a larger MaxGroupPreparedCapacity.",
        )
    elif pool.start_s >= group.boot_s:
        yield _finding(
            component,
            name,
            f"an instance of its warm pool takes {pool.start_s:g} s to serve, a new one {group.boot_s:g} s",
            "Remove the pool, or measure warm_start_time and boot_time.",
        )


def _maintenance(component: Component) -> Iterator[Finding]:
    bounds = [component.settings.get(f"{name}HealthyPercentage") for name in ("Min", "Max")]
    least, most = (float(bound) if isinstance(bound, int | float) and bound >= 0 else None for bound in bounds)
    if least is None and most is None:
        return
    if least is None or most is None or not (least <= 100 <= most <= 200 and most - least <= 100):
        yield _finding(
            component,
            "MinHealthyPercentage" if least is not None else "MaxHealthyPercentage",
            "its maintenance policy is one that AWS refuses",
            "Give MinHealthyPercentage 0 to 100 and MaxHealthyPercentage 100 to 200, no more than 100 apart.",
        )


def _finding(component: Component, setting: str, what: str, remedy: str) -> Finding:
    origin = component.origins.get(setting)
    place = component.place if origin is None or origin.place is None else origin.place
    return Finding(component=component.name, what=what, remedy=remedy, place=place)
