"""What a module that changes one kind of resource gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tonnage.workload import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the AWS API.

    Attributes:
        service: boto3's name of the client.
        operation: Its method.
        arguments: What it is given, as JSON can hold it.
    """

    service: str
    operation: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change with its undoing.

    Attributes:
        resource: Logical id.
        says: What changes, for a person: ``MaxSize 8 → 12``.
        call: What is asked of AWS.
        undo: What brings the old state back.
    """

    resource: str
    says: str
    call: Call
    undo: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A resource as it shall be, beside what it is.

    Attributes:
        resource: Logical id.
        physical_id: What AWS calls it; empty for one that is new.
        now: Its properties in the account; None for one that is new.
        wanted: Its properties in the file, references resolved to what AWS calls them.
        changed: Names of the properties that differ, those of ``PROPERTIES`` only.
    """

    resource: str
    physical_id: str
    now: Mapping[str, Value] | None
    wanted: Mapping[str, Value]
    changed: tuple[str, ...]

    def says(self, *names: str) -> str:
        """``MinSize 2 → 4, MaxSize 8 → 12`` for the properties that differ."""
        return ", ".join(
            f"{name} {shown((self.now or {}).get(name))} → {shown(self.wanted.get(name))}"
            for name in (names or self.changed)
            if name in self.changed
        )


class Action(Protocol):
    """The face of a module in ``actions``."""

    KIND: str
    """CloudFormation resource type."""
    PROPERTIES: tuple[str, ...]
    """What it can change; a difference anywhere else is told and left."""
    CREATES: bool
    """Whether it can make one that is new."""
    CALLS: tuple[str, ...]
    """What it asks, as IAM's actions."""

    def steps(self, wanted: Wanted) -> Iterator[Step]:
        """The calls that lead from what is to what is wanted."""


def shown(value: Value) -> str:
    """A value for a person."""
    if value is None:
        return "unset"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(each) for each in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def jsonable(value: Value) -> Any:  # noqa: ANN401
    """A value as boto3 takes it: numbers that a template wrote as text are numbers."""
    if isinstance(value, Mapping):
        return {key: jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [jsonable(each) for each in value]
    return value


def number(value: Value) -> int:
    """A whole number, which templates may write as text."""
    return int(float(str(value)))
