"""How a Terraform resource type is spelled as CloudFormation's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tonnage.workload import Value

Made: TypeAlias = Mapping[str, Value]
Rule: TypeAlias = "str | tuple[str, Spec] | list[tuple[str, Spec]] | Callable[[Value], Made] | None"
Spec: TypeAlias = "Mapping[str, Rule]"
"""Attribute names to what becomes of them; one that is not named is spelled in Pascal case.

A string is the property's name, dots for what it stands in. None leaves it out. A tuple is the name of a property and
the spec of the one block that it is; a list with such a tuple is for blocks that become a list. A function makes
properties out of the value.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One resource type.

    Attributes:
        kind: CloudFormation resource type.
        spec: Its attributes.
        defaults: Properties that Terraform's provider sets where nothing is written.
        into: For what CloudFormation writes inside another resource: the attribute that names that one, and the
            property that it joins, as an item of a list (``Targets[]``) or itself.
        apart: Blocks that are resources of their own in CloudFormation: the kind, the property that refers to the one
            they stand in, and how they are spelled.
        demanded: Blocks that the provider demands and CloudFormation has a default for, as they are written.
        kind_by: An attribute, one of its values, and the kind for that value.
    """

    kind: str
    spec: Spec = field(default_factory=dict)
    defaults: Made = field(default_factory=dict)
    into: tuple[str, str] | None = None
    apart: Mapping[str, tuple[str, str, Spec]] = field(default_factory=dict)
    demanded: tuple[str, ...] = ()
    kind_by: tuple[str, str, str] | None = None


def tags(value: Value) -> Made:
    """``tags`` as CloudFormation has them."""
    return {"Tags": tuple({"Key": k, "Value": v} for k, v in value.items())} if isinstance(value, Mapping) else {}


def flag(name: str, key: str) -> Callable[[Value], Made]:
    """An attribute that is one of a list of ``{Key, Value}`` items."""
    return lambda value: {name: ({"Key": key, "Value": str(value).lower() if isinstance(value, bool) else value},)}


def switched(name: str, on: Value, off: Value = None) -> Callable[[Value], Made]:
    """A true or false that is one of two values; nothing for the second where it is None."""

    def made(value: Value) -> Made:
        chosen = on if value in (True, "true") else off
        return {} if chosen is None else {name: chosen}

    return made


def listed(name: str) -> Callable[[Value], Made]:
    """One value that is a list of one."""
    return lambda value: {name: value if isinstance(value, tuple) else (value,)}
