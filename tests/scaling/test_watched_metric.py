"""What policies watch: group metrics, queues, metric math."""

import pytest

from refusals import refusal
from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.scaling.group_metric import Formula, GroupMetric, QueueMetric, Statistic, inputs
from tonnage.scaling.watched_metric import name_and_unit, queues_of, read_tracked, read_watched
from tonnage.workload import Reference, ScalingPolicy, Value, WorkloadError

JOBS = QueueMetric(queue="Jobs/messages", name="ApproximateNumberOfMessagesVisible")


def settings(**values: Value) -> Settings:
    return Settings(ScalingPolicy(name="Backlog", mechanism="target tracking", settings=values))


def a_metric(
    namespace: str, name: str, *, stat: str = "Sum", period: int = 60, **dimensions: Value
) -> dict[str, Value]:
    listed = tuple({"Name": key, "Value": value} for key, value in dimensions.items())
    metric: dict[str, Value] = {"Namespace": namespace, "MetricName": name, "Dimensions": listed}
    return {"Metric": metric, "Stat": stat, "Period": period}


VISIBLE = a_metric("AWS/SQS", JOBS.name, QueueName=Reference("Jobs", "QueueName"))
SERVING = a_metric("AWS/AutoScaling", "GroupInServiceInstances", stat="Average", AutoScalingGroupName=Reference("Web"))


def the_guides_example(**more: Value) -> tuple[Value, ...]:
    """Amazon EC2 Auto Scaling user guide, Scaling policy based on Amazon SQS, with metric math."""
    return (
        {"Id": "m1", "MetricStat": VISIBLE, "ReturnData": False},
        {"Id": "m2", "MetricStat": SERVING, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / m2", "Label": "backlog per instance", "ReturnData": True, **more},
    )


def test_the_guides_backlog_per_instance_is_understood() -> None:
    metric, statistic, period_s = read_watched(settings(Metrics=the_guides_example()))
    assert isinstance(metric, Formula)
    assert (statistic, period_s) == (Statistic.AVERAGE, 60.0)
    assert inputs(metric) == (JOBS, GroupMetric.IN_SERVICE)
    assert queues_of(metric) == {"Jobs/messages"}
    assert name_and_unit(metric) == ("backlog per instance", "")
    assert read_tracked(settings(Metrics=the_guides_example())) == (metric, statistic)


def test_an_expression_may_name_another() -> None:
    whole = (*the_guides_example(ReturnData=False), {"Id": "e2", "Expression": "FILL(e1, REPEAT)"})
    metric, _, _ = read_watched(settings(Metrics=whole))
    assert isinstance(metric, Formula)
    assert metric.label == "FILL(e1, REPEAT)"
    assert len(metric.inputs) == 2


def test_a_metric_alone_among_metrics_is_that_metric() -> None:
    metric, statistic, period_s = read_watched(settings(Metrics=({"Id": "m1", "MetricStat": VISIBLE},)))
    assert (metric, statistic, period_s) == (JOBS, Statistic.SUM, 60.0)
    assert name_and_unit(metric) == ("messages waiting in Jobs", "")


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (({"Id": "e1", "Expression": "m1 /"},), "not understood: column 5"),
        (({"Id": "e1", "Expression": "AVG(m1)"},), "single value"),
        (({"Id": "m1", "MetricStat": {**VISIBLE, "Stat": "p99"}},), "no percentile metric"),
        (({"Id": "m1", "MetricStat": a_metric("Shop", "Carts")},), "Carts in Shop, a metric that the simulation"),
        (({"Id": "m1", "MetricStat": a_metric("AWS/SQS", JOBS.name, QueueName="far")},), "not in the files"),
    ],
)
def test_what_cannot_be_run_is_said(metrics: tuple[Value, ...], said: str) -> None:
    with pytest.raises(Unsupported, match=said):
        read_watched(settings(Metrics=metrics))


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (the_guides_example(ReturnData=False), "returns the data of 0 entries"),
        (({"Id": "e1", "Expression": "e1 + 1"},), "e1 is defined by itself"),
        (({"Id": "e1", "Expression": "m9 + 1"},), "no entry with the Id m9"),
        (({"Id": "x"},), "neither expression nor metric"),
        (
            (
                {"Id": "m1", "MetricStat": VISIBLE, "ReturnData": False},
                {"Id": "m2", "MetricStat": {**SERVING, "Period": 300}, "ReturnData": False},
                {"Id": "e1", "Expression": "m1 / m2"},
            ),
            "mixes periods",
        ),
        (tuple({"Id": f"m{k}", "MetricStat": VISIBLE} for k in range(11)), "has 11 entries"),
    ],
)
def test_what_cloudwatch_would_refuse_is_refused(metrics: tuple[Value, ...], said: str) -> None:
    assert said in str(refusal(WorkloadError, lambda: read_watched(settings(Metrics=metrics))))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Metrics": ({"Id": "m1", "MetricStat": VISIBLE},)}, "messages waiting in Jobs, which does not fall"),
        ({"Metrics": ({"Id": "m1", "MetricStat": {**VISIBLE, "Period": 10}},)}, "by 10 s"),
    ],
)
def test_target_tracking_needs_a_value_per_instance(values: dict[str, Value], said: str) -> None:
    # "Not all custom metrics work": the guide advises against queue length and request count.
    with pytest.raises(Unsupported, match=said):
        read_tracked(settings(**values))
