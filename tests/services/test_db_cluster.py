from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, holds_for_every_room, refused, titles, writable
from shared_data import shared
from tonnage.catalog import fact
from tonnage.engine.primitives import Fleet, Pool
from tonnage.engine.program import Choose, Hold, Leave, Release, Work
from tonnage.iac import read_template
from tonnage.services import Credits, ScalingGroup, Usage, db_cluster
from tonnage.workload import Call, Component, declared

TEMPLATE = """
Cluster:
  Type: AWS::RDS::DBCluster
  Properties:
    Engine: {engine}
    {more}
Writer:
  Type: AWS::RDS::DBInstance
  Properties: {{Engine: {engine}, DBClusterIdentifier: !Ref Cluster, DBInstanceClass: {db_class}}}
"""
READER = """
Reader:
  Type: AWS::RDS::DBInstance
  Properties: {Engine: aurora-mysql, DBClusterIdentifier: !Ref Cluster, DBInstanceClass: db.r6g.xlarge}
"""
SERVERLESS = "ServerlessV2ScalingConfiguration: {MinCapacity: 2, MaxCapacity: 16}"


def template(engine: str = "aurora-mysql", db_class: str = "db.r6g.large", more: str = "Port: 3306") -> str:
    return TEMPLATE.format(engine=engine, db_class=db_class, more=more)


def cluster(tmp_path: Path, text: str) -> Component:
    return gathered(db_cluster, a_stack(tmp_path, text), "Cluster")


def parts(component: Component) -> tuple[Fleet, Pool]:
    primitives = db_cluster.behaviour(component, CATALOG).primitives
    cpu, connections = primitives["Cluster/cpu"], primitives["Cluster/connections"]
    assert isinstance(cpu, Fleet)
    assert isinstance(connections, Pool)
    return cpu, connections


def test_the_writer_is_the_station_and_readers_are_paid(tmp_path: Path) -> None:
    component = cluster(tmp_path, template() + READER)
    holds_for_every_room(db_cluster, component)
    cpu, connections = parts(component)
    assert (cpu.servers, connections.capacity) == (2, 1000)
    cost = db_cluster.price(component, Usage(visits_per_s=0.0), CATALOG)
    assert cost.items["writer"] == pytest.approx(0.26)
    assert cost.items["readers"] == pytest.approx(0.519, rel=0.01)
    assert any("1 readers take only the calls" in note for note in cost.notes)


def test_postgresql_has_its_own_limit(tmp_path: Path) -> None:
    assert parts(cluster(tmp_path, template("aurora-postgresql")))[1].capacity == 1802


def test_operations_are_billed_unless_io_optimized(tmp_path: Path) -> None:
    usage = Usage(visits_per_s=100.0, per_visit={"io": 2.0})
    standard = db_cluster.price(cluster(tmp_path, template()), usage, CATALOG)
    assert standard.items["I/O requests"] == pytest.approx(100 * 2 * 3600 / 1e6 * 0.2)
    optimized = db_cluster.price(cluster(tmp_path, template(more="StorageType: aurora-iopt1")), usage, CATALOG)
    assert "I/O requests" not in optimized.items
    assert optimized.items["writer"] == pytest.approx(1.3 * standard.items["writer"])


def test_t_classes_pay_for_surplus_credits(tmp_path: Path) -> None:
    component = cluster(tmp_path, template(db_class="db.t4g.medium"))
    (rule,) = db_cluster.behaviour(component, CATALOG).controls
    assert isinstance(rule, Credits)
    assert rule.unlimited
    cost = db_cluster.price(component, Usage(visits_per_s=1.0, surplus_credit_s_per_h=3600.0), CATALOG)
    assert cost.items["surplus CPU credits"] == pytest.approx(0.09)


def test_serverless_has_its_maximum_and_pays_for_what_the_traffic_needs(tmp_path: Path) -> None:
    component = cluster(tmp_path, template(db_class="db.serverless", more=SERVERLESS))
    holds_for_every_room(db_cluster, component)
    assert parts(component)[0].servers == 4
    idle = db_cluster.price(component, Usage(visits_per_s=0.0), CATALOG)
    assert idle.items["writer"] == pytest.approx(2 * 0.12)
    # 350 visits a second of 2 ms keep 0.7 vCPU busy: one vCPU at 70 %, four ACUs.
    some = db_cluster.price(component, Usage(visits_per_s=350.0, per_visit={"cpu_s": 0.002}), CATALOG)
    assert some.items["writer"] == pytest.approx(4 * 0.12)
    much = db_cluster.price(component, Usage(visits_per_s=1e6, per_visit={"cpu_s": 0.002}), CATALOG)
    assert much.items["writer"] == pytest.approx(16 * 0.12)


def test_ten_capacity_units_for_a_month_are_the_documented_example(tmp_path: Path) -> None:
    # Aurora pricing: 10 ACU on average in the Standard configuration, 10 x 0.12 x 730 = 876 USD a month.
    component = cluster(tmp_path, template(db_class="db.serverless", more=SERVERLESS))
    cost = db_cluster.price(component, Usage(visits_per_s=1750.0, per_visit={"cpu_s": 0.001}), CATALOG)
    assert cost.items["writer"] * 730 == pytest.approx(876.0)


