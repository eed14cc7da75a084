"""Holding: the first in line gets what is given back, and a list loses its newest entry."""

import pytest

from engine.runs import crowd, one_route
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.holding import drop, pool_account
from tonnage.engine.primitives import Environments, Pool, constant
from tonnage.engine.program import Hold, Lease, Release, Return, Wait


@kernel
def dropped(tasks, task, held):
    drop(tasks[task], held)


@kernel
def accounted(pools, p, now):
    pool_account(pools[p], now)


@pytest.mark.parametrize(
    ("held", "entry", "left"),
    [([5, 7, 9], 9, [5, 7]), ([5, 7, 9], 5, [7, 9]), ([5, 7, 5, 9], 5, [5, 7, 9]), ([5], 8, [5]), ([], 5, [])],
)
def test_the_newest_equal_entry_is_dropped_and_the_others_keep_their_order(
    held: list[int], entry: int, left: list[int]
) -> None:
    tasks = crowd(one_route({}, Wait(constant(1.0))), 1).state.tasks
    tasks["hold"][3, : len(held)] = held
    tasks["held"][3] = len(held)
    dropped(tasks, 3, entry)
    assert list(tasks["hold"][3, : tasks["held"][3]]) == left


def test_the_integral_counts_tokens_times_time() -> None:
    pools = crowd(one_route({"a/pool": Pool(capacity=9)}, Wait(constant(1.0))), 1).state.things.pools
    for use, now in ((4, 2.0), (1, 5.0), (0, 7.0)):
        accounted(pools, 0, now)
        pools["use"][0] = use
    accounted(pools, 0, 100.0)
    assert pools["integral"][0] == pytest.approx(4 * 3.0 + 1 * 2.0)


def test_a_token_given_back_goes_straight_to_the_first_in_line() -> None:
    model = one_route({"a/pool": Pool(capacity=2)}, Hold("a/pool"), Wait(constant(1.0)), leave=(Release("a/pool"),))
    run = crowd(model, 30, until_s=0.5)
    first, second = (
        int(run.state.things.lines["head"][0]),
        int(run.state.tasks["after"][run.state.things.lines["head"][0]]),
    )
    run.advance(1.5)
    assert run.state.things.pools["use"][0] == 2
    assert run.state.tasks["held"][first] == run.state.tasks["held"][second] == 1
    assert run.state.tasks["line"][first] == run.state.tasks["line"][second] == -1


def in_use(run) -> list[int]:
    environments = run.state.things.environments[0]
    return [int(environments["use"]), int(environments["use_provisioned"])]


def test_environments_are_given_back_to_where_they_came_from() -> None:
    environments = Environments(limit=50, cold_start=constant(0.0), keep_alive_s=9.0, provisioned=4)
    model = one_route({"a/env": environments}, Lease("a/env"), Wait(constant(1.0)), leave=(Return("a/env"),))
    run = crowd(model, 12, until_s=0.5)
    assert in_use(run) == [run.arrived, 4]
    run.advance(1.5)
    assert in_use(run) == [0, 0]
    assert run.state.things.environments["warm_n"][0] == run.arrived - 4
    assert run.state.things.environments["integral"][0] == pytest.approx(run.arrived, rel=1e-6)
