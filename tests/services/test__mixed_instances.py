"""Types and purchase options. Source: Amazon EC2 Auto Scaling user guide, "Auto Scaling groups with multiple instance
types and purchase options", "Configure an Auto Scaling group to use instance weights"."""

from types import SimpleNamespace
from typing import cast

import pytest

from services.gathering import CATALOG
from tonnage.catalog import Catalog
from tonnage.services import Offer
from tonnage.services._mixed_instances import is_mixed, mixed_notes, offers_of, per_unit, pools, types_of
from tonnage.workload import Component, Value


def a_component(**settings: Value) -> Component:
    given = {"InstanceType": "c5.2xlarge", "WeightedCapacity": 2, "Overrides": "c5.4xlarge (4), c5.12xlarge (12)"}
    return Component(name="Web", kind="AWS::AutoScaling::AutoScalingGroup", settings=given | settings)


def test_a_pool_is_a_type_in_a_zone() -> None:
    assert pools(4, 4) == 16  # AS27


def test_prices_are_compared_per_unit() -> None:
    # AS28: 0.180, 0.341 and 0.779 USD for weights 2, 4 and 12.
    usd = {"c5.2xlarge": 0.180, "c5.4xlarge": 0.341, "c5.12xlarge": 0.779}
    catalog = cast("Catalog", SimpleNamespace(instance_price=lambda name: SimpleNamespace(usd=usd[name])))
    found = [per_unit(catalog, Offer(name=name, weight=weight)) for name, weight in types_of(a_component())]
    assert found == pytest.approx([0.090, 0.085, 0.065], abs=0.0005)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["c5.2xlarge"]),
        (
            {"OnDemandAllocationStrategy": "lowest-price", "Overrides": "c5.4xlarge (3), c5.12xlarge (20)"},
            ["c5.12xlarge"],
        ),
        ({"SpotAllocationStrategy": "capacity-optimized-prioritized"}, ["c5.2xlarge", "c5.2xlarge Spot"]),
        ({"SpotAllocationStrategy": "price-capacity-optimized", "WeightedCapacity": 1}, ["c5.2xlarge", "?"]),
        ({"SpotInstancePools": 3}, ["c5.2xlarge", "?", "?", "?"]),
    ],
)
def test_allocation_strategies_choose_as_documented(settings: dict[str, Value], names: list[str]) -> None:
    spot = {"OnDemandPercentageAboveBaseCapacity": 0} if len(names) > 1 else {}
    offers = offers_of(a_component(**settings, **spot), CATALOG)  # type: ignore[arg-type]
    assert len(offers) == len(names)
    for offer, name in zip(offers, names, strict=True):
        assert name in {"?", offer.name}
    chosen = [per_unit(CATALOG, Offer(name=o.name.removesuffix(" Spot"), weight=o.weight)) for o in offers[1:]]
    assert chosen == sorted(chosen)


def test_a_larger_type_is_faster_in_proportion() -> None:
    two, four, twelve = (
        offers_of(a_component(OnDemandPercentageAboveBaseCapacity=0, SpotInstancePools=9), CATALOG)[1 + k].speed
        for k in range(3)
    )
    assert sorted((two, four, twelve)) == [1.0, 2.0, 6.0]


def test_types_that_nobody_knows_are_left_out() -> None:
    component = a_component(Overrides="? (3), z9.nonesuch", OnDemandPercentageAboveBaseCapacity=0)
    assert types_of(component) == (("c5.2xlarge", 2), ("z9.nonesuch", 1))
    assert [offer.name for offer in offers_of(component, CATALOG)] == ["c5.2xlarge", "c5.2xlarge Spot"]
    assert is_mixed(component)


def test_what_cannot_be_predicted_is_said() -> None:
    component = a_component(OnDemandPercentageAboveBaseCapacity=50, SpotAllocationStrategy="price-capacity-optimized")
    notes = " ".join(mixed_notes(component, offers_of(component, CATALOG), 3))
    assert "of 3 instance types" in notes
    assert "from 9 Spot pools (price-capacity-optimized: AWS chooses by capacity" in notes
