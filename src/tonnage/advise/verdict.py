"""Verdict: each objective held against replications of an outcome, with margin and confidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tonnage.engine.outcome import Outcome
from tonnage.workload import Objective

_STUDENT_97_5 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t quantiles at 97.5 % for 1 to 9 degrees of freedom."""

Confidence = Literal["sure", "too close to call", "one run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One objective held against one scenario.

    Attributes:
        objective: The objective.
        value: The indicator, in the objective's unit: seconds, share of requests, USD per month.
        low: Lower end of its 95 % confidence interval over replications.
        high: Upper end.
        met: Whether the value is below the threshold.
        margin: How far below, as a share of the threshold; negative when missed.
        confidence: ``sure`` when the whole interval is on one side of the threshold.
    """

    objective: Objective
    value: float
    low: float
    high: float
    met: bool
    margin: float
    confidence: Confidence


def indicator(objective: Objective, outcome: Outcome, cost_usd: float) -> float:
    """The value that an objective speaks of; infinite latency when nothing was answered."""
    if objective.indicator == "cost":
        return cost_usd
    if objective.indicator == "errors":
        return outcome.error_share(objective.route)
    value = outcome.latency_s(objective.percentile, objective.route)
    return math.inf if math.isnan(value) else value


def judge(objectives: Sequence[Objective], outcomes: Sequence[Outcome], cost_usd: float) -> tuple[Judgement, ...]:
    """Hold objectives against replications of one scenario.

    Args:
        objectives: What must hold.
        outcomes: Replications: same scenario, other seeds.
        cost_usd: Cost of a month.
    """
    return tuple(
        _judgement(objective, [indicator(objective, outcome, cost_usd) for outcome in outcomes])
        for objective in objectives
    )


def _judgement(objective: Objective, values: Sequence[float]) -> Judgement:
    n = len(values)
    mean = sum(values) / n
    half = 0.0
    if n > 1 and math.isfinite(mean):
        variance = sum((value - mean) ** 2 for value in values) / (n - 1)
        half = _STUDENT_97_5[min(n - 2, len(_STUDENT_97_5) - 1)] * math.sqrt(variance / n)
    low, high = max(0.0, mean - half), mean + half
    met = mean < objective.threshold
    confidence: Confidence = "sure"
    if objective.indicator != "cost":
        if n == 1:
            confidence = "one run"
        elif low < objective.threshold <= high:
            confidence = "too close to call"
    return Judgement(
        objective=objective,
        value=mean,
        low=low,
        high=high,
        met=met,
        margin=(objective.threshold - mean) / objective.threshold if math.isfinite(mean) else -math.inf,
        confidence=confidence,
    )


def met(objectives: Sequence[Objective], outcome: Outcome, cost_usd: float) -> bool:
    """Whether one run meets every objective."""
    if outcome.stopped is not None:
        return False
    return all(indicator(objective, outcome, cost_usd) < objective.threshold for objective in objectives)
