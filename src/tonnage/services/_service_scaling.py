"""Application Auto Scaling of ECS services, as it stands in the files.

Source: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tonnage.services._properties import Gathered, number_in
from tonnage.services._scaling_policies import fired
from tonnage.workload import Origin, Path, Resource, ScalingPolicy, Stack, Value, references

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
MECHANISM = "service target tracking"
_DIMENSION = "ecs:service:DesiredCount"
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
_SETTINGS: Mapping[str, Path] = {
    **{
        name: (_CONFIGURATION, name)
        for name in ("TargetValue", "ScaleInCooldown", "ScaleOutCooldown", "DisableScaleIn")
    },
    "PredefinedMetricType": (_CONFIGURATION, "PredefinedMetricSpecification", "PredefinedMetricType"),
    "CustomizedMetricSpecification": (_CONFIGURATION, "CustomizedMetricSpecification"),
}
_STEPS: Mapping[str, Path] = {
    name: ("StepScalingPolicyConfiguration", name)
    for name in ("AdjustmentType", "Cooldown", "MetricAggregationType", "MinAdjustmentMagnitude", "StepAdjustments")
}
COOLDOWN_S = 300


def service_policies(service: Resource, stack: Stack, gathered: Gathered) -> tuple[ScalingPolicy, ...]:
    """Policies of a service's desired count; its bounds become settings.

    Raises:
        TemplateError: A bound is not a number.
    """
    found: list[ScalingPolicy] = []
    for target in stack.of_kind(TARGET):
        if not _is_of(target, service):
            continue
        for name in ("MinCapacity", "MaxCapacity"):
            gathered.number(name, target)
        for policy in stack.of_kind(POLICY):
            if any(reference.resource == target.name for reference in references(policy.get("ScalingTargetId"))):
                found += _policies(policy, stack)
    return tuple(found)


def _is_of(target: Resource, service: Resource) -> bool:
    if target.get("ScalableDimension") not in {_DIMENSION, None} or target.get("ServiceNamespace") not in {"ecs", None}:
        return False
    value = target.get("ResourceId")
    named = any(reference.resource == service.name for reference in references(value))
    return named or (isinstance(value, str) and value.endswith(f"/{service.get('ServiceName')}"))


def _policies(policy: Resource, stack: Stack) -> Iterator[ScalingPolicy]:
    if policy.get("PolicyType") != "StepScaling":
        yield _taken(policy, MECHANISM, _SETTINGS)
        return
    found = _taken(policy, "step", _STEPS)
    # In its cooldown only the difference to what was just added is added: the rule of an instance that warms up.
    cooldown = found.settings.get("Cooldown", COOLDOWN_S)
    settings = {name: value for name, value in found.settings.items() if name != "Cooldown"}
    yield from fired(replace(found, settings={**settings, "EstimatedInstanceWarmup": cooldown}), policy, stack)


def _taken(policy: Resource, mechanism: str, paths: Mapping[str, Path]) -> ScalingPolicy:
    settings: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    for name, path in paths.items():
        value = policy.get(*path)
        if value is not None:
            number = number_in(value)
            settings[name] = value if number is None else number
            origins[name] = Origin(resource=policy.name, path=path, place=policy.places.get(path))
    return ScalingPolicy(name=policy.name, mechanism=mechanism, settings=settings, origins=origins)
