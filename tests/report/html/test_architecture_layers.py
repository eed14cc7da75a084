from dataclasses import replace

from report.reviews import a_workload
from tonnage.report.html.architecture_layers import is_passage, layers, links
from tonnage.workload import Call, Component, Edge, Route

TABLE = "AWS::DynamoDB::Table"


def a_net(calls, edges=()):
    """A workload of tables that call each other: names to the names below, the first one is the entry."""

    def call(name):
        return Call(component=name, calls=tuple(call(below) for below in calls.get(name, ())))

    names = list(dict.fromkeys([*calls, *(below for many in calls.values() for below in many)]))
    return replace(
        a_workload(),
        components={name: Component(name=name, kind=TABLE) for name in names},
        edges=tuple(edges),
        routes=(Route(name="r", share=1.0, entry=call(names[0])),),
    )


def test_depth_is_the_longest_way():
    found = layers(a_net({"A": ("B", "C"), "B": ("C",)}))
    shown = [[item for item in column if not is_passage(item)] for column in found.columns]
    assert shown == [["A"], ["B"], ["C"]]
    long = next(path for link, path in found.paths if (link.caller, link.callee) == ("A", "C"))
    assert len(long) == 3
    assert is_passage(long[1])


def test_after_a_miss_the_caller_of_the_cache_goes_on():
    workload = replace(a_workload(), edges=())
    pairs = {(link.caller, link.callee) for link in links(workload)}
    assert ("WebServerGroup", "Database") in pairs
    assert ("SessionCache", "Database") not in pairs
    columns = layers(a_workload()).columns
    assert columns[0] == ("LoadBalancer",)
    assert set(columns[2]) == {"SessionCache", "Database", "Orders"}


def test_wiring_of_the_template_keeps_its_certainty_and_routes_add_theirs():
    certainty = {(link.caller, link.callee): link.certainty for link in links(a_workload())}
    assert certainty["WebServerGroup", "Database"] == "guessed"
    assert certainty["LoadBalancer", "WebServerGroup"] == "stated"
    assert certainty["WebServerGroup", "Orders"] == "inferred"


def test_what_no_route_reaches_stands_apart():
    found = layers(a_workload())
    assert found.unreached == ("Audit",)
    assert all("Audit" not in column for column in found.columns)


def test_lines_do_not_cross_where_they_need_not():
    found = layers(a_net({"A": ("B", "C"), "B": ("E",), "C": ("D",)}))
    assert found.columns[1].index("B") - found.columns[1].index("C") == (
        found.columns[2].index("E") - found.columns[2].index("D")
    )


def test_a_circle_made_by_two_routes_ends():
    workload = a_net({"A": ("B",), "B": ("C",)})
    back = Route(name="back", share=0.5, entry=Call(component="C", calls=(Call(component="B"),)))
    found = layers(replace(workload, routes=(*workload.routes, back)))
    assert {item for column in found.columns for item in column if not is_passage(item)} == {"A", "B", "C"}
    edge = Edge(caller="C", callee="B", evidence="e", certainty="stated")
    circle = layers(a_net({"A": ("B",), "B": ("C",)}, edges=[edge]))
    assert {item for column in circle.columns for item in column if not is_passage(item)} == {"A", "B", "C"}
