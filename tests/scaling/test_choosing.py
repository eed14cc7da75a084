"""Which zone, which offer, which instance. Source: Amazon EC2 Auto Scaling user guide, unless a test names another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import a_group
from tonnage.scaling.choosing import (
    TERMINATION_POLICIES,
    in_order_to_go,
    initial,
    offer_for_launch,
    slots_to_terminate,
    zone_counts,
    zone_for_launch,
)
from tonnage.scaling.instances import Instance, InstanceState, units
from tonnage.services import Offer
from tonnage.services._group_life import _POLICIES as OFFERED_POLICIES


def an_instance(slot: int, launched_s: float = 0.0, **settings: object) -> Instance:
    return Instance(
        slot=slot,
        state=InstanceState.IN_SERVICE,
        launched_s=launched_s,
        in_service_s=launched_s,
        warm_s=launched_s,
        **settings,  # type: ignore[arg-type]
    )


def test_a_launch_goes_to_the_zone_with_the_fewest() -> None:
    group, spread = a_group(), (an_instance(0, zone=0), an_instance(1, zone=1), an_instance(2, zone=0))
    assert zone_counts(group, spread) == [2, 1, 0]
    assert zone_for_launch(group, spread, ()) == 2
    assert zone_for_launch(group, spread, {2}) == 1, "where launches fail another zone is tried"
    assert zone_for_launch(group, spread, {0, 1, 2}) is None
    assert zone_for_launch(a_group(balanced_only=True), spread, {2}) is None
    assert zone_for_launch(group, (), (), ready={1}) == 1


# "Auto Scaling groups with multiple instance types and purchase options": AS24, AS25, AS26.
@pytest.mark.parametrize(
    ("base", "percent", "on_demand"),
    [(10, 50, (10, 15, 20, 25)), (0, 0, (0, 0, 0, 0)), (0, 60, (6, 12, 18, 24))],
    ids=["AS24", "AS25", "AS26"],
)
def test_base_and_percentage_divide_on_demand_and_spot(base: int, percent: float, on_demand: tuple[int, ...]) -> None:
    group = a_group(
        maximum=40,
        offers=(Offer(name="m5.large"), Offer(name="m5.large Spot", spot=True)),
        on_demand_base=base,
        on_demand_percent=percent,
    )
    totals = (10, 20, 30, 40)
    assert tuple(group.on_demand(total) for total in totals) == on_demand
    for total, fixed in zip(totals, on_demand, strict=True):
        assert group.made_of(total) == (fixed, total - fixed)
        fleet = initial(group, total, 0)
        assert sum(i.offer == 0 for i in fleet) == fixed


def test_the_on_demand_share_is_rounded_up() -> None:
    assert a_group(offers=(Offer(), Offer(spot=True)), on_demand_percent=25.0).on_demand(5) == 2


def test_spot_types_are_used_evenly_in_every_zone() -> None:
    group = a_group(offers=(Offer(), Offer(spot=True), Offer(spot=True)), on_demand_percent=0.0, zones=2)
    fleet = initial(group, 8, 0)
    assert [sum(i.offer == k and i.zone == z for i in fleet) for k in (1, 2) for z in (0, 1)] == [2, 2, 2, 2]
    assert offer_for_launch(group, (*fleet, an_instance(8, offer=1, zone=0)), 10, 0) == 2


def taken(group_settings: dict[str, object], *instances: Instance, wanted: int, time_s: float = 7200.0) -> list[int]:
    return slots_to_terminate(a_group(**group_settings), instances, wanted, time_s)  # type: ignore[arg-type]


def test_scale_in_takes_from_the_zone_with_most_whatever_the_policy() -> None:
    fleet = (an_instance(0, 0.0, zone=0), an_instance(1, 10.0, zone=1), an_instance(2, 20.0, zone=1))
    assert taken({"termination": ("OldestInstance",)}, *fleet, wanted=2) == [1]


@pytest.mark.parametrize(
    ("policy", "first"),
    [
        ("OldestInstance", 0),
        ("NewestInstance", 2),
        ("OldestLaunchTemplate", 1),
        ("OldestLaunchConfiguration", 1),
        ("ClosestToNextInstanceHour", 2),
        ("Default", 1),
    ],
)
def test_each_termination_policy_takes_its_own(policy: str, first: int) -> None:
    fleet = (an_instance(0, 0.0, version=2), an_instance(1, 1000.0, version=1), an_instance(2, 3700.0, version=2))
    # At 7,250 s the first is 50 s into its hour, the second 2,650 s, the third 3,550 s.
    assert taken({"termination": (policy,), "zones": 1}, *fleet, wanted=2, time_s=7250.0) == [first]


def test_default_goes_by_the_billing_hour_where_configurations_are_alike() -> None:
    fleet = (an_instance(0, 0.0), an_instance(1, 100.0), an_instance(2, 3600.0 * 2 - 3500.0))
    assert taken({"zones": 1}, *fleet, wanted=2) == [1]
    assert taken({"zones": 1}, *fleet, wanted=0) == [1, 2, 0]


def test_policies_are_asked_in_their_order() -> None:
    fleet = (an_instance(0, 0.0, version=1), an_instance(1, 10.0), an_instance(2, 20.0))
    order = ("OldestLaunchTemplate", "NewestInstance")
    assert taken({"termination": order, "zones": 1}, *fleet, wanted=2) == [2]


def test_every_policy_that_a_template_may_name_is_known() -> None:
    assert set(OFFERED_POLICIES) == set(TERMINATION_POLICIES)


def test_what_is_protected_stays_and_what_is_retiring_goes_first() -> None:
    fleet = (an_instance(0), an_instance(1, 10.0, retiring=True), an_instance(2, 20.0))
    assert taken({"zones": 1}, *fleet, wanted=2) == [1]
    assert taken({"zones": 1, "protected": True}, *fleet, wanted=0) == [1]


def test_a_mixed_group_keeps_its_distribution_on_scale_in() -> None:
    offers = (Offer(), Offer(spot=True))
    settings = {"offers": offers, "on_demand_base": 1, "on_demand_percent": 0.0, "zones": 1}
    fleet = (an_instance(0), an_instance(1, offer=1), an_instance(2, offer=1))
    assert taken(settings, *fleet, wanted=1) == [1, 2]


def test_an_instance_that_counts_more_than_is_too_much_stays() -> None:
    # "Configure an Auto Scaling group to use instance weights": a decrement below the weight does nothing.
    assert taken({"zones": 1}, an_instance(0, weight=4), an_instance(1, weight=4), wanted=5) == []
    assert taken({"zones": 1}, an_instance(0, weight=4), an_instance(1, weight=4), wanted=4) == [0]


def test_replacement_goes_from_zone_to_zone() -> None:
    fleet = initial(a_group(), 6, 0)
    assert [fleet[slot].zone for slot in in_order_to_go(a_group(), fleet, fleet, 0.0)] == [0, 1, 2, 0, 1, 2]


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 4), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_no_fewer_than_wanted_ever_stay_and_zones_stay_even(
    n: int, wanted: int, zones: int, weights: list[int]
) -> None:
    offers = tuple(Offer(weight=weight, spot=k > 0) for k, weight in enumerate(weights))
    group = a_group(offers=offers, zones=zones, on_demand_percent=50.0 if len(weights) > 1 else 100.0)
    fleet = initial(group, n, 0)
    assert units(fleet) >= n
    assert units(fleet) - n < max(weights)
    gone = slots_to_terminate(group, fleet, wanted, 0.0)
    left = [i for i in fleet if i.slot not in gone]
    assert units(left) >= min(wanted, units(fleet))
    if len(set(weights)) == 1:
        assert max(zone_counts(group, left)) - min(zone_counts(group, left)) <= 1
