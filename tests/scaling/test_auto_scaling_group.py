from dataclasses import replace

import pytest

from scaling.groups import a_group, an_alarm, run, simple_scaling, step_scaling, target_tracking
from tonnage.scaling.auto_scaling_group import Sample, next_event_s, start, step
from tonnage.scaling.instances import InstanceState
from tonnage.services import Offer
from tonnage.workload import Reference, ScalingPolicy, WorkloadError


def changes(activities):
    return [(item.cause, item.before, item.after) for item in activities]


def plus(name, count, **alarm):
    return step_scaling(
        name,
        an_alarm(**alarm),
        StepAdjustments=({"MetricIntervalLowerBound": 0, "ScalingAdjustment": count},),
    )


def minus(name, count, **alarm):
    return step_scaling(
        name,
        an_alarm(30, "LessThanThreshold", **alarm),
        StepAdjustments=({"MetricIntervalUpperBound": 0, "ScalingAdjustment": -count},),
    )


def test_of_several_policies_the_largest_capacity_wins():
    # AS15: Amazon EC2 Auto Scaling user guide, "Dynamic scaling": +1 and +2 at once give +2.
    _, activities = run(a_group(plus("CPU", 1), plus("Queue", 2)), in_service=3, until_s=60.0, cpu_load=lambda _: 900.0)
    assert changes(activities) == [("Queue", 3, 5)]


def test_of_equal_wishes_the_first_policy_acts():
    _, activities = run(a_group(plus("One", 2), plus("Two", 2)), in_service=3, until_s=60.0, cpu_load=lambda _: 900.0)
    assert changes(activities) == [("One", 3, 5)]


def test_the_largest_capacity_wins_for_scale_in_too():
    _, activities = run(a_group(minus("Two", 2), minus("One", 1)), in_service=6, until_s=60.0)
    assert changes(activities) == [("One", 6, 5)]


def test_target_tracking_scales_in_only_if_all_are_ready():
    # Same page: out if any is ready, in only if all (with scale-in enabled) are.
    cpu = target_tracking("CPU", TargetValue=50)
    busy = target_tracking("Requests", TargetValue=100, PredefinedMetricType="ALBRequestCountPerTarget")
    idle_cpu = {"in_service": 6, "until_s": 1800.0, "cpu_load": lambda _: 60.0}
    assert run(a_group(cpu, busy), requests=lambda _: 540.0, **idle_cpu)[1] == []
    assert changes(run(a_group(cpu, busy), requests=lambda _: 250.0, **idle_cpu)[1]) == [("Requests", 6, 3)]
    never_in = target_tracking(
        "Requests", TargetValue=100, PredefinedMetricType="ALBRequestCountPerTarget", DisableScaleIn=True
    )
    assert changes(run(a_group(cpu, never_in), requests=lambda _: 540.0, **idle_cpu)[1])[0] == ("CPU", 6, 2)


def test_a_step_policys_scale_in_is_not_blocked_by_target_tracking():
    group = a_group(target_tracking(TargetValue=10), minus("Down", 1))
    _, activities = run(group, in_service=6, until_s=60.0, cpu_load=lambda _: 54.0)
    assert changes(activities) == [("Down", 6, 5)]


def test_a_sudden_load_is_answered_after_alarm_boot_and_warm_up():
    group = a_group(target_tracking(EstimatedInstanceWarmup=120), boot_s=90.0, metric_delay_s=60.0)
    states = {}

    def watch(time_s, memory):
        states[time_s] = sorted(str(item.state) for item in memory.instances)

    memory, activities = run(
        group, in_service=2, until_s=1200.0, cpu_load=lambda began_s: 80.0 if began_s < 600 else 260.0, watch=watch
    )
    # Minutes 600-780 are high, the last one is read at 840: 2 × 100 / 50. Those two boot until 930 and warm up until
    # 1050; the first minute with all four is 1080-1140, read at 1200: 4 × 65 / 50.
    assert [(item.time_s, item.after) for item in activities] == [(840.0, 4), (1200.0, 6)]
    assert states[840.0] == ["InService", "InService", "Pending", "Pending"]
    assert states[930.0] == ["InService"] * 4
    assert [item.warm_s for item in memory.instances[2:4]] == [1050.0, 1050.0]


