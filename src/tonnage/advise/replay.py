"""Replay: a whole history through the policies of the template; capacity against need, hour by hour.

Elasticity is measured as in N. Herbst, S. Kounev and R. Reussner, "Elasticity in cloud computing: what it is, and what
it is not" (ICAC 2013) and by the SPEC RG Cloud Group ("Ready for rain?", 2016): accuracy is how much is missing or too
much, as a share of the need; the time share is how long; instability is how often supply and need change against each
other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.cost import HOURS_PER_MONTH, MonthlyCost, monthly_cost
from tonnage.advise.finding import Finding
from tonnage.advise.findings import findings
from tonnage.advise.verdict import Judgement, judge
from tonnage.compile import Compiled
from tonnage.engine.kernels.histogram import COARSE_BITS, bucket_edges, percentile
from tonnage.engine.outcome import Outcome
from tonnage.engine.primitives import Fleet
from tonnage.services import PodGroup, ScalingGroup
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.simulate_fluid import replayed
from tonnage.workload import Objective, Scenario, WorkloadError

Floats = NDArray[np.float64]

CHANGE_S = 600.0
"""Changes of supply and need are taken over so long: policies answer in minutes."""
MOST_REQUESTS = 50_000_000
"""Request by request no more than this is replayed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Elasticity:
    """How well the capacity of one group followed its need.

    Attributes:
        fleet: The group's fleet.
        needed: (samples,) float64, instances that keep the fleet as busy as wanted.
        supplied: (samples,) float64, instances in service.
        too_few: Mean of what is missing, as a share of the need.
        too_many: Mean of what is too much, as a share of the need.
        time_too_few: Share of the time with too few.
        time_too_many: Share of the time with too many.
        instability: Share of the time in which supply and need change against each other.
        instance_hours: Billed instance hours, booting and draining included.
    """

    fleet: str
    needed: Floats
    supplied: Floats
    too_few: float
    too_many: float
    time_too_few: float
    time_too_many: float
    instability: float
    instance_hours: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """A history, replayed.

    Attributes:
        scenario: What was replayed.
        outcome: What happened.
        judgements: Each objective over the whole time.
        missed: For each objective, (windows,) bool: whether it is missed in that window by itself; empty for cost.
        elasticities: By group.
        cost: Of a month.
        usd: Of the replayed time.
        busy: Utilization that the need is counted for.
        findings: What contradicts itself in the scaling.
    """

    scenario: Scenario
    outcome: Outcome
    judgements: tuple[Judgement, ...]
    missed: tuple[NDArray[np.bool_], ...]
    elasticities: tuple[Elasticity, ...]
    cost: MonthlyCost
    usd: float
    busy: float
    findings: tuple[Finding, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every objective holds over the whole time."""
        return all(judgement.met for judgement in self.judgements)


def replay(
    compiled: Compiled, scenario: Scenario, *, busy: float = 0.7, by_request: bool = False, seed: int = 1
) -> Replay:
    """Replay the busiest stretch of the traffic that is as long as the scenario's judged time.

    Args:
        compiled: The workload.
        scenario: What is replayed.
        busy: Utilization at which a group has the capacity it needs.
        by_request: Request by request instead of as flows.
        seed: Seed, request by request.

    Raises:
        WorkloadError: ``busy`` is no share, or there are too many requests to take one by one.
    """
    if not 0.0 < busy <= 1.0:
        raise WorkloadError(f"A utilization of {busy:g} is outside 0 to 1", remedy="Give 0.7 for 70 %.")
    part = stretch(compiled.workload.traffic, scenario)
    requests = float(np.sum(part.judged_rates_per_s)) * part.step_s
    if by_request and requests > MOST_REQUESTS:
        raise WorkloadError(
            f"{requests:,.0f} requests are too many to replay one by one",
            remedy="Replay a shorter time, or leave --by-request out.",
        )
    windowed = replace(scenario, series_s=window_s(part.judged_s))
    if by_request:
        day = coarse_day(compiled, part)
        outcome = simulate(compiled, windowed, seed=seed, day=day)
    else:
        outcome, day = replayed(compiled, windowed)
    cost = monthly_cost(compiled, day, outcome)
    objectives = compiled.workload.objectives
    return Replay(
        scenario=scenario,
        outcome=outcome,
        judgements=judge(objectives, [outcome], cost.usd),
        missed=tuple(missed_windows(outcome, objective) for objective in objectives),
        elasticities=tuple(
            elasticity(compiled, outcome, control, busy)
            for behaviour in compiled.behaviours.values()
            for control in behaviour.controls
            if isinstance(control, ScalingGroup | PodGroup)
        ),
        cost=cost,
        usd=cost.usd * part.judged_s / 3600.0 / HOURS_PER_MONTH,
        busy=busy,
        findings=findings(compiled, scenario.factor),
    )


def window_s(judged_s: float) -> float:
    """Length of the windows of a replay: a minute up to half a day, ten minutes up to two days, then an hour."""
    return 60.0 if judged_s <= 43_200.0 else 600.0 if judged_s <= 172_800.0 else 3600.0


def elasticity(compiled: Compiled, outcome: Outcome, group: ScalingGroup | PodGroup, busy: float) -> Elasticity:
    """How well one group followed its need."""
    fleet = compiled.model.primitives[group.fleet]
    assert isinstance(fleet, Fleet)
    offered = outcome.series[":offered"]
    pace = group.power(group.most) / sum(group.made_of(group.most)) if group.most else 1.0
    one = fleet.servers * fleet.speed * pace * busy
    needed = np.maximum(np.ceil(compiled.means.work_s.get(group.fleet, 0.0) * offered / one - 1e-9), 1.0)
    series = {name: outcome.series[f"{group.fleet}:{name}"] for name in ("in service", "pending", "draining")}
    supplied = series["in service"]
    lengths_s = np.diff(outcome.times_s, prepend=0.0)
    return Elasticity(
        fleet=group.fleet,
        needed=needed,
        supplied=supplied,
        too_few=_mean(np.maximum(needed - supplied, 0.0) / needed, lengths_s),
        too_many=_mean(np.maximum(supplied - needed, 0.0) / needed, lengths_s),
        time_too_few=_mean(supplied < needed, lengths_s),
        time_too_many=_mean(supplied > needed, lengths_s),
        instability=instability(needed, supplied, max(1, round(CHANGE_S / float(np.median(lengths_s))))),
        instance_hours=float(np.sum(sum(series.values()) * lengths_s)) / 3600.0,
    )


def _mean(values: NDArray[np.float64] | NDArray[np.bool_], lengths_s: Floats) -> float:
    total = float(lengths_s.sum())
    return float(np.sum(values * lengths_s)) / total if total > 0 else 0.0


def instability(needed: Floats, supplied: Floats, samples: int) -> float:
    """Share of the time in which supply and need change against each other, one up and one down.

    Args:
        needed: (n,) instances.
        supplied: (n,) instances.
        samples: Samples over which a change is taken.
    """
    if len(needed) <= samples:
        return 0.0
    need = np.sign(needed[samples:] - needed[:-samples])
    supply = np.sign(supplied[samples:] - supplied[:-samples])
    return float(np.mean(need * supply < 0))


def missed_windows(outcome: Outcome, objective: Objective) -> NDArray[np.bool_]:
    """Windows that miss an objective by themselves.

    Returns:
        (windows,) bool; empty for cost, which no window has.
    """
    if objective.indicator == "cost":
        return np.zeros(0, dtype=bool)
    routes = outcome.routes_of(objective.route)
    windows = np.sum([route.windows for route in routes], axis=0)
    histograms = np.sum([route.window_histogram for route in routes], axis=0).astype(np.int64)
    if objective.indicator == "errors":
        return np.asarray(windows[:, 2] / np.maximum(windows[:, 0], 1) >= objective.threshold)
    edges = bucket_edges(COARSE_BITS)
    middles = (edges[1:] + edges[:-1]) / 2.0
    values = [_latency(counts, objective.percentile, middles) for counts in histograms]
    # Windows in which nothing was answered miss as soon as anybody asked.
    return np.array(
        [
            value >= objective.threshold if math.isfinite(value) else asked > 0
            for value, asked in zip(values, windows[:, 0], strict=True)
        ]
    )


def _latency(counts: NDArray[np.int64], q: float | None, middles: Floats) -> float:
    if q is not None:
        return percentile(counts, q, COARSE_BITS)
    total = int(counts.sum())
    return float(np.dot(counts, middles)) / total if total else math.nan


def worst_windows(replayed: Replay, most: int = 5) -> Sequence[int]:
    """Windows that miss any objective, those with the most errors first, then by time."""
    bad = np.zeros(len(replayed.outcome.windows), dtype=bool)
    for missed in replayed.missed:
        if len(missed):
            bad |= missed
    lost = replayed.outcome.windows[:, 2] / np.maximum(replayed.outcome.windows[:, 0], 1)
    return sorted(np.flatnonzero(bad).tolist(), key=lambda k: (-float(lost[k]), k))[:most]
