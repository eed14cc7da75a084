"""Minimum and maximum of a scalable target in time: its own, then what each scheduled action sets.

Capacity outside them is moved into the range at once, whatever cooldown there is. Source: Application Auto Scaling user
guide, "Scheduled scaling".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tonnage.scaling._face import Unsupported
from tonnage.scaling.mechanism import read
from tonnage.scaling.scheduled_action import ScheduledAction, bounds_after, last_unix_s
from tonnage.scaling.scheduled_action import next_unix_s as next_run_unix_s
from tonnage.workload import ScalingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds at a moment.

    Attributes:
        minimum: Least capacity now.
        maximum: Most capacity now.
        actions: The scheduled actions.
        due_unix_s: When each of them runs next, Unix time.
    """

    minimum: int
    maximum: int
    actions: tuple[ScheduledAction, ...]
    due_unix_s: tuple[float, ...]

    @property
    def next_unix_s(self) -> float:
        """When they change next; infinity if never."""
        return min(self.due_unix_s, default=float("inf"))

    def within(self, capacity: float) -> float:
        """A capacity moved into the range."""
        return min(max(capacity, self.minimum), self.maximum)


def begin(policies: Iterable[ScalingPolicy], minimum: int, maximum: int, unix_s: float) -> Bounds:
    """Bounds at a time, with what scheduled actions of the week before have left. Suspended actions do not run.

    Raises:
        WorkloadError: A value that AWS would refuse.
    """
    actions: list[ScheduledAction] = []
    for policy in policies:
        try:
            actions.append(read(policy))
        except Unsupported:
            continue
    ran = [(at, k) for k, action in enumerate(actions) if (at := last_unix_s(action, unix_s)) is not None]
    for _, k in sorted(ran):
        minimum, maximum = bounds_after(actions[k], minimum, maximum)
    due = tuple(next_run_unix_s(action, unix_s) for action in actions)
    return Bounds(minimum=minimum, maximum=maximum, actions=tuple(actions), due_unix_s=due)


def advance(bounds: Bounds, unix_s: float) -> tuple[Bounds, ScheduledAction | None]:
    """Run what is due by a time; the action that ran last, or None."""
    ran: ScheduledAction | None = None
    for _, k in sorted((at, k) for k, at in enumerate(bounds.due_unix_s) if at <= unix_s + 1e-3):
        ran = bounds.actions[k]
        minimum, maximum = bounds_after(ran, bounds.minimum, bounds.maximum)
        due = list(bounds.due_unix_s)
        due[k] = next_run_unix_s(ran, unix_s + 1e-3)
        bounds = replace(bounds, minimum=minimum, maximum=maximum, due_unix_s=tuple(due))
    return bounds, ran
