"""SQS queues, SNS topics with their subscriptions, Kinesis streams."""

import json
from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, plain

CALLS = (
    "sqs:ListQueues",
    "sqs:GetQueueAttributes",
    "sns:ListTopics",
    "sns:ListSubscriptions",
    "kinesis:ListStreams",
    "kinesis:DescribeStreamSummary",
)
_NUMBERS = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")


def read(ask: Ask) -> Iterator[Found]:
    """Everything that keeps messages or hands them on."""
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
    for topic in ask("sns", "list_topics", "Topics"):
        arn = topic["TopicArn"]
        yield Found(kind="AWS::SNS::Topic", name=arn.rpartition(":")[2], properties={}, identifiers={arn: None})
    for each in ask("sns", "list_subscriptions", "Subscriptions"):
        # Addresses of people are nobody's business here.
        if each["Protocol"] in {"sqs", "lambda"}:
            yield Found(
                kind="AWS::SNS::Subscription",
                name=f"subscription-{each['Endpoint'].rpartition(':')[2]}",
                properties=picked(each, "TopicArn", "Protocol", "Endpoint"),
            )
    for name in ask("kinesis", "list_streams", "StreamNames"):
        for stream in ask("kinesis", "describe_stream_summary", "StreamDescriptionSummary", StreamName=name):
            on_demand = stream.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND"
            shards = {} if on_demand else {"ShardCount": stream.get("OpenShardCount", 1)}
            yield Found(
                kind="AWS::Kinesis::Stream",
                name=name,
                properties={**shards, **picked(stream, "StreamModeDetails", "RetentionPeriodHours")},
                identifiers={stream["StreamARN"]: "Arn"},
            )
