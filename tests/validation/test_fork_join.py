"""Calls made all at once: the visit goes on when the last is answered.

Sources: two queues fed by the same Poisson arrivals, L. Flatto and S. Hahn, "Two Parallel Queues Created by Arrivals
with Two Demands" (SIAM J. Appl. Math. 44(5), 1984), whose mean is R. Nelson and A. N. Tantawi, "Approximate Analysis of
Fork/Join Synchronization in Parallel Queues" (IEEE Trans. Computers 37(6), 1988): exact for two, an approximation and
bounds for more.
"""

import math

import numpy as np
import pytest

from tonnage.engine.model import Model
from tonnage.engine.primitives import Fleet, Pool, Primitive, exponential
from tonnage.engine.program import Hold, Release, Visit, Wait, Work
from validation.replications import agrees, closed, judge, mean_response, one_route, refused_share, run, throughput

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("networks")]


def forked(queues: int) -> tuple[dict[str, Primitive], Visit]:
    """Queues of one server that works 1 s in the mean, each called by every request."""
    primitives: dict[str, Primitive] = {f"q{k}/cpu": Fleet(servers=1, discipline="fifo") for k in range(queues)}
    calls = tuple(Visit(component=f"q{k}", enter=(Work(f"q{k}/cpu", exponential(1.0)),)) for k in range(queues))
    return primitives, Visit(component="a", calls=calls, parallel=True)


def harmonic(n: int) -> float:
    return math.fsum(1.0 / k for k in range(1, n + 1))


def of_two(load: float) -> float:
    return (12.0 - load) / 8.0 / (1.0 - load)


@pytest.mark.parametrize("load", [0.2, 0.5, 0.8])
def test_a_fork_to_two_queues_is_nelson_and_tantawis_exact_mean(load: float) -> None:
    agrees(mean_response, of_two(load), *forked(2), load, 200_000 / load)


@pytest.mark.parametrize("load", [0.3, 0.8])
@pytest.mark.parametrize("queues", [4, 16])
def test_a_fork_to_more_queues_lies_within_their_bounds_and_near_their_approximation(queues: int, load: float) -> None:
    values = [mean_response(run(*forked(queues), load, 60_000 / load, seed)) for seed in range(8)]
    mean, error = float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(8))
    # Requests see positively correlated queues: independent ones with the same time would be slower.
    assert max(of_two(load), harmonic(queues)) < mean - 4.0 * error
    assert mean + 4.0 * error < harmonic(queues) / (1.0 - load)
    # "Less than 5 percent" for up to 32 queues, they say of it; within 3 % here.
    growth = harmonic(queues) / harmonic(2)
    assert mean == pytest.approx((growth + 4.0 / 11.0 * (1.0 - growth) * load) * of_two(load), rel=0.03)


@pytest.mark.parametrize("calls", [2, 5, 10])
def test_without_queues_a_fork_takes_as_long_as_the_longest_call(calls: int) -> None:
    waits = tuple(Visit(component=f"q{k}", enter=(Wait(exponential(1.0)),)) for k in range(calls))
    agrees(mean_response, harmonic(calls), {}, Visit(component="a", calls=waits, parallel=True), 5.0, 20_000)


def test_a_fork_ends_with_the_first_call_that_fails() -> None:
    # Two calls that time out after 1 s: both must be answered before.
    called = [Visit(component=name, enter=(Wait(exponential(1.0)),), timeout_s=1.0) for name in ("b", "c")]
    answered = (1.0 - math.exp(-1.0)) ** 2
    visit = Visit(component="a", calls=tuple(called), parallel=True)
    agrees(refused_share, 1.0 - answered, {}, visit, 5.0, 20_000)


def held_fork(workers: int) -> Model:
    """A worker is held until both calls are answered."""
    waits = tuple(Visit(component=f"q{k}", enter=(Wait(exponential(1.0)),)) for k in range(2))
    inner = Visit(component="a", enter=(Hold("a/workers"),), calls=waits, parallel=True, leave=(Release("a/workers"),))
    return one_route({"a/workers": Pool(capacity=workers)}, inner)


def test_workers_that_wait_for_a_fork_carry_one_request_for_its_longest_call_each() -> None:
    # More clients than workers and no thinking: every worker is always busy.
    runs = closed(held_fork(5), 12, exponential(1e-9), 10_000.0)
    judge([throughput(run) for run in runs], 5.0 / harmonic(2), precise=0.005)
