"""Target tracking of services: out in proportion, in at nine tenths of the target and after its cooldown."""

import math
from dataclasses import replace

import pytest

from refusals import refusal
from scaling.groups import a_group
from tonnage.scaling import service_target_tracking as mechanism
from tonnage.scaling.auto_scaling_group import Sample, change, start, step
from tonnage.scaling.mechanism import unsupported
from tonnage.scaling.replacement import begin_refresh
from tonnage.scaling.roster import Refresh
from tonnage.workload import ScalingPolicy, Value, WorkloadError

CPU = "ECSServiceAverageCPUUtilization"


def policy(**settings: Value) -> ScalingPolicy:
    wanted: dict[str, Value] = {"TargetValue": 50, "PredefinedMetricType": CPU, **settings}
    return ScalingPolicy(name="Follow", mechanism="service target tracking", settings=wanted)


def capacities(cpu_percent: list[float], tasks: int = 4, maximum: int = 20, **settings: Value) -> list[int]:
    """Desired count after each minute; every running task is as busy as said, whatever their number."""
    group = a_group(policy(**settings), minimum=1, maximum=maximum, boot_s=0.0, drain_s=0.0, default_warmup_s=0.0)
    memory = start(group, time_s=0.0, in_service=tasks)
    found = []
    for minute, percent in enumerate(cpu_percent):
        busy = {instance.slot: percent for instance in memory.instances}
        sample = Sample(start_s=60.0 * minute, cpu_percent=busy, requests=0.0)
        memory, _ = step(group, memory, 60.0 * (minute + 1), sample)
        found.append(memory.desired)
    return found


def test_three_minutes_above_the_target_scale_out_in_proportion() -> None:
    assert capacities([80.0, 80.0, 80.0]) == [4, 4, 7]
    assert capacities([80.0, 80.0, 50.0, 80.0, 80.0]) == [4] * 5
    # A scale-out cooldown holds nothing back that asks for more than was just given.
    assert capacities([80.0] * 3 + [80.0]) == [4, 4, 7, 12]


def test_the_lower_alarm_stands_at_nine_tenths_of_the_target() -> None:
    # AA8, observed: a target of 1,500 requests has its lower alarm below 1,350.
    settings = mechanism.read(policy(PredefinedMetricType="ALBRequestCountPerTarget", TargetValue=1500))
    assert (settings.high.threshold, settings.high.evaluation_periods) == (1500, 3)
    assert (settings.low.threshold, settings.low.evaluation_periods) == (pytest.approx(1350), 15)
    assert capacities([45.5] * 30)[-1] == 4
    assert capacities([30.0] * 15) == [4] * 14 + [3]


def test_a_scale_in_is_followed_by_its_cooldown() -> None:
    quick, slow = (capacities([20.0] * 22, tasks=10, ScaleInCooldown=s) for s in (0, 300))
    assert quick[14:17] == [4, 2, 1]
    assert slow[14:20] == [4, 4, 4, 4, 4, 2]


def test_scale_in_may_be_disabled() -> None:
    assert capacities([10.0] * 20, DisableScaleIn=True) == [4] * 20
    assert "never scales in" in mechanism.describe(mechanism.read(policy(DisableScaleIn=True)))


def test_a_new_task_counts_at_once() -> None:
    assert mechanism.warm_up_s(mechanism.read(policy()), 300.0, 300.0) == 0.0
    assert mechanism.cooldown_s(mechanism.read(policy()), 300.0) is None
    assert mechanism.START.in_s == -math.inf


@pytest.mark.parametrize(
    "wrong",
    [
        {"TargetValue": 0},
        {"TargetValue": "half"},
        {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        {"ScaleInCooldown": -1},
    ],
)
def test_what_aws_would_refuse_is_refused(wrong: dict[str, Value]) -> None:
    error = refusal(WorkloadError, lambda: mechanism.read(policy(**wrong)))
    assert next(iter(wrong)) in str(error)


def test_what_is_not_emitted_is_said() -> None:
    assert "not simulated" in (unsupported(policy(PredefinedMetricType="ECSServiceAverageMemoryUtilization")) or "")
    custom = ScalingPolicy(name="Own", mechanism="service target tracking", settings={"TargetValue": 5})
    assert "not known from the files" in (unsupported(custom) or "")


def test_an_ecs_service_does_not_scale_in_during_a_deployment() -> None:
    # Amazon ECS developer guide, "Service auto scaling": scale-in is off while a deployment runs, scale-out goes on.
    def desired(*, keeps: bool, percent: float) -> int:
        group = replace(a_group(policy(), boot_s=600.0, drain_s=0.0), keeps_in_deployment=keeps)
        begin = lambda roster: begin_refresh(group, roster, Refresh(), 540.0)  # noqa: E731
        memory = change(group, start(group, time_s=0.0, in_service=4), begin, 540.0)
        for minute in range(17):
            busy = {instance.slot: percent for instance in memory.instances}
            sample = Sample(start_s=60.0 * minute, cpu_percent=busy, requests=0.0)
            memory, _ = step(group, memory, 60.0 * (minute + 1), sample)
        return memory.desired

    assert desired(keeps=True, percent=10.0) == 4
    assert desired(keeps=False, percent=10.0) == 1
    assert desired(keeps=True, percent=80.0) > 4


SHARDS = "ElastiCachePrimaryEngineCPUUtilization"


@pytest.mark.parametrize(
    ("percent", "after"),
    [
        pytest.param(78.0, 65, id="AA4: 50 shards, 30 % above the target"),
        pytest.param(63.0, 60, id="a fifth at least"),
    ],
)
def test_elasticache_adds_what_is_over_or_a_fifth(percent: float, after: int) -> None:
    # Amazon ElastiCache user guide, "Target tracking scaling policies": the larger of the two.
    found = capacities([percent] * 3, tasks=50, maximum=250, PredefinedMetricType=SHARDS, TargetValue=60)
    assert found == [50, 50, after]


def test_elasticache_adds_no_further_fifth_in_its_cooldown() -> None:
    # Every shard stays at 61 %, whatever their number: a fifth once, then one by one, each with a new cooldown.
    found = capacities([61.0] * 14, tasks=10, maximum=250, PredefinedMetricType=SHARDS, TargetValue=60)
    assert found == [10, 10, *range(12, 24)]


def test_aa5_elasticache_takes_none_away_above_three_quarters_of_the_target() -> None:
    # AA5: a target of 60 % scales in at 45 % and not before.
    assert capacities([45.5] * 40, tasks=10, PredefinedMetricType=SHARDS, TargetValue=60) == [10] * 40
    assert capacities([45.0] * 16, tasks=10, PredefinedMetricType=SHARDS, TargetValue=60)[13:15] == [10, 8]
    settings = mechanism.read(policy(PredefinedMetricType=SHARDS, TargetValue=60))
    assert (settings.in_cooldown_s, settings.out_cooldown_s) == (600.0, 600.0)


def test_readers_of_aurora_are_tracked_as_tasks_are() -> None:
    assert capacities([80.0] * 3, PredefinedMetricType="RDSReaderAverageCPUUtilization") == [4, 4, 7]


def test_suspended_directions_do_nothing() -> None:
    assert capacities([80.0] * 6, DisableScaleOut=True) == [4] * 6
    assert capacities([10.0] * 20, DisableScaleOut=True)[-1] < 4
