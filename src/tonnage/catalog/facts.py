"""Single AWS facts: documented figures, and defaults with a range where AWS documents none."""

from dataclasses import dataclass
from functools import cache

from tonnage.catalog.names import unknown
from tonnage.catalog.tables import indexed
from tonnage.workload import Quantity, assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure.

    Attributes:
        key: Its name, ``service.what``.
        value: The figure.
        unit: Its unit.
        low: Lower end of the plausible or allowed range; equals ``value`` where documented exactly.
        high: Upper end.
        confidence: A documented or officially stated, B stated or measured by a secondary source, C common knowledge.
        date: Date of the source.
        source: Where it comes from.
    """

    key: str
    value: float
    unit: str
    low: float
    high: float
    confidence: str
    date: str
    source: str

    def assumed(self) -> Quantity:
        """The fact as an assumption, with its range and source."""
        return assumed(self.value, self.unit, self.source, low=self.low, high=self.high)


@cache
def fact(key: str) -> Fact:
    """A fact by its key.

    Raises:
        CatalogError: There is no such fact: a mistake in this package.
    """
    rows = indexed("facts", "key")
    if key not in rows:
        raise unknown(key, "fact of the catalogue", rows)
    row = rows[key]
    return Fact(
        key=key,
        value=float(row["value"]),
        unit=row["unit"],
        low=float(row["low"]),
        high=float(row["high"]),
        confidence=row["confidence"],
        date=row["date"],
        source=row["source"],
    )


def known_fact(key: str) -> Fact | None:
    """A fact by its key; None where the catalogue has none."""
    return fact(key) if key in indexed("facts", "key") else None
