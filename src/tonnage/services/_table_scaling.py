"""Application Auto Scaling of DynamoDB tables and indexes, as it stands in the files.

Source: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tonnage.services._scalable_target import (
    SCHEDULED,
    SUSPENDED,
    TRACKING,
    TRACKING_SETTINGS,
    policies_for,
    scheduled_actions,
    taken,
    targets,
    with_suspension,
)
from tonnage.workload import Path, Resource, ScalingPolicy, Stack

MECHANISM = "table"
PARTS: Mapping[str, str] = {
    "dynamodb:table:ReadCapacityUnits": "reads",
    "dynamodb:table:WriteCapacityUnits": "writes",
    "dynamodb:index:WriteCapacityUnits": "index writes",
}
"""Dimensions that are simulated, with the part of the table that each scales."""
_BOUNDS: Mapping[str, Path] = {"MinCapacity": ("MinCapacity",), "MaxCapacity": ("MaxCapacity",)}


def table_policies(table: Resource, stack: Stack) -> tuple[ScalingPolicy, ...]:
    """Target tracking of a table's throughput, one for each dimension that is scaled, and its scheduled actions.

    A dimension that has scheduled actions only is given a policy without a target.
    """
    found: list[ScalingPolicy] = []
    for target in targets(stack, PARTS, table, "TableName"):
        part = {"Part": PARTS[str(target.get("ScalableDimension"))]}
        bounds = taken(target, MECHANISM, _BOUNDS)
        bounds = replace(bounds, settings={**part, **bounds.settings})
        tracking = [each for each in policies_for(target, table, "TableName", stack) if each.get(TRACKING) is not None]
        schedule = scheduled_actions(target)
        if tracking:
            own = with_suspension(taken(tracking[0], MECHANISM, TRACKING_SETTINGS), target)
            settings, origins = {**bounds.settings, **own.settings}, {**bounds.origins, **own.origins}
            found.append(replace(own, settings=settings, origins=origins))
        elif schedule:
            found.append(bounds)
        found += [replace(action, settings={**part, **action.settings}) for action in schedule]
    return tuple(found)


def describe(policy: ScalingPolicy) -> str:
    """One line for a report: "auto scaling of reads: 70 % consumed, 10 to 500 units/s"."""
    s = policy.settings
    bounds = f"{s.get('MinCapacity')} to {s.get('MaxCapacity')} units/s"
    suspended = [way for way, name in (("out", "DisableScaleOut"), ("in", "DisableScaleIn")) if _is_on(policy, name)]
    if s.get(SUSPENDED):
        return f"auto scaling of {s.get('Part')}: {bounds}, suspended by SuspendedState"
    if s.get("TargetValue") is None:
        return f"auto scaling of {s.get('Part')}: {bounds}, by its schedule only"
    never = f", never scales {' or '.join(suspended)}" if suspended else ""
    return f"auto scaling of {s.get('Part')}: {s.get('TargetValue')} % consumed, {bounds}{never}"


def scales(policy: ScalingPolicy, way: str) -> bool:
    """Whether a policy scales by its target in a direction, ``"Out"`` or ``"In"``."""
    tracks = policy.settings.get("TargetValue") is not None and not policy.settings.get(SUSPENDED)
    return tracks and not _is_on(policy, f"DisableScale{way}")


def _is_on(policy: ScalingPolicy, name: str) -> bool:
    return str(policy.settings.get(name)).lower() == "true"


def parts_scaled(policies: tuple[ScalingPolicy, ...]) -> Iterator[tuple[str, ScalingPolicy, tuple[ScalingPolicy, ...]]]:
    """Part of the table, its policy and its scheduled actions, where the bounds and the target are known."""
    for policy in policies:
        wanted = [policy.settings.get(name) for name in ("MinCapacity", "MaxCapacity")]
        target = policy.settings.get("TargetValue")
        known = all(isinstance(value, int | float) for value in wanted) and isinstance(target, int | float | None)
        if policy.mechanism == MECHANISM and known:
            part = str(policy.settings["Part"])
            schedule = [p for p in policies if p.mechanism == SCHEDULED and p.settings.get("Part") == part]
            yield part, policy, tuple(schedule)
