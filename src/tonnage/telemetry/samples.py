"""Samples: what a traffic file says, row by row, before it becomes a traffic history."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["counts", "rates", "requests"]
MOST_REQUESTS = 1e18
"""No count or rate is above this; a larger number is something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Timestamps with what was seen at them, in the order of the file.

    Attributes:
        name: For the report: the file's name.
        file: Path as the user gave it.
        kind: ``counts`` (requests in the interval that begins at the timestamp), ``rates`` (requests/s in it) or
            ``requests`` (one row is one request).
        times_s: (rows,) Unix times; seconds from an unstated beginning where the file has no dates.
        values: (rows,) counts or rates; ones for ``requests``.
        naive: Whether any timestamp came without a zone and was read as UTC.
        silent_when_idle: Whether the source writes nothing while there are no requests, so that a missing row between
            low counts means zero however long it lasts.
        notes: What a reader must know about how the file was read.
    """

    name: str
    file: str
    kind: Kind
    times_s: NDArray[np.float64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)
    naive: bool = False
    silent_when_idle: bool = False
    notes: tuple[str, ...] = ()
