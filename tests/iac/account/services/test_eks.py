"""Node groups as EKS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import eks


def test_a_node_group_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        eks = client("eks")
        role = "arn:aws:iam::123456789012:role/eks"
        eks.create_cluster(name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": ["subnet-1"]})
        eks.create_nodegroup(
            clusterName="shop", nodegroupName="workers", subnets=["subnet-1"], nodeRole=role,
            instanceTypes=["m6i.large"], scalingConfig={"minSize": 1, "maxSize": 5, "desiredSize": 2},
        )  # fmt: skip

    things = found(monkeypatch, eks, make)
    group = only(things, "AWS::EKS::Nodegroup").properties
    assert group["InstanceTypes"] == ("m6i.large",)
    assert group["ScalingConfig"] == {"MinSize": 1, "MaxSize": 5, "DesiredSize": 2}
    assert only(things, "AWS::EKS::Cluster").name == "shop"
