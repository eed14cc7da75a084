"""What every mechanism must do, whatever its settings."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling.groups import a_group, an_alarm, predictive_scaling, run, simple_scaling, step_scaling, target_tracking
from tonnage.scaling.auto_scaling_group import start
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.mechanism import MECHANISMS, describe, unsupported
from tonnage.workload import ScalingPolicy, WorkloadError

LOW = an_alarm(25, "LessThanThreshold", EvaluationPeriods=3)
DOWN_STEPS = ({"MetricIntervalUpperBound": 0, "ScalingAdjustment": -20},)
POLICIES = {
    "target tracking": target_tracking(),
    "target tracking by requests": target_tracking(
        TargetValue=500, PredefinedMetricType="ALBRequestCountPerTarget", EstimatedInstanceWarmup=60
    ),
    "step out": step_scaling(alarm=an_alarm(60, EvaluationPeriods=2)),
    "step in": step_scaling(alarm=LOW, AdjustmentType="PercentChangeInCapacity", StepAdjustments=DOWN_STEPS),
    "step to": step_scaling(
        AdjustmentType="ExactCapacity", StepAdjustments=({"MetricIntervalLowerBound": 0, "ScalingAdjustment": 8},)
    ),
    "simple out": simple_scaling(ScalingAdjustment=3),
    "simple in": simple_scaling(alarm=LOW, ScalingAdjustment=-2, Cooldown=60),
    "service target tracking": ScalingPolicy(
        name="Follow",
        mechanism="service target tracking",
        settings={"TargetValue": 50, "PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    ),
}
every_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())


def test_every_mechanism_is_under_test():
    assert {policy.mechanism for policy in POLICIES.values()} == set(MECHANISMS)


@every_policy
@given(
    loads=st.lists(st.floats(0, 2000), min_size=1, max_size=30),
    first=st.integers(2, 9),
    delay_s=st.sampled_from([0.0, 60.0, 150.0]),
    period_s=st.sampled_from([60.0, 300.0]),
)
@settings(max_examples=25, deadline=None)
def test_any_load(policy, loads, first, delay_s, period_s):
    group = a_group(
        policy, minimum=2, maximum=9, boot_s=75.0, drain_s=200.0, metric_delay_s=delay_s, metric_period_s=period_s
    )

    def load(began_s):
        return loads[int(began_s // 300) % len(loads)]

    def check(time_s, memory):
        assert 2 <= memory.desired <= 9
        assert len({item.slot for item in memory.instances}) == len(memory.instances)
        assert all(item.slot < group.slots for item in memory.instances)
        staying = sum(item.state is not InstanceState.DRAINING for item in memory.instances)
        assert staying == memory.desired or len(memory.instances) == group.slots
        assert all(len(series.records) <= series.limit for series in memory.series)
        assert memory.roster.next_event_s > time_s

    once, twice = (
        run(group, in_service=first, until_s=3600.0, cpu_load=load, requests=load, watch=check) for _ in range(2)
    )
    assert once == twice
    for activity in once[1]:
        assert activity.before != activity.after
        assert activity.reason.endswith(f"{activity.before} → {activity.after}") or "wanted" in activity.reason
        assert activity.cause == policy.name


@every_policy
def test_at_its_target_a_group_stays(policy):
    group = a_group(policy)
    _, activities = run(group, in_service=5, until_s=7200.0, cpu_load=lambda _: 5 * 50.0, requests=lambda _: 5 * 500.0)
    assert activities == []


@every_policy
def test_far_from_its_target_a_group_moves(policy):
    group = a_group(policy)
    idle = run(group, in_service=6, until_s=7200.0, cpu_load=lambda _: 12.0, requests=lambda _: 12.0)[1]
    busy = run(group, in_service=6, until_s=7200.0, cpu_load=lambda _: 900.0, requests=lambda _: 9000.0)[1]
    assert idle or busy
    assert all(item.after < item.before for item in idle)
    assert all(item.after > item.before for item in busy)


@every_policy
def test_every_policy_is_run_and_described_in_a_line(policy):
    assert unsupported(policy) is None
    assert describe(policy).startswith(policy.mechanism)
    assert "\n" not in describe(policy)


@every_policy
def test_memory_travels_between_processes(policy):
    memory = start(a_group(policy), time_s=0.0, in_service=2)
    assert pickle.loads(pickle.dumps(memory)) == memory


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (predictive_scaling(metric="ASGNetworkIn"), "ASGNetworkIn"),
        (simple_scaling(Alarm=None), "no CloudWatch alarm"),
        (target_tracking(PredefinedMetricType="ASGAverageNetworkIn"), "ASGAverageNetworkIn"),
    ],
)
def test_what_is_not_run_is_said_and_left_out(policy, reason):
    why = unsupported(policy)
    assert why is not None
    assert reason in why
    assert describe(policy) == f"{policy.mechanism}: not run, {why}"
    left = start(a_group(policy), time_s=0.0, in_service=2)
    assert (left.policies, left.predictive) == ((), None)


def test_an_unknown_mechanism_is_an_error():
    with pytest.raises(WorkloadError, match="magic"):
        unsupported(ScalingPolicy(name="Odd", mechanism="magic", settings={}))
