"""What an expert would try on an Auto Scaling group, in the order of what gave way."""

import math
from collections.abc import Iterator, Mapping

from tonnage.catalog import Catalog
from tonnage.services._face import Situation
from tonnage.services._group_policies import takes_warm_pool, tracking_policy, warm_pool
from tonnage.services._instance_type_knobs import instance_type_knobs
from tonnage.services._launch import DETAILED_MONITORING
from tonnage.services._mixed_instances import is_mixed
from tonnage.services._properties import number_in
from tonnage.workload import Addition, Change, Component, ScalingPolicy

_CPU_TARGETS = (60, 50, 40)
_TARGET = 50
_LEAST_WARM_UP_S = 30.0


def group_knobs(
    component: Component, situation: Situation, catalog: Catalog, boot_s: float
) -> Iterator[Change | Addition]:
    """Changes worth trying, most promising first.

    Raises:
        CatalogError: The instance type is not known.
    """
    scaling = [*_scaling(component, boot_s)]
    if component.policies and takes_warm_pool(component) and "scaling lag" in situation.pressures:
        scaling.append(warm_pool(component))
    # The other types of a mixed group would need another image.
    arch = None if not is_mixed(component) else catalog.instance_type(str(component.settings["InstanceType"])).arch
    types = [*instance_type_knobs(component, situation, catalog, arch)]
    sizes = [*_sizes(component, situation)]
    late = "scaling lag" in situation.pressures
    at_limit = "cpu" in situation.pressures or "workers" in situation.pressures
    if late:
        yield from (*scaling, *sizes, *types)
    elif at_limit:
        yield from (*sizes, *types, *scaling)
    else:
        yield from (*types, *scaling, *sizes)


# Sizes --------------------------------------------------------------------------------------------------------------


def _sizes(component: Component, situation: Situation) -> Iterator[Change]:
    minimum, maximum = _whole(component, "MinSize"), _whole(component, "MaxSize")
    if minimum is None or maximum is None:
        return
    if component.origins.get("MaxSize") and situation.pressures and (minimum < maximum or not component.policies):
        for factor in (1.5, 2.0):
            yield Change(
                component=component.name,
                setting="MaxSize",
                before=maximum,
                after=max(maximum + 1, math.ceil(maximum * factor)),
                because="the group may grow further before its instances are full",
            )
    if component.origins.get("MinSize") and minimum < maximum:
        desired = _whole(component, "DesiredCapacity")
        wanted = {min(maximum, max(minimum + 1, math.ceil(minimum * factor))) for factor in (1.0, 2.0)}
        for after in sorted(wanted):
            yield Change(
                component=component.name,
                setting="MinSize",
                before=minimum,
                after=after,
                because="more instances are there before the load comes",
                caveat=f"raise DesiredCapacity ({desired}) with it: CloudFormation refuses one below MinSize"
                if desired is not None and desired < after
                else "",
            )


def _whole(component: Component, name: str) -> int | None:
    value = number_in(component.settings.get(name))
    return None if value is None else int(value)


# Scaling ------------------------------------------------------------------------------------------------------------


def _scaling(component: Component, boot_s: float) -> Iterator[Change | Addition]:
    tracking = [policy for policy in component.policies if policy.mechanism == "target tracking"]
    for policy in tracking:
        yield from _targets(component, policy)
    if not tracking:
        yield from _new_policy(component)
    yield from _monitoring(component)
    yield from _warm_up(component, boot_s)
    for policy in component.policies:
        yield from _adjustments(component, policy)


def _targets(component: Component, policy: ScalingPolicy) -> Iterator[Change]:
    target = number_in(policy.settings.get("TargetValue"))
    if target is None or "TargetValue" not in policy.origins:
        return
    if policy.settings.get("PredefinedMetricType") == "ALBRequestCountPerTarget":
        lower = [max(1, round(target * factor)) for factor in (0.8, 0.6)]
    else:
        lower = [each for each in _CPU_TARGETS if each < target][:2]
    for after in lower:
        yield Change(
            component=component.name,
            setting="TargetValue",
            before=target,
            after=after,
            policy=policy.name,
            because="a lower target keeps more room for a rise while new instances start",
        )


