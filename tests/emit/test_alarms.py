"""Alarms ring where the simulation says, and each says why."""

from dataclasses import replace
from typing import Any

from emit.judged import LINE, NEAR, web_shop
from tonnage.emit.alarms import alarms
from tonnage.workload import Reference, parse_objective


def made(**changes: Any) -> dict[str, Any]:
    workload = replace(web_shop(), **changes)
    return {name: body["Properties"] for each in alarms(workload, NEAR) for name, body in each.resources.items()}


def test_what_rings_in_the_example() -> None:
    found = made()
    assert set(found) == {
        "LoadBalancerLoadAlarm", "LoadBalancerLatencyP99Alarm", "LoadBalancerTarget5XXCountAlarm",
        "LoadBalancerELB5XXCountAlarm", "LoadBalancerRejectedConnectionCountAlarm", "WebServerGroupBusyAlarm",
        "WebServerGroupCreditsAlarm", "DatabaseBusyAlarm", "DatabaseInUseAlarm", "DatabaseCreditsAlarm",
    }  # fmt: skip
    assert found["LoadBalancerLoadAlarm"]["Threshold"] == 200 * 60
    assert found["LoadBalancerLatencyP99Alarm"]["Threshold"] == 0.4
    assert found["LoadBalancerLatencyP99Alarm"]["ExtendedStatistic"] == "p99"
    # 0.1 % of the 210.7 requests/s of the peak, in a minute.
    assert found["LoadBalancerTarget5XXCountAlarm"]["Threshold"] == 12.6
    assert found["DatabaseBusyAlarm"]["Threshold"] == 68.1
    assert found["DatabaseInUseAlarm"]["Threshold"] == 273
    assert found["LoadBalancerLoadAlarm"]["Dimensions"] == (
        {"Name": "LoadBalancer", "Value": Reference("LoadBalancer", "LoadBalancerFullName")},
    )
    assert "200 requests/s, four fifths of the load line of 250" in found["LoadBalancerLoadAlarm"]["AlarmDescription"]


def test_slow_metrics_get_slow_alarms() -> None:
    found = made()
    # The launch template leaves detailed monitoring off: a point every five minutes.
    assert found["WebServerGroupBusyAlarm"]["Period"] == 300
    assert found["DatabaseBusyAlarm"]["Period"] == 60
    assert found["DatabaseCreditsAlarm"]["Period"] == 300
    assert found["DatabaseCreditsAlarm"]["ComparisonOperator"] == "LessThanThreshold"


def test_what_is_half_idle_does_not_ring() -> None:
    assert not [name for name in made() if name.startswith("SessionCache")]


def test_an_objective_of_one_route_has_no_metric() -> None:
    only = parse_objective("p99 latency of checkout < 1 s")
    assert "LoadBalancerLatencyP99Alarm" not in made(objectives=(only,))


def test_without_a_load_line_no_load_rings() -> None:
    endless = replace(NEAR, line=replace(LINE, at_least=True))
    names = {name for each in alarms(web_shop(), endless) for name in each.resources}
    assert "LoadBalancerLoadAlarm" not in names
    assert "DatabaseInUseAlarm" in names
