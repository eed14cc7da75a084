"""Peak resident memory of a run of the plain job above that of the imports, at 1 and at 5 million requests.

Each figure is from a fresh process, in parts: Numba starting its compiler, which the first compiled function of any
kind costs; loading the kernels; the run. SciPy is hidden, as Numba loads it where it is installed, and Tonnage does not
need it. This process imports nothing large: a child inherits its parent's peak.
"""

import argparse
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
    """Print the peak after the imports, a function of one line, a tiny run, and a run of so many requests."""
    sys.modules["scipy"] = None  # type: ignore[assignment]
    import numba

    from job import plain, start_run

    model = plain()
    peaks = [peak_mb()]
    numba.njit(lambda x: x + 1.0)(1.0)
    peaks.append(peak_mb())
    for size in (1_000, requests):
        run, end_s = start_run(model, size)
        run.advance(end_s)
        peaks.append(peak_mb())
    print(json.dumps(peaks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, metavar="REQUESTS", help="measure this process instead")
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    print_machine()
    print(f"{'MB':<22}{'imports':>10}{'+ Numba':>10}{'+ kernels':>10}{'+ run':>10}")
    peaks: dict[int, list[float]] = {}
    for size in SIZES:
        told = []
        for _ in range(options.rounds):
            command = [sys.executable, __file__, "--child", str(size)]
            told.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        peaks[size] = [statistics.median(column) for column in zip(*told, strict=True)]
        steps = [after - before for before, after in zip([0.0, *peaks[size]], peaks[size], strict=False)]
        print(f"{f'{size:,} requests':<22}" + "".join(f"{step:>10.1f}" for step in steps))
    for size, (imports, started, _, run) in peaks.items():
        grown = run - imports
        print_goal(f"above the imports, {size:,} requests", f"{grown:.1f} MB", "< 50 MB", met=grown < 50.0)
        grown = run - started
        print_goal(f"the same above Numba started, {size:,}", f"{grown:.1f} MB", "< 50 MB", met=grown < 50.0)
    more = (peaks[SIZES[1]][3] - peaks[SIZES[1]][2]) - (peaks[SIZES[0]][3] - peaks[SIZES[0]][2])
    # A window of the series takes 4 KB, and there are 67 windows more.
    print_goal("of four million requests more", f"{more:+.1f} MB", "about 0", met=more < 1.0)


if __name__ == "__main__":
    main()
