"""What gives way: which primitive of which component is full, since when, and what that means in AWS's terms."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonnage.compile import Compiled
from tonnage.engine.outcome import Outcome
from tonnage.engine.primitives import Bucket, Environments, Fleet, Pool, Queue
from tonnage.services import Credits, PodGroup, ScalingGroup, Situation, kinds_of
from tonnage.services._face import Pressure as Kind
from tonnage.workload import Workload

FULL = 0.9
"""A server busier than this, a bucket or pool fuller than this, counts as full: queueing has taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """Something that is full or ran out.

    Attributes:
        component: The component.
        primitive: The primitive.
        kind: In the words of the trade.
        text: For the report, with numbers.
        since_s: When it was first so, seconds from the beginning of the judged time; None if from the beginning.
        severity: For ordering: what starves others stands before what merely waits for them.
    """

    component: str
    primitive: str
    kind: Kind
    text: str
    since_s: float | None
    severity: float


def pressures(compiled: Compiled, outcome: Outcome) -> tuple[Pressure, ...]:
    """Everything that is full in an outcome, worst first."""
    found: list[Pressure] = []
    lost: dict[str, int] = {}
    for failure in outcome.failures:
        lost[failure.cause.primitive] = lost.get(failure.cause.primitive, 0) + failure.requests
    arrived = max(1, sum(route.arrived for route in outcome.routes_of(None)))
    for component, behaviour in compiled.behaviours.items():
        for name, primitive in behaviour.primitives.items():
            share = lost.get(name, 0) / arrived
            if isinstance(primitive, Fleet):
                found += _fleet(compiled, outcome, component, name, primitive)
            elif isinstance(primitive, Bucket):
                found += _bucket(outcome, component, name, primitive, share)
            elif isinstance(primitive, Pool):
                found += _pool(outcome, component, name, primitive, share)
            elif isinstance(primitive, Environments):
                found += _environments(outcome, component, name, primitive, share)
            elif isinstance(primitive, Queue):
                found += _queue(outcome, component, name)
    found.sort(key=lambda pressure: -pressure.severity)
    if not any(pressure.severity >= 1.0 for pressure in found):
        found += _slow(compiled, outcome)
    return tuple(found)


def _slow(compiled: Compiled, outcome: Outcome) -> list[Pressure]:
    """Where nothing is full but a latency objective is missed: the component whose own work takes longest."""
    missed = any(
        objective.indicator == "latency"
        and not outcome.latency_s(objective.percentile, objective.route) < objective.threshold
        for objective in compiled.workload.objectives
    )
    own_s = compiled.means.own_s
    if not missed or not own_s:
        return []
    if outcome.latency_s(None) > 2.0 * compiled.means.latency_s:
        shares = {name: seen.utilization_peak or 0.0 for name, seen in outcome.components.items()}
        busiest = max(shares, key=lambda name: shares[name])
        if shares[busiest] > 0:
            text = f"bursts shorter than ten seconds queue here: CPU {shares[busiest]:.0%} busy in the busiest ten"
            return [_pressure(busiest, busiest, "cpu", text, None, 0.9)]
    worst = max(own_s, key=lambda name: own_s[name])
    text = (
        f"its own work takes {own_s[worst] * 1e3:,.0f} of {compiled.means.latency_s * 1e3:,.0f} ms without any queueing"
    )
    return [_pressure(worst, worst, "service time", text, None, 0.8)]


def situations(compiled: Compiled, outcome: Outcome, found: tuple[Pressure, ...]) -> Mapping[str, Situation]:
    """What each component's room needs to know to propose changes."""
    result = {}
    for name, seen in outcome.components.items():
        mine = [pressure.kind for pressure in found if pressure.component == name]
        result[name] = Situation(
            utilization=seen.utilization_peak or 0.0,
            pressures=tuple(dict.fromkeys(mine)),
            peak_visits_per_s=_peak(outcome.series.get(f"{name}:visits")),
            peak_instances=seen.instances_peak or 1.0,
            per_visit=compiled.per_visit.get(name, {}),
            peak_concurrency=seen.concurrency_peak or 0.0,
            declared_reads=_declared_reads(compiled.workload, name),
        )
    return result


def _declared_reads(workload: Workload, name: str) -> float:
    """Share of the requests entering at a component that its routes declare to be GETs; 0 behind an edge."""
    edges = kinds_of("edge")
    callers = (workload.components.get(edge.caller) for edge in workload.edges if edge.callee == name)
    if any(caller is not None and caller.kind in edges for caller in callers):
        return 0.0
    entering = [route for route in workload.routes if route.entry.component == name]
    total = sum(route.share for route in entering)
    reads = sum(route.share for route in entering if route.entry.request.startswith(("GET ", "HEAD ", "/")))
    return reads / total if total > 0 else 0.0


def _peak(values: NDArray[np.float64] | None) -> float:
    return float(np.nanmax(values)) if values is not None and len(values) else 0.0


def _since(outcome: Outcome, full: NDArray[np.bool_]) -> float | None:
    """When a condition first held; None if in the first sample already."""
    first = int(np.argmax(full))
    return float(outcome.times_s[first]) if first > 0 else None


