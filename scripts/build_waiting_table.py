"""Simulates GI/G/c queues and writes how far their waits are from Erlang's: ``engine/fluid/waiting.csv``.

Each cell is a Kiefer-Wolfowitz recursion: ``servers`` servers in order of arrival, lognormal service of mean 1, and
Erlang-k times between arrivals (what every k-th request of a Poisson stream is, as round robin over k instances makes
it). For each the table holds three ratios, so that interpolation is between numbers near 1:

- ``wait``: mean wait over Erlang's C-formula times ``(1/k + cv^2) / 2`` (Allen and Cunneen's correction);
- ``delayed``: share that waits over Erlang's C;
- ``spread``: squared coefficient of variation of the distribution (gamma, or Weibull's above 1) that has the mean wait
  of those that wait and their 97.5th percentile. Their own variance would follow the few longest service times, far
  beyond the percentiles that objectives speak of.

Run ``python scripts/build_waiting_table.py`` (about twenty minutes on one core).
"""

import argparse
import csv
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numba
import numpy as np

SERVERS = (1, 2, 4, 8, 16, 32, 64)
CVS = (0.0, 0.5, 1.0, 1.5, 2.0)
PHASES = (1, 2, 4, 16)
UTILIZATIONS = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95)
LEAST_DELAYED = 1e-4
"""Where fewer requests wait, a ratio would be noise and changes nothing: the next busier cell stands for it."""

TAIL = 0.025
BINS, PER_OCTAVE, LOWEST = 2048, 64, 16

_jit: Any = numba.njit


@_jit
def waits(servers: int, cv: float, phases: int, rho: float, requests: int, seed: int) -> tuple[float, float, float]:
    """Share that waits, mean wait, and 97.5th percentile of those that wait, from the second tenth on."""
    np.random.seed(seed)  # noqa: NPY002 - what Numba compiles
    sigma = math.sqrt(math.log(1.0 + cv * cv))
    free = np.zeros(servers)
    now, late, total = 0.0, 0, 0.0
    counts = np.zeros(BINS)
    skipped = requests // 10
    scale = 1.0 / (rho * servers * phases)
    for k in range(requests):
        gap = 0.0
        for _ in range(phases):
            gap -= math.log(1.0 - np.random.random())  # noqa: NPY002
        now += gap * scale
        wait = max(0.0, free[0] - now)
        normal = np.random.standard_normal()  # noqa: NPY002
        done = now + wait + math.exp(sigma * normal - sigma * sigma / 2.0)
        i = 0
        while i + 1 < servers and free[i + 1] < done:
            free[i] = free[i + 1]
            i += 1
        free[i] = done
        if k >= skipped and wait > 0.0:
            late += 1
            total += wait
            counts[min(BINS - 1, max(0, int(PER_OCTAVE * (math.log2(wait) + LOWEST))))] += 1
    counted = requests - skipped
    left = TAIL * late
    place = BINS
    while place > 0 and left > 0.0:
        place -= 1
        left -= counts[place]
    inside = -left / max(counts[place], 1.0)
    return late / counted, total / counted, 2.0 ** ((place + inside) / PER_OCTAVE - LOWEST)


def erlang_c(servers: int, load: float) -> float:
    """Share that waits in M/M/c."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def quantile(spread: float) -> float:
    """97.5th percentile over the mean, by squared variation, as ``engine.fluid.response`` draws waits."""
    if spread <= 1.0:
        k = 1.0 / max(spread, 1e-9)
        return max(0.0, 1.0 - 1.0 / (9.0 * k) + NormalDist().inv_cdf(1.0 - TAIL) / (3.0 * math.sqrt(k))) ** 3
    k = spread ** (-1.086 / 2.0)
    return (-math.log(TAIL)) ** (1.0 / k) / math.gamma(1.0 + 1.0 / k)


def spread_of(ratio: float) -> float:
    """The squared variation with this percentile over the mean."""
    low, high = 0.0, 8.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if quantile(middle) < ratio else (low, middle)
    return low


def cells(requests: int) -> list[list[str]]:
    """All rows of the table."""
    rows = []
    for phases in PHASES:
        for servers in SERVERS:
            for cv in CVS:
                busier = ["1", "1", "1"]
                found = []
                for rho in reversed(UTILIZATIONS):
                    n = requests * (4 if rho >= 0.9 else 1)
                    late, wait, tail = waits(servers, cv, phases, rho, n, 7)
                    delayed = erlang_c(servers, rho * servers)
                    expected = delayed / (servers * (1.0 - rho)) * (1.0 / phases + cv * cv) / 2.0
                    if late > LEAST_DELAYED:
                        spread = spread_of(tail * late / wait)
                        busier = [f"{wait / expected:.4g}", f"{late / delayed:.4g}", f"{spread:.4g}"]
                    found.append([str(phases), str(servers), f"{cv:g}", f"{rho:g}", *busier])
                rows += reversed(found)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=4_000_000, help="of a cell; four times as many from 90 %% on")
    parser.add_argument("--into", type=Path, default=Path("src/tonnage/engine/fluid/waiting.csv"))
    options = parser.parse_args()
    with options.into.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["phases", "servers", "cv", "utilization", "wait", "delayed", "spread"])
        writer.writerows(cells(options.requests))


if __name__ == "__main__":
    main()
