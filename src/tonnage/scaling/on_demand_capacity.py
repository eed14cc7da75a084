"""What a DynamoDB table serves on demand: twice its previous peak at once, and more as peaks are reached.

Documented are the first throughput of a new table, that a table serves up to twice its previous peak at once, that more
may be throttled when it comes within 30 minutes, and that a sustained peak becomes the previous one. Taken literally,
and to the careful side: a level that a full minute reached counts as the previous peak 30 minutes later, what exceeds
twice the previous peak is refused, and peaks are never forgotten.

Source: Amazon DynamoDB developer guide, "On-demand capacity mode", "Understanding warm throughput".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import MINUTE_S, Activity, BucketRate, Happening, Readings, Setting
from tonnage.services import OnDemandCapacity

WORTH_TELLING = 1.25
"""Growth since it was last told that is told again; a daily peak grows by a little every minute."""
LEAST_REFUSED = 1.0
"""Units refused in a minute that are worth telling; flows refuse a little of everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a table was asked for.

    Attributes:
        peak_per_s: Its previous peak.
        coming: Higher peaks that do not count yet: when they will (Unix time), and the level; both rising.
        taken: Units since the minute began.
        refused: Units refused since the minute began.
        refusing: Whether it refused in the latest full minute.
        told_per_s: What it served when its growth was last told.
    """

    peak_per_s: float
    coming: tuple[tuple[float, float], ...] = ()
    taken: float = 0.0
    refused: float = 0.0
    refusing: bool = False
    told_per_s: float = 0.0


def begin(rule: OnDemandCapacity, unix_s: float) -> Memory:  # noqa: ARG001 - the face of every controller
    """At its previous peak."""
    memory = Memory(peak_per_s=rule.peak_per_s)
    return replace(memory, told_per_s=served_per_s(rule, memory))


def reads(rule: OnDemandCapacity) -> Reads:
    """The bucket."""
    return Reads(buckets=(rule.bucket,))


def next_unix_s(rule: OnDemandCapacity, memory: Memory) -> float:  # noqa: ARG001
    """When the next peak counts: a full minute, so a tick of its own is not needed."""
    return math.inf


def served_per_s(rule: OnDemandCapacity, memory: Memory) -> float:
    """Units per second that the table serves at once."""
    return max(rule.floor_per_s, rule.growth * memory.peak_per_s)


def tick(rule: OnDemandCapacity, memory: Memory, moment: Moment, readings: Readings) -> tuple[Memory, Told]:
    """Gather what is taken; once a minute see whether it is a peak, and whether an earlier one counts now."""
    taken = memory.taken + readings.tokens.get(rule.bucket, 0.0)
    refused = memory.refused + readings.refused.get(rule.bucket, 0.0)
    if not moment.full_minute:
        return replace(memory, taken=taken, refused=refused), NOTHING_TOLD
    level, coming = taken / MINUTE_S, memory.coming
    if level > max(memory.peak_per_s, coming[-1][1] if coming else 0.0):
        coming = (*coming, (moment.unix_s + rule.growth_s, level))
    counts = [peak for unix_s, peak in coming if moment.is_due(unix_s)]
    after = Memory(
        peak_per_s=max(memory.peak_per_s, *counts) if counts else memory.peak_per_s,
        coming=coming[len(counts) :],
        refusing=refused >= LEAST_REFUSED,
    )
    part = rule.bucket.partition("/")[2]
    activities, happenings = [], []
    last, now = memory.told_per_s, served_per_s(rule, after)
    if now >= WORTH_TELLING * last:
        why = f"{part}: its peak of {after.peak_per_s:,.0f}/s counts now; {last:,.0f} → {now:,.0f}"
        activities.append(
            Activity(time_s=moment.time_s, cause=rule.bucket, before=round(last), after=round(now), reason=why)
        )
        last = now
    if refused >= LEAST_REFUSED and not memory.refusing:
        asked, served = (taken + refused) / MINUTE_S, served_per_s(rule, memory)
        text = f"on demand: asked for {asked:,.0f} units/s, it serves {served:,.0f}/s at once"
        happenings.append(Happening(time_s=moment.time_s, primitive=rule.bucket, text=text))
    told = Told(activities=tuple((rule.bucket, item) for item in activities), happenings=tuple(happenings))
    return replace(after, told_per_s=last), told


def settings(rule: OnDemandCapacity, memory: Memory) -> tuple[Setting, ...]:
    """Units per second, and a second's worth at once."""
    rate = served_per_s(rule, memory)
    return (BucketRate(bucket=rule.bucket, rate_per_s=rate, capacity=rate),)


def levels(rule: OnDemandCapacity, memory: Memory) -> Mapping[str, float]:
    """What it serves at once."""
    return {f"{rule.bucket}:provisioned": served_per_s(rule, memory)}


def provisioned(rule: OnDemandCapacity, memory: Memory) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing: requests are billed, not capacity."""
    return {}
