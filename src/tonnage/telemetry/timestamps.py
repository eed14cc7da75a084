"""Timestamps as files write them: ISO 8601, epoch seconds to nanoseconds, seconds from a beginning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonnage.workload import Place, TrafficError

Form = Literal["date", "epoch", "relative"]

_NUMBER = re.compile(r"^\d+(\.\d+)?([eE]\+?\d+)?$")
_COMPACT_DATE = re.compile(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$")
_ZONE = re.compile(r"\s*(?:UTC|GMT|Z)$|\s+(?=[+-]\d\d:?\d\d$)")
# An epoch number tells its unit by its size: each of these bounds is the year 1973 in one unit and far away in others.
_EPOCH_UNITS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))
_REMEDY = "Write timestamps as '2025-06-30 14:05:00', ISO 8601 with a zone, or epoch seconds."


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamps:
    """A column of timestamps.

    Attributes:
        times_s: Unix times, or seconds from an unstated beginning when ``relative``.
        naive: Whether any date came without a zone and was read as UTC.
        relative: Whether they are numbers too small for dates.
    """

    times_s: NDArray[np.float64] = field(repr=False)
    naive: bool
    relative: bool


def form_of(cell: str) -> Form | None:
    """How a cell writes a time; None if it does not."""
    cell = cell.strip()
    if _NUMBER.match(cell) and not _COMPACT_DATE.match(cell):
        return "epoch" if float(cell) >= _EPOCH_UNITS[-1][0] else "relative"
    try:
        _date(cell)
    except ValueError:
        return None
    return "date"


def parse_timestamps(
    cells: Sequence[str], *, file: str, lines: Sequence[int] = (), relative_unit_s: float = 1.0
) -> Timestamps:
    """Read a column of timestamps; all of them are written like the first.

    Args:
        cells: As the file writes them.
        file: For the error.
        lines: Line of each cell, for the error; empty where the file has no lines to speak of.
        relative_unit_s: What 1 means in numbers too small for dates: 60.0 in a column of minutes.

    Raises:
        TrafficError: A cell is not a timestamp.
    """
    form = form_of(cells[0])
    if form in {"epoch", "relative"}:
        numbers = np.array([_number(cell, index, file, lines) for index, cell in enumerate(cells)], dtype=np.float64)
        if form == "relative":
            return Timestamps(times_s=numbers * relative_unit_s, naive=False, relative=True)
        size = float(np.median(numbers))
        unit = next((unit for bound, unit in _EPOCH_UNITS if size >= bound), 1.0)
        return Timestamps(times_s=numbers * unit, naive=False, relative=False)
    naive = False
    times = np.empty(len(cells), dtype=np.float64)
    for index, cell in enumerate(cells):
        try:
            date = datetime.fromisoformat(cell)
        except ValueError:
            try:
                date = _date(cell)
            except ValueError:
                raise _refused(cell, index, file, lines) from None
        if date.tzinfo is None:
            naive = True
            date = date.replace(tzinfo=UTC)
        times[index] = date.timestamp()
    return Timestamps(times_s=times, naive=naive, relative=False)


def show(time_s: float) -> str:
    """A Unix time for a note: ``1995-07-28 13:32``."""
    try:
        date = datetime.fromtimestamp(time_s, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return f"second {time_s:.4g}"
    return f"{date:%Y-%m-%d %H:%M:%S}" if date.second else f"{date:%Y-%m-%d %H:%M}"


def _date(cell: str) -> datetime:
    cell = cell.strip()
    zoned = bool(re.search(r"(UTC|GMT|Z)$", cell))
    text = _ZONE.sub("", cell)
    if re.match(r"^\d{4}/", text):
        text = text.replace("/", "-")
    date = datetime.fromisoformat(text)
    return date.replace(tzinfo=UTC) if zoned and date.tzinfo is None else date


def _number(cell: str, index: int, file: str, lines: Sequence[int]) -> float:
    try:
        number = float(cell)
    except ValueError:
        raise _refused(cell, index, file, lines) from None
    if not 0.0 <= number < 1e20:
        raise _refused(cell, index, file, lines)
    return number


def _refused(cell: str, index: int, file: str, lines: Sequence[int]) -> TrafficError:
    if not lines:
        return TrafficError(f"{file}: {cell!r} is not a timestamp", remedy=_REMEDY)
    return TrafficError(f"{cell!r} is not a timestamp", place=Place(file=file, line=lines[index]), remedy=_REMEDY)
