"""``behavior`` of a HorizontalPodAutoscaler: stabilization windows and how fast the replicas may change.

Sources: Kubernetes documentation, "Horizontal Pod Autoscaling", configurable scaling behavior; kubernetes/kubernetes,
``pkg/controller/podautoscaler/horizontal.go``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Select = Literal["Max", "Min", "Disabled"]
PolicyType = Literal["Pods", "Percent"]

DOWN_WINDOW_S = 300.0
"""``--horizontal-pod-autoscaler-downscale-stabilization`` (kube-controller-manager reference)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePolicy:
    """One limit on the change within a period.

    Attributes:
        type: ``Pods`` or ``Percent``.
        value: How many, or how many percent.
        period_s: The period, 1 to 1,800 s.
    """

    type: PolicyType
    value: int
    period_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One direction of ``behavior``.

    Attributes:
        window_s: ``stabilizationWindowSeconds``, 0 to 3,600 s.
        select: ``selectPolicy``: Max the largest change, Min the smallest, Disabled none.
        policies: Limits on the change.
    """

    window_s: float
    select: Select
    policies: tuple[RatePolicy, ...]


DEFAULT_UP = Rules(
    window_s=0.0,
    select="Max",
    policies=(
        RatePolicy(type="Pods", value=4, period_s=15.0),
        RatePolicy(type="Percent", value=100, period_s=15.0),
    ),
)
DEFAULT_DOWN = Rules(
    window_s=DOWN_WINDOW_S, select="Max", policies=(RatePolicy(type="Percent", value=100, period_s=15.0),)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something at a time: a recommendation of so many replicas, or a change by so many, counted positive.

    Attributes:
        time_s: When.
        replicas: How many.
    """

    time_s: float
    replicas: int


def stabilized(
    current: int, desired: int, past: Sequence[Event], time_s: float, *, up_window_s: float, down_window_s: float
) -> int:
    """The recommendation after both windows: no higher than the lowest of one, no lower than the highest of the other.

    Args:
        current: Replicas now.
        desired: The new recommendation.
        past: Recommendations before it; those as old as a window no longer count.
        time_s: Now.
        up_window_s: Window of scaling up.
        down_window_s: Window of scaling down.
    """
    lowest = min((e.replicas for e in past if e.time_s > time_s - up_window_s), default=desired)
    highest = max((e.replicas for e in past if e.time_s > time_s - down_window_s), default=desired)
    up, down = min(desired, lowest), max(desired, highest)
    return min(max(current, up), down)


def limited(
    current: int,
    desired: int,
    time_s: float,
    *,
    up: Rules,
    down: Rules,
    added: Sequence[Event],
    removed: Sequence[Event],
    minimum: int,
    maximum: int,
) -> int:
    """Replicas that the rate limits and the bounds leave of what is desired.

    Args:
        current: Replicas now.
        desired: Replicas wanted.
        time_s: Now.
        up: Rules for scaling up.
        down: Rules for scaling down.
        added: Changes upward so far.
        removed: Changes downward so far.
        minimum: ``minReplicas``.
        maximum: ``maxReplicas``.
    """
    if desired > current:
        return min(desired, maximum, max(current, _up_limit(current, time_s, up, added, removed)))
    if desired < current:
        return max(desired, minimum, min(current, _down_limit(current, time_s, down, added, removed)))
    return desired


def legacy_up_limit(current: int) -> int:
    """Most replicas after one pass where the autoscaler has no ``behavior``: twice as many, at least four."""
    return max(2 * current, 4)


def _up_limit(current: int, time_s: float, rules: Rules, added: Sequence[Event], removed: Sequence[Event]) -> int:
    if rules.select == "Disabled" or not rules.policies:
        return current
    proposed = []
    for policy in rules.policies:
        start = _at_start(current, time_s - policy.period_s, added, removed)
        if policy.type == "Pods":
            proposed.append(start + policy.value)
        else:
            proposed.append(math.ceil(start * (1 + policy.value / 100)))
    return max(proposed) if rules.select == "Max" else min(proposed)


def _down_limit(current: int, time_s: float, rules: Rules, added: Sequence[Event], removed: Sequence[Event]) -> int:
    if rules.select == "Disabled" or not rules.policies:
        return current
    proposed = []
    for policy in rules.policies:
        start = _at_start(current, time_s - policy.period_s, added, removed)
        if policy.type == "Pods":
            proposed.append(start - policy.value)
        else:
            proposed.append(int(start * (1 - policy.value / 100)))
    # The largest change downward is the lowest count.
    return min(proposed) if rules.select == "Max" else max(proposed)


def _at_start(current: int, begin_s: float, added: Sequence[Event], removed: Sequence[Event]) -> int:
    """Replicas at the beginning of a period, by the changes made since."""
    gained, lost = (sum(e.replicas for e in events if e.time_s > begin_s) for events in (added, removed))
    return current - gained + lost
