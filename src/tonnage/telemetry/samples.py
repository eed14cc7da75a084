"""What readers of histories hand over: samples in time, not yet regular."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """A history as read.

    Attributes:
        times_s: Unix times, UTC, in the order of the file.
        values: Counts of the interval that begins at the time, or rates per second.
        kind: ``counts`` or ``rates``.
        step_s: Length of an interval, if the file states it; None to take the commonest spacing.
        notes: What a reader must know.
    """

    times_s: tuple[float, ...]
    values: tuple[float, ...]
    kind: Literal["counts", "rates"]
    step_s: float | None = None
    notes: tuple[str, ...] = ()
