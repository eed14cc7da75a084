"""A balance that lets a rate burst: earned at the baseline, spent by what is taken, full at the start.

Sources: Amazon EBS user guide, "General Purpose SSD volumes" (I/O credits of gp2); Amazon EC2 user guide, "Amazon
EBS-optimized instance types" (bandwidth that smaller sizes sustain for half an hour a day).
"""

from collections.abc import Mapping

from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import BucketRate, Happening, Readings, Setting
from tonnage.services import Burst


def begin(rule: Burst, unix_s: float) -> float:  # noqa: ARG001 - the face of every controller
    """A full balance."""
    return rule.capacity


def reads(rule: Burst) -> Reads:
    """The bucket."""
    return Reads(buckets=(rule.bucket,))


def next_unix_s(rule: Burst, memory: float) -> float:  # noqa: ARG001
    """Never by the clock."""
    return float("inf")


def tick(rule: Burst, memory: float, moment: Moment, readings: Readings) -> tuple[float, Told]:
    """Earn the baseline and spend what was taken; or earn slowly, and spend what was taken above the baseline."""
    taken, carried = readings.tokens.get(rule.bucket, 0.0), rule.baseline_per_s * moment.passed_s
    if rule.refill_per_s > 0:
        new = memory + rule.refill_per_s * moment.passed_s - max(0.0, taken - carried)
    else:
        new = memory + carried - taken
    told = NOTHING_TOLD
    if memory > 0 >= new:
        happening = Happening(time_s=moment.time_s, primitive=rule.bucket, text="burst balance runs out")
        told = Told(happenings=(happening,))
    return min(max(new, 0.0), rule.capacity), told


def settings(rule: Burst, memory: float) -> tuple[Setting, ...]:
    """The burst rate while the balance lasts."""
    return (BucketRate(bucket=rule.bucket, rate_per_s=rule.burst_per_s if memory > 0 else rule.baseline_per_s),)


def levels(rule: Burst, memory: float) -> Mapping[str, float]:
    """The balance, as a share of the largest."""
    return {f"{rule.bucket}:burst balance": memory / rule.capacity}


def provisioned(rule: Burst, memory: float) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing."""
    return {}
