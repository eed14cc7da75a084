"""RDS Proxy: connections are lent, waited for, and billed by the database."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.engine.primitives import Pool
from tonnage.engine.program import Hold, Wait
from tonnage.services import Usage, db_cluster, db_instance
from tonnage.workload import Call, Component, declared

DATABASE = """
Database:
  Type: AWS::RDS::DBInstance
  Properties: {Engine: postgres, DBInstanceClass: db.m7g.large, AllocatedStorage: 100}
"""
PROXY = (
    DATABASE
    + """
Proxy: {Type: AWS::RDS::DBProxy, Properties: {DBProxyName: p, EngineFamily: POSTGRESQL}}
Targets:
  Type: AWS::RDS::DBProxyTargetGroup
  Properties:
    DBProxyName: !Ref Proxy
    TargetGroupName: default
    DBInstanceIdentifiers: [!Ref Database]
    ConnectionPoolConfigurationInfo: {MaxConnectionsPercent: 50, ConnectionBorrowTimeout: 20}
"""
)
CLUSTER = """
Cluster:
  Type: AWS::RDS::DBCluster
  Properties: {Engine: aurora-postgresql, ServerlessV2ScalingConfiguration: {MinCapacity: 2, MaxCapacity: 16}}
Writer: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Cluster, DBInstanceClass: db.serverless}}
Proxy: {Type: AWS::RDS::DBProxy, Properties: {DBProxyName: p, EngineFamily: POSTGRESQL}}
Targets:
  Type: AWS::RDS::DBProxyTargetGroup
  Properties: {DBProxyName: !Ref Proxy, DBClusterIdentifiers: [!Ref Cluster]}
"""


def pool(component: Component) -> Pool:
    found = db_instance.behaviour(component, CATALOG).primitives["Database/connections"]
    assert isinstance(found, Pool)
    return found


def test_a_client_waits_for_a_connection_of_the_proxy(tmp_path: Path) -> None:
    bare = pool(gathered(db_instance, a_stack(tmp_path, DATABASE), "Database"))
    lent = pool(gathered(db_instance, a_stack(tmp_path, PROXY), "Database"))
    assert bare.queue_limit == 0
    # Half of the database's connections, less the tenth that is taken to be pinned.
    assert lent.capacity == int(bare.capacity * 0.5 * 0.9)
    assert lent.patience_s == 20.0


def test_pinned_sessions_cannot_be_shared(tmp_path: Path) -> None:
    component = gathered(db_instance, a_stack(tmp_path, PROXY), "Database")
    free = replace(component, characteristics={"pinned": declared(0.0, "1", "a test")})
    half = replace(component, characteristics={"pinned": declared(0.5, "1", "a test")})
    assert pool(half).capacity == pytest.approx(pool(free).capacity / 2, abs=1)


def test_every_query_takes_longer_by_the_proxy(tmp_path: Path) -> None:
    component = gathered(db_instance, a_stack(tmp_path, PROXY), "Database")
    call = Call(component="Database", demands={"queries": declared(3.0, "1", "a test")})
    enter = db_instance.visit(component, call, CATALOG).enter
    assert isinstance(enter[0], Wait)
    assert enter[0].time.mean_s == pytest.approx(0.006)
    assert isinstance(enter[1], Hold)


def test_it_is_billed_by_the_vcpus_of_the_database(tmp_path: Path) -> None:
    component = gathered(db_instance, a_stack(tmp_path, PROXY), "Database")
    assert db_instance.price(component, Usage(visits_per_s=1.0), CATALOG).items["proxy"] == pytest.approx(2 * 0.015)


def test_a_cluster_of_serverless_v2_is_billed_for_eight_acu_at_least(tmp_path: Path) -> None:
    component = gathered(db_cluster, a_stack(tmp_path, CLUSTER), "Cluster")
    assert db_cluster.price(component, Usage(visits_per_s=1.0), CATALOG).items["proxy"] == pytest.approx(8 * 0.015)
    connections = db_cluster.behaviour(component, CATALOG).primitives["Cluster/connections"]
    assert isinstance(connections, Pool)
    assert connections.patience_s == 120.0
