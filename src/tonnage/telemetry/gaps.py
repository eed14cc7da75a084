"""Gaps of a traffic history: a missing step is not zero demand, unless everything around it is nearly zero too."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tonnage.telemetry.timestamps import show

SHORT_STEPS = 5
"""A gap of at most so many steps is interpolated."""
ZERO_STEPS = 10
"""A gap of at most so many steps between low counts is taken for zero requests."""
LOW_COUNT = 20.0
"""Counts below this, on average, are low: an empty step between them is plausible."""
NEIGHBOURS = 5
"""Steps on each side of a gap that say whether counts are low there."""
DAY_S = 86400.0
NEIGHBOUR_DAYS = 7
"""How many days away a step of the same time of day may be to stand in for a missing one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A history without gaps.

    Attributes:
        values: (steps,) all finite.
        first: Index of its first step in the history before cutting.
        notes: What was done.
    """

    values: NDArray[np.float64] = field(repr=False)
    first: int
    notes: tuple[str, ...]


def fill_gaps(
    values: NDArray[np.float64], *, start_s: float, step_s: float, counts: bool, silent_when_idle: bool = False
) -> Filled:
    """Fill the missing steps of a history, or cut it where they cannot be known.

    In this order: a short gap between low counts, in a history that never states a zero, is zero requests; a gap of up
    to five steps is interpolated; a gap of up to seven days takes the same time of day from the nearest measured days
    before and after (their mean); at any other gap the history is cut and the part with its peak kept. Nothing filled
    in can exceed what was measured beside it, so that the peak is always a measured one.

    Args:
        values: (steps,) counts or rates; NaN where there is no row. The first and the last are finite.
        start_s: Unix time of the first step, for the notes.
        step_s: Length of a step.
        counts: Whether the values are counts: only these can be low.
        silent_when_idle: Whether the source is known to write nothing while idle: then a gap between low counts may
            have any length.
    """
    filled = values.copy()
    # A source that writes zeros writes them always; and only what is counted in whole numbers can run out of requests.
    may_be_zero = counts and not np.any((values == 0.0) | (values % 1.0 > 0.0))
    zeros, interpolated, gaps, borrowed, cuts = 0, 0, 0, [], []
    for begin, end in _runs(np.isnan(values)):
        length = end - begin
        if may_be_zero and (length <= ZERO_STEPS or silent_when_idle) and _low(values, begin, end):
            filled[begin:end] = 0.0
            zeros += length
        elif length <= SHORT_STEPS:
            filled[begin:end] = np.interp(np.arange(begin, end), [begin - 1, end], [values[begin - 1], values[end]])
            interpolated += length
            gaps += 1
        else:
            stand_ins = _same_time_of_day(values, begin, end, step_s)
            if stand_ins is None:
                cuts.append((begin, end))
            else:
                filled[begin:end] = stand_ins
                borrowed.append((begin, end))
    notes = []
    if zeros:
        notes.append(
            f"{_steps(zeros)} without a row, between counts below {LOW_COUNT:g}, {_were(zeros)} taken for zero requests"
        )
    if interpolated:
        where = "gap" if gaps == 1 else "gaps"
        notes.append(f"{_steps(interpolated)} missing in {gaps} short {where} {_were(interpolated)} interpolated")
    if borrowed:
        notes.append(
            f"no rows {_spans(borrowed, start_s, step_s)}: filled with the same time of day of the nearest days"
        )
    first, last = _part_with_peak(values, cuts)
    if cuts:
        notes.append(
            f"no rows {_spans(cuts, start_s, step_s)}: cut there, and kept the part with the peak, "
            f"{show(start_s + first * step_s)} to {show(start_s + last * step_s)}"
        )
    return Filled(values=filled[first:last], first=first, notes=tuple(notes))


def _runs(missing: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches of missing steps, as [begin, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _low(values: NDArray[np.float64], begin: int, end: int) -> bool:
    beside = np.concatenate([values[max(0, begin - NEIGHBOURS) : begin], values[end : end + NEIGHBOURS]])
    return bool(np.nanmean(beside) < LOW_COUNT)


def _same_time_of_day(values: NDArray[np.float64], begin: int, end: int, step_s: float) -> NDArray[np.float64] | None:
    """The mean of the nearest measured days before and after, for each missing step; None if any has neither."""
    day = round(DAY_S / step_s)
    if day < 2 or abs(day * step_s - DAY_S) > 1e-6 * DAY_S or end - begin > NEIGHBOUR_DAYS * day:
        return None
    index = np.arange(begin, end)
    nearest = []
    for direction in (-1, 1):
        found = np.full(end - begin, np.nan)
        for days in range(1, NEIGHBOUR_DAYS + 1):
            other = index + direction * days * day
            inside = np.isnan(found) & (other >= 0) & (other < len(values))
            found[inside] = values[other[inside]]
        nearest.append(found)
    before, after = nearest
    both = np.where(np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2.0))
    return None if np.isnan(both).any() else both


def _part_with_peak(values: NDArray[np.float64], cuts: list[tuple[int, int]]) -> tuple[int, int]:
    if not cuts:
        return 0, len(values)
    peak = int(np.nanargmax(values))
    first = max((end for _, end in cuts if end <= peak), default=0)
    return first, min((begin for begin, _ in cuts if begin > peak), default=len(values))


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number:,} steps"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _spans(gaps: list[tuple[int, int]], start_s: float, step_s: float) -> str:
    longest = sorted(sorted(gaps, key=lambda gap: gap[0] - gap[1])[:3])
    shown = ", ".join(
        f"from {show(start_s + begin * step_s)} to {show(start_s + end * step_s)}" for begin, end in longest
    )
    return shown if len(gaps) <= 3 else f"in {len(gaps)} stretches, the longest {shown}"
