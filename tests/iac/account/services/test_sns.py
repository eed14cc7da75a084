"""Topics as SNS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import sns


def test_addresses_of_people_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        sns = client("sns")
        topic = sns.create_topic(Name="news")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="somebody@example.com")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox")

    things = found(monkeypatch, sns, make)
    topic = only(things, "AWS::SNS::Topic")
    subscription = only(things, "AWS::SNS::Subscription").properties
    assert subscription["TopicArn"] in topic.identifiers
    assert subscription["Endpoint"] == "arn:aws:sqs:us-east-1:123456789012:inbox"
