"""Response times of a moment: sample requests walk the programs past queues that stand as they are.

Each sample is one request with stratified luck (Latin hypercube sampling: M. McKay, R. Beckman and W. Conover, 1979):
every draw runs evenly through its distribution, so a few hundred samples give the percentiles of sums, branches,
retries and time-outs without any assumption on their shape.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.compiled import inlined
from tonnage.engine.fluid.layout import Code, Kind, Op, Queues
from tonnage.engine.fluid.state import SAMPLES, Levels, Stack

Floats = NDArray[np.float64]

DIMENSIONS = 256

_WAIT, _WORK, _HOLD, _RELEASE, _TAKE = int(Op.WAIT), int(Op.WORK), int(Op.HOLD), int(Op.RELEASE), int(Op.TAKE)
_BEGIN, _END, _MISS, _FILLED = int(Op.BEGIN), int(Op.END), int(Op.MISS), int(Op.FILLED)
_FORK, _JOIN = int(Op.FORK), int(Op.JOIN)
_SHARING, _DELAY, _ENVIRONMENTS = int(Kind.SHARING), int(Kind.DELAY), int(Kind.ENVIRONMENTS)
_GOLDEN = 0.6180339887498949


class Waits(NamedTuple):
    """How waits are drawn, by queue. All (queues,) float64.

    Attributes:
        delayed: Share that waits.
        scale: Of the Weibull or gamma distribution of those that do, seconds.
        shape: Positive: of a gamma distribution; negative: of a Weibull distribution.
    """

    delayed: Floats
    scale: Floats
    shape: Floats


@lru_cache(maxsize=1)
def strata() -> NDArray[np.int16]:
    """Which stratum each sample draws from, for every draw: (DIMENSIONS, SAMPLES) permutations."""
    rng = np.random.default_rng(20260101)
    return np.array([rng.permutation(SAMPLES) for _ in range(DIMENSIONS)], dtype=np.int16)


@inlined
def normal_quantile(u: float) -> float:
    """Quantile of the standard normal distribution, to 5e-4 absolutely (Abramowitz and Stegun 26.2.23)."""
    tail = u if u < 0.5 else 1.0 - u
    t = math.sqrt(-2.0 * math.log(tail))
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return -z if u < 0.5 else z


@inlined
def prepare(levels: Levels, waits: Waits) -> None:
    """Fit the wait of those that wait: a gamma distribution where it is more even than exponential, else Weibull's."""
    for q in range(levels.wait.shape[0]):
        p = min(levels.delayed[q], 1.0)
        if p <= 1e-12 or levels.wait[q] <= 1e-12:
            waits.delayed[q] = 0.0
            continue
        mean = levels.wait[q] / p
        cv2 = (levels.variance[q] + levels.wait[q] ** 2) / p / (mean * mean) - 1.0
        waits.delayed[q] = p
        if cv2 <= 1.0:
            waits.shape[q] = 1.0 / max(cv2, 1e-9)
            waits.scale[q] = mean
        else:
            # The shape of Weibull's distribution by its variation, to 1 % up to 4 (Justus et al. 1978).
            k = cv2 ** (-1.086 / 2.0)
            waits.shape[q] = -k
            waits.scale[q] = mean / math.gamma(1.0 + 1.0 / k)


@inlined
def drawn_wait(waits: Waits, q: int, u: float) -> float:
    """A wait at a queue by its quantile."""
    p = waits.delayed[q]
    if u >= p:
        return 0.0
    tail = u / p
    k = waits.shape[q]
    if k > 0.0:
        # Wilson and Hilferty's approximation of the gamma quantile.
        x = 1.0 - 1.0 / (9.0 * k) - normal_quantile(tail) / (3.0 * math.sqrt(k))
        return float(waits.scale[q] * max(x, 0.0) ** 3)
    return float(waits.scale[q] * (-math.log(tail)) ** (-1.0 / k))


@inlined
def drawn_time(code: Code, pc: int, u: float) -> float:
    """A time of an instruction by its quantile."""
    mean = float(code.number[pc, 0])
    if code.op[pc, 3] == 0:
        return mean
    if code.op[pc, 3] == 1:
        return -mean * math.log(u)
    sigma = code.number[pc, 2]
    return mean * math.exp(-sigma * normal_quantile(u) - sigma * sigma / 2.0)


@inlined
def slowed(rules: Queues, levels: Levels, q: int, own_s: float, u: float) -> float:
    """Time of a job at a server that is shared, by how much it needs.

    What others take of a short job is what stands there when it comes; of a long one it averages out. The variance in
    between is that of M/M/1 (Coffman, Muntz and Trotter 1970), over the time in which the queue forgets; that is longer
    the more uneven the work (its limit for long jobs: Zwart and Boxma 2000).
    """
    server = max(levels.server_s[q], 1e-12)
    mean = levels.wait[q] / server
    if mean <= 1e-9:
        return own_s
    idle = 1.0 - min(levels.busy[q], 1.0)
    # Seen by a job that is served at once the excess is a geometric number, not the exponential time of a line.
    square = (levels.variance[q] / (server * server) + mean * mean) * (1.0 - idle / 2.0)
    variance = max(square - mean * mean, 0.0)
    z = own_s / server * idle * rules.servers[q] * 2.0 / (1.0 + rules.work_cv[q] ** 2)
    if z > 1e-3:
        variance *= 2.0 * (z - 1.0 + math.exp(-z)) / (z * z)
    cv2 = variance / (mean * mean)
    if cv2 <= 1.0:
        k = 1.0 / max(cv2, 1e-9)
        x = 1.0 - 1.0 / (9.0 * k) - normal_quantile(u) / (3.0 * math.sqrt(k))
        return float(own_s * (1.0 + mean * max(x, 0.0) ** 3))
    # Nothing with some probability, else exponential: mean and variance are met.
    p = 2.0 / (1.0 + cv2)
    return own_s if u >= p else own_s * (1.0 - mean / p * math.log(u / p))


