"""Bucket: tokens that refill at a rate up to a capacity; a request takes some.

The level obeys ``level(t) = min(capacity, level(t0) + rate * (t - t0))``. When it is short the request is refused
(``reject``: API Gateway, DynamoDB throttling), or takes its tokens on credit and waits until they exist
(``delay``: IOPS of a volume).

Held exactly in ``tests/validation``: of n requests offered at once to a full bucket, ``capacity`` pass; under constant
overload the carried rate is the refill rate; the delayed bucket is a deterministic queue (M/D/1 for Poisson arrivals).
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A token bucket.

    Attributes:
        rate_per_s: Tokens that arrive each second.
        capacity: Most tokens kept; a request may take no more than this at once in ``reject`` mode.
        when_empty: ``reject`` or ``delay``.
        level: Tokens at the start; None means full.
        refusal: What a refused request is told, for the report ("throttled (429)").
    """

    rate_per_s: float
    capacity: float
    when_empty: Literal["reject", "delay"] = "reject"
    level: float | None = None
    refusal: str = "throttled"
