"""Breaker: a circuit breaker that refuses calls at once while too many of the latest ones failed.

Closed, it counts the outcomes of the last ``window`` calls; when at least that many are known and the share of failures
reaches ``threshold``, it opens and refuses everything for ``open_s``. Then it lets ``probes`` calls through: if all are
answered it closes, at the first failure it opens again. Source: M. Nygard, *Release It!* (2007), with the count-based
sliding window of Resilience4j.
"""

from dataclasses import dataclass

MOST_WINDOW = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A circuit breaker that all callers of a call share.

    Attributes:
        threshold: Share of failures, 0 to 1, at which it opens.
        window: How many of the latest calls are looked at, 1 to 1024.
        open_s: How long it refuses.
        probes: Calls let through afterwards.
        refusal: What a refused call is told.
    """

    threshold: float = 0.5
    window: int = 100
    open_s: float = 60.0
    probes: int = 10
    refusal: str = "circuit open"
