"""The control loop: credits, bursts and groups, ticked with what happened."""

import pytest

from scaling.clusters import LARGE, a_pool, autoscaled, pods_of
from scaling.groups import a_group, target_tracking
from tonnage.scaling.control import CONTROLLERS, ControlLoop
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.readings import Consumers, Readings
from tonnage.services import Burst, Control, Credits, Karpenter, NodePool, PodGroup, Pollers, ScalingGroup


def t_credits(*, unlimited: bool = False, initial: float = 0.0, fleet: str = "Web/fleet") -> Credits:
    """Two vCPUs that earn 0.4 server-seconds a second: a baseline of 20 %; at most an hour of earning is kept."""
    return Credits(fleet=fleet, earn_per_s=0.4, capacity=1440.0, baseline=0.2, unlimited=unlimited, initial=initial)


def a_loop(*controls: Control, instances: int = 1) -> ControlLoop:
    return ControlLoop(controls, {"Web/fleet": instances}, {"Web/fleet": 2}, 0.0)


def busy(share: float, *, slots: int = 1, requests: float = 0.0, **tokens: float) -> Readings:
    return Readings(
        cpu={"Web/fleet": dict.fromkeys(range(slots), share)}, requests={"Web/fleet": requests}, tokens=tokens
    )


def test_credits_are_spent_above_the_baseline_and_kept_up_to_the_capacity() -> None:
    loop = a_loop(t_credits())
    loop.tick(60.0, busy(0.5))
    # 0.5 of two servers spends 60 server-seconds; 24 are earned.
    assert loop.balance["Web/fleet"][0] == pytest.approx(1440.0 - 60.0 + 24.0)
    for minute in range(2, 10):
        loop.tick(60.0 * minute, busy(0.0))
    assert loop.balance["Web/fleet"][0] == 1440.0


def test_without_credits_the_speed_falls_to_the_baseline_and_it_is_told_once() -> None:
    loop = a_loop(t_credits())
    assert loop.speed("Web/fleet", 0) == 1.0
    time_s = 0.0
    while loop.speed("Web/fleet", 0) == 1.0:
        time_s += 60.0
        loop.tick(time_s, busy(1.0))
    # A full balance lasts capacity / (spent - earned) = 1440 / 1.6 s; the last minute's worth is spread.
    assert time_s == pytest.approx((1440.0 - 96.0) / 1.6, abs=60.0)
    assert [(h.time_s, h.primitive) for h in loop.happenings] == [(time_s, "Web/fleet")]
    assert "credits run out" in loop.happenings[0].text
    assert loop.without_credits["Web/fleet"] == {0}
    for _ in range(90):
        time_s += 10.0
        loop.tick(time_s, busy(loop.speed("Web/fleet", 0)))
    assert loop.speed("Web/fleet", 0) == pytest.approx(0.2, abs=1e-3)
    assert len(loop.happenings) == 1
    # An idle minute earns 24 server-seconds: of two servers' next minute that is a fifth.
    loop.tick(time_s + 60.0, busy(0.0))
    assert loop.speed("Web/fleet", 0) == pytest.approx(0.4, abs=1e-3)
    for minute in range(2, 10):
        loop.tick(time_s + 60.0 * minute, busy(0.0))
    assert loop.speed("Web/fleet", 0) == 1.0
    assert not loop.without_credits["Web/fleet"]


@pytest.mark.parametrize("step_s", [1.0, 10.0, 60.0])
def test_an_overloaded_instance_never_does_more_than_its_credits_pay(step_s: float) -> None:
    loop = a_loop(t_credits())
    done = 0.0
    ticks = round(7200.0 / step_s)
    for tick in range(1, ticks + 1):
        share = loop.speed("Web/fleet", 0)
        done += share * 2 * step_s
        loop.tick(tick * step_s, busy(share))
    assert done == pytest.approx(1440.0 + 7200.0 * 0.4, rel=1e-3)
    assert len(loop.happenings) == 1


def test_unlimited_credits_keep_the_speed_and_count_the_surplus() -> None:
    loop = a_loop(t_credits(unlimited=True))
    for minute in range(1, 61):
        loop.tick(60.0 * minute, busy(1.0))
    assert loop.speed("Web/fleet", 0) == 1.0
    assert loop.surplus_s["Web/fleet"] == pytest.approx(3600.0 * 1.6 - 1440.0)
    assert len(loop.happenings) == 1
    assert "surplus" in loop.happenings[0].text


def test_a_group_grows_under_load_and_new_instances_have_launch_credits_only() -> None:
    group = a_group(target_tracking(TargetValue=50), minimum=1, maximum=4, boot_s=90.0)
    loop = ControlLoop([group, t_credits(initial=120.0)], {"Web/fleet": 1}, {"Web/fleet": 2}, 0.0)
    launched_s = None
    for minute in range(1, 10):
        loop.tick(60.0 * minute, busy(0.9))
        if launched_s is None and loop.count("Web/fleet", InstanceState.PENDING):
            launched_s = loop.time_s
            new = set(loop.balance["Web/fleet"]) - {0}
            assert new
            assert all(loop.balance["Web/fleet"][slot] == 120.0 for slot in new)
            # The next thing that happens is a full minute, or the end of the boot.
            assert loop.next_event_s() <= launched_s + 60.0
    assert launched_s is not None
    assert loop.activities
    fleet, activity = loop.activities[0]
    assert (fleet, activity.before) == ("Web/fleet", 1)
    assert activity.after > 1
    assert len(loop.active("Web/fleet")) == loop.count("Web/fleet", InstanceState.IN_SERVICE) > 1


