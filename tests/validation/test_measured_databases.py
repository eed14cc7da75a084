"""Measured databases under TPC-C: three loads are fitted, the others predicted by simulation.

Source: Percona-Lab-results/Aurora-May2020 (Apache-2.0): sysbench-tpcc, three nodes of r5.xlarge each, 30 minutes a
point, clients that do not think; here the smaller data set. A transaction waits (network, commit) and works at servers
that share their capacity: both mean times and the number of servers by least squares of the logarithm of the throughput
at 1, 16 and 64 threads; the spread from the 95th percentile at one thread. No other figure is used. What comes of it:

- Percona XtraDB Cluster saturates: throughput and mean latency within 5 % at every load up to 256 threads.
- RDS for MySQL is carried within 8 % but at 100 threads (11 % more was measured) and at 256 (10 % less): beyond 100 it
  carries less and less. That is retrograde, which no queue of fixed times is; the Universal Scalability Law with its
  coherency is needed. It follows the fall, and is further off than the queue below it.
- Aurora is carried within 5 % up to 100 threads but at 8, whose measured throughput lies below the line that 4 and 16
  make. At 128 and 256 it carries a quarter more than 64 and 100 let expect: two plateaus, which neither a queue nor the
  law follows.
- The 95th percentile, wherever the throughput is met, within 20 %; the worst are 16 threads, just below saturation.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares

from shared_data import shared
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.model import Model
from tonnage.engine.primitives import Fleet, constant, lognormal
from tonnage.engine.program import Visit, Wait, Work
from validation.mean_value import throughput_by_convolution
from validation.replications import closed, mean_response, one_route, throughput
from validation.usl import fitted

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("time varying")]

FITTED = (1, 16, 64)
THREADS = (1, 2, 4, 8, 16, 64, 100, 128, 256)
SETUPS = ("pxc_5tables", "rds_5tables", "aurora_5tables")
CLOSE = 0.10
MISSED = {("rds_5tables", 100), ("rds_5tables", 256), *(("aurora_5tables", threads) for threads in (8, 128, 256))}
"""Not predicted within that: why is said above."""


@dataclass(frozen=True, slots=True)
class Point:
    tps: float
    mean_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class Demand:
    servers: int
    work_s: float
    wait_s: float
    cv: float


@cache
def measured(setup: str) -> dict[int, Point]:
    with shared("databases/aurora_may2020_summary.csv").open() as file:
        return {
            int(row["threads"]): Point(
                float(row["tps"]), float(row["lat_avg_ms"]) / 1e3, float(row["lat_p95_ms"]) / 1e3
            )
            for row in csv.DictReader(file)
            if row["setup"] == setup
        }


@cache
def demand_of(setup: str) -> Demand:
    points = measured(setup)

    def off(logarithms: Sequence[float], servers: int) -> list[float]:
        work_s, wait_s = np.exp(logarithms)
        return [math.log(throughput_by_convolution(n, wait_s, [(servers, work_s)]) / points[n].tps) for n in FITTED]

    alone_s = points[1].mean_s
    fits = [
        (least_squares(off, np.log([0.1 * alone_s * servers**0.5, 0.9 * alone_s]), args=(servers,)), servers)
        for servers in (1, 2, 3, 4, 6, 8, 12, 16)
    ]
    best, servers = min(fits, key=lambda fit: fit[0].cost)
    # A lognormal's 95th percentile over its mean.
    sigma = brentq(lambda s: 1.6448536 * s - s * s / 2.0 - math.log(points[1].p95_s / alone_s), 0.0, 1.6)
    work_s, wait_s = np.exp(best.x)
    return Demand(servers, float(work_s), float(wait_s), math.sqrt(math.expm1(sigma**2)))


def database(demand: Demand) -> Model:
    steps = (Wait(lognormal(demand.wait_s, demand.cv)), Work("db/engine", lognormal(demand.work_s, demand.cv)))
    return one_route({"db/engine": Fleet(servers=demand.servers)}, Visit(component="db", enter=steps))


@cache
def predicted(setup: str, threads: int) -> Point:
    runs = closed(database(demand_of(setup)), threads, constant(0.0), 300.0, replications=4)
    p95s = [percentile(run.state.books.route_hist[0], 95.0, FINE_BITS) for run in runs]
    return Point(
        float(np.mean([throughput(run) for run in runs])),
        float(np.mean([mean_response(run) for run in runs])),
        float(np.mean(p95s)),
    )


def error(found: float, exact: float) -> float:
    return abs(found / exact - 1.0)


CASES = [
    pytest.param(setup, threads, id=f"{setup} {threads} threads {'missed' if (setup, threads) in MISSED else 'met'}")
    for setup in SETUPS
    for threads in THREADS
]


@pytest.mark.parametrize("setup", SETUPS)
def test_the_measurements_obey_littles_law(setup: str) -> None:
    for threads, point in measured(setup).items():
        assert point.tps * point.mean_s == pytest.approx(threads, rel=0.002)


@pytest.mark.parametrize(("setup", "threads"), CASES)
def test_throughput_and_mean_latency_are_predicted_within_10_percent_or_known_to_be_missed(
    setup: str, threads: int
) -> None:
    found, exact = predicted(setup, threads), measured(setup)[threads]
    off = max(error(found.tps, exact.tps), error(found.mean_s, exact.mean_s))
    assert (off <= CLOSE) == ((setup, threads) not in MISSED), f"off by {off:.1%}"


@pytest.mark.parametrize(
    ("setup", "threads"), [(setup, n) for setup in SETUPS for n in THREADS if (setup, n) not in MISSED]
)
def test_the_95th_percentile_is_predicted_within_20_percent_where_the_throughput_is(setup: str, threads: int) -> None:
    assert error(predicted(setup, threads).p95_s, measured(setup)[threads].p95_s) <= 0.20


def test_a_queue_never_carries_less_for_more_clients_and_the_retrograde_database_does() -> None:
    points = measured("rds_5tables")
    assert points[256].tps < 0.82 * points[100].tps
    assert predicted("rds_5tables", 256).tps >= 0.999 * predicted("rds_5tables", 100).tps
    law = fitted(THREADS, [points[n].tps for n in THREADS], relative=True)
    assert law.beta > 1e-4
    assert law.peak < 100
    assert max(error(law.throughput(n), points[n].tps) for n in (100, 128, 256)) < CLOSE
    # One curve for all: around saturation it is further off than the queue.
    assert max(error(law.throughput(n), points[n].tps) for n in (1, 2, 4, 8)) > 0.08


def test_the_law_does_not_follow_two_plateaus_either() -> None:
    points = measured("aurora_5tables")
    law = fitted(THREADS, [points[n].tps for n in THREADS], relative=True)
    assert max(error(law.throughput(n), points[n].tps) for n in THREADS) > CLOSE
