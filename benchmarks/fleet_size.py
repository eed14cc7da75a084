"""Time per request of the plain job on 1,000 servers (7,600 workers in all) against that on 20, equally utilized.

Everything is 50 times as large: stations, servers and arrivals. Process CPU time after two seconds of simulated lead,
sizes interleaved over rounds, medians.
"""

import argparse
import statistics
import time

from figures import print_goal, print_machine, ratio, spread
from job import RATE, SERVERS, plain, start_run

LEAD_S = 2.0
SCALES = (1, 10, 50)


def seconds_per_request(scale: int, requests: int, seed: int) -> float:
    run, end_s = start_run(plain(scale), requests + LEAD_S * RATE * scale, RATE * scale, seed)
    run.advance(LEAD_S)
    before, begun = run.arrived, time.process_time()
    run.advance(end_s)
    return (time.process_time() - begun) / (run.arrived - before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=1_000_000, help="of one run")
    options = parser.parse_args()
    print_machine()
    seconds_per_request(1, 10_000, 0)
    taken: dict[int, list[float]] = {scale: [] for scale in SCALES}
    for k in range(options.rounds):
        for scale in SCALES:
            taken[scale].append(1e9 * seconds_per_request(scale, options.requests, 100 + k))
    for scale, values in taken.items():
        workers = 152 * scale
        median = statistics.median(values)
        print(
            f"{SERVERS * scale:>6,} servers, {workers:>6,} workers: {median:>6.0f} ns a request {spread(values, '.0f')}"
        )
    grown = ratio(taken[SCALES[-1]], taken[1])
    print_goal("1,000 servers against 20, time per request", f"{grown:.2f} x", "<= 1.5 x", met=grown <= 1.5)


if __name__ == "__main__":
    main()
