"""What the prices of all rooms share: AWS's month of 730 hours, and where a price comes from."""

from tonnage.catalog import Price

HOURS_PER_MONTH = 730.0
"""Hours by which AWS's price pages turn a month into hours."""


def source_of(price: Price) -> str:
    """Source, date and basis of a price in a few words."""
    basis = "" if price.basis == "listed" else f", {price.basis}"
    return f"{price.source} ({price.date}{basis})"
