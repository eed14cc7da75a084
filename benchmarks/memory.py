"""Peak resident memory of a run of the plain job above that of the imports, at 1 and at 5 million requests.

Each figure is from a fresh process. Beside it stands what Numba takes for a compiled function of one line, in a process
of its own: that much of the growth is not the engine's. SciPy is hidden, as Numba loads it where it is installed, and
Tonnage does not need it. This process imports nothing large: a child inherits its parent's peak.
"""

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys

from figures import print_goal, print_machine

SIZES = (1_000_000, 5_000_000)


def peak_mb() -> float:
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def child(requests: int) -> None:
    """Print the peak after the imports, after a tiny run, and after one of so many requests; 0: one line in Numba."""
    sys.modules["scipy"] = None  # type: ignore[assignment]
    import numba

    from job import plain, start_run

    model = plain()
    peaks = [peak_mb()]
    if not requests:
        numba.njit(lambda x: x + 1.0)(1.0)
        peaks.append(peak_mb())
    for size in (1_000, requests) if requests else ():
        run, end_s = start_run(model, size)
        run.advance(end_s)
        peaks.append(peak_mb())
    print(json.dumps(peaks))


def steps_mb(requests: int, rounds: int) -> list[float]:
    """Medians of the peak after the imports and of what each part adds to it."""
    command = [sys.executable, __file__, "--child", str(requests)]
    told = []
    for _ in range(rounds):
        peaks = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        told.append([peaks[0], *(after - before for before, after in itertools.pairwise(peaks))])
    return [statistics.median(column) for column in zip(*told, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, metavar="REQUESTS", help="measure this process instead")
    options = parser.parse_args()
    if options.child is not None:
        child(options.child)
        return
    print_machine()
    imports, numba = steps_mb(0, options.rounds)
    print(f"imports {imports:.1f} MB; a compiled function of one line adds {numba:.1f} MB")
    runs: dict[int, float] = {}
    for size in SIZES:
        imports, kernels, runs[size] = steps_mb(size, options.rounds)
        print(f"{size:,} requests: imports {imports:.1f} MB, first run + {kernels:.1f}, run + {runs[size]:.1f}")
        grown = kernels + runs[size]
        print_goal(f"above the imports, {size:,} requests", f"{grown:.1f} MB", "< 50 MB", met=grown < 50.0)
        print_goal(
            "  of it beyond Numba's function of one line",
            f"{grown - numba:.1f} MB",
            "< 50 MB",
            met=grown - numba < 50.0,
        )
    more = runs[SIZES[1]] - runs[SIZES[0]]
    # A window of the series takes 4 KB, and there are 67 windows more.
    print_goal("four million requests more", f"{more:+.1f} MB", "about 0", met=more < 1.0)


if __name__ == "__main__":
    main()
