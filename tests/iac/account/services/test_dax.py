"""DAX clusters as they are answered."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import dax


def test_a_cluster_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        client("dax").create_cluster(
            ClusterName="front", NodeType="dax.r5.large", ReplicationFactor=3,
            IamRoleArn="arn:aws:iam::123456789012:role/dax",
        )  # fmt: skip

    cluster = only(found(monkeypatch, dax, make), "AWS::DAX::Cluster")
    assert cluster.properties == {"ClusterName": "front", "NodeType": "dax.r5.large", "ReplicationFactor": 3}
