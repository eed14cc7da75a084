"""Load line: the largest traffic that still meets every objective, and what gives way just above it.

The fluid fidelity says where it lies; request-level runs under one seed decide. A run that can no longer meet its
objectives is stopped as soon as that is certain.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tonnage.advise.cost import monthly_cost
from tonnage.advise.parallel import in_parallel
from tonnage.advise.pressure import Pressure, pressures
from tonnage.advise.verdict import indicator, met
from tonnage.compile import Compiled
from tonnage.engine.expected import bounds
from tonnage.engine.kernels.histogram import FINE_BITS, bucket_of
from tonnage.engine.outcome import Outcome
from tonnage.engine.run import Run
from tonnage.services import PodGroup, ScalingGroup
from tonnage.simulate import Watcher, coarse_day, simulate, stretch
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Objective, Scenario

MOST_REQUESTS = 6_000_000
"""A single run of the search simulates no more than this; beyond, the load line is "at least"."""


WANTED_REQUESTS = 200_000
LEAST_S = 600.0
SPARSE_S = 4 * 3600.0
USUAL_S = 1800.0


def judged_time_s(rate_per_s: float, duration_s: float) -> float:
    """How long to judge: half an hour of the peak; longer where requests are few, shorter where they are many.

    A p99 of n requests rests on n / 100 of them, so few requests need more time; and what half an hour of very many
    requests tells, ten minutes tell as well.

    Args:
        rate_per_s: Peak rate of the load.
        duration_s: Length of the whole traffic.
    """
    most_s = SPARSE_S if rate_per_s * USUAL_S < 20_000 else USUAL_S
    return min(max(WANTED_REQUESTS / rate_per_s, LEAST_S), most_s, max(duration_s, LEAST_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLine:
    """The largest load that meets every objective.

    Attributes:
        factor: As a multiple of the traffic.
        rate_per_s: As requests per second in the busiest step.
        above: Smallest load tried that fails, as a multiple; None when none did.
        gives_way: What gives way at ``above``, worst first.
        at_least: True when the search ended before anything gave way.
        never: True when even a hundredth of the traffic misses an objective.
        missed: The objectives missed at ``above``.
        runs: Runs it took.
    """

    factor: float
    rate_per_s: float
    above: float | None
    gives_way: tuple[Pressure, ...]
    at_least: bool = False
    never: bool = False
    missed: tuple[str, ...] = ()
    runs: int = 0


def capacity_factor(compiled: Compiled) -> float:
    """The multiple of the traffic's peak at which the tightest resource is full by the utilization law."""
    controls = [control for behaviour in compiled.behaviours.values() for control in behaviour.controls]
    groups = {
        control.fleet: control.power(control.maximum)
        for control in controls
        if isinstance(control, ScalingGroup | PodGroup)
    }
    tightest = bounds(compiled.model, compiled.means, groups)
    return tightest[0].rate_per_s / compiled.workload.traffic.peak_per_s if tightest else math.inf


def fluid_load_line(
    compiled: Compiled, scenario: Scenario, *, low: float, high: float, tolerance: float = 0.01
) -> float:
    """The load line by the fluid fidelity, as a multiple of the traffic.

    Args:
        compiled: The workload.
        scenario: Its judged time; the factor is what is searched.
        low: A multiple taken to hold.
        high: A multiple taken to fail.
        tolerance: Width of the bracket at which it is enough, relative.
    """
    objectives = compiled.workload.objectives
    while high / low > 1.0 + tolerance:
        middle = replace(scenario, name="load line", factor=math.sqrt(low * high))
        day = coarse_day(compiled, stretch(compiled.workload.traffic, middle))
        outcome = simulate_fluid(compiled, middle, day=day)
        if met(objectives, outcome, monthly_cost(compiled, day, outcome).usd):
            low = middle.factor
        else:
            high = middle.factor
    return math.sqrt(low * high)


def hopeless(objectives: Sequence[Objective], expected_requests: float) -> Watcher:
    """A watcher that stops a run once an objective about all requests is certainly missed."""

    def watch(run: Run, done: float) -> bool:
        del done
        books = run.state.books
        asked = [k for k, program in enumerate(run.model.programs) if program.queue is None]
        arrived = max(float(books.route_count[asked, 0].sum()), expected_requests)
        for objective in objectives:
            if objective.route is not None:
                continue
            if objective.indicator == "errors":
                lost = float(books.route_count[asked, 2].sum() + books.route_count[asked, 3].sum())
                if lost > 1.2 * objective.threshold * arrived + 10:
                    return True
            elif objective.indicator == "latency" and objective.percentile is not None:
                bucket = bucket_of(objective.threshold, FINE_BITS)
                slow = float(books.route_hist[asked, bucket + 1 :].sum())
                if slow > 1.2 * (1.0 - objective.percentile / 100.0) * arrived + 10:
                    return True
        return False

    return watch


