"""Clients in a closed loop: against exact mean value analysis, the repairman and Engset.

Sources: ``mean_value`` for networks; C. Palm (1947) for machines and their repairmen, as in D. Gross and C. M. Harris,
"Fundamentals of Queueing Theory", section 2.7; T. O. Engset (1918) for finite sources that are lost.
"""

import math

import pytest

from tonnage.engine.model import Model
from tonnage.engine.primitives import Distribution, Fleet, Pool, Primitive, constant, exponential, lognormal
from tonnage.engine.program import Hold, Release, Visit, Wait, Work
from validation.mean_value import mean_values, throughput_by_convolution
from validation.replications import closed, judge, mean_response, one_route, refused_share, throughput

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("networks")]

CENTRAL_SERVER = ((1, 4, 0.05), (1, 2, 0.08), (1, 1, 0.15))
"""Servers, visits and mean time at a processor and two disks, s."""
SHOP = ((2, 1, 0.010), (8, 1, 0.180), (4, 2, 0.050))
"""The same of a balancer, a web tier and a database."""


def network(stations: tuple[tuple[int, int, float], ...], discipline: str, cv: float) -> Model:
    """Stations visited one after the other, each so often."""
    primitives: dict[str, Primitive] = {}
    calls = []
    for k, (servers, visits, mean_s) in enumerate(stations):
        primitives[f"s{k}/cpu"] = Fleet(servers=servers, discipline=discipline)  # type: ignore[arg-type]
        time = exponential(mean_s) if cv == 1.0 else lognormal(mean_s, cv)
        calls.append(Visit(component=f"s{k}", enter=(Work(f"s{k}/cpu", time),), times=visits))
    return one_route(primitives, Visit(component="client", calls=tuple(calls)))


def demands(stations: tuple[tuple[int, int, float], ...]) -> list[tuple[int, float]]:
    return [(servers, visits * mean_s) for servers, visits, mean_s in stations]


@pytest.mark.parametrize("stations", [CENTRAL_SERVER, SHOP])
@pytest.mark.parametrize("clients", [1, 7, 40, 120])
def test_mean_value_analysis_and_convolution_are_the_same(stations: tuple, clients: int) -> None:
    by_means, _ = mean_values(clients, 2.0, demands(stations))
    assert by_means == pytest.approx(throughput_by_convolution(clients, 2.0, demands(stations)), rel=1e-9)


@pytest.mark.parametrize(
    ("stations", "think_s", "clients"),
    [
        (CENTRAL_SERVER, 2.0, 1),
        (CENTRAL_SERVER, 2.0, 8),
        (CENTRAL_SERVER, 2.0, 15),
        (CENTRAL_SERVER, 0.0, 6),
        (SHOP, 1.0, 10),
        (SHOP, 1.0, 50),
        (SHOP, 1.0, 120),
    ],
)
def test_a_closed_network_in_order_of_arrival_is_a_product_form(stations: tuple, think_s: float, clients: int) -> None:
    carried, residence = mean_values(clients, think_s, demands(stations))
    runs = closed(network(stations, "fifo", 1.0), clients, exponential(think_s), 60_000 / carried)
    judge([throughput(run) for run in runs], carried, precise=0.003)
    judge([mean_response(run) for run in runs], sum(residence), precise=0.01)


@pytest.mark.parametrize("clients", [10, 50, 90])
def test_a_closed_network_of_shared_processors_is_insensitive(clients: int) -> None:
    # Neither the times of service nor those of thinking need be exponential (Baskett, Chandy, Muntz, Palacios, 1975).
    carried, residence = mean_values(clients, 1.0, demands(SHOP))
    runs = closed(network(SHOP, "processor sharing", 2.0), clients, constant(1.0), 60_000 / carried)
    judge([throughput(run) for run in runs], carried, precise=0.003)
    judge([mean_response(run) for run in runs], sum(residence), precise=0.01)


@pytest.mark.parametrize(("machines", "repairmen"), [(6, 1), (20, 3), (64, 16)])
def test_machines_wait_for_their_repairmen(machines: int, repairmen: int) -> None:
    running_s, repair_s = 4.0, 1.0
    weight, weights = 1.0, [1.0]
    for broken in range(1, machines + 1):
        weight *= (machines - broken + 1) / running_s * repair_s / min(broken, repairmen)
        weights.append(weight)
    repaired = sum(min(n, repairmen) * w for n, w in enumerate(weights)) / sum(weights) / repair_s
    visit = Visit(component="a", enter=(Hold("a/men"), Wait(exponential(repair_s))), leave=(Release("a/men"),))
    model = one_route({"a/men": Pool(capacity=repairmen)}, visit)
    runs = closed(model, machines, exponential(running_s), 60_000 / repaired)
    judge([throughput(run) for run in runs], repaired, precise=0.003)
    judge([mean_response(run) for run in runs], machines / repaired - running_s, precise=0.01)


@pytest.mark.parametrize("time", [exponential(1.0), lognormal(1.0, 1.5)])
def test_a_finite_source_without_a_queue_is_engset_whatever_the_distribution(time: Distribution) -> None:
    sources, tokens, think_s = 30, 6, 4.0
    # A request sees the others as if its client were not there.
    seen = [math.comb(sources - 1, n) * (1.0 / think_s) ** n for n in range(tokens + 1)]
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(time)), leave=(Release("a/pool"),))
    model = one_route({"a/pool": Pool(capacity=tokens, queue_limit=0)}, visit)
    runs = closed(model, sources, exponential(think_s), 6_000.0)
    judge([refused_share(run) for run in runs], seen[-1] / sum(seen), precise=0.01)
