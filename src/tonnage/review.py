"""The review: from files to the answer. Reads as the table of contents of what Tonnage does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tonnage import __version__
from tonnage.advise.assumptions import Influence, influences, tested
from tonnage.advise.checks import Seen, View, run, told
from tonnage.advise.cost import monthly_cost
from tonnage.advise.findings import findings
from tonnage.advise.load_line import LoadLine, find_load_line, judged_time_s
from tonnage.advise.parallel import in_parallel
from tonnage.advise.pressure import pressures
from tonnage.advise.recommend import Effect, Recommendation, Trial, recommend
from tonnage.advise.review import Judged, Review
from tonnage.advise.steady_state import is_constant, settled
from tonnage.advise.verdict import changes, judge, known_within
from tonnage.catalog import load_catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.outcome import Outcome
from tonnage.iac import patch
from tonnage.iac.masked import masked
from tonnage.intake import Source, load, read_back, rebuilt
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.services import (
    PROVISIONED_MECHANISM,
    SCHEDULED,
    TABLE_MECHANISM,
    PodGroup,
    ScalingGroup,
    describe_provisioned_policy,
    describe_table_policy,
    room,
)
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.workload import Component, Fault, InputError, Scenario, Workload, WorkloadError

REPLICATIONS = 4
MOST_REPLICATIONS = 64
TESTED_ASSUMPTIONS = 3
MOST_SEED = 2**32
Progress = Callable[[str], None]


def review(
    source: Source,
    *,
    seed: int = 1,
    advise: bool = True,
    window_s: float | None = None,
    faults: Sequence[Fault] = (),
    precision: float | None = None,
    progress: Progress = lambda _: None,
) -> Review:
    """Review a workload.

    Args:
        source: Where the workload comes from.
        seed: Same seed, same answer.
        advise: Whether to search what to change.
        window_s: Length of the judged time; None to choose it by the traffic.
        faults: What goes wrong during every judged time.
        precision: Run on until every indicator is known within this share of its value, with 95 % confidence; None for
            four runs.
        progress: Told what is being done.

    Raises:
        InputError: Anything in the user's files that cannot be used.
    """
    if not 0 <= seed < MOST_SEED:
        raise WorkloadError(f"Seed {seed} is not a whole number from 0 to {MOST_SEED - 1}", remedy="Give another.")
    if precision is not None and not 0.001 <= precision < 1.0:
        raise WorkloadError(f"A precision of {precision:g} is outside 0.001 to 1", remedy="Give 0.05 for 5 %.")
    workload = load(source)
    if faults:
        wrong = "; ".join(fault.text for fault in faults)
        workload = replace(workload, notes=(f"everything is judged with this going wrong: {wrong}", *workload.notes))
    catalog = load_catalog(workload.region)
    compiled = compile_workload(workload, catalog)
    highest_per_s = workload.traffic.peak_per_s * max(1.0, workload.growth)
    judged_s = judged_time_s(highest_per_s, workload.traffic.duration_s) if window_s is None else window_s
    last_s = max((fault.end_s for fault in faults), default=0.0)
    judged_s = min(max(judged_s, last_s + 300.0), workload.traffic.duration_s) if faults else judged_s
    today = Scenario(name="today's peak", window_s=judged_s, faults=tuple(faults))
    grown = replace(today, name=f"{workload.growth - 1:+.0%}", factor=workload.growth)
    loads = tuple(_judged(compiled, scenario, seed, precision, progress) for scenario in (today, grown))
    known = [(load.scenario.factor, load.met) for load in loads]
    line = find_load_line(compiled, today, seed, known=known, progress=progress)
    controls = [control for behaviour in compiled.behaviours.values() for control in behaviour.controls]
    policies = [
        policy for control in controls if isinstance(control, ScalingGroup | PodGroup) for policy in control.policies
    ]
    policies += [
        p for component in workload.components.values() for p in component.policies if p.mechanism == SCHEDULED
    ]
    checked = run(View(workload=workload, stack=workload.stack, catalog=catalog, seen=_seen(loads)))
    recommendations: tuple[Recommendation, ...] = ()
    if advise:
        focus = loads[0] if not loads[0].met else loads[1]
        trial = Trial(workload, catalog, focus.scenario, seed, lambda changes: rebuilt(source, workload, changes))
        # The first replication of the judged load has the trial's own seed: it is the run to compare with.
        first = focus.outcomes[0]
        judged = judge(workload.objectives, [first], focus.cost.usd)
        before = Effect(judgements=judged, outcome=first, usd=focus.cost.usd, load_line=line)
        found = recommend(trial, compiled, before, progress=progress)
        progress(f"simulating the patches of {len(found)} recommendations")
        recommendations = tuple(in_parallel(lambda item: _patched(item, source, workload, trial, focus), found))
    return Review(
        version=__version__,
        seed=seed,
        workload=workload,
        loads=loads,
        load_line=line,
        recommendations=recommendations,
        advised=advise,
        influences=_influences(compiled, _holding(loads, line), seed, progress),
        summaries={name: summary(component) for name, component in workload.components.items()},
        limits={name: dict(behaviour.limits) for name, behaviour in compiled.behaviours.items()},
        policies={policy.name: describe(policy) for policy in policies if not unsupported(policy)}
        | _by_rooms(workload),
        unsupported={policy.name: reason for policy in policies if (reason := unsupported(policy))},
        findings=(*findings(compiled, max(1.0, workload.growth)), *told(checked)),
        checked=checked,
    )


def _seen(loads: Sequence[Judged]) -> dict[str, Seen]:
    """What the checks may know of the simulation: the larger of the judged loads."""
    load = loads[-1]
    return {
        name: Seen(outcome=found, pressures=tuple(each for each in load.pressures if each.component == name))
        for name, found in load.outcomes[0].components.items()
    }


def _by_rooms(workload: Workload) -> dict[str, str]:
    """Policies that are no group's, by name, in a line each."""
    describers = {TABLE_MECHANISM: describe_table_policy, PROVISIONED_MECHANISM: describe_provisioned_policy}
    found = [policy for component in workload.components.values() for policy in component.policies]
    return {p.name: describers[p.mechanism](p) for p in found if p.mechanism in describers}


