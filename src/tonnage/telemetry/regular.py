"""From samples to regular traffic: sorted, on a grid, gaps filled or cut, and all of it said aloud.

A gap is not zero demand. Short ones are interpolated; a long one is filled with the same time of other days where there
are such, and otherwise the longest stretch without one is kept, or the one with the peak where they are of like length.
"""

import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from tonnage.telemetry.samples import Samples
from tonnage.workload import Traffic, TrafficError

SHORT_GAP_STEPS = 5
SPARSE_COUNT = 20.0
SPARSE_GAP_STEPS = 10
_DAY_S = 86400.0


def regular(samples: Samples, name: str, file: str) -> Traffic:
    """Make a history regular.

    Args:
        samples: As read.
        name: Name of the traffic.
        file: Path, for errors.

    Raises:
        TrafficError: There are fewer than two points in time, or never a request.
    """
    notes = list(samples.notes)
    times = np.asarray(samples.times_s)
    values = np.asarray(samples.values)
    if len(times) > 1 and np.any(np.diff(times) < 0):
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        # CloudWatch answers newest first; a plain reversal is worth no words.
        if not np.array_equal(order, np.arange(len(order))[::-1]):
            notes.append("rows were not in order of time: sorted")
    distinct = np.unique(times)
    if len(distinct) < 2:
        raise TrafficError(f"{file} has a single point in time", remedy="Give at least two.")
    step_s = samples.step_s or _commonest_step(distinct)
    index = np.rint((times - times[0]) / step_s).astype(np.int64)
    steps = int(index[-1]) + 1
    if steps > 5_000_000:
        raise TrafficError(
            f"{file} would have {steps:,} steps of {step_s:g} s", remedy="Give it at a coarser step, or fix its times."
        )
    sums = np.bincount(index, weights=values, minlength=steps)
    seen = np.bincount(index, minlength=steps)
    repeated = int(np.count_nonzero(seen > 1))
    if samples.kind == "rates":
        sums = sums / np.maximum(seen, 1)
    if repeated and samples.step_s is None:
        how = "averaged" if samples.kind == "rates" else "summed"
        notes.append(f"{repeated} steps had more than one row: {how}")
    rates = sums if samples.kind == "rates" else sums / step_s
    rates, first = _filled(rates, seen > 0, step_s, float(times[0]), samples, notes)
    if not np.any(rates > 0):
        raise TrafficError(f"{file} never has a request", remedy="Give a history with load in it.")
    return Traffic(
        name=name,
        start_s=float(times[0]) + first * step_s,
        step_s=step_s,
        rates_per_s=tuple(rates.tolist()),
        evidence="measured",
        notes=tuple(notes),
    )


def _commonest_step(distinct: NDArray[np.float64]) -> float:
    gaps = Counter(np.round(np.diff(distinct), 3).tolist())
    step_s, _ = min(gaps.items(), key=lambda item: (-item[1], item[0]))
    return float(step_s)


def _gaps(seen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches of missing steps: first and one past the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], seen, [True]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _filled(
    rates: NDArray[np.float64],
    seen: NDArray[np.bool_],
    step_s: float,
    start_s: float,
    samples: Samples,
    notes: list[str],
) -> tuple[NDArray[np.float64], int]:
    """Fill or cut the gaps; returns the rates and how many steps were cut from the front."""
    gaps = _gaps(seen)
    if not gaps:
        return rates, 0
    rates = rates.copy()
    mean_count = float(np.mean(samples.values)) if samples.kind == "counts" else math.inf
    sparse = mean_count < SPARSE_COUNT
    zeroed = [g for g in gaps if sparse and g[1] - g[0] <= SPARSE_GAP_STEPS]
    short = [g for g in gaps if g not in zeroed and g[1] - g[0] <= SHORT_GAP_STEPS]
    long = [g for g in gaps if g not in zeroed and g not in short]
    if zeroed:
        notes.append(f"{sum(b - a for a, b in zeroed)} missing steps of a sparse count were taken as zero")
    known = seen.copy()
    for a, b in zeroed:
        known[a:b] = True
    if short:
        missing = np.concatenate([np.arange(a, b) for a, b in short])
        rates[missing] = np.interp(missing, np.flatnonzero(known), rates[known])
        known[missing] = True
        notes.append(f"{len(missing)} missing steps in {len(short)} short gaps were interpolated")
    per_day = round(_DAY_S / step_s)
    uncut: list[tuple[int, int]] = []
    for a, b in long:
        shown = f"{_date(start_s + a * step_s)} to {_date(start_s + b * step_s)}"
        filling = _from_other_days(rates, known, a, b, per_day)
        if filling is None:
            uncut.append((a, b))
            notes.append(f"no data from {shown}: a gap, not zero demand; the history was cut there")
        else:
            rates[a:b] = filling
            notes.append(f"no data from {shown}: filled with the same times of other days")
    return _longest(rates, uncut)


def _from_other_days(
    rates: NDArray[np.float64], known: NDArray[np.bool_], a: int, b: int, per_day: int
) -> NDArray[np.float64] | None:
    """Mean of the same steps on the nearest known days before and after; None where neither is whole."""
    days = []
    for direction in (-1, 1):
        for distance in range(1, 8):
            low, high = a + direction * distance * per_day, b + direction * distance * per_day
            if low >= 0 and high <= len(rates) and bool(known[low:high].all()):
                days.append(rates[low:high])
                break
    return np.mean(days, axis=0) if days else None


def _longest(rates: NDArray[np.float64], gaps: list[tuple[int, int]]) -> tuple[NDArray[np.float64], int]:
    if not gaps:
        return rates, 0
    begins = [0, *(b for _, b in gaps)]
    ends = [*(a for a, _ in gaps), len(rates)]
    stretches = [(a, b) for a, b in zip(begins, ends, strict=True) if b > a]
    most = max(b - a for a, b in stretches)
    like = [(a, b) for a, b in stretches if 2 * (b - a) >= most]
    a, b = max(like, key=lambda stretch: float(rates[stretch[0] : stretch[1]].max()))
    return rates[a:b], a


def _date(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M")
