"""The fluid fidelity: how far it is from the request-level engine, and how many designs it evaluates.

``--errors`` prints the table of ``benchmarks/README.md``: one station at 1,000 requests/s, the fluid answer against the
mean of request-level runs, over utilization, variation, servers and the course of the load. Without it whole
evaluations of ``examples/web-shop`` are timed: its busiest ten minutes with the day before them, and two weeks with the
policies in the loop.
"""

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from tonnage import intake
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, bucket_of, percentile
from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Fleet, lognormal
from tonnage.engine.primitives.fleet import Discipline
from tonnage.engine.program import Program, Visit, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from tonnage.intake import Overrides, open_source
from tonnage.simulate import simulate
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Scenario

RATE, LEAD_S, JUDGED_S, STEP_S, RUN_OUT_S = 1000.0, 60.0, 600.0, 1.0, 300.0
UTILIZATIONS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.2)
CVS = (0.0, 0.5, 1.0, 2.0)
SERVERS = (1, 4, 16, 64)
LOADS = ("steady", "step", "ramp")
MEAN_GOAL, P99_GOAL = 0.05, 0.15


def one_station(servers: int, cv: float, utilization: float, discipline: Discipline) -> Model:
    """A station that is so full at ``RATE``."""
    work = Work("s/cpu", lognormal(servers * utilization / RATE, cv))
    return build(
        {"s/cpu": Fleet(servers=servers, discipline=discipline)},
        [Program(route="r", share=1.0, entry=Visit(component="s", enter=(work,)), deadline_s=1e9)],
    )


def course(load: str) -> list[float]:
    """Rates by second: even; a third until the middle, then all; rising evenly from a third."""
    lead, judged = int(LEAD_S), int(JUDGED_S)
    if load == "steady":
        return [RATE] * (lead + judged)
    if load == "step":
        return [RATE / 3.0] * (lead + judged // 2) + [RATE] * (judged // 2)
    return [RATE / 3.0] * lead + [RATE * (1.0 + 2.0 * k / judged) / 3.0 for k in range(judged)]


def mean_and_p99(counts: np.ndarray) -> tuple[float, float]:
    """Of a histogram of response times."""
    edges = bucket_edges(FINE_BITS)
    return float(np.dot(counts, (edges[1:] + edges[:-1]) / 2.0) / counts.sum()), percentile(counts, 99.0, FINE_BITS)


def by_request(model: Model, rates: list[float], seed: int) -> tuple[float, float]:
    """One request-level run."""
    end_s = LEAD_S + JUDGED_S
    run = Run(model, rates, STEP_S, Measure(start_s=LEAD_S, end_s=end_s, window_s=60.0), seed)
    run.advance(end_s + RUN_OUT_S)
    counts = run.state.books.route_hist[0].copy()
    for age_s, _, _ in run.unanswered():
        counts[bucket_of(age_s, FINE_BITS)] += 1
    return mean_and_p99(counts)


def by_flow(model: Model, rates: list[float]) -> tuple[float, float]:
    """The fluid answer."""
    run = FluidRun(lay_out(model), round(JUDGED_S / 60.0))
    for k, rate in enumerate(rates):
        at_s = k * STEP_S - LEAD_S
        window = int(at_s // 60.0) if at_s >= 0 else -1
        left_s = JUDGED_S + RUN_OUT_S - at_s - STEP_S
        ends = (at_s + STEP_S) % 60.0 == 0.0
        run.advance((k + 1) * STEP_S, rate, window=window, left_s=left_s, ends=ends)
    return mean_and_p99(np.rint(1000.0 * run.books.fine[0]).astype(np.int64))


def errors(discipline: Discipline, seeds: int) -> Iterator[tuple[str, float, int, float, float, float, float, float]]:
    """Relative errors of mean and p99 by cell, with the standard errors of what they are held against."""
    for load, rho, servers, cv in itertools.product(LOADS, UTILIZATIONS, SERVERS, CVS):
        model, rates = one_station(servers, cv, rho, discipline), course(load)
        exact = np.array([by_request(model, rates, seed) for seed in range(seeds)])
        means, noise = exact.mean(axis=0), exact.std(axis=0, ddof=1) / math.sqrt(seeds) / exact.mean(axis=0)
        off = np.array(by_flow(model, rates)) / means - 1.0
        yield load, rho, servers, cv, float(off[0]), float(off[1]), float(noise[0]), float(noise[1])


def print_errors(seeds: int) -> None:
    """The table: the worst cell by load and utilization, and every cell beyond the goal."""
    for discipline in ("fifo", "processor sharing"):
        cells = list(errors(discipline, seeds))
        print(f"\n{discipline}: error of the fluid answer, worst over c {SERVERS} and cv {CVS} (typical in brackets)\n")
        print("| load | " + " | ".join(f"rho {rho:g}: mean, p99" for rho in UTILIZATIONS) + " |")
        print("|---" * (len(UTILIZATIONS) + 1) + "|")
        for load in LOADS:
            row = []
            for rho in UTILIZATIONS:
                mine = [cell for cell in cells if cell[:2] == (load, rho)]
                row.append(", ".join(_worst([cell[k] for cell in mine]) for k in (4, 5)))
            print(f"| {load} | " + " | ".join(row) + " |")
        print("\nBeyond the goal (mean 5 %, p99 15 %) below saturation, by more than two standard errors of the runs:")
        for load, rho, servers, cv, mean, p99, mean_noise, p99_noise in cells:
            beyond = abs(mean) > MEAN_GOAL + 2.0 * mean_noise or abs(p99) > P99_GOAL + 2.0 * p99_noise
            if rho < 1.0 and beyond:
                figures = f"mean {mean:+.1%} ± {mean_noise:.1%}, p99 {p99:+.1%} ± {p99_noise:.1%}"
                print(f"- {load}, rho {rho:g}, c {servers}, cv {cv:g}: {figures}")


def _worst(values: list[float]) -> str:
    return f"{max(values, key=abs):+.1%} ({statistics.median(abs(value) for value in values):.1%})"


def print_speed() -> None:
    """Evaluations of one design, and the same request by request."""
    example = Path(__file__).parent.parent / "examples" / "web-shop"
    for what, shape, window_s in (
        ("ten minutes and the day before", "diurnal 100/s to 220/s", 600.0),
        ("two weeks", "diurnal 100/s to 220/s for 14 days", 14 * 86_400.0),
    ):
        workload = intake.load(open_source(str(example), Overrides(traffic=shape)))
        compiled = compile_workload(workload, load_catalog(workload.region))
        scenario = Scenario(name="benchmark", window_s=window_s, series_s=60.0 if window_s <= 3600.0 else 3600.0)
        simulate_fluid(compiled, scenario)
        flow = _timed(partial(simulate_fluid, compiled, scenario), 5 if window_s <= 3600.0 else 2)
        print(f"{what}: {1e3 * flow:,.0f} ms a design as flows, {1.0 / flow:,.1f} designs a second on one core")
        if window_s <= 3600.0:
            exact = _timed(partial(simulate, compiled, scenario, seed=1), 3)
            print(f"{what}: {1e3 * exact:,.0f} ms request by request")


def _timed(run: Callable[[], object], rounds: int) -> float:
    """Median CPU time, s."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--seeds", type=int, default=3, help="request-level runs of a cell, at least 2")
    options = parser.parse_args()
    if options.errors:
        begun = time.perf_counter()
        print_errors(options.seeds)
        print(f"\n{time.perf_counter() - begun:,.0f} s")
    else:
        print_speed()


if __name__ == "__main__":
    main()
