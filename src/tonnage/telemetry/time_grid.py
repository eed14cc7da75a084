"""The time grid: samples at whatever times become a traffic history at one fixed step."""

import numpy as np
from numpy.typing import NDArray

from tonnage.telemetry.gaps import fill_gaps
from tonnage.telemetry.samples import Samples
from tonnage.telemetry.timestamps import show
from tonnage.workload import Traffic, TrafficError

MOST_STEPS = 5_000_000
"""Ten years of minutes; more than this is a wrong timestamp, not a history."""
_ROUND_STEPS_S = (
    0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0,
    3600.0, 7200.0, 10800.0, 14400.0, 21600.0, 43200.0, 86400.0, 604800.0,
)  # fmt: skip


def to_traffic(samples: Samples) -> Traffic:
    """Make a traffic history of samples.

    Rows are sorted, the step is their commonest spacing, timestamps are snapped to it, rows of the same step are merged
    (counts summed, rates averaged) and gaps filled (:func:`~tonnage.telemetry.gaps.fill_gaps`); whatever was done is in
    the notes.

    Raises:
        TrafficError: A single row, no regular spacing, no request at all, or a span of time that cannot be meant.
    """
    notes = list(samples.notes)
    if samples.naive:
        notes.append("timestamps have no zone and were read as UTC")
    if len(samples.times_s) < 2:
        raise TrafficError(
            f"{samples.file} has a single row", remedy="Give at least two, so that the length of a step is known."
        )
    if not samples.values.max() > 0.0:
        raise TrafficError(f"{samples.file} never has a request: every value is 0", remedy="Give a history with load.")
    order = np.argsort(samples.times_s, kind="stable")
    backwards = int(np.count_nonzero(np.diff(samples.times_s) < 0))
    if samples.kind == "requests":
        return _count_requests(samples, samples.times_s[order], notes)
    if backwards == len(order) - 1:
        notes.append("rows came newest first and were sorted")
    elif backwards:
        notes.append("rows were not in the order of time and were sorted")
    return _series(samples, samples.times_s[order], samples.values[order], notes)


def is_regular(times_s: NDArray[np.float64]) -> bool:
    """Whether rows come at one spacing, as sums and rates do, and not whenever a request comes."""
    spacings = np.diff(np.sort(times_s))
    later = spacings[spacings > 0]
    if len(later) < 1 or len(later) < 0.95 * len(spacings):
        return False
    _, numbers = np.unique(np.round(later, 3), return_counts=True)
    return bool(numbers.max() >= min(len(later), max(2, 0.5 * len(later))))


