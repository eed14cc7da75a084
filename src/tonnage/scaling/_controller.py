"""What every controller declares: the module behind one kind of control that is neither a group nor its credits.

A controller keeps no state of its own: ``tick(rule, memory, moment, readings)`` returns the next memory and what is to
be told. A new kind of control is one such module, its declaration in ``services/_face.py``, and a line in
``control.CONTROLLERS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tonnage.scaling.readings import Activity, Happening, Readings, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a control is ticked.

    Attributes:
        time_s: Now, in simulation time.
        unix_s: Now, as Unix time.
        passed_s: Since the last tick.
        full_minute: Whether a minute is full.
    """

    time_s: float
    unix_s: float
    passed_s: float
    full_minute: bool

    def is_due(self, unix_s: float) -> bool:
        """Whether a time has come, whatever is lost in changing clocks."""
        return self.unix_s >= unix_s - 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What a controller must be shown, by name.

    Attributes:
        buckets: Buckets whose tokens it reads.
        queues: Queues.
        environments: Environments.
    """

    buckets: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a tick has to tell.

    Attributes:
        activities: Changes of capacity, each with the primitive it changes.
        happenings: What ran out or came back.
    """

    activities: tuple[tuple[str, Activity], ...] = ()
    happenings: tuple[Happening, ...] = ()


NOTHING_TOLD = Told()


class Controller(Protocol):
    """The face of a controller. Rule and memory are the module's own types."""

    def begin(self, rule: Any, unix_s: float, /) -> Any:  # noqa: ANN401
        """Memory at the start, after a long time of nothing special.

        Raises:
            WorkloadError: A value that AWS would refuse.
        """
        ...

    def reads(self, rule: Any, /) -> Reads:  # noqa: ANN401
        """What it must be shown."""
        ...

    def next_unix_s(self, rule: Any, memory: Any, /) -> float:  # noqa: ANN401
        """When it changes something by the clock next; infinity if it acts at ticks only."""
        ...

    def tick(self, rule: Any, memory: Any, moment: Moment, readings: Readings, /) -> tuple[Any, Told]:  # noqa: ANN401
        """Account for the time since the last tick, and decide."""
        ...

    def settings(self, rule: Any, memory: Any, /) -> tuple[Setting, ...]:  # noqa: ANN401
        """What the data plane is set to now."""
        ...

    def levels(self, rule: Any, memory: Any, /) -> Mapping[str, float]:  # noqa: ANN401
        """What a report shows over time, as ``primitive:metric``."""
        ...

    def provisioned(self, rule: Any, memory: Any, /) -> Mapping[str, float]:  # noqa: ANN401
        """What is billed by how much of it is there, by primitive."""
        ...
