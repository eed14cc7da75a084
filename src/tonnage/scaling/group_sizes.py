"""Sizes of a group that change by the clock: scheduled actions, the forecast, and the bounds between which it stays.

Source: Amazon EC2 Auto Scaling user guide, "Scheduled scaling", "Predictive scaling".
"""

from dataclasses import replace

from tonnage.scaling import predictive_scaling
from tonnage.scaling.group_memory import GroupMemory, Sample
from tonnage.scaling.predictive_scaling import Prediction, PredictiveScaling
from tonnage.scaling.readings import Activity
from tonnage.scaling.scheduled_action import ScheduledAction, bounds_after, describe, next_unix_s
from tonnage.services import ScalingGroup

_INITIAL = "initial"


def run_scheduled(memory: GroupMemory, time_s: float) -> tuple[GroupMemory, Activity | None]:
    """Scheduled actions that are due, in the order of their times; the last one that changes capacity is told."""
    activity: Activity | None = None
    desired = memory.desired
    for _, k in sorted((at, k) for k, at in enumerate(memory.due_s) if at <= time_s):
        action = memory.scheduled[k]
        minimum, maximum, after = scheduled_sizes(action, memory.minimum, memory.maximum, desired)
        due_s = list(memory.due_s)
        due_s[k] = next_unix_s(action, memory.epoch_s + time_s) - memory.epoch_s
        memory = replace(memory, minimum=minimum, maximum=maximum, due_s=tuple(due_s))
        if after != desired:
            reason = f"{describe(action)}; {desired} → {after}"
            activity = Activity(time_s=time_s, cause=action.name, before=desired, after=after, reason=reason)
            desired = after
    return memory, activity


def scheduled_sizes(action: ScheduledAction, minimum: int, maximum: int, desired: int) -> tuple[int, int, int]:
    """Bounds and desired capacity after an action; bounds that it leaves contradictory give way to what it sets."""
    minimum, maximum = bounds_after(action, minimum, maximum)
    wanted = desired if action.desired is None else action.desired
    return minimum, maximum, min(max(wanted, minimum), maximum)


def predict(
    group: ScalingGroup, memory: GroupMemory, policy: PredictiveScaling, time_s: float, sample: Sample | None
) -> GroupMemory:
    """Take a minute into the load, forecast where that is due, and raise the maximum where the policy may."""
    assert memory.prediction is not None
    prediction, now = memory.prediction, memory.epoch_s + time_s
    if sample is not None:
        prediction = predictive_scaling.gather(
            policy, prediction, memory.epoch_s + sample.start_s, sum(sample.cpu_percent.values()), sample.requests
        )
    if time_s < memory.predicts_s:
        return replace(memory, prediction=prediction) if sample is not None else memory
    prediction = predictive_scaling.advance(policy, prediction, now)
    return replace(
        memory,
        prediction=prediction,
        maximum=raised_maximum(group, policy, prediction, now, memory.maximum),
        predicts_s=predictive_scaling.next_unix_s(policy, now) - memory.epoch_s,
    )


def raised_maximum(
    group: ScalingGroup, policy: PredictiveScaling, prediction: Prediction, now_unix_s: float, maximum: int
) -> int:
    """Maximum of the group after predictive scaling; the data plane has room for no more than the group's ceiling."""
    capacity = predictive_scaling.needed(policy, prediction, now_unix_s)
    if capacity is None:
        return maximum
    return max(maximum, min(predictive_scaling.maximum_for(policy, capacity, maximum), group.most))


def forecast_capacity(memory: GroupMemory, time_s: float) -> int:
    """Least capacity that the forecast lets dynamic policies leave; 0 without one."""
    if memory.predictive is None or memory.prediction is None:
        return 0
    return predictive_scaling.needed(memory.predictive, memory.prediction, memory.epoch_s + time_s) or 0


def raise_to_forecast(memory: GroupMemory, time_s: float) -> Activity | None:
    """Predictive scaling acts: capacity rises to what the forecast needs, within the bounds, and never falls."""
    capacity = forecast_capacity(memory, time_s)
    after = min(capacity, memory.maximum)
    if memory.predictive is None or after <= memory.desired:
        return None
    bound = f" (the maximum; {capacity} wanted)" if after < capacity else ""
    return Activity(
        time_s=time_s,
        cause=memory.predictive.name,
        before=memory.desired,
        after=after,
        reason=f"forecast of {predictive_scaling.describe(memory.predictive)}; {memory.desired} → {after}{bound}",
    )


def within_bounds(memory: GroupMemory, time_s: float) -> Activity | None:
    """The change that brings a capacity outside the bounds to the nearer of them; None for one within."""
    after = min(max(memory.desired, memory.minimum), memory.maximum)
    if after == memory.desired:
        return None
    bound = "minimum" if after > memory.desired else "maximum"
    reason = f"the {bound} of the group is {after}; {memory.desired} → {after}"
    return Activity(time_s=time_s, cause=_INITIAL, before=memory.desired, after=after, reason=reason)
