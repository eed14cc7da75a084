from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room, refused, titles, writable
from shared_data import shared
from tonnage.engine.primitives import Bucket, Fleet, Pool
from tonnage.engine.program import Take, Work
from tonnage.iac import read_template
from tonnage.services import Behaviour, Burst, Credits, Situation, Usage, db_instance
from tonnage.workload import Call, CatalogError, Component, declared

TEMPLATE = """
Database:
  Type: AWS::RDS::DBInstance
  Properties:
    Engine: {engine}
    DBInstanceClass: {db_class}
    AllocatedStorage: "{gib}"
    {more}
"""


def database(
    tmp_path: Path, *, engine: str = "mysql", db_class: str = "db.m5.large", gib: int = 100, more: str = "Port: 3306"
) -> Component:
    stack = a_stack(tmp_path, TEMPLATE.format(engine=engine, db_class=db_class, gib=gib, more=more))
    return gathered(db_instance, stack, "Database")


def parts(behaviour: Behaviour) -> tuple[Fleet, Pool, Bucket]:
    cpu, connections, io = (behaviour.primitives[f"Database/{part}"] for part in ("cpu", "connections", "io"))
    assert isinstance(cpu, Fleet)
    assert isinstance(connections, Pool)
    assert isinstance(io, Bucket)
    return cpu, connections, io


def test_class_engine_and_storage_become_cpu_connections_and_io(tmp_path: Path) -> None:
    component = database(tmp_path)
    holds_for_every_room(db_instance, component)
    behaviour = db_instance.behaviour(component, CATALOG)
    cpu, connections, io = parts(behaviour)
    assert (cpu.servers, cpu.speed, cpu.discipline) == (2, 1.0, "processor sharing")
    assert (connections.capacity, connections.queue_limit, connections.refusal) == (682, 0, "too many connections")
    # gp3 brings 3,000 IOPS, and db.m5.large carries 3,600.
    assert (io.rate_per_s, io.when_empty) == (3000, "delay")
    assert behaviour.controls == ()
    assert behaviour.limits == {"max_connections": 682, "IOPS": 3000}


def test_max_connections_of_the_parameter_group_counts_if_it_is_a_number(tmp_path: Path) -> None:
    template = (
        TEMPLATE.format(
            engine="postgres", db_class="db.t3.medium", gib=20, more="DBParameterGroupName: !Ref Parameters"
        )
        + """
Parameters:
  Type: AWS::RDS::DBParameterGroup
  Properties:
    Family: postgres16
    Description: test
    Parameters: {max_connections: "%s"}
"""
    )
    stack = a_stack(tmp_path, template % "80")
    component = gathered(db_instance, stack, "Database")
    assert parts(db_instance.behaviour(component, CATALOG))[1].capacity == 80
    knobs = writable(db_instance, stack, component, Situation(pressures=("connections",)))
    assert titles(knobs)[0] == "Database max_connections 80 → 450"
    formula = gathered(db_instance, a_stack(tmp_path, template % "{DBInstanceClassMemory/9531392}"), "Database")
    assert parts(db_instance.behaviour(formula, CATALOG))[1].capacity == 450


def test_gp2_bursts_for_two_thousand_seconds_at_100_gib(tmp_path: Path) -> None:
    component = database(tmp_path, more="StorageType: gp2")
    (burst,) = db_instance.behaviour(component, CATALOG).controls
    assert isinstance(burst, Burst)
    assert burst.capacity / (burst.burst_per_s - burst.baseline_per_s) == 2000


def test_the_class_limits_the_volume(tmp_path: Path) -> None:
    # db.t3.medium carries 2,000 IOPS for ever, whatever the volume.
    assert parts(db_instance.behaviour(database(tmp_path, db_class="db.t3.medium"), CATALOG))[2].rate_per_s == 2000


