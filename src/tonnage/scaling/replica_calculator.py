"""How many replicas one metric of a HorizontalPodAutoscaler asks for, exactly as its controller reckons.

The controller counts in whole thousandths and whole percents, leaves out pods whose samples say nothing yet, and fills
in what is missing so that it never moves in the wrong direction. Sources: Kubernetes documentation, "Horizontal Pod
Autoscaling", algorithm details; kubernetes/kubernetes, ``pkg/controller/podautoscaler/replica_calculator.go``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Phase = Literal["Pending", "Running", "Failed"]

TOLERANCE = 0.1
"""``--horizontal-pod-autoscaler-tolerance``, both ways (kube-controller-manager reference)."""
CPU_INITIALIZATION_S = 300.0
"""``--horizontal-pod-autoscaler-cpu-initialization-period`` (kube-controller-manager reference)."""
READINESS_DELAY_S = 30.0
"""``--horizontal-pod-autoscaler-initial-readiness-delay`` (kube-controller-manager reference)."""


class NoMetricsError(Exception):
    """No sample of any pod that counts: the controller reports the metric as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSample:
    """What the controller knows of one pod.

    Attributes:
        phase: Its phase.
        ready: Its Ready condition.
        deleting: Whether it is on its way out.
        started_ago_s: Its age.
        ready_changed_ago_s: How long ago its Ready condition last changed.
        value: Its sample in whole thousandths (of a core, of the metric's unit); None where none arrived.
        sampled_ago_s: How old the end of the sample's window is.
        request: Its request in whole thousandths; 0 where the metric is no resource.
    """

    phase: Phase
    ready: bool
    deleting: bool = False
    started_ago_s: float = math.inf
    ready_changed_ago_s: float = math.inf
    value: int | None = None
    sampled_ago_s: float = 0.0
    request: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far the ratio of metric to target may be from 1 before anything is done.

    Attributes:
        up: Above.
        down: Below.
    """

    up: float = TOLERANCE
    down: float = TOLERANCE

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is near enough to 1."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


BOTH_WAYS = Tolerance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """Settings of the controller.

    Attributes:
        tolerance: See :class:`Tolerance`.
        cpu_initialization_s: How long CPU samples of a new pod are looked at twice.
        readiness_delay_s: A pod that was ready later than so long after its start has been ready.
        window_s: Length of the window of one CPU sample.
    """

    tolerance: Tolerance = BOTH_WAYS
    cpu_initialization_s: float = CPU_INITIALIZATION_S
    readiness_delay_s: float = READINESS_DELAY_S
    window_s: float = 15.0


DEFAULTS = Constants()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one metric asks for.

    Attributes:
        replicas: Replicas.
        value: The metric as the controller reports it: percent, or whole thousandths.
    """

    replicas: int
    value: int


def resource_utilization(
    pods: Sequence[PodSample], current: int, target: int, constants: Constants, *, cpu: bool = True
) -> Proposal:
    """Utilization of a resource as a share of what the pods request.

    Args:
        pods: All pods of the workload.
        current: Replicas now.
        target: ``averageUtilization``, percent.
        constants: Settings of the controller.
        cpu: Whether the resource is CPU, whose samples at the start of a pod are left out.

    Raises:
        NoMetricsError: No pod that counts has a sample.
    """

    def utilization(counted: Sequence[tuple[int, int]]) -> tuple[float, int]:
        used, requested = (sum(column) for column in zip(*counted, strict=True))
        if requested == 0:
            raise NoMetricsError("the pods request nothing of the resource")
        percent = used * 100 // requested
        return percent / target, percent

    fallback = max(100, target)
    return _filled(
        pods, current, constants, utilization, lambda pod: pod.request * fallback // 100, waits_for_ready=cpu
    )


