"""What gives way, one primitive at a time, and what only waits for it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.pressure import Pressure, pressures, situations
from tonnage.compile import Compiled
from tonnage.engine.primitives import Bucket, Environments, Fleet, Pool, Primitive, constant, exponential
from tonnage.engine.program import Hold, Lease, Release, Return, Step, Take, Wait, Work
from tonnage.intake import Overrides, load, open_source
from tonnage.services import Behaviour, Burst, Credits
from tonnage.simulate import simulate
from tonnage.workload import Component, Edge, Scenario, Traffic
from workloads import a_web_source, a_web_workload, an_api_workload, compiled, with_primitives


def seen_in(one: Compiled, window_s: float = 120.0, lead_s: float = 60.0) -> tuple[Pressure, ...]:
    return pressures(one, simulate(one, Scenario(name="t", window_s=window_s, lead_s=lead_s), seed=1))


def full(
    primitive: Primitive, enter: list[Step], leave: list[Step] | None = None, rate: float = 100.0
) -> tuple[Pressure, ...]:
    return seen_in(
        with_primitives({"Server/part": primitive}, enter, leave or [], traffic=f"constant {rate:g}/s for 10 min")
    )


def test_a_full_processor() -> None:
    (found,) = full(Fleet(servers=2), [Work("Server/part", constant(0.025))])
    assert (found.component, found.primitive, found.kind) == ("Server", "Server/part", "cpu")
    assert found.text == "CPU 100% busy (2 vCPU)"
    assert found.since_s is None, "from the beginning"
    assert "thread" in full(Fleet(servers=1, discipline="fifo"), [Work("Server/part", constant(0.02))])[0].text
    assert full(Fleet(servers=2), [Work("Server/part", constant(0.010))]) == ()


def test_a_throttle_that_refuses() -> None:
    (found,) = full(Bucket(rate_per_s=60.0, capacity=60.0, refusal="throttled (429)"), [Take("Server/part")])
    assert found.kind == "throttle"
    assert found.text.startswith("throttled (429): ")
    assert found.text.endswith("refused above 60/s")
    assert full(Bucket(rate_per_s=200.0, capacity=200.0), [Take("Server/part")]) == ()


def test_a_volume_out_of_operations() -> None:
    (found,) = full(Bucket(rate_per_s=150.0, capacity=150.0, when_empty="delay"), [Take("Server/part", 2.0)])
    assert found.kind == "iops"
    assert found.text.endswith("its limit")
    assert full(Bucket(rate_per_s=300.0, capacity=300.0, when_empty="delay"), [Take("Server/part", 2.0)]) == ()


def test_a_burst_balance_that_is_used_up_is_named() -> None:
    volume = Bucket(rate_per_s=100.0, capacity=300.0, when_empty="delay")
    burst = Burst(bucket="Server/part", baseline_per_s=100.0, burst_per_s=1000.0, capacity=10_000.0)
    one = with_primitives(
        {"Server/part": volume},
        [Take("Server/part", 2.0)],
        traffic="constant 100/s for 10 min",
        behaviour=Behaviour(primitives={"Server/part": volume}, controls=(burst,)),
    )
    (found,) = seen_in(one, window_s=300.0)
    assert found.kind == "iops"
    assert "burst balance used up" in found.text


def test_connections_that_run_out() -> None:
    (found,) = full(
        Pool(capacity=10, queue_limit=0, refusal="too many connections"),
        [Hold("Server/part"), Wait(constant(0.2))],
        [Release("Server/part")],
    )
    assert found.kind == "connections"
    assert "of 10 in use" in found.text
    assert "(too many connections)" in found.text
    assert full(Pool(capacity=40), [Hold("Server/part"), Wait(constant(0.2))], [Release("Server/part")]) == ()


def test_concurrency_that_is_used_up() -> None:
    environments = Environments(limit=10, cold_start=constant(0.1), keep_alive_s=600.0)
    (found,) = full(environments, [Lease("Server/part"), Wait(constant(0.2))], [Return("Server/part")])
    assert found.kind == "concurrency"
    assert "of 10 concurrent executions" in found.text


@pytest.mark.parametrize("unlimited", [False, True])
def test_credits_that_run_out_in_the_judged_time(unlimited: bool) -> None:
    fleet = Fleet(servers=2)
    rule = Credits(fleet="Server/cpu", earn_per_s=0.4, capacity=700.0, baseline=0.2, unlimited=unlimited)
    one = with_primitives(
        {"Server/cpu": fleet},
        [Work("Server/cpu", exponential(0.010))],
        traffic=Traffic(
            name="t", start_s=0.0, step_s=60.0, rates_per_s=(5.0,) * 60 + (150.0,) * 20, evidence="declared"
        ),
        behaviour=Behaviour(primitives={"Server/cpu": fleet}, controls=(rule,)),
    )
    found = {item.kind: item for item in seen_in(one, window_s=1200.0)}
    # 1.5 spent and 0.4 earned a second: all but the last minute's worth is gone after 550 s.
    assert found["credits"].since_s == pytest.approx((700.0 - 96.0) / 1.1, abs=40.0)
    assert ("billed" in found["credits"].text) == unlimited
    assert ("speed falls to 20%" in found["credits"].text) == (not unlimited)
    assert ("cpu" in found) == (not unlimited), "at a fifth of its speed the processor is full"


def test_credits_that_ran_out_yesterday_and_came_back_are_no_pressure() -> None:
    fleet = Fleet(servers=2)
    rule = Credits(fleet="Server/cpu", earn_per_s=0.4, capacity=700.0, baseline=0.2, unlimited=True)
    busy_night = (120.0,) * 30 + (5.0,) * 120 + (130.0,) * 5
    one = with_primitives(
        {"Server/cpu": fleet},
        [Work("Server/cpu", exponential(0.005))],
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=busy_night, evidence="declared"),
        behaviour=Behaviour(primitives={"Server/cpu": fleet}, controls=(replace(rule, capacity=300.0),)),
    )
    outcome = simulate(one, Scenario(name="t", window_s=300.0, lead_s=60.0), seed=1)
    assert any(when_s < 0 for _, when_s, _ in outcome.happenings)
    assert pressures(one, outcome) == ()


def test_a_group_at_its_maximum_and_one_that_comes_late(tmp_path: Path) -> None:
    at_most = compiled(a_web_workload(tmp_path, traffic="constant 900/s for 30 min", max_size=2, db_cpu="0.5 ms"))
    found = next(item for item in seen_in(at_most) if item.primitive == "Web/cpu")
    assert found.kind == "cpu"
    assert "all 2 instances (MaxSize)" in found.text
    late = compiled(
        a_web_workload(tmp_path, traffic="spike 40/s to 600/s for 3 min", min_size=1, max_size=20, db_cpu="0.5 ms")
    )
    found = next(item for item in seen_in(late, window_s=180.0) if item.primitive == "Web/cpu")
    assert found.kind == "scaling lag"
    assert "of 20 instances: scaling comes late" in found.text


def test_a_maximum_that_was_raised_is_the_limit(tmp_path: Path) -> None:
    a_web_source(tmp_path, traffic="constant 900/s for 30 min", max_size=2, db_cpu="0.5 ms")
    file = tmp_path / "template.yaml"
    raised = """  More:
    Type: AWS::AutoScaling::ScheduledAction
    Properties: {AutoScalingGroupName: !Ref Web, MaxSize: 4, MinSize: 4, StartTime: "1970-01-01T00:00:00Z"}
