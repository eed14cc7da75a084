"""Application Auto Scaling of DynamoDB tables and indexes, as it stands in the files.

Source: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy.
"""

from collections.abc import Iterator, Mapping

from tonnage.services._properties import number_in
from tonnage.workload import Origin, Path, Resource, ScalingPolicy, Stack, Value, references

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
MECHANISM = "table"
PARTS: Mapping[str, str] = {
    "dynamodb:table:ReadCapacityUnits": "reads",
    "dynamodb:table:WriteCapacityUnits": "writes",
    "dynamodb:index:WriteCapacityUnits": "index writes",
}
"""Dimensions that are simulated, with the part of the table that each scales."""
_BOUNDS: Mapping[str, Path] = {"MinCapacity": ("MinCapacity",), "MaxCapacity": ("MaxCapacity",)}
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
_POLICY: Mapping[str, Path] = {
    name: (_TRACKING, name) for name in ("TargetValue", "ScaleInCooldown", "ScaleOutCooldown", "DisableScaleIn")
}


def table_policies(table: Resource, stack: Stack) -> tuple[ScalingPolicy, ...]:
    """Target tracking of a table's throughput, one for each dimension that is scaled."""
    found: list[ScalingPolicy] = []
    for target in stack.of_kind(TARGET):
        part = PARTS.get(str(target.get("ScalableDimension")))
        if part is None or not _is_of(target.get("ResourceId"), table):
            continue
        for policy in stack.of_kind(POLICY):
            if _scales(policy, target, table) and policy.get(_TRACKING) is not None:
                found.append(_taken(policy, target, part))
                break
    return tuple(found)


def _is_of(value: Value, table: Resource) -> bool:
    """Whether a resource id such as ``table/Orders`` or ``table/Orders/index/By`` speaks of a table."""
    if any(reference.resource == table.name for reference in references(value)):
        return True
    name = table.get("TableName")
    words = value.split("/") if isinstance(value, str) else []
    return len(words) > 1 and words[0] == "table" and words[1] == name


def _scales(policy: Resource, target: Resource, table: Resource) -> bool:
    """Whether a policy is for a target: by reference, or by the same dimension of the same table."""
    if any(reference.resource == target.name for reference in references(policy.get("ScalingTargetId"))):
        return True
    same = policy.get("ScalableDimension") == target.get("ScalableDimension")
    return same and _is_of(policy.get("ResourceId"), table)


def _taken(policy: Resource, target: Resource, part: str) -> ScalingPolicy:
    settings: dict[str, Value] = {"Part": part}
    origins: dict[str, Origin] = {}
    for holder, names in ((target, _BOUNDS), (policy, _POLICY)):
        for name, path in names.items():
            value = holder.get(*path)
            if value is not None:
                number = number_in(value)
                settings[name] = value if number is None else number
                origins[name] = Origin(resource=holder.name, path=path, place=holder.places.get(path))
    return ScalingPolicy(name=policy.name, mechanism=MECHANISM, settings=settings, origins=origins)


def describe(policy: ScalingPolicy) -> str:
    """One line for a report: "auto scaling of reads: 70 % consumed, 10 to 500 units/s"."""
    s = policy.settings
    bounds = f"{s.get('MinCapacity')} to {s.get('MaxCapacity')} units/s"
    return f"auto scaling of {s.get('Part')}: {s.get('TargetValue')} % consumed, {bounds}"


def parts_scaled(policies: tuple[ScalingPolicy, ...]) -> Iterator[tuple[str, ScalingPolicy]]:
    """Part of the table and its policy, of policies whose bounds and target are known."""
    for policy in policies:
        wanted = [policy.settings.get(name) for name in ("MinCapacity", "MaxCapacity", "TargetValue")]
        if policy.mechanism == MECHANISM and all(isinstance(value, int | float) for value in wanted):
            yield str(policy.settings["Part"]), policy
