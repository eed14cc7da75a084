"""DocumentDB: a primary, replicas for the calls that ask one."""

from pathlib import Path

from services.gathering import CATALOG, a_stack, gathered, refused
from tonnage.engine.primitives import Fleet
from tonnage.engine.program import Work
from tonnage.services import docdb_cluster
from tonnage.workload import Call, declared

CLUSTER = "Documents: {Type: AWS::DocDB::DBCluster}\n"
MEMBERS = """
First: {Type: AWS::DocDB::DBInstance, Properties: {DBClusterIdentifier: !Ref Documents, DBInstanceClass: db.r5.large}}
Second: {Type: AWS::DocDB::DBInstance, Properties: {DBClusterIdentifier: !Ref Documents, DBInstanceClass: db.r5.large}}
"""


def test_the_first_instance_is_the_primary(tmp_path: Path) -> None:
    component = gathered(docdb_cluster, a_stack(tmp_path, CLUSTER + MEMBERS), "Documents")
    primitives = docdb_cluster.behaviour(component, CATALOG).primitives
    primary, readers = primitives["Documents/cpu"], primitives["Documents/readers"]
    assert isinstance(primary, Fleet)
    assert isinstance(readers, Fleet)
    assert (primary.servers, readers.instances) == (2, 1)


def test_calls_that_ask_a_replica(tmp_path: Path) -> None:
    component = gathered(docdb_cluster, a_stack(tmp_path, CLUSTER + MEMBERS), "Documents")
    calls = (
        Call(component="Documents", demands={"readers": declared(1.0, "1", "a test")}),
        Call(component="Documents"),
    )
    worked = [
        step.fleet
        for call in calls
        for step in docdb_cluster.visit(component, call, CATALOG).enter
        if isinstance(step, Work)
    ]
    assert worked == ["Documents/readers", "Documents/cpu"]


def test_a_cluster_without_instances(tmp_path: Path) -> None:
    assert "no instance" in refused(docdb_cluster, a_stack(tmp_path, CLUSTER), "Documents").reason