def test_a_leaving_instance_drains():
    group = a_group(minus("Down", 1, EvaluationPeriods=2), minimum=2, drain_s=45.0)
    memory = start(group, time_s=0.0, in_service=3)
    for minute in (1, 2):
        sample = Sample(start_s=minute * 60.0 - 60.0, cpu_percent=dict.fromkeys(range(3), 5.0), requests=0.0)
        memory, activities = step(group, memory, minute * 60.0, sample)
    assert changes(activities) == [("Down", 3, 2)]
    assert [str(item.state) for item in memory.instances] == ["Terminating", "InService", "InService"]
    assert next_event_s(group, memory, 120.0) == 165.0
    memory, activities = step(group, memory, 165.0, None)
    assert ([item.slot for item in memory.instances], activities) == ([1, 2], ())
    assert next_event_s(group, memory, 165.0) == float("inf")


def test_the_first_step_brings_a_group_within_its_bounds():
    group = a_group(minimum=3, maximum=5)
    memory, activities = step(group, start(group, time_s=0.0, in_service=1), 0.0, None)
    assert [(item.cause, item.before, item.after, item.reason) for item in activities] == [
        ("initial", 1, 3, "the minimum of the group is 3; 1 → 3")
    ]
    assert len(memory.instances) == 3
    _, activities = step(group, start(group, time_s=0.0, in_service=7), 0.0, None)
    assert changes(activities) == [("initial", 7, 5)]


def test_a_minute_is_counted_once():
    group = a_group(plus("Up", 1, EvaluationPeriods=2))
    memory = start(group, time_s=0.0, in_service=2)
    sample = Sample(start_s=0.0, cpu_percent={0: 90.0, 1: 90.0}, requests=0.0)
    for _ in range(3):
        memory, activities = step(group, memory, 60.0, sample)
        assert activities == ()


def test_a_minute_left_out_is_missing_data():
    group = a_group(plus("Up", 1, EvaluationPeriods=2, TreatMissingData="breaching"))
    memory = start(group, time_s=0.0, in_service=2)
    high = {0: 90.0, 1: 90.0}
    memory, _ = step(group, memory, 60.0, Sample(start_s=0.0, cpu_percent=high, requests=0.0))
    memory, activities = step(group, memory, 240.0, Sample(start_s=180.0, cpu_percent=high, requests=0.0))
    assert [None if item is None else item.total for item in memory.series[0].records] == [180.0, None, None, 180.0]
    assert changes(activities) == [("Up", 2, 3)]


def test_the_metric_leaves_out_what_warms_up_and_what_leaves():
    group = a_group(plus("Up", 2), default_warmup_s=120.0, boot_s=30.0)
    memory = start(group, time_s=0.0, in_service=1)
    memory, _ = step(group, memory, 60.0, Sample(start_s=0.0, cpu_percent={0: 90.0}, requests=0.0))
    memory, _ = step(group, memory, 90.0, None)
    busy = {0: 60.0, 1: 100.0, 2: 100.0}
    for minute in (3, 4, 5):
        sample = Sample(start_s=minute * 60.0 - 60.0, cpu_percent=busy, requests=0.0)
        memory, _ = step(group, memory, minute * 60.0, sample)
    # In service at 90 s, warm at 210 s: the first minute that is wholly theirs begins at 240 s.
    assert [item.samples for item in memory.series[0].records if item is not None] == [1, 1, 3]


