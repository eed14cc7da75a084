"""Starting: what ``import tonnage`` loads, and how long a fresh process takes to its first result, cold and warm.

The first result is a run of 10,000 requests of the plain job, and the clock stops when the process says so; until the
process is gone it takes longer, for Numba tidies up, and that is shown beside it. Every process is fresh; cold ones
have an empty cache folder of their own (``XDG_CACHE_HOME``), warm ones that of a cold one before. CPU time is that of
the whole child, user and system. SciPy is hidden: Numba loads it where it is installed, and Tonnage does not need it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import print_goal, print_machine, spread

FIRST_RESULT = """from job import plain, start_run
run, end_s = start_run(plain(), 10_000)
run.advance(end_s)
print(run.arrived, flush=True)"""
WITHOUT_SCIPY = f"import sys; sys.modules['scipy'] = None\n{FIRST_RESULT}"
NUMBA_LOADED = "import sys, tonnage; sys.exit('numba' in sys.modules)"


def fresh(code: str, cache: str) -> tuple[float, float, float]:
    """Wall seconds of a fresh process to its first line and to its end, and its CPU seconds."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    told = {"XDG_CACHE_HOME": cache, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # Numba's own setting would win over the folder.
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    before, begun = os.times(), time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code], env=kept | told, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        if not child.stdout.readline():
            raise RuntimeError("the process ended without a result")
        first = time.perf_counter() - begun
    wall, after = time.perf_counter() - begun, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return first, wall, cpu


def imports_numba() -> bool:
    return subprocess.run([sys.executable, "-c", NUMBA_LOADED], check=False).returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="cold starts; each is followed by three warm ones")
    options = parser.parse_args()
    print_machine()
    times: dict[str, list[tuple[float, float, float]]] = {"cold": [], "warm": [], "warm, with SciPy": []}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as cache:
            times["cold"].append(fresh(WITHOUT_SCIPY, cache))
            for _ in range(3):
                times["warm"].append(fresh(WITHOUT_SCIPY, cache))
                times["warm, with SciPy"].append(fresh(FIRST_RESULT, cache))
    print(f"{'median (least to most)':<20}{'s to first result':>24}{'s to the end':>24}{'s CPU':>24}")
    for name, taken in times.items():
        columns = ((statistics.median(values), spread(values)) for values in zip(*taken, strict=True))
        print(f"{name:<20}" + "".join(f"{f'{median:.2f} {range_}':>24}" for median, range_ in columns))
    loaded = imports_numba()
    print_goal("import tonnage loads Numba", "yes" if loaded else "no", "no", met=not loaded)
    first = statistics.median(taken[0] for taken in times["warm"])
    print_goal("warm start to the first result, wall", f"{first:.2f} s", "<= 0.6 s", met=first <= 0.6)
    cold_s, warm_s = (statistics.median(taken[2] for taken in times[name]) for name in ("cold", "warm"))
    compiling = cold_s - warm_s
    print_goal("compiling, CPU (cold less warm)", f"{compiling:.1f} s", "<= 5 s", met=compiling <= 5.0)


if __name__ == "__main__":
    main()
