"""Target tracking: keep a per-instance metric at a target.

AWS creates two alarms for each policy. AlarmHigh (three minutes above the target) scales out at once and in proportion;
AlarmLow (fifteen minutes below a fraction of the target) scales in, but never so far that the metric would exceed the
target. Both repeat every minute while the alarm lasts. Source: Amazon EC2 Auto Scaling user guide, "Target tracking
scaling policies".

The load of the instances behind the newest datapoint is their number times the metric; the wanted capacity is
``ceil(load / target)``: with everything warm that is ``ceil(capacity × metric / target)``. Instances that are still
warming up are not in the load and so are not added twice; the guide's example for step policies computes the same way
("Set the default instance warmup", "Step and simple scaling policies"). The exact formula is not published; it agrees
with every example in the guide.

How far one scale-in goes is documented only as "more gradually". Here it goes to what the newest minute needs, the
fastest that the guide allows, or no further than the most of some minutes (``ScalingGroup.scale_in_looks_back_s``).

With basic monitoring one CPU datapoint comes every five minutes, and AWS still evaluates by the minute: the point
stands alone among missing ones, and both alarms go to ALARM by CloudWatch's rule for sparse data
(``cloudwatch_alarm``), AlarmHigh two minutes after the point has arrived.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tonnage.scaling._face import NOTHING, Decision, Observation, Unsupported
from tonnage.scaling._levers import CPU_TARGETS, WARM_UPS_S, around, scaled
from tonnage.scaling._settings import Settings
from tonnage.scaling.cloudwatch_alarm import (
    Alarm,
    AlarmState,
    ComparisonOperator,
    evaluate,
    evaluation_range,
    reason,
)
from tonnage.scaling.group_metric import GroupMetric, Statistic, Watch, Watched, load
from tonnage.scaling.watched_metric import name_and_unit, read_tracked
from tonnage.workload import ScalingPolicy, assumed

LOW_ALARM_FRACTION = assumed(
    0.7,
    "1",
    "not documented for EC2 Auto Scaling; alarms seen in public issues have 0.7 (2024) and 0.9 (older)",
    low=0.7,
    high=0.9,
)
"""Threshold of AlarmLow as a fraction of the target."""

JOINT_SCALE_IN = True

_HIGH_PERIODS, _LOW_PERIODS = 3, 15
_UNEMITTED = ("ASGAverageNetworkIn", "ASGAverageNetworkOut")
_PREDEFINED = {
    "ASGAverageCPUUtilization": (GroupMetric.CPU_UTILIZATION, Statistic.AVERAGE),
    "ALBRequestCountPerTarget": (GroupMetric.REQUEST_COUNT_PER_TARGET, Statistic.SUM),
}
# Scaling in and then straight out again because of a rounding error in the last bit would be an artefact.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """Settings of a policy.

    Attributes:
        target: The metric's value to keep, in percent or in requests per target and minute.
        high: AlarmHigh.
        low: AlarmLow.
        disable_scale_in: Whether only AlarmHigh acts.
        warm_up_s: ``EstimatedInstanceWarmup``; None if unset.
    """

    target: float
    high: Alarm
    low: Alarm
    disable_scale_in: bool
    warm_up_s: float | None


Memory = tuple[AlarmState, AlarmState]
START: Memory = (AlarmState.OK, AlarmState.OK)


def read(policy: ScalingPolicy) -> TargetTracking:
    """Settings of a policy.

    The metric is ``PredefinedMetricType`` or the mapping ``CustomizedMetricSpecification`` (MetricName, Namespace,
    Statistic, Dimensions).

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: A metric that the simulation does not emit.
    """
    settings = Settings(policy)
    target = settings.number("TargetValue")
    if target <= 0:
        raise settings.refuse("TargetValue", f"is {target:g}", "Give a number above 0.")
    metric, statistic = _metric(settings)
    return TargetTracking(
        target=target,
        high=_alarm(metric, statistic, _HIGH_PERIODS, ComparisonOperator.GREATER, target),
        low=_alarm(metric, statistic, _LOW_PERIODS, ComparisonOperator.LESS, target * LOW_ALARM_FRACTION.value),
        disable_scale_in=settings.switch("DisableScaleIn", default=False),
        warm_up_s=settings.number("EstimatedInstanceWarmup", least=0)
        if settings.has("EstimatedInstanceWarmup")
        else None,
    )


def _metric(settings: Settings) -> tuple[Watched, Statistic]:
    if settings.has("PredefinedMetricType"):
        name = settings.text("PredefinedMetricType", among=(*_PREDEFINED, *_UNEMITTED))
        if name in _UNEMITTED:
            raise Unsupported(f"it tracks {name}, and the simulation does not emit network metrics")
        return _PREDEFINED[name]
    customized = settings.mapping("CustomizedMetricSpecification")
    if customized is None:
        raise Unsupported("the metric that it tracks is not known from the files")
    return read_tracked(customized)


def _alarm(
    metric: Watched, statistic: Statistic, periods: int, comparison: ComparisonOperator, threshold: float
) -> Alarm:
    return Alarm(
        metric=metric,
        statistic=statistic,
        period_s=60.0,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        threshold=threshold,
        comparison=comparison,
    )


def watch(settings: TargetTracking) -> Watch:
    """The metric by the minute, as far back as AlarmLow looks."""
    alarm = settings.low
    return Watch(metric=alarm.metric, statistic=alarm.statistic, period_s=60.0, periods=evaluation_range(_LOW_PERIODS))


def warm_up_s(settings: TargetTracking, default_warmup_s: float | None, default_cooldown_s: float) -> float:
    """How long a new instance is left out of the metric: the policy's own, else the group's, else its cooldown."""
    if settings.warm_up_s is not None:
        return settings.warm_up_s
    return default_cooldown_s if default_warmup_s is None else default_warmup_s


def cooldown_s(settings: TargetTracking, default_cooldown_s: float) -> float | None:  # noqa: ARG001 - the face of every mechanism
    """Target tracking has no cooldown."""
    return None


def scales_in(settings: TargetTracking) -> bool:
    """Whether the policy reduces capacity."""
    return not settings.disable_scale_in


def decide(settings: TargetTracking, memory: Memory, observation: Observation) -> tuple[Memory, Decision]:
    """One minute of a policy: out while AlarmHigh lasts, in while AlarmLow lasts and nothing warms up."""
    points = observation.datapoints
    high = evaluate(settings.high, memory[0], points)
    low = evaluate(settings.low, memory[1], points)
    seen = memory if memory == (high, low) else (high, low)
    if observation.newest is None or AlarmState.ALARM not in seen:
        return seen, NOTHING
    wanted = load(observation.newest, settings.high.statistic) / settings.target
    capacity = math.ceil(wanted - _ROUNDING * wanted)
    if high is AlarmState.ALARM:
        if capacity <= observation.desired:
            return seen, Decision(capacity=observation.desired)
        return seen, Decision(capacity=capacity, reason=f"AlarmHigh: {reason(settings.high, points)}")
    if observation.heaviest is not None:
        wanted = load(observation.heaviest, settings.high.statistic) / settings.target
        capacity = math.ceil(wanted - _ROUNDING * wanted)
    if settings.disable_scale_in or observation.warming or capacity >= observation.desired:
        return seen, NOTHING
    return seen, Decision(capacity=capacity, reason=f"AlarmLow: {reason(settings.low, points)}")


def describe(settings: TargetTracking) -> str:
    """One line for a report."""
    name, unit = name_and_unit(settings.high.metric)
    each = " per minute" if settings.high.metric is GroupMetric.REQUEST_COUNT_PER_TARGET else unit
    parts = [f"target tracking: {name} at {settings.target:g}{each}"]
    if settings.warm_up_s is not None:
        parts.append(f"warm-up {settings.warm_up_s:g} s")
    if settings.disable_scale_in:
        parts.append("never scales in")
    return ", ".join(parts)


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying for each setting, the present one among them, in ascending order."""
    settings = read(policy)
    by_cpu = watch(settings).metric is GroupMetric.CPU_UTILIZATION
    return {
        "TargetValue": around(settings.target, CPU_TARGETS) if by_cpu else scaled(settings.target),
        "EstimatedInstanceWarmup": around(settings.warm_up_s, WARM_UPS_S),
    }
