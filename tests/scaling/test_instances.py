import math

from hypothesis import given
from hypothesis import strategies as st

from tonnage.scaling.instances import (
    InstanceState,
    advance,
    launch,
    next_event_s,
    settled,
    settled_s,
    terminate,
    under_way,
)


def test_an_instance_boots_warms_up_drains_and_is_gone():
    booting = launch((), 1, time_s=10.0, boot_s=90.0, warm_up_s=300.0, slots=4)
    assert (booting[0].state, booting[0].launched_s, booting[0].warm_s) == (InstanceState.PENDING, 10.0, 400.0)
    assert next_event_s(booting) == 100.0
    assert advance(booting, 99.9) == booting
    serving = advance(booting, 100.0)
    assert serving[0].state is InstanceState.IN_SERVICE
    assert (next_event_s(serving), settled_s(serving)) == (math.inf, 400.0)
    draining = terminate(serving, 1, time_s=500.0, drain_s=60.0)
    assert (draining[0].state, next_event_s(draining), settled_s(draining)) == (
        InstanceState.DRAINING,
        560.0,
        math.inf,
    )
    assert advance(draining, 560.0) == ()


def test_the_oldest_leaves_first_then_the_lowest_slot():
    pair = launch(settled(2), 1, time_s=0.0, boot_s=0.0, warm_up_s=0.0, slots=9)
    left = terminate(pair, 1, time_s=1.0, drain_s=0.0)
    assert [item.slot for item in left] == [1, 2]
    assert [item.slot for item in terminate(left, 1, time_s=1.0, drain_s=0.0)] == [2]


def test_age_counts_before_the_slot():
    young_in_a_low_slot = launch(
        terminate(settled(2), 1, time_s=0.0, drain_s=0.0), 1, time_s=0.0, boot_s=0.0, warm_up_s=0.0, slots=9
    )
    assert [item.slot for item in young_in_a_low_slot] == [0, 1]
    assert [item.slot for item in terminate(young_in_a_low_slot, 1, time_s=1.0, drain_s=0.0)] == [0]


def test_the_lowest_free_slots_are_taken_again():
    gap = terminate(settled(3), 1, time_s=0.0, drain_s=0.0)
    refilled = launch(gap, 2, time_s=0.0, boot_s=90.0, warm_up_s=0.0, slots=9)
    assert [item.slot for item in refilled] == [0, 1, 2, 3]


def test_no_more_than_there_are_slots():
    assert len(launch(settled(3), 5, time_s=0.0, boot_s=90.0, warm_up_s=0.0, slots=4)) == 4


def test_a_pending_instance_leaves_at_once():
    booting = launch((), 2, time_s=0.0, boot_s=90.0, warm_up_s=0.0, slots=4)
    assert [item.slot for item in terminate(booting, 1, time_s=1.0, drain_s=300.0)] == [1]


def test_what_is_under_way_depends_on_the_warm_up():
    group = advance(launch(settled(2), 2, time_s=0.0, boot_s=60.0, warm_up_s=300.0, slots=9), 60.0)
    assert under_way(group, 300.0, 100.0) == (2, 0)
    assert under_way(group, 0.0, 100.0) == (0, 0)
    assert under_way(terminate(group, 1, time_s=100.0, drain_s=60.0), 300.0, 100.0) == (2, 1)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.floats(0, 300), st.floats(0, 300))
def test_slots_are_unique_and_in_order(first, added, removed, boot_s, drain_s):
    group = launch(settled(first), added, time_s=5.0, boot_s=boot_s, warm_up_s=0.0, slots=16)
    group = terminate(group, removed, time_s=7.0, drain_s=drain_s)
    slots = [item.slot for item in group]
    assert slots == sorted(set(slots))
    staying = sum(item.state is not InstanceState.DRAINING for item in group)
    assert staying == max(min(first + added, 16) - removed, 0)
    assert len(advance(group, 1e9)) == staying
