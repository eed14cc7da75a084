"""A value with its unit and its evidence: where it comes from, and how far it may be wrong."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from tonnage.workload.errors import WorkloadError

EvidenceKind = Literal["measured", "declared", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A value that the verdict rests on.

    Attributes:
        value: The number used, in ``unit``.
        unit: ``s``, ``bytes``, ``1`` (a ratio or a count), ``1/s``, ``USD/h`` …
        evidence: ``measured`` (from telemetry), ``declared`` (by the user or a template), ``assumed`` (by Tonnage).
        source: Where it comes from, in words a sceptic can check.
        low: Lower end of the plausible range; equals ``value`` unless assumed.
        high: Upper end of the plausible range.
    """

    value: float
    unit: str
    evidence: EvidenceKind
    source: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(x) for x in (self.value, self.low, self.high)):
            raise WorkloadError(f"A quantity must be finite, found {self.value} {self.unit}", remedy="Give a number.")
        if not self.low <= self.value <= self.high:
            raise WorkloadError(
                f"{self.value} {self.unit} lies outside its own range {self.low} to {self.high}",
                remedy="Widen the range or change the value.",
            )

    def at(self, value: float) -> "Quantity":
        """The same quantity with another value inside (or stretching) its range: used by sensitivity runs."""
        return replace(self, value=value, low=min(self.low, value), high=max(self.high, value))


def measured(value: float, unit: str, source: str) -> Quantity:
    """A quantity taken from telemetry."""
    return Quantity(value=value, unit=unit, evidence="measured", source=source, low=value, high=value)


def declared(value: float, unit: str, source: str) -> Quantity:
    """A quantity that the user or the template states."""
    return Quantity(value=value, unit=unit, evidence="declared", source=source, low=value, high=value)


def assumed(value: float, unit: str, source: str, *, low: float, high: float) -> Quantity:
    """A quantity nobody stated: a default with its plausible range."""
    return Quantity(value=value, unit=unit, evidence="assumed", source=source, low=low, high=high)
