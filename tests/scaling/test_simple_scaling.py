"""Documented cases: Amazon EC2 Auto Scaling user guide, "Scaling cooldowns" and "Step and simple scaling policies"."""

import pytest

from scaling.groups import a_group, an_alarm, run, simple_scaling
from tonnage.scaling.simple_scaling import describe, read
from tonnage.workload import WorkloadError


def changes(activities):
    return [(item.time_s, item.before, item.after) for item in activities]


def test_a_policy_waits_for_activity_and_cooldown():
    # AS36: +2; the alarm stays on; nothing until 90 s of launching and 300 s of cooldown are over, then +2 again.
    group = a_group(simple_scaling(ScalingAdjustment=2), boot_s=90.0)
    _, activities = run(group, in_service=2, until_s=600.0, cpu_load=lambda _: 1000.0)
    assert changes(activities) == [(60.0, 2, 4), (480.0, 4, 6)]


def test_after_the_cooldown_it_acts_only_if_the_alarm_is_still_on():
    group = a_group(simple_scaling(ScalingAdjustment=2), boot_s=90.0)
    _, activities = run(group, in_service=2, until_s=900.0, cpu_load=lambda began_s: 200.0 if began_s < 400 else 20.0)
    assert changes(activities) == [(60.0, 2, 4)]


def test_the_policys_own_cooldown_wins():
    group = a_group(simple_scaling(Cooldown="60"), boot_s=90.0)
    _, activities = run(group, in_service=2, until_s=300.0, cpu_load=lambda _: 1000.0)
    assert changes(activities) == [(60.0, 2, 3), (240.0, 3, 4)]


def test_capacity_stays_within_the_maximum():
    # AS13: maximum 3, capacity 2, +3.
    group = a_group(simple_scaling(ScalingAdjustment=3), maximum=3)
    _, activities = run(group, in_service=2, until_s=1200.0, cpu_load=lambda _: 1000.0)
    assert changes(activities) == [(60.0, 2, 3)]
    assert activities[0].reason == "1 of 1 datapoints above 70.0 (newest 100.0): +3; 2 → 3 (the maximum; 5 wanted)"


def test_scale_in_waits_for_draining_and_holds_back_every_simple_policy():
    down = simple_scaling("Down", an_alarm(30, "LessThanThreshold"), ScalingAdjustment=-1, Cooldown=60)
    up = simple_scaling("Up", Cooldown=60)
    group = a_group(down, up, drain_s=120.0)
    _, activities = run(group, in_service=4, until_s=300.0, cpu_load=lambda began_s: 40.0 if began_s < 100 else 400.0)
    assert [(item.time_s, item.cause) for item in activities] == [(60.0, "Down"), (240.0, "Up")]


def test_nonsense_is_refused():
    for settings in ({"ScalingAdjustment": "a lot"}, {"AdjustmentType": "Add"}, {"Cooldown": -5}):
        with pytest.raises(WorkloadError, match="Simple"):
            read(simple_scaling(**settings))


def test_description():
    policy = simple_scaling(
        alarm=an_alarm("90", Period="300", EvaluationPeriods="2"), ScalingAdjustment="1", Cooldown="60"
    )
    assert describe(read(policy)) == "simple: CPU > 90 % in 2 of 2 × 300 s: +1, cooldown 60 s"


def test_warming_instances_block_scale_in():
    # Same guide, "Set the default instance warmup": policies do not scale in until new instances have warmed up.
    down = simple_scaling("Down", an_alarm(30, "LessThanThreshold"), ScalingAdjustment=-1, Cooldown=0)
    group = a_group(simple_scaling("Up", Cooldown=0), down, boot_s=0.0, default_warmup_s=600.0, minimum=2)
    _, activities = run(group, in_service=2, until_s=900.0, cpu_load=lambda began_s: 160.0 if began_s < 60 else 20.0)
    assert [(item.time_s, item.cause) for item in activities] == [(60.0, "Up"), (660.0, "Down")]
