"""An account read from the command line, and reviewed without it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from command_line import run
from iac.account.architectures import ALL
from iac.account.server import an_account


def test_an_account_is_read_and_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shop.json"
    with an_account(monkeypatch) as (address, client):
        ALL["web"][0](client)
        result = run("account", "read", "-o", str(file), "--endpoint-url", address, "-q")
    assert (result.code, result.err) == (0, "")
    assert f"in {file}" in result.out
    text = file.read_text()
    assert "hunter2" not in text
    report = json.loads(run("review", str(file), "--format", "json", "-q").out)
    assert {each["name"] for each in report["workload"]["components"]} >= {"Balancer", "Web", "Database"}


def test_the_policy_is_printed() -> None:
    (statement,) = json.loads(run("account", "policy").out)["Statement"]
    assert statement["Effect"] == "Allow"
    assert "ec2:DescribeInstances" in statement["Action"]
    assert not [
        each
        for each in statement["Action"]
        if not each.partition(":")[2].startswith(("Describe", "List", "Get", "GET"))
    ]


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    result = run("account", "read", "-o", str(tmp_path), "-q")
    assert result.code == 2
    assert result.err == f"tonnage: {tmp_path} is a folder. Give a file name in it.\n"


def test_metrics_are_read_as_traffic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, traffic = tmp_path / "shop.json", tmp_path / "traffic.json"
    with an_account(monkeypatch) as (address, client):
        ALL["web"][0](client)
        run("account", "read", "-o", str(file), "--endpoint-url", address, "-q")
        nothing = run("account", "metrics", str(file), "--endpoint-url", address, "-q")
        balancer = client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
        now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
        points = [
            _point("RequestCount", "LoadBalancer", balancer.partition(":loadbalancer/")[2], now, minute, 600.0 + minute)
            for minute in range(2, 62)
        ]
        points += [_point("CPUUtilization", "DBInstanceIdentifier", "database", now, minute, 25.0) for minute in (3, 4)]
        for namespace, name in (("AWS/ApplicationELB", "RequestCount"), ("AWS/RDS", "CPUUtilization")):
            own = [each for each in points if each["MetricName"] == name]
            _put(client("cloudwatch"), namespace, own)
        arguments = (
            "account",
            "metrics",
            str(file),
            "-o",
            str(traffic),
            "--days",
            "1",
            "--endpoint-url",
            address,
            "-q",
        )
        result = run(*arguments)
    assert nothing.code == 2
    assert "CloudWatch has no datapoint of its resources" in nothing.err
    assert (result.code, result.err) == (0, "")
    assert "offered load of Balancer in" in result.out
    # A quarter of two vCPUs is half a second of work each second, for about ten requests.
    assert "Database: at most cpu: 49.7 ms for each request of clients" in result.out
    report = json.loads(run("review", str(file), "--traffic", str(traffic), "--format", "json", "-q").out)
    told = report["workload"]["traffic"]
    assert (told["evidence"], told["step_s"], told["duration_s"]) == ("measured", 60.0, 3600.0)
    assert told["peak_per_s"] == pytest.approx(661 / 60)


def _point(metric: str, dimension: str, value: str, now: dt.datetime, minute: int, datum: float) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": value}],
        "Timestamp": now - dt.timedelta(minutes=minute),
        "Value": datum,
    }


def _put(cloudwatch: Any, namespace: str, points: list[dict[str, Any]]) -> None:
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=points)


def test_a_template_that_was_not_read_from_an_account_has_no_metrics() -> None:
    result = run("account", "metrics", "examples/web-shop/template.yaml", "-q")
    assert result.code == 2
    assert "does not say what AWS calls its resources" in result.err
