"""Groups, policies and minutes for the tests of the control plane."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from tonnage.scaling.auto_scaling_group import GroupMemory, Sample, next_event_s, start, step
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.readings import Activity
from tonnage.services import ScalingGroup
from tonnage.workload import ScalingPolicy, Value


def an_alarm(threshold: Value = 70, comparison: str = "GreaterThanThreshold", **settings: Value) -> Mapping[str, Value]:
    return {
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": threshold,
        "ComparisonOperator": comparison,
    } | settings


def target_tracking(name: str = "Track", **settings: Value) -> ScalingPolicy:
    defaults: dict[str, Value] = {"TargetValue": 50, "PredefinedMetricType": "ASGAverageCPUUtilization"}
    return ScalingPolicy(name=name, mechanism="target tracking", settings=defaults | settings)


def step_scaling(name: str = "Step", alarm: Mapping[str, Value] | None = None, **settings: Value) -> ScalingPolicy:
    defaults: dict[str, Value] = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": ({"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1},),
        "Alarm": alarm or an_alarm(),
    }
    return ScalingPolicy(name=name, mechanism="step", settings=defaults | settings)


def simple_scaling(name: str = "Simple", alarm: Mapping[str, Value] | None = None, **settings: Value) -> ScalingPolicy:
    defaults: dict[str, Value] = {
        "AdjustmentType": "ChangeInCapacity",
        "ScalingAdjustment": 1,
        "Alarm": alarm or an_alarm(),
    }
    return ScalingPolicy(name=name, mechanism="simple", settings=defaults | settings)


def predictive_scaling(
    name: str = "Predict", *, metric: str = "ASGCPUUtilization", target: Value = 50, **settings: Value
) -> ScalingPolicy:
    pair = {"PredefinedMetricType": metric}
    defaults: dict[str, Value] = {
        "Mode": "ForecastAndScale",
        "MetricSpecifications": ({"TargetValue": target, "PredefinedMetricPairSpecification": pair},),
    }
    return ScalingPolicy(name=name, mechanism="predictive", settings=defaults | settings)


def a_group(
    *policies: ScalingPolicy,
    minimum: int = 1,
    maximum: int = 20,
    boot_s: float = 90.0,
    drain_s: float = 60.0,
    default_warmup_s: float | None = None,
    default_cooldown_s: float = 300.0,
    metric_period_s: float = 60.0,
    metric_delay_s: float = 0.0,
    ceiling: int = 0,
    **instances: Any,
) -> ScalingGroup:
    """A group; ``instances`` are the settings of how it launches and replaces its instances."""
    return ScalingGroup(
        fleet="Web/fleet",
        minimum=minimum,
        maximum=maximum,
        desired=None,
        policies=policies,
        boot_s=boot_s,
        default_warmup_s=default_warmup_s,
        default_cooldown_s=default_cooldown_s,
        drain_s=drain_s,
        metric_period_s=metric_period_s,
        metric_delay_s=metric_delay_s,
        ceiling=ceiling,
        **instances,
    )


def run(
    group: ScalingGroup,
    *,
    in_service: int,
    until_s: float,
    cpu_load: Callable[[float], float] = lambda _: 0.0,
    requests: Callable[[float], float] = lambda _: 0.0,
    watch: Callable[[float, GroupMemory], None] = lambda _time_s, _memory: None,
) -> tuple[GroupMemory, list[Activity]]:
    """Run a group from time zero.

    ``cpu_load`` is in percent of one instance and shared evenly, ``requests`` are per minute; both by the minute's
    start.
    """
    memory = start(group, time_s=0.0, in_service=in_service)
    activities: list[Activity] = []
    time_s = 0.0
    while time_s < until_s:
        time_s = min((math.floor(time_s / 60.0) + 1) * 60.0, next_event_s(group, memory, time_s))
        sample = None
        if time_s % 60.0 == 0.0:
            began_s = time_s - 60.0
            serving = [item.slot for item in memory.instances if item.state is InstanceState.IN_SERVICE]
            cpu = {slot: min(100.0, cpu_load(began_s) / len(serving)) for slot in serving}
            sample = Sample(start_s=began_s, cpu_percent=cpu, requests=requests(began_s))
        memory, new = step(group, memory, time_s, sample)
        activities.extend(new)
        watch(time_s, memory)
    return memory, activities