@inlined
def respond(
    code: Code,
    rules: Queues,
    levels: Levels,
    waits: Waits,
    stack: Stack,
    strata: NDArray[np.int16],
    route: int,
    moment: int,
    times_s: Floats,
) -> None:
    """Response times of requests that arrive now.

    Args:
        code: The programs.
        rules: Constants of the queues.
        levels: The queues as they stand.
        waits: Room for their distributions.
        stack: Room for the calls.
        strata: See ``strata``.
        route: Which program.
        moment: Which moment, so that moments differ in their luck.
        times_s: (SAMPLES,) filled in; NaN for a request that failed.
    """
    prepare(levels, waits)
    # Stratified draws of one moment: every sample has its own stratum of every draw.
    count = times_s.shape[0]
    mask = count - 1
    # Where in its stratum a sample lies moves from moment to moment.
    inside = (0.5 + moment * _GOLDEN) % 1.0
    for j in range(count):
        pc, depth, round_ = code.route_pc[route], 0, 0
        now = 0.0
        stack.at[0, 3] = 0
        while True:
            op, a = code.op[pc, 0], code.op[pc, 1]
            row = (3 * pc) % (DIMENSIONS - 3)
            place = j + (moment + 17 * round_) * (2 * pc + 1)
            u = (strata[row, place & mask] + inside) / count
            other = (strata[row + 1, place & mask] + inside) / count
            failed = False
            if op == _WAIT:
                now += drawn_time(code, pc, u)
            elif op == _WORK:
                third = (strata[row + 2, place & mask] + inside) / count
                if third < levels.refused[a]:
                    failed = True
                else:
                    own = drawn_time(code, pc, u) / levels.speed[a]
                    if rules.kind[a] == _SHARING:
                        now += slowed(rules, levels, a, own, other)
                    else:
                        now += drawn_wait(waits, a, other) + own
            elif op == _HOLD:
                if u < levels.refused[a]:
                    failed = True
                else:
                    wait = drawn_wait(waits, a, other)
                    failed = wait > rules.patience_s[a]
                    now += min(wait, rules.patience_s[a])
                    third = (strata[row + 2, place & mask] + inside) / count
                    if rules.kind[a] == _ENVIRONMENTS and third < levels.cold[a]:
                        share = third / levels.cold[a]
                        sigma = rules.cold_s[a, 1]
                        now += rules.cold_s[a, 0] * math.exp(-sigma * normal_quantile(share) - sigma * sigma / 2.0)
            elif op == _TAKE:
                if rules.kind[a] == _DELAY:
                    now += max(drawn_wait(waits, a, u) - rules.offset_s[a], 0.0)
                else:
                    failed = u < levels.refused[a]
            elif op in (_BEGIN, _MISS):
                if u > code.number[pc, 0]:
                    pc = code.op[pc, 2] + 1
                    continue
                stack.at[depth, 0], stack.at[depth, 1] = pc, 1
                stack.at[depth, 2] = 1 if op == _MISS else np.int64(code.number[pc, 1])
                stack.kept[depth, 0] = stack.kept[depth, 1] = now
                depth += 1
                stack.at[depth, 3] = 0
            elif op == _FORK:
                stack.at[depth, 3] = 1
                stack.kept[depth, 2] = stack.kept[depth, 3] = now
            elif op == _JOIN:
                stack.at[depth, 3] = 0
                now = stack.kept[depth, 3]
            elif op == _END and a < 0:
                break
            if op in (_END, _FILLED) or failed:
                # Up the calls until one goes on: with its next round, its next try, or what comes after it.
                dead = False
                while True:
                    if depth == 0:
                        dead = failed
                        break
                    frame = depth - 1
                    begin = stack.at[frame, 0]
                    call = code.op[begin, 0] == _BEGIN
                    if call and now > stack.kept[frame, 1] + code.number[begin, 2]:
                        now = stack.kept[frame, 1] + code.number[begin, 2]
                        failed = True
                    if failed and call and stack.at[frame, 1] < code.number[begin, 3]:
                        round_ += 1
                        pause = code.number[begin, 4] * 2.0 ** (stack.at[frame, 1] - 1.0)
                        pause = min(pause, code.number[begin, 5])
                        if code.flag[begin, 1] == 1:
                            pause *= (strata[row, (place + 17 * round_) & mask] + inside) / count
                        now += pause
                        stack.at[frame, 1] += 1
                        stack.kept[frame, 1] = now
                        stack.at[depth, 3] = 0
                        pc = begin
                        break
                    if not failed and stack.at[frame, 2] > 1:
                        round_ += 1
                        stack.at[frame, 2] -= 1
                        stack.at[frame, 1] = 1
                        stack.kept[frame, 1] = now
                        pc = begin
                        break
                    depth = frame
                    pc = code.op[begin, 2]
                    if call and code.flag[begin, 0] == 0:
                        now = stack.kept[frame, 0]
                        failed = False
                    if stack.at[depth, 3] == 1 and not failed:
                        stack.kept[depth, 3] = max(stack.kept[depth, 3], now)
                        now = stack.kept[depth, 2]
                    if not failed:
                        break
                if dead:
                    now = math.nan
                    break
            pc += 1
        times_s[j] = now
