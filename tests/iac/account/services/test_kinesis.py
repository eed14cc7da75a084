"""Streams as Kinesis answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found
from tonnage.iac.account.services import kinesis


def test_shards_are_read_where_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        streams = client("kinesis")
        streams.create_stream(StreamName="set", ShardCount=3)
        streams.create_stream(StreamName="free", StreamModeDetails={"StreamMode": "ON_DEMAND"})

    free, provisioned = sorted(found(monkeypatch, kinesis, make), key=lambda each: each.name)
    assert provisioned.properties["ShardCount"] == 3
    assert "ShardCount" not in free.properties
    assert free.properties["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
