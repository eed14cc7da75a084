"""The event loop: what each instruction does to a request, where nothing is left to chance."""

import numpy as np
import pytest

from engine.runs import counts, crowd, failures, routed, stream
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Cache, Fleet, Pool, constant, exponential
from tonnage.engine.program import Choose, Hold, Leave, Lookup, Program, Release, Take, Visit, Wait, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

CLOSED = Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0, refusal="closed")


def begun(run: Run) -> dict[str, int]:
    return {name: int(n) for name, n in zip(run.model.components, run.state.books.comp_own, strict=True)}


def residence(run: Run) -> dict[str, float]:
    done, time_s = run.state.books.comp_time.T
    return dict(zip(run.model.components, time_s / done, strict=True))


def test_a_component_is_told_the_time_of_its_calls_and_its_own_before_and_after() -> None:
    below = Visit(component="b", enter=(Wait(constant(0.2)), Wait(constant(0.3))))
    entry = Visit(component="a", enter=(Wait(constant(1.0)),), calls=(below, below), leave=(Wait(constant(0.1)),))
    run = crowd(routed({}, entry), 30, until_s=10.0)
    assert residence(run) == pytest.approx({"a": 2.1, "b": 0.5})
    assert begun(run) == {"a": run.arrived, "b": 2 * run.arrived}
    assert percentile(run.state.books.route_hist[0], 50.0, FINE_BITS) == pytest.approx(2.1, rel=0.01)


def test_a_branch_is_taken_by_its_share() -> None:
    maybe = Visit(component="b", probability=0.3)
    run = stream(routed({}, Visit(component="a", calls=(maybe,))), 1000.0, 50.0)
    assert begun(run)["b"] / begun(run)["a"] == pytest.approx(0.3, abs=4 * (0.21 / 50_000) ** 0.5)


def test_every_round_of_a_loop_has_luck_of_its_own() -> None:
    often = Visit(component="b", enter=(Wait(exponential(1.0)),), times=4)
    run = stream(routed({}, Visit(component="a", calls=(often,))), 500.0, 200.0)
    assert begun(run)["b"] == pytest.approx(4 * begun(run)["a"], rel=0.03)
    # The sum of four is Erlang: its 99th percentile is 10.05, and would be 18.4 were all four alike.
    assert percentile(run.state.books.route_hist[0], 99.0, FINE_BITS) == pytest.approx(10.045, rel=0.03)


def test_a_hit_goes_on_and_a_miss_makes_the_visit_below_and_fills_the_cache() -> None:
    store = Visit(component="b", enter=(Wait(constant(0.5)),))
    entry = Visit(component="a", enter=(Lookup("a/keys"),), on_miss=(store,))
    run = crowd(routed({"a/keys": Cache(objects=1, capacity=1, warm=False)}, entry), 20, until_s=0.4)
    # All of the crowd miss: the first has not filled it yet.
    assert begun(run)["b"] == run.arrived
    run.advance(1.0)
    again = crowd(run.model, 20, seed=2)
    again.state = again.state._replace(things=run.state.things)
    again.advance(0.1)
    assert begun(again)["b"] == 0
    assert counts(again)["answered"] == again.arrived > 0


def test_a_refused_call_is_tried_again_and_may_succeed() -> None:
    # Refused at 0, at 1 and at 3; a token comes every 4 s: the try at 7 s finds one.
    called = Visit(
        component="b", enter=(Take("b/door"),), attempts=4, backoff_base_s=1.0, backoff_cap_s=99.0, jitter="none"
    )
    door = Bucket(rate_per_s=0.25, capacity=100.0, level=-0.5)
    run = crowd(routed({"b/door": door}, Visit(component="a", calls=(called,))), 1, until_s=6.9)
    assert run.arrived > 0
    assert counts(run)["answered"] == 0
    run.advance(7.1)
    assert counts(run)["answered"] == 1
    assert int(run.state.books.refused.sum()) == 4 * run.arrived - 1
    assert failures(run) == ({"throttled": run.arrived - 1} if run.arrived > 1 else {})


