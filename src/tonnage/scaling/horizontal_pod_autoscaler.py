"""HorizontalPodAutoscaler: every 15 seconds, for every metric, how many replicas; the most of them, slowed down.

One pass takes the metrics (``replica_calculator``), the largest wish, the stabilization windows and the rate limits
(``replica_behavior``), and last the bounds. A metric that fails holds back scaling down and lets scaling up go ahead.
Not modelled: ``Resource`` metrics other than CPU, custom metrics other than request rates, scaling to zero (an alpha
feature). Sources: Kubernetes documentation, "Horizontal Pod Autoscaling"; kubernetes/kubernetes,
``pkg/controller/podautoscaler/horizontal.go``.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tonnage.scaling._face import Unsupported
from tonnage.scaling._levers import CPU_TARGETS, around, scaled
from tonnage.scaling._settings import Settings
from tonnage.scaling.replica_behavior import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    DOWN_WINDOW_S,
    Event,
    PolicyType,
    RatePolicy,
    Rules,
    Select,
    legacy_up_limit,
    limited,
    stabilized,
)
from tonnage.scaling.replica_calculator import (
    BOTH_WAYS,
    DEFAULTS,
    TOLERANCE,
    Constants,
    NoMetricsError,
    PodSample,
    Proposal,
    Tolerance,
    pods_average,
    resource_utilization,
    total_average_value,
    total_value,
)
from tonnage.workload import ScalingPolicy, Value

MECHANISM = "horizontal pod autoscaler"
SYNC_S = 15.0
"""``--horizontal-pod-autoscaler-sync-period`` (kube-controller-manager reference)."""

Kind = Literal["cpu utilization", "cpu average", "requests per pod", "requests", "requests average"]
_REQUESTS = re.compile(r"request|rps|qps|hits", re.IGNORECASE)
_NOT_A_RATE = re.compile(r"latency|duration|seconds$|error|5xx|concurren|in.?flight|active|queue", re.IGNORECASE)
_PER_SECOND = re.compile(r"per[-_]second$", re.IGNORECASE)
_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(n|u|m|k|M|G|Ki|Mi|Gi)?$")
_SCALES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30}
UTILIZATION = "metrics.{}.resource.target.averageUtilization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        kind: What it is, and how its target is meant.
        name: As the manifest calls it.
        target: Percent, or whole thousandths.
    """

    kind: Kind
    name: str
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizontalPodAutoscaler:
    """An autoscaler as read once.

    Attributes:
        name: Its name.
        minimum: ``minReplicas``.
        maximum: ``maxReplicas``.
        metrics: What it watches, of what is simulated.
        left_out: Metrics it also watches, with the reason why they are not simulated.
        behavior: Rules for scaling up and down; None where the manifest has none.
        tolerance: How far from the target nothing is done.
    """

    name: str
    minimum: int
    maximum: int
    metrics: tuple[Metric, ...]
    left_out: tuple[str, ...] = ()
    behavior: tuple[Rules, Rules] | None = None
    tolerance: Tolerance = BOTH_WAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What an autoscaler remembers.

    Attributes:
        recommendations: Of the last passes, before stabilization.
        added: Changes upward.
        removed: Changes downward.
    """

    recommendations: tuple[Event, ...] = ()
    added: tuple[Event, ...] = ()
    removed: tuple[Event, ...] = ()


START = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the metrics API answers at one pass.

    Attributes:
        time_s: Now.
        current: ``replicas`` of the workload now.
        cpu: Every pod with its CPU, thousandths of a core.
        requests: Every pod with its requests per second, in thousandths.
        requests_per_s: Requests per second to all of them; None where no value is there yet.
        constants: Settings of the controller; the tolerance is the autoscaler's own.
    """

    time_s: float
    current: int
    cpu: Sequence[PodSample] = ()
    requests: Sequence[PodSample] = ()
    requests_per_s: float | None = None
    constants: Constants = DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a pass wants.

    Attributes:
        replicas: Replicas from now on.
        reason: What it saw, with numbers; empty where nothing changes.
    """

    replicas: int
    reason: str = ""


def decide(hpa: HorizontalPodAutoscaler, memory: Memory, seen: Observation) -> tuple[Memory, Decision]:
    """One pass of the controller.

    Args:
        hpa: The autoscaler.
        memory: What it remembers.
        seen: What it sees.

    Returns:
        What it remembers next, and the replicas it wants.
    """
    current = seen.current
    if current == 0:
        # Scaled to zero by hand: the autoscaler is switched off.
        return memory, Decision(replicas=0)
    if not hpa.minimum <= current <= hpa.maximum:
        after = hpa.maximum if current > hpa.maximum else hpa.minimum
        bound = "maxReplicas" if after < current else "minReplicas"
        return _changed(memory, seen, after), Decision(replicas=after, reason=f"{bound} is {after}")
    wanted = _wanted(hpa, seen)
    if wanted is None:
        return memory, Decision(replicas=current)
    desired, why = wanted
    after, bound = _slowed(hpa, memory, current, desired, seen.time_s)
    longest_s = max((DOWN_WINDOW_S, *(rules.window_s for rules in hpa.behavior or ())))
    seen_again = _recent(memory.recommendations, seen.time_s - longest_s)
    memory = replace(memory, recommendations=(*seen_again, Event(time_s=seen.time_s, replicas=desired)))
    if after == current:
        return memory, Decision(replicas=current)
    return _changed(memory, seen, after), Decision(replicas=after, reason=f"{why}{bound}")


def desired_replicas(metrics: Sequence[tuple[str, Proposal | None]], current: int) -> tuple[int, str] | None:
    """The largest wish of several metrics, and whose it is; None where nothing may be done.

    Args:
        metrics: Name and wish of each; None where it failed.
        current: Replicas now.
    """
    made = [(name, proposal) for name, proposal in metrics if proposal is not None]
    if not made:
        return None
    name, most = max(made, key=lambda item: item[1].replicas)
    if len(made) < len(metrics) and most.replicas < current:
        return None
    return most.replicas, name


def _wanted(hpa: HorizontalPodAutoscaler, seen: Observation) -> tuple[int, str] | None:
    constants = replace(seen.constants, tolerance=hpa.tolerance)
    wishes: list[tuple[str, Proposal | None]] = []
    for metric in hpa.metrics:
        try:
            proposal = _proposal(metric, seen, constants)
        except NoMetricsError:
            wishes.append((metric.name, None))
            continue
        unit = " %" if metric.kind == "cpu utilization" else "m"
        text = f"{metric.name} {proposal.value:,}{unit} against {metric.target:,}{unit} asks for {proposal.replicas}"
        wishes.append((text, proposal))
    return desired_replicas(wishes, seen.current)


def _proposal(metric: Metric, seen: Observation, constants: Constants) -> Proposal:
    if metric.kind == "cpu utilization":
        return resource_utilization(seen.cpu, seen.current, metric.target, constants)
    if metric.kind == "cpu average":
        return pods_average(seen.cpu, seen.current, metric.target, constants, cpu=True)
    if metric.kind == "requests per pod":
        return pods_average(seen.requests, seen.current, metric.target, constants)
    if seen.requests_per_s is None:
        raise NoMetricsError("no value of the metric yet")
    total = round(1000.0 * seen.requests_per_s)
    if metric.kind == "requests":
        return total_value(seen.requests, seen.current, total, metric.target, constants)
    return total_average_value(seen.current, total, metric.target, constants)


def _slowed(hpa: HorizontalPodAutoscaler, memory: Memory, current: int, desired: int, time_s: float) -> tuple[int, str]:
    """What windows, rates and bounds leave of a wish, and which of them held it back."""
    up, down = hpa.behavior or (DEFAULT_UP, DEFAULT_DOWN)
    steady = stabilized(
        current,
        desired,
        memory.recommendations,
        time_s,
        up_window_s=up.window_s if hpa.behavior else 0.0,
        down_window_s=down.window_s if hpa.behavior else DOWN_WINDOW_S,
    )
    if hpa.behavior is None:
        after = min(max(steady, hpa.minimum), hpa.maximum, legacy_up_limit(current))
    else:
        after = limited(
            current,
            steady,
            time_s,
            up=up,
            down=down,
            added=memory.added,
            removed=memory.removed,
            minimum=hpa.minimum,
            maximum=hpa.maximum,
        )
    if after != steady:
        bounds = {hpa.maximum: ", maxReplicas", hpa.minimum: ", minReplicas"}
        return after, bounds.get(after, ", no more at once")
    window_s = up.window_s if after > current else down.window_s
    return after, f", the {'lowest' if after > current else 'highest'} of {window_s:g} s" if steady != desired else ""


def _changed(memory: Memory, seen: Observation, after: int) -> Memory:
    event = Event(time_s=seen.time_s, replicas=abs(after - seen.current))
    if after > seen.current:
        return replace(memory, added=(*_recent(memory.added, seen.time_s - _LONGEST_S), event))
    return replace(memory, removed=(*_recent(memory.removed, seen.time_s - _LONGEST_S), event))


def _recent(events: tuple[Event, ...], begin_s: float) -> tuple[Event, ...]:
    """Events after a time; they are in order."""
    first = bisect_right(events, begin_s, key=lambda event: event.time_s)
    return events[first:]


_LONGEST_S = 3600.0


# Reading ------------------------------------------------------------------------------------------------------------


def read(policy: ScalingPolicy) -> HorizontalPodAutoscaler:
    """The autoscaler of a manifest.

    Raises:
        WorkloadError: A value that the API server would refuse.
        Unsupported: None of its metrics is simulated.
    """
    settings = Settings(policy, _nested(policy.settings))
    minimum, maximum = settings.whole("minReplicas", 1, least=0), settings.whole("maxReplicas", least=1)
    if minimum > maximum:
        raise settings.refuse("minReplicas", f"is {minimum}, above maxReplicas {maximum}", "Make it no larger.")
    if minimum == 0:
        raise Unsupported("minReplicas 0 needs the feature gate HPAScaleToZero, which is alpha")
    metrics: list[Metric] = []
    left_out: list[str] = []
    specs = settings.mappings("metrics")
    for spec in specs:
        try:
            metrics.append(_metric(spec))
        except Unsupported as reason:
            left_out.append(str(reason))
    if not specs:
        # The API server's default: CPU at 80 % of the request.
        metrics.append(Metric(kind="cpu utilization", name="cpu", target=80))
    if not metrics:
        raise Unsupported("; ".join(left_out))
    behavior = settings.mapping("behavior")
    up, down = (behavior.mapping(name) if behavior else None for name in ("scaleUp", "scaleDown"))
    return HorizontalPodAutoscaler(
        name=policy.name,
        minimum=minimum,
        maximum=maximum,
        metrics=tuple(metrics),
        left_out=tuple(left_out),
        behavior=None if up is None and down is None else (_rules(up, DEFAULT_UP), _rules(down, DEFAULT_DOWN)),
        tolerance=Tolerance(up=_tolerance(up), down=_tolerance(down)),
    )


def _nested(settings: Mapping[str, Value]) -> Mapping[str, Value]:
    """Settings of which those named by a dotted path, as a change names them, stand where that path leads."""

    def put(value: Value, steps: Sequence[str], new: Value) -> Value:
        if not steps:
            return new
        if steps[0].isdigit():
            items, at = list(value) if isinstance(value, tuple) else [], int(steps[0])
            # Paths come in the order of the manifest, so that an item not there yet is the next.
            kept = items[at] if at < len(items) else None
            return (*items[:at], put(kept, steps[1:], new), *items[at + 1 :])
        below = value if isinstance(value, Mapping) else {}
        return {**below, steps[0]: put(below.get(steps[0]), steps[1:], new)}

    whole: Value = {name: value for name, value in settings.items() if "." not in name}
    for name, value in settings.items():
        if "." in name:
            whole = put(whole, name.split("."), value)
    assert isinstance(whole, Mapping)
    return whole


def _tolerance(rules: Settings | None) -> float:
    return TOLERANCE if rules is None or not rules.has("tolerance") else quantity(rules, "tolerance")


def quantity(settings: Settings, name: str) -> float:
    """A Kubernetes quantity (``100m``, ``1.5``, ``2Gi``), as a number.

    Raises:
        WorkloadError: It is none.
    """
    value = settings.values.get(name)
    found = (
        _QUANTITY.match(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    )
    if found is None:
        raise settings.refuse(name, f"is {value!r}", "Give it a quantity such as 100m or 2.")
    return float(found[1]) * _SCALES.get(found[2] or "", 1.0)


def _metric(spec: Settings) -> Metric:
    kind = spec.text("type", among=("Resource", "ContainerResource", "Pods", "Object", "External"))
    key = kind[0].lower() + kind[1:]
    inner = spec.mapping(key)
    if inner is None:
        raise spec.refuse(key, "is missing", f"Give the metric of type {kind} its {key}.")
    target = inner.mapping("target")
    if target is None:
        raise inner.refuse("target", "is missing", "Give it a target.")
    if kind in {"Resource", "ContainerResource"}:
        name = inner.text("name")
        if name != "cpu":
            raise Unsupported(f"{name} of the pods is not simulated")
        if target.has("averageUtilization"):
            percent = target.whole("averageUtilization", least=1)
            return Metric(kind="cpu utilization", name="cpu", target=percent)
        return Metric(kind="cpu average", name="cpu", target=_milli(target, "averageValue"))
    metric = inner.mapping("metric")
    name = metric.text("name") if metric is not None else ""
    if not _REQUESTS.search(name) or (_NOT_A_RATE.search(name) and not _PER_SECOND.search(name)):
        raise Unsupported(f"the metric {name} is not simulated: of custom metrics only request rates are")
    if kind == "Pods":
        return Metric(kind="requests per pod", name=name, target=_milli(target, "averageValue"))
    if target.has("value"):
        return Metric(kind="requests", name=name, target=_milli(target, "value"))
    return Metric(kind="requests average", name=name, target=_milli(target, "averageValue"))


def _milli(target: Settings, name: str) -> int:
    milli = round(1000.0 * quantity(target, name)) if target.has(name) else 0
    if milli < 1:
        raise target.refuse(name, "is missing or 0", "Give it a quantity above 0.")
    return milli


def _rules(given: Settings | None, default: Rules) -> Rules:
    if given is None:
        return default
    select: Mapping[str, Select] = {"Max": "Max", "Min": "Min", "Disabled": "Disabled"}
    window_s = given.number("stabilizationWindowSeconds", default.window_s, least=0.0)
    if window_s > _LONGEST_S:
        raise given.refuse("stabilizationWindowSeconds", f"is {window_s:g}", "Give 0 to 3600 s.")
    return Rules(
        window_s=window_s,
        select=select[given.text("selectPolicy", default.select, among=tuple(select))],
        policies=tuple(_rate(each) for each in given.mappings("policies")) or default.policies,
    )


def _rate(given: Settings) -> RatePolicy:
    types: Mapping[str, PolicyType] = {"Pods": "Pods", "Percent": "Percent"}
    period_s = given.number("periodSeconds", least=1.0)
    if period_s > 1800.0:
        raise given.refuse("periodSeconds", f"is {period_s:g}", "Give 1 to 1800 s.")
    return RatePolicy(
        type=types[given.text("type", among=tuple(types))], value=given.whole("value", least=1), period_s=period_s
    )


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying: targets of utilization and of request rates, windows of both directions.

    Raises:
        WorkloadError: A value that the API server would refuse.
        Unsupported: None of its metrics is simulated.
    """
    read(policy)
    found: dict[str, tuple[float, ...]] = {}
    for setting, value in policy.settings.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if setting.endswith(".resource.target.averageUtilization"):
            # A share of the request: with a limit above it more than 100 % can be meant.
            found[setting] = around(value, (*CPU_TARGETS, 100.0, 120.0))
        elif setting.endswith((".target.averageValue", ".target.value")):
            found[setting] = scaled(value)
        elif setting == "behavior.scaleDown.stabilizationWindowSeconds":
            found[setting] = around(value, (0.0, 60.0, 300.0, 600.0))
        elif setting == "behavior.scaleUp.stabilizationWindowSeconds":
            found[setting] = around(value, (0.0, 60.0, 180.0))
    return found


def describe(hpa: HorizontalPodAutoscaler) -> str:
    """One line for a report."""
    metrics = [f"{m.name} {m.target:,}{' %' if m.kind == 'cpu utilization' else 'm'}" for m in hpa.metrics]
    left_out = f"; left out: {'; '.join(hpa.left_out)}" if hpa.left_out else ""
    return f"horizontal pod autoscaler: {', '.join(metrics)}, {hpa.minimum} to {hpa.maximum} replicas{left_out}"
