"""How fast one vCPU is, against one hardware thread of m5: an estimate with a range, by generation and maker.

A measured value by the user overrides it. The rule behind each row stands in the table.
"""

import re
from functools import cache

from tonnage.catalog.tables import Row, table
from tonnage.workload import Quantity, assumed

_GENERATION = re.compile(r"^[a-z]+(\d+)")


def generation_of(family: str) -> int:
    """Generation digit of a family name: 7 for ``m7g``; 0 where there is none (``u-6tb1`` counts as 1)."""
    match = _GENERATION.match(family.replace("u-", "u"))
    return int(match[1][0]) if match else 0


@cache
def relative_speed(family: str, arch: str, maker: str) -> Quantity:
    """Speed of one vCPU of a family.

    Args:
        family: ``m7g``, ``t3`` (Skylake threads, as m5).
        arch: ``x86_64`` or ``arm64``.
        maker: ``Intel``, ``AMD`` or ``AWS``.
    """
    generation = generation_of(family)
    # The T families lag the numbering: t2 and t3 run on the processors of m4 and m5, t4g on Graviton2.
    generation = {"t2": 4, "t3": 5, "t3a": 5, "t4g": 6}.get(family, generation)
    cpu = "arm64" if arch == "arm64" else "amd" if maker == "AMD" else "x86_64"
    rows = [row for row in table("relative_speed") if row["cpu"] == cpu] or list(table("relative_speed"))
    best: Row = min(rows, key=lambda row: abs(int(row["generation"]) - generation))
    return assumed(
        float(best["value"]),
        "1",
        f"estimate for generation {best['generation']} {cpu}: {best['rule']}",
        low=float(best["low"]),
        high=float(best["high"]),
    )
