"""Metrics as a table and as JSON; sums are told by the second."""

import datetime as dt
import io
import json

from rich.console import Console

from tonnage.iac.account.metric_sources import Metric
from tonnage.iac.account.metrics import Series
from tonnage.report.metrics_report import measured_lines, metrics_json, print_metrics

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TIMES = (NOON, NOON + dt.timedelta(minutes=1))
SERIES = (
    Series("Balancer", Metric("RequestCount", "Sum", load=True), TIMES, (600.0, 1200.0)),
    Series("Db", Metric("CPUUtilization", "Average"), TIMES, (40.0, 50.0)),
)


def test_the_table() -> None:
    out = io.StringIO()
    print_metrics(SERIES, 60, Console(file=out, width=160))
    balancer, db = out.getvalue().splitlines()[1:]
    assert balancer.split() == ["Balancer", "RequestCount", "Sum", "15/s", "20/s", "20/s", "10/s"]
    assert db.split() == ["Db", "CPUUtilization", "Average", "45", "50", "50", "40"]


def test_what_the_workload_file_may_say() -> None:
    assert list(measured_lines({"Cache": 0.75}, {"Db": 0.0123})) == [
        "components:",
        "  Cache:",
        "    hit_ratio: 0.750 # hits over hits and misses",
        "# Db: at most cpu: 12.3 ms for each request of clients, by the utilization law",
    ]


def test_the_json() -> None:
    content = json.loads(metrics_json(SERIES, 60, {"Cache": 0.5}, {}))
    assert content["schema"] == "tonnage.metrics/1"
    assert content["metrics"][0]["mean"] == 15.0
    assert content["metrics"][1]["values"] == [40.0, 50.0]
    assert content["hit_ratio"] == {"Cache": 0.5}
