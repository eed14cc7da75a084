"""Statistics of simulation output: intervals over replications, paired differences, warm-up removal.

Sources: A. Law, *Simulation Modeling and Analysis* (5th ed., 2015), chapters 9 and 10; K. White, "An effective
truncation heuristic for bias reduction in simulation output" (1997), in the form MSER-5 of White, Cobb and Spratt
(2000).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NORMAL_97_5 = 1.959963984540054
_STUDENT_97_5 = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622)
GROUP = 5
"""Values averaged before the truncation is sought, the 5 of MSER-5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean and its 95 % confidence interval.

    Attributes:
        mean: Mean of the values.
        half_width: Half the width; 0 where there is one value only, or where they are all alike.
        n: How many values.
    """

    mean: float
    half_width: float
    n: int

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half_width

    @property
    def precision(self) -> float:
        """Half the width as a share of the mean; infinity where the mean is 0 and the width is not."""
        if self.half_width == 0.0:
            return 0.0
        return self.half_width / abs(self.mean) if self.mean else math.inf


def student(degrees: int) -> float:
    """Student's t at 97.5 %.

    Tabulated up to 9 degrees of freedom; beyond, Fisher's expansion around the normal quantile, within 1e-3.

    Raises:
        ValueError: There is no degree of freedom.
    """
    if degrees < 1:
        raise ValueError(f"{degrees} degrees of freedom")
    if degrees <= len(_STUDENT_97_5):
        return _STUDENT_97_5[degrees - 1]
    z = _NORMAL_97_5
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )


def interval(values: Sequence[float] | NDArray[np.float64]) -> Interval:
    """The interval of independent replications; without width where the mean is infinite.

    Raises:
        ValueError: There are none.
    """
    n = len(values)
    if n == 0:
        raise ValueError("no values")
    mean = math.fsum(values) / n
    if n == 1 or not math.isfinite(mean):
        return Interval(mean=mean, half_width=0.0, n=n)
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return Interval(mean=mean, half_width=student(n - 1) * math.sqrt(variance / n), n=n)


def paired(before: Sequence[float], after: Sequence[float]) -> Interval:
    """The change between two designs that met the same requests: the interval of the differences, pair by pair.

    Common random numbers make the pairs alike, and the interval far narrower than the two intervals would tell.

    Raises:
        ValueError: The replications are not as many.
    """
    return interval([then - now for now, then in zip(before, after, strict=True)])


def warm_up(values: NDArray[np.float64]) -> int | None:
    """How many of the first values belong to the warm-up, by MSER-5.

    The truncation is where the standard error of what is left is smallest. One in the second half means that there is
    too little to tell: the series has not settled.

    Args:
        values: (n,) float64 in order, such as the mean response time in each of n short windows.

    Returns:
        Number of values to leave out; None where the series does not settle.
    """
    groups = len(values) // GROUP
    if groups < 2:
        return None
    means = values[: groups * GROUP].reshape(groups, GROUP).mean(axis=1)
    left = np.arange(groups, 0, -1)
    sums = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum(means[::-1] ** 2)[::-1]
    spread = np.maximum(squares - sums**2 / left, 0.0) / left.astype(np.float64) ** 2
    # The last few always look even.
    first = int(np.argmin(spread[: max(1, groups - GROUP)]))
    return first * GROUP if first <= groups // 2 else None
