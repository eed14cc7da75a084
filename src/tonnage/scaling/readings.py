"""What controls are shown and what they answer: readings of the data plane, and what it is to be set to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One change of capacity.

    Attributes:
        time_s: When.
        cause: Name of the policy, or "initial".
        before: Capacity before.
        after: Capacity after.
        reason: Why: "AlarmHigh: 3 of 3 datapoints above 70.0 (newest 83.1); 6 → 8".
    """

    time_s: float
    cause: str
    before: int
    after: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that ran out, or came back.

    Attributes:
        time_s: When.
        primitive: The fleet or bucket that ran out, or the component.
        text: What, for the report: "CPU credits run out".
    """

    time_s: float
    primitive: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What happened since the last tick.

    Attributes:
        cpu: By fleet and slot: mean busy share of the instance's servers at full speed, 0 to 1.
        requests: By fleet: requests given to its instances.
        tokens: By bucket: tokens taken.
        refused: By bucket: tokens asked for and refused.
        waiting: By queue: messages that wait now.
        consuming: By queue: batches being processed now.
        in_flight: By queue: messages received and not yet processed, now.
        sent: By queue: messages sent.
        leased: By environments: mean number leased.
    """

    cpu: Mapping[str, Mapping[int, float]]
    requests: Mapping[str, float]
    tokens: Mapping[str, float]
    refused: Mapping[str, float] = field(default_factory=dict)
    waiting: Mapping[str, float] = field(default_factory=dict)
    consuming: Mapping[str, float] = field(default_factory=dict)
    in_flight: Mapping[str, float] = field(default_factory=dict)
    sent: Mapping[str, float] = field(default_factory=dict)
    leased: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRate:
    """A bucket refills at this rate.

    Attributes:
        bucket: The bucket.
        rate_per_s: Tokens per second.
        capacity: Most tokens it keeps; None leaves that as it is.
    """

    bucket: str
    rate_per_s: float
    capacity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """So many batches of a queue are processed at once.

    Attributes:
        queue: The queue.
        batches: How many, over all its shards.
    """

    queue: str
    batches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """So many environments are always there.

    Attributes:
        environments: The environments.
        count: How many.
    """

    environments: str
    count: int


Setting = BucketRate | Consumers | Provisioned
"""What a control sets in the data plane."""