def _new_policy(component: Component) -> Iterator[Addition]:
    minimum, maximum = _whole(component, "MinSize"), _whole(component, "MaxSize")
    if minimum is None or maximum is None or minimum >= maximum:
        return
    yield tracking_policy(component, _TARGET)


def _monitoring(component: Component) -> Iterator[Change]:
    if component.origins.get(DETAILED_MONITORING) and not component.settings.get(DETAILED_MONITORING):
        yield Change(
            component=component.name,
            setting=DETAILED_MONITORING,
            before=component.settings.get(DETAILED_MONITORING),
            after=True,
            because="policies see the CPU every minute instead of every five",
            caveat="takes effect for instances launched afterwards",
        )


def _warm_up(component: Component, boot_s: float) -> Iterator[Change]:
    """A warm-up as long as the boot is what AWS advises; a longer one holds the next scale-out back."""
    after = max(_LEAST_WARM_UP_S, math.ceil(boot_s / 30.0) * 30.0)
    because = "a warm-up near the real start of an instance lets the next scale-out see the metric sooner"
    own = [p for p in component.policies if number_in(p.settings.get("EstimatedInstanceWarmup")) is not None]
    for policy in own:
        before = number_in(policy.settings["EstimatedInstanceWarmup"])
        if before is not None and before > after:
            yield Change(
                component=component.name,
                setting="EstimatedInstanceWarmup",
                before=before,
                after=int(after),
                policy=policy.name,
                because=because,
            )
    warmed = [p for p in component.policies if p.mechanism in {"target tracking", "step"} and p not in own]
    before = number_in(component.settings.get("DefaultInstanceWarmup"))
    now = before if before is not None else number_in(component.settings.get("Cooldown", 300)) or 300
    if warmed and now > after and component.origins.get("DefaultInstanceWarmup"):
        yield Change(
            component=component.name,
            setting="DefaultInstanceWarmup",
            before=before,
            after=int(after),
            because=because,
        )


def _adjustments(component: Component, policy: ScalingPolicy) -> Iterator[Change]:
    """Simple and step policies: act sooner, and on more instances at once."""
    adjustment = number_in(policy.settings.get("ScalingAdjustment"))
    if policy.mechanism == "simple" and adjustment is not None and adjustment > 0:
        if policy.settings.get("AdjustmentType") != "ExactCapacity" and "ScalingAdjustment" in policy.origins:
            yield Change(
                component=component.name,
                setting="ScalingAdjustment",
                before=adjustment,
                after=int(adjustment * 2),
                policy=policy.name,
                because="more instances for each alarm catch up with a steep rise sooner",
            )
        cooldown = number_in(policy.settings.get("Cooldown"))
        if cooldown is not None and cooldown > 60 and "Cooldown" in policy.origins:
            yield Change(
                component=component.name,
                setting="Cooldown",
                before=cooldown,
                after=60,
                policy=policy.name,
                because="the policy may act again sooner",
            )
    yield from _alarm(component, policy)


def _alarm(component: Component, policy: ScalingPolicy) -> Iterator[Change]:
    """The alarm of a policy that scales out: fire after fewer periods."""
    alarm = policy.settings.get("Alarm")
    if policy.mechanism not in {"simple", "step"} or not isinstance(alarm, Mapping):
        return
    upward = str(alarm.get("ComparisonOperator", ""))
    periods = number_in(policy.settings.get("Alarm.EvaluationPeriods"))
    if not upward.startswith("Greater") or periods is None or periods <= 1:
        return
    if "Alarm.EvaluationPeriods" in policy.origins and "Alarm.DatapointsToAlarm" not in policy.origins:
        yield Change(
            component=component.name,
            setting="Alarm.EvaluationPeriods",
            before=periods,
            after=1,
            policy=policy.name,
            because="the alarm fires after one period instead of several",
        )
