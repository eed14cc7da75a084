"""Terraform's functions, as far as they need neither files nor the network.

What is not known stays not known: a function of an unknown value gives that value's reason.

Source: Terraform language documentation, "Functions".
"""

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence

from tonnage.iac.intrinsic import assemble, plain_text
from tonnage.workload import Reference, Text, Unknown, Value

Function = Callable[..., Value]


def unknown_in(values: Sequence[Value]) -> Unknown | None:
    """The first unknown among values, or among the items of those that are lists."""
    for value in values:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, tuple) and (found := next((each for each in value if isinstance(each, Unknown)), None)):
            return found
    return None


def _merge(*maps: Value) -> Value:
    merged: dict[str, Value] = {}
    for each in maps:
        merged.update(each if isinstance(each, Mapping) else {})
    return merged


def _flatten(value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    found: list[Value] = []
    for each in value:
        inner = _flatten(each)
        found += inner if isinstance(inner, tuple) else [inner]
    return tuple(found)


def _concat(*lists: Value) -> Value:
    return tuple(item for each in lists for item in (each if isinstance(each, tuple) else (each,)))


def _distinct(value: Value) -> Value:
    found: list[Value] = []
    for each in value if isinstance(value, tuple) else (value,):
        if each not in found:
            found.append(each)
    return tuple(found)


def _toset(value: Value) -> Value:
    items = _distinct(value)
    if isinstance(items, tuple) and all(isinstance(each, str) for each in items):
        return tuple(sorted(str(each) for each in items))
    return items


def _lookup(of: Value, key: Value, otherwise: Value = None) -> Value:
    if isinstance(of, Reference | Unknown):
        return of if otherwise is None else otherwise
    return of.get(str(key), otherwise) if isinstance(of, Mapping) else otherwise


def _element(items: Value, index: Value) -> Value:
    if isinstance(items, tuple) and items and isinstance(index, int):
        return items[index % len(items)]
    return items if isinstance(items, Reference) else Unknown("element of a list that is not known")


def _length(value: Value) -> Value:
    return len(value) if isinstance(value, tuple | Mapping | str) else Unknown("length of what is not known")


def _coalesce(*values: Value) -> Value:
    return next((each for each in values if each is not None and each != ""), None)


def _format(pattern: Value, *arguments: Value) -> Value:
    pieces: list[Value] = []
    left = list(arguments)
    for piece in re.split(r"(%%|%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z])", str(pattern)):
        if piece == "%%":
            pieces.append("%")
        elif re.fullmatch(r"%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]", piece) and left:
            value = left.pop(0)
            plain = isinstance(value, int | float) and piece[-1] in "dfeg"
            pieces.append(piece % value if plain else value)
        else:
            pieces.append(piece)
    return assemble(pieces)


def _join(delimiter: Value, *lists: Value) -> Value:
    items = _concat(*lists)
    return assemble(items if isinstance(items, tuple) else (items,), str(delimiter))


def _split(delimiter: Value, text: Value) -> Value:
    return tuple(text.split(str(delimiter))) if isinstance(text, str) else text


def _number(value: Value) -> Value:
    text = plain_text(value)
    try:
        found = float(text or "")
    except ValueError:
        return Unknown("a number that is not known")
    return int(found) if found == int(found) else found


def _numbers(function: Callable[[list[float]], float]) -> Function:
    def over(*values: Value) -> Value:
        found = [_number(each) for each in (_concat(*values) if values else ())]  # type: ignore[union-attr]
        if not found or any(isinstance(each, Unknown) for each in found):
            return Unknown("numbers that are not known")
        result = function([float(str(each)) for each in found])
        return int(result) if result == int(result) else result

    return over


def _replace(text: Value, old: Value, new: Value) -> Value:
    if not all(isinstance(each, str) for each in (text, old, new)):
        return text
    if len(str(old)) > 1 and str(old).startswith("/") and str(old).endswith("/"):
        return Unknown("replace with a regular expression")
    return str(text).replace(str(old), str(new))


def _json(text: Value) -> Value:
    if not isinstance(text, str):
        return text
    try:
        return as_value(json.loads(text))
    except (ValueError, RecursionError):
        return Unknown("text that is not JSON")


def as_value(parsed: object) -> Value:
    """What a JSON parser gives, as a value."""
    if isinstance(parsed, dict):
        return {str(key): as_value(each) for key, each in parsed.items()}
    if isinstance(parsed, list):
        return tuple(as_value(each) for each in parsed)
    return parsed if isinstance(parsed, bool | int | float | str) else None


def _text(function: Callable[[str], str]) -> Function:
    return lambda value: function(value) if isinstance(value, str) else value


def _range(*bounds: Value) -> Value:
    numbers = [int(each) for each in bounds if isinstance(each, int)]
    if len(numbers) != len(bounds) or not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):
        return Unknown("range of what is not known")
    found = range(*numbers)
    return tuple(found) if len(found) <= 1024 else Unknown("a range of more than 1,024 numbers")


