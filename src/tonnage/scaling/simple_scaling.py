"""Simple scaling: one adjustment when the alarm fires, then a cooldown.

Source: Amazon EC2 Auto Scaling user guide, "Step and simple scaling policies" and "Scaling cooldowns". The cooldown
begins when the last instance of the activity has launched or left, and holds back all simple policies of the group. The
alarm acts again every minute while it lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnage.scaling import adjustment, cloudwatch_alarm
from tonnage.scaling._face import NOTHING, Decision, Observation
from tonnage.scaling._levers import COOLDOWNS_S, alarm_levers, around
from tonnage.scaling._settings import Settings
from tonnage.scaling.adjustment import AdjustmentType, Scale
from tonnage.scaling.cloudwatch_alarm import Alarm, AlarmState
from tonnage.scaling.group_metric import Watch
from tonnage.workload import ScalingPolicy

JOINT_SCALE_IN = False

Memory = AlarmState
START = AlarmState.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleScaling:
    """Settings of a policy.

    Attributes:
        alarm: The alarm that fires it.
        scale: How the adjustment is meant.
        adjustment: Instances, percent or capacity, by the adjustment type.
        cooldown_s: ``Cooldown``; None means the group's ``DefaultCooldown``.
    """

    alarm: Alarm
    scale: Scale
    adjustment: int
    cooldown_s: float | None


def read(policy: ScalingPolicy) -> SimpleScaling:
    """Settings of a policy.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: No alarm, or one on a metric that the simulation does not emit.
    """
    settings = Settings(policy)
    return SimpleScaling(
        alarm=cloudwatch_alarm.read(policy),
        scale=adjustment.read(settings),
        adjustment=settings.whole("ScalingAdjustment"),
        cooldown_s=settings.number("Cooldown", least=0) if settings.has("Cooldown") else None,
    )


def watch(settings: SimpleScaling) -> Watch:
    """The alarm's metric."""
    return cloudwatch_alarm.watch(settings.alarm)


def warm_up_s(settings: SimpleScaling, default_warmup_s: float | None, default_cooldown_s: float) -> float:  # noqa: ARG001
    """Only the group's default warm-up; without one an instance counts as soon as it is in service."""
    return default_warmup_s or 0.0


def cooldown_s(settings: SimpleScaling, default_cooldown_s: float) -> float | None:
    """The policy's cooldown, else the group's."""
    return default_cooldown_s if settings.cooldown_s is None else settings.cooldown_s


def scales_in(settings: SimpleScaling) -> bool:
    """Whether the policy can reduce capacity."""
    return settings.scale.kind is AdjustmentType.EXACT or settings.adjustment < 0


def decide(settings: SimpleScaling, memory: Memory, observation: Observation) -> tuple[Memory, Decision]:
    """One minute of a policy: its adjustment, if the alarm is on and the cooldown over."""
    state = cloudwatch_alarm.evaluate(settings.alarm, memory, observation.datapoints)
    if state is not AlarmState.ALARM or observation.time_s < observation.cooldown_ends_s:
        return state, NOTHING
    capacity = adjustment.adjusted(settings.scale, settings.adjustment, observation.desired)
    if capacity == observation.desired or (capacity < observation.desired and observation.warming):
        return state, Decision(capacity=observation.desired)
    text = cloudwatch_alarm.reason(settings.alarm, observation.datapoints)
    change = adjustment.describe(settings.scale, settings.adjustment)
    return state, Decision(capacity=capacity, reason=f"{text}: {change}")


def describe(settings: SimpleScaling) -> str:
    """One line for a report."""
    cooldown = f", cooldown {settings.cooldown_s:g} s" if settings.cooldown_s is not None else ""
    change = adjustment.describe(settings.scale, settings.adjustment)
    return f"simple: {cloudwatch_alarm.describe(settings.alarm)}: {change}{cooldown}"


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying for each setting, the present one among them, in ascending order."""
    return alarm_levers(policy) | {"Cooldown": around(read(policy).cooldown_s, COOLDOWNS_S)}
