"""Auto scaling of a DynamoDB table or index: provisioned throughput that follows what is consumed.

Two minutes in a row above the target raise the capacity to what brings consumption back to the target; fifteen in a row
below the target less 20 points lower it, as long as the day has decreases left: four at midnight UTC and one more each
hour, never more than four in hand. A table that is asked for nothing emits no data, and its alarms keep their state.
A change takes effect after the alarm's delay and the update of the table, and no other is begun meanwhile; a table is
raised at once to what it is warm for, which is also what it ever had.

Scheduled actions set the bounds; capacity outside them is changed at once, which takes as long as any update.

Sources: Amazon DynamoDB developer guide, "Managing throughput capacity automatically with DynamoDB auto scaling",
"Service quotas" (decreases), "Understanding warm throughput"; Application Auto Scaling user guide, "Target tracking".
The rule for the new capacity, ``ceil(consumed / target)``, and the delay are not published; both are assumed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling import scheduled_bounds
from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import MINUTE_S, Activity, BucketRate, Readings, Setting
from tonnage.scaling.scheduled_action import ScheduledAction, describe
from tonnage.scaling.scheduled_bounds import Bounds
from tonnage.services import TableScaling

HIGH_MINUTES, LOW_MINUTES = 2, 15
LOW_BELOW = 0.2
"""Scale-in begins this far below the target, as a share of the capacity."""
MOST_DECREASES = 4
DAY_S, HOUR_S = 86_400.0, 3600.0
ALARM_S = 60.0
"""Of the time from a minute to the new capacity, the part that is not the update of the table: a datapoint is read a
minute late, as elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of capacity.

    Attributes:
        time_s: When it takes effect.
        before: Units per second before.
        after: After.
        reason: Why: "reads: 2 minutes above 70 % (84.0 of 100/s); 100 → 120".
    """

    time_s: float
    before: float
    after: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMemory:
    """Everything that scaling remembers.

    Attributes:
        capacity: Provisioned units per second.
        bounds: Least and most of it now.
        minutes: Consumed units per second of the latest minutes, newest last; None where nothing was.
        pending: A change on its way.
        decreases: Decreases in hand.
        refilled_s: Unix time of the last full hour at which one was added.
        out_s: When capacity was raised last.
        in_s: When it was lowered last.
        tokens: Units consumed since the minute began.
        most: The largest capacity it ever had.
    """

    capacity: float
    bounds: Bounds
    minutes: tuple[float | None, ...] = ()
    pending: Change | None = None
    decreases: int = MOST_DECREASES
    refilled_s: float = -math.inf
    out_s: float = -math.inf
    in_s: float = -math.inf
    tokens: float = 0.0
    most: float = 0.0


def begin(rule: TableScaling, unix_s: float) -> TableMemory:
    """A table that has been as provisioned for long."""
    bounds = scheduled_bounds.begin(rule.schedule, rule.minimum, rule.maximum, unix_s)
    capacity = bounds.within(rule.start)
    return TableMemory(capacity=capacity, most=capacity, bounds=bounds)


def reads(rule: TableScaling) -> Reads:
    """The bucket."""
    return Reads(buckets=(rule.bucket,))


def next_unix_s(rule: TableScaling, memory: TableMemory) -> float:  # noqa: ARG001
    """When a scheduled action runs next; else it acts at full minutes."""
    return memory.bounds.next_unix_s


def tick(rule: TableScaling, memory: TableMemory, moment: Moment, readings: Readings) -> tuple[TableMemory, Told]:
    """Run what is scheduled, gather what is consumed, and act once a minute."""
    bounds, ran = scheduled_bounds.advance(memory.bounds, moment.unix_s)
    if ran is not None:
        memory = _moved(rule, replace(memory, bounds=bounds), ran, moment.time_s)
    tokens = memory.tokens + readings.tokens.get(rule.bucket, 0.0)
    if not moment.full_minute:
        return replace(memory, tokens=tokens), NOTHING_TOLD
    memory, change = step(rule, replace(memory, tokens=0.0), moment.time_s, moment.unix_s, tokens / MINUTE_S)
    if change is None:
        return memory, NOTHING_TOLD
    activity = Activity(
        time_s=moment.time_s,
        cause=rule.bucket,
        before=round(change.before),
        after=round(change.after),
        reason=change.reason,
    )
    return memory, Told(activities=((rule.bucket, activity),))


def settings(rule: TableScaling, memory: TableMemory) -> tuple[Setting, ...]:
    """The rate of the bucket, and how much of it may be kept."""
    capacity = max(1.0, rule.burst_s * memory.capacity)
    return (BucketRate(bucket=rule.bucket, rate_per_s=memory.capacity, capacity=capacity),)


def levels(rule: TableScaling, memory: TableMemory) -> Mapping[str, float]:
    """What is provisioned."""
    return {f"{rule.bucket}:provisioned": memory.capacity}


def provisioned(rule: TableScaling, memory: TableMemory) -> Mapping[str, float]:
    """What is provisioned."""
    return {rule.bucket: memory.capacity}


def step(
    rule: TableScaling, memory: TableMemory, time_s: float, unix_s: float, consumed_per_s: float
) -> tuple[TableMemory, Change | None]:
    """One minute: what has taken effect, and what is wanted next.

    Args:
        rule: The table's scaling.
        memory: What it remembers.
        time_s: Now, the end of the minute.
        unix_s: The same as Unix time.
        consumed_per_s: Units consumed in the minute, per second.

    Returns:
        The memory, and the change that took effect now.
    """
    memory = _refilled(memory, unix_s)
    done = memory.pending if memory.pending is not None and memory.pending.time_s <= time_s else None
    if done is not None:
        memory = replace(memory, capacity=done.after, pending=None, minutes=(), most=max(memory.most, done.after))
    newest = consumed_per_s if consumed_per_s > 0 else None
    memory = replace(memory, minutes=(*memory.minutes, newest)[-LOW_MINUTES:])
    if memory.pending is not None:
        return memory, done
    change = _raise(rule, memory, time_s) or _lower(rule, memory, time_s)
    if change is None:
        return memory, done
    if change.after > memory.capacity:
        return replace(memory, pending=change, out_s=time_s), done
    return replace(memory, pending=change, in_s=time_s, decreases=memory.decreases - 1), done


def _refilled(memory: TableMemory, unix_s: float) -> TableMemory:
    """Decreases come with the hours, and all of them with the day."""
    hour_s = math.floor(unix_s / HOUR_S) * HOUR_S
    if hour_s <= memory.refilled_s:
        return memory
    new_day = (
        math.floor(hour_s / DAY_S) > math.floor(memory.refilled_s / DAY_S) if memory.refilled_s > -math.inf else True
    )
    hours = MOST_DECREASES if new_day else round((hour_s - memory.refilled_s) / HOUR_S)
    return replace(memory, decreases=min(MOST_DECREASES, memory.decreases + hours), refilled_s=hour_s)


def _moved(rule: TableScaling, memory: TableMemory, ran: ScheduledAction, time_s: float) -> TableMemory:
    """Capacity moved into bounds that a scheduled action has set; the change takes its time."""
    now = memory.capacity if memory.pending is None else memory.pending.after
    after = memory.bounds.within(now)
    if after == now or (after < memory.capacity and memory.decreases < 1):
        return memory
    change = _change(rule, memory, time_s, after, f"{ran.name}: {describe(ran)}")
    return replace(memory, pending=change, decreases=memory.decreases - (after < memory.capacity))


def _wanted(rule: TableScaling, memory: TableMemory, consumed_per_s: float) -> float:
    return memory.bounds.within(float(math.ceil(consumed_per_s / rule.target - 1e-9)))


def _raise(rule: TableScaling, memory: TableMemory, time_s: float) -> Change | None:
    latest = memory.minutes[-HIGH_MINUTES:]
    limit = rule.target * memory.capacity
    if not rule.scale_out or len(latest) < HIGH_MINUTES or any(value is None or value <= limit for value in latest):
        return None
    newest = max(value for value in latest if value is not None)
    after = _wanted(rule, memory, newest)
    # In a cooldown only a larger capacity than the one just given is asked for, and every raise is one.
    if after <= memory.capacity or (time_s < memory.out_s + rule.out_cooldown_s and after <= memory.capacity):
        return None
    why = f"{HIGH_MINUTES} minutes above {rule.target:.0%} ({newest:,.1f} of {memory.capacity:,.0f}/s)"
    return _change(rule, memory, time_s, after, why)


def _lower(rule: TableScaling, memory: TableMemory, time_s: float) -> Change | None:
    limit = (rule.target - LOW_BELOW) * memory.capacity
    if not rule.scale_in or memory.decreases < 1 or len(memory.minutes) < LOW_MINUTES:
        return None
    if any(value is None or value >= limit for value in memory.minutes):
        return None
    newest = memory.minutes[-1] or 0.0
    after = _wanted(rule, memory, newest)
    if after >= memory.capacity or time_s < max(memory.in_s, memory.out_s) + rule.in_cooldown_s:
        return None
    why = f"{LOW_MINUTES} minutes below {rule.target - LOW_BELOW:.0%} ({newest:,.1f} of {memory.capacity:,.0f}/s)"
    return _change(rule, memory, time_s, after, why)


def _change(rule: TableScaling, memory: TableMemory, time_s: float, after: float, why: str) -> Change:
    part = rule.bucket.partition("/")[2]
    reason = f"{part}: {why}; {memory.capacity:,.0f} → {after:,.0f}"
    is_warm = memory.capacity < after <= max(rule.warm_per_s, memory.most)
    delay_s = min(rule.delay_s, ALARM_S) if is_warm else rule.delay_s
    return Change(time_s=time_s + delay_s, before=memory.capacity, after=after, reason=reason)
