"""Fleets: rules of balancing, queues, disciplines; exact where nothing is random."""

import pytest

from engine.runs import counts, crowd, failures, given, one_route, steady, stream
from tonnage.engine.model import SHARING_LIMIT
from tonnage.engine.primitives import Fleet, constant, exponential
from tonnage.engine.program import Choose, Leave, Work

CPU = "a/cpu"


def balanced(rule: str, instances: int = 4, **more: object):
    fleet = Fleet(servers=1, discipline="fifo", instances=instances, max_instances=instances, rule=rule, **more)
    return one_route({CPU: fleet}, Choose(CPU), Work(CPU, constant(1.0)), leave=(Leave(CPU),))


@pytest.mark.parametrize("rule", ["round robin", "least outstanding"])
def test_a_crowd_is_spread_evenly(rule: str) -> None:
    visits = given(crowd(balanced(rule), 100, until_s=0.5), CPU)
    assert sum(visits) > 50
    assert max(visits) - min(visits) <= 1


@pytest.mark.parametrize(("rule", "avoided"), [("round robin", False), ("least outstanding", True)])
def test_only_least_outstanding_avoids_an_instance_that_hangs(rule: str, avoided: bool) -> None:
    run = steady(balanced(rule, instances=2), 0.2, 1000.0)
    run.set_speed(CPU, 1, 0.0)
    run.advance(1000.0)
    working, hanging = given(run, CPU)
    assert (hanging < 0.1 * working) == avoided


@pytest.mark.parametrize("rule", ["random", "random two"])
def test_random_rules_use_every_instance_alike(rule: str) -> None:
    visits = given(stream(balanced(rule, instances=5), 20.0, 2000.0), CPU)
    assert visits == pytest.approx([sum(visits) / 5] * 5, rel=0.05)


def test_random_two_keeps_queues_shorter_than_random() -> None:
    one, two = (stream(balanced(rule, instances=8), 6.8, 5000.0) for rule in ("random", "random two"))
    assert two.most_in_flight < 0.7 * one.most_in_flight


def test_a_full_queue_refuses() -> None:
    run = crowd(balanced("round robin", instances=1, queue_limit=3), 50, until_s=100.0)
    assert counts(run)["answered"] == 1 + 3
    assert failures(run) == {"queue full": run.arrived - 4}


def test_without_an_instance_in_service_everything_is_refused() -> None:
    run = crowd(balanced("round robin"), 20)
    run.set_active(CPU, [])
    run.advance(1.0)
    assert failures(run) == {"no instance in service": run.arrived}
    assert run.arrived > 0


def test_removed_instances_finish_what_they_have() -> None:
    run = crowd(balanced("least outstanding"), 40, until_s=0.5)
    run.set_active(CPU, [0])
    run.advance(1000.0)
    assert counts(run)["answered"] == run.arrived


@pytest.mark.parametrize("discipline", ["fifo", "processor sharing"])
def test_every_discipline_does_the_same_work_in_the_same_time(discipline: str) -> None:
    run = crowd(one_route({CPU: Fleet(servers=4, discipline=discipline)}, Work(CPU, constant(1.0))), 48, until_s=1e-6)
    jobs = run.arrived
    assert jobs > 8
    run.advance(jobs / 4 - 0.3)
    assert run.in_flight > 0
    run.advance(jobs / 4 + 1.0)
    assert run.in_flight == 0
    assert run.state.things.instances["work"][0] == pytest.approx(jobs)


def test_shared_servers_serve_all_at_once_and_fifo_one_after_the_other() -> None:
    def answered_at(discipline: str, time_s: float) -> int:
        run = crowd(one_route({CPU: Fleet(servers=1, discipline=discipline)}, Work(CPU, constant(1.0))), 10)
        run.advance(time_s)
        return counts(run)["answered"]

    assert answered_at("fifo", 5.5) == 5
    assert answered_at("processor sharing", 5.5) == 0


def test_a_faster_fleet_needs_less_time_for_the_same_work() -> None:
    run = crowd(one_route({CPU: Fleet(servers=1, discipline="fifo", speed=4.0)}, Work(CPU, constant(1.0))), 8)
    run.advance(1.01)
    assert counts(run)["answered"] == 4
    assert run.state.things.instances["busy"][0] == pytest.approx(1.01, rel=1e-6)
    assert run.state.things.instances["work"][0] == pytest.approx(4.04, rel=1e-6)


def test_more_servers_than_the_sharing_limit_are_all_used() -> None:
    servers = SHARING_LIMIT + 500
    run = crowd(one_route({CPU: Fleet(servers=servers)}, Work(CPU, constant(1.0))), 3000, until_s=0.5)
    assert run.state.things.instances["n"][0] == servers


def test_work_of_no_time_passes_through() -> None:
    run = stream(one_route({CPU: Fleet(servers=1)}, Work(CPU, exponential(0.0))), 10.0, 10.0)
    assert counts(run)["answered"] == counts(run)["arrived"] > 0
