"""A group's slots, what its units are made of, hooks and pools."""

from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import a_group
from tonnage.services import Hook, Offer, WarmPool


def test_there_is_room_for_a_replacement_of_everything_and_the_warm_pool() -> None:
    assert a_group(maximum=8).slots == 18
    assert a_group(minimum=2, maximum=8, warm_pool=WarmPool(start_s=1.0)).slots == 18 + 6
    assert a_group(maximum=12, offers=(Offer(weight=4), Offer(weight=3, spot=True))).slots == 10


def test_a_hook_waits_no_longer_than_its_heartbeat() -> None:
    quick, slow = Hook(work_s=20.0, heartbeat_s=30.0), Hook(work_s=40.0, heartbeat_s=30.0)
    assert (quick.wait_s, quick.fails) == (20.0, False)
    assert (slow.wait_s, slow.fails) == (30.0, True)
    assert not Hook(work_s=40.0, heartbeat_s=30.0, abandons=False).fails


def test_power_is_counted_in_instances_of_the_fleet() -> None:
    group = a_group(maximum=20, offers=(Offer(), Offer(weight=4, speed=3.0, spot=True)), on_demand_percent=20.0)
    assert group.made_of(10) == (2, 2)
    assert group.power(10) == 2 + 2 * 3.0


@given(st.integers(0, 60), st.integers(0, 9), st.floats(0, 100), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_units_are_made_of_no_more_instances_than_needed(n: int, base: int, percent: float, weights: list[int]) -> None:
    offers = tuple(Offer(weight=weight, spot=k > 0) for k, weight in enumerate(weights))
    group = a_group(maximum=60, offers=offers, on_demand_base=base, on_demand_percent=percent)
    units = sum(count * offer.weight for count, offer in zip(group.made_of(n), offers, strict=True))
    assert n <= units < n + max(weights)
    assert sum(group.made_of(n)) <= group.slots
