"""Verdict: each objective held against replications of an outcome, with margin and confidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tonnage.engine.outcome import Outcome
from tonnage.engine.statistics import Interval, interval, paired
from tonnage.workload import Objective

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
    found = interval(values)
    mean, low, high = found.mean, max(0.0, found.low), found.high
    met = mean < objective.threshold
    confidence: Confidence = "sure"
    if objective.indicator != "cost":
        if found.n == 1:
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


def known_within(judgements: Sequence[Judgement], precision: float) -> bool:
    """Whether every indicator is known to a relative precision, or is surely on its side of the threshold and small.

    A share of errors of nothing is known; one far below its threshold need not be known to the same precision.

    Args:
        judgements: Over replications.
        precision: Half the width of the 95 % interval, as a share of the value.
    """
    for judgement in judgements:
        if judgement.objective.indicator == "cost" or not math.isfinite(judgement.value):
            continue
        half = (judgement.high - judgement.low) / 2.0
        scale = judgement.value
        if judgement.objective.indicator == "errors":
            scale = max(scale, judgement.objective.threshold)
        if half > precision * scale:
            return False
    return True


def changes(
    objectives: Sequence[Objective], before: Sequence[Outcome], after: Sequence[Outcome]
) -> tuple[Interval, ...]:
    """How much each indicator changes, from runs of two designs under the same requests.

    Args:
        objectives: What is compared; of cost the change is 0 here.
        before: Replications of the one design.
        after: Of the other, with the same seeds in the same order.
    """
    return tuple(
        paired(
            [indicator(objective, outcome, 0.0) for outcome in before],
            [indicator(objective, outcome, 0.0) for outcome in after],
        )
        for objective in objectives
    )


def met(objectives: Sequence[Objective], outcome: Outcome, cost_usd: float) -> bool:
    """Whether one run meets every objective."""
    if outcome.stopped is not None:
        return False
    return all(indicator(objective, outcome, cost_usd) < objective.threshold for objective in objectives)
