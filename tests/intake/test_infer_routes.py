"""Routes from the topology: one for each way in, calls along the edges."""

import pytest

from tonnage.intake.infer_routes import infer_routes
from tonnage.workload import Call, Component, Edge

KINDS = {
    "Balancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Api": "AWS::ApiGateway::RestApi",
    "Web": "AWS::AutoScaling::AutoScalingGroup",
    "Admin": "AWS::AutoScaling::AutoScalingGroup",
    "Function": "AWS::Lambda::Function",
    "Report": "AWS::Lambda::Function",
    "Cache": "AWS::ElastiCache::CacheCluster",
    "Sessions": "AWS::ElastiCache::ReplicationGroup",
    "Database": "AWS::RDS::DBInstance",
    "Table": "AWS::DynamoDB::Table",
    "Cdn": "AWS::CloudFront::Distribution",
    "Files": "AWS::S3::Bucket",
}
COMPONENTS = {name: Component(name=name, kind=kind) for name, kind in KINDS.items()}


def inferred(entries: list[str], *pairs: str):
    edges = [Edge(caller=a, callee=b, evidence="test", certainty="stated") for a, b in (p.split(">") for p in pairs)]
    return infer_routes(COMPONENTS, edges, entries)


def shape(call: Call) -> str:
    """A call tree in a line: ``Web(Cache!(Database))``, where ! stands before what a miss calls."""
    below = ", ".join(shape(each) for each in call.calls)
    missed = ", ".join(shape(each) for each in call.on_miss)
    return call.component + (f"({below})" if below else "") + (f"!({missed})" if missed else "")


def test_a_chain_is_one_route_of_one_call_each() -> None:
    (route,), notes = inferred(["Balancer"], "Balancer>Web", "Web>Database")
    assert (route.name, route.share, route.inferred) == ("Balancer", 1.0, True)
    assert shape(route.entry) == "Balancer(Web(Database))"
    assert len(notes) == 1
    assert "inferred" in notes[0]


def test_a_request_takes_one_of_the_ways_behind_a_door() -> None:
    routes, notes = inferred(["Api"], "Api>Function", "Api>Report", "Function>Table")
    assert {route.name: shape(route.entry) for route in routes} == {
        "Function": "Api(Function(Table))",
        "Report": "Api(Report)",
    }
    assert [route.share for route in routes] == [0.5, 0.5]
    assert any("equal shares" in note for note in notes)


def test_an_edge_asks_its_origin_on_a_miss_and_the_traffic_is_the_clients() -> None:
    (route,), notes = inferred(["Cdn"], "Cdn>Balancer", "Balancer>Web", "Web>Database")
    assert (route.name, shape(route.entry)) == ("Cdn", "Cdn!(Balancer(Web(Database)))")
    assert any("what clients send to Cdn" in note for note in notes)
    assert not any("read through the cache" in note for note in notes)


def test_behind_an_edge_a_request_takes_one_way_through_every_door() -> None:
    routes, _ = inferred(["Cdn"], "Cdn>Files", "Cdn>Api", "Api>Function", "Api>Report", "Function>Table")
    assert {route.name: shape(route.entry) for route in routes} == {
        "Files": "Cdn!(Files)",
        "Function": "Cdn!(Api(Function(Table)))",
        "Report": "Cdn!(Api(Report))",
    }


def test_the_same_function_behind_two_doors_is_two_routes() -> None:
    routes, _ = inferred(["Api", "Balancer"], "Api>Function", "Api>Report", "Balancer>Function", "Balancer>Web")
    assert [route.name for route in routes] == ["Function", "Report", "Function by Balancer", "Web"]


def test_what_is_no_door_calls_everything_behind_it() -> None:
    (route,), _ = inferred(["Function"], "Function>Table", "Function>Database")
    assert shape(route.entry) == "Function(Table, Database)"


def test_three_shares_sum_to_one_exactly() -> None:
    routes, _ = inferred(["Balancer", "Api", "Report"], "Balancer>Web", "Api>Function")
    assert sum(route.share for route in routes) == 1.0
    assert [route.share for route in routes] == pytest.approx([1 / 3] * 3)


def test_the_database_is_read_through_the_cache() -> None:
    (route,), notes = inferred(["Balancer"], "Balancer>Web", "Web>Database", "Web>Cache", "Web>Table")
    assert shape(route.entry) == "Balancer(Web(Cache!(Database, Table)))"
    assert any("only on a miss" in note for note in notes)


def test_a_second_cache_is_asked_too() -> None:
    (route,), _ = inferred(["Balancer"], "Balancer>Web", "Web>Cache", "Web>Sessions", "Web>Database")
    assert shape(route.entry) == "Balancer(Web(Cache!(Database), Sessions))"


def test_a_cache_alone_has_no_misses_to_make() -> None:
    (route,), notes = inferred(["Web"], "Web>Cache")
    assert shape(route.entry) == "Web(Cache)"
    assert not any("miss" in note for note in notes)


def test_circles_and_doubles_are_left_out() -> None:
    (route,), _ = inferred(["Web"], "Web>Admin", "Admin>Web", "Web>Admin", "Admin>Admin", "Admin>Database")
    assert shape(route.entry) == "Web(Admin(Database))"


def test_an_edge_to_what_is_not_modelled_is_left_out() -> None:
    (route,), _ = inferred(["Web"], "Web>Queue", "Web>Table")
    assert shape(route.entry) == "Web(Table)"


def test_no_way_in_is_no_route() -> None:
    assert inferred([], "Web>Database") == ((), ())
