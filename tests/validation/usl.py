"""The Universal Scalability Law, fitted to measured throughput.

Source: N. J. Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6: ``X(N) = gamma N / (1 + alpha (N - 1) +
beta N (N - 1))`` with contention ``alpha``, coherency ``beta`` and the throughput of one ``gamma``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalability:
    """A fitted law.

    Attributes:
        alpha: Share of the work that is done one at a time.
        beta: Cost of agreement between each two.
        gamma: Throughput of one.
    """

    alpha: float
    beta: float
    gamma: float

    def throughput(self, n: float) -> float:
        """Throughput of so many."""
        return self.gamma * n / (1.0 + self.alpha * (n - 1.0) + self.beta * n * (n - 1.0))

    @property
    def peak(self) -> float:
        """The number beyond which more give less; infinite without coherency."""
        return math.sqrt((1.0 - self.alpha) / self.beta) if self.beta > 1e-12 else math.inf


def fitted(numbers: Sequence[float], measured: Sequence[float], *, relative: bool = False) -> Scalability:
    """Least squares of the throughput, or of its logarithm.

    Args:
        numbers: Users, threads or processors.
        measured: Throughput of each.
        relative: Whether all points count the same, however small.
    """
    n, x = np.asarray(numbers, dtype=float), np.asarray(measured, dtype=float)

    def off(parameters: np.ndarray) -> np.ndarray:
        alpha, beta, gamma = parameters * scale
        expected = gamma * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0))
        return np.log(expected / x) if relative else (expected - x) / x.max()

    scale = np.array([1e-2, 1e-4, float(x[0] / n[0])])
    found = least_squares(off, [1.0, 1.0, 1.0], bounds=([0.0, 0.0, 1e-9], [100.0, 1e4, 1e3]), xtol=1e-14, ftol=1e-14)
    alpha, beta, gamma = found.x * scale
    return Scalability(alpha=float(alpha), beta=float(beta), gamma=float(gamma))
