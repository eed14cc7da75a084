"""What a check declares. A check is one module in this folder, named after what it finds, with one ``CHECK`` in it.

A check looks at resources as written, and where it must at what the simulation saw. It never refuses: what contradicts
a rule is a hit; what cannot be known from the files is no answer, which counts neither as met nor as missed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tonnage.advise.pressure import Pressure
from tonnage.catalog import Catalog
from tonnage.engine.outcome import ComponentOutcome
from tonnage.workload import Change, Component, Reference, Resource, Stack, Text, Unknown, Value, Workload

Severity = Literal["impossible", "high", "medium", "low"]
"""``impossible``: AWS refuses it. Else how much it may cost, before the simulation has said what it does."""
SEVERITIES: tuple[Severity, ...] = ("impossible", "high", "medium", "low")


class NotKnownError(Exception):
    """The files do not say what the check needs.

    Attributes:
        reason: Why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the simulation of the larger judged load saw at one component.

    Attributes:
        outcome: Its figures.
        pressures: What was full there or came close, worst first.
    """

    outcome: ComponentOutcome
    pressures: tuple[Pressure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a check looks at.

    Attributes:
        workload: Components, routes, traffic, objectives.
        stack: Every resource as written.
        catalog: Facts, types and prices of the Region.
        seen: By component, what the simulation saw; empty where nothing was simulated.
        parameters: Parameters of this check: its own, overridden by the user's.
    """

    workload: Workload
    stack: Stack
    catalog: Catalog
    seen: Mapping[str, Seen] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)

    def component(self, resource: Resource) -> Component | None:
        """The component that a resource was read into as its main resource."""
        return self.workload.components.get(resource.name)

    def named(self, value: Value) -> Resource | None:
        """The resource that a value refers to, or whose identifier it spells out."""
        if isinstance(value, Reference):
            return self.stack.resources.get(value.resource)
        if isinstance(value, Text):
            found = [self.named(part) for part in value.parts if isinstance(part, Reference)]
            return found[0] if found else None
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A resource that a check found wanting.

    Attributes:
        what: What is wrong there, with its figures, in one sentence without a full stop.
        path: Path of the property below the resource's properties; empty for the resource as a whole.
        remedy: What to do there, where it differs from the check's own.
        change: What would put it right, where a knob of the component can write it.
    """

    what: str
    path: tuple[str | int, ...] = ()
    remedy: str = ""
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule.

    Attributes:
        id: Name of its module with dashes: what suppressions and reports call it.
        title: What it asks, in a few words.
        why: What goes wrong otherwise, in one or two sentences.
        remedy: What to do.
        source: The page or tool that states the rule, and its threshold.
        best_practice: Best practice of the Well-Architected Performance Efficiency pillar ("PERF02-BP05").
        severity: How bad a hit is.
        kinds: Resource types that it looks at, one by one; empty if it looks at the workload as a whole.
        look: Hits of one resource. May raise NotKnownError.
        survey: Hits of the workload as a whole, each with the resource or None. May raise NotKnownError.
        parameters: Thresholds that the user may override, with their defaults.
        safe: Whether its remedy can be applied without an interruption and without a test of the software.
    """

    id: str
    title: str
    why: str
    remedy: str
    source: str
    best_practice: str
    severity: Severity
    kinds: tuple[str, ...] = ()
    look: "Callable[[Resource, View], Iterator[Hit]] | None" = None
    survey: "Callable[[View], Iterator[tuple[Resource | None, Hit]]] | None" = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    safe: bool = False


def number(resource: Resource, *path: str | int) -> float | None:
    """A number, also one written as a string; None where it is absent.

    Raises:
        NotKnownError: It is not known from the files, or no number.
    """
    value = plain(resource, *path)
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        raise NotKnownError(f"{path[-1]} is {value!r}, which is no number") from None


def text(resource: Resource, *path: str | int) -> str | None:
    """A text; None where it is absent.

    Raises:
        NotKnownError: It is not known from the files.
    """
    value = plain(resource, *path)
    return None if value is None else str(value)


def flag(resource: Resource, *path: str | int) -> bool | None:
    """A true or false, also as a string; None where it is absent.

    Raises:
        NotKnownError: It is not known from the files.
    """
    value = plain(resource, *path)
    return None if value is None else str(value).lower() == "true"


def plain(resource: Resource, *path: str | int) -> bool | int | float | str | None:
    """A plain value; None where it is absent.

    Raises:
        NotKnownError: It is not known from the files.
    """
    value = resource.get(*path)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    name = ".".join(str(step) for step in path)
    if isinstance(value, Unknown):
        raise NotKnownError(f"{name}: {value.reason}")
    if isinstance(value, Reference | Text):
        raise NotKnownError(f"{name} is known only after deployment")
    raise NotKnownError(f"{name} is not a plain value")


def items(resource: Resource, *path: str | int) -> tuple[Value, ...]:
    """The items of a list; empty where it is absent, one where it is written without a list.

    Raises:
        NotKnownError: It is not known from the files.
    """
    value = resource.get(*path)
    if value is None:
        return ()
    if isinstance(value, Unknown):
        raise NotKnownError(f"{'.'.join(str(step) for step in path)}: {value.reason}")
    return value if isinstance(value, tuple) else (value,)
