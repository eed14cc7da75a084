"""The plain reference job of ``job.py`` in SimPy, in Ciw, and in C (``reference.c``), one function each.

Each takes a number of requests and a seed, and gives the requests that arrived, the mean and the p99 (s).
"""

import ctypes
import math
import random
import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from job import RATE, SERVERS, WORKERS, mean_and_p99
from tonnage.engine.kernels.histogram import FINE_BITS, OCTAVES

Engine = Callable[[int, int], tuple[int, float, float]]


def lognormal_parameters(mean: float, cv: float) -> tuple[float, float]:
    sigma2 = math.log1p(cv * cv)
    return math.log(mean) - sigma2 / 2.0, math.sqrt(sigma2)


WEB_MU, WEB_SIGMA = lognormal_parameters(0.056, 1.0)
DB_MU, DB_SIGMA = lognormal_parameters(0.224, 1.5)


def simpy_run(requests: int, seed: int) -> tuple[int, float, float]:
    import simpy

    draw = random.Random(seed)
    env = simpy.Environment()
    gateway, balancer = simpy.Resource(env, 4), simpy.Resource(env, 2)
    cache, database = simpy.Resource(env, 2), simpy.Resource(env, 64)
    web = [simpy.Resource(env, WORKERS) for _ in range(SERVERS)]
    outstanding = [0] * SERVERS
    latencies: list[float] = []

    def request():
        begun = env.now
        with gateway.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(500.0))
        with balancer.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1000.0))
        server = min(range(SERVERS), key=outstanding.__getitem__)
        outstanding[server] += 1
        with web[server].request() as turn:
            yield turn
            yield env.timeout(draw.lognormvariate(WEB_MU, WEB_SIGMA))
        outstanding[server] -= 1
        with cache.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1000.0))
        if draw.random() >= 0.8:
            with database.request() as turn:
                yield turn
                yield env.timeout(draw.lognormvariate(DB_MU, DB_SIGMA))
        latencies.append(env.now - begun)

    def arrivals():
        for _ in range(requests):
            yield env.timeout(draw.expovariate(RATE))
            env.process(request())

    env.process(arrivals())
    env.run()
    return requests, statistics.fmean(latencies), float(np.percentile(latencies, 99))


def ciw_run(requests: int, seed: int) -> tuple[int, float, float]:
    import ciw

    ciw.seed(seed)
    nodes = 2 + SERVERS + 2
    cache, database = nodes - 1, nodes
    exponential = ciw.dists.Exponential
    service = (
        [exponential(500.0), exponential(1000.0)]
        + [ciw.dists.Lognormal(WEB_MU, WEB_SIGMA)] * SERVERS
        + [exponential(1000.0), ciw.dists.Lognormal(DB_MU, DB_SIGMA)]
    )
    routing = ciw.routing.NetworkRouting(
        routers=[
            ciw.routing.Direct(to=2),
            ciw.routing.JoinShortestQueue(destinations=list(range(3, 3 + SERVERS)), tie_break="random"),
            *[ciw.routing.Direct(to=cache) for _ in range(SERVERS)],
            ciw.routing.Probabilistic(destinations=[database], probs=[0.2]),
            ciw.routing.Leave(),
        ]
    )
    network = ciw.create_network(
        arrival_distributions=[exponential(RATE)] + [None] * (nodes - 1),
        service_distributions=service,
        number_of_servers=[4, 2, *[WORKERS] * SERVERS, 2, 64],
        routing=routing,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(requests / RATE)
    begun: dict[int, float] = {}
    ended: dict[int, float] = {}
    finished = {individual.id_number for individual in simulation.nodes[-1].all_individuals}
    for record in simulation.get_all_records():
        if record.id_number in finished:
            begun[record.id_number] = min(begun.get(record.id_number, math.inf), record.arrival_date)
            ended[record.id_number] = max(ended.get(record.id_number, 0.0), record.exit_date)
    latencies = [ended[k] - begun[k] for k in begun]
    return len(latencies), statistics.fmean(latencies), float(np.percentile(latencies, 99))


def c_compiler() -> str | None:
    return shutil.which("cc")


def c_version() -> str:
    """First line of what the compiler says of itself."""
    said = subprocess.run(["cc", "--version"], check=True, capture_output=True, text=True).stdout
    return said.splitlines()[0]


def c_engine(folder: Path) -> Engine:
    """Compile ``reference.c`` into a folder and load it."""
    library = folder / "reference.so"
    source = Path(__file__).with_name("reference.c")
    flags = ["-O3", "-march=native", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", str(library), str(source), "-lm"], check=True)
    simulate = ctypes.CDLL(str(library)).simulate
    simulate.restype = ctypes.c_int64

    def c_run(requests: int, seed: int) -> tuple[int, float, float]:
        counts = np.zeros(OCTAVES << FINE_BITS, dtype=np.int64)
        total = ctypes.c_double()
        cells = counts.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
        simulate(ctypes.c_int64(requests), ctypes.c_double(RATE), ctypes.c_uint64(seed), cells, ctypes.byref(total))
        return requests, *mean_and_p99(counts)

    return c_run
