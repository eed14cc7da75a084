"""Application Auto Scaling of ECS services, as it stands in the files.

Source: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tonnage.services._properties import Gathered
from tonnage.services._scalable_target import (
    TRACKING,
    TRACKING_SETTINGS,
    policies_for,
    scheduled_actions,
    taken,
    targets,
    with_suspension,
)
from tonnage.services._scaling_policies import fired
from tonnage.workload import Path, Resource, ScalingPolicy, Stack, TemplateError

MECHANISM = "service target tracking"
DIMENSION = "ecs:service:DesiredCount"
_SETTINGS: Mapping[str, Path] = {
    **TRACKING_SETTINGS,
    "PredefinedMetricType": (TRACKING, "PredefinedMetricSpecification", "PredefinedMetricType"),
    "CustomizedMetricSpecification": (TRACKING, "CustomizedMetricSpecification"),
}
_STEPS: Mapping[str, Path] = {
    name: ("StepScalingPolicyConfiguration", name)
    for name in ("AdjustmentType", "Cooldown", "MetricAggregationType", "MinAdjustmentMagnitude", "StepAdjustments")
}
COOLDOWN_S = 300


def service_policies(
    service: Resource,
    stack: Stack,
    gathered: Gathered,
    dimension: str = DIMENSION,
    name_property: str = "ServiceName",
) -> tuple[ScalingPolicy, ...]:
    """Policies and scheduled actions of what a service has a number of; its bounds become settings.

    Args:
        service: The resource.
        stack: All resources.
        gathered: Where the bounds go.
        dimension: What is scaled.
        name_property: Property by which the resource names itself.

    Raises:
        TemplateError: A bound is not a number, or the bounds contradict each other.
    """
    found: list[ScalingPolicy] = []
    for target in targets(stack, (dimension,), service, name_property):
        for name in ("MinCapacity", "MaxCapacity"):
            gathered.number(name, target)
        _refuse_crossed(service, gathered)
        for resource in policies_for(target, service, name_property, stack):
            found += [with_suspension(policy, target) for policy in _policies(resource, stack)]
        found += scheduled_actions(target)
    return tuple(found)


def _refuse_crossed(service: Resource, gathered: Gathered) -> None:
    least, most = (gathered.settings.get(name) for name in ("MinCapacity", "MaxCapacity"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        raise TemplateError(
            f"{service.name}: MinCapacity {least:g} and MaxCapacity {most:g} contradict each other",
            place=gathered.origins["MinCapacity"].place or service.place,
            remedy="Make MinCapacity no larger than MaxCapacity.",
        )


def _policies(policy: Resource, stack: Stack) -> Iterator[ScalingPolicy]:
    if policy.get("PolicyType") != "StepScaling":
        yield taken(policy, MECHANISM, _SETTINGS)
        return
    found = taken(policy, "step", _STEPS)
    # In its cooldown only the difference to what was just added is added: the rule of an instance that warms up.
    cooldown = found.settings.get("Cooldown", COOLDOWN_S)
    settings = {name: value for name, value in found.settings.items() if name != "Cooldown"}
    yield from fired(replace(found, settings={**settings, "EstimatedInstanceWarmup": cooldown}), policy, stack)
