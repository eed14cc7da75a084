"""Services that grow by themselves with what they are asked for, and not at once: load balancers, prefixes of buckets.

AWS gives no contract on how fast a load balancer grows; users see about a doubling in five minutes, and refusals (503)
when traffic multiplies within less. All of it is assumed: the rate of growth, the reserve that it keeps above the
latest minute, and how slowly it gives back. A reservation (``MinimumLoadBalancerCapacity``) is a floor.

Sources: User Guide for Application Load Balancers, "Capacity reservations for your Application Load Balancer"; Amazon
S3 user guide, "Best practices design patterns: optimizing Amazon S3 performance".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import MINUTE_S, BucketRate, Happening, Readings, Setting
from tonnage.services import GrowingCapacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the service is at a moment.

    Attributes:
        capacity_per_s: Requests per second that it lets through.
        asked: Requests since the minute began, refused ones too.
        refused: Those refused since the minute began.
        refusing: Whether it refused in the latest full minute.
    """

    capacity_per_s: float
    asked: float = 0.0
    refused: float = 0.0
    refusing: bool = False


def begin(rule: GrowingCapacity, unix_s: float) -> Memory:  # noqa: ARG001 - the face of every controller
    """At its floor."""
    return Memory(capacity_per_s=rule.floor_per_s)


def reads(rule: GrowingCapacity) -> Reads:
    """The bucket."""
    return Reads(buckets=(rule.bucket,))


def next_unix_s(rule: GrowingCapacity, memory: Memory) -> float:  # noqa: ARG001
    """Never by the clock: it grows at full minutes."""
    return math.inf


def tick(rule: GrowingCapacity, memory: Memory, moment: Moment, readings: Readings) -> tuple[Memory, Told]:
    """Gather what is asked for, and grow or shrink once a minute."""
    refused = readings.refused.get(rule.bucket, 0.0)
    memory = replace(
        memory,
        asked=memory.asked + readings.tokens.get(rule.bucket, 0.0) + refused,
        refused=memory.refused + refused,
    )
    if not moment.full_minute:
        return memory, NOTHING_TOLD
    now = memory.capacity_per_s
    wanted = max(rule.floor_per_s, rule.headroom * memory.asked / MINUTE_S)
    if wanted > now:
        after = min(wanted, now * 2.0 ** (MINUTE_S / rule.doubling_s))
    else:
        after = max(wanted, now * 0.5 ** (MINUTE_S / rule.halving_s))
    told = NOTHING_TOLD
    if memory.refused > 0 and not memory.refusing:
        text = f"refuses: asked for {memory.asked / MINUTE_S:,.0f} requests/s, it has grown to {now:,.0f}/s"
        told = Told(happenings=(Happening(time_s=moment.time_s, primitive=rule.bucket, text=text),))
    return Memory(capacity_per_s=after, refusing=memory.refused > 0), told


def settings(rule: GrowingCapacity, memory: Memory) -> tuple[Setting, ...]:
    """Requests per second, and a second's worth at once."""
    return (BucketRate(bucket=rule.bucket, rate_per_s=memory.capacity_per_s, capacity=memory.capacity_per_s),)


def levels(rule: GrowingCapacity, memory: Memory) -> Mapping[str, float]:
    """What it lets through."""
    return {f"{rule.bucket}:provisioned": memory.capacity_per_s}


def provisioned(rule: GrowingCapacity, memory: Memory) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing: units are billed as they are used."""
    return {}
