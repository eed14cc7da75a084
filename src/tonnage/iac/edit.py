"""Edits: what shall be different in a template, and the splices of its text that make it so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tonnage.iac.intrinsic import plain_text
from tonnage.iac.splice import Splice
from tonnage.workload import Path as PropertyPath
from tonnage.workload import Reference, Resource, Stack, Text, Unknown, Value

BY_HAND = "Edit the template by hand."


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProperty:
    """A property of a resource gets a value.

    Attributes:
        resource: Logical id.
        path: Path below its ``Properties``.
        value: Value wanted; None removes the property.
    """

    resource: str
    path: PropertyPath
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResource:
    """A resource joins the template, behind the last one.

    Attributes:
        name: Logical id.
        body: ``{"Type": …, "Properties": …}``; a :class:`Reference` stands for ``Ref`` or ``Fn::GetAtt``.
        beside: Name of a resource whose template it joins, where it refers to none; empty for the first template.
    """

    name: str
    body: Mapping[str, Value]
    beside: str = ""


Edit: TypeAlias = SetProperty | AddResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an edit asks of the text.

    Attributes:
        splices: Non-overlapping edits of the text; none where the value is set outside the template.
        shared: The parameter or mapping entry edited in the property's stead, in words; empty for the property itself.
        notes: What a reader of the patch must know.
        outside: Whether the value wanted can only be set where the template is deployed.
        above: The parameter to set there, as a path; empty where it is none.
    """

    splices: tuple[Splice, ...] = ()
    shared: str = ""
    notes: tuple[str, ...] = ()
    outside: bool = False
    above: tuple[str, ...] = ()


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same to CloudFormation, which takes ``"30"`` for 30 and ``"true"`` for true."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if left is None or right is None or isinstance(left, Reference | Text | Unknown | tuple | Mapping):
        return left == right
    return plain_text(left) == plain_text(right)


def title(edit: SetProperty) -> str:
    """Resource and property, for a person."""
    return f"{edit.resource} {'.'.join(str(step) for step in edit.path)}"


def shown(value: Value) -> str:
    """A value, for a person."""
    if isinstance(value, Reference):
        return f"!Ref {value.resource}" if value.attribute is None else f"!GetAtt {value.resource}.{value.attribute}"
    text = plain_text(value)
    return text if text is not None else str(value)


def differences(before: Stack, after: Stack) -> list[tuple[str | int, ...]]:
    """Resource and path of every value that is not the same in both."""
    found: list[tuple[str | int, ...]] = []
    old, new = before.resources, after.resources
    for name in {**old, **new}:
        if name not in old or name not in new:
            found.append((name,))
        elif old[name].kind != new[name].kind or not same(old[name].attributes, new[name].attributes):
            found.append((name, "attributes"))
        if name in old and name in new:
            found += _differing(old[name], new[name])
    return found


def _differing(old: Resource, new: Resource) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = []

    def walk(left: Value, right: Value, path: tuple[str | int, ...]) -> None:
        if same(left, right):
            return
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            for name in {**left, **right}:
                walk(left.get(name), right.get(name), (*path, name))
        elif isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
            for index, (a, b) in enumerate(zip(left, right, strict=True)):
                walk(a, b, (*path, index))
        else:
            found.append(path)

    walk(old.properties, new.properties, (old.name,))
    return found


def is_below(path: tuple[str | int, ...], top: tuple[str | int, ...]) -> bool:
    """Whether a difference is the edit itself: at its path, below it, or a parent that had to be made for it."""
    shorter = min(len(path), len(top))
    return len(path) > 1 and path[:shorter] == top[:shorter]


def titles_of(paths: list[tuple[str | int, ...]]) -> str:
    """Resources and properties of some differences, for a person."""
    names = [f"{path[0]} {'.'.join(str(step) for step in path[1:])}".strip() for path in paths]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
