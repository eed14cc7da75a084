import math

import pytest

from tonnage.workload import Quantity, WorkloadError, assumed, declared, measured


@pytest.mark.parametrize(("make", "evidence"), [(measured, "measured"), (declared, "declared")])
def test_what_is_known_has_no_range(make, evidence):
    quantity = make(0.02, "s", "trace 17")
    assert (quantity.low, quantity.value, quantity.high) == (0.02, 0.02, 0.02)
    assert (quantity.unit, quantity.evidence, quantity.source) == ("s", evidence, "trace 17")


def test_what_is_assumed_has_one():
    quantity = assumed(4.0, "ms", "a guess", low=1.0, high=10.0)
    assert (quantity.evidence, quantity.low, quantity.high) == ("assumed", 1.0, 10.0)


@pytest.mark.parametrize(("value", "low", "high"), [(0.5, 1.0, 2.0), (3.0, 1.0, 2.0), (1.5, 2.0, 1.0)])
def test_a_value_outside_its_range_is_refused(value, low, high):
    with pytest.raises(WorkloadError, match="outside its own range"):
        assumed(value, "s", "", low=low, high=high)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["value", "low", "high"])
def test_a_quantity_is_finite(bad, where):
    numbers = {"value": 1.0, "low": 0.0, "high": 2.0} | {where: bad}
    with pytest.raises(WorkloadError, match="must be finite"):
        Quantity(unit="s", evidence="assumed", source="", **numbers)


def test_moving_a_value_stretches_the_range_only_where_it_must():
    quantity = assumed(4.0, "ms", "a guess", low=1.0, high=10.0)
    assert quantity.at(10.0).value == 10.0
    assert (quantity.at(2.0).low, quantity.at(2.0).high) == (1.0, 10.0)
    assert (quantity.at(20.0).low, quantity.at(20.0).high) == (1.0, 20.0)
    assert quantity.at(0.5).low == 0.5
    assert quantity.value == 4.0