def _fleet(compiled: Compiled, outcome: Outcome, component: str, name: str, fleet: Fleet) -> list[Pressure]:
    controls = compiled.behaviours[component].controls
    group = next((c for c in controls if isinstance(c, ScalingGroup | PodGroup) and c.fleet == name), None)
    credit = next((c for c in controls if isinstance(c, Credits) and c.fleet == name), None)
    share = outcome.series.get(f"{name}:utilization", np.zeros(1))
    found: list[Pressure] = []
    ceiling = np.ones_like(share)
    if credit is not None:
        without = outcome.series.get(f"{name}:without credits", np.zeros_like(share))
        if (without > 0).any():
            text = "CPU credits run out"
            text += ": surplus credits are billed" if credit.unlimited else f": speed falls to {credit.baseline:.0%}"
            severity = 0.5 if credit.unlimited else 4.0
            found.append(_pressure(component, name, "credits", text, _since(outcome, without > 0), severity))
            if not credit.unlimited:
                ceiling = 1.0 - without * (1.0 - credit.baseline)
    full = share >= FULL * ceiling
    if not full.any():
        return found
    peak, since = float(share.max()), _since(outcome, full)
    if group is None:
        text = f"CPU {peak:.0%} busy ({fleet.servers} vCPU)" if fleet.servers > 1 else f"its one thread {peak:.0%} busy"
        found.append(_pressure(component, name, "cpu", text, since, 3.0 + peak))
        return found
    serving = outcome.series[f"{name}:in service"]
    what, bound = ("pods", "maxReplicas") if isinstance(group, PodGroup) else ("instances", "MaxSize")
    full_at_limit = full & (outcome.series[f"{name}:at maximum"] > 0)
    if full_at_limit.any():
        text = f"CPU {peak:.0%} busy with all {serving[full_at_limit].max():.0f} {what} ({bound}) in service"
        found.append(_pressure(component, name, "cpu", text, since, 3.0 + peak))
    else:
        text = f"CPU {peak:.0%} busy with {serving[full].min():.0f} of {sum(group.made_of(group.most))} {what}: "
        text += "scaling comes late"
        found.append(_pressure(component, name, "scaling lag", text, since, 2.5 + peak))
    return found


def _bucket(outcome: Outcome, component: str, name: str, bucket: Bucket, lost: float) -> list[Pressure]:
    if bucket.when_empty == "reject":
        refused = outcome.series.get(f"{name}:refused", np.zeros(1))
        if not (refused > 0).any():
            return []
        rate = outcome.series.get(f"{name}:provisioned", np.full_like(refused, bucket.rate_per_s))
        at = int(np.argmax(refused))
        text = f"{bucket.refusal}: {_peak(refused):,.0f}/s refused above {rate[at]:,.0f}/s"
        return [_pressure(component, name, "throttle", text, _since(outcome, refused > 0), 3.5 + lost)]
    waiting = outcome.series.get(f"{name}:level", np.zeros(1)) < -0.05 * bucket.rate_per_s
    if not waiting.any():
        return []
    taken = _peak(outcome.series.get(f"{name}:taken"))
    out = any(primitive == name for primitive, _, _ in outcome.happenings)
    text = f"storage at {taken:,.0f} IOPS" + (", burst balance used up" if out else ", its limit")
    return [_pressure(component, name, "iops", text, _since(outcome, waiting), 3.8)]


def _pool(outcome: Outcome, component: str, name: str, pool: Pool, lost: float) -> list[Pressure]:
    used = outcome.series.get(f"{name}:in use", np.zeros(1))
    limits = np.full_like(used, pool.capacity)
    if pool.fleet is not None:
        limits *= np.maximum(outcome.series.get(f"{pool.fleet}:in service", np.ones_like(used)), 1.0)
    full = used >= FULL * limits
    if not full.any() and lost == 0:
        return []
    part = name.partition("/")[2]
    kind: Kind = "workers" if pool.fleet is not None and "connections" not in part else "connections"
    what: str = kind
    if part == "events":
        kind, what = "concurrency", "asynchronous invocations wait"
    fullest = int(np.argmax(used / limits))
    text = f"{what}: {used[fullest]:,.0f} of {limits[fullest]:,.0f} in use"
    text += f", {lost:.2%} of requests refused ({pool.refusal})" if lost else ""
    # Tokens are held while others work: a full pool is a symptom wherever something behind it is full too.
    return [_pressure(component, name, kind, text, _since(outcome, full) if full.any() else None, 1.0 + lost)]


def _environments(outcome: Outcome, component: str, name: str, rule: Environments, lost: float) -> list[Pressure]:
    throttled = outcome.series.get(f"{name}:throttled", np.zeros(1))
    if not (throttled > 0).any():
        return []
    used = _peak(outcome.series.get(f"{name}:in use"))
    limit = f"{rule.limit:,} concurrent executions{', shared with other functions' if rule.shares else ''}"
    text = f"{rule.refusal}: {used:,.0f} of {limit}, {_peak(throttled):,.0f}/s refused"
    return [_pressure(component, name, "concurrency", text, _since(outcome, throttled > 0), 3.5 + lost)]


def _queue(outcome: Outcome, component: str, name: str) -> list[Pressure]:
    """Messages that pile up: more than a minute's at the end, and more than at the beginning."""
    kept = outcome.series.get(f"{name}:kept", np.zeros(1))
    sent, done = (outcome.series.get(f"{name}:{what}", np.zeros(1)) for what in ("sent", "processed"))
    if kept[-1] <= max(60.0 * float(sent.mean()), float(kept[0])):
        return []
    text = f"{kept[-1]:,.0f} messages wait at the end: {sent.mean():,.1f}/s come, {done.mean():,.1f}/s are processed"
    since = _since(outcome, kept > 60.0 * float(sent.mean()))
    return [_pressure(component, name, "backlog", text, since, 3.0)]


def _pressure(component: str, name: str, kind: Kind, text: str, since_s: float | None, severity: float) -> Pressure:
    return Pressure(component=component, primitive=name, kind=kind, text=text, since_s=since_s, severity=severity)
