"""How fast scaling policies are replayed: simulated days a second, beside the naive rule in plain Python.

The workload is ``examples/web-shop`` (one target tracking policy, CPU credits, burst balances) under 14 days by the
minute. The naive rule is what a script would do: wanted = ceil(load / target), three minutes above to go out, fifteen
below to come in, a boot time; no warm-up, no credits, no latency. It is the limit of a loop by the minute in Python.
``--tune`` times ``tonnage tune``; ``--profile`` says where the time of a replay goes.
"""

import argparse
import cProfile
import math
import pstats
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from figures import print_machine, spread
from tonnage import intake
from tonnage.advise.replay import replay
from tonnage.catalog import load_catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.primitives import Fleet
from tonnage.intake import Overrides, open_source
from tonnage.simulate import coarse_day, stretch
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Scenario

DAYS = 14
EXAMPLE = Path(__file__).parent.parent / "examples" / "web-shop"
SHAPE = f"diurnal 100/s to 220/s for {DAYS} days"
BOOT_MIN = 2


def workload() -> Compiled:
    found = intake.load(open_source(str(EXAMPLE), Overrides(traffic=SHAPE)))
    return compile_workload(found, load_catalog(found.region))


def loads(compiled: Compiled) -> np.ndarray:
    """Percent of one instance that each minute asks for."""
    traffic = compiled.workload.traffic
    steps = np.arange(DAYS * 1440) * 60.0 // traffic.step_s
    name = next(name for name in compiled.means.work_s if "Web" in name)
    fleet = compiled.model.primitives[name]
    assert isinstance(fleet, Fleet)
    rates = np.array(traffic.rates_per_s)[np.minimum(steps.astype(int), len(traffic.rates_per_s) - 1)]
    return 100.0 * rates * compiled.means.work_s[name] / (fleet.servers * fleet.speed)


def naive(load_percent: list[float], target: float, least: int, most: int) -> list[int]:
    """Instances by the minute, in plain Python."""
    serving, above, below = least, 0, 0
    booting: list[tuple[int, int]] = []
    seen: list[int] = []
    for minute, load in enumerate(load_percent):
        while booting and booting[0][0] <= minute:
            serving += booting.pop(0)[1]
        metric = min(100.0, load / serving)
        above = above + 1 if metric > target else 0
        below = below + 1 if metric < 0.7 * target else 0
        wanted = min(max(math.ceil(serving * metric / target), least), most)
        desired = serving + sum(count for _, count in booting)
        if above >= 3 and wanted > desired:
            booting.append((minute + BOOT_MIN, wanted - desired))
        elif below >= 15 and not booting and wanted < serving:
            serving = wanted
        seen.append(serving)
    return seen


def timed(run: Callable[[], object], rounds: int) -> list[float]:
    """CPU times, s, after one run that is not counted."""
    run()
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        found.append(time.process_time() - begun)
    return found


def print_speeds(rounds: int) -> None:
    compiled = workload()
    scenario = Scenario(name="benchmark", window_s=DAYS * 86_400.0, series_s=3600.0)
    part = stretch(compiled.workload.traffic, scenario)
    day = coarse_day(compiled, part)
    asked = loads(compiled).tolist()
    print(f"{DAYS} days of {EXAMPLE.name} by the minute; CPU time, median of {rounds}\n")
    print("| what | s | days/s |\n|---|---:|---:|")
    for what, run in (
        ("`tonnage simulate`: replay with verdict and cost", lambda: replay(compiled, scenario)),
        ("the data plane as flows and the policies", lambda: simulate_fluid(compiled, scenario, day=day)),
        ("the policies alone, driven by the utilization law", lambda: coarse_day(compiled, part)),
        ("naive rule, plain Python", lambda: naive(asked, 70.0, 2, 8)),
    ):
        times = timed(run, rounds)
        median = statistics.median(times)
        print(f"| {what} | {median:.3g} {spread(times, '.3g')} | {DAYS / median:,.1f} |", flush=True)


def print_tune() -> None:
    """Wall time of the command on the example's own two days."""
    start = "import sys; from tonnage.cli.app import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "tune", str(EXAMPLE), "--quiet"]
    begun = time.perf_counter()
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    print(f"\ntonnage tune {EXAMPLE.name}: {time.perf_counter() - begun:.1f} s of wall time, exit {told.returncode}")
    print(next((line for line in told.stdout.splitlines() if "design" in line), told.stdout[:500] + told.stderr[:500]))


def print_profile(rows: int = 14) -> None:
    """Where a replay's time goes: by module, and by function."""
    compiled = workload()
    scenario = Scenario(name="benchmark", window_s=DAYS * 86_400.0)
    replay(compiled, scenario)
    profile = cProfile.Profile()
    profile.runcall(replay, compiled, scenario)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in stats.values())
    modules: dict[str, float] = defaultdict(float)
    for (file, _, _), entry in stats.items():
        modules[_module(file)] += entry[2]
    print(
        f"\n{total:.1f} s under the profiler (which makes Python's calls dearer)\n\n| module | own share |\n|---|---:|"
    )
    for name, spent in sorted(modules.items(), key=lambda pair: -pair[1])[:rows]:
        print(f"| {name} | {spent / total:.1%} |")
    print("\n| function | calls | own | with what it calls |\n|---|---:|---:|---:|")
    for (file, line, name), (_, calls, own, whole, _) in sorted(stats.items(), key=lambda pair: -pair[1][3])[:rows]:
        print(f"| {_module(file)}:{line} {name} | {calls:,} | {own / total:.1%} | {whole / total:.1%} |")


def _module(file: str) -> str:
    _, found, rest = file.partition("/tonnage/")
    return rest if found else file.rpartition("site-packages/")[2] if "site-packages/" in file else "Python itself"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    print_machine()
    print_speeds(options.rounds)
    if options.tune:
        print_tune()
    if options.profile:
        print_profile()


if __name__ == "__main__":
    main()
