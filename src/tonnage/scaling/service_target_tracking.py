"""Target tracking of what a service has a number of, by Application Auto Scaling: ECS tasks, Aurora readers, shards.

Two alarms as for EC2 (three minutes above the target, fifteen below), the lower at nine tenths of the target: 1,500
requests per target scale in below 1,350. A scale-in is followed by a cooldown in which no other happens; a scale-out is
never held back from asking for more than what was just given. All that runs counts at once: there is no warm-up.

ElastiCache adds a fifth of the shards at least, and takes none away before the metric is at three quarters of its
target; that it then goes to ``ceil(shards * metric / target)`` is assumed.

Sources: Application Auto Scaling user guide, "Target tracking"; Amazon ECS developer guide, "Target tracking scaling";
Amazon Aurora user guide, "Amazon Aurora Auto Scaling with Aurora Replicas"; Amazon ElastiCache user guide, "Target
tracking scaling policies". Memory and connections are not simulated.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling._face import NOTHING, Decision, Observation, Unsupported
from tonnage.scaling._levers import COOLDOWNS_S, CPU_TARGETS, around, scaled
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
from tonnage.workload import ScalingPolicy

JOINT_SCALE_IN = True
LOW_FRACTION = 0.9
COOLDOWN_S = 300.0
_HIGH_PERIODS, _LOW_PERIODS = 3, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What holds for policies of one predefined metric.

    Attributes:
        metric: The metric.
        statistic: Its statistic.
        low_fraction: Scale-in begins below this share of the target.
        low_comparison: Whether the threshold itself is low enough.
        cooldown_s: Both cooldowns where the policy names none.
        least_step: Least growth of one step, as a share of the capacity.
    """

    metric: Watched
    statistic: Statistic
    low_fraction: float = LOW_FRACTION
    low_comparison: ComparisonOperator = ComparisonOperator.LESS
    cooldown_s: float = COOLDOWN_S
    least_step: float = 0.0


