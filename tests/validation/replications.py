"""Replications of a run with fixed seeds, and the exact figures they are held against.

A figure is the mean over replications. It must lie within four standard errors of the exact value: with eight
replications one set of seeds in 190 would not, by Student's t. The standard error itself must be small enough.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges
from tonnage.engine.model import Model, build
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Distribution, Primitive
from tonnage.engine.program import Program, Visit
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

LEAD_S = 200.0


def one_route(primitives: Mapping[str, Primitive], visit: Visit) -> Model:
    """A model of one route; the deadline is far away."""
    return build(primitives, [Program(route="r", share=1.0, entry=visit, deadline_s=1e12)])


def under(offered: Offered, model: Model, duration_s: float, seed: int) -> Run:
    """One run with a lead."""
    measure = Measure(start_s=LEAD_S, end_s=LEAD_S + duration_s, window_s=duration_s)
    simulation = Run(model, offered, 1.0, measure, seed)
    assert simulation.advance(LEAD_S + 1.05 * duration_s)
    return simulation


def run(primitives: Mapping[str, Primitive], visit: Visit, rate: float, duration_s: float, seed: int) -> Run:
    """One run of Poisson arrivals."""
    offered = Offered(rates_per_s=(rate,), step_s=LEAD_S + 2.0 * duration_s)
    return under(offered, one_route(primitives, visit), duration_s, seed)


def closed(model: Model, clients: int, think: Distribution, duration_s: float, replications: int = 8) -> list[Run]:
    """Runs of clients that think between the answer and their next request."""
    offered = Offered(clients=clients, think=think)
    return [under(offered, model, duration_s, seed) for seed in range(replications)]


def throughput(simulation: Run) -> float:
    """Measured requests per second, of all routes."""
    measured_s = simulation.measure.end_s - simulation.measure.start_s
    return float(simulation.state.books.route_count[:, 0].sum() / measured_s)


def mean_response(simulation: Run) -> float:
    counts = simulation.state.books.route_hist[0]
    edges = bucket_edges(FINE_BITS)
    return float(np.dot(counts, (edges[1:] + edges[:-1]) / 2.0) / counts.sum())


def refused_share(simulation: Run) -> float:
    arrived, _, failed, _ = simulation.state.books.route_count[0]
    return float(failed / arrived)


def agrees(
    statistic: Callable[[Run], float],
    exact: float,
    primitives: Mapping[str, Primitive],
    visit: Visit,
    rate: float,
    duration_s: float,
    *,
    precise: float = 0.02,
    replications: int = 8,
) -> None:
    """The mean of a statistic over replications is the exact value, within its confidence and a stated precision."""
    values = [statistic(run(primitives, visit, rate, duration_s, seed)) for seed in range(replications)]
    judge(values, exact, precise=precise)


def judge(values: Sequence[float], exact: float, *, precise: float = 0.02) -> None:
    """The mean of the values is the exact one, within its confidence and a stated precision."""
    error = float(np.std(values, ddof=1) / math.sqrt(len(values)))
    assert error < precise * exact, f"standard error {error:.4g} is too large to judge {exact:.4g}"
    assert abs(np.mean(values) - exact) <= 4.0 * error, f"{np.mean(values):.5g} ± {error:.2g}, not {exact:.5g}"


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))
