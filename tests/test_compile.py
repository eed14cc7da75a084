"""Workload to model: programs, deadlines, means and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.pressure import pressures
from tonnage.engine.program import Choose, Hold, Lease, Leave, Release, Take, Wait, Work
from tonnage.intake import Overrides, load, open_source
from tonnage.simulate import simulate
from tonnage.workload import (
    Call,
    CatalogError,
    Change,
    Retry,
    Route,
    Scenario,
    Workload,
    WorkloadError,
    assumed,
    declared,
)
from workloads import a_web_workload, an_api_source, an_api_workload, compiled


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


QUEUED = """\
architecture: template.yaml
traffic: constant 20/s for 20 min
objectives: ["p99 latency < 1 s", "p99 latency of Orders < 60 s"]
routes:
  order:
    share: 100 %
    call: Api
    then:
      - call: Function
        demands: { cpu: 10 ms }
        then:
          - call: Orders
            then:
              - call: Worker
                demands: { cpu: 50 ms }
                then:
                  - call: Table
                    demands: { reads: 0, writes: 1 }
"""
QUEUE = """\
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      MemorySize: 1769
      Timeout: 20
      ReservedConcurrentExecutions: {concurrency}
  Poll:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Orders.Arn
      FunctionName: !Ref Worker
      BatchSize: 5
"""


def a_queued_workload(tmp_path: Path, file: str = QUEUED, concurrency: int = 100) -> Workload:
    an_api_source(tmp_path)
    template = (tmp_path / "template.yaml").read_text() + QUEUE.format(concurrency=concurrency)
    (tmp_path / "template.yaml").write_text(template)
    (tmp_path / "tonnage.yaml").write_text(file)
    return load(open_source(str(tmp_path), Overrides()))


def test_messages_become_a_program_of_their_own_named_after_the_queue(tmp_path: Path) -> None:
    queued = compiled(a_queued_workload(tmp_path))
    requests, messages = queued.model.programs
    assert requests.entry.calls[0].calls[0].calls == ()
    assert (messages.route, messages.share, messages.queue) == ("Orders", 0.0, "Orders/messages")
    # Once for a batch: the invocation; once for each message: the handler's work and what it calls.
    batch = messages.entry
    assert [type(step) for step in batch.enter] == [Take, Lease, Wait]
    (own,) = batch.calls
    assert own.each_message
    assert own.component == ""
    assert [call.component for call in own.calls] == ["Table"]
    assert batch.timeout_s == 20.0
    # The request does not wait for the messages, so their time-out is not its own.
    assert requests.deadline_s == 10.0


def test_means_of_messages_are_those_of_full_batches(tmp_path: Path) -> None:
    means = compiled(a_queued_workload(tmp_path)).means
    assert means.sent == {"Orders/messages": 1.0}
    assert means.visits["Worker"] == pytest.approx(1 / 5)
    assert means.visits["Table"] == pytest.approx(1.0)
    assert means.latency_s < 0.06, "nobody waits for the worker"
    # Five messages of 50 ms and a write each, and the invocation.
    assert means.held_s["Orders/messages"] == pytest.approx(0.05, rel=0.3)


def test_messages_are_simulated_to_their_end(tmp_path: Path) -> None:
    scenario = Scenario(name="t", window_s=300.0, lead_s=60.0)
    seen = simulate(compiled(a_queued_workload(tmp_path)), scenario, seed=1)
    requests, messages = seen.routes
    assert (requests.messages, messages.messages) == (False, True)
    assert messages.arrived == pytest.approx(requests.arrived, abs=30)
    assert messages.failed == 0
    assert seen.latency_s(99.0) < 0.5
    assert 0.03 < seen.latency_s(50.0, "Orders") < 1.0
    assert int(seen.windows[:, 0].sum()) == requests.arrived, "messages are no requests"
    # 20/s of 50 ms each keep one invocation busy.
    assert seen.components["Worker"].concurrency == pytest.approx(1.1, rel=0.3)


def test_too_few_workers_let_messages_pile_up_while_requests_are_answered(tmp_path: Path) -> None:
    workload = a_queued_workload(tmp_path, QUEUED.replace("20/s", "200/s"), concurrency=3)
    seen = simulate(compiled(workload), Scenario(name="t", window_s=300.0, lead_s=60.0), seed=1)
    assert seen.latency_s(99.0) < 0.5
    assert seen.error_share() == 0.0
    assert seen.latency_s(99.0, "Orders") > 60.0
    found = [pressure.kind for pressure in pressures(compiled(workload), seen) if pressure.component == "Orders"]
    assert found == ["backlog"]


def test_a_queue_with_two_consumers_is_refused(tmp_path: Path) -> None:
    twice = QUEUED.replace("- call: Worker\n", "- call: Table\n              - call: Worker\n")
    with pytest.raises(WorkloadError, match="The queue Orders has several consumers"):
        compiled(a_queued_workload(tmp_path, twice))


def test_an_objective_about_what_has_no_requests_is_refused(tmp_path: Path) -> None:
    wrong = QUEUED.replace("latency of Orders", "latency of Worker")
    with pytest.raises(WorkloadError, match="names 'Worker', which has neither requests nor messages") as caught:
        compiled(a_queued_workload(tmp_path, wrong))
    assert caught.value.remedy == "Name one of: order, Orders."


def test_the_way_of_the_clients_is_before_what_they_enter(tmp_path: Path) -> None:
    workload = an_api_workload(tmp_path / "api")
    plain, far = compiled(workload), compiled(replace(workload, clients={"ap-northeast-1": 1.0}))
    # 147 ms, and twice as much again for the tenth of the requests that set a connection up.
    assert far.means.latency_s - plain.means.latency_s == pytest.approx(0.147 * 1.2)
