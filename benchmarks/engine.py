"""The request-level engine beside SimPy, Ciw and hand-written C on the plain reference job (``job.py``), in one run.

Tonnage keeps its full accounts (histograms, windows, causes, times by component); the C program keeps one histogram.

Times are process CPU time, engines interleaved over rounds, medians. ``make bench`` installs the peers.
"""

import argparse
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from figures import agree, print_goal, print_machine, ratio, with_error
from job import mean_and_p99, plain, start_run
from peers import Engine, c_compiler, c_engine, c_version, ciw_run, simpy_run

C_HEAP = "C, binary heap"


def tonnage_run(requests: int, seed: int) -> tuple[int, float, float]:
    run, end_s = start_run(plain(), requests, seed=seed)
    run.advance(end_s)
    return run.arrived, *mean_and_p99(run.state.books.route_hist[0])


def measure(engines: dict[str, tuple[Engine, int]], rounds: int) -> None:
    speeds: dict[str, list[float]] = {name: [] for name in engines}
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    for k in range(rounds):
        for name, (engine, requests) in engines.items():
            begun = time.process_time()
            done, mean, p99 = engine(requests, 100 + k)
            speeds[name].append(done / (time.process_time() - begun))
            results[name].append((mean, p99))
    print(f"{'engine':<16}{'requests/s':>12}{'x SimPy':>9}{'x Ciw':>9}{'mean ms':>17}{'p99 ms':>17}")
    for name in engines:
        label = name if name == C_HEAP else f"{name} {version(name)}"
        ratios = "".join(f"{ratio(speeds[name], speeds[peer]):>9.1f}" for peer in ("simpy", "ciw"))
        figures = (with_error([result[k] * 1e3 for result in results[name]]) for k in (0, 1))
        errors = "".join(f"{f'{x:.2f} ± {e:.2f}':>17}" for x, e in figures)
        print(f"{label:<16}{statistics.median(speeds[name]):>12,.0f}{ratios}{errors}")
    print(f"mean and p99 of all agree within four standard errors: {'yes' if agree(list(results.values())) else 'NO'}")
    of_simpy = ratio(speeds["tonnage"], speeds["simpy"])
    print_goal("features off, of SimPy", f"{of_simpy:.0f} x", ">= 80 x", met=of_simpy >= 80.0)
    if C_HEAP in engines:
        of_c = ratio(speeds["tonnage"], speeds[C_HEAP])
        print_goal("features off, of the C binary heap", f"{of_c:.2f} x", ">= 0.8 x", met=of_c >= 0.8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="at least 2")
    parser.add_argument("--requests", type=int, default=1_000_000, help="of one run of Tonnage and C; peers run fewer")
    options = parser.parse_args()
    engines: dict[str, tuple[Engine, int]] = {
        "tonnage": (tonnage_run, options.requests),
        "simpy": (simpy_run, max(10_000, options.requests // 20)),
        "ciw": (ciw_run, max(5_000, options.requests // 100)),
    }
    print_machine()
    tonnage_run(10_000, 0)
    with tempfile.TemporaryDirectory() as folder:
        if c_compiler():
            engines[C_HEAP] = (c_engine(Path(folder)), options.requests)
            print(f"C: {c_version()}, -O3 -march=native")
        else:
            print("C is left out: there is no compiler (cc)")
        measure(engines, options.rounds)


if __name__ == "__main__":
    main()
