"""Starting: what ``import tonnage`` loads, and how long a fresh process takes to its first result, cold and warm.

The first result is a run of 10,000 requests of the plain job. Every process is fresh; cold ones have an empty cache
folder of their own (``XDG_CACHE_HOME``), warm ones that of a cold one before. CPU time is the child's, user and system.
SciPy is hidden: Numba loads it where it is installed, and Tonnage does not need it; the last line shows what it costs.
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

FIRST_RESULT = "from job import plain, start_run; run, end_s = start_run(plain(), 10_000); run.advance(end_s)"
WITHOUT_SCIPY = f"import sys; sys.modules['scipy'] = None; {FIRST_RESULT}"
NUMBA_LOADED = "import sys, tonnage; sys.exit('numba' in sys.modules)"


def fresh(code: str, cache: str) -> tuple[float, float]:
    """Wall and CPU seconds of a fresh process."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    told = {"XDG_CACHE_HOME": cache, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # Numba's own setting would win over the folder.
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    before, begun = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=kept | told)
    wall, after = time.perf_counter() - begun, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def imports_numba() -> bool:
    return subprocess.run([sys.executable, "-c", NUMBA_LOADED], check=False).returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="cold starts; each is followed by three warm ones")
    options = parser.parse_args()
    print_machine()
    times: dict[str, list[tuple[float, float]]] = {"cold": [], "warm": [], "warm, SciPy there": []}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as cache:
            times["cold"].append(fresh(WITHOUT_SCIPY, cache))
            for _ in range(3):
                times["warm"].append(fresh(WITHOUT_SCIPY, cache))
                times["warm, SciPy there"].append(fresh(FIRST_RESULT, cache))
    for name, pairs in times.items():
        wall, cpu = ([pair[k] for pair in pairs] for k in (0, 1))
        in_cpu = f"{statistics.median(cpu):.2f} s CPU {spread(cpu)}"
        print(f"first result, {name}: {statistics.median(wall):.2f} s wall {spread(wall)}, {in_cpu}")
    loaded = imports_numba()
    print_goal("import tonnage loads Numba", "yes" if loaded else "no", "no", met=not loaded)
    first = statistics.median(wall for wall, _ in times["warm"])
    print_goal("warm start to the first result, wall", f"{first:.2f} s", "<= 0.6 s", met=first <= 0.6)
    compiling = statistics.median(cpu for _, cpu in times["cold"]) - statistics.median(cpu for _, cpu in times["warm"])
    print_goal("compiling, CPU (cold less warm)", f"{compiling:.1f} s", "<= 5 s", met=compiling <= 5.0)


if __name__ == "__main__":
    main()
