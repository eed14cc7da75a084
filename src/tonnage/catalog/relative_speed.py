"""How fast one vCPU is, against one hardware thread of m5: an estimate with a range, never a measurement.

Work per clock of the processor (Netflix service-capacity-modeling's averages over common benchmarks, and AWS's and
AMD's own statements), times the clock, times what a whole core is worth against a hardware thread where a vCPU is a
core. ``tables/SOURCES.md`` has the rule; ``processors.csv`` has each figure with its source. A measured value by the
user overrides it.
"""

import re
from functools import cache

from tonnage.catalog.tables import indexed
from tonnage.workload import CatalogError, Quantity, assumed

_GENERATION = re.compile(r"[a-z]+(\d)")
_HIGH_MEMORY = "u-"


def generation_of(family: str) -> int:
    """Generation digit of a family name: 7 for ``m7g`` and ``u7i-12tb``, 1 for ``u-6tb1``; 0 where there is none."""
    if family.startswith(_HIGH_MEMORY):
        return 1
    match = _GENERATION.match(family)
    return int(match[1]) if match else 0


@cache
def relative_speed(family: str) -> Quantity:
    """Speed of one vCPU of a family: ``m7g``, ``t3``. DB classes and cache nodes have that of their EC2 family.

    Raises:
        CatalogError: The table has no such family: a mistake in this package.
    """
    rows = indexed("relative_speed", "family")
    if family not in rows:
        raise CatalogError(f"The catalogue has no speed for the family {family!r}")
    row = rows[family]
    return assumed(
        float(row["value"]), "1", f"estimated: {row['rule']}", low=float(row["low"]), high=float(row["high"])
    )
