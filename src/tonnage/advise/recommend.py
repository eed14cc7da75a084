"""Recommendations: what to change, found by trying.

Rooms propose what an expert would try first for what was seen to be full; every proposal is simulated with the same
requests as the workload as it is (common random numbers). Nothing is shown whose effect was not simulated, and nothing
that does not help a failing objective, raise the load line, or save money without harm.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tonnage.advise.cost import monthly_cost
from tonnage.advise.load_line import LoadLine, capacity_factor, find_load_line, try_load
from tonnage.advise.parallel import in_parallel
from tonnage.advise.pressure import Pressure, pressures, situations
from tonnage.advise.verdict import Judgement, judge
from tonnage.catalog import Catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.outcome import Outcome
from tonnage.engine.statistics import Interval
from tonnage.services import answers_itself, room
from tonnage.simulate import coarse_day, stretch
from tonnage.workload import Addition, CatalogError, Change, InputError, Scenario, Workload

Proposal = Change | Addition
Rebuild = Callable[[Sequence[Proposal]], Workload]
"""Writes changes into the user's files, in memory, and reads them again."""

MOST_TRIED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What some changes do, all simulated.

    Attributes:
        judgements: Each objective at the judged load.
        outcome: The run.
        usd: Cost of a month at the judged load.
        load_line: The load line with the changes; None where it was not searched.
    """

    judgements: tuple[Judgement, ...]
    outcome: Outcome
    usd: float
    load_line: LoadLine | None = None

    @property
    def missed(self) -> int:
        """How many objectives are missed."""
        return sum(not judgement.met for judgement in self.judgements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Changes worth making.

    Attributes:
        changes: What to change, in order.
        effect: What it does at the judged load.
        before: What the workload does there as it is.
        value: For ranking: what it gains per dollar.
        diff: The patch of the user's own files as it is shown, without secrets around the changed lines; empty where
            it could not be written.
        patch: The same to the letter, for a file.
        notes: What the patch cannot do, and what the change asks of the user.
        changed: How much each objective's indicator changes under the same requests, with its 95 % interval; empty
            where it was not replicated.
    """

    changes: tuple[Proposal, ...]
    effect: Effect
    before: Effect
    value: float
    diff: str = ""
    patch: str = ""
    notes: tuple[str, ...] = ()
    changed: tuple[Interval, ...] = ()

    @property
    def title(self) -> str:
        """All changes in one line."""
        return "; ".join(change.title for change in self.changes)


def proposals(compiled: Compiled, outcome: Outcome, found: Sequence[Pressure]) -> tuple[Proposal, ...]:
    """What the rooms propose, the components under the worst pressure first."""
    seen = situations(compiled, outcome, tuple(found))
    worst: dict[str, float] = {}
    for pressure in found:
        worst[pressure.component] = max(worst.get(pressure.component, 0.0), pressure.severity)
    order = sorted(compiled.workload.components, key=lambda name: -worst.get(name, 0.0))
    result: list[Proposal] = []
    for name in order:
        component = compiled.workload.components[name]
        result += list(room(component.kind).knobs(component, seen[name], compiled.catalog))
    return tuple(result)


class Trial:
    """Tries changes at one load, each set once.

    Args:
        workload: The workload as it is.
        catalog: Facts.
        scenario: The judged load.
        seed: Seed of all runs.
        rebuild: Applies changes through the user's files.
    """

    def __init__(self, workload: Workload, catalog: Catalog, scenario: Scenario, seed: int, rebuild: Rebuild) -> None:
        self.workload = workload
        self.catalog = catalog
        self.scenario = scenario
        self.seed = seed
        self.rebuild = rebuild

    def compiled(self, changes: Sequence[Proposal]) -> Compiled:
        """The workload after changes. What alters the routes goes through the files: only reading tells how."""
        settings = [change for change in changes if isinstance(change, Change)]
        if len(settings) == len(changes):
            changed = self.workload.changed(*settings)
            if _same_routes(self.workload, changed):
                return compile_workload(changed, self.catalog)
        return compile_workload(self.rebuild(changes), self.catalog)

    def effect(self, changes: Sequence[Proposal], *, early: bool = True) -> Effect | None:
        """The effect of changes at the judged load; None where they cannot be made."""
        try:
            compiled = self.compiled(changes)
        except InputError:
            return None
        return self.effect_of(compiled, early=early)

    def effect_of(self, compiled: Compiled, *, early: bool = True) -> Effect:
        """The effect of a compiled variant."""
        outcome, _, usd = try_load(compiled, self.scenario, self.seed, early=early)
        judgements = judge(self.workload.objectives, [outcome], usd)
        return Effect(judgements=judgements, outcome=outcome, usd=usd)

    def replicated(self, compiled: Compiled, seeds: Sequence[int]) -> tuple[Effect, tuple[Outcome, ...]]:
        """The effect of a compiled variant over several seeds, and its runs."""
        tries = list(in_parallel(lambda seed: try_load(compiled, self.scenario, seed, early=False), seeds))
        outcomes = tuple(outcome for outcome, _, _ in tries)
        usd = tries[0][2]
        judgements = judge(self.workload.objectives, outcomes, usd)
        return Effect(judgements=judgements, outcome=outcomes[0], usd=usd), outcomes

    def with_load_line(self, changes: Sequence[Proposal], effect: Effect, today: float) -> Effect:
        """The effect over the whole judged time, with its load line."""
        compiled = self.compiled(changes)
        if effect.outcome.stopped is not None:
            effect = self.effect_of(compiled, early=False)
        known = [(self.scenario.factor, effect.missed == 0 and effect.outcome.stopped is None)]
        line = find_load_line(
            compiled, replace(self.scenario, factor=today), self.seed, tolerance=0.08, beside=1, known=known
        )
        return replace(effect, load_line=line)


