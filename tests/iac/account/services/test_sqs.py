"""Queues as SQS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import sqs


def test_a_queue_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        client("sqs").create_queue(QueueName="jobs.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "77"})

    queue = only(found(monkeypatch, sqs, make), "AWS::SQS::Queue")
    assert queue.properties["VisibilityTimeout"] == 77
    assert queue.properties["FifoQueue"] is True
    assert "Arn" in queue.identifiers.values()
