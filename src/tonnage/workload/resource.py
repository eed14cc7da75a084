"""Infrastructure as code after reading: resources whose values are known, references, or unknown for a stated reason.

Readers of every format produce these; service rooms and topology rules consume them. Property names are
CloudFormation's, whatever the user's format spells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tonnage.workload.place import Place


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that names another resource of the stack.

    Attributes:
        resource: Logical id of the resource referred to.
        attribute: Attribute asked for (``Arn``, ``Endpoint.Address``); None for the resource's own identifier.
    """

    resource: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known from the files alone.

    Attributes:
        reason: Why, for a person: "parameter DBPassword has no default", "imported value network-VpcId".
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string made of known pieces, references and unknown pieces, in order (``Fn::Sub``, ``Fn::Join``)."""

    parts: tuple["str | Reference | Unknown", ...]


Value: TypeAlias = (
    "bool | int | float | str | Reference | Unknown | Text | tuple[Value, ...] | Mapping[str, Value] | None"
)
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource as written, intrinsic functions resolved.

    Attributes:
        name: Logical id.
        kind: CloudFormation resource type, for example ``AWS::RDS::DBInstance``.
        properties: Property names to values; absent where the template resolves to ``AWS::NoValue``.
        place: Where the resource begins.
        places: Place of each property by its path below ``Properties``, for example ``("MinSize",)``.
        attributes: The other top-level keys that matter (``Metadata``, ``DependsOn``, ``UpdatePolicy`` …), resolved.
    """

    name: str
    kind: str
    properties: Mapping[str, Value]
    place: Place
    places: Mapping[Path, Place] = field(default_factory=dict)
    attributes: Mapping[str, Value] = field(default_factory=dict)

    def get(self, *path: str | int) -> Value:
        """The value at a path below the properties, or None where any step is missing."""
        value: Value = self.properties
        for step in path:
            if isinstance(value, Mapping) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, tuple) and isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return None
        return value

    def place_of(self, *path: str | int) -> Place:
        """Place of a property, or of its nearest parent that has one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """All resources of one architecture.

    Attributes:
        file: The architecture file as the user gave it.
        resources: By logical id, in the order of the file; those whose condition is false are absent.
        region: The Region the stack was resolved for.
        parameters: Parameter values used in resolving, by name.
        notes: What a reader must know about how the file was read ("parameter VpcId has no value …").
    """

    file: str
    resources: Mapping[str, Resource]
    region: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def of_kind(self, *kinds: str) -> Iterator[Resource]:
        """Resources of the given types, in file order."""
        return (resource for resource in self.resources.values() if resource.kind in kinds)


NO_STACK = Stack(file="", resources={}, region="")


def references(value: Value) -> Iterator[Reference]:
    """Every reference anywhere inside a value, in order."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Text):
        yield from (part for part in value.parts if isinstance(part, Reference))
    elif isinstance(value, tuple):
        for item in value:
            yield from references(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)


def known(value: Value) -> bool:
    """Whether a value is a plain scalar that needs no further resolving."""
    return value is None or isinstance(value, bool | int | float | str)