def _zipmap(keys: Value, values: Value) -> Value:
    if not isinstance(keys, tuple) or not isinstance(values, tuple):
        return Unknown("zipmap of what is not known")
    return {str(key): value for key, value in zip(keys, values, strict=False)}


def _contains(items: Value, value: Value) -> Value:
    return value in items if isinstance(items, tuple) else Unknown("contains of what is not known")


def _slice(items: Value, start: Value, end: Value) -> Value:
    whole = isinstance(items, tuple) and isinstance(start, int) and isinstance(end, int)
    return items[start:end] if whole else items  # type: ignore[index]


def _base64(text: Value) -> Value:
    return base64.b64encode(text.encode()).decode() if isinstance(text, str) else text


def _keys(of: Value) -> Value:
    return tuple(sorted(of)) if isinstance(of, Mapping) else Unknown("keys of what is not known")


def _values(of: Value) -> Value:
    return tuple(of[key] for key in sorted(of)) if isinstance(of, Mapping) else Unknown("values of what is not known")


FUNCTIONS: Mapping[str, Function] = {
    "merge": _merge,
    "flatten": _flatten,
    "concat": _concat,
    "distinct": _distinct,
    "compact": lambda items: tuple(e for e in items if e not in ("", None)) if isinstance(items, tuple) else items,
    "toset": _toset,
    "tolist": lambda value: value,
    "tomap": lambda value: value,
    "tostring": lambda value: text if (text := plain_text(value)) is not None and value is not None else value,
    "tonumber": _number,
    "tobool": lambda value: value == "true" if isinstance(value, str) else value,
    "lookup": _lookup,
    "element": _element,
    "length": _length,
    "coalesce": _coalesce,
    "coalescelist": lambda *lists: next((each for each in lists if each), ()),
    "format": _format,
    "join": _join,
    "split": _split,
    "replace": _replace,
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "title": _text(str.title),
    "trimspace": _text(str.strip),
    "trimprefix": lambda text, prefix: str(text).removeprefix(str(prefix)) if isinstance(text, str) else text,
    "trimsuffix": lambda text, suffix: str(text).removesuffix(str(suffix)) if isinstance(text, str) else text,
    "min": _numbers(min),
    "max": _numbers(max),
    "sum": _numbers(math.fsum),
    "ceil": _numbers(lambda numbers: math.ceil(numbers[0])),
    "floor": _numbers(lambda numbers: math.floor(numbers[0])),
    "abs": _numbers(lambda numbers: abs(numbers[0])),
    "keys": _keys,
    "values": _values,
    "zipmap": _zipmap,
    "range": _range,
    "contains": _contains,
    "slice": _slice,
    "reverse": lambda items: tuple(reversed(items)) if isinstance(items, tuple) else items,
    "sort": lambda items: tuple(sorted(map(str, items))) if isinstance(items, tuple) else items,
    "one": lambda items: (items[0] if items else None) if isinstance(items, tuple) else items,
    "jsonencode": lambda value: value,
    "yamlencode": lambda value: value,
    "jsondecode": _json,
    "base64encode": _base64,
    "sensitive": lambda value: value,
    "nonsensitive": lambda value: value,
}
"""By name. ``jsonencode`` gives the value itself: what takes JSON takes it as it is, with its references."""
KEEPS_UNKNOWN = frozenset(
    {"merge", "concat", "compact", "flatten", "coalesce", "lookup", "format", "join", "jsonencode", "yamlencode"}
    | {"tolist", "toset", "tomap", "tostring", "element", "one", "length", "sensitive", "nonsensitive", "distinct"}
)
"""Functions of which parts may be unknown while the rest is used."""


def of_text(value: Value) -> bool:
    """Whether a value may stand inside a string."""
    return isinstance(value, str | bool | int | float | Reference | Text | Unknown)
