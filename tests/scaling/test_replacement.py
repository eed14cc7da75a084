"""Instances replaced for their health, by a refresh, for balance and by Spot.

Source: Amazon EC2 Auto Scaling user guide, the pages named by each test.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import a_group
from tonnage.scaling.auto_scaling_group import GroupMemory, change, next_event_s, start, step
from tonnage.scaling.choosing import zone_counts
from tonnage.scaling.instances import active, units
from tonnage.scaling.replacement import IMPAIRED_S, NOTICE_S, begin_refresh, fail, interrupt, recover, reopen, shut
from tonnage.scaling.roster import Refresh, Roster
from tonnage.services import Hook, Offer, ScalingGroup

Watch = Callable[[float, GroupMemory], None]


def course(
    group: ScalingGroup,
    in_service: int,
    deeds: dict[float, Callable[[Roster], Roster]],
    until_s: float,
    watch: Watch = lambda _time_s, _memory: None,
) -> tuple[GroupMemory, list[tuple[float, str]]]:
    """Run a group without load through what happens to it; its state and what is told."""
    memory = start(group, time_s=0.0, in_service=in_service)
    told: list[tuple[float, str]] = []
    time_s = 0.0
    while True:
        memory, activities = step(group, memory, time_s, None)
        told += [(activity.time_s, activity.reason) for activity in activities]
        if time_s in deeds:
            memory = change(group, memory, deeds[time_s], time_s)
        watch(time_s, memory)
        if time_s >= until_s:
            return memory, told
        edges = [next_event_s(group, memory, time_s), (math.floor(time_s / 60.0) + 1) * 60.0, until_s]
        time_s = min(edge for edge in (*edges, *deeds) if edge > time_s)


def refreshed(group: ScalingGroup, in_service: int, until_s: float, **settings: object) -> dict[float, int]:
    """Instances of the new configuration, by the time at which their number changes."""
    refresh = Refresh(**settings)  # type: ignore[arg-type]
    found: dict[float, int] = {}

    def watch(time_s: float, memory: GroupMemory) -> None:
        new = sum(i.version == 1 for i in memory.instances if i.stays)
        if new != (next(reversed(found.values())) if found else 0):
            found[time_s] = new

    course(group, in_service, {0.0: lambda roster: begin_refresh(group, roster, refresh, 0.0)}, until_s, watch)
    return found


def test_a_refresh_pauses_at_its_checkpoints() -> None:
    # AS30, "Add checkpoints to an instance refresh": 0:00 two, 0:10 warm, 0:25 two, 0:35 warm and one more, 0:45 done.
    group = a_group(minimum=10, maximum=20, boot_s=0.0, drain_s=0.0)
    settings = {"least_percent": 80.0, "checkpoints": (20.0, 50.0), "delay_s": 900.0, "warm_up_s": 600.0}
    assert refreshed(group, 10, 4 * 3600.0, **settings) == {0.0: 2, 25 * 60.0: 4, 35 * 60.0: 5}


@pytest.mark.parametrize(("least", "at_once"), [(90.0, 10), (100.0, 1), (0.0, 100), (50.0, 50)])
def test_a_refresh_keeps_what_must_stay_healthy(least: float, at_once: int) -> None:
    # AS31, "Use an instance refresh": 90 %: a tenth at a time; 100 %: one at a time; 0 %: all at once.
    group = a_group(minimum=100, maximum=100, boot_s=60.0, drain_s=0.0)
    found = refreshed(group, 100, 2.0 * 3600.0, least_percent=least)
    assert next(iter(found.values())) == at_once
    if at_once > 1:
        assert list(found.values())[-1] == 100
        assert len(found) == 100 / at_once


def test_a_maintenance_policy_keeps_the_group_within_its_bounds() -> None:
    # AS32, "Instance maintenance policies": 90/120 of 100 stays within 90 and 120.
    group = a_group(minimum=100, maximum=100, boot_s=60.0, drain_s=30.0, healthy_percent=(90.0, 120.0))
    seen: list[tuple[int, int]] = []

    def watch(_time_s: float, memory: GroupMemory) -> None:
        seen.append((len(active(memory.instances)), units(memory.instances)))

    refresh = Refresh(least_percent=90.0, most_percent=120.0)
    memory, told = course(group, 100, {0.0: lambda roster: begin_refresh(group, roster, refresh, 0.0)}, 3600.0, watch)
    assert min(healthy for healthy, _ in seen) == 90
    assert max(present for _, present in seen) == 120
    assert all(i.version == 1 for i in memory.instances)
    assert told[-1][1] == "instance refresh: done, 100 % replaced"


def test_launch_before_terminate_never_has_fewer_than_desired() -> None:
    # Same page: a minimum of 100 % and a maximum above it.
    group = a_group(minimum=5, maximum=5, boot_s=60.0, drain_s=0.0)
    low: list[int] = []
    refresh = Refresh(least_percent=100.0, most_percent=120.0, warm_up_s=30.0)
    begin = lambda roster: begin_refresh(group, roster, refresh, 0.0)  # noqa: E731
    memory, _ = course(group, 5, {0.0: begin}, 3600.0, lambda _, m: low.append(len(active(m.instances))))
    assert (min(low), max(low)) == (5, 6)
    assert [i.version for i in memory.instances] == [1] * 5


def test_a_refresh_that_does_not_come_on_for_an_hour_fails() -> None:
    # "How an instance refresh works".
    group = a_group(minimum=4, maximum=4, boot_s=60.0, drain_s=0.0, launch_hook=Hook(work_s=99.0, heartbeat_s=30.0))
    begin = lambda roster: begin_refresh(group, roster, Refresh(least_percent=75.0), 0.0)  # noqa: E731
    memory, told = course(group, 4, {0.0: begin}, 3600.0)
    assert sorted(i.version for i in memory.instances) == [0, 0, 0, 1]
    assert told[-1] == (3600.0, "instance refresh: failed after an hour without progress, 3 left to replace")


def unhealthy(count: int, *, impaired: bool = False) -> Callable[[Roster], Roster]:
    return lambda roster: fail(roster, range(count), 0.0, impaired=impaired)


def replacements(
    group: ScalingGroup, sick: int, of: int, until_s: float = 3600.0, *, impaired: bool = False
) -> list[tuple[float, str]]:
    return course(group, of, {0.0: unhealthy(sick, impaired=impaired)}, until_s)[1]


def test_no_more_than_a_tenth_is_replaced_for_its_health_at_a_time() -> None:
    # "Health checks for instances in an Auto Scaling group".
    group = a_group(minimum=30, maximum=30, boot_s=60.0, health_batch=0.1, default_warmup_s=120.0)
    text = "health check: 3 instances of {} unhealthy replaced"
    assert replacements(group, 7, 30)[:3] == [
        (0.0, text.format(7)),
        (180.0, text.format(4)),
        (360.0, "health check: 1 instance of 1 unhealthy replaced"),
    ]


def test_a_small_group_replaces_one_at_a_time() -> None:
    group = a_group(minimum=4, maximum=4, boot_s=60.0, health_batch=0.1)
    assert [time_s for time_s, _ in replacements(group, 3, 4)] == [0.0, 60.0, 120.0]


def test_the_load_balancers_opinion_counts_only_where_it_is_asked() -> None:
    group = a_group(minimum=4, maximum=4, elb_health=False)
    assert replacements(group, 2, 4) == []
    assert [time_s for time_s, _ in replacements(group, 2, 4, impaired=True)] == [IMPAIRED_S]


def test_the_grace_period_begins_at_in_service() -> None:
    group = a_group(minimum=2, maximum=4, boot_s=60.0, grace_s=300.0)
    assert [time_s for time_s, _ in replacements(group, 1, 2)] == [0.0], "long in service"
    memory = start(group, time_s=0.0, in_service=1)
    memory, _ = step(group, memory, 0.0, None)
    memory, _ = step(group, memory, 60.0, None)
    memory = change(group, memory, lambda roster: fail(roster, [1], 100.0, impaired=False), 100.0)
    assert len(active(memory.instances)) == 1
    assert next_event_s(group, memory, 100.0) == 360.0
    memory, activities = step(group, memory, 360.0, None)
    assert [activity.cause for activity in activities] == ["health check"]


def test_a_maintenance_policy_lets_replacements_come_first() -> None:
    group = a_group(minimum=10, maximum=10, boot_s=60.0, drain_s=0.0, health_batch=0.1, healthy_percent=(100.0, 110.0))
    memory, _ = course(group, 10, {0.0: unhealthy(1)}, 30.0)
    assert units(memory.instances) == 11
    memory, _ = course(group, 10, {0.0: unhealthy(1)}, 120.0)
    assert (units(memory.instances), len(active(memory.instances))) == (10, 10)


def test_what_recovers_in_time_is_not_replaced() -> None:
    group = a_group(minimum=2, maximum=2, elb_health=False)
    memory, told = course(group, 2, {0.0: unhealthy(2, impaired=True), 100.0: lambda r: recover(r, [0, 1])}, 600.0)
    assert (told, len(active(memory.instances))) == ([], 2)


def test_zones_are_balanced_again_when_one_is_back() -> None:
    # "Rebalancing activities": launches before it terminates, beyond the maximum by max(10 %, one instance).
    group = a_group(minimum=9, maximum=9, boot_s=60.0, drain_s=0.0)
    seen: list[tuple[int, int]] = []

    def watch(time_s: float, memory: GroupMemory) -> None:
        if time_s >= 600.0:
            seen.append((len(active(memory.instances)), units(memory.instances)))

    lost = lambda roster: fail(shut(roster, {0}), [0, 3, 6], 0.0, impaired=True)  # noqa: E731
    memory, _ = course(group, 9, {0.0: lost}, 599.0)
    assert zone_counts(group, memory.instances) == [0, 5, 4]
    memory, told = course(group, 9, {0.0: lost, 600.0: lambda r: reopen(r, {0})}, 3600.0, watch)
    assert zone_counts(group, memory.instances) == [3, 3, 3]
    assert (min(a for a, _ in seen), max(b for _, b in seen)) == (9, 10)
    assert "moved to the zone with fewest: 0, 5, 4 before" in told[1][1]


def test_what_cannot_be_taken_elsewhere_is_not_moved() -> None:
    lost = lambda roster: fail(shut(roster, {0}), [0, 3], 0.0, impaired=True)  # noqa: E731
    for group in (
        a_group(minimum=6, maximum=6, boot_s=60.0, protected=True),
        a_group(minimum=6, maximum=6, boot_s=60.0, offers=(Offer(), Offer(weight=2, spot=True)), on_demand_base=6),
    ):
        memory, _ = course(group, 6, {0.0: lost, 600.0: lambda r: reopen(r, {0})}, 3600.0)
        assert zone_counts(group, memory.instances) == [0, 3, 3]


SPOT = {"offers": (Offer(), Offer(spot=True)), "on_demand_percent": 0.0}


def interrupted(count: int, group: ScalingGroup) -> Callable[[Roster], Roster]:
    return lambda roster: interrupt(group, roster, range(count), 0.0, maximum=group.maximum, found_out_s=60.0)


def test_spot_takes_back_after_two_minutes_and_others_are_launched_when_that_is_found_out() -> None:
    group = a_group(minimum=4, maximum=8, boot_s=90.0, **SPOT)
    memory, _ = course(group, 4, {0.0: interrupted(2, group)}, NOTICE_S + 59.0)
    assert len(active(memory.instances)) == 4
    memory, _ = course(group, 4, {0.0: interrupted(2, group)}, NOTICE_S + 60.0)
    assert (len(active(memory.instances)), units(memory.instances)) == (2, 4)


def test_capacity_rebalancing_launches_at_the_notice() -> None:
    # "Capacity Rebalancing": replacements first, no more than a tenth of the desired capacity beyond the maximum.
    group = a_group(minimum=4, maximum=8, boot_s=90.0, drain_s=20.0, capacity_rebalance=True, **SPOT)
    low: list[int] = []
    memory, told = course(
        group, 4, {0.0: interrupted(2, group)}, 600.0, lambda _, m: low.append(len(active(m.instances)))
    )
    assert (min(low), units(memory.instances), memory.roster.surplus) == (4, 4, 0)
    assert "2 instances replaced before the interruption" in told[0][1]
    full = replace(group, maximum=4)
    memory, told = course(full, 4, {0.0: interrupted(3, full)}, 10.0)
    assert units(memory.instances) == 5
    memory, _ = course(full, 4, {0.0: interrupted(3, full)}, 3600.0)
    assert (units(memory.instances), memory.roster.surplus) == (4, 0)


def test_a_slow_boot_loses_the_race_with_the_interruption() -> None:
    group = a_group(minimum=4, maximum=8, boot_s=600.0, capacity_rebalance=True, **SPOT)
    memory, _ = course(group, 4, {0.0: interrupted(2, group)}, 200.0)
    assert (len(active(memory.instances)), units(memory.instances), memory.roster.surplus) == (2, 4, 0)


@given(
    st.integers(1, 12),
    st.sampled_from([0.0, 50.0, 90.0, 100.0]),
    st.sampled_from([100.0, 110.0, 150.0]),
    st.integers(0, 12),
    st.floats(0, 200),
    st.booleans(),
)
def test_a_refresh_ends_and_everything_is_new(
    desired: int, least: float, most: float, sick: int, warm_up_s: float, zone_lost: bool
) -> None:
    group = a_group(minimum=desired, maximum=12, boot_s=45.0, drain_s=20.0, health_batch=0.1)
    most = min(most, 100.0 + least) if least else 100.0
    refresh = Refresh(least_percent=least, most_percent=most, warm_up_s=warm_up_s)
    deeds = {
        30.0: lambda roster: begin_refresh(group, roster, refresh, 30.0),
        40.0: lambda roster: fail(roster, range(sick), 40.0, impaired=False),
        50.0: lambda roster: shut(roster, {1} if zone_lost else ()),
        900.0: lambda roster: reopen(roster, {1}),
    }
    memory, _ = course(group, desired, deeds, 15_000.0)  # type: ignore[arg-type]
    assert [i.version for i in memory.instances] == [1] * desired
    counts = zone_counts(group, memory.instances)
    assert max(counts) - min(counts) <= 1
    assert (memory.roster.surplus, memory.roster.refresh, memory.roster.uneasy) == (0, None, False)
    assert len(active(memory.instances)) == desired
