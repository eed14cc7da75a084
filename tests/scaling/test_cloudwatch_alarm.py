"""The documented rows are from the Amazon CloudWatch user guide: "Alarm evaluation" and "Configuring how alarms treat
missing data". X breaches, 0 is fine, - is missing; the newest is on the right.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.groups import an_alarm, step_scaling
from tonnage.scaling import cloudwatch_alarm
from tonnage.scaling._face import Unsupported
from tonnage.scaling.cloudwatch_alarm import Alarm, AlarmState, ComparisonOperator, TreatMissingData, evaluate, reason
from tonnage.scaling.group_metric import GroupMetric, Statistic
from tonnage.workload import Origin, Place, Reference, ScalingPolicy, Unknown, WorkloadError

OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
KEPT = None
POINTS = {"X": 9.0, "0": 1.0, "-": None}


def alarm_on(
    to_alarm: int,
    periods: int,
    missing: str = "missing",
    threshold: float = 3.0,
    comparison: ComparisonOperator = ComparisonOperator.GREATER,
) -> Alarm:
    return Alarm(
        metric=GroupMetric.CPU_UTILIZATION,
        statistic=Statistic.AVERAGE,
        period_s=60.0,
        evaluation_periods=periods,
        datapoints_to_alarm=to_alarm,
        threshold=threshold,
        comparison=comparison,
        missing=TreatMissingData(missing),
    )


def points(row: str) -> tuple[float | None, ...]:
    return tuple(POINTS[mark] for mark in row.split())


@pytest.mark.parametrize(
    ("to_alarm", "row", "states"),
    [
        pytest.param(3, "0 - X - X", (OK, OK, OK, OK), id="CW1"),
        pytest.param(3, "0 - - - -", (OK, OK, OK, OK), id="CW2"),
        pytest.param(3, "- - - - -", (INSUFFICIENT, KEPT, ALARM, OK), id="CW3 and CW4"),
        pytest.param(3, "- - X - -", (ALARM, KEPT, ALARM, OK), id="CW5"),
        pytest.param(2, "0 - X - X", (ALARM, ALARM, ALARM, ALARM), id="CW7"),
        pytest.param(2, "0 - X - -", (OK, OK, ALARM, OK), id="CW8"),
        pytest.param(2, "- - - X -", (ALARM, KEPT, ALARM, OK), id="CW9"),
    ],
)
@pytest.mark.parametrize("before", list(AlarmState))
def test_missing_data_is_treated_as_the_guide_tabulates(to_alarm, row, states, before):
    for treatment, expected in zip(("missing", "ignore", "breaching", "notBreaching"), states, strict=True):
        after = evaluate(alarm_on(to_alarm, 3, treatment), before, points(row))
        assert after is (before if expected is KEPT else expected), treatment


def test_a_lone_breach_after_a_gap_waits_for_the_next_point():
    # CW6
    assert evaluate(alarm_on(3, 3), OK, points("- - - - X")) is OK
    assert evaluate(alarm_on(3, 3), OK, points("- - - X 0")) is OK


def test_three_consecutive_breaches_alarm_and_one_does_not():
    # CW10: threshold 3; periods 3, 4 and 5 are above, 6 is below, 9 is above alone.
    values = [1.0, 2.0, 4.0, 5.0, 4.0, 2.0, 1.0, 2.0, 5.0]
    states = [evaluate(alarm_on(3, 3), OK, values[:period]) for period in range(1, 10)]
    assert states == [OK, OK, OK, OK, ALARM, OK, OK, OK, OK]


def test_four_of_five_need_not_be_adjacent():
    # CW12
    assert evaluate(alarm_on(4, 5), OK, points("X X 0 X X")) is ALARM
    assert evaluate(alarm_on(4, 5), OK, points("X 0 0 X X")) is OK


def test_reason_tells_what_was_judged():
    # CW13
    high = alarm_on(3, 3, threshold=31.0)
    assert evaluate(high, OK, (41.0, 33.8, 32.6)) is ALARM
    assert reason(high, (41.0, 33.8, 32.6)) == "3 of 3 datapoints above 31.0 (newest 32.6)"
    assert reason(alarm_on(3, 3), points("- - X - -")) == "1 of 1 datapoints above 3.0 (newest 9.0), 2 missing"


def test_percentiles_are_not_emitted():
    # CW14 asks for the number of samples behind a percentile, which a simulated metric does not carry.
    policy = step_scaling(alarm=an_alarm(ExtendedStatistic="p99"))
    with pytest.raises(Unsupported, match="p99"):
        cloudwatch_alarm.read(policy)


@pytest.mark.parametrize(
    ("comparison", "at_threshold", "above", "below"),
    [
        (ComparisonOperator.GREATER, OK, ALARM, OK),
        (ComparisonOperator.GREATER_OR_EQUAL, ALARM, ALARM, OK),
        (ComparisonOperator.LESS, OK, OK, ALARM),
        (ComparisonOperator.LESS_OR_EQUAL, ALARM, OK, ALARM),
    ],
)
def test_comparison_operators(comparison, at_threshold, above, below):
    alarm = alarm_on(1, 1, comparison=comparison)
    assert [evaluate(alarm, OK, (value,)) for value in (3.0, 4.0, 2.0)] == [at_threshold, above, below]


def test_what_was_before_the_first_datapoint_is_not_missing():
    assert evaluate(alarm_on(3, 3, "breaching"), OK, (None, 9.0)) is OK


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=20),
    st.data(),
    st.sampled_from(list(ComparisonOperator)),
    st.sampled_from([item.value for item in TreatMissingData]),
)
def test_without_gaps_an_alarm_counts_breaches(values, data, comparison, missing):
    periods = data.draw(st.integers(1, len(values)))
    to_alarm = data.draw(st.integers(1, periods))
    breaches = {
        ComparisonOperator.GREATER: lambda value: value > 50,
        ComparisonOperator.GREATER_OR_EQUAL: lambda value: value >= 50,
        ComparisonOperator.LESS: lambda value: value < 50,
        ComparisonOperator.LESS_OR_EQUAL: lambda value: value <= 50,
    }[comparison]
    alarm = alarm_on(to_alarm, periods, missing, threshold=50.0, comparison=comparison)
    counted = sum(breaches(value) for value in values[-periods:])
    assert (evaluate(alarm, OK, values) is ALARM) == (counted >= to_alarm)


@given(st.lists(st.sampled_from([9.0, 1.0, None]), min_size=1, max_size=9), st.integers(1, 5), st.data())
def test_treatments_are_ordered(row, periods, data):
    """Filling gaps with breaches never alarms less than leaving them, and filling with fine points never more."""
    to_alarm = data.draw(st.integers(1, periods))
    breaching, left, fine = (
        evaluate(alarm_on(to_alarm, periods, treatment), OK, row) is ALARM
        for treatment in ("breaching", "missing", "notBreaching")
    )
    assert breaching >= left >= fine


def test_settings_may_be_strings():
    alarm = cloudwatch_alarm.read(
        step_scaling(alarm=an_alarm("90", Period="300", EvaluationPeriods="2", TreatMissingData="notBreaching"))
    )
    assert (alarm.threshold, alarm.period_s, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (90, 300, 2, 2)
    assert alarm.missing is TreatMissingData.NOT_BREACHING


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Period": 90}, "Period of scaling policy Step is 90"),
        ({"Period": "often"}, "Period of scaling policy Step is 'often'"),
        ({"EvaluationPeriods": 0}, "EvaluationPeriods"),
        ({"EvaluationPeriods": 1.5}, "EvaluationPeriods"),
        ({"DatapointsToAlarm": 2}, "more than EvaluationPeriods"),
        ({"Threshold": None}, "Threshold of scaling policy Step is missing"),
        ({"ComparisonOperator": ">"}, "ComparisonOperator"),
        ({"TreatMissingData": "skip"}, "TreatMissingData"),
        ({"Statistic": "Mean"}, "Statistic"),
        ({"Period": 300, "EvaluationPeriods": 289}, "reaches back 86700 s"),
    ],
)
def test_nonsense_is_refused(settings, message):
    with pytest.raises(WorkloadError, match=message) as error:
        cloudwatch_alarm.read(step_scaling(alarm=an_alarm(**settings)))
    assert error.value.remedy


def test_an_error_stands_where_the_alarm_is_written():
    place = Place(file="web.yaml", line=7)
    policy = ScalingPolicy(
        name="Up",
        mechanism="step",
        settings={"Alarm": an_alarm(Period=90)},
        origins={"Alarm": Origin(resource="CPUHigh", path=(), place=place)},
    )
    with pytest.raises(WorkloadError, match="Up") as error:
        cloudwatch_alarm.read(policy)
    assert error.value.place == place


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"MetricName": "Latency", "Namespace": "AWS/ELB"}, "Latency in AWS/ELB"),
        ({"Namespace": "AWS/RDS"}, "CPUUtilization in AWS/RDS"),
        ({"Dimensions": ({"Name": "InstanceId", "Value": Reference("Bastion")},)}, "of InstanceId"),
        ({"MetricName": "RequestCountPerTarget", "Namespace": "AWS/ApplicationELB"}, "only Sum"),
        ({"Period": 10}, "period of 10 s"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly"),
        ({"ActionsEnabled": "false"}, "switched off"),
        ({"Threshold": Unknown("parameter Limit has no default")}, "parameter Limit has no default"),
    ],
)
def test_what_cannot_be_watched_is_said(settings, message):
    with pytest.raises(Unsupported, match=message):
        cloudwatch_alarm.read(step_scaling(alarm=an_alarm(**settings)))


@pytest.mark.parametrize(
    ("metric", "namespace", "dimension"),
    [
        ("CPUUtilization", "AWS/EC2", "AutoScalingGroupName"),
        ("RequestCountPerTarget", "AWS/ApplicationELB", "TargetGroup"),
        ("RequestCount", "AWS/ApplicationELB", "LoadBalancer"),
        ("RequestCount", "AWS/ELB", "LoadBalancerName"),
    ],
)
def test_emitted_metrics(metric, namespace, dimension):
    alarm = cloudwatch_alarm.read(
        step_scaling(
            alarm=an_alarm(
                MetricName=metric,
                Namespace=namespace,
                Statistic="Sum",
                Dimensions=({"Name": dimension, "Value": Reference("Web")},),
            )
        )
    )
    assert alarm.metric == metric


def test_description():
    text = cloudwatch_alarm.describe(cloudwatch_alarm.read(step_scaling(alarm=an_alarm(Statistic="Maximum"))))
    assert text == "Maximum of CPU > 70 % in 1 of 1 × 60 s"
