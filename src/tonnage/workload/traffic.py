"""Traffic: offered arrivals over time, as rates at a fixed step."""

import math
from dataclasses import dataclass, replace

from tonnage.workload.errors import TrafficError
from tonnage.workload.quantity import EvidenceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPattern:
    """How requests come within a step of a traffic: as a Poisson process, unless something else is said.

    Attributes:
        exact: Whether a step has exactly its number of requests, at random times, instead of a Poisson number.
        batch_mean: Mean number of requests that come at one moment; the number is geometric.
        burst_ratio: In bursts requests come so many times as fast as in the calm between; the mean rate stays.
        burst_s: Mean length of a burst, exponential.
        calm_s: Mean length of the calm between bursts.
        clients: Clients of a closed loop instead of a rate: each sends its next request when it has thought after the
            answer to the last.
        think_s: How long a client thinks on average, exponential.
    """

    exact: bool = False
    batch_mean: float = 1.0
    burst_ratio: float = 1.0
    burst_s: float = 0.0
    calm_s: float = 0.0
    clients: int = 0
    think_s: float = 0.0

    def __post_init__(self) -> None:
        if not (self.batch_mean >= 1 and self.burst_ratio >= 1):
            raise TrafficError(
                f"A batch of {self.batch_mean:g} requests or bursts at {self.burst_ratio:g} times the rate are too few",
                remedy="Give at least 1.",
            )
        if self.burst_ratio > 1 and not (self.burst_s > 0 and self.calm_s > 0):
            raise TrafficError(
                "Bursts need their mean length and that of the calm between", remedy="Give both, above 0 s."
            )
        if self.clients and not self.think_s > 0:
            raise TrafficError("Clients that do not think ask without pause", remedy="Give a time to think above 0 s.")


POISSON = ArrivalPattern()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Offered load over time.

    Attributes:
        name: Where it comes from, for the report: a file name or a shape in words.
        start_s: Unix time of the first step, UTC; 0.0 for synthetic shapes.
        step_s: Length of a step, seconds.
        rates_per_s: Mean rate in each step, requests/s; of clients the most that they can ask, were every answer there
            at once.
        evidence: ``measured`` for a history, ``declared`` for a shape the user gave, ``assumed`` otherwise.
        pattern: How requests come within a step.
        notes: What was done to it: gaps filled, rows sorted, duplicates merged.
    """

    name: str
    start_s: float
    step_s: float
    rates_per_s: tuple[float, ...]
    evidence: EvidenceKind
    pattern: ArrivalPattern = POISSON
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.step_s > 0:
            raise TrafficError(f"Traffic {self.name}: step {self.step_s} s is not above 0")
        if not self.rates_per_s:
            raise TrafficError(f"Traffic {self.name} is empty", remedy="Give at least one rate.")
        for index, rate in enumerate(self.rates_per_s):
            if not (math.isfinite(rate) and rate >= 0):
                raise TrafficError(
                    f"Traffic {self.name}: rate {rate} at step {index} is negative or not a number",
                    remedy="Rates are requests per second, zero or more.",
                )
        if max(self.rates_per_s) <= 0:
            raise TrafficError(f"Traffic {self.name} never has a request", remedy="Give a history with load in it.")

    @property
    def duration_s(self) -> float:
        """Length of the whole traffic, seconds."""
        return self.step_s * len(self.rates_per_s)

    @property
    def mean_per_s(self) -> float:
        """Mean rate over the whole traffic, requests/s."""
        return math.fsum(self.rates_per_s) / len(self.rates_per_s)

    @property
    def peak_per_s(self) -> float:
        """Rate of the busiest step, requests/s."""
        return max(self.rates_per_s)

    @property
    def peak_index(self) -> int:
        """Index of the busiest step, the first of several."""
        return self.rates_per_s.index(self.peak_per_s)

    def busiest(self, duration_s: float) -> int:
        """Index of the first step of the busiest stretch: the one of this length with the highest mean rate.

        The length is rounded to whole steps, at least one and at most all; of several equal stretches it is the first.

        Raises:
            TrafficError: ``duration_s`` is not a positive number.
        """
        if not (math.isfinite(duration_s) and duration_s > 0):
            raise TrafficError(f"A stretch of {duration_s} s is not longer than 0 s", remedy="Give a positive length.")
        steps = min(max(1, round(duration_s / self.step_s)), len(self.rates_per_s))
        total = math.fsum(self.rates_per_s[:steps])
        best, most = 0, total
        for begin in range(1, len(self.rates_per_s) - steps + 1):
            total += self.rates_per_s[begin + steps - 1] - self.rates_per_s[begin - 1]
            # Sums carried along differ in the last digits: a stretch must be busier by more than those to be busier.
            if total > most * (1.0 + 1e-9):
                best, most = begin, total
        return best

    def window(self, start_s: float, duration_s: float) -> "Traffic":
        """The part from ``start_s`` on for ``duration_s``, in whole steps: those that it touches.

        Args:
            start_s: Time of its beginning on the clock of :attr:`start_s` (Unix time for a history).
            duration_s: Its length; what lies outside the traffic is left out.

        Raises:
            TrafficError: It lies outside the traffic, or no request comes in it.
        """
        begin = math.floor((start_s - self.start_s) / self.step_s + 1e-9)
        end = math.ceil((start_s + duration_s - self.start_s) / self.step_s - 1e-9)
        first, last = max(0, begin), min(end, len(self.rates_per_s))
        if first >= last:
            raise TrafficError(
                f"Traffic {self.name}: {duration_s:g} s from {start_s:.0f} on are not in it",
                remedy=f"It reaches from {self.start_s:.0f} to {self.start_s + self.duration_s:.0f}.",
            )
        return replace(self, start_s=self.start_s + first * self.step_s, rates_per_s=self.rates_per_s[first:last])

    def scaled(self, factor: float) -> "Traffic":
        """The same shape at ``factor`` times the rate.

        Raises:
            TrafficError: ``factor`` is not a positive number.
        """
        if not (math.isfinite(factor) and factor > 0):
            raise TrafficError(
                f"Growth factor {factor} is not a positive number", remedy="1.5 means half as much again."
            )
        return replace(self, rates_per_s=tuple(rate * factor for rate in self.rates_per_s))