def _count_requests(samples: Samples, times_s: NDArray[np.float64], notes: list[str]) -> Traffic:
    span_s = float(times_s[-1] - times_s[0])
    step_s = 1.0 if span_s <= 2 * 3600.0 else 10.0 if span_s <= 2 * 86400.0 else 60.0
    start_s = float(np.floor(times_s[0] / step_s) * step_s)
    _refuse_endless(samples, times_s, step_s)
    counts = np.bincount(((times_s - start_s) // step_s).astype(np.int64))
    notes.append(f"each row is one request: {len(times_s):,} requests counted in steps of {step_s:g} s")
    return _traffic(samples, start_s, step_s, counts / step_s, notes)


def _series(samples: Samples, times_s: NDArray[np.float64], values: NDArray[np.float64], notes: list[str]) -> Traffic:
    counts = samples.kind == "counts"
    step_s = _step(samples, times_s)
    _refuse_endless(samples, times_s, step_s)
    slots, off_s = _snap(times_s, step_s)
    if off_s > 0.01 * step_s:
        notes.append(f"timestamps up to {off_s:.3g} s off the grid were snapped to steps of {step_s:g} s")
    if spread := _spread_piles(slots):
        where = ", ".join(show(float(times_s[0]) + slot * step_s) for slot in spread[:3])
        notes.append(f"rows piled up at {where} after a gap of as many steps (a change of clocks) were spread over it")
    rows = np.bincount(slots)
    sums = np.bincount(slots, weights=values)
    with np.errstate(invalid="ignore"):
        means = np.where(rows > 0, sums / rows, np.nan)
    merged = len(slots) - int(np.count_nonzero(rows))
    if merged and samples.naive and _clock_went_back(rows, step_s):
        first = int(np.argmax(rows == 2))
        notes.append(
            f"the hour from {show(float(times_s[0]) + first * step_s)} is there twice, as when the clock goes back: "
            "the mean was taken; write timestamps with a zone to keep both"
        )
        series = means
    else:
        series = np.where(rows > 0, sums, np.nan) if counts else means
        if merged:
            how = "summed" if counts else "averaged"
            notes.append(f"{merged:,} rows repeat the timestamp of another and were {how} with it")
    filled = fill_gaps(
        series,
        start_s=float(times_s[0]),
        step_s=step_s,
        counts=counts,
        silent_when_idle=samples.silent_when_idle,
    )
    rates = filled.values / step_s if counts else filled.values
    return _traffic(samples, float(times_s[0]) + filled.first * step_s, step_s, rates, [*notes, *filled.notes])


def _traffic(samples: Samples, start_s: float, step_s: float, rates: NDArray[np.float64], notes: list[str]) -> Traffic:
    return Traffic(
        name=samples.name,
        start_s=start_s,
        step_s=step_s,
        rates_per_s=tuple(rates.tolist()),
        evidence="measured",
        notes=tuple(notes),
    )


def _step(samples: Samples, times_s: NDArray[np.float64]) -> float:
    """The commonest spacing, if most spacings are whole multiples of it.

    Where rows are too sparse for that it is the greatest common divisor of the spacings (at once for a source that is
    silent when idle), and where they jitter the round figure next to the median.
    """
    spacings = np.diff(times_s)
    spacings = spacings[spacings > 0]
    if len(spacings) == 0:
        raise TrafficError(
            f"{samples.file}: all rows have the same timestamp", remedy="Give at least two different ones."
        )
    whole_s = np.all(spacings % 1.0 == 0.0) and spacings.max() < 2.0**53
    divisor = float(np.gcd.reduce(spacings.astype(np.int64))) if whole_s else 0.0
    if samples.silent_when_idle and divisor >= 1.0:
        return divisor
    found, numbers = np.unique(np.round(spacings, 3), return_counts=True)
    commonest = float(found[np.argmax(numbers)])
    median = float(np.median(spacings))
    if commonest > 0:
        ratios = spacings / commonest
        whole = (np.abs(ratios - np.rint(ratios)) <= 0.01) & (ratios > 0.5)
        if whole.mean() >= 0.8 and median <= 4.0 * commonest:
            return commonest
    if divisor >= 60.0 and len(spacings) >= 10:
        return divisor
    step = min(_ROUND_STEPS_S, key=lambda round_s: abs(round_s - median))
    if abs(step - median) > 0.1 * step:
        step = median
    ratios = spacings / step
    if ((ratios > 0.5) & (ratios < 1.5)).mean() >= 0.8:
        return step
    raise TrafficError(
        f"{samples.file}: the rows come at no regular spacing (half of them within {median:.3g} s of the one before)",
        remedy="Give counts per minute; if each row is one request, leave the column of counts out.",
    )


def _snap(times_s: NDArray[np.float64], step_s: float) -> tuple[NDArray[np.int64], float]:
    """The step of each row, and how far the farthest row is off the grid.

    A grid that drifts (a sampler that takes 300.2 s instead of 300) is followed, so that no two of its rows ever fall
    into one step.
    """
    positions = (times_s - times_s[0]) / step_s
    nearest = np.rint(positions)
    off = np.abs(positions - nearest)
    if off.max() <= 0.01:
        return nearest.astype(np.int64), 0.0
    phase = float(np.angle(np.exp(2j * np.pi * positions[:50]).mean())) / (2.0 * np.pi)
    slots = np.empty(len(positions), dtype=np.int64)
    farthest = 0.0
    for index, position in enumerate(positions.tolist()):
        slot = max(round(position - phase), slots[index - 1] if index else 0)
        wander = position - phase - slot
        phase += 0.1 * wander
        farthest = max(farthest, abs(wander))
        slots[index] = slot
    return slots - slots[0], farthest * step_s


def _spread_piles(slots: NDArray[np.int64]) -> list[int]:
    """Give the rows of a pile that stands after a gap of as many steps their places in the gap, in ``slots`` itself.

    Exporters do this to the hour that does not exist when daylight saving time begins: all its rows get the time of its
    end. Summed, they would be the highest peak of the year.
    """
    spread = []
    rows = np.bincount(slots)
    occupied = np.flatnonzero(rows)
    for slot in np.flatnonzero(rows >= 3).tolist():
        before = occupied[np.searchsorted(occupied, slot) - 1] if slot else slot
        if slot - before == rows[slot]:
            slots[slots == slot] = np.arange(before + 1, slot + 1)
            spread.append(slot)
    return spread


def _clock_went_back(rows: NDArray[np.int64], step_s: float) -> bool:
    """Whether one hour, and only that, is there twice."""
    twice = np.flatnonzero(rows == 2)
    if len(twice) == 0 or int(rows.max()) > 2 or twice[-1] - twice[0] + 1 != len(twice):
        return False
    return abs(len(twice) * step_s - 3600.0) <= step_s and len(twice) > 1


def _refuse_endless(samples: Samples, times_s: NDArray[np.float64], step_s: float) -> None:
    if (times_s[-1] - times_s[0]) / step_s > MOST_STEPS:
        raise TrafficError(
            f"{samples.file}: timestamps reach from {show(float(times_s[0]))} to {show(float(times_s[-1]))}, "
            f"over {MOST_STEPS:,} steps of {step_s:g} s",
            remedy="One of them is probably wrong; correct it or cut the file.",
        )
