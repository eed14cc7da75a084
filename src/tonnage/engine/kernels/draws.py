"""Random draws as functions of (request, step): no state, so that two designs see the same requests.

Every draw is ``mix(key + salt)``: the key belongs to the request (or its attempt), the salt to the step of the program,
named by its component. Two variants of a workload therefore give the same request the same luck at the same component,
whatever else happens in between: common random numbers that never fall out of step.

``mix`` is the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import NATURAL

_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_30 = np.uint64(30)
_27 = np.uint64(27)
_31 = np.uint64(31)
_11 = np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0
_LAST_CELL = 40 * 32 - 1
_IN_CELL = 1.0 / 140737488355328.0


@inlined
def mix(z: np.uint64) -> np.uint64:
    """Scramble 64 bits."""
    z = (z ^ (z >> _30)) * _A
    z = (z ^ (z >> _27)) * _B
    return z ^ (z >> _31)


@inlined
def uniform(key: np.uint64, salt: np.uint64) -> float:
    """A number in (0, 1], decided by the key and the salt."""
    return (np.float64(mix(key + salt) >> _11) + 1.0) * _TO_UNIT


@inlined
def from_table(tables: NDArray[np.float64], table: int, u: float) -> float:
    """The quantile at survival probability ``u``, by linear interpolation.

    Args:
        tables: (n_tables, 1281) float64, quantiles on 32 cells an octave of the survival probability.
        table: Row.
        u: Survival probability in (0, 1].
    """
    bits = np.float64(u).view(np.int64)
    # An octave holds [2**-(k+1), 2**-k); its cells count down from its upper end, as the table's do.
    octave = 1022 - (bits >> 52)
    down = 4503599627370496 - (bits & 0xFFFFFFFFFFFFF)
    row = table & NATURAL
    if octave < 0:
        return tables[row, 0]
    index = octave * 32 + (down >> 47)
    if index > _LAST_CELL:
        return tables[row, _LAST_CELL + 1]
    index &= NATURAL
    low = tables[row, index]
    return low + (tables[row, index + 1] - low) * ((down & 0x7FFFFFFFFFFF) * _IN_CELL)