def _same_routes(before: Workload, after: Workload) -> bool:
    """Whether what answered from a cache of its own still does, and nothing else."""
    now = after.components
    return all(answers_itself(each) == answers_itself(now[name]) for name, each in before.components.items())


def recommend(
    trial: Trial,
    base: Compiled,
    before: Effect,
    *,
    most: int = 4,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Recommendation, ...]:
    """Search for changes worth making.

    Single changes first; while the best still misses an objective, it is kept and the next one searched on top of it,
    up to four changes. Sensible singles and the best combination are returned, best value first.

    Args:
        trial: How to try.
        base: The workload as it is.
        before: What it does at the judged load; its load line is known.
        most: Most recommendations.
        progress: Told what is being tried.
    """
    found = pressures(base, before.outcome)
    line = before.load_line
    if not found and line is not None:
        found = line.gives_way
    proposed = proposals(base, before.outcome, found)
    sets: list[tuple[Proposal, ...]] = [(change,) for change in _worth_trying(base, before, trial, proposed, found)]
    if before.missed:
        sets += _together(proposed, base.workload)
    singles = _try_all(trial, sets, progress)
    # A run that fails is stopped early: it is measured against the workload as it is, stopped by the same rule.
    alike = trial.effect_of(base) if before.missed else before
    kept = [(changes, effect) for changes, effect in singles.items() if _helps(alike, effect)]
    chosen = _distinct(sorted(kept, key=lambda item: -_value(alike, item[1])))[:most]
    combined = _combine(trial, alike, singles, progress) if alike.missed else None
    if combined is not None and all(combined[0] != changes for changes, _ in chosen):
        chosen = [combined, *chosen[: most - 1]]
    progress(f"load lines of {len(chosen)} recommendations")
    lines = list(in_parallel(lambda item: trial.with_load_line(item[0], item[1], 1.0), chosen))
    result = [
        Recommendation(changes=changes, effect=effect, before=before, value=_value(before, effect))
        for (changes, _), effect in zip(chosen, lines, strict=True)
        if _worth_showing(before, effect)
    ]
    return tuple(sorted(result, key=lambda item: (item.effect.missed, -item.value)))


MOST_TOGETHER = 4


def _together(changes: Iterable[Proposal], workload: Workload) -> list[tuple[Proposal, ...]]:
    """The same change on all components of a kind that requests reach.

    Where several functions share a weakness, an objective about all requests moves only when all of them change.
    """
    reached = {call.component for _, call in workload.calls()}
    groups: dict[tuple[str, str, str], dict[str, Proposal]] = {}
    for change in changes:
        if isinstance(change, Change) and change.policy is None and change.component in reached:
            key = (workload.components[change.component].kind, change.setting, str(change.after))
            groups.setdefault(key, {})[change.component] = change
    return [tuple(group.values()) for group in groups.values() if len(group) > 1][:MOST_TOGETHER]


def _worth_trying(
    base: Compiled, before: Effect, trial: Trial, changes: Iterable[Proposal], found: Sequence[Pressure]
) -> list[Proposal]:
    """Proposals for components under pressure, and of the others those that move the throughput bound.

    Where nothing fails, what costs less for the same use comes first, whatever component it is of.
    """
    pressed = {pressure.component for pressure in found}
    bound = capacity_factor(base)
    day = coarse_day(base, stretch(base.workload.traffic, trial.scenario))
    cheaper: list[Proposal] = []
    kept: list[Proposal] = []
    for change in changes:
        if isinstance(change, Addition):
            kept.append(change)
            continue
        try:
            compiled = trial.compiled((change,))
        except InputError:
            continue
        if not before.missed and monthly_cost(compiled, day, before.outcome).usd < 0.97 * before.usd:
            cheaper.append(change)
        elif (
            not pressed
            or change.component in pressed
            or not math.isclose(capacity_factor(compiled), bound, rel_tol=0.01)
        ):
            kept.append(change)
    return [*cheaper, *kept][:MOST_TRIED]


