"""Calls made at once, asynchronously, twice, within a budget, or not at all: where nothing is left to chance."""

import math

import numpy as np
import pytest

from engine.runs import counts, crowd, failures, routed, stream
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.primitives import Breaker, Bucket, Budget, Fleet, Pool, constant, exponential
from tonnage.engine.program import Hold, Release, Take, Visit, Wait, Work
from tonnage.engine.run import Run

CLOSED = Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0, refusal="closed")


def begun(run: Run) -> dict[str, int]:
    return {name: int(n) for name, n in zip(run.model.components, run.state.books.comp_own, strict=True)}


def waiting(name: str, time_s: float, **more: object) -> Visit:
    return Visit(component=name, enter=(Wait(constant(time_s)),), **more)  # type: ignore[arg-type]


def took(run: Run) -> float:
    return percentile(run.state.books.route_hist[0], 50.0, FINE_BITS)


def test_parallel_calls_take_as_long_as_the_slowest() -> None:
    calls = (waiting("b", 1.0), waiting("c", 3.0), waiting("d", 2.0))
    run = crowd(routed({}, Visit(component="a", calls=calls, parallel=True)), 20, until_s=3.5)
    assert counts(run)["answered"] == run.arrived > 0
    assert took(run) == pytest.approx(3.0, rel=0.01)
    assert begun(run) == dict.fromkeys("abcd", run.arrived)


def test_branches_are_independent_and_the_join_waits_for_the_last() -> None:
    # The maximum of three independent exponential times: mean 1 + 1/2 + 1/3 (order statistics).
    calls = tuple(Visit(component=name, enter=(Wait(exponential(1.0)),)) for name in "bcd")
    run = stream(routed({}, Visit(component="a", calls=calls, parallel=True)), 100.0, 400.0)
    done, time_s = run.state.books.comp_time[run.model.components.index("a")]
    assert time_s / done == pytest.approx(1 + 1 / 2 + 1 / 3, rel=4 * 0.6 / math.sqrt(40_000))


def test_a_failing_branch_fails_the_whole_at_once_and_the_others_go_on() -> None:
    refused = Visit(component="b", enter=(Wait(constant(1.0)), Take("b/door")))
    slow = Visit(component="c", enter=(Hold("c/pool"), Wait(constant(5.0))), leave=(Release("c/pool"),))
    primitives = {"b/door": CLOSED, "c/pool": Pool(capacity=1000)}
    run = crowd(routed(primitives, Visit(component="a", calls=(refused, slow), parallel=True)), 20, until_s=1.5)
    assert failures(run) == {"closed": run.arrived}
    assert run.in_flight == 0
    assert run.state.things.pools["use"][0] == run.arrived
    run.advance(5.5)
    assert run.state.things.pools["use"][0] == 0
    assert run.state.clock["free"][0] == len(run.state.free)


def test_an_asynchronous_call_costs_the_caller_no_time_and_its_failure_nothing() -> None:
    refused = Visit(component="b", enter=(Wait(constant(2.0)), Take("b/door")), waits=False)
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", enter=(Wait(constant(1.0)),), calls=(refused,))), 20)
    run.advance(1.5)
    assert counts(run)["answered"] == run.arrived == begun(run)["b"]
    run.advance(4.0)
    assert int(run.state.books.refused.sum()) == run.arrived
    assert run.state.clock["free"][0] == len(run.state.free)


def test_an_asynchronous_call_may_be_tried_again() -> None:
    refused = Visit(component="b", enter=(Take("b/door"),), waits=False, attempts=3)
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", calls=(refused,))), 20, until_s=1.0)
    assert begun(run) == {"a": run.arrived, "b": 3 * run.arrived}


def test_the_first_answer_of_a_hedged_call_counts() -> None:
    # With the hedge after h = 0.7 the answer takes longer than t > h with probability exp(-t) * exp(-(t - h)).
    hedged = Visit(component="b", enter=(Wait(exponential(1.0)),), hedge_s=0.7)
    run = stream(routed({}, Visit(component="a", calls=(hedged,))), 100.0, 400.0)
    assert begun(run)["b"] / begun(run)["a"] == pytest.approx(1 + math.exp(-0.7), rel=0.02)
    assert percentile(run.state.books.route_hist[0], 99.0, FINE_BITS) == pytest.approx(
        (math.log(100.0) + 0.7) / 2, rel=0.03
    )


def test_a_hedged_call_fails_only_when_both_copies_have_failed() -> None:
    refused = Visit(component="b", enter=(Wait(constant(1.0)), Take("b/door")), hedge_s=0.5)
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", calls=(refused,))), 20, until_s=1.2)
    assert counts(run)["failed"] == 0
    run.advance(1.6)
    assert failures(run) == {"closed": run.arrived}


def test_a_purse_pays_for_exactly_its_worth_of_retries() -> None:
    refused = Visit(component="b", enter=(Take("b/door"),), attempts=3, budget="b/purse")
    primitives = {"b/door": CLOSED, "b/purse": Budget(capacity=500.0, cost=5.0)}
    run = crowd(routed(primitives, Visit(component="a", calls=(refused,))), 400, until_s=1.0)
    assert run.arrived > 300
    assert begun(run)["b"] == run.arrived + 100
    assert failures(run) == {"closed": run.arrived}


