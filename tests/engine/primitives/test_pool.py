"""Pools: tokens are taken, waited for in order, given up and given back."""

import pytest

from engine.runs import counts, crowd, failures, one_route, routed, steady
from tonnage.engine.primitives import Bucket, Fleet, Pool, constant
from tonnage.engine.program import Choose, Hold, Leave, Release, Take, Visit, Wait

POOL = "a/pool"


def held(pool: Pool, time_s: float = 1.0):
    return one_route({POOL: pool}, Hold(POOL), Wait(constant(time_s)), leave=(Release(POOL),))


def test_as_many_are_served_at_once_as_there_are_tokens() -> None:
    run = crowd(held(Pool(capacity=3)), 30, until_s=2.5)
    assert counts(run)["answered"] == 2 * 3
    assert run.state.things.pools["use"][0] == 3
    assert run.state.things.pools["integral"][0] == pytest.approx(3 * 2.5, rel=1e-6)


def test_those_who_find_no_place_are_refused_with_its_words() -> None:
    run = crowd(held(Pool(capacity=2, queue_limit=3, refusal="too many connections")), 30, until_s=10.0)
    assert counts(run)["answered"] == 5
    assert failures(run) == {"too many connections": run.arrived - 5}


def test_patience_ends_after_its_time_and_not_before() -> None:
    pool = held(Pool(capacity=1, patience_s=2.5))
    run = crowd(pool, 20, until_s=2.49)
    assert failures(run) == {}
    run.advance(100.0)
    # One is served at 0, one at 1 and one at 2; the others leave at 2.5.
    assert counts(run)["answered"] == 3
    assert failures(run) == {"waited longer than 2.5 s": run.arrived - 3}
    assert run.state.things.lines["len"][0] == 0


def test_the_line_moves_in_order_of_arrival() -> None:
    run = steady(held(Pool(capacity=1)), 2.0, 20.0)
    run.advance(10.0)
    before = sorted(run.unanswered()[:, 1])
    run.advance(14.0)
    after = set(run.unanswered()[:, 1])
    assert len(before) > 5
    assert [time_s for time_s in before if time_s in after] == before[4:]


def test_every_instance_has_its_own() -> None:
    primitives = {
        "a/cpu": Fleet(servers=1, instances=3, max_instances=4),
        POOL: Pool(capacity=2, queue_limit=0, fleet="a/cpu"),
    }
    model = one_route(
        primitives,
        Choose("a/cpu"),
        Hold(POOL),
        Wait(constant(1.0)),
        leave=(Release(POOL), Leave("a/cpu")),
    )
    run = crowd(model, 60, until_s=0.5)
    assert list(run.state.things.pools["use"]) == [2, 2, 2, 0]
    run.advance(2.0)
    assert list(run.state.things.pools["use"]) == [0, 0, 0, 0]
    assert not run.state.things.instances["out"].any()


def test_a_request_that_fails_further_down_gives_its_token_back() -> None:
    primitives = {POOL: Pool(capacity=1), "b/door": Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0)}
    below = Visit(component="b", enter=(Wait(constant(0.1)), Take("b/door")))
    run = crowd(
        routed(primitives, Visit(component="a", enter=(Hold(POOL),), calls=(below,), leave=(Release(POOL),))),
        20,
        until_s=100.0,
    )
    assert counts(run)["failed"] == run.arrived > 0
    assert run.state.things.pools["use"][0] == 0
    assert run.state.things.pools["integral"][0] == pytest.approx(0.1 * run.arrived)