@pytest.mark.parametrize(
    ("db_class", "unlimited", "earned_per_h"),
    [("db.t3.medium", True, 24), ("db.t4g.micro", True, 12), ("db.t2.small", False, 12)],
)
def test_burstable_classes_pay_for_surplus_except_the_oldest(
    tmp_path: Path, db_class: str, unlimited: bool, earned_per_h: float
) -> None:
    behaviour = db_instance.behaviour(database(tmp_path, db_class=db_class), CATALOG)
    rule = next(control for control in behaviour.controls if isinstance(control, Credits))
    assert rule.unlimited is unlimited
    assert rule.earn_per_s * 60 == pytest.approx(earned_per_h)


def test_a_visit_asks_for_what_the_call_says(tmp_path: Path) -> None:
    demands = {"cpu": declared(0.004, "s", "user"), "io": declared(3.0, "1", "user")}
    steps = db_instance.visit(database(tmp_path), Call(component="Database", demands=demands), CATALOG)
    assert [step.time.mean_s for step in steps.enter if isinstance(step, Work)] == [0.004]
    assert [step.amount for step in steps.enter if isinstance(step, Take)] == [3.0]
    none = Call(component="Database", demands={"io": declared(0.0, "1", "user")})
    assert not any(isinstance(step, Take) for step in db_instance.visit(database(tmp_path), none, CATALOG).enter)


def test_price_is_class_and_storage_twice_with_a_standby(tmp_path: Path) -> None:
    idle = Usage(visits_per_s=0.0)
    single = db_instance.price(database(tmp_path), idle, CATALOG)
    double = db_instance.price(database(tmp_path, more="MultiAZ: true"), idle, CATALOG)
    assert single.usd_per_h == pytest.approx(0.171 + 100 * 0.115 / 730)
    assert double.usd_per_h == pytest.approx(2 * single.usd_per_h)
    assert any("standby" in note for note in double.notes)


def test_price_counts_provisioned_iops_and_surplus_credits(tmp_path: Path) -> None:
    idle = Usage(visits_per_s=0.0)
    io1 = db_instance.price(database(tmp_path, more="Iops: 2000"), idle, CATALOG)
    assert io1.items["storage"] * 730 == pytest.approx(100 * 0.125 + 2000 * 0.1)
    # gp3 of 400 GiB brings 12,000 IOPS; the 8,000 above them cost 0.02 USD each.
    gp3 = db_instance.price(database(tmp_path, gib=400, more="StorageType: gp3\n    Iops: 20000"), idle, CATALOG)
    assert gp3.items["storage"] * 730 == pytest.approx(400 * 0.115 + 8000 * 0.02)
    burstable = database(tmp_path, db_class="db.t3.medium")
    paid = db_instance.price(burstable, Usage(visits_per_s=1.0, surplus_credit_s_per_h=3600.0), CATALOG)
    assert paid.items["surplus CPU credits"] == pytest.approx(0.075)


def test_a_licensed_engine_says_what_its_price_leaves_out(tmp_path: Path) -> None:
    cost = db_instance.price(database(tmp_path, engine="sqlserver-se"), Usage(visits_per_s=0.0), CATALOG)
    assert any("licences of sqlserver-se" in note for note in cost.notes)


def test_a_read_replica_takes_engine_and_storage_from_its_source(tmp_path: Path) -> None:
    stack = a_stack(
        tmp_path,
        TEMPLATE.format(engine="postgres", db_class="db.m6g.large", gib=500, more="StorageType: gp3")
        + """
Replica:
  Type: AWS::RDS::DBInstance
  Properties:
    DBInstanceClass: db.m6g.xlarge
    SourceDBInstanceIdentifier: !Ref Database
""",
    )
    component = gathered(db_instance, stack, "Replica")
    assert component.settings["Engine"] == "postgres"
    assert component.settings["AllocatedStorage"] == 500
    assert component.origins["AllocatedStorage"].resource == "Replica"
    # 12,000 IOPS of the volume behind a class that carries 6,000.
    assert db_instance.behaviour(component, CATALOG).limits["IOPS"] == 6000