"""
    file.write_text(file.read_text() + raised)
    four = compiled(load(open_source(str(tmp_path), Overrides())))
    found = next(item for item in seen_in(four, window_s=300.0) if item.primitive == "Web/cpu")
    assert "all 4 instances (MaxSize)" in found.text


def test_what_starves_others_stands_before_what_waits_for_it(tmp_path: Path) -> None:
    # The database is full; the web servers' workers and the connections only wait for it.
    shop = compiled(a_web_workload(tmp_path, traffic="constant 500/s for 30 min", max_size=8, workers=20))
    found = seen_in(shop, window_s=300.0)
    assert (found[0].primitive, found[0].kind) == ("Database/cpu", "cpu")
    assert any(item.kind == "workers" for item in found[1:])
    assert [item.severity for item in found] == sorted((item.severity for item in found), reverse=True)


def test_workers_are_counted_against_the_instances_of_that_moment(tmp_path: Path) -> None:
    # Twenty workers in one instance are all busy long before nineteen more instances have come.
    shop = compiled(
        a_web_workload(
            tmp_path, traffic="spike 40/s to 600/s for 10 min", min_size=1, max_size=20, workers=20, db_cpu="0.5 ms"
        )
    )
    outcome = simulate(shop, Scenario(name="t", window_s=600.0, lead_s=60.0), seed=1)
    assert float(outcome.series["Web/cpu:in service"].max()) >= 4.0
    found = next(item for item in pressures(shop, outcome) if item.kind == "workers")
    # With three or four instances in service at the end, the text still speaks of the one or two that were full.
    assert re.search(r"workers: (20 of 20|40 of 40) in use", found.text)


def test_nothing_full_but_too_slow_names_the_longest_work(tmp_path: Path) -> None:
    quiet = {"cpu": "400 ms", "traffic": "constant 5/s for 10 min", "concurrency": 50}
    assert seen_in(compiled(an_api_workload(tmp_path, objectives=["p99 latency < 5 s"], **quiet))) == ()
    (found,) = seen_in(compiled(an_api_workload(tmp_path, objectives=["p99 latency < 300 ms"], **quiet)))
    assert (found.component, found.kind) == ("Function", "service time")
    assert "without any queueing" in found.text


def test_situations_say_what_each_room_needs(tmp_path: Path) -> None:
    api = compiled(an_api_workload(tmp_path, concurrency=40, cpu="400 ms", traffic="constant 200/s for 10 min"))
    outcome = simulate(api, Scenario(name="t", window_s=60.0, lead_s=30.0), seed=1)
    seen = situations(api, outcome, pressures(api, outcome))
    assert seen["Function"].pressures == ("concurrency",)
    assert seen["Api"].pressures == ()
    assert seen["Function"].peak_concurrency == pytest.approx(40.0, abs=1.0)
    assert seen["Api"].peak_visits_per_s == pytest.approx(200.0, rel=0.2)
    assert seen["Table"].per_visit == {"reads": 1.0, "writes": 0.0}


def test_reads_are_what_routes_declare_where_no_edge_stands_before(tmp_path: Path) -> None:
    workload = an_api_workload(tmp_path)
    declared = replace(
        workload,
        routes=tuple(replace(r, entry=replace(r.entry, request="GET /orders")) for r in workload.routes),
    )
    edge = Component(name="Cdn", kind="AWS::CloudFront::Distribution")
    behind = replace(
        declared,
        components={**declared.components, "Cdn": edge},
        edges=(*declared.edges, Edge(caller="Cdn", callee="Api", evidence="test", certainty="stated")),
    )
    for given, share in ((workload, 0.0), (declared, 1.0), (behind, 0.0)):
        one = compiled(given)
        outcome = simulate(one, Scenario(name="t", window_s=60.0, lead_s=30.0), seed=1)
        assert situations(one, outcome, ())["Api"].declared_reads == pytest.approx(share)


def test_asynchronous_invocations_in_line_are_a_matter_of_concurrency() -> None:
    one = with_primitives(
        {"Server/events": Pool(capacity=10)},
        [Hold("Server/events"), Wait(constant(0.2))],
        [Release("Server/events")],
        traffic="constant 100/s for 5 min",
    )
    (pressure, *_) = seen_in(one)
    assert pressure.kind == "concurrency"
    assert "asynchronous invocations wait: 10 of 10 in use" in pressure.text
