"""Everything on: Tonnage's ``simulate`` beside the same job in SimPy (``simpy_features.py``), and beside the plain one.

The load jumps from 700/s to 1150/s and falls again within ten minutes: servers are full, requests are refused and tried
again until the scaling group has reacted. Both begin with the controls as the hours before left them, and both tick the
same control loop.

Times are process CPU time, engines interleaved over rounds, medians.
"""

import argparse
import statistics
import time

from figures import agree, print_goal, print_machine, ratio, spread, with_error
from job import CREDITS, GROUP, controlled, featured, mean_and_p99
from peers import simpy_run
from simpy_features import Answer, featured_run
from tonnage.compile import Compiled
from tonnage.simulate import Day, coarse_day, simulate, stretch
from tonnage.workload import Scenario

RATES, STEP_S = (700.0, 700.0, 1150.0, 1150.0, 1150.0, 1150.0, 1150.0, 1000.0, 850.0, 700.0), 60.0
SCENARIO = Scenario(name="all", window_s=STEP_S * len(RATES), lead_s=0.0, run_out_s=30.0)
PLAIN_REQUESTS = 50_000


def tonnage_answer(compiled: Compiled, day: Day, seed: int) -> Answer:
    outcome = simulate(compiled, SCENARIO, seed=seed, day=day)
    route = outcome.routes[0]
    mean_s, p99_s = mean_and_p99(route.histogram)
    failed = (route.failed + route.unanswered) / route.arrived
    return Answer(outcome.requests, mean_s, p99_s, failed, len(outcome.activities))


def simpy_answer(day: Day, seed: int) -> Answer:
    loop = day.loop.copy()
    loop.activities = []
    return featured_run(RATES, STEP_S, SCENARIO.run_out_s, loop, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 2")
    options = parser.parse_args()
    print_machine()
    compiled = controlled(featured(), RATES, STEP_S, GROUP, CREDITS)
    day = coarse_day(compiled, stretch(compiled.workload.traffic, SCENARIO))
    tonnage_answer(compiled, day, 0)
    engines = {
        "Tonnage": lambda seed: tonnage_answer(compiled, day, seed),
        "SimPy": lambda seed: simpy_answer(day, seed),
    }
    speeds: dict[str, list[float]] = {name: [] for name in (*engines, "SimPy, plain job")}
    answers: dict[str, list[Answer]] = {name: [] for name in engines}
    for k in range(options.rounds):
        for name, engine in engines.items():
            begun = time.process_time()
            answers[name].append(engine(100 + k))
            speeds[name].append(answers[name][-1].arrived / (time.process_time() - begun))
        begun = time.process_time()
        simpy_run(PLAIN_REQUESTS, 100 + k)
        speeds["SimPy, plain job"].append(PLAIN_REQUESTS / (time.process_time() - begun))
    print(f"{'engine':<18}{'requests/s':>12}{'mean ms':>17}{'p99 ms':>17}{'failed %':>17}{'changes':>9}")
    figures = {name: [(a.mean_s * 1e3, a.p99_s * 1e3, a.failed * 100.0) for a in answers[name]] for name in engines}
    for name, values in speeds.items():
        columns = [with_error(column) for column in zip(*figures.get(name, ()), strict=True)]
        errors = "".join(f"{f'{x:.3f} ± {e:.3f}':>17}" for x, e in columns)
        changes = f"{statistics.fmean(a.changes for a in answers[name]):>9.1f}" if name in answers else ""
        print(f"{name:<18}{statistics.median(values):>12,.0f}{errors}{changes}   {spread(values, ',.0f')}")
    print(f"all agree within four standard errors: {'yes' if agree(list(figures.values())) else 'NO'}")
    same, plain = (ratio(speeds["Tonnage"], speeds[peer]) for peer in ("SimPy", "SimPy, plain job"))
    print(f"everything on, of SimPy with the plain job: {plain:.0f} x")
    print_goal("everything on, of SimPy with everything on", f"{same:.0f} x", ">= 65 x", met=same >= 65.0)


if __name__ == "__main__":
    main()
