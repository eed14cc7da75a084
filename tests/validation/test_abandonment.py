"""Waiting that ends in giving up, and waiting by percentiles: against birth-death chains and Erlang's distributions.

Sources: Erlang A (M/M/c + M), C. Palm (1957) as in A. Mandelbaum and S. Zeltyn, "Service Engineering in Action: The
Palm/Erlang-A Queue" (2007). The response time of M/M/c: D. Gross and C. M. Harris, "Fundamentals of Queueing Theory",
section 2.3. The waiting time of M/D/1: A. K. Erlang (1909), C. D. Crommelin (1932).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import brentq

from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Fleet, Pool, constant, exponential
from tonnage.engine.program import Hold, Release, Visit, Wait, Work
from tonnage.engine.run import Run
from validation.replications import agrees, erlang_c, judge, mean_response, one_route, refused_share, under

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("networks")]


@dataclass(frozen=True, slots=True)
class ErlangA:
    """Exact figures of c servers of rate 1.

    Attributes:
        abandoned: Share of the requests that give up.
        waiting: Mean number in line.
        response_s: Mean response time of those that are served.
    """

    abandoned: float
    waiting: float
    response_s: float


def erlang_a(servers: int, load: float, patience_s: float) -> ErlangA:
    """Solve the birth-death chain.

    Who finds k others in line is served if at each of k + 1 departures it is not the one that leaves: with the
    probability c / (c + (k + 1) / patience), after times of rate c + i / patience, i = 1 to k + 1.
    """
    weights = [1.0]
    while weights[-1] > 1e-18 * max(weights) or len(weights) <= servers:
        n = len(weights)
        weights.append(weights[-1] * load / (min(n, servers) + max(0, n - servers) / patience_s))
    shares = np.array(weights) / math.fsum(weights)
    line = np.arange(len(shares) - servers)
    waiting = float(np.dot(line, shares[servers:]))
    served = servers / (servers + (line + 1) / patience_s)
    wait_s = np.cumsum(1.0 / (servers + (line + 1) / patience_s))
    answered = float(shares[:servers].sum() + np.dot(shares[servers:], served))
    waited = float(np.dot(shares[servers:], served * wait_s))
    return ErlangA(abandoned=1.0 - answered, waiting=waiting, response_s=1.0 + waited / answered)


def pooled(servers: int, patience_s: float) -> tuple[dict[str, Pool], Visit]:
    """Tokens held for 1 s in the mean, by requests of exponential patience."""
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(exponential(1.0))), leave=(Release("a/pool"),))
    return {"a/pool": Pool(capacity=servers, patience_s=patience_s, patience="exponential")}, visit


CASES = [(4, 5.0, 0.5), (10, 9.0, 2.0), (50, 55.0, 1.0), (1, 0.8, 4.0)]
"""Servers, load and mean patience, s."""


@pytest.mark.parametrize(("servers", "load", "patience_s"), CASES)
def test_the_chain_obeys_littles_law(servers: int, load: float, patience_s: float) -> None:
    # Giving up is at the rate 1 / patience for each in line.
    exact = erlang_a(servers, load, patience_s)
    assert exact.abandoned == pytest.approx(exact.waiting / patience_s / load, rel=1e-9)


@pytest.mark.parametrize(("servers", "load", "patience_s"), CASES)
def test_a_pool_with_exponential_patience_is_erlang_a(servers: int, load: float, patience_s: float) -> None:
    exact = erlang_a(servers, load, patience_s)
    pool, visit = pooled(servers, patience_s)
    agrees(refused_share, exact.abandoned, pool, visit, load, 200_000 / load)
    agrees(mean_response, exact.response_s, pool, visit, load, 200_000 / load)


def test_the_mean_wait_of_all_under_exponential_patience_is_erlang_a() -> None:
    servers, load, patience_s = CASES[0]
    model = one_route(*pooled(servers, patience_s))
    offered = Offered(rates_per_s=(load,), step_s=1e6)
    values = []
    for seed in range(8):
        simulation = under(offered, model, 1.0, seed)
        begun_s, lengths = simulation.now_s, []
        for k in range(1, 10_001):
            simulation.advance(begun_s + k)
            lengths.append(int(simulation.state.things.lines["len"][0]))
        values.append(float(np.mean(lengths)) / load)
    judge(values, erlang_a(servers, load, patience_s).waiting / load)


def quantile(survival: Callable[[float], float], q: float) -> float:
    return float(brentq(lambda t: survival(t) - (1.0 - q / 100.0), 0.0, 40.0))


@pytest.mark.parametrize("q", [50.0, 90.0, 99.0, 99.9])
@pytest.mark.parametrize(("servers", "load"), [(2, 1.4), (8, 6.4), (64, 60.0)])
def test_m_m_c_response_percentiles(servers: int, load: float, q: float) -> None:
    spare = servers - load
    waits = erlang_c(servers, load)

    def later_than(t: float) -> float:
        # Who waits does so for an exponential time of rate c - load, and is then served for one of rate 1.
        both = (spare * math.exp(-t) - math.exp(-spare * t)) / (spare - 1.0)
        return (1.0 - waits) * math.exp(-t) + waits * both

    def figure(simulation: Run) -> float:
        return percentile(simulation.state.books.route_hist[0], q, FINE_BITS)

    station = {"a/cpu": Fleet(servers=servers, discipline="fifo")}
    visit = Visit(component="a", enter=(Work("a/cpu", exponential(1.0)),))
    agrees(figure, quantile(later_than, q), station, visit, load, 400_000 / load)


@pytest.mark.parametrize("q", [50.0, 90.0, 99.0])
def test_m_d_1_waiting_percentiles(q: float) -> None:
    load = 0.7

    def later_than(t: float) -> float:
        terms = ((-load * (t - k)) ** k / math.factorial(k) * math.exp(load * (t - k)) for k in range(int(t) + 1))
        return 1.0 - (1.0 - load) * math.fsum(terms)

    def figure(simulation: Run) -> float:
        # All work for 1 s.
        return percentile(simulation.state.books.route_hist[0], q, FINE_BITS) - 1.0

    station = {"a/cpu": Fleet(servers=1, discipline="fifo")}
    visit = Visit(component="a", enter=(Work("a/cpu", constant(1.0)),))
    agrees(figure, quantile(later_than, q), station, visit, load, 300_000)
