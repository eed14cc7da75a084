"""What all benchmarks print and compute alike: medians, standard errors, and each goal beside what was measured."""

import itertools
import math
import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version


def print_machine() -> None:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    print(f"Python {platform.python_version()}, {libraries}, {os.cpu_count()} cores")


def print_goal(what: str, measured: str, goal: str, *, met: bool) -> None:
    print(f"{what:<58}{measured:>14}   goal {goal:<12}{'met' if met else 'MISSED'}", flush=True)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Smallest and largest, for the reader to judge the noise."""
    return f"({min(values):{form}} to {max(values):{form}})"


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Median of one over the median of the other."""
    return statistics.median(one) / statistics.median(other)


def with_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean over rounds and its standard error."""
    return statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))


def agree(results: Sequence[Sequence[tuple[float, ...]]]) -> bool:
    """Whether every figure of every two engines differs by no more than four standard errors of the difference.

    Args:
        results: By engine and round, the figures.
    """
    figures = [[with_error(column) for column in zip(*rounds, strict=True)] for rounds in results]
    return all(
        abs(a - b) <= 4.0 * math.hypot(ea, eb)
        for one, other in itertools.combinations(figures, 2)
        for (a, ea), (b, eb) in zip(one, other, strict=True)
    )
