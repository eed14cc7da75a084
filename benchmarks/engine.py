"""The request-level engine beside SimPy and Ciw on one job, in one run.

The job: Poisson 1000/s to a gateway (c = 4, exponential 2 ms), a load balancer (c = 2, exponential 1 ms), twenty
servers of four workers behind least outstanding (lognormal 56 ms, cv 1), a cache (c = 2, exponential 1 ms) that answers
80 %, and a database of 64 connections (lognormal 224 ms, cv 1.5).

Times are process CPU time, engines interleaved over rounds, medians. ``make bench`` installs the peers and runs it.
"""

import argparse
import itertools
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

RATE, SERVERS, WORKERS = 1000.0, 20, 4


def lognormal_parameters(mean: float, cv: float) -> tuple[float, float]:
    sigma2 = math.log1p(cv * cv)
    return math.log(mean) - sigma2 / 2.0, math.sqrt(sigma2)


WEB_MU, WEB_SIGMA = lognormal_parameters(0.056, 1.0)
DB_MU, DB_SIGMA = lognormal_parameters(0.224, 1.5)


def tonnage_run(requests: int, seed: int) -> tuple[int, float, float]:
    from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, percentile
    from tonnage.engine.model import build
    from tonnage.engine.primitives import Cache, Fleet, exponential, lognormal
    from tonnage.engine.program import Choose, Leave, Lookup, Program, Visit, Work
    from tonnage.engine.run import Run
    from tonnage.engine.start import Measure

    primitives = {
        "gateway/cpu": Fleet(servers=4, discipline="fifo"),
        "balancer/cpu": Fleet(servers=2, discipline="fifo"),
        "web/cpu": Fleet(
            servers=WORKERS, discipline="fifo", instances=SERVERS, max_instances=SERVERS, rule="least outstanding"
        ),
        "cache/cpu": Fleet(servers=2, discipline="fifo"),
        "cache/keys": Cache(hit_ratio=0.8),
        "database/cpu": Fleet(servers=64, discipline="fifo"),
    }
    database = Visit(component="database", enter=(Work("database/cpu", lognormal(0.224, 1.5)),))
    cache = Visit(
        component="cache", enter=(Work("cache/cpu", exponential(0.001)), Lookup("cache/keys")), on_miss=(database,)
    )
    web = Visit(
        component="web",
        enter=(Choose("web/cpu"), Work("web/cpu", lognormal(0.056, 1.0)), Leave("web/cpu")),
        calls=(cache,),
    )
    balancer = Visit(component="balancer", enter=(Work("balancer/cpu", exponential(0.001)),), calls=(web,))
    gateway = Visit(component="gateway", enter=(Work("gateway/cpu", exponential(0.002)),), calls=(balancer,))
    model = build(primitives, [Program(route="all", share=1.0, entry=gateway)])
    duration_s = requests / RATE
    run = Run(model, [RATE], duration_s, Measure(start_s=0.0, end_s=duration_s, window_s=60.0), seed)
    run.advance(duration_s)
    counts = run.state.books.route_hist[0]
    edges = bucket_edges(FINE_BITS)
    mean = float(np.dot(counts, (edges[1:] + edges[:-1]) / 2.0) / counts.sum())
    return run.arrived, mean, percentile(counts, 99.0, FINE_BITS)


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


def with_error(values: list[float]) -> tuple[float, float]:
    """Mean over rounds and its standard error."""
    return statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))


def agree(results: list[list[tuple[float, float]]]) -> bool:
    """Whether mean and p99 of every two engines differ by no more than four standard errors of the difference."""
    figures = [[with_error([round_[k] for round_ in rounds]) for k in (0, 1)] for rounds in results]
    return all(
        abs(a - b) <= 4.0 * math.hypot(ea, eb)
        for one, other in itertools.combinations(figures, 2)
        for (a, ea), (b, eb) in zip(one, other, strict=True)
    )


def start_times() -> tuple[float, float]:
    """Wall seconds of a fresh process to its first result: with nothing compiled, and with the compiled kernels."""
    with tempfile.TemporaryDirectory() as folder:
        code = "from tonnage.cli.engine import compile_kernels; compile_kernels()"
        taken = []
        for _ in range(2):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"NUMBA_CACHE_DIR": folder})
            taken.append(time.perf_counter() - begun)
    return taken[0], taken[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 2")
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests of one Tonnage run; peers run fewer")
    parser.add_argument("--cold", action="store_true", help="also measure cold and warm start")
    options = parser.parse_args()
    engines: dict[str, tuple[Callable[[int, int], tuple[int, float, float]], int]] = {
        "tonnage": (tonnage_run, options.requests),
        "simpy": (simpy_run, max(10_000, options.requests // 20)),
        "ciw": (ciw_run, max(5_000, options.requests // 100)),
    }
    tonnage_run(10_000, 0)
    speeds: dict[str, list[float]] = {name: [] for name in engines}
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    for k in range(options.rounds):
        for name, (engine, requests) in engines.items():
            begun = time.process_time()
            done, mean, p99 = engine(requests, 100 + k)
            speeds[name].append(done / (time.process_time() - begun))
            results[name].append((mean, p99))
    peer = statistics.median(speeds["simpy"])
    versions = f"NumPy {np.__version__}, Numba {version('numba')}"
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores")
    print(f"{'engine':<16}{'requests/s':>12}{'x SimPy':>9}{'x Ciw':>9}{'mean ms':>17}{'p99 ms':>17}")
    for name in engines:
        speed = statistics.median(speeds[name])
        label = f"{name} {version(name)}"
        ratios = f"{speed / peer:>9.1f}{speed / statistics.median(speeds['ciw']):>9.1f}"
        figures = (with_error([result[k] * 1e3 for result in results[name]]) for k in (0, 1))
        print(f"{label:<16}{speed:>12,.0f}{ratios}" + "".join(f"{f'{x:.2f} ± {e:.2f}':>17}" for x, e in figures))
    print(f"all agree within four standard errors: {'yes' if agree(list(results.values())) else 'NO'}")
    if options.cold:
        cold, warm = start_times()
        print(f"first result of a fresh process: {cold:.1f} s compiling, {warm:.2f} s with compiled kernels")


if __name__ == "__main__":
    main()
