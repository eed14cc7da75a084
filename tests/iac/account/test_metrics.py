"""Metrics asked in batches, and what is computed from them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from tonnage.iac.account.metric_sources import SOURCES, Metric
from tonnage.iac.account.metrics import (
    Series,
    as_traffic,
    cpu_per_request,
    hit_ratios,
    period_for,
    physical_id,
    read_metrics,
)
from tonnage.telemetry.cloudwatch_json import read_cloudwatch
from tonnage.workload import Place, Resource

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def resource(name: str, kind: str, own: str) -> Resource:
    attributes = {"Metadata": {"Tonnage": {"PhysicalId": own}}}
    return Resource(name=name, kind=kind, properties={}, place=Place(file="f", line=1), attributes=attributes)


def series(name: str, metric: Metric, *values: float) -> Series:
    times = tuple(NOON + dt.timedelta(minutes=index) for index in range(len(values)))
    return Series(resource=name, metric=metric, times=times, values=values)


class Kept:
    """CloudWatch with two pages of one result."""

    region = "us-east-1"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:  # noqa: ARG002
        self.asked.append(arguments)
        for minute in (1, 0):
            yield {"Id": "q0", "Timestamps": [NOON + dt.timedelta(minutes=minute)], "Values": [60.0 + minute]}


def test_queries_are_asked_five_hundred_at_once_and_pages_are_joined() -> None:
    functions = [resource(f"F{index}", "AWS::Lambda::Function", f"f{index}") for index in range(100)]
    kept = Kept()
    found = list(read_metrics(kept, functions, end=NOON, days=3))
    assert [len(each["MetricDataQueries"]) for each in kept.asked] == [500, 100]
    first = kept.asked[0]["MetricDataQueries"][0]
    assert first["MetricStat"]["Metric"] == {
        "Namespace": "AWS/Lambda",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "FunctionName", "Value": "f0"}],
    }
    assert first["MetricStat"]["Period"] == 60
    assert found[0].values == (60.0, 61.0)
    assert len(found) == 2


@pytest.mark.parametrize(("days", "period_s"), [(1, 60), (15, 60), (16, 300), (63, 300), (64, 3600), (455, 3600)])
def test_the_period_is_the_finest_that_is_kept(days: float, period_s: int) -> None:
    assert period_for(days) == period_s


@pytest.mark.parametrize(
    ("kind", "own", "dimensions"),
    [
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/50dc",
            {"LoadBalancer": "app/web/50dc"},
        ),
        (
            "AWS::ECS::Service",
            "arn:aws:ecs:us-east-1:1:service/shop/app",
            {"ClusterName": "shop", "ServiceName": "app"},
        ),
        ("AWS::SQS::Queue", "https://sqs.us-east-1.amazonaws.com/1/jobs", {"QueueName": "jobs"}),
    ],
)
def test_dimensions_are_made_of_what_aws_calls_it(kind: str, own: str, dimensions: dict[str, str]) -> None:
    assert SOURCES[kind].dimensions(own, resource("X", kind, own)) == dimensions


def test_offered_load_of_all_entrances_is_traffic() -> None:
    load = Metric("RequestCount", "Sum", load=True)
    found = [series("A", load, 10.0, 20.0, 30.0), series("B", load, 1.0, 2.0), series("C", load, 500.0)]
    answer = as_traffic(found, ["A", "B"])
    assert answer is not None
    import json

    samples = read_cloudwatch(json.dumps(answer), name="t.json", file="t.json")
    assert [round(float(each), 6) for each in samples.values] == [11.0, 22.0, 30.0]
    assert as_traffic(found, ["D"]) is None


def test_hits_over_hits_and_misses() -> None:
    found = [
        series("Cache", Metric("CacheHits", "Sum"), 80.0, 100.0),
        series("Cache", Metric("CacheMisses", "Sum"), 20.0, 40.0),
        series("Idle", Metric("CacheHits", "Sum"), 0.0),
    ]
    assert hit_ratios(found) == {"Cache": 0.75}


def test_the_utilization_law() -> None:
    # 50 % of 2 vCPUs for a minute are 60 s of work; over 1,200 requests that is 50 ms each.
    found = [
        series("Balancer", Metric("RequestCount", "Sum", load=True), 1200.0, 1200.0),
        series("Db", Metric("CPUUtilization", "Average"), 50.0, 50.0),
        series("Group", Metric("CPUUtilization", "Average"), 50.0, 50.0),
    ]
    assert cpu_per_request(found, ["Balancer"], {"Db": 2.0}) == {"Db": pytest.approx(0.05)}


def test_a_template_has_no_physical_ids() -> None:
    assert physical_id(resource("F", "AWS::Lambda::Function", "f")) == "f"
    plain = Resource(name="F", kind="AWS::Lambda::Function", properties={}, place=Place(file="f", line=1))
    assert physical_id(plain) is None
