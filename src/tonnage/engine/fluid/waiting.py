"""Waiting curves: how long, how often and how unevenly a queue waits at a utilization.

Erlang's C-formula, corrected for the variation of service and arrivals by ratios that were simulated beforehand
(``waiting.csv``, made by ``scripts/build_waiting_table.py``); with a bounded line the exact M/M/c/K. A curve is read in
both directions: the utilization gives the wait of a steady queue, and the wait of a queue that is filling or emptying
gives the utilization at which it would be steady (see ``stepping``).
"""

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 256
FULLEST = 1e-5
"""An unbounded curve ends this far below saturation; above, a backlog grows evenly."""
HIGHEST_LOAD = 50.0
"""A bounded curve ends at this multiple of the capacity."""

_TABLE = Path(__file__).with_name("waiting.csv")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A queue in its steady state, by offered utilization; times are in mean service times.

    Attributes:
        offered: (POINTS,) offered work over capacity.
        carried: (POINTS,) work done over capacity.
        refused: (POINTS,) share refused because the line is full.
        delayed: (POINTS,) share of those admitted that waits.
        wait: (POINTS,) mean wait of those admitted, those that do not wait included.
        variance: (POINTS,) variance of that wait.
    """

    offered: Floats
    carried: Floats
    refused: Floats
    delayed: Floats
    wait: Floats
    variance: Floats


def erlang_b(servers: int, load: Floats) -> Floats:
    """Share refused by M/M/c/c (Erlang's B-formula), by its stable recursion.

    Args:
        servers: c.
        load: Offered load, servers' worth.
    """
    blocked = np.ones_like(load)
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


@lru_cache(maxsize=4096)
def curve(
    servers: int, cv: float = 1.0, phases: float = 1.0, queue_limit: int | None = None, memoryless: bool = False
) -> Curve:
    """The curve of one queue.

    Args:
        servers: Servers.
        cv: Coefficient of variation of the service time; a bounded line is taken as M/M/c/K whatever it is.
        phases: Arrivals are every so many-th of a Poisson stream (round robin over as many instances).
        queue_limit: Most requests waiting; None means no limit.
        memoryless: The service is exponential, or as good as: Erlang's formula is exact but for the arrivals.
    """
    if queue_limit is not None:
        return _bounded(servers, queue_limit)
    rho = 1.0 - np.geomspace(1.0, FULLEST, POINTS)
    blocked = erlang_b(servers, rho * servers)
    delayed = blocked / (1.0 - rho * (1.0 - blocked))
    wait = delayed / (servers * (1.0 - rho))
    ratio, late, spread = _corrections(servers, cv, phases, rho)
    if memoryless:
        ratio, late, spread = (
            here / there for here, there in zip((ratio, late, spread), _corrections(servers, cv, 1.0, rho), strict=True)
        )
    wait = wait * ratio * (1.0 / phases + cv * cv) / 2.0
    delayed = np.minimum(delayed * late, 1.0)
    # The wait is 0 with probability 1 - delayed, else of mean wait / delayed and that squared variation.
    square = np.divide((1.0 + spread) * wait * wait, delayed, out=np.zeros_like(wait), where=delayed > 0)
    return Curve(
        offered=rho,
        carried=rho,
        refused=np.zeros_like(rho),
        delayed=delayed,
        wait=np.maximum.accumulate(wait),
        variance=np.maximum(square - wait * wait, 0.0),
    )


def _bounded(servers: int, limit: int) -> Curve:
    """M/M/c/K with ``limit`` places in line: geometric probabilities above c - 1 requests."""
    below = 1.0 - np.geomspace(1.0, 1e-3, POINTS // 2)
    offered = np.concatenate([below, np.geomspace(1.0, HIGHEST_LOAD, POINTS - POINTS // 2)])
    offered[0] = 1e-9
    blocked = erlang_b(servers, offered * servers)
    # Relative to the state "c in service, none waiting": j waiting weighs offered**j, fewer in service 1/blocked - 1.
    ahead = np.arange(limit + 1) if limit <= POINTS else np.unique(np.round(np.geomspace(1, limit + 1, POINTS)) - 1)
    width = np.diff(np.append(ahead, limit + 1.0))
    log = np.log(offered)[:, None]
    # Everything is relative to the heaviest state, which is the fullest in overload and "none waiting" below.
    top = np.maximum(limit * log, 0.0)
    last = np.where(log > 0.0, ahead + width - 1.0, ahead) * log - top
    nearly = np.abs(log) < 1e-9
    step = np.where(nearly, -1.0, -np.abs(log))
    weight = np.exp(last) * np.where(nearly, width, np.expm1(step * width) / np.expm1(step))
    full = np.exp(limit * log - top)[:, 0]
    free = (1.0 / np.maximum(blocked, 1e-290) - 1.0) * np.exp(-np.minimum(top[:, 0], 650.0))
    refused = full / (free + weight.sum(axis=1))
    admitted = weight.copy()
    admitted[:, -1] = np.maximum(admitted[:, -1] - full, 0.0)
    share = admitted / np.maximum(free + admitted.sum(axis=1), 1e-300)[:, None]
    # Who finds j waiting waits for j + 1 departures of c busy servers: an Erlang time.
    middle = ahead + width / 2.0 + 0.5
    wait = share @ middle / servers
    square = share @ (middle * (middle + 1.0)) / servers**2
    return Curve(
        offered=offered,
        carried=offered * (1.0 - refused),
        refused=refused,
        delayed=share.sum(axis=1),
        wait=np.maximum.accumulate(wait),
        variance=np.maximum(square - wait * wait, 0.0),
    )


@lru_cache(maxsize=1)
def _table() -> tuple[list[Floats], Floats]:
    """The axes of the table (1/phases, log2 servers, cv, utilization), and its ratios: wait, delayed, spread."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
    data = np.array(rows)
    data[:, 0] = 1.0 / data[:, 0]
    data[:, 1] = np.log2(data[:, 1])
    axes = [np.unique(data[:, k]) for k in range(4)]
    ratios = np.ones((*(len(axis) for axis in axes), 3))
    places = tuple(np.searchsorted(axis, data[:, k]) for k, axis in enumerate(axes))
    ratios[places] = data[:, 4:]
    # At saturation Allen and Cunneen's correction is exact, everyone waits, and the wait is exponential (Kingman).
    full = np.ones((*ratios.shape[:3], 1, 3))
    return [*axes[:3], np.append(axes[3], 1.0)], np.concatenate([ratios, full], axis=3)


def _corrections(servers: int, cv: float, phases: float, rho: Floats) -> tuple[Floats, Floats, Floats]:
    """The table's three ratios at each utilization, linear between its cells and constant beyond its edges."""
    axes, ratios = _table()
    wanted = (1.0 / phases, math.log2(max(1, servers)), cv)
    for axis, value in zip(axes[:3], wanted, strict=True):
        at = float(np.clip(value, axis[0], axis[-1]))
        low = min(int(np.searchsorted(axis, at, side="right")) - 1, len(axis) - 2)
        share = (at - axis[low]) / (axis[low + 1] - axis[low])
        ratios = ratios[low] * (1.0 - share) + ratios[low + 1] * share
    wait, delayed, spread = (np.interp(rho, axes[3], ratios[:, k]) for k in range(3))
    return wait, delayed, spread