_METRICS = {
    "ECSServiceAverageCPUUtilization": Tracked(metric=GroupMetric.CPU_UTILIZATION, statistic=Statistic.AVERAGE),
    "ALBRequestCountPerTarget": Tracked(metric=GroupMetric.REQUEST_COUNT_PER_TARGET, statistic=Statistic.SUM),
    "RDSReaderAverageCPUUtilization": Tracked(metric=GroupMetric.CPU_UTILIZATION, statistic=Statistic.AVERAGE),
    "ElastiCachePrimaryEngineCPUUtilization": Tracked(
        metric=GroupMetric.CPU_UTILIZATION,
        statistic=Statistic.AVERAGE,
        low_fraction=0.75,
        low_comparison=ComparisonOperator.LESS_OR_EQUAL,
        cooldown_s=600.0,
        least_step=0.2,
    ),
}
_UNEMITTED = (
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
    "RDSReaderAverageDatabaseConnections",
    "ElastiCacheReplicaEngineCPUUtilization",
    "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage",
    "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage",
)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTracking:
    """Settings of a policy.

    Attributes:
        target: The metric's value to keep, in percent or in requests per target and minute.
        high: The alarm that scales out.
        low: The alarm that scales in.
        disable_scale_in: Whether only the first acts.
        disable_scale_out: Whether only the second does: scaling out is suspended.
        in_cooldown_s: ``ScaleInCooldown``.
        out_cooldown_s: ``ScaleOutCooldown``.
        least_step: Least growth of one step, as a share of the capacity.
    """

    target: float
    high: Alarm
    low: Alarm
    disable_scale_in: bool
    disable_scale_out: bool
    in_cooldown_s: float
    out_cooldown_s: float
    least_step: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a policy remembers.

    Attributes:
        high: State of the alarm that scales out.
        low: State of the other.
        in_s: When it scaled in last.
        out_s: When it scaled out last.
    """

    high: AlarmState = AlarmState.OK
    low: AlarmState = AlarmState.OK
    in_s: float = -math.inf
    out_s: float = -math.inf


START = Memory()


def read(policy: ScalingPolicy) -> ServiceTracking:
    """Settings of a policy.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: A metric that the simulation does not emit.
    """
    settings = Settings(policy)
    target = settings.number("TargetValue")
    if target <= 0:
        raise settings.refuse("TargetValue", f"is {target:g}", "Give a number above 0.")
    tracked = _tracked(settings)
    return ServiceTracking(
        target=target,
        high=_alarm(tracked, _HIGH_PERIODS, ComparisonOperator.GREATER, target),
        low=_alarm(tracked, _LOW_PERIODS, tracked.low_comparison, target * tracked.low_fraction),
        disable_scale_in=settings.switch("DisableScaleIn", default=False),
        disable_scale_out=settings.switch("DisableScaleOut", default=False),
        in_cooldown_s=settings.number("ScaleInCooldown", tracked.cooldown_s, least=0),
        out_cooldown_s=settings.number("ScaleOutCooldown", tracked.cooldown_s, least=0),
        least_step=tracked.least_step,
    )


def _tracked(settings: Settings) -> Tracked:
    """What holds for the metric of a policy."""
    if settings.has("PredefinedMetricType"):
        name = settings.text("PredefinedMetricType", among=(*_METRICS, *_UNEMITTED))
        if name in _UNEMITTED:
            raise Unsupported(f"it tracks {name}, which is not simulated")
        return _METRICS[name]
    customized = settings.mapping("CustomizedMetricSpecification")
    if customized is None:
        raise Unsupported("the metric that it tracks is not known from the files")
    metric, statistic = read_tracked(customized)
    return Tracked(metric=metric, statistic=statistic)


def _alarm(tracked: Tracked, periods: int, comparison: ComparisonOperator, threshold: float) -> Alarm:
    return Alarm(
        metric=tracked.metric,
        statistic=tracked.statistic,
        period_s=60.0,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        threshold=threshold,
        comparison=comparison,
    )


def watch(settings: ServiceTracking) -> Watch:
    """The metric by the minute, as far back as the lower alarm looks."""
    alarm = settings.low
    return Watch(metric=alarm.metric, statistic=alarm.statistic, period_s=60.0, periods=evaluation_range(_LOW_PERIODS))


def warm_up_s(settings: ServiceTracking, default_warmup_s: float | None, default_cooldown_s: float) -> float:  # noqa: ARG001
    """A running task counts at once."""
    return 0.0


def cooldown_s(settings: ServiceTracking, default_cooldown_s: float) -> float | None:  # noqa: ARG001
    """The cooldown of simple scaling is none of its own."""
    return None


def scales_in(settings: ServiceTracking) -> bool:
    """Whether the policy reduces capacity."""
    return not settings.disable_scale_in


def decide(settings: ServiceTracking, memory: Memory, observation: Observation) -> tuple[Memory, Decision]:
    """One minute of a policy: out in proportion while the upper alarm lasts, in after the cooldown while the lower.

    In the cooldown of a scale-out only what the load calls for beyond what was just given is added, and no least step.
    """
    points = observation.datapoints
    seen = replace(
        memory, high=evaluate(settings.high, memory.high, points), low=evaluate(settings.low, memory.low, points)
    )
    if observation.newest is None or AlarmState.ALARM not in (seen.high, seen.low):
        return seen, NOTHING
    wanted = load(observation.newest, settings.high.statistic) / settings.target
    capacity = math.ceil(wanted - _ROUNDING * wanted)
    if seen.high is AlarmState.ALARM:
        least = observation.desired * (1.0 + settings.least_step)
        if observation.time_s >= memory.out_s + settings.out_cooldown_s:
            capacity = max(capacity, math.ceil(least - _ROUNDING * least))
        if capacity <= observation.desired or settings.disable_scale_out:
            return seen, Decision(capacity=observation.desired)
        told = Decision(capacity=capacity, reason=f"AlarmHigh: {reason(settings.high, points)}")
        return replace(seen, out_s=observation.time_s), told
    if settings.disable_scale_in or capacity >= observation.desired:
        return seen, NOTHING
    if observation.time_s < memory.in_s + settings.in_cooldown_s:
        return seen, NOTHING
    told = Decision(capacity=capacity, reason=f"AlarmLow: {reason(settings.low, points)}")
    return replace(seen, in_s=observation.time_s), told


def describe(settings: ServiceTracking) -> str:
    """One line for a report."""
    name, unit = name_and_unit(settings.high.metric)
    parts = [f"service target tracking: {name} at {settings.target:g}{unit or ' per minute'}"]
    parts.append(f"cooldown {settings.out_cooldown_s:g} s out, {settings.in_cooldown_s:g} s in")
    if settings.disable_scale_in:
        parts.append("never scales in")
    if settings.disable_scale_out:
        parts.append("scaling out is suspended")
    return ", ".join(parts)


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying for each setting, the present one among them, in ascending order."""
    settings = read(policy)
    by_cpu = watch(settings).metric is GroupMetric.CPU_UTILIZATION
    return {
        "TargetValue": around(settings.target, CPU_TARGETS) if by_cpu else scaled(settings.target),
        "ScaleOutCooldown": around(settings.out_cooldown_s, COOLDOWNS_S),
        "ScaleInCooldown": around(settings.in_cooldown_s, COOLDOWNS_S),
    }