def test_a_provisioned_class_is_cheaper_above_29_percent_of_its_memory_in_capacity_units() -> None:
    # Aurora pricing: db.r7g.xlarge has 32 GiB, as 16 ACU have.
    provisioned = CATALOG.db_price("db.r7g.xlarge", "aurora-mysql").usd
    memory_gib = CATALOG.db_class("db.r7g.xlarge").memory_gib
    serverless = (
        memory_gib / fact("aurora.gib_per_acu").value * CATALOG.unit_price("aurora", "serverless_v2_standard").usd
    )
    assert provisioned / serverless == pytest.approx(0.29, abs=0.005)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}", "no instance"),
        ("Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: mysql}}", "mysql clusters are not modelled"),
        ("Cluster: {Type: AWS::RDS::DBCluster, Properties: {Port: 1}}", "engine is not known"),
        (
            "Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql, EngineMode: serverless}}",
            "Serverless v1",
        ),
        (template(db_class="!ImportValue class"), "class of its writer Writer is not known"),
        (template(db_class="db.serverless"), "most capacity"),
    ],
)
def test_what_cannot_be_modelled_is_said(tmp_path: Path, text: str, reason: str) -> None:
    refusal = refused(db_cluster, a_stack(tmp_path, text), "Cluster")
    assert reason in refusal.reason
    assert refusal.matters


def test_knobs_change_the_writer(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template(db_class="db.r5.large") + READER)
    component = gathered(db_cluster, stack, "Cluster")
    knobs = writable(db_cluster, stack, component)
    assert component.origins["DBInstanceClass"].resource == "Writer"
    assert "Cluster DBInstanceClass db.r5.large → db.r5.xlarge" in titles(knobs)
    assert all("readers" in knob.caveat for knob in knobs)


def test_knobs_raise_the_capacity_of_serverless(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template(db_class="db.serverless", more=SERVERLESS))
    found = titles(writable(db_cluster, stack, gathered(db_cluster, stack, "Cluster")))
    assert [title.rpartition(" ")[2] for title in found] == ["24", "32"]


@pytest.mark.parametrize("name", ["dms_aurora_to_s3", "rds_aurora", "wordpress_ha_aurora_cloudfront_efs"])
def test_clusters_of_real_templates(name: str) -> None:
    stack = read_template(shared(f"iac/cloudformation/{name}.yaml"))
    clusters = list(stack.of_kind(db_cluster.KIND))
    assert clusters
    for resource in clusters:
        found = db_cluster.gather(resource, stack)
        if isinstance(found, Component):
            holds_for_every_room(db_cluster, found)
            assert list(db_cluster.knobs(found, PRESSED, CATALOG))
        else:
            assert found.reason


SCALED = """
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: {least}
    MaxCapacity: 6
    ResourceId: !Sub "cluster:${{Cluster}}"
    ScalableDimension: rds:cluster:ReadReplicaCount
    ServiceNamespace: rds
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 60
      PredefinedMetricSpecification: {{ PredefinedMetricType: RDSReaderAverageCPUUtilization }}
"""
READS = Call(component="Cluster", demands={"readers": declared(1.0, "1", "test")})


def scaled(tmp_path: Path, least: int, more: str = "") -> Component:
    return cluster(tmp_path, template() + more + SCALED.format(least=least))


def group_of(component: Component) -> ScalingGroup | None:
    found = [c for c in db_cluster.behaviour(component, CATALOG).controls if isinstance(c, ScalingGroup)]
    return found[0] if found else None


def test_readers_answer_what_comes_through_their_endpoint(tmp_path: Path) -> None:
    component = cluster(tmp_path, template() + READER)
    steps = db_cluster.visit(component, READS, CATALOG)
    assert steps.enter[:2] == (Choose("Cluster/readers"), Hold("Cluster/reader connections"))
    assert any(isinstance(step, Work) and step.fleet == "Cluster/readers" for step in steps.enter)
    assert steps.leave == (Release("Cluster/reader connections"), Leave("Cluster/readers"))
    primitives = db_cluster.behaviour(component, CATALOG).primitives
    readers, connections = primitives["Cluster/readers"], primitives["Cluster/reader connections"]
    assert isinstance(readers, Fleet)
    assert isinstance(connections, Pool)
    # db.r6g.xlarge: 4 vCPUs and 2,000 connections by default.
    assert (readers.instances, readers.servers, connections.capacity, connections.fleet) == (
        1,
        4,
        2000,
        "Cluster/readers",
    )
    alone = db_cluster.visit(cluster(tmp_path, template()), READS, CATALOG)
    assert alone.enter[0] == Hold("Cluster/connections"), "without a reader its endpoint is the writer"


def test_readers_follow_their_policy_and_those_in_the_files_stay(tmp_path: Path) -> None:
    component = scaled(tmp_path, 2)
    holds_for_every_room(db_cluster, component)
    group = group_of(component)
    assert group is not None
    assert (group.fleet, group.minimum, group.maximum, group.boot_s) == ("Cluster/readers", 2, 6, 600.0)
    readers = db_cluster.behaviour(component, CATALOG).primitives["Cluster/readers"]
    assert isinstance(readers, Fleet)
    assert (readers.servers, readers.max_instances) == (2, 14), "added readers have the class of the writer"
    declared_one = group_of(scaled(tmp_path, 0, READER))
    assert declared_one is not None
    assert declared_one.minimum == 1, "only those that it has created are removed"
    assert group_of(scaled(tmp_path, 0)) is None, "without a reader there is nothing to measure"


def test_readers_are_paid_as_long_as_they_are_there(tmp_path: Path) -> None:
    component = scaled(tmp_path, 1, READER)
    usage = Usage(visits_per_s=0.0, provisioned={"readers": 3.0})
    # One db.r6g.xlarge in the files, two of the writer's class on average beside it.
    cost = db_cluster.price(component, usage, CATALOG)
    assert cost.items["readers"] == pytest.approx(0.519 + 2 * 0.26, rel=0.01)
