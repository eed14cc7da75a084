"""Model + Scenario → Outcome in the fluid fidelity: the same control plane, queues as flows and distributions.

What it costs does not depend on the rate, and it is within the errors of ``benchmarks/README.md``: for searching, for
bracketing, for whole weeks and for asking what an assumption matters; what is decided is confirmed request by request.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.compile import Compiled
from tonnage.engine.expected import Expected
from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.fluid.series import Samples
from tonnage.engine.fluid.state import set_level
from tonnage.engine.fluid.tally import failures_of, routes_of
from tonnage.engine.model import component_of
from tonnage.engine.outcome import ComponentOutcome, Outcome
from tonnage.engine.primitives import Cache, Environments, Fleet, Pool, Queue
from tonnage.scaling.control import ControlLoop
from tonnage.scaling.readings import BucketRate, Provisioned, Readings
from tonnage.simulate import LONG_S, SAMPLE_S, Day, Meter, Stretch, coarse_day, stretch
from tonnage.workload import Scenario, Traffic

LONG_SAMPLE_S = 60.0
"""Samples where more than an hour is judged; the kernel itself steps by the second wherever a backlog is possible."""


def simulate_fluid(compiled: Compiled, scenario: Scenario, *, day: Day | None = None) -> Outcome:
    """Simulate a scenario as flows.

    Args:
        compiled: The workload.
        scenario: The load.
        day: The coarse run of the same scenario, if it is at hand.

    Returns:
        The outcome, with whole expected numbers of requests: no luck, so no seed.
    """
    return replayed(compiled, scenario, day=day)[0]


def replayed(compiled: Compiled, scenario: Scenario, *, day: Day | None = None) -> tuple[Outcome, Day]:
    """Simulate a scenario as flows, with what is billed in the judged time.

    Args:
        compiled: The workload.
        scenario: The load.
        day: The hours before it, if they are at hand.

    Returns:
        The outcome, and the day with the means of the judged time.
    """
    part = stretch(compiled.workload.traffic, scenario)
    before = day or coarse_day(compiled, part, judged=False)
    loop = before.loop.copy()
    loop.activities = []
    window_s = min(scenario.series_s, part.judged_s)
    run = FluidRun(lay_out(compiled.model, compiled.means), max(1, math.ceil(part.judged_s / window_s - 1e-9)))
    samples = Samples(run)
    controls: list[dict[str, float]] = []
    fleets = [name for name, p in compiled.model.primitives.items() if isinstance(p, Fleet)]
    for bucket, now in loop.bucket_rates().items():
        run.set_bucket_rate(bucket, now.rate_per_s)
    for bucket, level in before.levels.items():
        set_level(run.layout, run.levels, bucket, level)
    end_s = part.lead_s + part.judged_s + scenario.run_out_s
    changes_s = np.asarray(part.step_s * (np.flatnonzero(np.diff(part.rates_per_s)) + 1.0), dtype=np.float64)
    _apply(run, loop, fleets)
    meter = Meter(loop, fleets)
    while run.now_s < end_s - 1e-9:
        begun_s = run.now_s
        until = min(_next(part, changes_s, begun_s), loop.next_event_s(), end_s)
        window, ends = _window(part, window_s, begun_s, until)
        if window >= 0:
            meter.add(loop, until - begun_s)
        run.advance(until, _rate(part, begun_s), window=window, left_s=end_s - until, ends=ends)
        loop.tick(until, _readings(run, loop, fleets, until - begun_s))
        if window >= 0:
            samples.take(until - part.lead_s)
            controls.append(loop.levels())
        _apply(run, loop, fleets)
    series = samples.series() | {name: np.array([row[name] for row in controls]) for name in (controls or [{}])[0]}
    outcome = _outcome(compiled, scenario, part, run, loop, samples.times_s, series, window_s)
    return outcome, meter.day(loop, before.loop, before.levels)


def evaluate(designs: Sequence[Compiled], scenario: Scenario) -> list[Outcome]:
    """Outcomes of many designs under one load, in their order."""
    return [simulate_fluid(design, scenario) for design in designs]


def _next(part: Stretch, changes_s: NDArray[np.float64], now_s: float) -> float:
    """The next full sample, change of the rate, or edge of the judged time."""
    sample_s = SAMPLE_S if part.judged_s <= LONG_S else LONG_SAMPLE_S
    edges = [(math.floor(now_s / sample_s + 1e-9) + 1) * sample_s, part.lead_s, part.lead_s + part.judged_s]
    following = int(np.searchsorted(changes_s, now_s + 1e-9))
    if following < len(changes_s):
        edges.append(float(changes_s[following]))
    return min(edge for edge in edges if edge > now_s + 1e-9)


def _window(part: Stretch, window_s: float, begun_s: float, until_s: float) -> tuple[int, bool]:
    """Window that a time belongs to, -1 outside the judged time, and whether it ends with it."""
    at = begun_s - part.lead_s + 1e-9
    if not 0.0 <= at < part.judged_s:
        return -1, True
    window = int(at / window_s)
    return window, until_s - part.lead_s >= min((window + 1) * window_s, part.judged_s) - 1e-9


def _rate(part: Stretch, now_s: float) -> float:
    return float(part.rates_per_s[min(int(now_s / part.step_s + 1e-9), len(part.rates_per_s) - 1)])


def _readings(run: FluidRun, loop: ControlLoop, fleets: Sequence[str], passed_s: float) -> Readings:
    cpu = {}
    for fleet in fleets:
        share, slots, pace = run.cpu(fleet), loop.active(fleet), loop.pace(fleet)
        # The run knows one speed, the mean: of its share each instance does as much work, faster or slower.
        cpu[fleet] = {slot: min(share / pace.get(slot, 1.0), loop.speed(fleet, slot)) for slot in slots}
    requests = {fleet: run.visits_per_s(fleet.partition("/")[0]) * passed_s for fleet in loop.changing}
    return Readings(
        cpu=cpu,
        requests=requests,
        tokens={bucket: run.taken_per_s(bucket) * passed_s for bucket in loop.reads.buckets},
        refused={
            bucket: (run.tokens_per_s(bucket) - run.taken_per_s(bucket)) * passed_s for bucket in loop.reads.buckets
        },
        waiting={queue: run.waiting(queue) for queue in loop.reads.queues},
        consuming={queue: run.consuming(queue) for queue in loop.reads.queues},
        in_flight={queue: run.consuming(queue) * _batch(run, queue) for queue in loop.reads.queues},
        sent={queue: run.sent_per_s(queue) * passed_s for queue in loop.reads.queues},
        leased={name: run.leased(name) for name in loop.reads.environments},
    )


def _batch(run: FluidRun, queue: str) -> int:
    primitive = run.layout.model.primitives[queue]
    assert isinstance(primitive, Queue)
    return primitive.batch


def _apply(run: FluidRun, loop: ControlLoop, fleets: Sequence[str]) -> None:
    """Let the data plane follow the controls."""
    for fleet in fleets:
        rule = run.layout.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        if fleet in loop.changing or fleet in loop.credits:
            pace = loop.pace(fleet)
            speeds = [rule.speed * loop.speed(fleet, s) * pace.get(s, 1.0) for s in loop.active(fleet)]
            run.set_instances(fleet, speeds)
    for setting in loop.settings():
        if isinstance(setting, Provisioned):
            run.set_provisioned(setting.environments, setting.count)
        elif (
            isinstance(setting, BucketRate)
            and setting.rate_per_s != run.levels.speed[run.layout.queues[setting.bucket]]
        ):
            run.set_bucket_rate(setting.bucket, setting.rate_per_s)


def _outcome(
    compiled: Compiled,
    scenario: Scenario,
    part: Stretch,
    run: FluidRun,
    loop: ControlLoop,
    times_s: Sequence[float],
    series: Mapping[str, NDArray[np.float64]],
    window_s: float,
) -> Outcome:
    routes = routes_of(run.books, compiled.model.programs)
    requests = [route for route in routes if not route.messages]
    arrived = sum(route.arrived for route in requests)
    return Outcome(
        seed=0,
        factor=scenario.factor,
        judged_s=part.judged_s,
        judged_from_s=part.judged_from_s,
        offered_per_s=float(part.judged_rates_per_s.max()),
        routes=routes,
        failures=failures_of(run.books, run.layout, sum(route.failed for route in routes)),
        components={name: _component(run, name, series, part.judged_s) for name in compiled.workload.components},
        times_s=np.array(times_s),
        series=series,
        window_s=window_s,
        windows=np.sum([route.windows for route in requests], axis=0),
        window_hist=np.sum([route.window_histogram for route in requests], axis=0, dtype=np.int32),
        activities=tuple((fleet, a.time_s - part.lead_s, a.before, a.after, a.reason) for fleet, a in loop.activities),
        happenings=tuple((h.primitive, h.time_s - part.lead_s, h.text) for h in loop.happenings),
        stopped=None,
        arrivals_per_s=arrived / part.judged_s,
        requests=arrived,
        fidelity="fluid",
        not_covered=(*run.layout.not_covered, *_not_covered(compiled.workload.traffic, scenario)),
    )


def _not_covered(traffic: Traffic, scenario: Scenario) -> Iterator[str]:
    """What the fluid fidelity leaves out of the load."""
    pattern = traffic.pattern
    if pattern.clients:
        yield "traffic: clients that wait for their answers are taken for an open stream"
    if pattern.burst_ratio > 1.0 or pattern.batch_mean > 1.0:
        yield "traffic: bursts and batches are taken for Poisson arrivals"
    for fault in scenario.faults:
        if fault.kind != "spike":
            yield f"fault: {fault.text}"


def _component(
    run: FluidRun, name: str, series: Mapping[str, NDArray[np.float64]], judged_s: float
) -> ComponentOutcome:
    """What a component did over the judged time."""
    found: dict[str, float | int | None] = {}
    refused = 0.0
    for full_name, primitive in run.layout.model.primitives.items():
        if full_name.partition("/")[0] != name:
            continue
        if full_name in run.layout.queues:
            refused += float(run.books.refused[run.layout.queues[full_name]])
        if isinstance(primitive, Fleet):
            share = series[f"{full_name}:utilization"]
            counts = series.get(f"{full_name}:in service", np.full(1, float(primitive.instances)))
            if float(share.max()) <= float(found.get("utilization_peak") or -1.0):
                continue  # of several fleets the busiest
            found |= {"utilization": float(share.mean()), "utilization_peak": float(share.max())}
            found |= {"instances": float(counts.mean()), "instances_peak": float(counts.max())}
        elif isinstance(primitive, Cache):
            found["hit_ratio"] = _hit_ratio(run.layout.means, name)
        elif isinstance(primitive, Pool | Environments):
            used = series[f"{full_name}:in use"]
            limit = primitive.limit if isinstance(primitive, Environments) else primitive.capacity
            if isinstance(primitive, Pool) and primitive.fleet is not None:
                used = used / np.maximum(series.get(f"{primitive.fleet}:in service", np.ones_like(used)), 1.0)
            if isinstance(primitive, Environments):
                found["cold_starts"] = round(float(run.books.cold[run.layout.queues[full_name]]))
            found |= {
                "concurrency": float(used.mean()),
                "concurrency_peak": float(used.max()),
                "concurrency_limit": float(limit),
            }
    visits, residence_s = run.visited(name)
    return ComponentOutcome(
        visits_per_s=visits / judged_s,
        residence_s=residence_s,
        refused=round(refused),
        **found,  # type: ignore[arg-type]
    )


def _hit_ratio(means: Expected, component: str) -> float | None:
    """Hit ratio of all caches of a component together, by how often each is looked into."""
    looked = {name: count for name, count in means.looked.items() if component_of(name) == component}
    total = sum(looked.values())
    return sum(count * means.hits[name] for name, count in looked.items()) / total if total > 0 else None
