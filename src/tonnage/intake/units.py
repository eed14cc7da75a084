"""Amounts as people write them: ``8 ms``, ``4 ms (2-10 ms)``, ``80 %``, ``512 KB``, ``0.5``."""

import math
import re

from tonnage.workload import Place, Quantity, WorkloadError, assumed, declared

_FACTORS = {
    "s": {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "bytes": {
        "B": 1.0,
        "bytes": 1.0,
        "KB": 1e3,
        "MB": 1e6,
        "GB": 1e9,
        "KiB": 1024.0,
        "MiB": 1024.0**2,
        "GiB": 1024.0**3,
    },
    "1": {"%": 0.01},
    "1/s": {"/s": 1.0, "rps": 1.0, "/min": 1 / 60, "/h": 1 / 3600},
}
_NUMBER = r"[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_AMOUNT = re.compile(
    rf"^(?P<value>{_NUMBER})\s*(?P<unit>[^\d\s(]*)\s*"
    rf"(?:\((?P<low>{_NUMBER})\s*(?:-|–|to|\.\.)\s*(?P<high>{_NUMBER})\s*(?P<range_unit>[^\d\s)]*)\))?$"
)


def parse_amount(text: object, unit: str, *, what: str, place: Place | None) -> Quantity:
    """A declared quantity.

    Args:
        text: A number in ``unit``, or a text with its own unit, and a range in parentheses if the user is not sure.
        unit: Unit wanted: ``s``, ``bytes``, ``1``, ``1/s`` or any other, which then must be written as it is.
        what: What it is, for the error.
        place: Where it is written: the evidence.

    Raises:
        WorkloadError: It is not an amount of that unit.
    """
    source = f"declared at {place}" if place else "declared"
    if isinstance(text, int | float) and not isinstance(text, bool):
        return declared(_possible(float(text), text, what, place), unit, source)
    match = _AMOUNT.match(str(text).strip())
    if not match:
        raise _refused(text, unit, what, place)
    factor = _factor(match["unit"] or match["range_unit"], unit)
    range_factor = _factor(match["range_unit"] or match["unit"], unit)
    if factor is None or range_factor is None:
        raise _refused(text, unit, what, place)
    value = _possible(float(match["value"].replace("_", "")) * factor, text, what, place)
    if match["low"] is None:
        return declared(value, unit, source)
    low, high = (
        _possible(float(match[end].replace("_", "")) * range_factor, text, what, place) for end in ("low", "high")
    )
    if not low <= value <= high:
        raise WorkloadError(
            f"{what}: {text!r} lies outside its own range", place=place, remedy="Write value (low-high)."
        )
    # A value the user gives with a range is still to be measured: it stands among the assumptions.
    return assumed(value, unit, source, low=low, high=high)


def _possible(value: float, text: object, what: str, place: Place | None) -> float:
    """The value, unless nothing in a workload can have it."""
    if not (math.isfinite(value) and value >= 0):
        raise WorkloadError(
            f"{what}: {text!r} is negative or not a number", place=place, remedy="Give zero or a positive amount."
        )
    return value


def _factor(written: str | None, unit: str) -> float | None:
    if not written or written == unit:
        return 1.0
    return _FACTORS.get(unit, {}).get(written)


def _refused(text: object, unit: str, what: str, place: Place | None) -> WorkloadError:
    examples = {"s": "'8 ms' or '2 s'", "bytes": "'512 KB'", "1": "'0.8' or '80 %'", "1/s": "'200/s'"}
    return WorkloadError(
        f"{what}: {text!r} is not an amount in {unit}", place=place, remedy=f"Write it like {examples.get(unit, '12')}."
    )