@pytest.mark.parametrize(
    ("properties", "reason", "matters"),
    [
        ("{Engine: aurora-mysql, DBInstanceClass: db.r6g.large, DBClusterIdentifier: !Ref Cluster}", "Cluster", False),
        ("{Engine: aurora-mysql, DBInstanceClass: db.r6g.large, DBClusterIdentifier: other}", "not in the files", True),
        ("{Engine: mysql}", "instance class is not known", True),
        ("{DBInstanceClass: db.m5.large, DBSnapshotIdentifier: snap-1}", "engine is not known", True),
        ("{Engine: db2-se, DBInstanceClass: db.m5.large}", "db2-se", True),
    ],
)
def test_what_cannot_be_modelled_is_said(tmp_path: Path, properties: str, reason: str, matters: bool) -> None:
    resources = f"""
    Cluster:
      Type: AWS::RDS::DBCluster
      Properties: {{Engine: aurora-mysql}}
    Database:
      Type: AWS::RDS::DBInstance
      Properties: {properties}
    """
    refusal = refused(db_instance, a_stack(tmp_path, resources), "Database")
    assert reason in refusal.reason
    assert refusal.matters is matters


def test_an_unknown_class_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"db\.m5\.larg"):
        db_instance.behaviour(database(tmp_path, db_class="db.m5.larg"), CATALOG)


def knobs_of(tmp_path: Path, situation: Situation, **settings: str) -> list[str]:
    defaults = {"engine": "mysql", "db_class": "db.t3.medium", "gib": "100", "more": "StorageType: gp2"}
    stack = a_stack(tmp_path, TEMPLATE.format(**defaults | settings))
    component = gathered(db_instance, stack, "Database")
    return titles(writable(db_instance, stack, component, situation))


def test_full_storage_is_answered_with_storage_first(tmp_path: Path) -> None:
    found = knobs_of(tmp_path, Situation(pressures=("iops",)))
    assert found[:3] == [
        "Database StorageType gp2 → gp3",
        "Database AllocatedStorage 100 → 400",
        "Database AllocatedStorage 100 → 200",
    ]
    assert any("DBInstanceClass" in title for title in found)


def test_a_burstable_class_is_answered_with_a_steady_one_first(tmp_path: Path) -> None:
    found = knobs_of(tmp_path, Situation(pressures=("credits", "cpu"), utilization=0.9))
    assert "DBInstanceClass db.t3.medium → db.m" in found[0]
    assert "Database DBInstanceClass db.t3.medium → db.t3.large" in found
    assert not any("AllocatedStorage" in title for title in found)


def test_provisioned_iops_are_raised_only_where_the_volume_is_full(tmp_path: Path) -> None:
    more = "StorageType: io1\n    Iops: 2000"
    full = knobs_of(tmp_path, Situation(pressures=("iops",)), more=more)
    assert "Database Iops 2000 → 3000" in full
    assert "Database StorageType io1 → io2" in full
    assert not any("Iops" in title for title in knobs_of(tmp_path, Situation(), more=more))
    striped = knobs_of(tmp_path, Situation(pressures=("iops",)), gib="500", more="StorageType: gp3")
    assert "Database Iops (unset) → 18000" in striped


@pytest.mark.parametrize(
    "name", ["dms_aurora_to_s3.yaml", "rds_aurora.yaml", "wordpress_ha_aurora_cloudfront_efs.yaml"]
)
def test_instances_of_real_templates(name: str) -> None:
    stack = read_template(shared(f"iac/cloudformation/{name}"))
    for resource in stack.of_kind(db_instance.KIND):
        found = db_instance.gather(resource, stack)
        assert not isinstance(found, Component), "these are members of clusters"
        assert "cluster" in found.reason
