"""Documented cases: Amazon EC2 Auto Scaling user guide, "Step and simple scaling policies"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import simple_scaling
from tonnage.scaling import adjustment
from tonnage.scaling._settings import Settings
from tonnage.scaling.adjustment import AdjustmentType, Scale, adjusted
from tonnage.workload import WorkloadError

PERCENT = Scale(kind=AdjustmentType.PERCENT)
CHANGE = Scale(kind=AdjustmentType.CHANGE)
EXACT = Scale(kind=AdjustmentType.EXACT)


@pytest.mark.parametrize(
    ("scale", "change", "capacity", "expected"),
    [
        pytest.param(CHANGE, 5, 3, 8, id="AS8"),
        pytest.param(EXACT, 5, 3, 5, id="AS9"),
        pytest.param(Scale(kind=AdjustmentType.PERCENT, least=2), 25, 4, 6, id="AS10"),
        pytest.param(PERCENT, 10, 127, 139, id="AS7: 12.7 becomes 12"),
        pytest.param(PERCENT, 67, 1, 2, id="AS7: 0.67 becomes 1"),
        pytest.param(PERCENT, -67, 1, 0, id="-0.67 becomes -1"),
        pytest.param(PERCENT, -10, 127, 115, id="-12.7 becomes -12"),
        pytest.param(PERCENT, 0, 10, 10, id="nothing"),
        pytest.param(Scale(kind=AdjustmentType.PERCENT, least=2), -10, 10, 8, id="least also when removing"),
    ],
)
def test_adjustments(scale, change, capacity, expected):
    assert adjusted(scale, change, capacity) == expected


@given(st.integers(1, 500), st.integers(-100, 300), st.integers(0, 5))
def test_a_percentage_changes_by_less_than_one_more_than_asked_or_the_least(capacity, percent, least):
    change = adjusted(Scale(kind=AdjustmentType.PERCENT, least=least), percent, capacity) - capacity
    asked = capacity * percent / 100
    assert abs(change) <= max(abs(asked), 1, least)
    assert change * percent >= 0
    assert (change == 0) == (percent == 0)


def test_a_least_magnitude_belongs_to_a_percentage():
    policy = simple_scaling(MinAdjustmentMagnitude=2)
    with pytest.raises(WorkloadError, match="ChangeInCapacity"):
        adjustment.read(Settings(policy))


def test_descriptions():
    assert [adjustment.describe(scale, 2) for scale in (CHANGE, PERCENT, EXACT)] == ["+2", "+2 %", "to 2"]
