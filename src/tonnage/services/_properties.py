"""Properties of resources as the flat settings of a component, each with the place where it is written."""

from collections.abc import Iterator, Mapping
from typing import cast

from tonnage.services._face import Room
from tonnage.workload import (
    Component,
    Origin,
    Path,
    Reference,
    Resource,
    Stack,
    TemplateError,
    Text,
    Unknown,
    Value,
    references,
)


class Gathered:
    """Settings and their origins, as they are found.

    What is not known from the files is left out, so that the room's default applies; ``unknown`` says why.
    """

    __slots__ = ("origins", "settings", "unknown")

    def __init__(self) -> None:
        self.settings: dict[str, Value] = {}
        self.origins: dict[str, Origin] = {}
        self.unknown: dict[str, str] = {}

    def number(self, name: str, resource: Resource, *path: str | int) -> float | None:
        """Take a number, written as one or as a string; None where it is absent or not known.

        Args:
            name: The setting.
            resource: Resource that carries it.
            path: Path below its properties; empty means ``(name,)``.

        Raises:
            TemplateError: It is something else.
        """
        path = path or (name,)
        value = self._found(name, resource, path)
        if value is None:
            return None
        number = number_in(value)
        if number is None:
            raise TemplateError(
                f"{resource.name}: {name} is {value!r}",
                place=resource.place_of(*path),
                remedy=f"Give {name} a number.",
            )
        self.settings[name] = number
        return number

    def text(self, name: str, resource: Resource, *path: str | int) -> str | None:
        """Take a name; None where it is absent or not known."""
        value = self._found(name, resource, path or (name,))
        if value is None:
            return None
        self.settings[name] = str(value)
        return str(value)

    def switch(self, name: str, resource: Resource, *path: str | int) -> bool | None:
        """Take a true or false, also as a string; None where it is absent or not known.

        Raises:
            TemplateError: It is something else.
        """
        path = path or (name,)
        value = self._found(name, resource, path)
        if value is None:
            return None
        if str(value).lower() not in {"true", "false"}:
            raise TemplateError(
                f"{resource.name}: {name} is {value!r}",
                place=resource.place_of(*path),
                remedy=f"Give {name} true or false.",
            )
        self.settings[name] = str(value).lower() == "true"
        return str(value).lower() == "true"

    def _found(self, name: str, resource: Resource, path: Path) -> Value:
        self.origins[name] = Origin(resource=resource.name, path=path, place=resource.places.get(path))
        value = resource.get(*path)
        if isinstance(value, Unknown):
            self.unknown[name] = value.reason
            return None
        if isinstance(value, Reference):
            self.unknown[name] = f"{value.resource} is known only after deployment"
            return None
        if isinstance(value, Text):
            parts = [part.reason for part in value.parts if isinstance(part, Unknown)]
            self.unknown[name] = parts[0] if parts else "it is put together at deployment"
            return None
        if isinstance(value, Mapping | tuple):
            raise TemplateError(
                f"{resource.name}: {name} is not a plain value",
                place=resource.place_of(*path),
                remedy=f"Give {name} one value.",
            )
        return value


def number_in(value: Value) -> float | None:
    """A number, also one written as a string; whole ones as int; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return int(number) if number == int(number) else number


def attribute_path(resource: Resource, attributes: str, key: str) -> Path | None:
    """Path of the value of one attribute in a list of ``{Key, Value}`` items; None where it is not there."""
    items = resource.get(attributes)
    if isinstance(items, tuple):
        for index, item in enumerate(items):
            if isinstance(item, Mapping) and item.get("Key") == key:
                return (attributes, index, "Value")
    return None


def referred(value: Value, stack: Stack, *kinds: str) -> Iterator[Resource]:
    """Resources of some kinds that a value refers to, in order, each once."""
    seen: set[str] = set()
    for reference in references(value):
        resource = stack.resources.get(reference.resource)
        if resource is not None and resource.kind in kinds and resource.name not in seen:
            seen.add(resource.name)
            yield resource


def named(value: Value, stack: Stack, kind: str, property_name: str) -> Resource | None:
    """The resource that a value stands for: by reference, or by a literal name that the resource gives itself."""
    found = next(referred(value, stack, kind), None)
    if found is None and isinstance(value, str):
        found = next((each for each in stack.of_kind(kind) if each.get(property_name) == value), None)
    return found


def setting(room: Room, component: Component, name: str) -> Value:
    """A component's own value of a setting, else the room's default."""
    value = component.settings.get(name)
    if value is not None:
        return value
    return next(item.default for item in room.SETTINGS if item.name == name)


def number_of(room: Room, component: Component, name: str) -> float:
    """A setting that is a number, or the room's default.

    Raises:
        TemplateError: It is none.
    """
    value = number_in(setting(room, component, name))
    if value is None:
        origin = component.origins.get(name)
        raise TemplateError(
            f"{component.name}: {name} is not known",
            place=(origin.place if origin else None) or component.place,
            remedy=f"Give {name} a number.",
        )
    return value


def room_of(module: object) -> Room:
    """The module as the face it has."""
    return cast("Room", module)