def test_the_metric_leaves_out_what_is_gone():
    group = a_group(plus("Up", 2), minus("Down", 1), drain_s=20.0)
    memory = start(group, time_s=0.0, in_service=2)
    memory, _ = step(group, memory, 60.0, Sample(start_s=0.0, cpu_percent={0: 5.0, 1: 5.0}, requests=0.0))
    draining = [item.state is InstanceState.DRAINING for item in memory.instances]
    memory, _ = step(group, memory, 80.0, None)
    memory, _ = step(group, memory, 120.0, Sample(start_s=60.0, cpu_percent={0: 95.0, 1: 55.0}, requests=0.0))
    assert draining == [True, False]
    assert [item.total for item in memory.series[0].records if item is not None] == [10.0, 55.0]


def test_the_metric_leaves_out_what_is_leaving():
    group = a_group(plus("Up", 2), minus("Down", 1), drain_s=600.0)
    memory = start(group, time_s=0.0, in_service=2)
    memory, _ = step(group, memory, 60.0, Sample(start_s=0.0, cpu_percent={0: 5.0, 1: 5.0}, requests=0.0))
    memory, _ = step(group, memory, 120.0, Sample(start_s=60.0, cpu_percent={0: 95.0, 1: 55.0}, requests=0.0))
    assert [item.total for item in memory.series[0].records if item is not None] == [10.0, 55.0]


def test_a_policys_warm_up_falls_back_to_the_group_then_to_the_cooldown():
    def warm_up_s(policy, **group):
        return start(a_group(policy, default_cooldown_s=200.0, **group), time_s=0.0, in_service=1).policies[0].warm_up_s

    own = target_tracking(EstimatedInstanceWarmup="30")
    assert warm_up_s(own, default_warmup_s=60.0) == 30.0
    assert warm_up_s(target_tracking(), default_warmup_s=0.0) == 0.0
    assert warm_up_s(target_tracking()) == warm_up_s(step_scaling()) == 200.0
    assert warm_up_s(simple_scaling()) == 0.0
    assert warm_up_s(simple_scaling(), default_warmup_s=60.0) == 60.0


def test_what_finds_no_slot_is_launched_when_one_is_free():
    up = simple_scaling("Up", ScalingAdjustment=5, AdjustmentType="ExactCapacity", Cooldown=0)
    group = a_group(up, minimum=1, maximum=5, boot_s=0.0, drain_s=10_000.0)
    memory = start(group, time_s=0.0, in_service=12)
    memory, _ = step(group, memory, 0.0, None)
    assert (group.slots, memory.desired, len(memory.instances)) == (12, 5, 12)
    memory, _ = step(group, replace(memory, maximum=1), 10.0, None)
    memory = replace(memory, maximum=5)
    high = {item.slot: 90.0 for item in memory.instances}
    memory, activities = step(group, memory, 60.0, Sample(start_s=0.0, cpu_percent=high, requests=0.0))
    assert changes(activities) == [("Up", 1, 5)]
    assert sum(item.state is InstanceState.IN_SERVICE for item in memory.instances) == 1
    memory, _ = step(group, memory, 10_000.0, None)
    assert sum(item.state is InstanceState.IN_SERVICE for item in memory.instances) == 5


def test_policies_on_the_same_metric_share_its_history():
    group = a_group(plus("Up", 1), minus("Down", 1), target_tracking(EstimatedInstanceWarmup=30))
    memory = start(group, time_s=0.0, in_service=2)
    assert [policy.series for policy in memory.policies] == [(0,), (0,), (1,)]


def test_nonsense_in_a_policy_is_an_error_at_the_start():
    with pytest.raises(WorkloadError, match="TargetValue of scaling policy Track is 'half'"):
        start(a_group(target_tracking(TargetValue="half")), time_s=0.0, in_service=1)


def test_the_backlog_of_a_queue_for_each_instance_scales_out_in_proportion():
    # AS20: Amazon EC2 Auto Scaling user guide, "Scaling based on Amazon SQS": 1,500 messages, ten instances, a target
    # of 100 each: five more. A metric for each target stands for the custom metric.
    policy = target_tracking(TargetValue=100, PredefinedMetricType="ALBRequestCountPerTarget")
    _, activities = run(a_group(policy), in_service=10, until_s=180.0, requests=lambda _: 1500.0)
    assert changes(activities) == [("Track", 10, 15)]


