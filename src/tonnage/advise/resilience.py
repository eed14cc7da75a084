"""Metastable failure: a trigger comes and goes; does the workload recover, when, and from which load on does it not?

A load below the load line is *stable* where the workload recovers by itself, and *vulnerable* where the trigger leaves
it in a bad state that feeds itself: retries that multiply the load, a cold cache that overload keeps cold, queues of
requests whose callers have gone. Source: N. Bronson, A. Aghayev, A. Charapko, T. Zhu, "Metastable Failures in
Distributed Systems", HotOS 2021; L. Huang et al., "Metastable Failures in the Wild", OSDI 2022.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.parallel import in_parallel
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.kernels.histogram import COARSE_BITS, bucket_of, percentile
from tonnage.engine.outcome import Outcome
from tonnage.simulate import simulate
from tonnage.workload import Fault, Objective, Scenario, WorkloadError
from tonnage.workload.traffic_shape import constant

BEFORE_S = 120.0
"""How long the load is judged before the trigger: what is bad then is not the trigger's doing."""
AFTER_S = 900.0
"""How long the workload is given to recover."""
WINDOW_S = 10.0
CALM_S = 60.0
"""It has recovered when the last so many seconds are good."""
FRACTIONS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MOST_REQUESTS = 3_000_000
State = Literal["stable", "vulnerable", "overload"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a trigger did at one load.

    Attributes:
        rate_per_s: The load, held constant.
        fraction: As a part of the load line.
        state: ``stable``: recovered; ``vulnerable``: did not within the time given, though the load is met without the
            trigger; ``overload``: is not met even without the trigger.
        recovery_s: From the end of the trigger to the last bad window; 0 when nothing was ever bad, infinity when it
            did not recover.
        worst_errors: Largest share of requests without an answer in time in any window.
        latency_s: p99 latency over the last minute.
        outcome: The run.
    """

    rate_per_s: float
    fraction: float
    state: State
    recovery_s: float
    worst_errors: float
    latency_s: float
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """What one trigger does over a range of loads.

    Attributes:
        trigger: The trigger.
        recoveries: By load, rising.
        load_line_per_s: The load line.
    """

    trigger: Fault
    recoveries: tuple[Recovery, ...]
    load_line_per_s: float

    @property
    def unsafe_from_per_s(self) -> float | None:
        """The smallest load tried from which the workload does not recover; None when it always does."""
        return next((item.rate_per_s for item in self.recoveries if item.state == "vulnerable"), None)

    @property
    def safe_to_per_s(self) -> float:
        """The largest load tried below that from which it recovers; 0 when there is none."""
        unsafe = self.unsafe_from_per_s or math.inf
        return max(
            (i.rate_per_s for i in self.recoveries if i.state == "stable" and i.rate_per_s < unsafe), default=0.0
        )


def default_triggers(compiled: Compiled) -> tuple[Fault, ...]:
    """A minute of three times the traffic, and every cache emptied."""
    caches = [n.partition("/")[0] for n in compiled.model.caches]
    reached = [name for name in dict.fromkeys(caches) if name in compiled.model.components]
    return (
        Fault(kind="spike", factor=3.0, at_s=0.0, for_s=60.0),
        *(Fault(kind="cold cache", component=name, at_s=0.0, for_s=WINDOW_S) for name in reached),
    )


def resilience(
    compiled: Compiled,
    triggers: Sequence[Fault],
    load_line_per_s: float,
    seed: int,
    *,
    fractions: Sequence[float] = FRACTIONS,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Resilience, ...]:
    """Put triggers to loads below the load line.

    Every load is also run without a trigger, with the same requests: what is bad then too is not the trigger's doing.

    Args:
        compiled: The workload; its traffic is replaced by constant loads.
        triggers: What goes wrong; their times count from when the load has been judged without them.
        load_line_per_s: The load line.
        seed: Seed of all runs: all loads see the same luck.
        fractions: Loads, as parts of the load line.
        progress: Told what is being tried.

    Raises:
        WorkloadError: The load line is 0, or a trigger cannot be.
    """
    if not load_line_per_s > 0:
        raise WorkloadError(
            "There is no load that meets the objectives, so none that a trigger could end",
            remedy="See 'tonnage review' for what is missed.",
        )
    faults = [replace(trigger, at_s=BEFORE_S + trigger.at_s) for trigger in triggers]
    tries = [(fraction, fault) for fraction in fractions for fault in (None, *faults)]
    length_s = max((fault.end_s for fault in faults), default=BEFORE_S)
    progress(f"{len(triggers)} triggers at {len(fractions)} loads up to {max(fractions) * load_line_per_s:,.0f} /s")
    runs = in_parallel(lambda item: _run(compiled, item[1], item[0] * load_line_per_s, length_s, seed), tries)
    outcomes = dict(zip(tries, runs, strict=True))
    objectives = compiled.workload.objectives
    return tuple(
        Resilience(
            trigger=trigger,
            recoveries=tuple(
                judged(outcomes[f, fault], outcomes[f, None], objectives, fault, f, f * load_line_per_s)
                for f in fractions
            ),
            load_line_per_s=load_line_per_s,
        )
        for trigger, fault in zip(triggers, faults, strict=True)
    )


def _run(compiled: Compiled, fault: Fault | None, rate: float, length_s: float, seed: int) -> Outcome:
    length_s += max(CALM_S, min(AFTER_S, MOST_REQUESTS / rate))
    steady = replace(compiled.workload, traffic=constant(rate, length_s + 3600.0))
    faults = () if fault is None else (fault,)
    scenario = Scenario(name="resilience", window_s=length_s, series_s=WINDOW_S, faults=faults)
    return simulate(compile_workload(steady, compiled.catalog), scenario, seed=seed)


def judged(
    outcome: Outcome,
    control: Outcome,
    objectives: Sequence[Objective],
    fault: Fault,
    fraction: float,
    rate_per_s: float,
) -> Recovery:
    """Read off a run whether it recovered from a fault.

    Args:
        outcome: The run with the fault.
        control: The same without it.
        objectives: What is good.
        fault: The fault, with its time in the run.
        fraction: The load, as a part of the load line.
        rate_per_s: The load.
    """
    without = bad_windows(control, objectives)
    bad = bad_windows(outcome, objectives)[: len(without)] & ~without
    starts_s = np.arange(len(bad)) * outcome.window_s
    last_bad = starts_s[bad & (starts_s >= fault.at_s)]
    last_s = float(last_bad[-1]) + outcome.window_s if len(last_bad) else 0.0
    recovered = outcome.stopped is None and last_s <= outcome.judged_s - CALM_S + 1e-9
    state: State = "stable" if recovered else "vulnerable"
    if without.mean() > 0.5 or control.stopped is not None:
        state = "overload"
    shares = outcome.windows[:, 2] / np.maximum(outcome.windows[:, 0], 1)
    return Recovery(
        rate_per_s=rate_per_s,
        fraction=fraction,
        state=state,
        recovery_s=max(0.0, last_s - fault.end_s) if recovered else math.inf,
        worst_errors=float(shares.max(initial=0.0)),
        latency_s=_latency_at_end(outcome),
        outcome=outcome,
    )


def bad_windows(outcome: Outcome, objectives: Sequence[Objective]) -> NDArray[np.bool_]:
    """Windows that miss an objective clearly: by twice what it allows, three standard deviations and one request.

    A load close to the load line misses its percentile in some windows without any trigger; that is not counted.

    Returns:
        (windows,) bool.
    """
    bad = np.zeros(len(outcome.windows), dtype=bool)
    for objective in objectives:
        if objective.indicator == "cost":
            continue
        chosen = outcome.routes_of(objective.route)
        windows = np.sum([item.windows for item in chosen], axis=0)
        arrived = windows[:, 0].astype(np.float64)
        if objective.indicator == "errors":
            missed, allowed = windows[:, 2], objective.threshold
        else:
            bucket = bucket_of(objective.threshold, COARSE_BITS)
            slow = np.sum([item.window_histogram[:, bucket + 1 :].sum(axis=1) for item in chosen], axis=0)
            # What failed was not answered within any time.
            missed = slow + windows[:, 2]
            allowed = 1.0 - (objective.percentile or 50.0) / 100.0
        expected = allowed * arrived
        bad |= missed > 2.0 * expected + 3.0 * np.sqrt(2.0 * expected) + 1.0
    return bad


def _latency_at_end(outcome: Outcome) -> float:
    last = max(1, round(CALM_S / outcome.window_s))
    counts = outcome.window_hist[-last:].sum(axis=0).astype(np.int64)
    return percentile(counts, 99.0, COARSE_BITS)
