"""Runs: slices, seeds, overload, and the hand on the controls."""

import numpy as np
import pytest

from engine.runs import counts, crowd, failures, one_route, routed, same_books, steady, stream
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Cache, Fleet, Queue, constant, exponential, lognormal
from tonnage.engine.program import Lookup, Program, Send, Take, Visit, Wait, Work
from tonnage.engine.run import MOST_TASKS, Run
from tonnage.engine.start import FIRST_TASKS, Measure

CPU = "a/cpu"
BUSY = one_route({CPU: Fleet(servers=2)}, Work(CPU, lognormal(0.1, 1.5)))


def test_the_same_seed_gives_the_same_books_and_another_seed_others() -> None:
    one, again, other = (stream(BUSY, 15.0, 100.0, seed=seed) for seed in (1, 1, 2))
    assert same_books(one, again)
    assert not same_books(one, other)


def test_slices_change_nothing() -> None:
    whole, sliced = stream(BUSY, 15.0, 100.0), steady(BUSY, 15.0, 100.0)
    for until_s in np.linspace(0.0, 100.0, 1001)[1:]:
        assert sliced.advance(float(until_s))
    assert np.array_equal(whole.state.books.route_hist, sliced.state.books.route_hist)
    assert sliced.state.things.instances["work"][0] == pytest.approx(whole.state.things.instances["work"][0])
    assert sliced.now_s == 100.0


def test_only_requests_that_arrive_in_the_measured_time_count() -> None:
    model = one_route({}, Wait(constant(5.0)))
    run = Run(model, [10.0], 100.0, Measure(start_s=20.0, end_s=50.0, window_s=10.0), seed=1)
    run.advance(90.0)
    arrived = run.state.books.window_count[0, :, 0]
    assert len(arrived) == 3
    assert arrived.sum() == counts(run)["arrived"] == counts(run)["answered"]
    assert 200 < arrived.sum() < 400
    assert run.arrived > 700


def test_the_last_rate_goes_on_for_the_requests_that_are_still_measured() -> None:
    run = Run(one_route({}, Wait(constant(0.0))), [1.0, 50.0], 10.0, Measure(start_s=0.0, end_s=20.0, window_s=20.0), 1)
    run.advance(20.0)
    first = run.arrived
    run.advance(30.0)
    assert run.arrived - first == pytest.approx(500, abs=100)
    run.advance(1e6)
    assert run.arrived - first == pytest.approx(500, abs=100)


def test_an_answer_after_the_deadline_is_late() -> None:
    model = routed({}, Visit(component="a", enter=(Wait(exponential(1.0)),)), deadline_s=1.0)
    run = stream(model, 100.0, 1000.0)
    assert counts(run)["late"] / counts(run)["arrived"] == pytest.approx(np.exp(-1.0), abs=0.01)
    assert run.state.books.route_hist.sum() == counts(run)["answered"] + counts(run)["late"]


def test_what_is_in_flight_is_told_by_age_arrival_and_route() -> None:
    run = stream(one_route({}, Wait(constant(3.0))), 10.0, 20.0)
    waiting = run.unanswered()
    assert len(waiting) == run.in_flight == counts(run)["arrived"] - counts(run)["answered"]
    assert np.all(waiting[:, 0] <= 3.0)
    assert waiting[:, 0] + waiting[:, 1] == pytest.approx(20.0)
    assert not waiting[:, 2].any()


def test_a_crowd_larger_than_the_first_room_is_served_all_the_same() -> None:
    run = crowd(one_route({}, Wait(constant(1.0))), 3 * FIRST_TASKS, until_s=2.0)
    assert run.most_in_flight == run.arrived > 2 * FIRST_TASKS
    assert counts(run)["answered"] == run.arrived


def test_overload_stops_the_run() -> None:
    run = crowd(one_route({}, Wait(constant(1e6))), 1.2 * MOST_TASKS)
    assert not run.advance(1.0)
    assert run.stopped is not None
    assert "requests in flight" in run.stopped
    assert not run.advance(2.0)


def test_time_outs_left_behind_are_not_overload() -> None:
    # Answered at once, each call leaves a time-out of an hour behind: millions of them, and hardly a request in flight.
    called = Visit(component="b", enter=(Wait(constant(1e-6)),), timeout_s=3600.0)
    run = stream(routed({}, Visit(component="a", calls=(called,))), 20_000.0, 20.0)
    assert run.stopped is None
    assert counts(run)["answered"] >= run.arrived - 10
    assert run.state.clock["timers"][0] <= len(run.state.timers) == 4 * FIRST_TASKS


