"""Application Auto Scaling of Lambda's provisioned concurrency, as it stands in the files and as it may be added.

Sources: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy; AWS Lambda developer guide,
"Managing provisioned concurrency with Application Auto Scaling".
"""

from collections.abc import Mapping
from dataclasses import replace

from tonnage.catalog import fact
from tonnage.services._face import ProvisionedScaling
from tonnage.services._properties import referred
from tonnage.services._scalable_target import (
    POLICY,
    SCHEDULED,
    SUSPENDED,
    TARGET,
    TRACKING,
    TRACKING_SETTINGS,
    is_of,
    last_word,
    policies_for,
    scheduled_actions,
    taken,
    with_suspension,
)
from tonnage.workload import (
    Addition,
    Component,
    Path,
    Reference,
    Resource,
    ScalingPolicy,
    Stack,
    Text,
    Value,
    WorkloadError,
)

MECHANISM = "provisioned concurrency"
DIMENSION = "lambda:function:ProvisionedConcurrency"
QUALIFIERS = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_BOUNDS: Mapping[str, Path] = {"MinCapacity": ("MinCapacity",), "MaxCapacity": ("MaxCapacity",)}
_POLICY: Mapping[str, Path] = {
    **TRACKING_SETTINGS,
    "PredefinedMetricType": (TRACKING, "PredefinedMetricSpecification", "PredefinedMetricType"),
    "MetricName": (TRACKING, "CustomizedMetricSpecification", "MetricName"),
    "Statistic": (TRACKING, "CustomizedMetricSpecification", "Statistic"),
}
TARGET_SHARE = 0.7
"""Utilization that AWS's own example keeps."""


def provisioned_policies(function: Resource, stack: Stack) -> tuple[ScalingPolicy, ...]:
    """The scaling of a function's provisioned concurrency and its scheduled actions; empty where there is none.

    A target that has scheduled actions only is given a policy without a target value.
    """
    for target in stack.of_kind(TARGET):
        if target.get("ScalableDimension") != DIMENSION or not _is_for(target, function, stack):
            continue
        bounds = taken(target, MECHANISM, _BOUNDS)
        tracking = [p for p in policies_for(target, function, "FunctionName", stack) if p.get(TRACKING) is not None]
        settings: dict[str, Value] = {"Qualifier": _qualifier(target, function), **bounds.settings}
        if not tracking:
            return (replace(bounds, settings=settings), *scheduled_actions(target))
        own = with_suspension(taken(tracking[0], MECHANISM, _POLICY), target)
        policy = replace(own, settings={**settings, **own.settings}, origins={**bounds.origins, **own.origins})
        return (policy, *scheduled_actions(target))
    return ()


def _is_for(target: Resource, function: Resource, stack: Stack) -> bool:
    value = target.get("ResourceId")
    through = [
        each for each in referred(value, stack, *QUALIFIERS) if function in _functions(each, stack, function.kind)
    ]
    return bool(through) or is_of(value, function, "FunctionName")


def _functions(qualifier: Resource, stack: Stack, kind: str) -> list[Resource]:
    return list(referred(qualifier.get("FunctionName"), stack, kind))


def _qualifier(target: Resource, function: Resource) -> str:
    """Alias or version of a resource id; empty where it names the function alone."""
    value = target.get("ResourceId")
    if isinstance(value, Text):
        last = value.parts[-1] if value.parts else None
        return "" if isinstance(last, Reference) and last.resource == function.name else str(last_word(value) or "?")
    if isinstance(value, str):
        return str(last_word(value)) if value.count(":") > 1 else ""
    return "?"


def scales(policy: ScalingPolicy, way: str) -> bool:
    """Whether a policy scales by its target in a direction, ``"Out"`` or ``"In"``."""
    tracks = policy.settings.get("TargetValue") is not None and not policy.settings.get(SUSPENDED)
    return tracks and str(policy.settings.get(f"DisableScale{way}")).lower() != "true"


def scaling_of(component: Component) -> tuple[ScalingPolicy, tuple[ScalingPolicy, ...]] | None:
    """The policy of a function whose bounds and target are known, with its scheduled actions; None without one."""
    for policy in component.policies:
        bounds = [policy.settings.get(name) for name in _BOUNDS]
        target = policy.settings.get("TargetValue")
        known = all(isinstance(value, int | float) for value in bounds) and isinstance(target, int | float | None)
        if policy.mechanism == MECHANISM and known:
            return policy, tuple(each for each in component.policies if each.mechanism == SCHEDULED)
    return None


