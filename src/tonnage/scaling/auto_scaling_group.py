"""The control plane of an EC2 Auto Scaling group: what its policies see and decide, and what becomes of its instances.

Source: Amazon EC2 Auto Scaling user guide, "Dynamic scaling" (several policies at once), "Set the default instance
warmup".
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from tonnage.scaling import choosing, group_metric, instances, metric_math, predictive_scaling, replacement, roster
from tonnage.scaling._face import NOTHING, Decision, Observation, Unsupported
from tonnage.scaling.group_memory import GroupMemory as GroupMemory
from tonnage.scaling.group_memory import RunningPolicy
from tonnage.scaling.group_memory import Sample as Sample
from tonnage.scaling.group_metric import MINUTE_S, Formula, GroupMetric, QueueMetric, Record, Series, Source, inputs
from tonnage.scaling.group_sizes import (
    forecast_capacity,
    predict,
    raise_to_forecast,
    raised_maximum,
    run_scheduled,
    scheduled_sizes,
    within_bounds,
)
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.mechanism import MECHANISMS, read
from tonnage.scaling.predictive_scaling import NO_HISTORY, HourlyLoad, Prediction, PredictiveScaling
from tonnage.scaling.readings import Activity
from tonnage.scaling.roster import Roster
from tonnage.scaling.scheduled_action import ScheduledAction, last_unix_s, next_unix_s
from tonnage.services import ScalingGroup
from tonnage.workload import WorkloadError


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
                series=tuple(
                    _series_for(series, _source(group, metric, warm_up_s), watch.periods * watch.period_minutes)
                    for metric in inputs(watch.metric)
                ),
                warm_up_s=warm_up_s,
                cooldown_s=mechanism.cooldown_s(settings, group.default_cooldown_s),
                joint_scale_in=mechanism.JOINT_SCALE_IN and mechanism.scales_in(settings),
            )
        )
    now = epoch_s + time_s
    minimum, maximum, desired = group.minimum, group.maximum, in_service
    ran = [(at, k) for k, action in enumerate(scheduled) if (at := last_unix_s(action, now)) is not None]
    for _, k in sorted(ran):
        minimum, maximum, desired = scheduled_sizes(scheduled[k], minimum, maximum, desired)
    prediction: Prediction | None = None
    if predictive is not None:
        prediction = predictive_scaling.begin(predictive, history, now)
        maximum = raised_maximum(group, predictive, prediction, now, maximum)
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
        roster=roster.with_instances(
            Roster(instances=()),
            choosing.initial(group, desired, group.warm_pool.size(desired, maximum) if group.warm_pool else 0),
        ),
        policies=tuple(policies),
        memories=tuple(MECHANISMS[policy.mechanism].START for policy in policies),
        series=tuple(series),
        minute=int(time_s // MINUTE_S) - 1,
    )


def _source(group: ScalingGroup, metric: GroupMetric | QueueMetric, warm_up_s: float) -> Source:
    """How the group publishes a metric. What is not its own knows no warm-up and is published every minute."""
    if metric is GroupMetric.CPU_UTILIZATION:
        return Source(metric=metric, warm_up_s=warm_up_s, period_s=group.metric_period_s, delay_s=group.metric_delay_s)
    return Source(metric=metric, warm_up_s=0.0, period_s=MINUTE_S, delay_s=group.metric_delay_s)


def _series_for(series: list[Series], source: Source, minutes: int) -> int:
    """Index of the series of a source, made or lengthened as needed."""
    for index, present in enumerate(series):
        if present.source == source:
            series[index] = replace(present, limit=max(present.limit, minutes))
            return index
    series.append(Series(source=source, limit=minutes))
    return len(series) - 1


def next_event_s(group: ScalingGroup, memory: GroupMemory, time_s: float) -> float:
    """When the group changes by itself next: an instance has booted or drained, or a policy acts by the clock.

    All other policies act at full minutes only.
    """
    found = min((memory.roster.next_event_s, memory.predicts_s, *memory.due_s))
    return min(found, replacement.wakes_s(group, memory.roster, time_s)) if memory.roster.busy else found


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
    due = memory.roster.next_event_s <= time_s
    if due:
        memory = replace(memory, roster=roster.advance(memory.roster, time_s))
    memory, activity = run_scheduled(memory, time_s)
    fresh = sample if sample is not None and round(sample.start_s / MINUTE_S) > memory.minute else None
    if memory.predictive is not None:
        memory = predict(group, memory, memory.predictive, time_s, fresh)
    activities: list[Activity] = []
    if activity is None:
        activity = within_bounds(memory, time_s)
    if activity is not None:
        activities.append(activity)
        memory = replace(memory, desired=activity.after)
    activity, cooldown_s = None, None
    if fresh is not None:
        memory, activity, cooldown_s = _control(memory, time_s, fresh, group.scale_in_looks_back_s)
    if activity is not None and activity.after < activity.before and _keeps(group, memory):
        activity, cooldown_s = None, None
    if activity is None:
        activity = raise_to_forecast(memory, time_s)
    if activity is not None:
        activities.append(activity)
        memory = replace(memory, desired=activity.after)
    retried = memory.roster.short and time_s % roster.RETRY_S == 0.0
    if due or activities or memory.roster.busy or retried:
        memory = _kept(group, memory, memory.roster, time_s)
    if cooldown_s is not None and activity is not None:
        memory = replace(memory, cooldown_ends_s=_activity_ends_s(group, memory, activity, time_s) + cooldown_s)
    if memory.roster.notes:
        activities += [
            Activity(
                time_s=note.time_s,
                cause=note.cause,
                before=memory.desired,
                after=memory.desired,
                reason=f"{note.cause}: {note.text}",
            )
            for note in memory.roster.notes
        ]
        memory = replace(memory, roster=replace(memory.roster, notes=()))
    return memory, tuple(activities)


def _keeps(group: ScalingGroup, memory: GroupMemory) -> bool:
    """Whether a deployment is under way in which nothing scales in."""
    return group.keeps_in_deployment and memory.roster.refresh is not None


def lose(group: ScalingGroup, memory: GroupMemory, slots_lost: Collection[int], time_s: float) -> GroupMemory:
    """Take out instances that are not running any more, and launch others in their place at once."""
    return _kept(group, memory, replace(roster.without(memory.roster, slots_lost), uneasy=True), time_s)


def change(group: ScalingGroup, memory: GroupMemory, deed: Callable[[Roster], Roster], time_s: float) -> GroupMemory:
    """Let something happen to the instances of a group, and the group answer to it."""
    return _kept(group, memory, deed(memory.roster), time_s)


def _kept(group: ScalingGroup, memory: GroupMemory, changed: Roster, time_s: float) -> GroupMemory:
    """Replace what is to be replaced, then launch or terminate up to the desired capacity."""
    if changed.busy:
        changed = replacement.replace_some(group, changed, memory.desired, time_s)
    warm_up_s = memory.warm_up_s if memory.policies else group.default_warmup_s or 0.0
    kept = roster.keep(group, changed, memory.desired, memory.maximum, time_s=time_s, warm_up_s=warm_up_s)
    return replace(memory, roster=kept)


def _activity_ends_s(group: ScalingGroup, memory: GroupMemory, activity: Activity, time_s: float) -> float:
    """When the last instance of an activity has come or gone; a cooldown does not wait for a termination hook."""
    if activity.after < activity.before:
        return time_s + group.drain_s
    pending = (i.in_service_s for i in memory.instances if i.state is InstanceState.PENDING)
    return max(pending, default=time_s)


def _control(
    memory: GroupMemory, time_s: float, sample: Sample, looks_back_s: float
) -> tuple[GroupMemory, Activity | None, float | None]:
    """Publish a minute and let every policy decide on what can be read by now; with the cooldown that follows."""
    minute = round(sample.start_s / MINUTE_S)
    series = tuple(_publish(item, memory, minute, sample) for item in memory.series)
    settled = memory.roster.settled_s <= time_s
    memories: list[Any] = []
    decisions: list[Decision] = []
    for policy, remembered in zip(memory.policies, memory.memories, strict=True):
        points, newest, heaviest = _seen(policy, series, len(memory.roster.active), looks_back_s)
        if newest is not None and memory.roster.weight != 1.0:
            # Capacity is counted in units: what the instances carried is as many units as they weigh.
            newest = newest._replace(instance_minutes=newest.instance_minutes * memory.roster.weight)
        if heaviest is not None and memory.roster.weight != 1.0:
            heaviest = heaviest._replace(instance_minutes=heaviest.instance_minutes * memory.roster.weight)
        warming, terminating = (0, 0) if settled else instances.under_way(memory.instances, policy.warm_up_s, time_s)
        observation = Observation(
            time_s=time_s,
            datapoints=points,
            newest=newest,
            heaviest=heaviest,
            desired=memory.desired,
            warming=warming,
            terminating=terminating,
            cooldown_ends_s=memory.cooldown_ends_s,
        )
        next_memory, decision = MECHANISMS[policy.mechanism].decide(policy.settings, remembered, observation)
        memories.append(next_memory)
        decisions.append(decision)
    chosen = _choose(memory, decisions)
    forecast = min(forecast_capacity(memory, time_s), memory.maximum)
    if chosen is not None and memory.desired < forecast >= (decisions[chosen].capacity or 0):
        chosen = None  # predictive scaling wants as much or more, and acts
    activity = None if chosen is None else _activity(memory, time_s, chosen, decisions[chosen], forecast)
    cooldown_s = None if activity is None or chosen is None else memory.policies[chosen].cooldown_s
    changed = GroupMemory(
        desired=memory.desired,
        minimum=memory.minimum,
        maximum=memory.maximum,
        scheduled=memory.scheduled,
        due_s=memory.due_s,
        predictive=memory.predictive,
        prediction=memory.prediction,
        predicts_s=memory.predicts_s,
        epoch_s=memory.epoch_s,
        roster=memory.roster,
        policies=memory.policies,
        memories=tuple(memories),
        series=series,
        minute=minute,
        cooldown_ends_s=memory.cooldown_ends_s,
    )
    return changed, activity, cooldown_s


def _seen(
    policy: RunningPolicy, series: Sequence[Series], in_service: int, looks_back_s: float
) -> tuple[tuple[float | None, ...], Record | None, Record | None]:
    """What can be read by now of what a policy watches: datapoints, the newest period with data, the heaviest."""
    watch, metric = policy.watch, policy.watch.metric
    back = round(looks_back_s / watch.period_s)
    if not isinstance(metric, Formula):
        windows = group_metric.windows(series[policy.series[0]], watch)
        points = tuple([None if item is None else group_metric.value(item, watch.statistic) for item in windows])
        newest = next((item for item in reversed(windows) if item is not None), None)
        if back <= 1:
            return points, newest, None
        real = [item for item in windows[-back:] if item is not None]
        return points, newest, max(real, key=lambda item: group_metric.load(item, watch.statistic), default=None)
    read = {
        item.id: tuple(
            None if one is None else group_metric.value(one, item.statistic)
            for one in group_metric.windows(series[at], watch)
        )
        for item, at in zip(metric.inputs, policy.series, strict=True)
    }
    points = metric_math.evaluate(metric.node, read, watch.period_s)
    last = next((point for point in reversed(points) if point is not None), None)
    # What metric math gives for each instance, the instances in service carry together.
    newest = None if last is None else group_metric.count_record(last)._replace(instance_minutes=float(in_service))
    most = max((point for point in points[-back:] if point is not None), default=None) if back > 1 else None
    heaviest = None if most is None else group_metric.count_record(most)._replace(instance_minutes=float(in_service))
    return points, newest, heaviest


def _publish(series: Series, memory: GroupMemory, minute: int, sample: Sample) -> Series:
    for missed in range(max(memory.minute + 1, minute - series.limit), minute):
        series = group_metric.extend(series, missed, None)
    metric, targets = series.source.metric, len(memory.roster.active)
    if isinstance(metric, QueueMetric):
        count = sample.queues.get(metric.queue, {}).get(metric.name)
        return group_metric.extend(series, minute, None if count is None else group_metric.count_record(count))
    if metric in (GroupMetric.IN_SERVICE, GroupMetric.DESIRED):
        count = float(targets if metric is GroupMetric.IN_SERVICE else memory.desired)
        return group_metric.extend(series, minute, group_metric.count_record(count))
    if metric is not GroupMetric.CPU_UTILIZATION:
        return group_metric.extend(series, minute, group_metric.request_record(metric, sample.requests, targets))
    cpu = sample.cpu_percent
    if memory.roster.settled_s <= sample.start_s and len(cpu) == len(memory.instances):
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
