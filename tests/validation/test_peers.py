"""The same models in Ciw and SimPy: both sides within their joint confidence.

Sources: G. I. Palmer, V. A. Knight, P. R. Harper and A. L. Hawa, "Ciw: An open-source discrete event simulation
library" (Journal of Simulation 13(1), 2019); SimPy, https://simpy.readthedocs.io. Both are in the optional dependency
group ``bench``: what is not installed is skipped.
"""

import math
import random
from collections.abc import Callable, Generator, Sequence
from types import ModuleType

import numpy as np
import pytest

from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.primitives import Distribution, Fleet, Pool, Primitive, exponential, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Release, Visit, Work
from tonnage.engine.run import Run
from validation.replications import mean_response, refused_share, run

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("engine")]

REPLICATIONS = 8
LEAD = 1_000
"""Requests that a peer does not measure."""
REQUESTS = 12_000
P95 = 95.0


@pytest.fixture(scope="module")
def ciw() -> ModuleType:
    return pytest.importorskip("ciw", reason="Ciw is not installed: it is in the dependency group bench")


@pytest.fixture(scope="module")
def simpy() -> ModuleType:
    return pytest.importorskip("simpy", reason="SimPy is not installed: it is in the dependency group bench")


def p95(simulation: Run) -> float:
    return percentile(simulation.state.books.route_hist[0], P95, FINE_BITS)


def same(ours: Sequence[float], theirs: Sequence[float], *, precise: float = 0.03) -> None:
    """Two means do not differ: within four joint standard errors, which are small enough to tell."""
    error = math.sqrt(np.var(ours, ddof=1) / len(ours) + np.var(theirs, ddof=1) / len(theirs))
    assert error < precise * np.mean(theirs)
    assert abs(np.mean(ours) - np.mean(theirs)) <= 4.0 * error, f"{np.mean(ours):.5g}, and {np.mean(theirs):.5g}"


def ours(
    statistic: Callable[[Run], float], primitives: dict[str, Primitive], visit: Visit, rate: float, n: int = 150_000
) -> list[float]:
    return [statistic(run(primitives, visit, rate, n / rate, seed)) for seed in range(REPLICATIONS)]


def drawn(time: Distribution) -> Callable[[], float]:
    """The same distribution from Python's own generator."""
    if time.shape == "exponential":
        return lambda: random.expovariate(1.0 / time.mean_s)
    sigma = math.sqrt(math.log1p(time.cv**2))
    mu = math.log(time.mean_s) - sigma * sigma / 2.0
    return lambda: random.lognormvariate(mu, sigma)


def service_in_ciw(ciw: ModuleType, time: Distribution) -> object:
    draw = drawn(time)

    class Service(ciw.dists.Distribution):
        def sample(self, *_: object, **__: object) -> float:
            return draw()

    return Service()


