"""Provisioned concurrency of a Lambda function that follows its use, its schedule, or both.

Three minutes in a row above the target raise it to what brings the use back to the target; fifteen in a row below nine
tenths of the target lower it: 70 % scales out above 70 % and in below 63 %. What spills over to environments made on
demand is not in the metric, so that it never exceeds 1 and one step grows by no more than the inverse of the target. A
function that is not called emits no data: its alarms have too little, and nothing is lowered. Further environments are
made one to two minutes after the decision, 6,000 a minute, and serve when all of them are there; no other change is
begun meanwhile. Fewer take effect at once. Scheduled actions set the bounds.

The Average is of the time within the minute, the Maximum of its ten-second means; AWS takes both over the invocations.

Sources: AWS Lambda developer guide, "Configuring provisioned concurrency" and "Lambda function scaling"; Application
Auto Scaling user guide, "Target tracking" and "AWS Lambda". The rule for the new number, ``ceil(used / target)``, is
not published and assumed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling import scheduled_bounds
from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.cloudwatch_alarm import (
    Alarm,
    AlarmState,
    ComparisonOperator,
    evaluate,
    evaluation_range,
    reason,
)
from tonnage.scaling.group_metric import GroupMetric, Statistic
from tonnage.scaling.readings import MINUTE_S, Activity, Provisioned, Readings, Setting
from tonnage.scaling.scheduled_action import describe
from tonnage.scaling.scheduled_bounds import Bounds
from tonnage.services import ProvisionedScaling

HIGH_MINUTES, LOW_MINUTES = 3, 15
LOW_FRACTION = 0.9
UNREAD_MINUTES = 1
"""Minutes whose datapoint cannot be read yet: one, as for groups; AWS publishes no figure."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One minute.

    Attributes:
        share: Provisioned environments in use, as a share of those that serve.
        count: As many of those that serve at its end.
    """

    share: float
    count: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedMemory:
    """Everything that scaling remembers.

    Attributes:
        serving: Provisioned environments that serve.
        wanted: Provisioned environments asked for; more than ``serving`` while they are made.
        ready_unix_s: When they serve.
        bounds: Least and most of them now.
        minutes: The latest minutes, newest last; None where the function was not called.
        high: State of the alarm that scales out.
        low: State of the other.
        in_unix_s: When they were lowered last.
        share_s: Share in use since the minute began, summed over the time.
        peak: Largest share in use since then.
        passed_s: How long ago that is.
    """

    serving: int
    wanted: int
    bounds: Bounds
    ready_unix_s: float = math.inf
    minutes: tuple[Used | None, ...] = ()
    high: AlarmState = AlarmState.OK
    low: AlarmState = AlarmState.OK
    in_unix_s: float = -math.inf
    share_s: float = 0.0
    peak: float = 0.0
    passed_s: float = 0.0


def begin(rule: ProvisionedScaling, unix_s: float) -> ProvisionedMemory:
    """As many as are declared, moved into the bounds, for long.

    Raises:
        WorkloadError: A scheduled action has a value that AWS would refuse.
    """
    bounds = scheduled_bounds.begin(rule.schedule, rule.minimum, rule.maximum, unix_s)
    count = int(bounds.within(rule.start))
    return ProvisionedMemory(serving=count, wanted=count, bounds=bounds)


def reads(rule: ProvisionedScaling) -> Reads:
    """The environments."""
    return Reads(environments=(rule.environments,))


def next_unix_s(rule: ProvisionedScaling, memory: ProvisionedMemory) -> float:  # noqa: ARG001 - face of controllers
    """When further environments serve, or a scheduled action runs."""
    return min(memory.ready_unix_s, memory.bounds.next_unix_s)


def tick(
    rule: ProvisionedScaling, memory: ProvisionedMemory, moment: Moment, readings: Readings
) -> tuple[ProvisionedMemory, Told]:
    """Gather what is used, let what is made serve, run what is scheduled, and decide once a minute."""
    share = min(readings.leased.get(rule.environments, 0.0) / max(memory.serving, 1), 1.0)
    memory = replace(
        memory,
        share_s=memory.share_s + share * moment.passed_s,
        peak=max(memory.peak, share),
        passed_s=memory.passed_s + moment.passed_s,
    )
    if moment.is_due(memory.ready_unix_s):
        memory = replace(memory, serving=memory.wanted, ready_unix_s=math.inf)
    bounds, ran = scheduled_bounds.advance(memory.bounds, moment.unix_s)
    told: list[Activity] = []
    if ran is not None:
        memory = replace(memory, bounds=bounds)
        memory = _changed(rule, memory, moment, int(bounds.within(memory.wanted)), ran.name, describe(ran), told)
    if moment.full_minute:
        memory = _by_target(rule, _published(rule, memory), moment, told)
    return memory, Told(activities=tuple((rule.environments, each) for each in told)) if told else NOTHING_TOLD


def _published(rule: ProvisionedScaling, memory: ProvisionedMemory) -> ProvisionedMemory:
    """The minute that has ended joins the datapoints."""
    minute: Used | None = None
    if memory.share_s > 0.0 and memory.serving > 0:
        share = memory.peak if rule.by_peak else memory.share_s / memory.passed_s
        minute = Used(share=share, count=share * memory.serving)
    kept = evaluation_range(LOW_MINUTES) + UNREAD_MINUTES
    return replace(memory, minutes=(*memory.minutes, minute)[-kept:], share_s=0.0, peak=0.0, passed_s=0.0)


def _alarm(rule: ProvisionedScaling, periods: int, comparison: ComparisonOperator, threshold: float) -> Alarm:
    return Alarm(
        metric=GroupMetric.PROVISIONED_CONCURRENCY_UTILIZATION,
        statistic=Statistic.MAXIMUM if rule.by_peak else Statistic.AVERAGE,
        period_s=MINUTE_S,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        threshold=threshold,
        comparison=comparison,
    )


def alarms(rule: ProvisionedScaling) -> tuple[Alarm, Alarm]:
    """The alarm that scales out and the one that scales in."""
    high = _alarm(rule, HIGH_MINUTES, ComparisonOperator.GREATER, rule.target)
    return high, _alarm(rule, LOW_MINUTES, ComparisonOperator.LESS, rule.target * LOW_FRACTION)


def _by_target(
    rule: ProvisionedScaling, memory: ProvisionedMemory, moment: Moment, told: list[Activity]
) -> ProvisionedMemory:
    """One minute of target tracking."""
    seen = memory.minutes[:-UNREAD_MINUTES]
    points = [None if minute is None else minute.share for minute in seen]
    high, low = alarms(rule)
    memory = replace(memory, high=evaluate(high, memory.high, points), low=evaluate(low, memory.low, points))
    newest = next((minute for minute in reversed(seen) if minute is not None), None)
    if newest is None or memory.ready_unix_s < math.inf:
        return memory
    load = newest.count / rule.target
    wanted = int(memory.bounds.within(math.ceil(load - _ROUNDING * load)))
    if memory.high is AlarmState.ALARM:
        if rule.scale_out and wanted > memory.wanted:
            return _changed(rule, memory, moment, wanted, rule.policy, f"AlarmHigh: {reason(high, points)}", told)
        return memory
    may_shrink = rule.scale_in and moment.unix_s >= memory.in_unix_s + rule.in_cooldown_s
    if memory.low is AlarmState.ALARM and may_shrink and wanted < memory.wanted:
        return _changed(rule, memory, moment, wanted, rule.policy, f"AlarmLow: {reason(low, points)}", told)
    return memory


def _changed(
    rule: ProvisionedScaling,
    memory: ProvisionedMemory,
    moment: Moment,
    after: int,
    cause: str,
    why: str,
    told: list[Activity],
) -> ProvisionedMemory:
    """Ask for another number, and tell it."""
    before = memory.wanted
    if after == before:
        return memory
    more = after - memory.serving
    takes_s = rule.begin_s + more / rule.per_s if more > 0 else 0.0
    then = f", which serve after {takes_s:,.0f} s" if takes_s > 0 else ""
    told.append(
        Activity(
            time_s=moment.time_s, cause=cause, before=before, after=after, reason=f"{why}; {before} → {after}{then}"
        )
    )
    if takes_s > 0:
        return replace(memory, wanted=after, ready_unix_s=moment.unix_s + takes_s)
    return replace(memory, wanted=after, serving=after, ready_unix_s=math.inf, in_unix_s=moment.unix_s)


def settings(rule: ProvisionedScaling, memory: ProvisionedMemory) -> tuple[Setting, ...]:
    """How many serve."""
    return (Provisioned(environments=rule.environments, count=memory.serving),)


def levels(rule: ProvisionedScaling, memory: ProvisionedMemory) -> Mapping[str, float]:
    """How many serve."""
    return {f"{rule.environments}:provisioned": float(memory.serving)}


def provisioned(rule: ProvisionedScaling, memory: ProvisionedMemory) -> Mapping[str, float]:
    """How many are asked for: they are billed from then on."""
    return {rule.environments: float(max(memory.wanted, memory.serving))}
