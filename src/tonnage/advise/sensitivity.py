"""Sensitivity: which assumed quantities move the verdict, all of them moved together over their ranges.

Morris's elementary effects screen them: along random paths through the ranges one quantity is moved at a time, and the
mean of the absolute changes says how much it matters, their spread whether that depends on the others (Morris 1991;
mean of absolute values after Campolongo, Cariboni and Saltelli 2007). Sobol's total index, the share of the variance
that would be left if all others were known, is then estimated for the few that matter (Saltelli et al. 2010). Both as
SALib does them. The designs are evaluated in the fluid fidelity; the first that turn the verdict by themselves are
confirmed request by request.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.assumptions import Assumption, assume, assumptions
from tonnage.advise.cost import monthly_cost
from tonnage.advise.load_line import capacity_factor, try_load
from tonnage.advise.verdict import indicator
from tonnage.compile import Compiled, compile_workload
from tonnage.simulate import coarse_day, stretch
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Quantity, Scenario, WorkloadError

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
"""(factors,) float64 from 0 to 1 to (outputs,) float64."""

LEVELS = 4
WIDE = 3.0
"""A range wider than this factor is gone through in steps of equal ratio."""
FARTHEST = math.log(100.0)
"""A margin counts up to a hundred times the threshold: an endless latency must not outweigh everything else."""
MATTERS = 0.05
"""Share of the largest effect below which a quantity is left out of the second step."""
MOST_REFINED = 6
MOST_CONFIRMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Morris's measures of every factor.

    Attributes:
        mean: (factors,) float64, mean absolute elementary effect: change of the output over the whole range.
        confidence: (factors,) float64, half its 95 % interval.
        spread: (factors,) float64, standard deviation of the effects.
    """

    mean: Floats
    confidence: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """What one assumed quantity does.

    Attributes:
        assumption: The quantity.
        effect: Mean absolute change of the margin over its range, as natural logarithm of indicator over threshold, of
            the objective that is worst.
        confidence: Half the 95 % interval of ``effect``.
        depends: Spread of the changes: as large as the effect where it depends on the others.
        capacity: Mean absolute change of the throughput bound, natural logarithm.
        total: Sobol's total index of the margin, and half its interval; None where it was not estimated.
        met: Whether every objective holds at its low and at its high end, the others as they are.
        by_request: Whether that was simulated request by request: so it is for the first that decide.
    """

    assumption: Assumption
    effect: float
    confidence: float
    depends: float
    capacity: float
    total: tuple[float, float] | None = None
    met: tuple[bool, bool] = (True, True)
    by_request: bool = False

    @property
    def decides(self) -> bool:
        """Whether it turns the verdict by itself."""
        return self.met[0] != self.met[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The answer.

    Attributes:
        factors: By effect, largest first.
        met: Whether every objective holds as it is, in the fluid fidelity.
        designs: How many designs were evaluated.
        scenario: The load.
    """

    factors: tuple[Factor, ...]
    met: bool
    designs: int
    scenario: Scenario


def sensitivity(
    compiled: Compiled,
    scenario: Scenario,
    seed: int,
    *,
    trajectories: int = 10,
    refine: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Sensitivity:
    """Find which assumed quantities move the verdict.

    Args:
        compiled: The workload.
        scenario: The load.
        seed: Seed of the paths.
        trajectories: Paths; each evaluates one design more than there are quantities.
        refine: Base samples of Sobol's indices; 0 leaves them out.
        progress: Told what is being done.

    Raises:
        WorkloadError: SALib is not installed, or there is nothing assumed.
    """
    found = [item for item in assumptions(compiled.workload) if item.quantity.low < item.quantity.high]
    if not found:
        raise WorkloadError(
            "Nothing of this workload is assumed: every quantity is measured or declared",
            remedy="'tonnage review' answers without it.",
        )
    evaluated = 0

    def design(values: dict[int, float]) -> tuple[float, float]:
        """Margin and throughput bound with some quantities moved."""
        nonlocal evaluated
        evaluated += 1
        workload = compiled.workload
        for k, value in values.items():
            workload = assume(workload, found[k], value)
        moved = compile_workload(workload, compiled.catalog)
        return _margin(moved, scenario), math.log(max(capacity_factor(moved), 1e-9))

    def along(some: Sequence[int], what: str, total: int) -> Function:
        done = 0

        def at(point: Floats) -> Floats:
            nonlocal done
            if done % 20 == 0:
                progress(f"{what}: {done} of {total} designs")
            done += 1
            places = {k: between(found[k].quantity, float(u)) for k, u in zip(some, point, strict=True)}
            return np.array(design(places))

        return at

    everything = range(len(found))
    screened = screen(
        along(everything, "screening", trajectories * (len(found) + 1)),
        len(found),
        trajectories=trajectories,
        seed=seed,
    )
    margins, bounds = screened
    progress("the ends of each range")
    met = _margin(compiled, scenario) < 0.0
    factors = [
        Factor(
            assumption=item,
            effect=float(margins.mean[k]),
            confidence=float(margins.confidence[k]),
            depends=float(margins.spread[k]),
            capacity=float(bounds.mean[k]),
            met=(design({k: item.quantity.low})[0] < 0.0, design({k: item.quantity.high})[0] < 0.0),
        )
        for k, item in enumerate(found)
    ]
    if refine:
        matter = [k for k in everything if margins.mean[k] > MATTERS * margins.mean.max()]
        matter = sorted(matter, key=lambda k: -margins.mean[k])[:MOST_REFINED]
        total = refine * (len(matter) + 2)
        indices = total_indices(along(matter, "refining", total), len(matter), base=refine, seed=seed)
        for place, k in enumerate(matter):
            factors[k] = replace(factors[k], total=(float(indices[0][place]), float(indices[1][place])))
    factors.sort(key=lambda factor: (-factor.effect, -factor.capacity))
    deciding = [k for k, factor in enumerate(factors) if factor.decides][:MOST_CONFIRMED]
    for k in deciding:
        item = factors[k].assumption
        progress(f"{item.component} {item.name} request by request at both ends of its range")
        ends = [
            try_load(compile_workload(assume(compiled.workload, item, value), compiled.catalog), scenario, seed)[1]
            for value in (item.quantity.low, item.quantity.high)
        ]
        factors[k] = replace(factors[k], met=(ends[0], ends[1]), by_request=True)
    return Sensitivity(
        factors=tuple(factors),
        met=met,
        designs=evaluated,
        scenario=scenario,
    )


def between(quantity: Quantity, share: float) -> float:
    """A value of a range: in steps of equal ratio where it is wide and positive, else in equal steps."""
    low, high = quantity.low, quantity.high
    if low > 0 and high / low > WIDE:
        return float(min(max(low * (high / low) ** share, low), high))
    return low + (high - low) * share


def _margin(compiled: Compiled, scenario: Scenario) -> float:
    """Natural logarithm of indicator over threshold of the objective that is worst; below 0 where all are met."""
    day = coarse_day(compiled, stretch(compiled.workload.traffic, scenario))
    outcome = simulate_fluid(compiled, scenario, day=day)
    usd = monthly_cost(compiled, day, outcome).usd
    ratios = [indicator(item, outcome, usd) / item.threshold for item in compiled.workload.objectives]
    logs = [math.log(ratio) if ratio > 0 else -math.inf for ratio in ratios]
    return min(max(max(logs, default=0.0), -FARTHEST), FARTHEST)


def screen(function: Function, factors: int, *, trajectories: int, seed: int) -> tuple[Screened, ...]:
    """Morris's measures of a function on the unit cube, for each of its outputs.

    Raises:
        WorkloadError: SALib is not installed.
    """
    morris_sample, morris_analyze, _, _ = _salib()
    problem = _problem(factors)
    points = morris_sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    values = np.array([function(point) for point in points])
    found = []
    for k in range(values.shape[1]):
        result = morris_analyze(problem, points, values[:, k], num_levels=LEVELS, seed=seed)
        mean, confidence, spread = (np.asarray(result[name], dtype=np.float64) for name in _MEASURES)
        found.append(Screened(mean=mean, confidence=confidence, spread=spread))
    return tuple(found)


_MEASURES = ("mu_star", "mu_star_conf", "sigma")


def total_indices(function: Function, factors: int, *, base: int, seed: int) -> tuple[Floats, Floats]:
    """Sobol's total indices of the first output of a function on the unit cube, with half their 95 % intervals.

    Args:
        function: The function.
        factors: How many there are.
        base: Base samples, a power of two; ``base * (factors + 2)`` points are evaluated.
        seed: Seed of the samples.

    Raises:
        WorkloadError: SALib is not installed.
    """
    _, _, sobol_sample, sobol_analyze = _salib()
    problem = _problem(factors)
    points = sobol_sample(problem, base, calc_second_order=False, seed=seed)
    values = np.array([function(point)[0] for point in points])
    if np.ptp(values) == 0.0:
        return np.zeros(factors), np.zeros(factors)
    result = sobol_analyze(problem, values, calc_second_order=False, seed=seed)
    return np.asarray(result["ST"], dtype=np.float64), np.asarray(result["ST_conf"], dtype=np.float64)


def _problem(factors: int) -> dict[str, object]:
    return {"num_vars": factors, "names": [str(k) for k in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def _salib() -> tuple[Callable[..., Any], ...]:
    try:
        from SALib.analyze import morris as morris_analyze
        from SALib.analyze import sobol as sobol_analyze
        from SALib.sample import morris as morris_sample
        from SALib.sample import sobol as sobol_sample
    except ImportError:
        raise WorkloadError(
            "Sensitivity needs SALib, which is not installed", remedy="Run: pip install 'tonnage[sensitivity]'."
        ) from None
    return morris_sample.sample, morris_analyze.analyze, sobol_sample.sample, sobol_analyze.analyze
