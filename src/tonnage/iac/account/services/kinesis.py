"""Kinesis data streams."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("kinesis:ListStreams", "kinesis:DescribeStreamSummary")


def read(ask: Ask) -> Iterator[Found]:
    """Streams with their open shards."""
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
