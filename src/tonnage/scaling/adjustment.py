"""What a step or simple policy changes: the three adjustment types and their rounding.

Source: Amazon EC2 Auto Scaling user guide, "Step and simple scaling policies", scaling adjustment types.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from tonnage.scaling._settings import Settings


class AdjustmentType(StrEnum):
    """How an adjustment is meant."""

    CHANGE = "ChangeInCapacity"
    EXACT = "ExactCapacity"
    PERCENT = "PercentChangeInCapacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a policy's adjustments are meant.

    Attributes:
        kind: The adjustment type.
        least: ``MinAdjustmentMagnitude``: least instances of a percentage change.
    """

    kind: AdjustmentType
    least: int = 0


def read(settings: Settings) -> Scale:
    """AdjustmentType and MinAdjustmentMagnitude (or its older name MinAdjustmentStep) of a policy.

    Raises:
        WorkloadError: No such type, or a minimum without a percentage.
    """
    kind = AdjustmentType(settings.text("AdjustmentType", among=tuple(item.value for item in AdjustmentType)))
    least = 0
    for name in ("MinAdjustmentStep", "MinAdjustmentMagnitude"):
        if settings.has(name):
            least = settings.whole(name, least=0)
            if kind is not AdjustmentType.PERCENT:
                raise settings.refuse(name, f"is set with {kind.value}", "Use it with PercentChangeInCapacity only.")
    return Scale(kind=kind, least=least)


def adjusted(scale: Scale, adjustment: float, capacity: int) -> int:
    """Capacity after an adjustment, before the group's minimum and maximum.

    A percentage is rounded toward zero, but a change between -1 and 1 is made a whole instance; then
    ``MinAdjustmentMagnitude`` applies.
    """
    if scale.kind is AdjustmentType.EXACT:
        return int(adjustment)
    if scale.kind is AdjustmentType.CHANGE:
        return capacity + int(adjustment)
    change = capacity * adjustment / 100.0
    if change == 0.0:
        return capacity
    return capacity + int(math.copysign(max(1, math.trunc(abs(change)), scale.least), change))


def describe(scale: Scale, adjustment: float) -> str:
    """An adjustment in short: "+2", "-25 %", "to 5"."""
    if scale.kind is AdjustmentType.EXACT:
        return f"to {adjustment:g}"
    return f"{adjustment:+g}{' %' if scale.kind is AdjustmentType.PERCENT else ''}"
