"""SQS queues."""

import json
from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, plain

CALLS = ("sqs:ListQueues", "sqs:GetQueueAttributes")
_NUMBERS = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")


def read(ask: Ask) -> Iterator[Found]:
    """Queues with where they send what nobody could read."""
    for url in ask("sqs", "list_queues", "QueueUrls"):
        for found in ask("sqs", "get_queue_attributes", "Attributes", QueueUrl=url, AttributeNames=["All"]):
            properties = {name: int(found[name]) for name in _NUMBERS if name in found}
            redrive = {"RedrivePolicy": plain(json.loads(found["RedrivePolicy"]))} if found.get("RedrivePolicy") else {}
            fifo = {"FifoQueue": True} if found.get("FifoQueue") == "true" else {}
            name = url.rpartition("/")[2]
            yield Found(
                kind="AWS::SQS::Queue",
                name=name,
                properties={**properties, **redrive, **fifo},
                identifiers={url: None, found["QueueArn"]: "Arn"},
            )
