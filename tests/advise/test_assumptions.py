"""Assumptions: all of them found, moved both ways, and ranked by what they do to the answer."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.assumptions import assume, assumptions, influences
from tonnage.advise.assumptions import tested as simulated_at_both_ends
from tonnage.workload import Call, Route, Scenario, Workload, assumed, declared
from workloads import a_web_workload, an_api_workload, compiled


def a_shop(folder: Path, **settings: object) -> Workload:
    """A web tier whose CPU times nobody measured: the web server's may be far off, the database's hardly."""
    workload = a_web_workload(folder, max_size=4, **settings)
    web = {"cpu": assumed(0.010, "s", "test", low=0.002, high=0.050)}
    database = {"cpu": assumed(0.001, "s", "test", low=0.0009, high=0.0011)}
    below = Call(component="Database", demands=database)
    entry = Call(component="Balancer", calls=(Call(component="Web", demands=web, calls=(below,)),))
    return replace(workload, routes=(Route(name="all", share=1.0, entry=entry),))


def test_what_is_measured_or_declared_is_no_assumption(tmp_path: Path) -> None:
    found = {(item.component, item.name) for item in assumptions(a_web_workload(tmp_path))}
    assert ("Web", "workers") not in found, "the workload file declares them"
    assert ("Web", "cpu") not in found
    assert ("Web", "backlog") in found
    assert ("Database", "queries") in found
    assert {name for name, _ in found} == {"Balancer", "Web", "Database"}


def test_only_what_a_route_reaches_is_assumed(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    doors = replace(workload, routes=(Route(name="all", share=1.0, entry=Call(component="Balancer")),))
    assert {item.component for item in assumptions(doors)} == {"Balancer"}


def test_a_moved_assumption_reaches_the_model_and_nothing_else_moves(tmp_path: Path) -> None:
    workload = a_shop(tmp_path)
    cpu = next(item for item in assumptions(workload) if (item.component, item.name) == ("Web", "cpu"))
    slow = compiled(assume(workload, cpu, cpu.quantity.high)).means.work_s
    fast = compiled(assume(workload, cpu, cpu.quantity.low)).means.work_s
    assert slow == pytest.approx({"Web/cpu": 0.050, "Database/cpu": 0.001})
    assert fast == pytest.approx({"Web/cpu": 0.002, "Database/cpu": 0.001})
    latency = next(item for item in assumptions(workload) if item.name == "added_latency")
    moved = assume(workload, latency, 0.5)
    assert compiled(moved).means.latency_s == pytest.approx(compiled(workload).means.latency_s + 0.5, rel=0.05)
    assert workload.components["Balancer"].characteristics == {}, "the workload itself is as before"


def test_the_most_influential_stands_first_with_both_ends(tmp_path: Path) -> None:
    ranked = influences(compiled(a_shop(tmp_path)))
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    first = ranked[0]
    assert (first.assumption.component, first.assumption.name) == ("Web", "cpu")
    # A fifth of the time carries more until the database is full, five times the time a fifth.
    assert first.capacity[1] == pytest.approx(0.2)
    assert first.capacity[0] > 2.0
    assert first.latency[0] < 1.0 < first.latency[1]
    assert first.met is None
    database = next(item for item in ranked if (item.assumption.component, item.assumption.name) == ("Database", "cpu"))
    assert database.score < 0.3 * first.score


def test_both_ends_are_simulated(tmp_path: Path) -> None:
    # At 10 ms eight vCPUs carry 800/s and at 50 ms 160/s: only the low end carries 250/s.
    shop = compiled(a_shop(tmp_path, traffic="constant 250/s for 20 min"))
    first = influences(shop)[0]
    ends = simulated_at_both_ends(shop, first, Scenario(name="t", window_s=120.0), 1)
    assert ends.met == (True, False)
    assert replace(ends, met=None) == first


def test_an_unbounded_workload_still_ranks(tmp_path: Path) -> None:
    api = an_api_workload(tmp_path)
    doors = replace(api, routes=(Route(name="all", share=1.0, entry=Call(component="Api")),))
    (overhead,) = influences(compiled(doors))
    assert overhead.assumption.name == "overhead"
    assert overhead.capacity == (1.0, 1.0), "the throttle does not depend on it"
    assert overhead.latency[0] < 1.0 < overhead.latency[1]


def test_calls_that_assume_different_values_move_each_in_its_own_range(tmp_path: Path) -> None:
    web = a_web_workload(tmp_path)
    (browse, order) = web.routes
    quantities = (assumed(0.01, "s", "a guess", low=0.0, high=0.02), assumed(0.04, "s", "a guess", low=0.02, high=0.1))
    routes = tuple(
        replace(route, entry=Call(component="Web", demands={"cpu": quantity}))
        for route, quantity in zip((browse, order), quantities, strict=True)
    )
    workload = replace(web, routes=routes)
    (found,) = [item for item in assumptions(workload) if item.name == "cpu"]
    moved = assume(workload, found, 0.02)
    assert [route.entry.demands["cpu"].value for route in moved.routes] == pytest.approx([0.02, 0.1])
    halfway = assume(workload, found, 0.01)
    assert [route.entry.demands["cpu"].value for route in halfway.routes] == pytest.approx([0.01, 0.06])


def test_what_a_call_says_in_another_way_is_not_assumed(tmp_path: Path) -> None:
    workload = an_api_workload(tmp_path)
    items = Call(component="Table", demands={"item_writes": declared(1.0, "1", "test")})
    units = Call(component="Table")

    def asked(*calls: Call) -> Workload:
        entry = Call(component="Api", calls=calls)
        return replace(workload, routes=(Route(name="all", share=1.0, entry=entry),))

    def named(workload: Workload) -> set[str]:
        return {item.name for item in assumptions(workload) if item.where == "call" and item.component == "Table"}

    assert named(asked(units)) == {"reads", "writes"}
    assert named(asked(items)) == {"item_size"}
    both = asked(items, units)
    assert named(both) == {"item_size", "reads", "writes"}
    reads = next(item for item in assumptions(both) if item.name == "reads")
    first, second = assume(both, reads, 3.0).routes[0].entry.calls
    assert "reads" not in first.demands
    assert second.demands["reads"].value == 3.0
    compiled(assume(both, reads, 3.0))
