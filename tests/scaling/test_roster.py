"""Instances brought to the desired capacity: weights, hooks, warm pools, failing launches."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import a_group, an_alarm, run, simple_scaling, step_scaling, target_tracking
from tonnage.scaling.auto_scaling_group import Sample, change, next_event_s, start, step
from tonnage.scaling.choosing import initial, zone_counts
from tonnage.scaling.instances import Instance, InstanceState, units
from tonnage.scaling.replacement import reopen, shut
from tonnage.scaling.roster import Roster, keep, with_instances
from tonnage.services import Hook, Offer, ScalingGroup, WarmPool


def a_roster(group: ScalingGroup, desired: int) -> Roster:
    pool = group.warm_pool.size(desired, group.maximum) if group.warm_pool else 0
    return with_instances(Roster(instances=()), initial(group, desired, pool))


def kept(group: ScalingGroup, roster: Roster, desired: int, time_s: float = 0.0) -> Roster:
    return keep(group, roster, desired, group.maximum, time_s=time_s, warm_up_s=60.0)


def of(roster: Roster, state: InstanceState) -> list[Instance]:
    return [instance for instance in roster.instances if instance.state is state]


def test_weights_may_exceed_the_maximum_by_no_more_than_the_largest() -> None:
    # AS14, "Configure an Auto Scaling group to use instance weights": max 12, capacity 10, +5 units: desired 12; the
    # strategy picks weight 6: capacity 16.
    group = a_group(
        step_scaling(StepAdjustments=({"MetricIntervalLowerBound": 0, "ScalingAdjustment": 5},)), maximum=12
    )
    heavy = replace(group, offers=(Offer(weight=6), Offer(weight=1, spot=True)))
    memory = replace(start(group, time_s=0.0, in_service=10), roster=a_roster(group, 10))
    memory = replace(memory, roster=kept(heavy, memory.roster, 12))
    assert units(memory.instances) == 16
    _, activities = run(group, in_service=10, until_s=60.0, cpu_load=lambda _: 900.0)
    assert [activity.after for activity in activities] == [12]


def test_five_units_left_and_only_weight_twelve_are_seven_too_many() -> None:
    # AS29, same page.
    group = a_group(maximum=100, offers=(Offer(weight=12), Offer(spot=True)))
    assert units(kept(group, a_roster(a_group(maximum=100), 45), 50).instances) == 50 + 7


def test_the_warm_pool_is_what_the_group_may_have_beyond_what_it_has() -> None:
    # AS23, "Warm pools": desired 6, maximum 10: 4.
    pool = WarmPool(start_s=30.0)
    assert pool.size(6, 10) == 4
    assert WarmPool(start_s=30.0, prepared=8).size(6, 10) == 2
    assert WarmPool(start_s=30.0, least=3).size(9, 10) == 3
    assert WarmPool(start_s=30.0, prepared=4).size(6, 10) == 0
    roster = a_roster(a_group(maximum=10, warm_pool=pool), 6)
    assert (len(of(roster, InstanceState.WARMED)), units(roster.instances)) == (4, 6)


def test_instances_leave_the_pool_first_and_then_start_cold() -> None:
    group = a_group(maximum=10, boot_s=90.0, zones=1, warm_pool=WarmPool(start_s=20.0, prepared=8))
    roster = kept(group, a_roster(group, 6), 9, 100.0)
    pending = of(roster, InstanceState.PENDING)
    assert [item.in_service_s for item in pending] == [120.0, 120.0, 190.0]
    assert [item.warm_s for item in pending] == [180.0, 180.0, 250.0]
    assert of(roster, InstanceState.WARMED) == []


def test_an_instance_that_is_still_being_prepared_cannot_leave_the_pool() -> None:
    group = a_group(maximum=4, boot_s=90.0, zones=1, warm_pool=WarmPool(start_s=20.0, least=1))
    roster = kept(group, replace(a_roster(replace(group, warm_pool=None), 1)), 1, 0.0)
    assert [item.in_service_s for item in of(roster, InstanceState.WARMED)] == [90.0] * 3
    early = kept(group, roster, 2, 60.0)
    assert [item.in_service_s for item in of(early, InstanceState.PENDING)] == [150.0]
    late = kept(group, roster, 2, 90.0)
    assert [item.in_service_s for item in of(late, InstanceState.PENDING)] == [110.0]


def test_a_pool_with_none_in_the_zone_means_a_cold_start() -> None:
    group = a_group(maximum=10, boot_s=90.0, zones=2, warm_pool=WarmPool(start_s=20.0, prepared=3))
    # Two in service, one in each zone; the pool's only instance stands in zone 0 and is taken first.
    roster = kept(group, a_roster(group, 2), 4, 0.0)
    assert sorted((item.zone, item.in_service_s) for item in of(roster, InstanceState.PENDING)) == [(0, 20), (1, 90)]


def test_the_pool_shrinks_as_the_group_grows_and_is_refilled_as_it_shrinks() -> None:
    group = a_group(maximum=10, boot_s=90.0, drain_s=30.0, warm_pool=WarmPool(start_s=20.0))
    grown = kept(group, a_roster(group, 4), 7)
    assert (units(grown.instances), len(of(grown, InstanceState.WARMED))) == (7, 3)
    shrunk = kept(group, grown, 4, 200.0)
    assert (units(shrunk.instances), len(of(shrunk, InstanceState.WARMED))) == (4, 6)
    reused = kept(
        replace(group, warm_pool=WarmPool(start_s=20.0, reuse=True)),
        with_instances(
            grown,
            tuple(replace(item, state=InstanceState.IN_SERVICE) if item.stays else item for item in grown.instances),
        ),
        4,
        200.0,
    )
    assert sum(item.returns for item in reused.instances) == 3
    assert len(of(reused, InstanceState.WARMED)) == 3, "those that return are counted"


def test_the_warm_pool_is_outside_the_metric_and_of_no_use_at_rest() -> None:
    policy = target_tracking(EstimatedInstanceWarmup=60)
    plain = a_group(policy, boot_s=300.0)
    pooled = replace(plain, warm_pool=WarmPool(start_s=20.0))
    load = {"in_service": 4, "until_s": 1800.0, "cpu_load": lambda began_s: 200.0 if began_s < 600.0 else 330.0}
    slow, quick = (run(group, **load) for group in (plain, pooled))  # type: ignore[arg-type]
    assert [a.after for a in slow[1]][:1] == [a.after for a in quick[1]][:1] == [7]
    came = [max(i.in_service_s for i in memory.instances if i.stays) for memory, _ in (slow, quick)]
    assert came[0] - came[1] == 280.0


def test_a_launch_waits_for_its_hook() -> None:
    group = a_group(boot_s=90.0, launch_hook=Hook(work_s=40.0, heartbeat_s=300.0))
    (launched,) = of(kept(group, a_roster(group, 1), 2), InstanceState.PENDING)
    assert (launched.in_service_s, launched.fails) == (130.0, False)
    late = replace(group, launch_hook=Hook(work_s=400.0, heartbeat_s=300.0, abandons=False))
    (launched,) = of(kept(late, a_roster(late, 1), 2), InstanceState.PENDING)
    assert (launched.in_service_s, launched.fails) == (390.0, False)


def test_a_launch_whose_hook_times_out_is_abandoned_and_tried_again() -> None:
    # "Amazon EC2 Auto Scaling lifecycle hooks": ABANDON terminates the instance, and another is launched.
    up = simple_scaling(AdjustmentType="ExactCapacity", ScalingAdjustment=2, Cooldown=0)
    group = a_group(up, launch_hook=Hook(work_s=400.0, heartbeat_s=300.0))
    memory, activities = run(group, in_service=1, until_s=1000.0, cpu_load=lambda _: 90.0)
    abandoned = [item for item in activities if item.cause == "lifecycle hook"]
    assert [item.time_s for item in abandoned] == [360.0], "told once, though it goes on"
    assert abandoned[0].reason.startswith("lifecycle hook: abandoned 1 instance, for its heartbeat timed out")
    assert memory.instances[1].launched_s == 960.0
    assert [item.state for item in memory.instances] == [InstanceState.IN_SERVICE, InstanceState.PENDING]


def test_the_hook_is_asked_again_when_an_instance_leaves_the_warm_pool() -> None:
    group = a_group(warm_pool=WarmPool(start_s=20.0), launch_hook=Hook(work_s=40.0))
    (launched,) = of(kept(group, a_roster(group, 1), 2), InstanceState.PENDING)
    assert launched.in_service_s == 60.0
    never = replace(group, launch_hook=Hook(work_s=400.0, heartbeat_s=300.0))
    (launched,) = of(kept(never, a_roster(never, 1), 2), InstanceState.PENDING)
    assert (launched.in_service_s, launched.fails) == (300.0, True)


def test_a_termination_waits_for_its_hook_after_draining() -> None:
    group = a_group(drain_s=30.0, termination_hook=Hook(work_s=400.0, heartbeat_s=300.0))
    (leaving,) = of(kept(group, a_roster(group, 2), 1), InstanceState.DRAINING)
    assert leaving.leaves_s == 330.0, "the heartbeat ends the wait, whatever its result"


def test_a_cooldown_begins_when_the_hook_is_done_and_does_not_wait_for_the_hook_of_a_termination() -> None:
    # "Scaling cooldowns for Amazon EC2 Auto Scaling".
    up = simple_scaling("Up", Cooldown=100)
    hooked = a_group(up, boot_s=90.0, launch_hook=Hook(work_s=40.0))
    memory, _ = run(hooked, in_service=1, until_s=60.0, cpu_load=lambda _: 90.0)
    assert memory.cooldown_ends_s == 60.0 + 40.0 + 90.0 + 100.0
    down = simple_scaling("Down", an_alarm(30, "LessThanThreshold"), ScalingAdjustment=-1, Cooldown=100)
    hooked = a_group(down, drain_s=50.0, termination_hook=Hook(work_s=600.0))
    memory, _ = run(hooked, in_service=3, until_s=60.0)
    assert memory.cooldown_ends_s == 60.0 + 50.0 + 100.0


def test_launches_that_fail_are_told_once_and_tried_again_every_minute() -> None:
    up = simple_scaling(AdjustmentType="ExactCapacity", ScalingAdjustment=3, Cooldown=0)
    group = a_group(up, boot_s=30.0)
    memory = start(group, time_s=0.0, in_service=1)
    memory = change(group, memory, lambda roster: shut(roster, range(3)), 0.0)
    told = []
    opened = False
    for minute in range(1, 8):
        time_s = 60.0 * minute
        if minute == 5:
            memory = change(group, memory, lambda roster: reopen(roster, range(3)), time_s - 1.0)
            opened = True
            assert len(memory.instances) == 3, "the group answers at once"
        cpu = {item.slot: 90.0 for item in memory.instances if item.state is InstanceState.IN_SERVICE}
        sample = a_sample(time_s, cpu)
        memory, activities = step(group, memory, time_s, sample)
        told += [activity.reason for activity in activities]
        assert len(memory.instances) == (3 if opened else 1)
    assert [text for text in told if text.startswith("launch")] == [
        "launch: launching 2 more fails; it is retried",
        "launch: launches succeed again",
    ]


def a_sample(time_s: float, cpu: dict[int, float]) -> Sample:
    return Sample(start_s=time_s - 60.0, cpu_percent=cpu, requests=0.0)


def test_nothing_is_launched_in_a_zone_that_is_shut() -> None:
    group = a_group(maximum=12)
    roster = kept(group, shut(a_roster(group, 3), {1}), 9)
    assert zone_counts(group, roster.instances) == [4, 1, 4]


def test_the_group_is_looked_at_when_a_hook_times_out() -> None:
    group = a_group(launch_hook=Hook(work_s=400.0, heartbeat_s=300.0), minimum=2)
    memory, _ = step(group, start(group, time_s=0.0, in_service=1), 0.0, None)
    assert next_event_s(group, memory, 0.0) == 300.0


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.booleans(),
    st.sampled_from([None, WarmPool(start_s=20.0), WarmPool(start_s=20.0, least=2, reuse=True)]),
    st.sampled_from([None, Hook(work_s=30.0), Hook(work_s=100.0, heartbeat_s=50.0)]),
)
def test_any_course_keeps_every_instance_in_its_own_slot(
    wishes: list[int], weighted: bool, pool: WarmPool | None, hook: Hook | None
) -> None:
    offers = (Offer(weight=2), Offer(weight=3, spot=True)) if weighted else (Offer(),)
    group = a_group(
        minimum=0,
        maximum=9,
        offers=offers,
        on_demand_percent=50.0 if weighted else 100.0,
        warm_pool=None if weighted else pool,
        launch_hook=hook,
    )
    memory = start(group, time_s=0.0, in_service=wishes[0])
    time_s = 0.0
    for wish in wishes:
        memory = replace(memory, desired=wish, roster=replace(memory.roster, uneasy=True))
        for _ in range(4):
            time_s += 40.0
            memory, _ = step(group, memory, time_s, None)
            slots = [item.slot for item in memory.instances]
            assert slots == sorted(set(slots))
            assert max(slots, default=0) < group.slots
            assert units(memory.instances) <= max(wish, memory.desired) + 2 * 3
            assert memory.roster.next_event_s > time_s
