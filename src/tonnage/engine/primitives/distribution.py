"""Distribution: how a service time or a latency varies around its mean.

The engine draws every distribution the same way: a table of the quantile function at mean 1, on a logarithmic grid of
the survival probability, times the mean. The table's mean is made exact.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

OCTAVES = 40
CELLS = 32
_SAME = 1e-9


Parts: TypeAlias = tuple[tuple[float, float], ...]
TableKey: TypeAlias = tuple[str, float, Parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A positive random time.

    Attributes:
        mean_s: Mean, seconds; at least 0.
        cv: Coefficient of variation, standard deviation over mean; 0 makes it constant, and 1 with ``exponential``
            is its own only value.
        shape: ``constant``, ``exponential``, ``lognormal`` or ``mixture``.
        parts: Of a mixture: share and time over the mean of each constant part.
    """

    mean_s: float
    cv: float = 0.0
    shape: Literal["constant", "exponential", "lognormal", "mixture"] = "lognormal"
    parts: Parts = ()

    def times(self, factor: float) -> "Distribution":
        """The same shape with ``factor`` times the mean."""
        return replace(self, mean_s=self.mean_s * factor)

    @property
    def table_key(self) -> TableKey:
        """What decides the quantile table: equal keys share one."""
        if self.shape == "constant" or self.cv <= 0:
            return ("constant", 0.0, ())
        return ("exponential", 1.0, ()) if self.shape == "exponential" else (self.shape, self.cv, self.parts)


def constant(mean_s: float) -> Distribution:
    """A time that never varies."""
    return Distribution(mean_s=mean_s, cv=0.0, shape="constant")


def exponential(mean_s: float) -> Distribution:
    """An exponential time: memoryless, cv 1."""
    return Distribution(mean_s=mean_s, cv=1.0, shape="exponential")


def lognormal(mean_s: float, cv: float) -> Distribution:
    """A lognormal time: the usual shape of measured service times."""
    return Distribution(mean_s=mean_s, cv=cv, shape="lognormal")


def mixture(parts: Sequence[tuple[float, float]]) -> Distribution:
    """One of several constant times.

    Args:
        parts: Share (of any total above 0) and time of each, seconds.
    """
    total = math.fsum(share for share, _ in parts)
    mean_s = math.fsum(share * time_s for share, time_s in parts) / total
    if mean_s <= 0:
        return constant(0.0)
    found = tuple(sorted((share / total, time_s / mean_s) for share, time_s in parts))
    cv = math.sqrt(max(0.0, math.fsum(share * time * time for share, time in found) - 1.0))
    return Distribution(mean_s=mean_s, cv=cv if cv > _SAME else 0.0, shape="mixture", parts=found)


def survival_grid() -> NDArray[np.float64]:
    """Survival probabilities of the table's knots: ``CELLS`` an octave, from 1 down to ``2**-OCTAVES``.

    Returns:
        (OCTAVES * CELLS + 1,) float64, falling from 1.0.
    """
    octave = np.repeat(np.arange(OCTAVES), CELLS)
    cell = np.tile(np.arange(CELLS), OCTAVES)
    knots = 2.0 ** -(octave + 1.0) * (2.0 - cell / CELLS)
    return np.append(knots, 2.0**-OCTAVES)


def quantile_table(shape: str, cv: float, parts: Parts = ()) -> NDArray[np.float64]:
    """Quantiles at mean 1 on :func:`survival_grid`, scaled so that the mean of linear interpolation is exactly 1.

    Args:
        shape: ``constant``, ``exponential``, ``lognormal`` or ``mixture``.
        cv: Coefficient of variation of the lognormal.
        parts: Share and time over the mean of each part of the mixture; the step between two is a slope of one cell.

    Returns:
        (OCTAVES * CELLS + 1,) float64.
    """
    survival = survival_grid()
    if shape == "constant":
        return np.ones_like(survival)
    if shape == "exponential":
        quantiles = -np.log(survival)
    elif shape == "mixture":
        falling = sorted(parts, key=lambda part: -part[1])
        reached = np.cumsum([share for share, _ in falling])
        which = np.minimum(np.searchsorted(reached, survival - _SAME), len(falling) - 1)
        quantiles = np.array([time for _, time in falling])[which]
    else:
        sigma = math.sqrt(math.log1p(cv * cv))
        # At survival 1 the lognormal's quantile is 0, and the normal's is minus infinity.
        normal = np.array([-NormalDist().inv_cdf(float(p)) if p < 1.0 else -np.inf for p in survival])
        quantiles = np.exp(sigma * normal - sigma * sigma / 2.0)
    widths = survival[:-1] - survival[1:]
    mean = float(np.sum(widths * (quantiles[:-1] + quantiles[1:]) / 2.0) + survival[-1] * quantiles[-1])
    return quantiles / mean