def test_time_outs_cost_more_and_answers_fill_the_purse() -> None:
    slow = waiting("b", 9.0, timeout_s=1.0, attempts=5, budget="b/purse")
    run = crowd(routed({"b/purse": Budget(capacity=100.0)}, Visit(component="a", calls=(slow,))), 50, until_s=30.0)
    assert begun(run)["b"] == run.arrived + 10
    good = waiting("b", 0.1, attempts=2, budget="b/purse")
    run = crowd(routed({"b/purse": Budget(capacity=100.0)}, Visit(component="a", calls=(good,))), 50)
    run.state.things.budgets["level"][0] = 0.0
    run.advance(1.0)
    assert run.state.things.budgets["level"][0] == pytest.approx(run.arrived)


def test_a_circuit_opens_refuses_and_closes_again() -> None:
    breaker = Breaker(threshold=0.5, window=10, open_s=20.0, probes=5)
    called = Visit(component="b", enter=(Take("b/door"),), breaker="b/breaker")
    door = Bucket(rate_per_s=1e-12, capacity=1e9, level=0.0, refusal="closed")
    run = stream(routed({"b/door": door, "b/breaker": breaker}, Visit(component="a", calls=(called,))), 10.0, 15.0)
    assert run.state.things.breakers["opened"][0] == 1
    assert failures(run)["closed"] == 10
    assert failures(run)["circuit open"] == run.arrived - 10
    run.state.things.buckets["level"][0] = 1e9
    before = begun(run)["b"]
    run.advance(40.0)
    assert run.state.things.breakers["state"][0] == 0
    assert begun(run)["b"] > before + 60


def test_a_circuit_opens_again_when_a_probe_fails() -> None:
    breaker = Breaker(threshold=0.5, window=10, open_s=2.0, probes=5)
    called = Visit(component="b", enter=(Take("b/door"),), breaker="b/breaker")
    run = stream(routed({"b/door": CLOSED, "b/breaker": breaker}, Visit(component="a", calls=(called,))), 100.0, 21.0)
    # Ten failures, then one probe about every two seconds.
    assert run.state.things.breakers["opened"][0] == pytest.approx(10, abs=1)
    assert failures(run)["closed"] == 10 + run.state.things.breakers["opened"][0] - 1


def test_a_deadline_that_travels_spares_the_work_of_callers_who_have_gone() -> None:
    primitives = {"b/cpu": Fleet(servers=1, discipline="fifo")}

    def done(deadline: bool) -> tuple[float, dict[str, int]]:
        called = Visit(component="b", enter=(Work("b/cpu", constant(1.0)),), timeout_s=5.5, deadline=deadline)
        run = crowd(routed(primitives, Visit(component="a", calls=(called,))), 40, until_s=100.0)
        return float(run.state.things.instances["work"][0]), {"arrived": run.arrived, **counts(run)}

    wasted, seen = done(False)
    assert wasted == pytest.approx(seen["arrived"])
    spared, seen = done(True)
    assert spared == pytest.approx(6.0)
    assert seen["answered"] == 5
    assert seen["failed"] == seen["arrived"] - 5


def test_a_deadline_reaches_the_calls_below() -> None:
    deep = Visit(
        component="c", enter=(Wait(constant(2.0)), Hold("c/pool"), Wait(constant(9.0))), leave=(Release("c/pool"),)
    )
    called = Visit(
        component="b", calls=(Visit(component="m", calls=(deep,), timeout_s=60.0),), timeout_s=1.0, deadline=True
    )
    run = crowd(routed({"c/pool": Pool(capacity=99)}, Visit(component="a", calls=(called,))), 20, until_s=2.5)
    assert failures(run) == {"timed out after 1 s": run.arrived}
    assert not run.state.things.pools["use"].any()
    assert run.state.clock["free"][0] == len(run.state.free)


@pytest.mark.parametrize(("jitter", "low", "high"), [("none", 1.0, 1.0), ("full", 0.0, 1.0), ("equal", 0.5, 1.0)])
def test_a_retry_comes_within_its_jitter(jitter: str, low: float, high: float) -> None:
    called = Visit(
        component="b",
        enter=(Take("b/door"),),
        attempts=2,
        backoff_base_s=1.0,
        backoff_cap_s=1.0,
        jitter=jitter,  # type: ignore[arg-type]
    )
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", calls=(called,))), 2000)
    run.advance(low - 0.01)
    assert counts(run)["failed"] == 0
    run.advance(low + 0.5 * (high - low) + 1e-6)
    middle = counts(run)["failed"] / run.arrived
    assert middle == pytest.approx(1.0 if low == high else 0.5, abs=0.05)
    run.advance(high + 0.01)
    assert counts(run)["failed"] == run.arrived


def test_decorrelated_jitter_grows_from_its_own_last_step() -> None:
    called = Visit(
        component="b",
        enter=(Take("b/door"),),
        attempts=3,
        backoff_base_s=1.0,
        backoff_cap_s=100.0,
        jitter="decorrelated",
    )
    # First wait uniform from 1 to 3, then uniform from 1 to three times the first: 2 to 12 s in all, 5.5 on average.
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", calls=(called,))), 4000)
    run.advance(1.99)
    assert counts(run)["failed"] == 0
    times_s = np.arange(2.0, 12.1, 0.1)
    failed = []
    for time_s in times_s:
        run.advance(time_s)
        failed.append(counts(run)["failed"] / run.arrived)
    assert failed[-1] == 1.0
    assert 2.0 + np.sum(1.0 - np.array(failed)) * 0.1 == pytest.approx(5.5, abs=0.15)
