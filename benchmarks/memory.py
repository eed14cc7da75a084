"""Peak resident memory of a run of the plain job above that of the imports, at 1 and at 5 million requests.

Each figure is from a fresh process. The growth holds the loading of the compiled kernels, which is the part that a tiny
run has too; it is shown apart. This process imports nothing large: a child inherits its parent's peak.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys

from figures import print_goal, print_machine, spread

SIZES = (1_000_000, 5_000_000)


def peak_mb() -> float:
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def child(requests: int) -> None:
    """Print the peak after the imports, after a tiny run, and after one of so many requests."""
    from job import plain, start_run

    peaks = [peak_mb()]
    for size in (1_000, requests):
        run, end_s = start_run(plain(), size)
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
    growth: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(options.rounds):
        for size in SIZES:
            told = subprocess.run(
                [sys.executable, __file__, "--child", str(size)], check=True, capture_output=True, text=True
            )
            imports, loaded, run = json.loads(told.stdout)
            growth[size].append(run - imports)
            print(
                f"{size:>10,} requests: {imports:.1f} MB imports, +{loaded - imports:.1f} kernels, +{run - loaded:.1f} run"
            )
    for size, values in growth.items():
        most = max(values)
        print_goal(f"growth above imports, {size:,} requests", f"{most:.1f} MB", "< 50 MB", met=most < 50.0)
    more = statistics.median(growth[SIZES[1]]) - statistics.median(growth[SIZES[0]])
    # Each window of the series costs 4 KB, and the allocator rounds.
    print_goal("four million requests more", f"{more:+.1f} MB", "about 0", met=more < 2.0)
    print(f"spread at 1 million {spread(growth[SIZES[0]], '.1f')}, at 5 million {spread(growth[SIZES[1]], '.1f')} MB")


if __name__ == "__main__":
    main()