def test_a_minute_in_which_a_scheduled_action_acts_is_sampled_too():
    once = ScalingPolicy(
        name="Morning", mechanism="scheduled", settings={"MinSize": 3, "StartTime": "1970-01-01T00:02:00Z"}
    )
    group = a_group(once, plus("Up", 1, EvaluationPeriods=2), boot_s=0.0)
    memory, activities = run(group, in_service=2, until_s=120.0, cpu_load=lambda _: 180.0)
    assert memory.minute == 1
    assert changes(activities) == [("Morning", 2, 3), ("Up", 3, 4)]


def test_target_tracking_counts_in_units():
    # Three instances of weight 4 at 100 %: 24 units keep them at 50 %, six instances.
    group = a_group(target_tracking(), maximum=40, offers=(Offer(weight=4),))
    memory, activities = run(group, in_service=12, until_s=180.0, cpu_load=lambda _: 300.0)
    assert changes(activities) == [("Track", 12, 24)]
    assert len(memory.instances) == 6


def test_a_weighted_group_scales_in_by_whole_instances():
    group = a_group(minus("Down", 5), maximum=40, drain_s=0.0, offers=(Offer(weight=4),))
    memory, activities = run(group, in_service=12, until_s=60.0)
    assert changes(activities) == [("Down", 12, 7)]
    assert [item.weight for item in memory.instances] == [4, 4]


@pytest.mark.parametrize(("looks_back_s", "after"), [(60.0, 2), (300.0, 3), (900.0, 6)])
def test_a_scale_in_leaves_room_for_the_heaviest_minute_that_it_looks_back_on(looks_back_s, after):
    # How far one scale-in goes is not documented ("more gradually"): 30 % of ten, once 25 % five minutes ago and once
    # 30 % a quarter of an hour ago, then 10 %; with a target of 50 % that is room for six, three or two.
    def load(began_s):
        return 300.0 if began_s < 120.0 else 140.0 if began_s == 720.0 else 100.0

    group = a_group(target_tracking(), minimum=1, scale_in_looks_back_s=looks_back_s)
    _, activities = run(group, in_service=10, until_s=900.0, cpu_load=load)
    assert changes(activities) == [("Track", 10, after)]


def test_a_backlog_of_metric_math_brings_what_it_needs():
    # AS20: 1,500 messages for 10 instances are 150 each; with a target of 100 five more are wanted.
    def metric(name, namespace, **dimension):
        (key, value), *_ = dimension.items()
        listed = ({"Name": key, "Value": value},)
        return {"Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": listed}, "Stat": "Sum"}

    visible = metric("ApproximateNumberOfMessagesVisible", "AWS/SQS", QueueName=Reference("Jobs"))
    serving = metric("GroupInServiceInstances", "AWS/AutoScaling", AutoScalingGroupName="Web")
    metrics = (
        {"Id": "m1", "MetricStat": visible, "ReturnData": False},
        {"Id": "m2", "MetricStat": serving, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / m2"},
    )
    custom = target_tracking(
        TargetValue=100, PredefinedMetricType=None, CustomizedMetricSpecification={"Metrics": metrics}
    )
    memory = start(a_group(custom), time_s=0.0, in_service=10)
    told = []
    for minute in range(1, 4):
        queues = {"Jobs/messages": {"ApproximateNumberOfMessagesVisible": 1500.0}}
        sample = Sample(start_s=60.0 * (minute - 1), cpu_percent={}, requests=0.0, queues=queues)
        memory, activities = step(a_group(custom), memory, 60.0 * minute, sample)
        told += activities
    assert changes(told) == [("Track", 10, 15)]
    assert told[0].reason == "AlarmHigh: 3 of 3 datapoints above 100.0 (newest 150.0); 10 \u2192 15"
