"""Scaling is proposed for what has none, within bounds from the simulation."""

from dataclasses import replace

from emit.judged import NEAR, web_shop
from tonnage.emit.scaling import scaling
from tonnage.workload import Component, Origin, Place, Reference, Text, Workload


def workload(kind: str, **settings: object) -> Workload:
    place = Place(file="t", line=1)
    component = Component(
        name="App",
        kind=kind,
        settings=settings,  # type: ignore[arg-type]
        origins={"DesiredCount": Origin(resource="App", path=("DesiredCount",))},
        place=place,
    )
    return replace(web_shop(), components={"App": component})


def test_a_service_gets_bounds_from_how_busy_it_is() -> None:
    busy = replace(NEAR, busy={"App": 0.9})
    (added,) = scaling(workload("AWS::ECS::Service", DesiredCount=4, Cluster=Reference("C")), busy)
    target = added.resources["AppScaling"]["Properties"]
    # Twice the load of four fifths of the line, at half of the CPU: 2 x 4 x 0.9 / 0.5.
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 15)  # type: ignore[index,call-overload]
    assert target["ResourceId"] == Text(("service/", Reference("C"), "/", Reference("App", "Name")))  # type: ignore[index,call-overload]


def test_a_table_gets_a_pair_for_each_way() -> None:
    (added,) = scaling(workload("AWS::DynamoDB::Table", ReadCapacityUnits=20, WriteCapacityUnits=5), NEAR)
    assert list(added.resources) == ["AppReadsScaling", "AppReadsTracking", "AppWritesScaling", "AppWritesTracking"]
    assert added.resources["AppWritesScaling"]["Properties"]["MaxCapacity"] == 50  # type: ignore[index,call-overload]


def test_what_scales_already_or_by_itself_gets_nothing() -> None:
    assert scaling(web_shop(), NEAR) == ()
    assert scaling(workload("AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST"), NEAR) == ()


def test_a_group_without_a_policy_follows_its_cpu() -> None:
    group = web_shop().components["WebServerGroup"]
    alone = replace(web_shop(), components={"WebServerGroup": replace(group, policies=())})
    (added,) = scaling(alone, NEAR)
    assert "average CPU at 50 %" in added.title
