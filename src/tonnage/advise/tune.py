"""Tune: settings of the scaling that meet the objectives at least cost, found by replaying the history.

A design is one setting of every lever. Designs are replayed as flows: on the history, of which the last days are kept
back, and on its busiest day with the traffic tripled for ten minutes at several hours. The first half of the designs is
spread evenly over the settings (a Latin hypercube), the rest are neighbours of the designs that no other is better than
in cost and in error budget: Pareto local search (L. Paquete, M. Chiarandini and T. Stützle, 2004). Those that are left
are confirmed request by request, at the peak and with an Availability Zone lost there.

Designs are compared by the error budget that they spend: the requests that an objective counts as bad, as a share of
those that it allows. Up to 1 it is met; how far from 1 says how much is in reserve, which a verdict does not.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.levers import DAY_S, Lever, Proposal, levers
from tonnage.advise.replay import Elasticity, Replay, replay
from tonnage.compile import Compiled
from tonnage.engine.kernels.histogram import COARSE_BITS, bucket_edges, bucket_of
from tonnage.engine.outcome import Outcome
from tonnage.services import PodGroup, ScalingGroup
from tonnage.workload import Fault, InputError, Objective, Scenario, WorkloadError, parse_fault

Progress = Callable[[str], None]
Build = Callable[[Sequence[Proposal]], Compiled]
"""The workload after some changes; raises InputError where they cannot be made."""

SPIKE = "spike x3 at {hour} h for 10 min"
SPIKE_HOURS = (1, 7, 13, 19)
ZONE_LOSS = "zone loss at {minute} min for 10 min"
DETECTED_S = 120.0
CONFIRMED_S = 2400.0
CONFIRMED_REQUESTS = 2_000_000
MOST_SHOWN = 10
MOST_DESIGNS = 10_000
_AS_CHEAP = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Error budgets spent, request by request.

    Attributes:
        peak: At the peak.
        zone_lost: There, with the instances of an Availability Zone lost; the first two minutes are left out, in which
            health checks take them out, and so is what stands in that zone alone: no setting of the scaling helps.
    """

    peak: float
    zone_lost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One way to scale, replayed.

    Attributes:
        changes: What differs from the workload as it is.
        usd: Cost of a month.
        affordable: Whether objectives about cost are met.
        tuned: Error budget spent on the days that designs are chosen by; above 1 an objective is missed.
        later: The same on the days kept back; None where there are none.
        spikes: The same on the busiest day with spikes.
        elasticities: By group, over the whole history.
        activities: Scaling activities in the history.
        confirmed: Request by request; None where it was not among the best.
    """

    changes: tuple[Proposal, ...]
    usd: float
    affordable: bool
    tuned: float
    later: float | None
    spikes: float
    elasticities: tuple[Elasticity, ...]
    activities: int
    confirmed: Confirmed | None = None

    @property
    def spent(self) -> float:
        """The larger of the budgets that the search looks at."""
        return max(self.tuned, self.spikes)

    @property
    def worst(self) -> float:
        """The largest of all budgets at hand."""
        more = [] if self.confirmed is None else [self.confirmed.peak, self.confirmed.zone_lost]
        return max(self.spent, *more, 0.0 if self.later is None else self.later)

    @property
    def met(self) -> bool:
        """Whether every objective holds in everything that was tried."""
        return self.affordable and self.worst <= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """The answer.

    Attributes:
        now: The workload as it is.
        front: Designs that no other is better than, by cost; without the present one unless it is among them.
        best: The one with the fewest changes among the cheapest that met everything, else the one that spends least;
            None where nothing is better than now.
        levers: What could be turned.
        tried: How many designs were replayed.
        refused: How many could not be made.
        tuned_s: Length of the history that designs were chosen by.
        later_s: Length of what was kept back.
        stopped: Whether it was interrupted.
    """

    now: Design
    front: tuple[Design, ...]
    best: Design | None
    levers: tuple[Lever, ...]
    tried: int
    refused: int
    tuned_s: float
    later_s: float
    stopped: bool = False


def tune(
    compiled: Compiled,
    build: Build,
    *,
    designs: int = 60,
    busy: float = 0.7,
    seed: int = 1,
    progress: Progress = lambda _: None,
) -> Tuning:
    """Search settings of the scaling.

    Args:
        compiled: The workload as it is.
        build: Makes variants of it.
        designs: Most designs replayed.
        busy: Utilization at which a group has the capacity it needs, for what is called too few and too many.
        seed: Same seed, same answer.
        progress: Told what is being tried.

    Raises:
        WorkloadError: Nothing scales, or nothing about it can be changed, or nothing is to be met.
    """
    if not 2 <= designs <= MOST_DESIGNS:
        raise WorkloadError(f"{designs} designs are outside 2 to {MOST_DESIGNS}", remedy="Sixty are usual.")
    if not _judging(compiled.workload.objectives):
        raise WorkloadError(
            "There is no objective of latency or errors to tune for",
            remedy="Give one: --objective 'p99 latency < 300 ms'.",
        )
    controls = [control for behaviour in compiled.behaviours.values() for control in behaviour.controls]
    if not any(isinstance(control, ScalingGroup | PodGroup) for control in controls):
        raise WorkloadError(
            "Nothing in this workload scales by instances or tasks", remedy="Give it a group that does."
        )
    trials = _Trials(compiled, busy)
    progress("the history as it is")
    first = trials.history(compiled)
    found = levers(compiled, first.elasticities, first.outcome.times_s)
    if not found:
        raise WorkloadError(
            "Nothing about the scaling can be changed", remedy="Its values must stand in the template, not outside it."
        )
    search = _Search(trials, build, found, designs, progress)
    now = tuple(lever.now for lever in found)
    search.known[now] = trials.design(compiled, (), first)
    stopped = False
    try:
        for choice in _spread(found, designs // 2, seed):
            search.visit(choice)
        search.improve()
        search.simplify(now)
    except KeyboardInterrupt:
        stopped = True
    present = search.known[now]
    made = [design for design in search.known.values() if design is not None]
    front = thinned(pareto(made), MOST_SHOWN)
    assert present is not None
    if not stopped:
        confirmed = []
        for k, design in enumerate((present, *(each for each in front if each is not present)), start=1):
            progress(f"confirming {k} of {len(front)} request by request")
            confirmed.append(replace(design, confirmed=trials.confirmed(build(design.changes), seed)))
        present, others = confirmed[0], confirmed[1:]
        front = tuple(
            sorted(
                (*others, *((present,) if any(not d.changes for d in front) else ())), key=lambda d: (d.usd, d.worst)
            )
        )
    return Tuning(
        now=present,
        front=front,
        best=_best(present, front),
        levers=found,
        tried=len(made),
        refused=len(search.known) - len(made),
        tuned_s=trials.tuned_s,
        later_s=trials.duration_s - trials.tuned_s,
        stopped=stopped,
    )


def _best(now: Design, front: Sequence[Design]) -> Design | None:
    """The cheapest that meets everything, if it is better than what is there; else what spends least."""
    changed = [design for design in front if design.changes]
    holding = [design for design in changed if design.met]
    if holding:
        least_usd = min(design.usd for design in holding)
        as_cheap = [design for design in holding if design.usd <= _AS_CHEAP * least_usd]
        simplest = min(as_cheap, key=lambda design: (len(design.changes), design.usd))
        return simplest if not now.met or simplest.usd < now.usd else None
    if now.met or not changed:
        return None
    least = min(changed, key=lambda design: (design.worst, design.usd))
    return least if least.worst < now.worst else None


def pareto(designs: Sequence[Design]) -> tuple[Design, ...]:
    """Designs that no other is at least as good as in cost and budget and better in one, by cost."""
    ranked = sorted(designs, key=lambda design: (design.usd, design.spent, len(design.changes)))
    front: list[Design] = []
    for design in ranked:
        if not front or design.spent < front[-1].spent:
            front.append(design)
    return tuple(front)


def thinned(front: Sequence[Design], most: int) -> tuple[Design, ...]:
    """At most so many of a front, well spread: the ends, the cheapest that meets, then those farthest from the rest."""
    if len(front) <= most:
        return tuple(front)
    points = np.array([(math.log(max(d.usd, 1e-6)), math.log(max(min(d.spent, 1e6), 1e-6))) for d in front])
    points = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-12)
    meets = next((k for k, design in enumerate(front) if design.spent <= 1.0), len(front) - 1)
    kept = list(dict.fromkeys((0, meets, len(front) - 1)))
    while len(kept) < most:
        distance = np.min(np.linalg.norm(points[:, None, :] - points[kept][None, :, :], axis=2), axis=1)
        kept.append(int(np.argmax(distance)))
    return tuple(front[k] for k in sorted(kept))


def _spread(found: Sequence[Lever], number: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Choices spread evenly over every lever: a Latin hypercube."""
    random = np.random.default_rng(seed)
    columns = [
        np.floor((random.permutation(number) + random.random(number)) / max(1, number) * len(lever.options)).astype(int)
        for lever in found
    ]
    for row in zip(*columns, strict=True):
        yield tuple(int(value) for value in row)


