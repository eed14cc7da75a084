"""Names that are not known: the nearest that are."""

from tonnage.catalog.names import unknown

KNOWN = ("m5.large", "m5.xlarge", "m5a.large", "c5.large", "t3.micro")


def test_the_nearest_names_are_offered_best_first() -> None:
    error = unknown("m5.lrage", "EC2 instance type", KNOWN)
    assert error.what == "'m5.lrage' is not a known EC2 instance type"
    assert error.remedy.startswith("Did you mean m5.large")
    assert "t3.micro" not in error.remedy


def test_nothing_near_is_said_too() -> None:
    assert unknown("banana", "EC2 instance type", KNOWN).remedy.startswith("Check the spelling")
