"""Walker's alias method: a draw from any finite distribution with one number and one comparison.

Source: Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE TSE 17 (1991).
"""

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.compiled import kernel


@kernel
def alias_table(
    weight: NDArray[np.float64], share: NDArray[np.float64], other: NDArray[np.int32], scratch: NDArray[np.int32]
) -> None:
    """Fill the alias table of a distribution.

    Args:
        weight: (n,) float64, non-negative weights.
        share: (n,) float64, written: how much of the cell belongs to its own object.
        other: (n,) int32, written: the object that the rest of the cell belongs to.
        scratch: (2, n) int32, overwritten: kernels allocate nothing.
    """
    n = weight.shape[0]
    total = 0.0
    for i in range(n):
        total += weight[i]
    scale = n / total
    small = scratch[0]
    large = scratch[1]
    n_small = 0
    n_large = 0
    for i in range(n):
        share[i] = weight[i] * scale
        other[i] = i
        if share[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        less = small[n_small]
        more = large[n_large - 1]
        other[less] = more
        share[more] -= 1.0 - share[less]
        if share[more] < 1.0:
            n_large -= 1
            small[n_small] = more
            n_small += 1
    for k in range(n_large):
        share[large[k]] = 1.0
    for k in range(n_small):
        share[small[k]] = 1.0
