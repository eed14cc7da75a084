"""Databases as RDS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import Answers, found, only
from tonnage.iac.account.services import rds


def test_clusters_instances_and_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        rds = client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier="main", DBInstanceClass="db.m6g.large", Engine="postgres", AllocatedStorage=200,
            StorageType="gp3", Iops=6000, MasterUsername="admin", MasterUserPassword="hunter2-planted",
        )  # fmt: skip

    main = only(found(monkeypatch, rds, make), "AWS::RDS::DBInstance")
    assert main.properties["StorageType"] == "gp3"
    assert main.properties["AllocatedStorage"] == 200
    assert "hunter2" not in str(main)


def test_a_proxy_names_what_it_stands_before() -> None:
    answers = {
        "describe_db_proxies": [{"DBProxyName": "pool", "EngineFamily": "MYSQL", "Endpoint": "pool.proxy.aws"}],
        "describe_db_proxy_targets": [
            {"TrackedClusterId": "data", "Type": "TRACKED_CLUSTER"},
            {"Type": "RDS_INSTANCE", "RdsResourceId": "writer", "TrackedClusterId": "data"},
        ],
        "describe_db_proxy_target_groups": [{"ConnectionPoolConfig": {"MaxConnectionsPercent": 80}}],
    }
    things = list(rds.read(Answers(answers)))
    targets = only(things, "AWS::RDS::DBProxyTargetGroup").properties
    assert targets["DBClusterIdentifiers"] == ("data",)
    assert "DBInstanceIdentifiers" not in targets
    assert targets["ConnectionPoolConfigurationInfo"] == {"MaxConnectionsPercent": 80}
    assert only(things, "AWS::RDS::DBProxy").identifiers["pool.proxy.aws"] == "Endpoint"