def _judged(compiled: Compiled, scenario: Scenario, seed: int, precision: float | None, progress: Progress) -> Judged:
    """One load, simulated with several seeds on all cores."""
    workload = compiled.workload
    part = stretch(workload.traffic, scenario)
    rate = workload.traffic.peak_per_s * scenario.factor
    notes: list[str] = []
    day = coarse_day(compiled, part)
    if is_constant(workload.traffic) and not scenario.faults:
        progress(f"{scenario.name}: {rate:,.0f} requests/s, a pilot run for the warm-up")
        pilot = settled(compiled, scenario, seed, day)
        if pilot.warm_up_s is None:
            notes.append("the requests in flight do not settle: what is judged is on its way, not a steady state")
        elif pilot.warm_up_s > 0:
            scenario = pilot.scenario
            notes.append(f"{pilot.warm_up_s:,.0f} s more of warm-up are left out (MSER-5)")
            day = coarse_day(compiled, stretch(workload.traffic, scenario))
    outcomes: list[Outcome] = []
    wanted = REPLICATIONS
    while True:
        progress(f"{scenario.name}: {rate:,.0f} requests/s, {wanted} runs of {part.judged_s / 60:,.0f} min")
        seeds = range(seed + len(outcomes), seed + wanted)
        outcomes += in_parallel(lambda k: simulate(compiled, scenario, seed=k, day=day), seeds)
        cost = monthly_cost(compiled, day, outcomes[0])
        judgements = judge(workload.objectives, outcomes, cost.usd)
        if precision is None or known_within(judgements, precision):
            break
        if wanted >= MOST_REPLICATIONS:
            notes.append(f"{wanted} runs are not enough to know every figure within {precision:.1%}")
            break
        wanted = min(2 * wanted, MOST_REPLICATIONS)
    return Judged(
        scenario=scenario,
        rate_per_s=rate,
        judgements=judgements,
        outcomes=tuple(outcomes),
        pressures=pressures(compiled, outcomes[0]),
        cost=cost,
        notes=tuple(notes),
    )


def _patched(item: Recommendation, source: Source, workload: Workload, trial: Trial, focus: Judged) -> Recommendation:
    """The recommendation with its patch, read again and simulated under the same requests as the judged load.

    Without a patch where it cannot be written.
    """
    caveats = tuple(change.caveat for change in item.changes if change.caveat)
    try:
        written = patch(source.architecture, item.changes, workload, parameters=source.parameters)
        if written.before == written.after:
            return replace(item, notes=(*caveats, *written.notes))
        patched = compile_workload(read_back(source, written, workload), trial.catalog)
        again, outcomes = trial.replicated(patched, [outcome.seed for outcome in focus.outcomes])
    except InputError as error:
        return replace(item, notes=(*caveats, f"no patch: {error}"))
    return replace(
        item,
        effect=replace(again, load_line=item.effect.load_line),
        before=replace(item.before, judgements=focus.judgements),
        diff=masked(written.diff, workload.stack),
        patch=written.diff,
        notes=(*caveats, *written.notes),
        changed=changes(workload.objectives, focus.outcomes, outcomes),
    )


def _holding(loads: Sequence[Judged], line: LoadLine) -> Scenario:
    """A load that holds, the largest at hand: an assumption matters where its error would turn that into a miss."""
    held = [load.scenario for load in loads if load.met]
    if held:
        return max(held, key=lambda scenario: scenario.factor)
    return replace(loads[0].scenario, name="load line", factor=max(0.9 * line.factor, 1e-3))


def _influences(compiled: Compiled, scenario: Scenario, seed: int, progress: Progress) -> tuple[Influence, ...]:
    found = influences(compiled)
    first = [influence for influence in found[:TESTED_ASSUMPTIONS] if influence.score > 0.01]
    progress(f"testing the {len(first)} assumptions that matter most")
    simulated = list(in_parallel(lambda influence: tested(compiled, influence, scenario, seed), first))
    return (*simulated, *found[len(first) :])


_DEFAULTED = frozenset({"MemorySize", "BillingMode"})
_HEADLINES = ("InstanceType", "DBInstanceClass", "CacheNodeType", "MemorySize", "BillingMode", "Engine")


def summary(component: Component) -> str:
    """A component in a few words: "2-6 × t3.medium"."""
    defaults = {item.name: item.default for item in room(component.kind).SETTINGS if item.name in _DEFAULTED}
    settings: Mapping[str, object] = defaults | dict(component.settings)
    words = [f"{settings[k]} MB" if k == "MemorySize" else str(settings[k]) for k in _HEADLINES if settings.get(k)]
    if "MinSize" in settings and "MaxSize" in settings:
        return f"{settings['MinSize']}-{settings['MaxSize']} × {' '.join(words)}"
    return " ".join(words)
