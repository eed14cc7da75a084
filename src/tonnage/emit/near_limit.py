"""How each component stands a little below the load line: what an alarm must ring at, and a dashboard must show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tonnage.advise.load_line import LoadLine
from tonnage.compile import Compiled
from tonnage.engine.outcome import Outcome
from tonnage.simulate import simulate
from tonnage.workload.scenario import Scenario

WARNING_SHARE = 0.8
"""Of the load line: a fifth of the way is left when an alarm rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimit:
    """A workload at a share of its load line.

    Attributes:
        line: The load line.
        rate_per_s: The load of the warning: ``WARNING_SHARE`` of the line.
        busy: Busiest minute's CPU of each component there, 0 to 1.
        limits: Limits by the rooms' names for them.
        seed: Of the simulation.
    """

    line: LoadLine
    rate_per_s: float
    busy: Mapping[str, float]
    limits: Mapping[str, Mapping[str, float]]
    seed: int


def near_limit(compiled: Compiled, scenario: Scenario, line: LoadLine, seed: int) -> NearLimit:
    """Simulate the peak at a share of the load line.

    Args:
        compiled: The workload.
        scenario: The peak that was judged.
        line: Its load line.
        seed: Of the simulation.
    """
    factor = max(line.factor * WARNING_SHARE, 0.01)
    outcome = simulate(compiled, replace(scenario, factor=factor), seed=seed)
    busy = {name: share for name in compiled.behaviours if (share := _busiest_minute(outcome, name)) is not None}
    return NearLimit(
        line=line,
        rate_per_s=line.rate_per_s * WARNING_SHARE,
        busy=busy,
        limits={name: dict(behaviour.limits) for name, behaviour in compiled.behaviours.items()},
        seed=seed,
    )


def _busiest_minute(outcome: Outcome, component: str) -> float | None:
    """Highest average of a minute, as CloudWatch has it; None for what has no servers."""
    times = outcome.times_s
    found: list[float] = []
    for name, values in outcome.series.items():
        primitive, _, metric = name.partition(":")
        if metric != "utilization" or primitive.partition("/")[0] != component or not len(values):
            continue
        minutes = (times // 60.0).astype(np.int64)
        sums = np.bincount(minutes, weights=np.nan_to_num(values))
        counts = np.bincount(minutes)
        found.append(float(np.max(sums[counts > 0] / counts[counts > 0])))
    return max(found) if found else None
