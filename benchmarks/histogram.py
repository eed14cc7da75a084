"""The histogram: nanoseconds per record inside a kernel, and its percentiles against exact order statistics.

Five million times, lognormal (cv 1.5) and Pareto (shape 1.5), in the fine histogram of the engine. The loop that is
timed reads the times from an array, as the engine does not; a loop that only adds them up is shown beside it.
"""

import argparse
import math
import statistics
import time

import numpy as np

from figures import print_goal, print_machine, spread
from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.histogram import FINE_BITS, OCTAVES, bucket_inside, percentile

RECORDS = 5_000_000
PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)


@kernel
def record(times_s, counts):
    for k in range(len(times_s)):
        counts[bucket_inside(times_s[k], 7)] += 1


@kernel
def add_up(times_s):
    total = 0.0
    for k in range(len(times_s)):
        total += times_s[k]
    return total


def samples(shape: str, seed: int):
    draw = np.random.default_rng(seed)
    if shape == "lognormal":
        sigma = math.sqrt(math.log1p(1.5**2))
        return draw.lognormal(math.log(0.224) - sigma**2 / 2.0, sigma, RECORDS)
    return 0.02 * (1.0 + draw.pareto(1.5, RECORDS))


def nanoseconds(loop, *given) -> float:
    begun = time.process_time()
    loop(*given)
    return 1e9 * (time.process_time() - begun) / RECORDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print_machine()
    counts = np.zeros(OCTAVES << FINE_BITS, dtype=np.int64)
    record(np.ones(1), counts)
    add_up(np.ones(1))
    print(f"{'relative error, worst of ' + str(options.rounds):<28}" + "".join(f"{f'p{q:g}':>12}" for q in PERCENTILES))
    found: dict[str, tuple[list[float], list[float], float, float]] = {}
    for shape in ("lognormal", "pareto"):
        per_record: list[float] = []
        per_addition: list[float] = []
        errors: list[list[float]] = []
        for k in range(options.rounds):
            times_s = samples(shape, 100 + k)
            counts[:] = 0
            per_addition.append(nanoseconds(add_up, times_s))
            per_record.append(nanoseconds(record, times_s, counts))
            times_s.sort()
            exact = [times_s[math.ceil(q / 100.0 * RECORDS) - 1] for q in PERCENTILES]
            mine = [percentile(counts, q, FINE_BITS) for q in PERCENTILES]
            errors.append([abs(m / e - 1.0) for m, e in zip(mine, exact, strict=True)])
        worst = np.max(errors, axis=0)
        print(f"{shape:<28}" + "".join(f"{error:>12.4%}" for error in worst))
        found[shape] = per_record, per_addition, float(worst.max()), float(np.median(errors, axis=0).max())
    for shape, (per_record, per_addition, worst_error, typical) in found.items():
        ns, alone = statistics.median(per_record), statistics.median(per_addition)
        print(
            f"{shape}: {ns:.2f} ns a record {spread(per_record)}; adding up {alone:.2f} ns; median error {typical:.4%}"
        )
        print_goal(f"{shape}, time per record", f"{ns:.2f} ns", "<= 1 ns", met=ns <= 1.0)
        print_goal(f"{shape}, worst error up to p99.9", f"{worst_error:.3%}", "<= 0.1 %", met=worst_error <= 0.001)


if __name__ == "__main__":
    main()