def in_ciw(ciw: ModuleType, network: object, nodes: int, seed: int) -> list[float]:
    """Response times of the measured customers over all nodes they visit."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(LEAD + REQUESTS, method="Finish")
    entered: dict[int, float] = {}
    left: dict[int, float] = {}
    visited: dict[int, int] = {}
    for record in simulation.get_all_records():
        who = record.id_number
        entered[who] = min(entered.get(who, math.inf), record.arrival_date)
        left[who] = max(left.get(who, 0.0), record.exit_date)
        visited[who] = visited.get(who, 0) + 1
    return [left[who] - entered[who] for who in entered if who > LEAD and visited[who] == nodes]


def in_simpy(
    simpy: ModuleType, seed: int, rate: float, request: Callable[[object], Callable[[], Generator]]
) -> list[float]:
    """Response times of Poisson requests; those that return False count as refused and have none.

    Args:
        simpy: The library.
        seed: Seed of Python's generator.
        rate: Arrivals, 1/s.
        request: Makes, for an environment, the process of one request.
    """
    random.seed(seed)
    environment = simpy.Environment()
    process = request(environment)
    took: list[float] = []

    def measured(k: int) -> Generator:
        begun = environment.now
        done = yield from process()
        if k >= LEAD:
            took.append(environment.now - begun if done is not False else math.nan)

    def arrivals() -> Generator:
        for k in range(LEAD + REQUESTS):
            yield environment.timeout(random.expovariate(rate))
            environment.process(measured(k))

    environment.process(arrivals())
    environment.run()
    return took


def station(servers: int) -> dict[str, Primitive]:
    return {"a/cpu": Fleet(servers=servers, discipline="fifo")}


@pytest.mark.parametrize("time", [exponential(1.0), lognormal(1.0, 1.5)])
def test_one_station_in_ciw(ciw: ModuleType, time: Distribution) -> None:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=2.8)],
        service_distributions=[service_in_ciw(ciw, time)],
        number_of_servers=[4],
    )
    theirs = [in_ciw(ciw, network, 1, seed) for seed in range(REPLICATIONS)]
    visit = Visit(component="a", enter=(Work("a/cpu", time),))
    same(ours(mean_response, station(4), visit, 2.8), [float(np.mean(took)) for took in theirs])
    same(ours(p95, station(4), visit, 2.8), [float(np.percentile(took, P95)) for took in theirs], precise=0.04)


def tandem(time: Distribution) -> tuple[dict[str, Primitive], Visit]:
    below = Visit(component="b", enter=(Work("b/cpu", time),))
    return (
        {"a/cpu": Fleet(servers=2, discipline="fifo"), "b/cpu": Fleet(servers=3, discipline="fifo")},
        Visit(component="a", enter=(Work("a/cpu", time),), calls=(below,)),
    )


def test_a_tandem_of_general_times_in_ciw(ciw: ModuleType) -> None:
    # The departures of the first station are no Poisson process: there is no closed form.
    service = service_in_ciw(ciw, lognormal(1.0, 1.2))
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1.5), None],
        service_distributions=[service, service],
        number_of_servers=[2, 3],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    theirs = [float(np.mean(in_ciw(ciw, network, 2, seed))) for seed in range(REPLICATIONS)]
    same(ours(mean_response, *tandem(lognormal(1.0, 1.2)), 1.5), theirs)


def shortest(instances: int) -> tuple[dict[str, Primitive], Visit]:
    fleet = Fleet(servers=1, discipline="fifo", instances=instances, max_instances=instances, rule="least outstanding")
    steps = (Choose("a/cpu"), Work("a/cpu", exponential(1.0)))
    return {"a/cpu": fleet}, Visit(component="a", enter=steps, leave=(Leave("a/cpu"),))


def test_joining_the_shortest_of_four_queues_in_ciw(ciw: ModuleType) -> None:
    class Shortest(ciw.routing.JoinShortestQueue):
        # Ciw's own rule leaves out who is being served: an idle server looks like a busy one that nobody waits for.
        def get_queue_size(self, node_index: int) -> int:
            return self.simulation.nodes[node_index].number_of_individuals

    choose = ciw.routing.NetworkRouting(routers=[Shortest(destinations=[2, 3, 4, 5]), *[ciw.routing.Leave()] * 4])
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=3.0), None, None, None, None],
        service_distributions=[ciw.dists.Deterministic(value=0.0), *[ciw.dists.Exponential(rate=1.0)] * 4],
        number_of_servers=[math.inf, 1, 1, 1, 1],
        routing=choose,
    )
    theirs = [float(np.mean(in_ciw(ciw, network, 2, seed))) for seed in range(REPLICATIONS)]
    same(ours(mean_response, *shortest(4), 3.0), theirs)


def test_one_station_in_simpy(simpy: ModuleType) -> None:
    draw = drawn(exponential(1.0))

    def request(environment) -> Callable[[], Generator]:
        servers = simpy.Resource(environment, capacity=4)

        def process() -> Generator:
            with servers.request() as turn:
                yield turn
                yield environment.timeout(draw())

        return process

    theirs = [in_simpy(simpy, seed, 2.8, request) for seed in range(REPLICATIONS)]
    visit = Visit(component="a", enter=(Work("a/cpu", exponential(1.0)),))
    same(ours(mean_response, station(4), visit, 2.8), [float(np.mean(took)) for took in theirs])
    same(ours(p95, station(4), visit, 2.8), [float(np.percentile(took, P95)) for took in theirs], precise=0.04)


def test_a_tandem_with_workers_held_over_both_stations_in_simpy(simpy: ModuleType) -> None:
    # Six workers, four places to wait for one, and refusal beyond.
    time, workers, places, rate = lognormal(1.0, 1.2), 6, 4, 1.9
    draw = drawn(time)

    def request(environment) -> Callable[[], Generator]:
        pool = simpy.Resource(environment, capacity=workers)
        first, second = simpy.Resource(environment, capacity=2), simpy.Resource(environment, capacity=3)

        def process() -> Generator:
            if len(pool.queue) >= places:
                return False
            with pool.request() as worker:
                yield worker
                for station in (first, second):
                    with station.request() as turn:
                        yield turn
                        yield environment.timeout(draw())
            return True

        return process

    theirs = [np.array(in_simpy(simpy, seed, rate, request)) for seed in range(REPLICATIONS)]
    primitives, visit = tandem(time)
    held = Visit(
        component="a",
        enter=(Hold("a/workers"), *visit.enter),
        calls=visit.calls,
        leave=(Release("a/workers"),),
    )
    primitives |= {"a/workers": Pool(capacity=workers, queue_limit=places)}
    same(ours(refused_share, primitives, held, rate), [float(np.isnan(t).mean()) for t in theirs], precise=0.05)
    same(ours(mean_response, primitives, held, rate), [float(np.nanmean(t)) for t in theirs])


def test_joining_the_shortest_of_four_queues_in_simpy(simpy: ModuleType) -> None:
    draw = drawn(exponential(1.0))

    def request(environment) -> Callable[[], Generator]:
        queues = [simpy.Resource(environment, capacity=1) for _ in range(4)]

        def process() -> Generator:
            chosen = min(queues, key=lambda queue: queue.count + len(queue.queue))
            with chosen.request() as turn:
                yield turn
                yield environment.timeout(draw())

        return process

    theirs = [float(np.mean(in_simpy(simpy, seed, 3.0, request))) for seed in range(REPLICATIONS)]
    same(ours(mean_response, *shortest(4), 3.0), theirs)
