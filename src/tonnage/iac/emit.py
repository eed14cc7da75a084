"""Values written as template text, in the style of the file they go into."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import plain_text
from tonnage.iac.yaml_marks import Document, scalar
from tonnage.iac.yaml_marks import parse as parse_yaml
from tonnage.workload import Reference, TemplateError, Text, Unknown, Value

# What YAML allows in quotes only as an escape, or folds like a line end.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a file is written.

    Attributes:
        json: Whether it is JSON: quoted names, long forms of functions.
        step: Spaces per level.
        dash: Spaces from a key to the dash of a block list under it.
        quote: Quote mark used where a string needs one.
        newline: Line end.
        multiline: Whether collections go over several lines (false for JSON on one line).
        logical_ids: Logical id of resources whose name in the stack is another.
    """

    json: bool
    step: int
    dash: int
    quote: str
    newline: str
    multiline: bool
    logical_ids: Mapping[str, str] = field(default_factory=dict)

    def logical_id(self, reference: Reference) -> str:
        """What the template calls the resource that is referred to."""
        return self.logical_ids.get(reference.resource, reference.resource)


def style_of(document: Document) -> Style:
    """The style most used in a file."""
    quotes = {"'": 0, '"': 0}
    dashes: list[int] = []
    waiting: list[Node] = [document.root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode) and node.style in quotes:
            quotes[node.style] += 1
        elif isinstance(node, SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                waiting.append(value)
                if isinstance(value, SequenceNode) and value.value and not value.flow_style:
                    dash = document.text.rfind("-", 0, value.value[0].start_mark.index)
                    column = dash - (document.text.rfind("\n", 0, dash) + 1)
                    dashes.append(column - key.start_mark.column)
    text = document.text
    is_json = bool(document.root.flow_style)
    sections = sorted(document.root.value, key=lambda pair: pair[0].value != "Resources")
    step = next(
        (
            value.value[0][0].start_mark.column - key.start_mark.column
            for key, value in sections
            if isinstance(value, MappingNode) and value.value
        ),
        document.root.value[0][0].start_mark.column if is_json and document.root.value else 2,
    )
    return Style(
        json=is_json,
        step=step if 1 <= step <= 8 else 2,
        dash=max(set(dashes), key=dashes.count) if dashes else 2,
        quote='"' if is_json or quotes['"'] > quotes["'"] else "'",
        newline="\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n",
        multiline=not is_json or "\n" in text.strip(),
    )


def spelled(value: Value, style: Style, *, like: ScalarNode | None = None, flow: bool = False) -> str:
    """A scalar as text.

    Args:
        value: The scalar.
        style: Of the file.
        like: The scalar it replaces, whose quotes are kept.
        flow: Whether it stands inside ``[]`` or ``{}``.
    """
    text = plain_text(value)
    if text is None or value is None:
        raise TemplateError(f"{value} cannot be written as a scalar", remedy="Edit the template by hand.")
    if like is not None and like.style in {"'", '"'}:
        return _quoted(text, like.style)
    if not isinstance(value, str):
        return text
    if like is not None and not isinstance(scalar(like), str) and _is_number(text):
        return text
    if not style.json and _reads_plain(text, flow):
        return text
    return _quoted(text, style.quote)


def _quoted(text: str, quote: str) -> str:
    if quote == '"' or _UNPRINTABLE.search(text):
        return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
    return "'" + text.replace("'", "''") + "'"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reads_plain(text: str, flow: bool) -> bool:
    """Whether YAML reads the bare text back as that same string, to our reader and to one of full YAML 1.1."""
    if text != text.strip() or not text or "\n" in text:
        return False
    if flow and "?" in text:
        # libyaml takes it for the mark of a complex key wherever it ends a key.
        return False
    try:
        node = parse_yaml(f"k: [{text}]" if flow else f"k: {text}", "").root.value[0][1]
        strict = yaml.safe_load(f"k: {text}")["k"]
    except (TemplateError, yaml.YAMLError, ValueError):
        return False
    if flow:
        if not isinstance(node, SequenceNode) or len(node.value) != 1:
            return False
        node = node.value[0]
    return isinstance(node, ScalarNode) and not node.style and node.value == text and strict == text


def inline(value: Value, style: Style, *, flow: bool = False) -> str:
    """Any value on one line."""
    if style.json:
        return json.dumps(_plain(value, style), ensure_ascii=False)
    if isinstance(value, Reference):
        name = style.logical_id(value)
        return f"!Ref {name}" if value.attribute is None else f"!GetAtt {name}.{value.attribute}"
    if isinstance(value, Text):
        return f"!Sub {_quoted(_sub_template(value, style), style.quote)}"
    if isinstance(value, Mapping):
        pairs = (f"{spelled(k, style, flow=True)}: {inline(v, style, flow=True)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(inline(entry, style, flow=True) for entry in value) + "]"
    _refuse_unknown(value)
    return spelled(value, style, flow=flow)


def block(key: str, value: Value, indent: int, style: Style) -> list[str]:
    """A key and its value as lines of YAML's block style, without line ends."""
    pad = " " * indent
    name = spelled(key, style)
    if isinstance(value, Mapping) and value:
        lines = [f"{pad}{name}:"]
        for inner, below in value.items():
            lines += block(inner, below, indent + style.step, style)
        return lines
    if isinstance(value, tuple) and value:
        lines = [f"{pad}{name}:"]
        for entry in value:
            lines += item_lines(entry, indent + style.dash, style)
        return lines
    return [f"{pad}{name}: {inline(value, style)}"]


def item_lines(value: Value, indent: int, style: Style) -> list[str]:
    """An item of a block list as lines."""
    pad = " " * indent
    if not isinstance(value, Mapping) or not value:
        return [f"{pad}- {inline(value, style)}"]
    lines: list[str] = []
    for inner, below in value.items():
        lines += block(inner, below, indent + 2, style)
    return [f"{pad}- {lines[0][indent + 2 :]}", *lines[1:]]


def flow_text(value: Value, indent: int, style: Style) -> str:
    """A value as it stands after its key inside ``{}``; JSON over several lines where the file is so."""
    if not (style.json and style.multiline):
        return inline(value, style, flow=True)
    lines = json.dumps(_plain(value, style), ensure_ascii=False, indent=style.step).split("\n")
    return (style.newline + " " * indent).join(lines)


def _plain(value: Value, style: Style) -> object:
    if isinstance(value, Reference):
        name = style.logical_id(value)
        return {"Ref": name} if value.attribute is None else {"Fn::GetAtt": [name, value.attribute]}
    if isinstance(value, Text):
        return {"Fn::Sub": _sub_template(value, style)}
    if isinstance(value, Mapping):
        return {key: _plain(inner, style) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner, style) for inner in value]
    _refuse_unknown(value)
    return value


def _sub_template(text: Text, style: Style) -> str:
    pieces: list[str] = []
    for part in text.parts:
        if isinstance(part, Reference):
            pieces.append(f"${{{style.logical_id(part)}{'.' + part.attribute if part.attribute else ''}}}")
        elif isinstance(part, str):
            pieces.append(part.replace("${", "${!"))
        else:
            _refuse_unknown(part)
    return "".join(pieces)


def _refuse_unknown(value: Value) -> None:
    if isinstance(value, Unknown):
        raise TemplateError(
            f"A value that is not known ({value.reason}) cannot be written", remedy="Edit the template by hand."
        )