def try_load(compiled: Compiled, scenario: Scenario, seed: int, *, early: bool = True) -> tuple[Outcome, bool, float]:
    """Simulate one load: the outcome, whether it meets every objective, and its cost in USD a month."""
    part = stretch(compiled.workload.traffic, scenario)
    day = coarse_day(compiled, part)
    offered = float(np.mean(part.judged_rates_per_s)) * part.judged_s
    objectives = compiled.workload.objectives
    outcome = simulate(compiled, scenario, seed=seed, day=day, watch=hopeless(objectives, offered) if early else None)
    usd = monthly_cost(compiled, day, outcome).usd
    return outcome, met(objectives, outcome, usd), usd


def find_load_line(
    compiled: Compiled,
    scenario: Scenario,
    seed: int,
    *,
    tolerance: float = 0.03,
    beside: int = 2,
    known: Sequence[tuple[float, bool]] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> LoadLine:
    """Search the load line of a workload.

    Args:
        compiled: The workload.
        scenario: Its longest judged time; the factor is what is searched.
        seed: Seed of all runs.
        tolerance: Width of the final bracket, relative.
        beside: Runs at the same time while the bracket is narrowed.
        known: Loads already tried: factor and whether every objective was met.
        progress: Told what is being tried.
    """
    peak = compiled.workload.traffic.peak_per_s
    most = MOST_REQUESTS / max(1e-9, peak * (LEAST_S + scenario.lead_s))
    passing = max((factor for factor, good in known if good), default=0.0)
    failing = min((factor for factor, good in known if not good and factor > passing), default=math.inf)
    failed: tuple[Outcome, float] | None = None
    runs = 0

    def attempt(*factors: float) -> None:
        nonlocal passing, failing, failed, runs
        progress(f"load line: trying {' and '.join(f'{factor * peak:,.0f}' for factor in factors)} requests/s")

        def tried(factor: float) -> tuple[Outcome, bool, float]:
            window_s = min(scenario.window_s, judged_time_s(peak * factor, compiled.workload.traffic.duration_s))
            return try_load(compiled, replace(scenario, name="load line", factor=factor, window_s=window_s), seed)

        for factor, (outcome, good, usd) in zip(factors, in_parallel(tried, factors), strict=True):
            runs += 1
            if good and factor < failing:
                passing = max(passing, factor)
            elif factor <= failing:
                # A load known to fail may pass with one seed and a shorter time: what is known stands.
                failing, failed = factor, (outcome, usd)

    if passing < most and failing > passing * (1.0 + tolerance):
        low = max(passing, 0.01)
        high = min(failing, max(1.5 * min(capacity_factor(compiled), most), 1.5 * low))
        guess = fluid_load_line(compiled, scenario, low=low, high=high, tolerance=tolerance / 3.0)
        # Where the fluid answer is right, one run below and one above it already are the final bracket.
        beyond = math.sqrt(1.0 + tolerance)
        attempt(*sorted({min(max(guess / beyond, passing), most), min(guess * beyond, most)}))
    widening = 1.0 + 2.0 * tolerance
    while not math.isfinite(failing) and passing < most:
        attempt(min(passing * widening, most))
        widening *= widening
    while passing == 0.0 and failing > 0.01:
        attempt(failing / widening)
        widening *= widening
    if passing > 0.0 and math.isfinite(failing):
        while failing / passing > 1.0 + tolerance:
            # Two runs beside each other on two cores cut the bracket to a third, one alone to a half.
            step = (failing / passing) ** (1.0 / (beside + 1))
            attempt(*(passing * step ** (k + 1) for k in range(beside)))
    if math.isfinite(failing) and failed is None:
        attempt(failing)
    return LoadLine(
        factor=passing,
        rate_per_s=passing * peak,
        above=failing if math.isfinite(failing) else None,
        gives_way=pressures(compiled, failed[0]) if failed is not None else (),
        at_least=not math.isfinite(failing),
        never=passing == 0.0,
        missed=() if failed is None else _missed(compiled.workload.objectives, *failed),
        runs=runs,
    )


def _missed(objectives: Sequence[Objective], outcome: Outcome, usd: float) -> tuple[str, ...]:
    return tuple(
        objective.text for objective in objectives if not indicator(objective, outcome, usd) < objective.threshold
    )
