"""Shards and capacity mode of Kinesis data streams."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::Kinesis::Stream"
PROPERTIES = ("ShardCount", "StreamModeDetails")
CREATES = False
CALLS = ("kinesis:UpdateShardCount", "kinesis:UpdateStreamMode")


def steps(wanted: Wanted) -> Iterator[Step]:
    """The mode first: shards are counted only where they are provisioned."""
    own, now = wanted.physical_id, wanted.now or {}
    before, after = _mode(now), _mode(wanted.wanted)
    if before != after:
        yield Step(
            resource=wanted.resource,
            says=f"{before} → {after}",
            call=_switch(own, after),
            undo=_switch(own, before),
        )
    if "ShardCount" in wanted.changed and after == "PROVISIONED" and wanted.wanted.get("ShardCount") is not None:
        yield Step(
            resource=wanted.resource,
            says=wanted.says("ShardCount"),
            call=_shards(own, wanted.wanted["ShardCount"]),
            undo=_shards(own, now.get("ShardCount") or wanted.wanted["ShardCount"]),
        )


def _mode(properties: Mapping[str, Value]) -> str:
    details = properties.get("StreamModeDetails")
    return str(details.get("StreamMode")) if isinstance(details, Mapping) else "PROVISIONED"


def _switch(own: str, mode: str) -> Call:
    return Call(
        service="kinesis",
        operation="update_stream_mode",
        arguments={"StreamARN": own, "StreamModeDetails": {"StreamMode": mode}},
    )


def _shards(own: str, count: Value) -> Call:
    return Call(
        service="kinesis",
        operation="update_shard_count",
        arguments={"StreamARN": own, "TargetShardCount": number(count), "ScalingType": "UNIFORM_SCALING"},
    )