NEVER_ENDING = {
    "a loop": Visit(component="b", times=2_000_000_000),
    "retries": Visit(component="b", enter=(Take("b/door"),), attempts=2_000_000_000),
}


@pytest.mark.parametrize("name", list(NEVER_ENDING))
def test_a_program_that_never_ends_is_stopped_with_a_sentence_and_keeps_its_books(name: str) -> None:
    door = Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0)
    run = crowd(routed({"b/door": door}, Visit(component="a", calls=(NEVER_ENDING[name],))), 5)
    assert not run.advance(5.0)
    assert run.stopped == "endless: a request makes calls without end at 0 s"
    assert counts(run)["arrived"] == run.arrived > 0
    assert not run.advance(6.0)


def test_retries_beyond_a_thousand_still_come_after_their_backoff() -> None:
    door = Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0)
    called = Visit(
        component="b",
        enter=(Take("b/door"),),
        attempts=3000,
        backoff_base_s=1e-3,
        backoff_cap_s=1.0,
        jitter="none",
    )
    run = crowd(routed({"b/door": door}, Visit(component="a", calls=(called,))), 5, until_s=2990.0)
    assert counts(run)["failed"] == 0
    run.advance(3001.0)
    assert counts(run)["failed"] == run.arrived > 0


def test_a_loop_of_calls_that_take_no_time_stays_within_its_room() -> None:
    # 10,000 calls within one event: each leaves a timer behind, more than the kernel sets aside for an event.
    called = Visit(component="b", enter=(Lookup("b/keys"),), timeout_s=1e5, times=100)
    loop = Visit(component="c", calls=(called,), times=100)
    run = crowd(routed({"b/keys": Cache(hit_ratio=1.0)}, Visit(component="a", calls=(loop,))), 5, until_s=1.0)
    assert counts(run)["answered"] == run.arrived > 0
    assert run.state.things.caches["lookups"][0] == 10_000 * run.arrived


def test_a_change_of_speed_is_felt_by_jobs_in_service() -> None:
    for discipline in ("fifo", "processor sharing"):
        run = crowd(one_route({CPU: Fleet(servers=64, discipline=discipline)}, Work(CPU, constant(10.0))), 20)
        run.advance(4.0)
        run.set_speed(CPU, 0, 0.0)
        run.advance(50.0)
        run.set_speed(CPU, 0, 3.0)
        run.advance(51.99)
        assert counts(run)["answered"] == 0
        run.advance(52.01)
        assert counts(run)["answered"] == run.arrived > 0


def test_attempts_wait_ever_longer_up_to_the_cap() -> None:
    # Three time-outs of 1 s with 0.5, 1.0 and 1.5 (not 2.0) between them, without jitter: the fourth ends at 7 s.
    called = Visit(
        component="b",
        enter=(Wait(constant(100.0)),),
        timeout_s=1.0,
        attempts=4,
        backoff_base_s=0.5,
        backoff_cap_s=1.5,
        jitter="none",
    )
    run = crowd(routed({}, Visit(component="a", calls=(called,))), 10, until_s=6.99)
    assert counts(run)["failed"] == 0
    run.advance(7.01)
    assert failures(run) == {"timed out after 1 s": run.arrived}
    assert run.state.books.comp_own[run.model.components.index("b")] == 4 * run.arrived
    assert int(run.state.books.refused.sum()) == 4 * run.arrived


def test_the_second_try_has_other_luck() -> None:
    called = Visit(component="b", enter=(Wait(exponential(1.0)),), timeout_s=1.0, attempts=2)
    run = stream(routed({}, Visit(component="a", calls=(called,))), 100.0, 500.0)
    assert counts(run)["failed"] / counts(run)["arrived"] == pytest.approx(np.exp(-2.0), abs=0.01)


def test_more_consumers_begin_at_once_and_fewer_finish_what_they_have() -> None:
    sender = Visit(component="a", calls=(Visit(component="q", enter=(Send("q/messages"),)),))
    worker = Visit(component="w", enter=(Wait(constant(10.0)),))
    model = build(
        {"q/messages": Queue(concurrency=2)},
        [
            Program(route="in", share=1.0, entry=sender),
            Program(route="messages", share=0.0, entry=worker, queue="q/messages"),
        ],
    )
    run = crowd(model, 60, until_s=1.0)
    assert run.state.things.shards["use"][0] == 2
    run.set_concurrency("q/messages", 20)
    run.advance(1.5)
    assert run.state.things.shards["use"][0] == 20
    run.set_concurrency("q/messages", 5)
    run.advance(2.0)
    assert run.state.things.shards["use"][0] == 20
    run.advance(12.0)
    assert run.state.things.shards["use"][0] == 5