def pods_average(
    pods: Sequence[PodSample], current: int, target: int, constants: Constants, *, cpu: bool = False
) -> Proposal:
    """Mean of a metric over the pods (type Pods, or a resource's ``AverageValue``), in whole thousandths.

    Raises:
        NoMetricsError: No pod that counts has a sample.
    """

    def average(counted: Sequence[tuple[int, int]]) -> tuple[float, int]:
        mean = sum(value for value, _ in counted) // len(counted)
        return mean / target, mean

    return _filled(pods, current, constants, average, lambda _: target, waits_for_ready=cpu)


def total_value(pods: Sequence[PodSample], current: int, total: int, target: int, constants: Constants) -> Proposal:
    """A metric of the whole (Object, External) against a ``Value``, in whole thousandths."""
    ratio = total / target
    if current == 0:
        return Proposal(replicas=math.ceil(ratio), value=total)
    if constants.tolerance.holds(ratio):
        return Proposal(replicas=current, value=total)
    ready = sum(pod.phase == "Running" and pod.ready for pod in pods)
    return Proposal(replicas=math.ceil(ratio * ready), value=total)


def total_average_value(current: int, total: int, target: int, constants: Constants) -> Proposal:
    """A metric of the whole (Object, External) against an ``AverageValue`` per pod, in whole thousandths."""
    value = math.ceil(total / current) if current else total
    if current and constants.tolerance.holds(total / (target * current)):
        return Proposal(replicas=current, value=value)
    return Proposal(replicas=math.ceil(total / target), value=value)


_Ratio = Callable[[Sequence[tuple[int, int]]], tuple[float, int]]


def _filled(
    pods: Sequence[PodSample],
    current: int,
    constants: Constants,
    ratio_of: _Ratio,
    fallback: Callable[[PodSample], int],
    *,
    waits_for_ready: bool,
) -> Proposal:
    """Ratio over the pods that count, then again with the missing and unready ones filled in against the direction."""
    counted, unready, missing = _groups(pods, constants, waits_for_ready=waits_for_ready)
    if not counted:
        raise NoMetricsError("no metrics received: its pods have no samples, or are not ready")
    samples = [(pod.value or 0, pod.request) for pod in counted]
    ratio, value = ratio_of(samples)
    up_with_unready = bool(unready) and ratio > 1.0
    if not up_with_unready and not missing:
        keep = constants.tolerance.holds(ratio)
        return Proposal(replicas=current if keep else math.ceil(ratio * len(counted)), value=value)
    if ratio < 1.0:
        samples += [(fallback(pod), pod.request) for pod in missing]
    elif ratio > 1.0:
        samples += [(0, pod.request) for pod in missing]
    if up_with_unready:
        samples += [(0, pod.request) for pod in unready]
    filled, _ = ratio_of(samples)
    replicas = math.ceil(filled * len(samples))
    turned = (ratio < 1.0 < filled) or (ratio > 1.0 > filled)
    against = (filled < 1.0 and replicas > current) or (filled > 1.0 and replicas < current)
    if constants.tolerance.holds(filled) or turned or against:
        return Proposal(replicas=current, value=value)
    return Proposal(replicas=replicas, value=value)


def _groups(
    pods: Sequence[PodSample], constants: Constants, *, waits_for_ready: bool
) -> tuple[list[PodSample], list[PodSample], list[PodSample]]:
    """Pods whose samples count, those not ready, and those without a sample; the deleted and failed are in none."""
    counted: list[PodSample] = []
    unready: list[PodSample] = []
    missing: list[PodSample] = []
    for pod in pods:
        if pod.deleting or pod.phase == "Failed":
            continue
        if pod.phase == "Pending":
            unready.append(pod)
        elif pod.value is None:
            missing.append(pod)
        elif waits_for_ready and _unready(pod, constants):
            unready.append(pod)
        else:
            counted.append(pod)
    return counted, unready, missing


def _unready(pod: PodSample, constants: Constants) -> bool:
    if pod.started_ago_s < constants.cpu_initialization_s:
        return not pod.ready or pod.sampled_ago_s > pod.ready_changed_ago_s - constants.window_s
    # Not ready and never so: its condition last changed before the delay after its start was over.
    return not pod.ready and pod.started_ago_s - pod.ready_changed_ago_s < constants.readiness_delay_s
