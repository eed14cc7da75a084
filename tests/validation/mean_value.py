"""Exact mean value analysis of a closed network with thinking clients and stations of one or several servers.

Source: M. Reiser and S. S. Lavenberg, "Mean-Value Analysis of Closed Multichain Queuing Networks" (J. ACM 27(2), 1980);
load-dependent form as in E. D. Lazowska et al., "Quantitative System Performance" (1984), chapter 20. It holds for
exponential times served in order of arrival, and for any times served by processor sharing (Baskett et al., 1975).
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

import numpy as np

DIGITS = 120


def mean_values(clients: int, think_s: float, stations: Sequence[tuple[int, float]]) -> tuple[float, list[float]]:
    """Throughput, 1/s, and the time spent at each station in a cycle, s.

    Args:
        clients: Clients in the loop.
        think_s: Mean time between an answer and the next request.
        stations: Servers and demand (visits times mean time, s) of each.
    """
    with localcontext() as context:
        # The recursion takes small differences: near saturation of several servers it eats all the digits of a float.
        context.prec = DIGITS
        rates = [
            [Decimal(min(n, servers)) / Decimal(demand) for n in range(1, clients + 1)] for servers, demand in stations
        ]
        # Of each station: the probability of so many there, with one client fewer in the loop.
        shares = [[Decimal(1)] + [Decimal(0)] * clients for _ in stations]
        carried, residence = Decimal(0), [Decimal(0)] * len(stations)
        for n in range(1, clients + 1):
            residence = [
                sum((j * share[j - 1] / rate[j - 1] for j in range(1, n + 1)), Decimal(0))
                for rate, share in zip(rates, shares, strict=True)
            ]
            carried = n / (Decimal(think_s) + sum(residence))
            for rate, share in zip(rates, shares, strict=True):
                share[1 : n + 1] = [carried / rate[j - 1] * share[j - 1] for j in range(1, n + 1)]
                share[0] = 1 - sum(share[1 : n + 1])
        return float(carried), [float(time) for time in residence]


def throughput_by_convolution(clients: int, think_s: float, stations: Sequence[tuple[int, float]]) -> float:
    """The same throughput from Buzen's normalization constants (Comm. ACM 16(9), 1973)."""
    # In units of the bottleneck's time the constants stay within the range of a float.
    unit_s = max(demand / servers for servers, demand in stations)
    numbers = np.arange(1, clients + 1)
    whole = np.concatenate([[1.0], np.cumprod(think_s / unit_s / numbers)])
    for servers, demand in stations:
        alone = np.concatenate([[1.0], np.cumprod(demand / unit_s / np.minimum(numbers, servers))])
        whole = np.convolve(whole, alone)[: clients + 1]
    return float(whole[-2] / whole[-1] / unit_s)
