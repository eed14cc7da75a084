"""Layered queueing networks: servers that are held while servers below them work, as published and as Markov chains.

Sources: the regression models of the LQN toolset (G. Franks, M. Woodside and others, Carleton University), repository
layeredqueuing/V5, folder ``models/regression-xml/sim-results``: results of the simulator ``lqsim`` with their
confidence intervals of 99 %. The notation: G. Franks, T. Al-Omari, M. Woodside, O. Das and S. Derisavi, "Enhanced
Modeling and Solution of Layered Queueing Networks" (IEEE Trans. Software Engineering 35(2), 2009). Their times are
exponential; the number of calls is geometric, with a slice of the caller's own work before, between and after them.

Not covered, because the program language has no second phase (work after the reply that still holds the server) and a
closed loop has one class of clients: the models 21, 31, 90 and 91 of that folder, and 08, which mixes open with closed.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from tonnage.engine.model import build
from tonnage.engine.primitives import Fleet, Pool, Primitive, constant, exponential
from tonnage.engine.program import Hold, Program, Release, Visit, Wait, Work
from tonnage.engine.run import Run
from validation.mean_value import mean_values
from validation.replications import agrees, closed, judge, mean_response, one_route, run, throughput

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("networks")]


def many(mean: float, visit: Visit) -> tuple[Visit, ...]:
    """A visit made a geometric number of times, 0 included.

    The binary digits of a geometric number are independent: digit k is 1 with the probability q / (1 + q), where q is
    the ratio of the series to the power of 2**k.
    """
    ratio = mean / (1.0 + mean)
    powers = itertools.takewhile(lambda power: power[1] > 1e-9, ((2**k, ratio ** (2**k)) for k in itertools.count()))
    return tuple(
        Visit(component="again", probability=q / (1.0 + q), calls=(replace(visit, times=times),)) for times, q in powers
    )


def near(values: Sequence[float], published: float, confidence: float) -> None:
    """The mean of the values is the published one, within both confidences of 99 % or more."""
    error = float(np.std(values, ddof=1) / math.sqrt(len(values)))
    assert error < 0.01 * published
    assert abs(np.mean(values) - published) <= 4.0 * error + confidence, f"{np.mean(values):.5g} ± {error:.2g}"


def held(simulation: Run, pool: str) -> float:
    """Mean number of tokens in use since the beginning."""
    return float(simulation.state.things.pools["integral"][simulation.model.pools[pool]] / simulation.now_s)


def busy(simulation: Run, fleet: str) -> float:
    """Mean number of busy servers since the beginning."""
    slot = simulation.model.fleet_slots(fleet).start
    return float(simulation.state.things.instances["work"][slot] / simulation.now_s)


def time_of(simulation: Run, component: str) -> float:
    done, time_s = simulation.state.books.comp_time[simulation.model.components.index(component)]
    return float(time_s / done)


def test_a_geometric_number_of_calls_has_its_mean_and_variance() -> None:
    visit = Visit(component="a", calls=many(2.5, Visit(component="b")))
    simulation = run({}, visit, 100.0, 2_000.0, seed=1)
    begun = dict(zip(simulation.model.components, simulation.state.books.comp_own, strict=True))
    assert begun["b"] / begun["a"] == pytest.approx(2.5, rel=4.0 * math.sqrt(3.5 / 2.5 / 200_000))


def test_model_20_clients_of_a_server_with_two_threads() -> None:
    # lqsim: 1.69982 calls/s (1.70022 as the server counts); four clients, 1 s of work on either side.
    exact, _ = mean_values(4, 1.0, [(2, 1.0)])
    assert exact == pytest.approx(1.69982, rel=0.002)
    visit = Visit(component="server", enter=(Hold("server/threads"), Wait(exponential(1.0))))
    visit = replace(visit, leave=(Release("server/threads"),))
    runs = closed(one_route({"server/threads": Pool(capacity=2)}, visit), 4, exponential(1.0), 30_000.0)
    judge([throughput(found) for found in runs], exact, precise=0.005)
    # Waiting for a thread, and holding it.
    near([mean_response(found) for found in runs], 0.353293 + 0.999913, 0.00900698 + 0.0122872)


def test_model_12_two_clients_of_a_server_and_of_the_server_below_it() -> None:
    # After each slice of 1/3 s the client calls e1, calls e2 or begins its next cycle, each with one third: between
    # two calls there is exponential time of mean 0.5 s, and a cycle has two calls.
    lower = Visit(component="t2", enter=(Hold("t2/threads"), Work("p2/cpu", exponential(1.0))))
    lower = replace(lower, leave=(Release("t2/threads"),))
    below = Visit(component="t1 below", calls=(lower, Visit(component="t1", enter=(Work("p1/cpu", exponential(0.5)),))))
    upper = Visit(
        component="e1",
        enter=(Hold("t1/threads"), Work("p1/cpu", exponential(0.5))),
        calls=many(1.0, below),
        leave=(Release("t1/threads"),),
    )
    primitives: dict[str, Primitive] = {
        "t1/threads": Pool(capacity=1),
        "t2/threads": Pool(capacity=1),
        "p1/cpu": Fleet(servers=1, discipline="fifo"),
        "p2/cpu": Fleet(servers=1, discipline="fifo"),
    }
    programs = [
        Program(route="e1", share=0.5, entry=upper, deadline_s=1e9),
        Program(route="e2", share=0.5, entry=replace(lower, component="e2"), deadline_s=1e9),
    ]
    runs = closed(build(primitives, programs), 2, exponential(0.5), 100_000.0)
    near([throughput(found) / 2.0 for found in runs], 0.346318, 0.00594858)
    near([held(found, "t1/threads") for found in runs], 0.773995, 0.0061495)
    near([busy(found, "p2/cpu") for found in runs], 0.690927, 0.00414099)
    # Waiting for the upper server and its time, and likewise at the lower one for either caller.
    near([time_of(found, "e1") for found in runs], 1.11175 + 2.24032, 0.0221921 + 0.0248875)
    near([time_of(found, "e2") for found in runs], 0.436081 + 1.00085, 0.0113313 + 0.00478703)
    near([time_of(found, "t2") for found in runs], 0.242441 + 1.00085, 0.00535661 + 0.00478703)


def test_model_92_open_arrivals_at_four_servers() -> None:
    # Hundreds of seconds stand for seconds. lqsim: 52.3258 ± 0.904 in all; without layers it is a Jackson network.
    servers = {"DBD": 0.1052, "DBP": 0.1073, "WSD": 0.0755, "WSP": 0.1712}
    exact = sum(time_s / (1.0 - time_s) for time_s in servers.values())
    assert exact == pytest.approx(0.523258, abs=0.00903733)
    calls = [
        call
        for name, time_s in servers.items()
        for call in many(1.0, Visit(component=name, enter=(Work(f"{name}/cpu", exponential(time_s)),)))
    ]
    primitives = {f"{name}/cpu": Fleet(servers=1, discipline="fifo") for name in servers}
    # A request that makes no call at all takes no time; the histogram's first bucket is a microsecond wide.
    agrees(mean_response, exact, primitives, Visit(component="choose", calls=tuple(calls)), 1.0, 300_000)


def web_server() -> tuple[dict[str, Primitive], Visit]:
    """Model 94: users, a protocol thread, ten server threads, three of scripts and a database with one; in seconds.

    The protocol thread forwards to the server, which answers. A user calls a geometric number of times (mean 1) and
    then thinks for 3 s: before a call it has not thought at all with the probability 1/2, and else for 6 s in the mean.
    """

    def single() -> Fleet:
        return Fleet(servers=1, discipline="fifo")

    primitives: dict[str, Primitive] = {
        "ws/cpu": Fleet(servers=1, discipline="processor sharing"),
        "ws/disk": single(),
        "db/cpu": single(),
        "db/disk": single(),
        "protocol/threads": Pool(capacity=1),
        "server/threads": Pool(capacity=10),
        "scripts/threads": Pool(capacity=3),
        "db/threads": Pool(capacity=1),
    }

    def database(work_s: float, reads: float) -> Visit:
        piece = Work("db/cpu", exponential(work_s / (1.0 + reads)))
        disk = Visit(component="disk", enter=(Work("db/disk", exponential(0.005)), piece))
        return Visit(
            component="db", enter=(Hold("db/threads"), piece), calls=many(reads, disk), leave=(Release("db/threads"),)
        )

    def script(work_s: float, queries: float, query: Visit) -> Visit:
        # Its own work follows each query.
        piece = Work("ws/cpu", exponential(work_s / (1.0 + queries)))
        asked = replace(query, leave=(*query.leave, piece))
        return Visit(
            component="script",
            enter=(Hold("scripts/threads"), piece),
            calls=many(queries, asked),
            leave=(Release("scripts/threads"),),
        )

    updating = script(0.015, 1.6, database(0.0306, 6.0))
    reading = script(0.005, 4.3, database(0.0204, 4.0))
    piece = Work("ws/cpu", exponential(0.009821 / (1.0 + 1.51 + 0.04 + 0.06)))
    disk = Visit(component="ws disk", enter=(Work("ws/disk", exponential(0.005)), piece))
    server = Visit(
        component="server",
        enter=(Hold("server/threads"), piece),
        calls=(
            *many(1.51, disk),
            *many(0.04, replace(updating, leave=(*updating.leave, piece))),
            *many(0.06, replace(reading, leave=(*reading.leave, piece))),
        ),
        leave=(Release("server/threads"),),
    )
    protocol = Visit(
        component="protocol",
        enter=(Hold("protocol/threads"), Work("ws/cpu", exponential(0.0062))),
        leave=(Release("protocol/threads"),),
    )
    thinking = Visit(component="thinking", probability=0.5, enter=(Wait(exponential(6.0)),))
    return primitives, Visit(component="user", calls=(thinking, protocol, server))


def test_model_94_a_web_server_of_five_layers() -> None:
    primitives, visit = web_server()
    runs = closed(one_route(primitives, visit), 225, constant(0.0), 6_000.0, replications=6)
    near([throughput(found) for found in runs], 57.0296, 0.366195)
    near([mean_response(found) - 3.0 for found in runs], 0.944593, 0.0241951)
    near([busy(found, "ws/cpu") for found in runs], 0.964931, 0.00350637)
    near([busy(found, "ws/disk") for found in runs], 0.430589, 0.00322891)
    near([busy(found, "db/cpu") for found in runs], 0.411769, 0.00559069)
    near([busy(found, "db/disk") for found in runs], 0.403515, 0.00486136)
    near([held(found, "protocol/threads") for found in runs], 0.94649, 0.00629749)
    near([held(found, "server/threads") for found in runs], 6.76271, 0.110082)
    near([held(found, "scripts/threads") for found in runs], 2.11333, 0.0381343)
    near([held(found, "db/threads") for found in runs], 0.815284, 0.0109789)


def software_bottleneck(
    clients: int, think_s: float, threads: int, cpu: tuple[int, float], database: tuple[int, float]
) -> tuple[float, float]:
    """Throughput and busy threads of a closed loop through threads held while a database works, as a Markov chain.

    Args:
        clients: Clients in the loop.
        think_s: Mean time between an answer and the next request.
        threads: Tokens held from the start of the work to the answer.
        cpu: Servers and mean time; likewise ``database``.
    """
    # States: at the cpu, at the database, waiting for a thread; the rest think.
    states = [
        (a, b, q)
        for a in range(threads + 1)
        for b in range(threads + 1 - a)
        for q in range(clients + 1 - a - b)
        if q == 0 or a + b == threads
    ]
    index = {state: k for k, state in enumerate(states)}
    flow = lil_matrix((len(states), len(states)))
    for (a, b, q), k in index.items():
        moves = [((a, b, q + 1) if a + b == threads else (a + 1, b, 0), (clients - a - b - q) / think_s)]
        if a:
            moves.append(((a - 1, b + 1, q), min(a, cpu[0]) / cpu[1]))
        if b:
            moves.append(((a + 1, b - 1, q - 1) if q else (a, b - 1, 0), min(b, database[0]) / database[1]))
        for state, speed in moves:
            if speed > 0.0:
                flow[index[state], k] += speed
                flow[k, k] -= speed
    flow[0, :] = 1.0
    share = spsolve(flow.tocsc(), np.eye(1, len(states))[0])
    thinking = sum(p * (clients - sum(state)) for p, state in zip(share, states, strict=True))
    in_threads = sum(p * (state[0] + state[1]) for p, state in zip(share, states, strict=True))
    return float(thinking / think_s), float(in_threads)


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 20])
def test_a_software_bottleneck_is_a_markov_chain(threads: int) -> None:
    # With few threads neither the processor nor the database is busy, and yet nothing more is carried.
    clients, think_s, cpu, database = 20, 1.0, (2, 0.10), (3, 0.25)
    carried, in_threads = software_bottleneck(clients, think_s, threads, cpu, database)
    primitives: dict[str, Primitive] = {
        "web/cpu": Fleet(servers=cpu[0], discipline="fifo"),
        "web/threads": Pool(capacity=threads),
        "db/cpu": Fleet(servers=database[0], discipline="fifo"),
    }
    query = Visit(component="db", enter=(Work("db/cpu", exponential(database[1])),))
    visit = Visit(
        component="web",
        enter=(Hold("web/threads"), Work("web/cpu", exponential(cpu[1]))),
        calls=(query,),
        leave=(Release("web/threads"),),
    )
    runs = closed(one_route(primitives, visit), clients, exponential(think_s), 10_000.0)
    judge([throughput(found) for found in runs], carried, precise=0.003)
    judge([mean_response(found) for found in runs], clients / carried - think_s, precise=0.01)
    assert np.mean([held(found, "web/threads") for found in runs]) == pytest.approx(in_threads, rel=0.005)
