import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import a_group
from tonnage.scaling.choosing import initial
from tonnage.scaling.instances import (
    Instance,
    InstanceState,
    active,
    advance,
    is_warm,
    next_event_s,
    settled_s,
    terminate,
    under_way,
    units,
)


def booting(slot=0, in_service_s=100.0, **settings):
    return Instance(
        slot=slot,
        state=InstanceState.PENDING,
        launched_s=10.0,
        in_service_s=in_service_s,
        warm_s=in_service_s + 300.0,
        **settings,
    )


def gone(instances, slots, drain_s=60.0, time_s=500.0, reuse=False):
    return terminate(instances, slots, time_s=time_s, drain_s=drain_s, reuse=reuse)


def test_an_instance_boots_warms_up_drains_and_is_gone():
    first = (booting(),)
    assert next_event_s(first) == 100.0
    assert advance(first, 99.9) == (first, ())
    serving, _ = advance(first, 100.0)
    assert serving[0].state is InstanceState.IN_SERVICE
    assert (next_event_s(serving), settled_s(serving)) == (math.inf, 400.0)
    draining = gone(serving, [0])
    assert (draining[0].state, next_event_s(draining), settled_s(draining)) == (InstanceState.DRAINING, 560.0, math.inf)
    assert advance(draining, 560.0) == ((), ())


def test_a_pending_instance_leaves_at_once():
    assert [item.slot for item in gone((booting(0), booting(1)), [0])] == [1]


def test_without_draining_it_is_gone_at_once():
    assert gone(initial(a_group(), 1, 0), [0], drain_s=0.0) == ()


def test_one_that_a_hook_abandons_never_serves():
    pair = (booting(0), booting(1, fails=True))
    left, abandoned = advance(pair, 100.0)
    assert ([item.slot for item in left], [item.slot for item in abandoned]) == ([0], [1])
    pooled = replace(pair[1], state=InstanceState.WARMED)
    assert next_event_s((pooled,)) == 100.0
    assert advance((pooled,), 100.0) == ((), (pooled,))


def test_one_that_returns_is_in_the_warm_pool_after_its_draining():
    leaving = gone(initial(a_group(), 1, 0), [0], reuse=True)
    (back,), _ = advance(leaving, 560.0)
    assert (back.state, back.leaves_s, back.returns) == (InstanceState.WARMED, math.inf, False)
    assert units((back,)) == 0
    assert settled_s((back,)) == -math.inf


def test_what_spot_takes_back_is_in_service_until_then():
    (there,), _ = advance((replace(booting(), leaves_s=220.0),), 100.0)
    assert active((there,)) == (0,)
    assert next_event_s((there,)) == 220.0
    assert advance((there,), 220.0) == ((), ())


def test_an_unhealthy_instance_counts_and_gets_no_requests():
    sick = replace(initial(a_group(), 1, 0)[0], unhealthy_s=0.0, weight=3)
    assert (active((sick,)), units((sick,))) == ((), 3)


def test_what_is_under_way_is_counted_in_units_and_depends_on_the_warm_up():
    old = initial(a_group(), 2, 0)
    group, _ = advance((*old, booting(2, 60.0, weight=4), booting(3, 60.0)), 60.0)
    assert under_way(group, 300.0, 100.0) == (5, 0)
    assert under_way(group, 0.0, 100.0) == (0, 0)
    assert under_way(gone(group, [2]), 300.0, 100.0) == (1, 4)
    assert [is_warm(item, 300.0, 360.0) for item in group] == [True] * 4
    assert not is_warm(booting(), 0.0, 1e6)


@given(st.lists(st.integers(0, 9), unique=True), st.floats(0, 300), st.floats(0, 1000), st.booleans())
def test_nothing_appears_out_of_nowhere(slots, drain_s, time_s, reuse):
    before = (*initial(a_group(), 5, 2), *(booting(slot, 100.0 * slot, fails=slot == 8) for slot in (7, 8, 9)))
    after = gone(before, slots, drain_s, reuse=reuse)
    assert {item.slot for item in before} - {item.slot for item in after} <= set(slots)
    assert all(not item.stays for item in after if item.slot in slots)
    later, abandoned = advance(after, time_s)
    assert [item.slot for item in later] == sorted({item.slot for item in later})
    assert {item.slot for item in (*later, *abandoned)} <= {item.slot for item in after}
    assert next_event_s(later) > time_s or next_event_s(later) == math.inf
