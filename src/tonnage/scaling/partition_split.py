"""A hot partition of a DynamoDB table that is split: its keys move to two partitions, as often as it stays too hot.

The hottest key stays on one partition for ever; each split moves half of the other keys that stand beside it away, so
the keys that stood together at the start get more and more of what they ask, until the hottest key alone fills its
partition. That DynamoDB splits for heat is documented, when it does is not: the time is a parameter. That the other
keys part in halves is assumed.

Source: Amazon DynamoDB developer guide, "Burst and adaptive capacity" (isolate frequently accessed items); AWS Database
Blog, "Scaling DynamoDB: How partitions, hot keys, and split for heat impact performance".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import MINUTE_S, BucketRate, Happening, Readings, Setting
from tonnage.services import PartitionSplit

LEAST_REFUSED = 1.0
"""Units refused in a minute that make it a hot one; flows refuse a little of everything."""
LEAST_GAIN = 1.02
"""A partition whose split would free less than 2 % is left as it is: the key alone makes it hot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a hot partition is at a moment.

    Attributes:
        share: Share of the table's visits that go to the partition of the hottest key.
        hot_s: For how long it has refused, minute by minute.
        refused: Units refused since the minute began.
    """

    share: float
    hot_s: float = 0.0
    refused: float = 0.0


def begin(rule: PartitionSplit, unix_s: float) -> Memory:  # noqa: ARG001 - the face of every controller
    """Never split."""
    return Memory(share=rule.share)


def reads(rule: PartitionSplit) -> Reads:
    """The bucket."""
    return Reads(buckets=(rule.bucket,))


def next_unix_s(rule: PartitionSplit, memory: Memory) -> float:  # noqa: ARG001
    """Never by the clock: it acts at full minutes."""
    return math.inf


def tick(rule: PartitionSplit, memory: Memory, moment: Moment, readings: Readings) -> tuple[Memory, Told]:
    """Gather what is refused, and split once it has been for long enough."""
    refused = memory.refused + readings.refused.get(rule.bucket, 0.0)
    if not moment.full_minute:
        return replace(memory, refused=refused), NOTHING_TOLD
    is_hot = refused >= LEAST_REFUSED
    hot_s = memory.hot_s + MINUTE_S if is_hot else 0.0
    after = rule.key_share + (memory.share - rule.key_share) / 2.0
    told = NOTHING_TOLD
    if memory.hot_s == 0.0 and is_hot:
        told = _tell(rule, moment, f"a hot partition: {memory.share:.0%} of the requests, {rule.key_share:.0%} one key")
    if hot_s < rule.split_s or memory.share < LEAST_GAIN * after:
        return replace(memory, hot_s=hot_s, refused=0.0), told
    text = f"the hot partition is split: {after:.0%} of the requests stay on it, {rule.key_share:.0%} one key"
    return Memory(share=after), _tell(rule, moment, text)


def _tell(rule: PartitionSplit, moment: Moment, text: str) -> Told:
    return Told(happenings=(Happening(time_s=moment.time_s, primitive=rule.bucket, text=text),))


def settings(rule: PartitionSplit, memory: Memory) -> tuple[Setting, ...]:
    """What the keys that stood together at the start are served, over all partitions that they have come to."""
    rate = rule.limit_per_s * rule.share / memory.share
    return (BucketRate(bucket=rule.bucket, rate_per_s=rate, capacity=rate),)


def levels(rule: PartitionSplit, memory: Memory) -> Mapping[str, float]:
    """What they are served."""
    return {f"{rule.bucket}:provisioned": rule.limit_per_s * rule.share / memory.share}


def provisioned(rule: PartitionSplit, memory: Memory) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing: partitions are not billed."""
    return {}