def _try_all(
    trial: Trial, sets: Sequence[tuple[Proposal, ...]], progress: Callable[[str], None]
) -> Mapping[tuple[Proposal, ...], Effect]:
    effects: dict[tuple[Proposal, ...], Effect] = {}
    keyed = {_key(changes): changes for changes in sets}
    tried = in_parallel(trial.effect, keyed.values())
    for k, (changes, effect) in enumerate(zip(keyed.values(), tried, strict=True), start=1):
        progress(f"tried {k} of {len(keyed)}: {changes[-1].title}")
        if effect is not None:
            effects[_Changes(changes)] = effect
    return effects


class _Changes(tuple[Proposal, ...]):
    """Changes as a key: two sets are one when they say the same (their values need not be hashable)."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(_key(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and _key(self) == _key(other)


def _key(changes: Sequence[Proposal]) -> tuple[str, ...]:
    return tuple(f"{change.component}: {change.title}" for change in changes)


_MANY_VALUES = frozenset({"InstanceType", "DBInstanceClass", "CacheNodeType"})


def _distinct(ranked: Sequence[tuple[tuple[Proposal, ...], Effect]]) -> list[tuple[tuple[Proposal, ...], Effect]]:
    """The best value of each setting, and the two best of a type: more of the same tells nothing new."""
    seen: dict[tuple[str, str, str], int] = {}
    kept = []
    for changes, effect in ranked:
        change = changes[-1]
        setting = change.setting if isinstance(change, Change) else change.title
        key = (change.component, (change.policy or "") if isinstance(change, Change) else "", setting)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= (2 if setting in _MANY_VALUES else 1):
            kept.append((changes, effect))
    return kept


def _combine(
    trial: Trial, before: Effect, singles: Mapping[tuple[Proposal, ...], Effect], progress: Callable[[str], None]
) -> tuple[tuple[Proposal, ...], Effect] | None:
    """Greedy: the single that misses least, then the next on top of it, until every objective holds."""
    ranked = sorted(singles.items(), key=lambda item: _distance(item[1]))
    if not ranked:
        return None
    changes, effect = ranked[0]
    if effect.missed == 0 or _distance(effect) >= _distance(before):
        return (changes, effect) if effect.missed == 0 else None
    for _ in range(3):
        compiled = trial.compiled(changes)
        found = pressures(compiled, effect.outcome)
        more = [
            change
            for change in proposals(compiled, effect.outcome, found)
            if change.component in {pressure.component for pressure in found}
        ][:8]
        following = _try_all(trial, [_merged(changes, change) for change in more], progress)
        better = sorted(following.items(), key=lambda item: (_distance(item[1]), item[1].usd))
        if not better or _distance(better[0][1]) >= _distance(effect):
            return None
        changes, effect = better[0]
        if effect.missed == 0:
            return changes, effect
    return None


def _merged(changes: tuple[Proposal, ...], more: Proposal) -> tuple[Proposal, ...]:
    """The changes with one more; a second value for the same setting takes the place of the first."""
    if not isinstance(more, Change):
        return (*changes, more)
    for k, change in enumerate(changes):
        if isinstance(change, Change) and (change.component, change.policy, change.setting) == (
            more.component,
            more.policy,
            more.setting,
        ):
            return (*changes[:k], replace(more, before=change.before), *changes[k + 1 :])
    return (*changes, more)


def _distance(effect: Effect) -> float:
    """How far the missed objectives are from being met: the sum of the logarithms of their excess."""
    return sum(
        math.log(min(max(judgement.value / judgement.objective.threshold, 1.0), 1e6)) + 0.01
        for judgement in effect.judgements
        if not judgement.met
    )


def _helps(before: Effect, after: Effect) -> bool:
    """Whether an effect is worth showing: nearer to the objectives, or as good and clearly cheaper."""
    if before.missed:
        return _distance(after) < 0.97 * _distance(before)
    return after.missed == 0 and after.usd < 0.97 * before.usd


def _worth_showing(before: Effect, after: Effect) -> bool:
    """Whether a change does something a person would make it for: an objective met, more load carried, money saved."""
    if after.missed < before.missed:
        return True
    line, now = after.load_line, before.load_line
    # More is carried where it holds at a load that fails now: two searches may end anywhere in the same bracket.
    if line is not None and now is not None and line.factor > max(1.03 * now.factor, now.above or 0.0):
        return True
    kept = line is None or now is None or line.factor >= 0.97 * now.factor
    return kept and after.missed <= before.missed and after.usd < 0.97 * before.usd


def _value(before: Effect, after: Effect) -> float:
    """What is gained for the failing objectives per dollar a month; money saved counts where nothing fails."""
    dearer = after.usd - before.usd
    if not before.missed:
        return -dearer
    gained = _distance(before) - _distance(after)
    return gained / max(dearer, 1.0) + (10.0 if after.missed == 0 else 0.0)


__all__ = ["CatalogError", "Effect", "Proposal", "Rebuild", "Recommendation", "Trial", "recommend"]