def test_a_failure_goes_to_the_nearest_caller_that_tries_again() -> None:
    deep = Visit(component="c", enter=(Take("c/door"),))
    middle = Visit(component="b", calls=(deep,), attempts=3)
    outer = Visit(component="a", calls=(middle,), attempts=2)
    run = crowd(routed({"c/door": CLOSED}, Visit(component="top", calls=(outer,))), 10, until_s=1.0)
    each = {name: n / run.arrived for name, n in begun(run).items()}
    assert each == {"top": 1.0, "a": 2.0, "b": 6.0, "c": 6.0}
    assert failures(run) == {"closed": run.arrived}
    assert int(run.state.books.refused.sum()) == 6 * run.arrived


def test_jitter_waits_anything_up_to_the_back_off() -> None:
    called = Visit(component="b", enter=(Take("b/door"),), attempts=2, backoff_base_s=1.0, backoff_cap_s=1.0)
    run = crowd(routed({"b/door": CLOSED}, Visit(component="a", calls=(called,))), 2000)
    for time_s in (0.25, 0.5, 0.75, 1.0):
        run.advance(time_s)
        assert counts(run)["failed"] / run.arrived == pytest.approx(time_s, abs=0.05)


def test_work_goes_on_when_its_caller_has_given_up() -> None:
    primitives = {"b/pool": Pool(capacity=1000)}
    called = Visit(
        component="b", enter=(Hold("b/pool"), Wait(constant(5.0))), leave=(Release("b/pool"),), timeout_s=1.0
    )
    run = crowd(routed(primitives, Visit(component="a", calls=(called,))), 20, until_s=2.0)
    assert failures(run) == {"timed out after 1 s": run.arrived}
    assert run.in_flight == 0
    assert run.state.things.pools["use"][0] == run.arrived
    run.advance(5.1)
    assert run.state.things.pools["use"][0] == 0


def test_a_failure_gives_back_everything_held_on_the_way() -> None:
    primitives = {
        "a/cpu": Fleet(servers=1, instances=2, max_instances=2, rule="least outstanding"),
        "a/one": Pool(capacity=100),
        "a/two": Pool(capacity=100, fleet="a/cpu"),
        "b/door": CLOSED,
    }
    entry = Visit(
        component="a",
        enter=(Hold("a/one"), Choose("a/cpu"), Hold("a/two")),
        calls=(Visit(component="b", enter=(Wait(constant(1.0)), Take("b/door"))),),
        leave=(Release("a/two"), Leave("a/cpu"), Release("a/one")),
    )
    run = crowd(routed(primitives, entry), 30, until_s=0.5)
    assert run.state.things.pools["use"].sum() == 2 * run.arrived
    assert run.state.things.instances["out"].sum() == run.arrived
    run.advance(2.0)
    assert not run.state.things.pools["use"].any()
    assert not run.state.things.instances["out"].any()


def test_work_without_a_choice_finds_an_instance_for_itself_alone() -> None:
    primitives = {"a/cpu": Fleet(servers=1, discipline="fifo", instances=3, max_instances=3)}
    run = crowd(routed(primitives, Visit(component="a", enter=(Work("a/cpu", constant(1.0)),))), 30, until_s=0.5)
    assert list(run.state.things.instances["n"]) == [1, 1, 1]
    assert not run.state.things.instances["out"].any()


def test_requests_are_shared_among_the_routes() -> None:
    programs = [
        Program(route="quick", share=0.25, entry=Visit(component="a", enter=(Wait(constant(0.1)),)), deadline_s=1.0),
        Program(route="slow", share=0.75, entry=Visit(component="b", enter=(Wait(constant(2.0)),)), deadline_s=1.0),
    ]
    run = Run(build({}, programs), [1000.0], 30.0, Measure(start_s=0.0, end_s=20.0, window_s=5.0), seed=1)
    run.advance(30.0)
    arrived, answered, failed, late = run.state.books.route_count.T
    assert arrived[0] / arrived.sum() == pytest.approx(0.25, abs=4 * (0.1875 / 20_000) ** 0.5)
    assert list(answered) == [arrived[0], 0]
    assert list(late) == [0, arrived[1]]
    assert not failed.any()
    windows = run.state.books.window_count
    assert np.array_equal(windows.sum(axis=1), np.column_stack([arrived, answered, late]))
    assert windows[:, :, 0].sum(axis=0) == pytest.approx([5000] * 4, rel=0.06)
