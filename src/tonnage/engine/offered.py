"""Offered: how requests arrive, from the point of view of the engine."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tonnage.engine.kernels.state import Floats, Records
from tonnage.engine.primitives.distribution import Distribution, quantile_table
from tonnage.workload import TrafficError

MOST_PER_S = 1e9
MOST_CLIENTS = 200_000
NO_TIME = Distribution(mean_s=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Arrivals: an open stream, or clients in a closed loop.

    Attributes:
        rates_per_s: Mean rate in each step; beyond the last step its rate goes on.
        step_s: Length of a step.
        within: ``poisson``: arrivals inside a step are random, and so is their number; ``exact``: a step has exactly
            its number of arrivals (the count of a trace), at random times inside it.
        batch_mean: Mean number of requests that arrive at one moment, geometric; the rate counts requests.
        burst_ratio: A Markov-modulated Poisson process: during bursts the rate is this many times that of calm times,
            the mean rate being as given; 1 for none. Source: Fischer and Meier-Hellstern, "The MMPP cookbook" (1993).
        burst_s: Mean length of a burst, exponential.
        calm_s: Mean length of the calm between.
        clients: Clients of a closed loop, instead of rates: each sends its next request when it has thought after the
            answer (or failure) of the last.
        think: How long they think.
    """

    rates_per_s: tuple[float, ...] = (0.0,)
    step_s: float = 60.0
    within: Literal["poisson", "exact"] = "poisson"
    batch_mean: float = 1.0
    burst_ratio: float = 1.0
    burst_s: float = 0.0
    calm_s: float = 0.0
    clients: int = 0
    think: Distribution = NO_TIME

    def __post_init__(self) -> None:
        for index, rate in enumerate(self.rates_per_s):
            if not 0.0 <= rate < math.inf:
                raise TrafficError(f"Rate {rate} at step {index} is negative or not a number", remedy="Give 0 or more.")
            if self.step_s > 1e-6 and rate > MOST_PER_S:
                raise TrafficError(f"{rate:g} requests/s at step {index} are more than can be simulated")
        if not self.rates_per_s or not self.step_s > 0:
            raise TrafficError("There is no rate, or a step is not longer than 0 s", remedy="Give at least one rate.")
        if not 0 <= self.clients <= MOST_CLIENTS:
            raise TrafficError(f"{self.clients} clients are outside 0 to {MOST_CLIENTS}", remedy="Give fewer.")
        if not self.batch_mean >= 1.0 or not self.burst_ratio >= 1.0:
            raise TrafficError("A batch has at least one request, and a burst at least the rate of the calm")
        if self.burst_ratio > 1.0 and not (self.burst_s > 0 and self.calm_s > 0):
            raise TrafficError("Bursts need the mean length of a burst and of the calm between, both above 0 s")

    def steps(self) -> Floats:
        """(steps + 1,) float64: rates, 1/s, or counts where they are exact; the last goes on beyond the end."""
        rates = np.append(np.asarray(self.rates_per_s, dtype=np.float64), self.rates_per_s[-1])
        return rates * self.step_s if self.within == "exact" else rates

    def with_table(self, tables: Floats) -> tuple[Floats, int]:
        """The model's quantile tables with that of the thinking time, and its row."""
        return np.vstack([tables, quantile_table(*self.think.table_key)]), len(tables)

    def write(self, clock: Records, seed: int, think_table: int) -> None:
        """Write all of it into a fresh clock."""
        clock["seed"], clock["rate_step_s"] = seed, self.step_s
        clock["batch_mean"], clock["counted"] = self.batch_mean, self.within == "exact"
        clock["step_at"] = -1
        if self.burst_ratio > 1.0:
            share = self.burst_s / (self.burst_s + self.calm_s)
            calm = 1.0 / (1.0 + share * (self.burst_ratio - 1.0))
            clock["calm_factor"], clock["burst_factor"] = calm, calm * self.burst_ratio
            clock["burst_s"], clock["calm_s"] = self.burst_s, self.calm_s
            clock["bursting"] = 1
        clock["clients"], clock["think_s"], clock["think_table"] = self.clients, self.think.mean_s, think_table
