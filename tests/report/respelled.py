"""A value with every occurrence of a word in it spelled otherwise: names from a file that means harm."""

import dataclasses
from collections.abc import Mapping
from typing import Any


def respelled(value: Any, old: str, new: str) -> Any:
    """Strings, containers and dataclasses, to any depth; everything else as it is."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, tuple):
        return tuple(respelled(item, old, new) for item in value)
    if isinstance(value, Mapping):
        return {respelled(key, old, new): respelled(item, old, new) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        fields = {field.name: respelled(getattr(value, field.name), old, new) for field in dataclasses.fields(value)}
        return type(value)(**fields)
    return value
