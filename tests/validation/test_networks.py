"""Several components together: against a product form, a Markov chain solved numerically, and renewal arguments."""

import math

import numpy as np
import pytest
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from tonnage.engine.primitives import Cache, Fleet, Pool, Primitive, exponential
from tonnage.engine.program import Hold, Lookup, Release, Visit, Wait, Work
from tonnage.engine.run import Run
from validation.replications import agrees, erlang_c, mean_response, refused_share

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("engine")]


def test_a_web_shop_of_exponential_times_is_a_jackson_network() -> None:
    rate = 1000.0
    stations = {  # servers, mean time, visits a request
        "gateway": (4, 0.002, 1.0),
        "balancer": (2, 0.001, 1.0),
        "web": (80, 0.056, 1.0),
        "cache": (2, 0.001, 1.0),
        "database": (64, 0.224, 0.2),
    }
    exact = 0.0
    for servers, time_s, visits in stations.values():
        load = rate * visits * time_s
        exact += visits * time_s * (1.0 + erlang_c(servers, load) / (servers - load))
    assert exact == pytest.approx(0.1056546, abs=1e-7)
    primitives: dict[str, Primitive] = {
        f"{name}/cpu": Fleet(servers=servers, discipline="fifo") for name, (servers, _, _) in stations.items()
    }
    primitives["cache/keys"] = Cache(hit_ratio=0.8)

    def works(name: str) -> Work:
        return Work(f"{name}/cpu", exponential(stations[name][1]))

    database = Visit(component="database", enter=(works("database"),))
    visit = Visit(component="cache", enter=(works("cache"), Lookup("cache/keys")), on_miss=(database,))
    for name in ("web", "balancer", "gateway"):
        visit = Visit(component=name, enter=(works(name),), calls=(visit,))
    agrees(mean_response, exact, primitives, visit, rate, 400.0, precise=0.002, replications=6)


def layered(rate: float, workers: int, places: int, cpu: tuple[int, float], database: tuple[int, float]):
    """Share refused and mean response of workers held while a database works: the chain (at cpu, at database, waiting).

    Args:
        rate: Poisson arrivals, 1/s.
        workers: Tokens held from arrival to answer.
        places: Most requests waiting for one.
        cpu: Servers and rate of each; likewise ``database``.
    """
    states = [(a, b, 0) for a in range(workers + 1) for b in range(workers + 1 - a)]
    states += [(a, workers - a, q) for a in range(workers + 1) for q in range(1, places + 1)]
    index = {state: k for k, state in enumerate(states)}
    flow = lil_matrix((len(states), len(states)))
    for (a, b, q), k in index.items():
        moves = []
        if a + b < workers:
            moves.append(((a + 1, b, 0), rate))
        elif q < places:
            moves.append(((a, b, q + 1), rate))
        if a:
            moves.append(((a - 1, b + 1, q), min(a, cpu[0]) * cpu[1]))
        if b:
            # The freed worker takes the next in line to the cpu.
            moves.append(((a + 1, b - 1, q - 1) if q else (a, b - 1, 0), min(b, database[0]) * database[1]))
        for state, speed in moves:
            flow[index[state], k] += speed
            flow[k, k] -= speed
    flow[0, :] = 1.0
    share = spsolve(flow.tocsc(), np.eye(len(states))[0])
    full = sum(p for (a, b, q), p in zip(states, share, strict=True) if a + b == workers and q == places)
    present = sum(p * sum(state) for state, p in zip(states, share, strict=True))
    return float(full), float(present / (rate * (1.0 - full)))


@pytest.mark.parametrize(("database", "most_workers"), [((1, 2.4), 4), ((3, 0.9), 6)])
def test_workers_held_while_a_database_works_are_a_markov_chain(database: tuple[int, float], most_workers: int) -> None:
    rate, places, cpu = 2.0, 5, (2, 1.25)
    refused, response = layered(rate, most_workers, places, cpu, database)
    primitives: dict[str, Primitive] = {
        "a/cpu": Fleet(servers=cpu[0], discipline="fifo"),
        "a/workers": Pool(capacity=most_workers, queue_limit=places),
        "b/cpu": Fleet(servers=database[0], discipline="fifo"),
    }
    below = Visit(component="b", enter=(Work("b/cpu", exponential(1.0 / database[1])),))
    visit = Visit(
        component="a",
        enter=(Hold("a/workers"), Work("a/cpu", exponential(1.0 / cpu[1]))),
        calls=(below,),
        leave=(Release("a/workers"),),
    )
    # Held workers make the difference: without holding, the cpu alone would lose far less.
    assert refused > 0.05
    agrees(refused_share, refused, primitives, visit, rate, 100_000)
    agrees(mean_response, response, primitives, visit, rate, 100_000)


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_that_fail_independently_are_a_truncated_geometric_number(attempts: int) -> None:
    failing = math.exp(-0.8)
    called = Visit(component="b", enter=(Wait(exponential(1.0)),), timeout_s=0.8, attempts=attempts)
    visit = Visit(component="a", calls=(called,))

    def tries(simulation: Run) -> float:
        begun = dict(zip(simulation.model.components, simulation.state.books.comp_own, strict=True))
        return float(begun["b"] / begun["a"])

    agrees(tries, (1.0 - failing**attempts) / (1.0 - failing), {}, visit, 20.0, 5_000)
    agrees(refused_share, failing**attempts, {}, visit, 20.0, 10_000, precise=0.03)
