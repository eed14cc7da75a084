"""Rules and buses as EventBridge answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import eventbridge


def test_a_rule_of_an_own_bus_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    target = "arn:aws:sqs:us-east-1:123456789012:inbox"

    def make(client: Callable[[str], Any]) -> None:
        events = client("events")
        events.create_event_bus(Name="orders")
        events.put_rule(Name="placed", EventBusName="orders", EventPattern='{"source": ["shop"]}')
        events.put_targets(Rule="placed", EventBusName="orders", Targets=[{"Id": "1", "Arn": target}])
        events.put_rule(Name="idle", ScheduleExpression="rate(5 minutes)")

    things = found(monkeypatch, eventbridge, make)
    rule = only(things, "AWS::Events::Rule")
    assert rule.properties == {
        "State": "ENABLED",
        "EventBusName": "orders",
        "Targets": ({"Id": "1", "Arn": target},),
    }
    assert only(things, "AWS::Events::EventBus").name == "orders"
