"""The control plane of an EC2 Auto Scaling group: what its policies see and decide, and what becomes of its instances.

Source: Amazon EC2 Auto Scaling user guide, "Dynamic scaling" (several policies at once), "Set the default instance
warmup". Not modelled: lifecycle hooks and warm pools (both are part of ``boot_s``), Availability Zone balance, mixed
instances and weights, health replacements.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tonnage.scaling import group_metric, instances, predictive_scaling
from tonnage.scaling._face import NOTHING, Decision, Observation, Unsupported
from tonnage.scaling.group_metric import MINUTE_S, GroupMetric, Series, Source, Watch
from tonnage.scaling.instances import Instance, InstanceState
from tonnage.scaling.mechanism import MECHANISMS, read
from tonnage.scaling.predictive_scaling import NO_HISTORY, HourlyLoad, Prediction, PredictiveScaling
from tonnage.scaling.readings import Activity
from tonnage.scaling.scheduled_action import ScheduledAction, bounds_after, describe, last_unix_s, next_unix_s
from tonnage.services import ScalingGroup
from tonnage.workload import WorkloadError

_INITIAL = "initial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What happened in one minute.

    Attributes:
        start_s: Beginning of the minute, a multiple of 60.
        cpu_percent: Mean CPU utilization by slot, of instances in service the whole or part of the minute.
        requests: Requests that the group's targets received.
        period_s: Always a minute, the resolution of the metrics.

    Raises:
        WorkloadError: The period is not a minute.
    """

    start_s: float
    cpu_percent: Mapping[int, float]
    requests: float
    period_s: float = MINUTE_S

    def __post_init__(self) -> None:
        if self.period_s != MINUTE_S:
            raise WorkloadError(f"A sample covers {self.period_s:g} s", remedy="Sample the group by the minute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPolicy:
    """A policy as read once at the start.

    Attributes:
        name: Its name.
        mechanism: Its mechanism.
        settings: Settings of that mechanism.
        watch: What it watches.
        series: Which of the memory's series that is.
        warm_up_s: How long an instance warms up for it.
        cooldown_s: How long simple scaling waits after it acted; None for other mechanisms.
        joint_scale_in: Whether it scales in only together with all its like.
    """

    name: str
    mechanism: str
    settings: Any
    watch: Watch
    series: int
    warm_up_s: float
    cooldown_s: float | None
    joint_scale_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMemory:
    """Everything a group is at a moment.

    Attributes:
        desired: Desired capacity.
        minimum: Least instances now: scheduled actions change it.
        maximum: Most instances now: scheduled actions change it, predictive scaling may raise it.
        scheduled: The scheduled actions.
        due_s: When each of them runs next.
        predictive: The predictive policy that acts, if there is one.
        prediction: What it remembers.
        predicts_s: When the capacity that it needs may change next.
        epoch_s: Unix time of time 0.
        instances: All instances, by slot.
        policies: The policies that are run, read once at the start.
        memories: What each of them remembers.
        series: The metrics they watch.
        minute: The newest minute sampled, counted from time zero.
        cooldown_ends_s: When simple scaling may act again.
        next_event_s: When the next instance has booted or drained.
        settled_s: When every instance is in service and warm.
        deploys_until_s: When the instances that a deployment replaces are there.
    """

    desired: int
    minimum: int
    maximum: int
    scheduled: tuple[ScheduledAction, ...]
    due_s: tuple[float, ...]
    predictive: PredictiveScaling | None
    prediction: Prediction | None
    predicts_s: float
    epoch_s: float
    instances: tuple[Instance, ...]
    policies: tuple[RunningPolicy, ...]
    memories: tuple[Any, ...]
    series: tuple[Series, ...]
    minute: int
    cooldown_ends_s: float = float("-inf")
    next_event_s: float = float("inf")
    settled_s: float = float("-inf")
    deploys_until_s: float = float("-inf")


def slots(group: ScalingGroup) -> int:
    """How many instances a group can have at once, those draining included."""
    return group.most * 2 + 2


def start(
    group: ScalingGroup,
    *,
    time_s: float,
    in_service: int,
    epoch_s: float = 0.0,
    history: HourlyLoad = NO_HISTORY,
) -> GroupMemory:
    """A group that has been running for long with so many instances, all warm.

    If that is outside the group's minimum and maximum, the first ``step`` corrects it. Scheduled actions of the week
    before have left their values; predictive scaling forecasts from the ``history`` before. Policies that cannot be run
    (``mechanism.unsupported``) are left out, and so is predictive scaling that only forecasts.

    Raises:
        WorkloadError: A policy has a setting that AWS would refuse, or two predictive policies scale.
    """
    policies: list[RunningPolicy] = []
    series: list[Series] = []
    scheduled: list[ScheduledAction] = []
    predictive: PredictiveScaling | None = None
    for policy in group.policies:
        try:
            settings = read(policy)
        except Unsupported:
            continue
        if isinstance(settings, ScheduledAction):
            scheduled.append(settings)
            continue
        if isinstance(settings, PredictiveScaling):
            if settings.scales and predictive is not None:
                raise WorkloadError(
                    f"The predictive policies {predictive.name} and {settings.name} both scale one group",
                    remedy="Set Mode to ForecastOnly on all but one.",
                )
            predictive = settings if settings.scales else predictive
            continue
        mechanism = MECHANISMS[policy.mechanism]
        watch = mechanism.watch(settings)
        warm_up_s = mechanism.warm_up_s(settings, group.default_warmup_s, group.default_cooldown_s)
        policies.append(
            RunningPolicy(
                name=policy.name,
                mechanism=policy.mechanism,
                settings=settings,
                watch=watch,
                series=_series_for(series, _source(group, watch, warm_up_s), watch.periods * watch.period_minutes),
                warm_up_s=warm_up_s,
                cooldown_s=mechanism.cooldown_s(settings, group.default_cooldown_s),
                joint_scale_in=mechanism.JOINT_SCALE_IN and mechanism.scales_in(settings),
            )
        )
    now = epoch_s + time_s
    minimum, maximum, desired = group.minimum, group.maximum, in_service
    ran = [(at, k) for k, action in enumerate(scheduled) if (at := last_unix_s(action, now)) is not None]
    for _, k in sorted(ran):
        minimum, maximum, desired = _scheduled_sizes(scheduled[k], minimum, maximum, desired)
    prediction: Prediction | None = None
    if predictive is not None:
        prediction = predictive_scaling.begin(predictive, history, now)
        maximum = _raised_maximum(group, predictive, prediction, now, maximum)
    return GroupMemory(
        desired=desired,
        minimum=minimum,
        maximum=maximum,
        scheduled=tuple(scheduled),
        due_s=tuple(next_unix_s(action, now) - epoch_s for action in scheduled),
        predictive=predictive,
        prediction=prediction,
        predicts_s=math.inf if predictive is None else predictive_scaling.next_unix_s(predictive, now) - epoch_s,
        epoch_s=epoch_s,
        instances=instances.settled(desired),
        policies=tuple(policies),
        memories=tuple(MECHANISMS[policy.mechanism].START for policy in policies),
        series=tuple(series),
        minute=int(time_s // MINUTE_S) - 1,
    )


def _source(group: ScalingGroup, watch: Watch, warm_up_s: float) -> Source:
    """How the group publishes a metric. The load balancer knows no warm-up and publishes every minute."""
    if watch.metric is GroupMetric.CPU_UTILIZATION:
        return Source(
            metric=watch.metric, warm_up_s=warm_up_s, period_s=group.metric_period_s, delay_s=group.metric_delay_s
        )
    return Source(metric=watch.metric, warm_up_s=0.0, period_s=MINUTE_S, delay_s=group.metric_delay_s)


def _series_for(series: list[Series], source: Source, minutes: int) -> int:
    """Index of the series of a source, made or lengthened as needed."""
    for index, present in enumerate(series):
        if present.source == source:
            series[index] = replace(present, limit=max(present.limit, minutes))
            return index
    series.append(Series(source=source, limit=minutes))
    return len(series) - 1


def next_event_s(group: ScalingGroup, memory: GroupMemory, time_s: float) -> float:  # noqa: ARG001 - face of all controls
    """When the group changes by itself next: an instance has booted or drained, or a policy acts by the clock.

    All other policies act at full minutes only.
    """
    return min((memory.next_event_s, memory.predicts_s, *memory.due_s))


def step(
    group: ScalingGroup, memory: GroupMemory, time_s: float, sample: Sample | None
) -> tuple[GroupMemory, tuple[Activity, ...]]:
    """Advance a group to a time.

    Call it at each full minute with the minute that has just ended, and at ``next_event_s``. A minute that was sampled
    before is not counted again; one that was left out counts as a minute without data.

    Args:
        group: The group.
        memory: The group so far.
        time_s: Now.
        sample: The newest complete minute, when ``time_s`` is on a minute.
    """
    due = memory.next_event_s <= time_s
    if due:
        memory = _with_instances(memory, instances.advance(memory.instances, time_s))
    memory, activity = _run_scheduled(memory, time_s)
    fresh = sample if sample is not None and round(sample.start_s / MINUTE_S) > memory.minute else None
    if memory.predictive is not None:
        memory = _predict(group, memory, memory.predictive, time_s, fresh)
    if activity is None:
        activity = _within_bounds(memory, time_s)
    if activity is None and fresh is not None:
        memory, activity = _control(group, memory, time_s, fresh)
    if activity is None:
        activity = _raise_to_forecast(memory, time_s)
    if activity is not None:
        return _reconcile(group, replace(memory, desired=activity.after), time_s), (activity,)
    return (_reconcile(group, memory, time_s) if due else memory), ()


def lose(group: ScalingGroup, memory: GroupMemory, slots_lost: Collection[int], time_s: float) -> GroupMemory:
    """Take out instances that failed their health checks, and launch others in their place."""
    left = tuple(instance for instance in memory.instances if instance.slot not in slots_lost)
    return _reconcile(group, _with_instances(memory, left), time_s)


def renew(group: ScalingGroup, memory: GroupMemory, slots_left: Collection[int], time_s: float) -> GroupMemory:
    """Let instances drain, and launch others in their place: a step of an instance refresh."""
    changed = tuple(
        replace(instance, state=InstanceState.DRAINING, leaves_s=time_s + group.drain_s)
        if instance.slot in slots_left
        else instance
        for instance in memory.instances
        if instance.slot not in slots_left or group.drain_s > 0
    )
    deploying = replace(memory, deploys_until_s=time_s + group.boot_s)
    return _reconcile(group, _with_instances(deploying, changed), time_s)


def _run_scheduled(memory: GroupMemory, time_s: float) -> tuple[GroupMemory, Activity | None]:
    """Scheduled actions that are due, in the order of their times; the last one that changes capacity is told."""
    activity: Activity | None = None
    desired = memory.desired
    for _, k in sorted((at, k) for k, at in enumerate(memory.due_s) if at <= time_s):
        action = memory.scheduled[k]
        minimum, maximum, after = _scheduled_sizes(action, memory.minimum, memory.maximum, desired)
        due_s = list(memory.due_s)
        due_s[k] = next_unix_s(action, memory.epoch_s + time_s) - memory.epoch_s
        memory = replace(memory, minimum=minimum, maximum=maximum, due_s=tuple(due_s))
        if after != desired:
            reason = f"{describe(action)}; {desired} → {after}"
            activity = Activity(time_s=time_s, cause=action.name, before=desired, after=after, reason=reason)
            desired = after
    return memory, activity


def _scheduled_sizes(action: ScheduledAction, minimum: int, maximum: int, desired: int) -> tuple[int, int, int]:
    """Bounds and desired capacity after an action; bounds that it leaves contradictory give way to what it sets."""
    minimum, maximum = bounds_after(action, minimum, maximum)
    wanted = desired if action.desired is None else action.desired
    return minimum, maximum, min(max(wanted, minimum), maximum)


def _predict(
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
        maximum=_raised_maximum(group, policy, prediction, now, memory.maximum),
        predicts_s=predictive_scaling.next_unix_s(policy, now) - memory.epoch_s,
    )


def _raised_maximum(
    group: ScalingGroup, policy: PredictiveScaling, prediction: Prediction, now_unix_s: float, maximum: int
) -> int:
    """Maximum of the group after predictive scaling; the data plane has room for no more than the group's ceiling."""
    capacity = predictive_scaling.needed(policy, prediction, now_unix_s)
    if capacity is None:
        return maximum
    return max(maximum, min(predictive_scaling.maximum_for(policy, capacity, maximum), group.most))


def _forecast_capacity(memory: GroupMemory, time_s: float) -> int:
    """Least capacity that the forecast lets dynamic policies leave; 0 without one."""
    if memory.predictive is None or memory.prediction is None:
        return 0
    return predictive_scaling.needed(memory.predictive, memory.prediction, memory.epoch_s + time_s) or 0


def _raise_to_forecast(memory: GroupMemory, time_s: float) -> Activity | None:
    """Predictive scaling acts: capacity rises to what the forecast needs, within the bounds, and never falls."""
    capacity = _forecast_capacity(memory, time_s)
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


def _within_bounds(memory: GroupMemory, time_s: float) -> Activity | None:
    after = min(max(memory.desired, memory.minimum), memory.maximum)
    if after == memory.desired:
        return None
    bound = "minimum" if after > memory.desired else "maximum"
    reason = f"the {bound} of the group is {after}; {memory.desired} → {after}"
    return Activity(time_s=time_s, cause=_INITIAL, before=memory.desired, after=after, reason=reason)


def _control(
    group: ScalingGroup, memory: GroupMemory, time_s: float, sample: Sample
) -> tuple[GroupMemory, Activity | None]:
    """Publish a minute and let every policy decide on what can be read by now."""
    minute = round(sample.start_s / MINUTE_S)
    series = tuple(_publish(item, memory, minute, sample) for item in memory.series)
    settled = memory.settled_s <= time_s
    memories: list[Any] = []
    decisions: list[Decision] = []
    for policy, remembered in zip(memory.policies, memory.memories, strict=True):
        windows = group_metric.windows(series[policy.series], policy.watch)
        statistic = policy.watch.statistic
        points = tuple([None if item is None else group_metric.value(item, statistic) for item in windows])
        newest = next((item for item in reversed(windows) if item is not None), None)
        warming, terminating = (0, 0) if settled else instances.under_way(memory.instances, policy.warm_up_s, time_s)
        observation = Observation(
            time_s=time_s,
            datapoints=points,
            newest=newest,
            desired=memory.desired,
            warming=warming,
            terminating=terminating,
            cooldown_ends_s=memory.cooldown_ends_s,
        )
        next_memory, decision = MECHANISMS[policy.mechanism].decide(policy.settings, remembered, observation)
        memories.append(next_memory)
        decisions.append(decision)
    chosen = _choose(memory, decisions)
    forecast = min(_forecast_capacity(memory, time_s), memory.maximum)
    if chosen is not None and memory.desired < forecast >= (decisions[chosen].capacity or 0):
        chosen = None  # predictive scaling wants as much or more, and acts
    activity = None if chosen is None else _activity(memory, time_s, chosen, decisions[chosen], forecast)
    if activity is not None and activity.after < activity.before and group.keeps_in_deployment:
        activity = None if time_s <= memory.deploys_until_s else activity
    cooldown_ends_s = memory.cooldown_ends_s
    if activity is not None and chosen is not None:
        cooldown_s = memory.policies[chosen].cooldown_s
        if cooldown_s is not None:
            takes_s = group.boot_s if activity.after > activity.before else group.drain_s
            cooldown_ends_s = time_s + takes_s + cooldown_s
    return GroupMemory(
        desired=memory.desired,
        minimum=memory.minimum,
        maximum=memory.maximum,
        scheduled=memory.scheduled,
        due_s=memory.due_s,
        predictive=memory.predictive,
        prediction=memory.prediction,
        predicts_s=memory.predicts_s,
        epoch_s=memory.epoch_s,
        instances=memory.instances,
        policies=memory.policies,
        memories=tuple(memories),
        series=series,
        minute=minute,
        cooldown_ends_s=cooldown_ends_s,
        next_event_s=memory.next_event_s,
        settled_s=memory.settled_s,
        deploys_until_s=memory.deploys_until_s,
    ), activity


def _publish(series: Series, memory: GroupMemory, minute: int, sample: Sample) -> Series:
    for missed in range(max(memory.minute + 1, minute - series.limit), minute):
        series = group_metric.extend(series, missed, None)
    metric = series.source.metric
    if metric is not GroupMetric.CPU_UTILIZATION:
        targets = sum(instance.state is InstanceState.IN_SERVICE for instance in memory.instances)
        return group_metric.extend(series, minute, group_metric.request_record(metric, sample.requests, targets))
    cpu = sample.cpu_percent
    if memory.settled_s <= sample.start_s and len(cpu) == len(memory.instances):
        percents = list(cpu.values())
    else:
        # A minute in which an instance was partly warming up is not yet its own.
        latest_s = sample.start_s - series.source.warm_up_s
        percents = [
            cpu[instance.slot]
            for instance in memory.instances
            if instance.in_service_s <= latest_s and instance.state is InstanceState.IN_SERVICE and instance.slot in cpu
        ]
    return group_metric.extend(series, minute, group_metric.cpu_record(percents))


def _choose(memory: GroupMemory, decisions: list[Decision]) -> int | None:
    """Which policy acts: the one that gives the largest capacity, for scale-out and scale-in alike.

    Target tracking policies reduce capacity only if all of them that may are ready to.
    """
    best: int | None = None
    largest = -1
    for index, decision in enumerate(decisions):
        if decision.capacity is not None and decision.capacity > largest:
            best, largest = index, decision.capacity
    if best is None or largest == memory.desired:
        return None
    if largest > memory.desired or not memory.policies[best].joint_scale_in:
        return best
    agreed = all(
        decision.capacity is not None
        for policy, decision in zip(memory.policies, decisions, strict=True)
        if policy.joint_scale_in
    )
    if agreed:
        return best
    others = [
        NOTHING if policy.joint_scale_in else decision
        for policy, decision in zip(memory.policies, decisions, strict=True)
    ]
    return _choose(memory, others)


def _activity(memory: GroupMemory, time_s: float, chosen: int, decision: Decision, forecast: int) -> Activity | None:
    """The change that a decision makes within the group's bounds and no lower than what is forecast to be needed.

    Returns:
        None if they leave nothing of it.
    """
    assert decision.capacity is not None
    after = min(max(decision.capacity, memory.minimum, forecast), memory.maximum)
    if after == memory.desired:
        return None
    bound = ""
    if after != decision.capacity:
        least = "forecast" if forecast > memory.minimum else "minimum"
        bound = f" (the {'maximum' if after < decision.capacity else least}; {decision.capacity} wanted)"
    return Activity(
        time_s=time_s,
        cause=memory.policies[chosen].name,
        before=memory.desired,
        after=after,
        reason=f"{decision.reason}; {memory.desired} → {after}{bound}",
    )


def _reconcile(group: ScalingGroup, memory: GroupMemory, time_s: float) -> GroupMemory:
    """Launch or terminate until the instances that stay are as many as desired; what finds no slot waits for one."""
    present = sum(instance.state is not InstanceState.DRAINING for instance in memory.instances)
    if present < memory.desired:
        launched = instances.launch(
            memory.instances,
            memory.desired - present,
            time_s=time_s,
            boot_s=group.boot_s,
            warm_up_s=max((policy.warm_up_s for policy in memory.policies), default=group.default_warmup_s or 0.0),
            slots=slots(group),
        )
        return _with_instances(memory, launched)
    if present > memory.desired:
        left = instances.terminate(memory.instances, present - memory.desired, time_s=time_s, drain_s=group.drain_s)
        return _with_instances(memory, left)
    return memory


def _with_instances(memory: GroupMemory, changed: tuple[Instance, ...]) -> GroupMemory:
    return replace(
        memory,
        instances=changed,
        next_event_s=instances.next_event_s(changed),
        settled_s=instances.settled_s(changed),
    )
