"""Step scaling: the further the metric is beyond the alarm threshold, the larger the change.

Source: Amazon EC2 Auto Scaling user guide, "Step and simple scaling policies". The alarm acts again every minute while
it lasts; warm-up keeps it from adding twice: a step is taken from the capacity that is warm, and what is already on its
way counts toward the result. So at 10 instances a step of +10 % makes 11 once, and a step of +30 % while that one warms
up makes 13. While scaling in, instances on their way out count as present, so that nothing is removed twice.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tonnage.scaling import adjustment, cloudwatch_alarm
from tonnage.scaling._face import NOTHING, Decision, Observation
from tonnage.scaling._levers import WARM_UPS_S, alarm_levers, around
from tonnage.scaling._settings import Settings
from tonnage.scaling.adjustment import AdjustmentType, Scale
from tonnage.scaling.cloudwatch_alarm import Alarm, AlarmState
from tonnage.scaling.group_metric import GroupMetric, Statistic, Watch, value
from tonnage.scaling.watched_metric import name_and_unit
from tonnage.workload import ScalingPolicy

JOINT_SCALE_IN = False

Memory = AlarmState
START = AlarmState.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAdjustment:
    """One step.

    Attributes:
        lower: Lower bound, relative to the alarm threshold; minus infinity if unset.
        upper: Upper bound, relative to the alarm threshold; infinity if unset.
        adjustment: Instances, percent or capacity, by the adjustment type.
    """

    lower: float
    upper: float
    adjustment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScaling:
    """Settings of a policy.

    Attributes:
        alarm: The alarm that fires it.
        scale: How adjustments are meant.
        steps: From the lowest to the highest, without gaps.
        aggregation: Which statistic of the metric chooses the step.
        warm_up_s: ``EstimatedInstanceWarmup``; None if unset.
    """

    alarm: Alarm
    scale: Scale
    steps: tuple[StepAdjustment, ...]
    aggregation: Statistic
    warm_up_s: float | None


def read(policy: ScalingPolicy) -> StepScaling:
    """Settings of a policy.

    Raises:
        WorkloadError: A value that AWS would refuse, among them steps that overlap or leave a gap.
        Unsupported: No alarm, or one on a metric that the simulation does not emit.
    """
    settings = Settings(policy)
    alarm = cloudwatch_alarm.read(policy)
    aggregations = (Statistic.AVERAGE.value, Statistic.MINIMUM.value, Statistic.MAXIMUM.value)
    aggregation = Statistic(settings.text("MetricAggregationType", "Average", among=aggregations))
    return StepScaling(
        alarm=alarm,
        scale=adjustment.read(settings),
        steps=_steps(settings),
        # A count has one sample per request, each of value 1: only its sum says how far the alarm was exceeded.
        aggregation=aggregation if alarm.metric is GroupMetric.CPU_UTILIZATION else alarm.statistic,
        warm_up_s=settings.number("EstimatedInstanceWarmup", least=0)
        if settings.has("EstimatedInstanceWarmup")
        else None,
    )


def _steps(settings: Settings) -> tuple[StepAdjustment, ...]:
    steps = sorted(
        (
            StepAdjustment(
                lower=item.number("MetricIntervalLowerBound", -math.inf),
                upper=item.number("MetricIntervalUpperBound", math.inf),
                adjustment=item.whole("ScalingAdjustment"),
            )
            for item in settings.mappings("StepAdjustments")
        ),
        key=lambda step: step.lower,
    )
    name = "StepAdjustments"
    if not steps:
        raise settings.refuse(name, "has no step", "Give at least one step.")
    if len(steps) > 20:
        raise settings.refuse(name, f"has {len(steps)} steps", "AWS allows 20.")
    if any(step.lower >= step.upper for step in steps):
        raise settings.refuse(name, "has a step whose lower bound is not below its upper one", "Swap the bounds.")
    for below, above in pairwise(steps):
        if below.upper != above.lower:
            problem = "overlap" if below.upper > above.lower else "leave a gap"
            raise settings.refuse(
                name, f"has steps that {problem} at {above.lower:g}", "Let each step begin where the one before ends."
            )
    if math.isfinite(steps[0].lower) and steps[0].lower < 0:
        raise settings.refuse(name, "has a negative lower bound but no step without one", "Leave the lowest bound out.")
    if math.isfinite(steps[-1].upper) and steps[-1].upper > 0:
        raise settings.refuse(
            name, "has a positive upper bound but no step without one", "Leave the highest bound out."
        )
    return tuple(steps)


def watch(settings: StepScaling) -> Watch:
    """The alarm's metric."""
    return cloudwatch_alarm.watch(settings.alarm)


