"""Scalable targets of Application Auto Scaling, whatever they scale: their policies, schedules and suspensions.

A suspended direction of dynamic scaling, or suspended scheduled scaling, leaves the rest as it is: a policy of which
nothing is left carries the setting ``Suspended``, and the report says so.

Sources: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy; Application Auto Scaling user
guide, "Suspend and resume scaling".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tonnage.services._properties import number_in
from tonnage.workload import Origin, Path, Resource, ScalingPolicy, Stack, Text, Value, references

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
SCHEDULED = "service scheduled"
SUSPENDED = "Suspended"
"""Setting of a policy that ``SuspendedState`` keeps from doing anything."""
TRACKING = "TargetTrackingScalingPolicyConfiguration"
TRACKING_SETTINGS: Mapping[str, Path] = {
    name: (TRACKING, name) for name in ("TargetValue", "ScaleInCooldown", "ScaleOutCooldown", "DisableScaleIn")
}
_BOUNDS = ("MinCapacity", "MaxCapacity")


def targets(stack: Stack, dimensions: Iterable[str], owner: Resource, name_property: str) -> Iterator[Resource]:
    """Scalable targets of a resource in some dimensions.

    Args:
        stack: All resources.
        dimensions: ``ScalableDimension`` of those wanted.
        owner: The resource that is scaled.
        name_property: Property by which it names itself.
    """
    wanted = set(dimensions)
    for target in stack.of_kind(TARGET):
        if target.get("ScalableDimension") in wanted and is_of(target.get("ResourceId"), owner, name_property):
            yield target


def is_of(value: Value, owner: Resource, name_property: str) -> bool:
    """Whether a resource id such as ``table/Orders/index/By`` speaks of a resource."""
    if any(reference.resource == owner.name for reference in references(value)):
        return True
    words = value.replace(":", "/").split("/") if isinstance(value, str) else []
    if len(words) < 2:
        return False
    # Only a service has another name, its cluster's, before its own.
    return owner.get(name_property) == words[-1 if words[0] == "service" else 1]


def last_word(value: Value) -> Value:
    """What stands behind the last colon or slash of a resource id; None where that is not written out."""
    if isinstance(value, Text):
        value = value.parts[-1] if value.parts else None
    return value.replace(":", "/").rpartition("/")[2] if isinstance(value, str) else None


def policies_for(target: Resource, owner: Resource, name_property: str, stack: Stack) -> Iterator[Resource]:
    """Policies of a target: those that refer to it, or name the same dimension of the same resource."""
    for policy in stack.of_kind(POLICY):
        refers = any(reference.resource == target.name for reference in references(policy.get("ScalingTargetId")))
        same = policy.get("ScalableDimension") == target.get("ScalableDimension")
        if refers or (same and is_of(policy.get("ResourceId"), owner, name_property)):
            yield policy


def taken(holder: Resource, mechanism: str, paths: Mapping[str, Path]) -> ScalingPolicy:
    """A policy with the settings that stand at some paths of a resource."""
    settings: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    for name, path in paths.items():
        value = holder.get(*path)
        if value is not None:
            number = number_in(value)
            settings[name] = value if number is None else number
            origins[name] = Origin(resource=holder.name, path=path, place=holder.places.get(path))
    return ScalingPolicy(name=holder.name, mechanism=mechanism, settings=settings, origins=origins)


def scheduled_actions(target: Resource) -> tuple[ScalingPolicy, ...]:
    """Scheduled actions of a target, in order."""
    items = target.get("ScheduledActions")
    found = []
    for k, item in enumerate(items if isinstance(items, tuple) else ()):
        base: Path = ("ScheduledActions", k)
        paths: dict[str, Path] = {name: (*base, name) for name in ("Schedule", "StartTime", "EndTime", "Timezone")}
        paths |= {name: (*base, "ScalableTargetAction", name) for name in _BOUNDS}
        action = taken(target, SCHEDULED, paths)
        name = item.get("ScheduledActionName") if isinstance(item, Mapping) else None
        action = replace(action, name=name if isinstance(name, str) else f"{target.name} {k + 1}")
        found.append(_suspended(action) if _is_suspended(target, "ScheduledScaling") else action)
    return tuple(found)


def largest_maximum(policies: Iterable[ScalingPolicy]) -> float:
    """The largest maximum that a scheduled action sets; 0 if none does."""
    found = [policy.settings.get("MaxCapacity") for policy in policies if policy.mechanism == SCHEDULED]
    return max((value for value in found if isinstance(value, int | float)), default=0)


def with_suspension(policy: ScalingPolicy, target: Resource) -> ScalingPolicy:
    """A dynamic policy with what ``SuspendedState`` of its target leaves of it."""
    out, back = (_is_suspended(target, f"DynamicScaling{each}") for each in ("Out", "In"))
    if out and back:
        return _suspended(policy)
    if not out and not back:
        return policy
    if policy.mechanism == "step":
        steps = policy.settings.get("StepAdjustments")
        kept = tuple(step for step in steps if _grows(step) == back) if isinstance(steps, tuple) else ()
        return replace(policy, settings={**policy.settings, "StepAdjustments": kept}) if kept else _suspended(policy)
    return replace(policy, settings={**policy.settings, "DisableScaleOut" if out else "DisableScaleIn": True})


def _grows(step: Value) -> bool:
    adjustment = number_in(step.get("ScalingAdjustment")) if isinstance(step, Mapping) else None
    return adjustment is None or adjustment > 0


def _is_suspended(target: Resource, what: str) -> bool:
    return str(target.get("SuspendedState", f"{what}Suspended")).lower() == "true"


def _suspended(policy: ScalingPolicy) -> ScalingPolicy:
    return replace(policy, settings={**policy.settings, SUSPENDED: True})