def test_a_boot_ends_between_minutes_when_it_ends() -> None:
    group = a_group(target_tracking(TargetValue=50), minimum=1, maximum=2, boot_s=95.0)
    loop = a_loop(group)
    time_s = 0.0
    while not loop.count("Web/fleet", InstanceState.PENDING):
        time_s += 60.0
        loop.tick(time_s, busy(0.9))
    events = []
    while len(loop.active("Web/fleet")) < 2:
        events.append(loop.next_event_s())
        loop.tick(events[-1], busy(0.9))
    assert events[-1] == pytest.approx(time_s + 95.0)


def test_a_fleet_without_a_group_is_all_in_service() -> None:
    loop = a_loop(instances=3)
    assert loop.active("Web/fleet") == (0, 1, 2)
    assert loop.count("Web/fleet", InstanceState.IN_SERVICE) == 3
    assert loop.count("Web/fleet", InstanceState.PENDING) == 0
    assert loop.speed("Web/fleet", 0) == 1.0
    assert loop.next_event_s() == 60.0


def test_a_copy_goes_on_independently() -> None:
    group = a_group(target_tracking(TargetValue=50), minimum=1, maximum=4)
    loop = a_loop(group, t_credits(), Burst(bucket="b", baseline_per_s=1.0, burst_per_s=9.0, capacity=100.0))
    for minute in range(1, 4):
        loop.tick(60.0 * minute, busy(0.9, b=100.0))
    before = (loop.memory, dict(loop.balance["Web/fleet"]), loop.levels()["b:burst balance"], len(loop.activities))
    twin = loop.copy()
    for minute in range(4, 12):
        twin.tick(60.0 * minute, busy(0.9, b=100.0))
    assert (
        loop.memory,
        dict(loop.balance["Web/fleet"]),
        loop.levels()["b:burst balance"],
        len(loop.activities),
    ) == before
    assert loop.time_s == 180.0
    # And the same from the same moment gives the same.
    again = loop.copy()
    for minute in range(4, 12):
        again.tick(60.0 * minute, busy(0.9, b=100.0))
    assert (again.memory, again.balance, again.activities) == (twin.memory, twin.balance, twin.activities)


def test_every_control_is_the_loops_own_or_has_a_controller() -> None:
    assert set(CONTROLLERS) | {ScalingGroup, Credits, PodGroup, NodePool} == set(Control.__args__)


def test_what_controllers_set_and_must_be_shown_is_put_together() -> None:
    burst = Burst(bucket="Database/io", baseline_per_s=300.0, burst_per_s=3000.0, capacity=600_000.0)
    loop = ControlLoop([burst, Pollers(queue="q/messages", start=5, per_minute=300, maximum=1000)], {}, {}, 0.0)
    assert (loop.reads.buckets, loop.reads.queues) == (("Database/io",), ("q/messages",))
    assert loop.bucket_rates()["Database/io"].rate_per_s == 3000.0
    assert Consumers(queue="q/messages", batches=5) in list(loop.settings())
    twin = loop.copy()
    twin.tick(60.0, Readings(cpu={}, requests={}, tokens={"Database/io": 700_000.0}, waiting={"q/messages": 1.0}))
    assert [h.text for h in twin.happenings] == ["burst balance runs out"]
    assert twin.bucket_rates()["Database/io"].rate_per_s == 300.0
    assert Consumers(queue="q/messages", batches=305) in list(twin.settings())
    assert Consumers(queue="q/messages", batches=5) in list(loop.settings()), "a copy goes on alone"


def test_pods_are_in_service_and_counted_like_any_group_and_a_lack_of_nodes_is_told_once() -> None:
    nodes = a_pool(LARGE, provisioner=None, desired=1)
    loop = ControlLoop([pods_of(autoscaled()), nodes], {"web/cpu": 4}, {"web/cpu": 1}, 0.0)
    assert loop.active("web/cpu") == (0, 1, 2, 3)
    assert "web/cpu" in loop.changing
    while loop.time_s < 120.0:
        shares = {"web/cpu": dict.fromkeys(loop.active("web/cpu"), 0.9)}
        loop.tick(min(loop.next_event_s(), 120.0), Readings(cpu=shares, requests={"web/cpu": 0.0}, tokens={}))
    assert loop.count("web/cpu", InstanceState.PENDING) > 0
    assert [happening.primitive for happening in loop.happenings] == ["web/cpu"]
    assert loop.activities[0][0] == "web/cpu"
    twin = loop.copy()
    twin.lose("web/cpu", (0,))
    assert loop.count("web/cpu", InstanceState.IN_SERVICE) == twin.count("web/cpu", InstanceState.IN_SERVICE) + 1


def test_lost_pods_come_back_to_the_room_they_left() -> None:
    loop = ControlLoop([pods_of(), a_pool(LARGE, provisioner=Karpenter())], {"web/cpu": 4}, {"web/cpu": 1}, 0.0)
    loop.lose("web/cpu", (0,))
    loop.tick(20.0, Readings(cpu={}, requests={}, tokens={}))
    assert loop.count("web/cpu", InstanceState.IN_SERVICE) == 4
    assert loop.activities == []
