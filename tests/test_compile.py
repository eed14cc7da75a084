"""Workload to model: programs, deadlines, means and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.engine.program import Choose, Hold, Leave, Release, Work
from tonnage.workload import Call, CatalogError, Change, Retry, Route, Workload, WorkloadError, assumed, declared
from workloads import a_web_workload, an_api_workload, compiled


def with_route(workload: Workload, entry: Call, **settings: float) -> Workload:
    return replace(workload, routes=(Route(name="only", share=1.0, entry=entry, **settings),))


def test_every_route_becomes_a_program_of_the_rooms_steps(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    assert web.model.routes == ("browse", "order")
    browse = web.model.programs[0]
    assert browse.share == 0.8
    server = browse.entry.calls[0]
    assert [type(step) for step in server.enter[1:]] == [Choose, Hold, Work]
    assert server.leave == (Release("Web/workers"), Leave("Web/cpu"))
    assert server.calls[0].component == "Database"
    assert web.means.work_s == pytest.approx({"Web/cpu": 0.010, "Database/cpu": 0.005})


def test_a_demand_of_the_call_reaches_the_steps(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    call = Call(component="Web", demands={"cpu": declared(0.123, "s", "test")})
    assert compiled(with_route(workload, call)).means.work_s == pytest.approx({"Web/cpu": 0.123})


def test_the_deadline_is_the_least_of_the_routes_and_the_services_limits(tmp_path: Path) -> None:
    api = an_api_workload(tmp_path)
    entry = api.routes[0].entry
    # API Gateway gives up after 29 s, the function after 10 s, the client after what it says.
    assert compiled(api).model.deadline_s[0] == 10.0
    assert compiled(with_route(api, entry, deadline_s=2.5)).model.deadline_s[0] == 2.5
    function = api.components["Function"]
    patient = replace(function, settings={**function.settings, "Timeout": 300})
    assert compiled(replace(api, components={**api.components, "Function": patient})).model.deadline_s[0] == 29.0


def test_a_miss_needs_a_cache(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    entry = Call(component="Web", on_miss=(Call(component="Database"),))
    with pytest.raises(WorkloadError, match=r"Web is not a cache\. Put those calls under 'calls'\.$"):
        compiled(with_route(workload, entry))


def test_an_unknown_type_is_refused_by_its_name(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    wrong = workload.changed(Change(component="Web", setting="InstanceType", before="m5.large", after="m5.lrage"))
    with pytest.raises(CatalogError, match=r"m5\.lrage"):
        compiled(wrong)


def test_nouns_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    with pytest.raises(WorkloadError, match="Nowhere"):
        compiled(with_route(workload, Call(component="Nowhere")))
    circle = Call(component="Web", calls=(Call(component="Database", calls=(Call(component="Web"),)),))
    with pytest.raises(WorkloadError, match="circle: Web → Database → Web"):
        compiled(with_route(workload, circle))


def test_retries_are_the_callers_else_the_sdks(tmp_path: Path) -> None:
    api = an_api_workload(tmp_path)
    table = compiled(api).model.programs[0].entry.calls[0].calls[0]
    assert table.attempts > 1, "the AWS SDK tries again by itself"
    assert table.jitter == "full"
    own = Call(component="Table", retry=Retry(attempts=2, base_s=0.5, cap_s=1.0, jitter="none"), timeout_s=3.0)
    mine = compiled(with_route(api, Call(component="Function", calls=(own,)))).model.programs[0].entry.calls[0]
    assert (mine.attempts, mine.backoff_base_s, mine.backoff_cap_s, mine.jitter) == (2, 0.5, 1.0, "none")
    assert mine.timeout_s == 3.0


def test_a_component_that_no_route_reaches_is_still_compiled(tmp_path: Path) -> None:
    alone = compiled(with_route(a_web_workload(tmp_path), Call(component="Balancer")))
    assert set(alone.behaviours) == {"Balancer", "Web", "Database"}
    assert "Database/cpu" in alone.model.primitives
    assert alone.means.work_s == {}
    assert "Database" not in alone.per_visit


def test_billed_use_of_a_visit_is_the_mean_over_its_calls(tmp_path: Path) -> None:
    api = an_api_workload(tmp_path)

    def table(reads: float, **settings: float) -> Call:
        demands = {"reads": declared(reads, "1", "test"), "writes": declared(0.0, "1", "test")}
        return Call(component="Table", demands=demands, **settings)

    entry = Call(component="Function", calls=(table(1.0, probability=0.5), table(4.0, times=2)))
    uses = compiled(with_route(api, entry)).per_visit["Table"]
    assert uses["reads"] == pytest.approx((0.5 * 1.0 + 2.0 * 4.0) / 2.5)


def test_assumed_demands_are_used_where_a_call_says_nothing(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path)
    guess = assumed(0.2, "s", "test", low=0.1, high=0.3)
    call = Call(component="Web", demands={"cpu": guess})
    assert compiled(with_route(workload, call)).means.work_s["Web/cpu"] == pytest.approx(0.2)
    silent = compiled(with_route(workload, Call(component="Web"))).means.work_s["Web/cpu"]
    assert 0.0 < silent < 0.2