def provisioned_control(
    component: Component, limit: int, provisioned: int, *, begin_s: float
) -> ProvisionedScaling | None:
    """The scaling of a function's provisioned concurrency; None where it has none whose bounds are known.

    Args:
        component: The function.
        limit: Its concurrency: no more can be provisioned.
        provisioned: What is declared.
        begin_s: From a decision until the first further environment is there.

    Raises:
        WorkloadError: The bounds contradict each other, or the target is not above 0.
    """
    found = scaling_of(component)
    if found is None:
        return None
    policy, schedule = found
    least, most = (int(float(str(policy.settings[name]))) for name in _BOUNDS)
    target = float(str(policy.settings.get("TargetValue", TARGET_SHARE)))
    if target <= 0.0 or least > most:
        origin = policy.origins.get("TargetValue" if least <= most else "MinCapacity")
        raise WorkloadError(
            f"{policy.name}: a target of {target:g} between {least} and {most} environments cannot be",
            place=origin.place if origin else None,
            remedy="Give a target of 0.1 to 0.9 and a MinCapacity no larger than MaxCapacity.",
        )
    least, most = min(least, limit), min(most, limit)
    cooldown = policy.settings.get("ScaleInCooldown")
    return ProvisionedScaling(
        environments=f"{component.name}/environments",
        policy=policy.name,
        start=min(max(provisioned, least), most),
        minimum=least,
        maximum=most,
        target=target,
        by_peak=policy.settings.get("Statistic") == "Maximum",
        in_cooldown_s=float(cooldown) if isinstance(cooldown, int | float) else 0.0,
        scale_in=scales(policy, "In"),
        scale_out=scales(policy, "Out"),
        begin_s=begin_s,
        per_s=fact("lambda.provisioned_per_s").value,
        schedule=schedule,
    )


def describe(policy: ScalingPolicy) -> str:
    """One line for a report: "provisioned concurrency: 70 % used, 5 to 100 environments"."""
    s = policy.settings
    target, bounds = s.get("TargetValue"), f"{s.get('MinCapacity')} to {s.get('MaxCapacity')} environments"
    if s.get(SUSPENDED):
        return f"{MECHANISM}: {bounds}, suspended by SuspendedState"
    if target is None:
        return f"{MECHANISM}: {bounds}, by its schedule only"
    share = f"{target:.0%}".replace("%", " %") if isinstance(target, int | float) else str(target)
    never = "".join(f", never scales {way.lower()}" for way in ("Out", "In") if not scales(policy, way))
    return f"{MECHANISM}: {share} used{' at most' if s.get('Statistic') == 'Maximum' else ''}, {bounds}{never}"


def provisioned_scaling(component: Component, alias: str, name: str, most: int) -> Addition:
    """Target tracking of the provisioned concurrency of an alias.

    Args:
        component: The function.
        alias: Logical id of the alias.
        name: Its name.
        most: Most environments.
    """
    target, policy = f"{component.name}ProvisionedTarget", f"{component.name}ProvisionedTracking"
    return Addition(
        component=component.name,
        title=f"scaling of {component.name}'s provisioned concurrency: {TARGET_SHARE:.0%} used, up to {most}",
        resources={
            target: {
                "Type": TARGET,
                "DependsOn": alias,
                "Properties": {
                    "MinCapacity": max(1, round(most / 10)),
                    "MaxCapacity": most,
                    "ResourceId": Text(parts=("function:", Reference(component.name), f":{name}")),
                    "ScalableDimension": DIMENSION,
                    "ServiceNamespace": "lambda",
                },
            },
            policy: {
                "Type": POLICY,
                "Properties": {
                    "PolicyName": policy,
                    "PolicyType": "TargetTrackingScaling",
                    "ScalingTargetId": Reference(target),
                    TRACKING: {
                        "TargetValue": TARGET_SHARE,
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"
                        },
                    },
                },
            },
        },
        because="environments that are there before the requests have no cold starts, and are paid as long as needed",
    )
