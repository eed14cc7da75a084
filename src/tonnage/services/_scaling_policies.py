"""Scaling policies of an Auto Scaling group, with the alarms that fire them, as they stand in the files.

Sources: CloudFormation, AWS::AutoScaling::ScalingPolicy, AWS::AutoScaling::ScheduledAction, AWS::CloudWatch::Alarm.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tonnage.services._properties import named, number_in, referred
from tonnage.workload import Origin, Path, Reference, Resource, ScalingPolicy, Stack, Value, known

POLICY = "AWS::AutoScaling::ScalingPolicy"
SCHEDULED_ACTION = "AWS::AutoScaling::ScheduledAction"
ALARM = "AWS::CloudWatch::Alarm"
GROUP = "AWS::AutoScaling::AutoScalingGroup"
_QUEUE = "AWS::SQS::Queue"

CUSTOMIZED = "CustomizedMetricSpecification"

_MECHANISMS = {
    "TargetTrackingScaling": "target tracking",
    "StepScaling": "step",
    "SimpleScaling": "simple",
    "PredictiveScaling": "predictive",
}
_OWN = (
    "AdjustmentType",
    "Cooldown",
    "EstimatedInstanceWarmup",
    "MetricAggregationType",
    "MinAdjustmentMagnitude",
    "ScalingAdjustment",
    "StepAdjustments",
)
_TRACKING: Mapping[str, Path] = {
    "TargetValue": ("TargetTrackingConfiguration", "TargetValue"),
    "DisableScaleIn": ("TargetTrackingConfiguration", "DisableScaleIn"),
    "PredefinedMetricType": (
        "TargetTrackingConfiguration",
        "PredefinedMetricSpecification",
        "PredefinedMetricType",
    ),
    CUSTOMIZED: ("TargetTrackingConfiguration", CUSTOMIZED),
}
_PREDICTIVE = ("Mode", "SchedulingBufferTime", "MaxCapacityBreachBehavior", "MaxCapacityBuffer", "MetricSpecifications")
_ALARM = ("Threshold", "Period", "EvaluationPeriods", "DatapointsToAlarm")
_SCHEDULE = ("MinSize", "MaxSize", "DesiredCapacity", "Recurrence", "StartTime", "EndTime", "TimeZone")
_INSERTABLE: Mapping[str, tuple[str, ...]] = {
    "target tracking": ("EstimatedInstanceWarmup",),
    "step": ("EstimatedInstanceWarmup",),
    "simple": ("Cooldown",),
}


def policies_of(group: Resource, stack: Stack) -> tuple[ScalingPolicy, ...]:
    """Every policy and scheduled action of a group, in the order of the file.

    A step or simple policy that several alarms fire is given once for each alarm.
    """
    found: list[ScalingPolicy] = []
    for resource in stack.of_kind(POLICY):
        if _is_for(resource, group, stack):
            found += [_with_queues(policy, stack) for policy in _policies(resource, stack)]
    for resource in stack.of_kind(SCHEDULED_ACTION):
        if _is_for(resource, group, stack):
            found.append(_taken(resource, "scheduled", {name: (name,) for name in _SCHEDULE}))
    return tuple(found)


def _is_for(resource: Resource, group: Resource, stack: Stack) -> bool:
    found = named(resource.get("AutoScalingGroupName"), stack, GROUP, "AutoScalingGroupName")
    return found is not None and found.name == group.name


def with_alarm(policy: ScalingPolicy) -> ScalingPolicy:
    """The policy with settings such as ``Alarm.Threshold`` put into its alarm, where the mechanism reads them."""
    alarm = policy.settings.get("Alarm")
    flat = {name: value for name, value in policy.settings.items() if name.startswith("Alarm.")}
    if not flat or not isinstance(alarm, Mapping):
        return policy
    rest = {name: value for name, value in policy.settings.items() if name not in flat}
    changed = {name.removeprefix("Alarm."): value for name, value in flat.items()}
    return replace(policy, settings=rest | {"Alarm": {**alarm, **changed}})


def _with_queues(policy: ScalingPolicy, stack: Stack) -> ScalingPolicy:
    customized = policy.settings.get(CUSTOMIZED)
    if customized is None:
        return policy
    return replace(policy, settings={**policy.settings, CUSTOMIZED: with_queues(customized, stack)})


def _policies(resource: Resource, stack: Stack) -> Iterator[ScalingPolicy]:
    kind = resource.get("PolicyType")
    mechanism = _MECHANISMS.get(kind if isinstance(kind, str) else "SimpleScaling", "simple")
    paths: dict[str, Path] = {name: (name,) for name in _OWN}
    if mechanism == "target tracking":
        paths |= _TRACKING
    if mechanism == "predictive":
        paths |= {name: ("PredictiveScalingConfiguration", name) for name in _PREDICTIVE}
    policy = _taken(resource, mechanism, paths)
    if mechanism not in {"step", "simple"}:
        yield policy
        return
    yield from fired(policy, resource, stack)


def fired(policy: ScalingPolicy, resource: Resource, stack: Stack) -> Iterator[ScalingPolicy]:
    """A step or simple policy with each alarm that fires it; as it is where none does."""
    alarms = [
        alarm for alarm in stack.of_kind(ALARM) if resource in referred(alarm.get("AlarmActions"), stack, resource.kind)
    ]
    for index, alarm in enumerate(alarms):
        name = policy.name if index == 0 else f"{policy.name} by {alarm.name}"
        settings = {**policy.settings, "Alarm": with_queues(dict(alarm.properties), stack)}
        origins = {**policy.origins, "Alarm": Origin(resource=alarm.name, path=(), place=alarm.place)}
        for item in _ALARM:
            if known(alarm.get(item)) and alarm.get(item) is not None:
                settings[f"Alarm.{item}"] = _plain(alarm.get(item))
                origins[f"Alarm.{item}"] = Origin(resource=alarm.name, path=(item,), place=alarm.places.get((item,)))
        yield replace(policy, name=name, settings=settings, origins=origins)
    if not alarms:
        yield policy


def _taken(resource: Resource, mechanism: str, paths: Mapping[str, Path]) -> ScalingPolicy:
    settings: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    for name, path in paths.items():
        value = resource.get(*path)
        if value is not None:
            settings[name] = _plain(value)
        if value is not None or name in _INSERTABLE.get(mechanism, ()):
            origins[name] = Origin(resource=resource.name, path=path, place=resource.places.get(path))
    return ScalingPolicy(name=resource.name, mechanism=mechanism, settings=settings, origins=origins)


def with_queues(value: Value, stack: Stack) -> Value:
    """A metric whose dimension names a queue of the stack by its physical name, with a reference to it instead."""
    if isinstance(value, Mapping):
        if value.get("Name") == "QueueName" and isinstance(value.get("Value"), str):
            queue = named(value.get("Value"), stack, _QUEUE, "QueueName")
            return value if queue is None else {**value, "Value": Reference(resource=queue.name)}
        return {name: with_queues(inner, stack) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(with_queues(inner, stack) for inner in value)
    return value


def _plain(value: Value) -> Value:
    """A number written as a string, as the number."""
    number = number_in(value)
    return value if number is None else number
