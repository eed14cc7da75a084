"""A small structural check of a value against a JSON Schema: as much of it as msgspec writes."""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_KNOWN = {
    "$ref", "$defs", "$schema", "additionalProperties", "anyOf", "description", "enum", "items", "properties",
    "required", "title", "type",
}  # fmt: skip


def violations(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], where: str = "$") -> Iterator[str]:
    """Where a value differs from its schema."""
    unknown = set(schema) - _KNOWN
    assert not unknown, f"the check does not know {unknown}"
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
        return
    if "anyOf" in schema:
        if all(any(True for _ in violations(value, option, root, where)) for option in schema["anyOf"]):
            yield f"{where}: {value!r} is none of the allowed"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not one of {schema['enum']}"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(_is(value, name) for name in names):
        yield f"{where}: {value!r} is not {names}"
        return
    if isinstance(value, dict):
        yield from _object(value, schema, root, where)
    if isinstance(value, list):
        for k, item in enumerate(value):
            yield from violations(item, schema.get("items", {}), root, f"{where}[{k}]")


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and not (isinstance(value, bool) and name in {"integer", "number"})


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}: {name} is missing"
    for name, item in value.items():
        more = schema.get("additionalProperties", True)
        if name in properties:
            yield from violations(item, properties[name], root, f"{where}.{name}")
        elif isinstance(more, Mapping):
            yield from violations(item, more, root, f"{where}.{name}")
        elif properties:
            yield f"{where}: {name} is not described"
