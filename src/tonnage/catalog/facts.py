"""Single AWS facts: documented figures, and defaults with a range where AWS documents none."""

from dataclasses import dataclass

from tonnage.catalog.tables import indexed
from tonnage.workload import CatalogError, Quantity, assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure.

    Attributes:
        key: Its name, ``service.what``.
        value: The figure.
        unit: Its unit.
        low: Lower end of the plausible range; equals ``value`` where documented exactly.
        high: Upper end.
        confidence: A documented or officially stated, B stated by a secondary source, C common knowledge.
        source: Where it comes from.
    """

    key: str
    value: float
    unit: str
    low: float
    high: float
    confidence: str
    source: str

    def assumed(self) -> Quantity:
        """The fact as an assumption, with its range and source."""
        return assumed(self.value, self.unit, self.source, low=self.low, high=self.high)


def fact(key: str) -> Fact:
    """A fact by its key.

    Raises:
        CatalogError: There is no such fact: a mistake in this package.
    """
    rows = indexed("facts", "key")
    if key not in rows:
        raise CatalogError(f"The catalogue has no fact {key!r}")
    row = rows[key]
    return Fact(
        key=key,
        value=float(row["value"]),
        unit=row["unit"],
        low=float(row["low"]),
        high=float(row["high"]),
        confidence=row["confidence"],
        source=row["source"],
    )
