from dataclasses import replace

import pytest

from fluid_runs import steady
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Fleet, Pool, Primitive, Queue, constant, exponential
from tonnage.engine.program import Hold, Program, Release, Send, Take, Visit, Wait, Work


def test_visits_work_and_time_add_up_along_the_calls() -> None:
    primitives = {"b/cpu": Fleet(servers=100)}
    below = Visit(component="b", enter=(Work("b/cpu", exponential(0.02)),), probability=0.5, times=3)
    run = steady(primitives, Visit(component="a", enter=(Wait(constant(0.1)),), calls=(below,)), 40.0, minutes=1)
    assert run.visits_per_s("b") == pytest.approx(60.0)
    assert run.flows.work[0] == pytest.approx(1.2)
    assert run.flows.route[0, 2] == pytest.approx(0.1 + 1.5 * 0.02)
    assert run.visited("b") == (pytest.approx(3600.0), pytest.approx(0.02))


def test_a_token_is_held_while_the_work_below_waits() -> None:
    primitives = {"a/pool": Pool(capacity=50), "b/cpu": Fleet(servers=1, discipline="fifo")}
    below = Visit(component="b", enter=(Work("b/cpu", exponential(0.01)),))
    visit = Visit(component="a", enter=(Hold("a/pool"),), calls=(below,), leave=(Release("a/pool"),))
    run = steady(primitives, visit, 80.0, minutes=1)
    assert run.levels.server_s[run.layout.queues["a/pool"]] == pytest.approx(0.05, rel=0.02)


@pytest.mark.parametrize(("attempts", "tries", "failed"), [(1, 1.0, 0.5), (3, 1.75, 0.125)])
def test_refused_tries_are_made_again(attempts: int, tries: float, failed: float) -> None:
    # A pool without tokens to speak of: half of the tries is refused by M/G/1/1 at load 1.
    primitives = {"b/pool": Pool(capacity=1, queue_limit=0)}
    call = Visit(
        component="b",
        enter=(Hold("b/pool"), Wait(constant(1.0 / tries))),
        leave=(Release("b/pool"),),
        attempts=attempts,
    )
    run = steady(primitives, Visit(component="a", calls=(call,)), 1.0, minutes=1)
    assert run.visits_per_s("b") == pytest.approx(tries, rel=0.01)
    assert run.flows.route[0, 1] == pytest.approx(1.0 - failed, rel=0.01)


def test_less_flows_on_from_where_a_backlog_grows() -> None:
    primitives = {"a/cpu": Fleet(servers=1, discipline="fifo"), "b/cpu": Fleet(servers=1, discipline="fifo")}
    visit = Visit(component="a", enter=(Work("a/cpu", constant(0.01)), Work("b/cpu", constant(0.005))))
    run = steady(primitives, visit, 150.0, minutes=1)
    assert run.levels.busy[run.layout.queues["b/cpu"]] == pytest.approx(0.5, rel=0.01)


def test_a_caller_that_does_not_wait_learns_of_no_failure() -> None:
    primitives = {"b/rate": Bucket(rate_per_s=1.0, capacity=1.0)}
    call = Visit(component="b", enter=(Take("b/rate"), Wait(constant(9.0))), waits=False)
    run = steady(primitives, Visit(component="a", calls=(call,)), 10.0, minutes=1)
    assert run.flows.route[0, 1] == 1.0
    assert run.flows.route[0, 2] == 0.0
    assert run.levels.refused[0] == pytest.approx(0.9, abs=0.01)


def test_messages_are_processed_by_the_consumer() -> None:
    primitives: dict[str, Primitive] = {"q/queue": Queue(concurrency=10)}
    sender = Program(route="send", share=1.0, entry=Visit(component="s", enter=(Send("q/queue"),)))
    work = Visit(component="w", enter=(Wait(constant(0.5)),))
    consumer = Program(route="work", share=0.0, entry=work, queue="q/queue")
    model = replace(
        build({}, [Program(route="send", share=1.0, entry=Visit(component="s"))]),
        primitives=primitives,
        programs=(sender, consumer),
    )
    run = FluidRun(lay_out(model), 1)
    run.advance(100.0, 10.0)
    assert run.levels.busy[0] == pytest.approx(0.5, rel=0.02)
    run.advance(200.0, 30.0)
    # Twenty messages a second are processed: the others wait, the youngest for a third of the time that has passed.
    assert run.levels.wait[0] == pytest.approx(50.0, rel=0.03)