def warm_up_s(settings: StepScaling, default_warmup_s: float | None, default_cooldown_s: float) -> float:
    """How long a new instance is left out of the metric: the policy's own, else the group's, else its cooldown."""
    if settings.warm_up_s is not None:
        return settings.warm_up_s
    return default_cooldown_s if default_warmup_s is None else default_warmup_s


def cooldown_s(settings: StepScaling, default_cooldown_s: float) -> float | None:  # noqa: ARG001 - the face of every mechanism
    """Step scaling has no cooldown."""
    return None


def scales_in(settings: StepScaling) -> bool:
    """Whether the policy can reduce capacity."""
    return settings.scale.kind is AdjustmentType.EXACT or any(step.adjustment < 0 for step in settings.steps)


def step_for(settings: StepScaling, beyond: float) -> StepAdjustment | None:
    """The step for a metric so far beyond the threshold (negative below it).

    Above the threshold a step includes its lower bound, below it the upper one.
    """
    for step in settings.steps:
        if step.upper <= 0 and step.lower < beyond <= step.upper:
            return step
        if step.upper > 0 and step.lower <= beyond < step.upper:
            return step
    return None


def decide(settings: StepScaling, memory: Memory, observation: Observation) -> tuple[Memory, Decision]:
    """One minute of a policy: the step for the newest datapoint, while the alarm lasts."""
    state = cloudwatch_alarm.evaluate(settings.alarm, memory, observation.datapoints)
    if state is not AlarmState.ALARM or observation.newest is None:
        return state, NOTHING
    beyond = value(observation.newest, settings.aggregation) - settings.alarm.threshold
    step = step_for(settings, beyond)
    if step is None:
        return state, NOTHING
    desired = observation.desired
    capacity = adjustment.adjusted(settings.scale, step.adjustment, desired - observation.warming)
    if capacity <= desired:
        present = desired + observation.terminating
        smaller = adjustment.adjusted(settings.scale, step.adjustment, present)
        shrinks = step.adjustment < 0 or settings.scale.kind is AdjustmentType.EXACT
        capacity = smaller if shrinks and smaller < desired and not observation.warming else desired
    if capacity == desired:
        return state, Decision(capacity=desired)
    text = cloudwatch_alarm.reason(settings.alarm, observation.datapoints)
    change = adjustment.describe(settings.scale, step.adjustment)
    return state, Decision(capacity=capacity, reason=f"{text}: step {change}")


def describe(settings: StepScaling) -> str:
    """One line for a report."""
    unit = name_and_unit(settings.alarm.metric)[1]
    steps = "; ".join(
        f"{_interval(step, settings.alarm.threshold, unit)} {adjustment.describe(settings.scale, step.adjustment)}"
        for step in settings.steps
    )
    warm_up = f", warm-up {settings.warm_up_s:g} s" if settings.warm_up_s is not None else ""
    return f"step: {cloudwatch_alarm.describe(settings.alarm)}: {steps}{warm_up}"


def _interval(step: StepAdjustment, threshold: float, unit: str) -> str:
    lower, upper = f"{threshold + step.lower:g}{unit}", f"{threshold + step.upper:g}{unit}"
    if math.isinf(step.lower) and math.isinf(step.upper):
        return "always"
    if math.isinf(step.lower):
        return f"up to {upper}"
    return f"from {lower}" if math.isinf(step.upper) else f"{lower} to {upper}"


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying for each setting, the present one among them, in ascending order."""
    return alarm_levers(policy) | {"EstimatedInstanceWarmup": around(read(policy).warm_up_s, WARM_UPS_S)}
