"""CloudFormation's intrinsic functions: how they are spelled, and what they make of values already resolved."""

import json
import re
from collections.abc import Iterable, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode

from tonnage.iac.yaml_marks import untagged
from tonnage.workload import Reference, Text, Unknown, Value

NO_VALUE = "AWS::NoValue"
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")


def intrinsic(node: Node) -> tuple[str, Node] | None:
    """Name (long form: ``Ref``, ``Condition``, ``Fn::Sub`` …) and argument of a function call, or None.

    ``Condition: X`` is a call only with its tag ``!Condition``: in its long form the same spelling is a plain key of
    policies and listener rules, so conditions recognise it themselves.
    """
    if node.tag.startswith("!") and node.tag != "!":
        name = node.tag[1:]
        return (name if name in {"Ref", "Condition"} or name.startswith("Fn::") else f"Fn::{name}", untagged(node))
    if isinstance(node, MappingNode) and len(node.value) == 1:
        key, argument = node.value[0]
        if key.value == "Ref" and isinstance(argument, ScalarNode):
            return "Ref", argument
        if key.value.startswith("Fn::") and not key.value.startswith("Fn::ForEach"):
            return key.value, argument
    return None


def plain_text(value: Value) -> str | None:
    """A scalar as CloudFormation spells it inside strings, or None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return "" if value is None else None


def one_line(text: str) -> str:
    """A name or value of the template short enough for a sentence."""
    shown = " ".join(text.split())
    return shown if len(shown) <= 80 else f"{shown[:77]}…"


def assemble(pieces: Iterable[Value], delimiter: str = "") -> Value:
    """One string of several values: a plain string where all are known, else a :class:`Text`.

    A single reference or unknown with nothing around it stays itself.
    """
    parts: list[str | Reference | Unknown] = []

    def add(part: str | Reference | Unknown) -> None:
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)

    for index, piece in enumerate(pieces):
        if index:
            add(delimiter)
        value = assemble(piece, ",") if isinstance(piece, tuple) else piece
        if isinstance(value, Reference | Unknown):
            add(value)
        elif isinstance(value, Text):
            for part in value.parts:
                add(part)
        else:
            add(text if (text := plain_text(value)) is not None else Unknown("a mapping inside a string"))
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return parts[0] if len(parts) == 1 else Text(tuple(parts))


def placeholders(template: str) -> list[tuple[bool, str]]:
    """Pieces of an ``Fn::Sub`` string: ``(False, literal text)`` and ``(True, name inside ${…})``."""
    pieces: list[tuple[bool, str]] = []
    end = 0
    for match in _PLACEHOLDER.finditer(template):
        pieces.append((False, template[end : match.start()]))
        inside = match[1]
        pieces.append((False, f"${{{inside[1:]}}}") if inside.startswith("!") else (True, inside.strip()))
        end = match.end()
    pieces.append((False, template[end:]))
    return [piece for piece in pieces if piece != (False, "")]


def literal(text: str) -> Value:
    """A literal string; its dynamic references (``{{resolve:…}}``) are unknown before deployment."""
    if "{{resolve:" not in text:
        return text
    pieces: list[Value] = []
    end = 0
    for match in _DYNAMIC.finditer(text):
        pieces += [text[end : match.start()], Unknown(f"dynamic reference {match[0]}")]
        end = match.end()
    return assemble([*pieces, text[end:]])


def join(delimiter: Value, items: Value) -> Value:
    """``Fn::Join``."""
    if not isinstance(delimiter, str):
        return Unknown("Fn::Join with a delimiter that is not known")
    return assemble(items, delimiter) if isinstance(items, tuple) else items


def split(delimiter: Value, text: Value) -> Value:
    """``Fn::Split``. What holds references stays whole, so that the wiring it names is not lost."""
    if not isinstance(delimiter, str) or delimiter == "":
        return Unknown("Fn::Split with a delimiter that is not known")
    whole = plain_text(text)
    return text if whole is None else tuple(whole.split(delimiter))


def select(index: Value, items: Value) -> Value:
    """``Fn::Select``. An item of a list that only a resource knows stays a reference to that resource."""
    try:
        position = int(plain_text(index) or "")
    except ValueError:
        return Unknown("Fn::Select with an index that is not known")
    if not isinstance(items, tuple):
        return items
    if not 0 <= position < len(items):
        return Unknown(f"Fn::Select asks for item {position} of a list of {len(items)}")
    return items[position]


def zones(region: Value, own_region: str) -> Value:
    """``Fn::GetAZs``: the first three zones of a Region, by letter."""
    name = own_region if region in ("", None) else region
    if not isinstance(name, str):
        return Unknown("Fn::GetAZs of a Region that is not known")
    return tuple(f"{name}{letter}" for letter in "abc")


def length(items: Value) -> Value:
    """``Fn::Length``."""
    return len(items) if isinstance(items, tuple) else Unknown("Fn::Length of a list that is not known")


def to_json_string(value: Value) -> Value:
    """``Fn::ToJsonString``."""
    try:
        return json.dumps(_plain(value), separators=(",", ":"))
    except TypeError:
        return Unknown("Fn::ToJsonString of values that are not known")


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value
