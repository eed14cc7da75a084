"""What a group is at a moment, what it is shown of a minute, and what is told of its changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tonnage.scaling.group_metric import MINUTE_S, Series, Watch
from tonnage.scaling.instances import Instances
from tonnage.scaling.predictive_scaling import Prediction, PredictiveScaling
from tonnage.scaling.roster import Roster
from tonnage.scaling.scheduled_action import ScheduledAction
from tonnage.workload import WorkloadError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What happened in one minute.

    Attributes:
        start_s: Beginning of the minute, a multiple of 60.
        cpu_percent: Mean CPU utilization by slot, of instances in service the whole or part of the minute.
        requests: Requests that the group's targets received.
        queues: By queue that a policy watches, its metrics by CloudWatch's names.
        period_s: Always a minute, the resolution of the metrics.

    Raises:
        WorkloadError: The period is not a minute.
    """

    start_s: float
    cpu_percent: Mapping[int, float]
    requests: float
    period_s: float = MINUTE_S
    queues: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.period_s != MINUTE_S:
            raise WorkloadError(f"A sample covers {self.period_s:g} s", remedy="Sample the group by the minute.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPolicy:
    """A policy as read once at the start.

    Attributes:
        name: Its name.
        mechanism: Its mechanism.
        settings: Settings of that mechanism.
        watch: What it watches.
        series: Which of the memory's series those are: one, or one for each input of metric math.
        warm_up_s: How long an instance warms up for it.
        cooldown_s: How long simple scaling waits after it acted; None for other mechanisms.
        joint_scale_in: Whether it scales in only together with all its like.
    """

    name: str
    mechanism: str
    settings: Any
    watch: Watch
    series: tuple[int, ...]
    warm_up_s: float
    cooldown_s: float | None
    joint_scale_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMemory:
    """Everything a group is at a moment.

    Attributes:
        desired: Desired capacity.
        minimum: Least instances now: scheduled actions change it.
        maximum: Most instances now: scheduled actions change it, predictive scaling may raise it.
        scheduled: The scheduled actions.
        due_s: When each of them runs next.
        predictive: The predictive policy that acts, if there is one.
        prediction: What it remembers.
        predicts_s: When the capacity that it needs may change next.
        epoch_s: Unix time of time 0.
        roster: All instances, and what is under way with them.
        policies: The policies that are run, read once at the start.
        memories: What each of them remembers.
        series: The metrics they watch.
        minute: The newest minute sampled, counted from time zero.
        cooldown_ends_s: When simple scaling may act again.
    """

    desired: int
    minimum: int
    maximum: int
    scheduled: tuple[ScheduledAction, ...]
    due_s: tuple[float, ...]
    predictive: PredictiveScaling | None
    prediction: Prediction | None
    predicts_s: float
    epoch_s: float
    roster: Roster
    policies: tuple[RunningPolicy, ...]
    memories: tuple[Any, ...]
    series: tuple[Series, ...]
    minute: int
    cooldown_ends_s: float = float("-inf")

    @property
    def instances(self) -> Instances:
        """All instances, by slot."""
        return self.roster.instances

    @property
    def warm_up_s(self) -> float:
        """The longest warm-up of its policies."""
        return max((policy.warm_up_s for policy in self.policies), default=0.0)
