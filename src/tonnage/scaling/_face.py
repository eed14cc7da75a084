"""What every scaling mechanism declares, and what it is shown each minute.

A mechanism is one module with the names of ``Mechanism``. It keeps no state of its own: ``decide(settings, memory,
observation)`` returns the next memory and what it wants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tonnage.scaling.group_metric import Record, Watch
from tonnage.workload import ScalingPolicy


class Unsupported(Exception):  # noqa: N818 - not an error: AWS would run the policy, Tonnage cannot
    """A policy that AWS would run and this control plane cannot; the message says why, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What AWS would see of the group at a minute, for one policy.

    Attributes:
        time_s: Now.
        datapoints: The policy's metric at its period and statistic as published by now, newest last; None is missing.
        newest: The newest published period that has data; None if none has.
        heaviest: The heaviest of the periods that a scale-in looks back over; ``newest`` where that is one.
        desired: Desired capacity.
        warming: Instances of the desired capacity that are not yet warm for this policy: pending or warming up.
        terminating: Instances on their way out, no longer part of the desired capacity.
        cooldown_ends_s: When simple scaling may act again.
    """

    time_s: float
    datapoints: tuple[float | None, ...]
    newest: Record | None
    desired: int
    heaviest: Record | None = None
    warming: int = 0
    terminating: int = 0
    cooldown_ends_s: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a policy wants.

    Attributes:
        capacity: Desired capacity; None if the policy has nothing to say this minute.
        reason: What it saw, with numbers; empty unless ``capacity`` differs from the present one.
    """

    capacity: int | None
    reason: str = ""


NOTHING = Decision(capacity=None)


class Mechanism(Protocol):
    """The face of a mechanism. Every name is a module-level name; settings and memory are the module's own types."""

    START: Any
    """Memory of a policy that has seen nothing yet."""
    JOINT_SCALE_IN: bool
    """Whether the group scales in on such policies only if all of them want to (target tracking)."""

    # Methods and not attributes: as attributes they would be settable, and no module function could stand for them.
    def read(self, policy: ScalingPolicy, /) -> Any:  # noqa: ANN401 - each mechanism has its own type
        """Settings of a policy.

        Raises:
            WorkloadError: A value that AWS would refuse.
            Unsupported: AWS would run it, Tonnage cannot.
        """
        ...

    def watch(self, settings: Any, /) -> Watch:  # noqa: ANN401
        """The metric the policy watches."""
        ...

    def warm_up_s(self, settings: Any, default_warmup_s: float | None, default_cooldown_s: float, /) -> float:  # noqa: ANN401
        """How long a new instance warms up for this policy, given the group's default warm-up and cooldown."""
        ...

    def cooldown_s(self, settings: Any, default_cooldown_s: float, /) -> float | None:  # noqa: ANN401
        """How long simple scaling waits after the policy acted, given the group's default; None if it does not."""
        ...

    def scales_in(self, settings: Any, /) -> bool:  # noqa: ANN401
        """Whether the policy can reduce capacity."""
        ...

    def decide(self, settings: Any, memory: Any, observation: Observation, /) -> tuple[Any, Decision]:  # noqa: ANN401
        """One minute: next memory and decision."""
        ...

    def levers(self, policy: ScalingPolicy, /) -> Mapping[str, tuple[float, ...]]:
        """Values worth trying for each setting, the present one among them, in ascending order.

        Raises:
            WorkloadError: A value that AWS would refuse.
            Unsupported: AWS would run it, Tonnage cannot.
        """
        ...

    def describe(self, settings: Any, /) -> str:  # noqa: ANN401
        """One line for a report."""
        ...