class _Search:
    """Visits designs, each once."""

    def __init__(self, trials: "_Trials", build: Build, found: Sequence[Lever], most: int, progress: Progress) -> None:
        self.trials, self.build, self.levers, self.most, self.progress = trials, build, found, most, progress
        self.known: dict[tuple[int, ...], Design | None] = {}

    def visit(self, choice: tuple[int, ...]) -> None:
        """Replay one design; None where it cannot be made."""
        if choice in self.known or len(self.known) >= self.most:
            return
        changes = tuple(change for lever, at in zip(self.levers, choice, strict=True) for change in lever.options[at])
        self.progress(f"design {len(self.known) + 1} of at most {self.most}")
        try:
            built = self.build(changes)
        except InputError:
            self.known[choice] = None
            return
        self.known[choice] = self.trials.design(built, changes)

    def improve(self) -> None:
        """Visit the neighbours of the front until it has none that are new."""
        expanded: set[tuple[int, ...]] = set()
        while len(self.known) < self.most:
            designs = {id(design): choice for choice, design in self.known.items() if design is not None}
            front = [designs[id(design)] for design in pareto([d for d in self.known.values() if d is not None])]
            following = next((choice for choice in self._from_the_threshold(front) if choice not in expanded), None)
            if following is None:
                return
            expanded.add(following)
            for k, lever in enumerate(self.levers):
                for at in (lever.now, following[k] - 1, following[k] + 1):
                    if at != following[k] and 0 <= at < len(lever.options):
                        self.visit((*following[:k], at, *following[k + 1 :]))

    def simplify(self, now: tuple[int, ...]) -> None:
        """Take back, one by one, what the cheapest design that meets everything can do without."""
        designs = {choice: design for choice, design in self.known.items() if design is not None}
        meeting = [choice for choice, design in designs.items() if design.affordable and design.spent <= 1.0]
        if not meeting:
            return
        choice = min(meeting, key=lambda each: (designs[each].usd, len(designs[each].changes)))
        self.most += len(self.levers)
        for k in range(len(now)):
            simpler = (*choice[:k], now[k], *choice[k + 1 :])
            self.visit(simpler)
            design, whole = self.known.get(simpler), designs[choice]
            if design is not None and design.affordable and design.spent <= 1.0 and design.usd <= _AS_CHEAP * whole.usd:
                choice, designs[simpler] = simpler, design

    def _from_the_threshold(self, front: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Those first that come nearest to spending the whole budget: there the answer lies."""
        spent = {choice: design.spent for choice in front if (design := self.known[choice]) is not None}
        return sorted(front, key=lambda choice: abs(math.log(max(min(spent[choice], 1e6), 1e-6))))


class _Trials:
    """What every design is put through."""

    def __init__(self, compiled: Compiled, busy: float) -> None:
        traffic = compiled.workload.traffic
        self.busy = busy
        self.duration_s = traffic.duration_s
        days = math.floor(self.duration_s / DAY_S + 1e-9)
        self.tuned_s = self.duration_s if days < 2 else DAY_S * max(1, math.floor(days * 2 / 3))
        self.day_s = min(DAY_S, self.duration_s)
        hours = [hour for hour in SPIKE_HOURS if 3600.0 * (hour + 1) <= self.day_s]
        self.spikes = tuple(parse_fault(SPIKE.format(hour=hour)) for hour in hours)
        peak_per_s = max(traffic.peak_per_s, 1e-9)
        self.confirmed_s = min(CONFIRMED_S, self.duration_s, max(600.0, CONFIRMED_REQUESTS / peak_per_s))
        self.zone_lost = (parse_fault(ZONE_LOSS.format(minute=round(self.confirmed_s / 240.0))),)

    def history(self, compiled: Compiled) -> Replay:
        """The whole history as flows."""
        return replay(compiled, Scenario(name="as recorded", window_s=self.duration_s), busy=self.busy)

    def design(self, compiled: Compiled, changes: tuple[Proposal, ...], done: Replay | None = None) -> Design:
        """One design on the history and on the day of spikes."""
        whole = self.history(compiled) if done is None else done
        split = round(self.tuned_s / whole.outcome.window_s)
        later = self.duration_s > self.tuned_s + 1.0
        stressed = self._judged(compiled, self.day_s, self.spikes) if self.spikes else whole
        return Design(
            changes=changes,
            usd=whole.cost.usd,
            affordable=all(j.met for j in whole.judgements if j.objective.indicator == "cost"),
            tuned=spent(compiled, whole.outcome, slice(0, split)),
            later=spent(compiled, whole.outcome, slice(split, None)) if later else None,
            spikes=spent(compiled, stressed.outcome, slice(None)),
            elasticities=whole.elasticities,
            activities=len(whole.outcome.activities),
        )

    def confirmed(self, compiled: Compiled, seed: int) -> Confirmed:
        """The busiest stretch request by request, as it is and with a zone lost."""
        # What stands in one zone fails with it whatever the scaling does: here only groups lose their instances.
        groups = {name: replace(each, zone_loss_s=0.0) for name, each in compiled.behaviours.items()}
        peak, lost = (
            self._judged(each, self.confirmed_s, faults, by_request=True, seed=seed)
            for each, faults in ((compiled, ()), (replace(compiled, behaviours=groups), self.zone_lost))
        )
        struck = round(self.zone_lost[0].at_s / lost.outcome.window_s)
        windows = np.arange(len(lost.outcome.windows))
        helped = windows[(windows < struck) | (windows >= struck + round(DETECTED_S / lost.outcome.window_s))]
        return Confirmed(
            peak=spent(compiled, peak.outcome, slice(None)), zone_lost=spent(compiled, lost.outcome, helped)
        )

    def _judged(
        self, compiled: Compiled, length_s: float, faults: tuple[Fault, ...], *, by_request: bool = False, seed: int = 1
    ) -> Replay:
        scenario = Scenario(name="stress", window_s=length_s, faults=faults)
        return replay(compiled, scenario, busy=self.busy, by_request=by_request, seed=seed)


Windows = slice | NDArray[np.intp]


def _judging(objectives: Sequence[Objective]) -> tuple[Objective, ...]:
    return tuple(objective for objective in objectives if objective.indicator != "cost")


def spent(compiled: Compiled, outcome: Outcome, part: Windows) -> float:
    """The largest error budget that any objective about requests has spent; above 1 one is missed.

    Args:
        compiled: The workload, for its objectives.
        outcome: What happened.
        part: Windows that count.
    """
    return max(budget_spent(outcome, objective, part) for objective in _judging(compiled.workload.objectives))


def budget_spent(outcome: Outcome, objective: Objective, part: Windows) -> float:
    """Bad requests as a share of those that an objective allows; a mean as a share of its threshold.

    Args:
        outcome: What happened.
        objective: Of a percentile of latency, those above the threshold are bad; of errors, those that failed.
        part: Windows that count.
    """
    routes = outcome.routes_of(objective.route)
    arrived, _, failed = np.sum([route.windows[part].sum(axis=0) for route in routes], axis=0).tolist()
    if objective.indicator == "errors":
        return float(failed / max(arrived, 1) / objective.threshold)
    counts = np.sum([route.window_histogram[part].sum(axis=0, dtype=np.int64) for route in routes], axis=0)
    answered = float(counts.sum())
    if answered == 0:
        return math.inf if arrived else 0.0
    edges = bucket_edges(COARSE_BITS)
    if objective.percentile is None:
        return float(np.dot(counts, (edges[1:] + edges[:-1]) / 2.0)) / answered / objective.threshold
    at = bucket_of(objective.threshold, COARSE_BITS)
    below = (objective.threshold - edges[at]) / (edges[at + 1] - edges[at])
    slow = float(counts[at + 1 :].sum()) + (1.0 - below) * float(counts[at])
    return float(slow / answered / (1.0 - objective.percentile / 100.0))
