"""Edits of template text by the marks of its nodes: nothing but the touched span changes."""

import re
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.emit import Style, block, flow_text, inline, item_lines, spelled
from tonnage.workload import Value

_ALIAS = re.compile(r"\*[^\s,\]}]+")
_PROPERTIES_OF_NODE = re.compile(r"(?:[&!]\S*\s+)*")
_COMMENT_LINE = re.compile(r"([ \t]*)#[^\n]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Splice:
    """Text from ``start`` to ``end`` becomes ``text``."""

    start: int
    end: int
    text: str

    def apply(self, whole: str) -> str:
        """The whole text after the splice."""
        return whole[: self.start] + self.text + whole[self.end :]


def own_pairs(node: MappingNode) -> list[tuple[ScalarNode, Node]]:
    """Pairs that are written between a mapping's own marks, which globals merged into it are not."""
    start, end = node.start_mark.index, node.end_mark.index
    return [(key, value) for key, value in node.value if start <= key.start_mark.index < end]


def end_of(text: str, node: Node, after: int) -> int:
    """Where the written value ends, without the blank lines and comments that follow it.

    Args:
        text: The document's text.
        node: The value.
        after: Where its text begins at the earliest; a node that stands before that is an alias of one written there.
    """
    if node.start_mark.index < after:
        alias = _ALIAS.search(text, after)
        return alias.end() if alias else after
    if isinstance(node, ScalarNode):
        if node.style in {"|", ">"}:
            return len(text[: node.end_mark.index].rstrip())
        return int(node.end_mark.index)
    if getattr(node, "flow_style", False):
        return int(node.end_mark.index)
    if isinstance(node, MappingNode):
        pairs = own_pairs(node)
        return end_of(text, pairs[-1][1], pairs[-1][0].end_mark.index) if pairs else int(node.end_mark.index)
    end = int(node.start_mark.index)
    for entry in node.value:
        end = end_of(text, entry, end)
    return end


def replace_scalar(text: str, node: ScalarNode, value: Value, style: Style, *, flow: bool) -> Splice:
    """Another scalar in the place of one, its quotes kept."""
    start = _PROPERTIES_OF_NODE.match(text, node.start_mark.index, node.end_mark.index)
    begin = start.end() if start else node.start_mark.index
    new = spelled(value, style, like=node, flow=flow)
    if node.start_mark.index == node.end_mark.index and text[begin - 1 : begin] not in {" ", ""}:
        new = f" {new}"
    return Splice(begin, max(begin, end_of(text, node, 0)), new)


def replace_value(text: str, key: ScalarNode, node: Node, value: Value, style: Style, *, flow: bool) -> Splice:
    """Another value of any shape behind a key."""
    colon = text.index(":", key.end_mark.index) + 1
    end = max(colon, end_of(text, node, key.end_mark.index))
    column = key.start_mark.column
    if flow:
        return Splice(colon, end, f" {flow_text(value, _indent(text, key), style)}")
    head, *rest = block("k", value, column, style)
    return Splice(colon, end, style.newline.join([head[column + 2 :], *rest]))


def replace_item(text: str, node: Node, value: Value, style: Style, *, flow: bool) -> Splice:
    """Another value of any shape as the item of a list."""
    return Splice(node.start_mark.index, end_of(text, node, 0), inline(value, style, flow=flow))


def insert_pair(
    text: str, node: MappingNode, name: str, value: Value, style: Style, *, behind: str | None = None, gap: bool = False
) -> Splice:
    """A new key in a mapping.

    Args:
        text: The document's text.
        node: The mapping.
        name: The key.
        value: Its value.
        style: Of the file.
        behind: The key to put it behind in block style; None puts it last.
        gap: Whether a blank line goes before it in block style.
    """
    pairs = own_pairs(node)
    if node.flow_style:
        return _insert_flow_pair(text, node, pairs, name, value, style)
    key, last = next((pair for pair in pairs if pair[0].value == behind), pairs[-1])
    column = pairs[0][0].start_mark.column
    lines = block(name, value, column, style)
    return _insert_lines(text, end_of(text, last, key.end_mark.index), key, column, lines, style, gap=gap)


def _insert_lines(
    text: str, end: int, before: Node | None, column: int, lines: list[str], style: Style, *, gap: bool = False
) -> Splice:
    newline = text.find("\n", end)
    body = style.newline.join(lines)
    blank = style.newline if gap else ""
    if newline >= 0:
        position = newline + 1
        while (
            (comment := _COMMENT_LINE.match(text, position)) and len(comment[1]) >= column and comment.end() > position
        ):
            position = comment.end()
        if position < len(text) or text.endswith("\n"):
            return Splice(position, position, f"{blank}{body}{style.newline}")
    elif before is not None and not gap and _begins_line(text, before):
        # The file has no line end at its end; a line put before the last one leaves that as it is.
        start = text.rfind("\n", 0, before.start_mark.index) + 1
        return Splice(start, start, f"{body}{style.newline}")
    return Splice(len(text), len(text), f"{style.newline}{blank}{body}")


def _insert_flow_pair(
    text: str, node: MappingNode, pairs: list[tuple[ScalarNode, Node]], name: str, value: Value, style: Style
) -> Splice:
    label = spelled(name, style, flow=True)
    if not pairs:
        opening = text.index("{", node.start_mark.index)
        indent = _indent(text, node)
        if style.json and style.multiline:
            inside = indent + style.step
            body = f"{label}: {flow_text(value, inside, style)}"
            wrapped = f"{{{style.newline}{' ' * inside}{body}{style.newline}{' ' * indent}}}"
            return Splice(opening, node.end_mark.index, wrapped)
        return Splice(opening, node.end_mark.index, f"{{{label}: {flow_text(value, indent, style)}}}")
    key, last = pairs[-1]
    if _begins_line(text, key):
        # Before the last line, so that no other line gets or loses a comma.
        start = text.rfind("\n", 0, key.start_mark.index) + 1
        margin = text[start : key.start_mark.index]
        return Splice(start, start, f"{margin}{label}: {flow_text(value, len(margin), style)},{style.newline}")
    body = f"{label}: {flow_text(value, _indent(text, node), style)}"
    end = end_of(text, last, key.end_mark.index)
    if "," in text[end : node.end_mark.index]:
        return Splice(key.start_mark.index, key.start_mark.index, f"{body}, ")
    return Splice(end, end, f", {body}")


def append_flow_pair(text: str, node: MappingNode, name: str, value: Value, style: Style) -> Splice:
    """A new key as the very last of a mapping in flow style (JSON), where its order is worth a comma."""
    pairs = own_pairs(node)
    if not pairs or not _begins_line(text, pairs[-1][0]):
        return _insert_flow_pair(text, node, pairs, name, value, style)
    key, last = pairs[-1]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    margin = text[start : key.start_mark.index]
    end = end_of(text, last, key.end_mark.index)
    body = f"{spelled(name, style, flow=True)}: {flow_text(value, len(margin), style)}"
    return Splice(end, end, f",{style.newline}{margin}{body}")


def append_item(text: str, node: SequenceNode, value: Value, style: Style) -> Splice:
    """A new last item of a list; a scalar gets the quotes of the item before it."""
    last = node.value[-1] if node.value else None
    like = last if isinstance(last, ScalarNode) else None
    scalar = not isinstance(value, tuple) and not hasattr(value, "items")
    flow = bool(node.flow_style)
    if like is not None and scalar and not style.json and isinstance(value, bool | int | float | str):
        written = spelled(value, style, like=like, flow=flow)
    elif like is not None and like.style == '"' and isinstance(value, int | float):
        written = spelled(value, style, like=like, flow=True)
    else:
        written = ""
    if flow:
        return _append_flow_item(text, node, value, written, style)
    dash = text.rfind("-", 0, node.value[0].start_mark.index)
    column = dash - (text.rfind("\n", 0, dash) + 1)
    lines = [f"{' ' * column}- {written}"] if written else item_lines(value, column, style)
    return _insert_lines(text, end_of(text, node, 0), None, column, lines, style)


def _append_flow_item(text: str, node: SequenceNode, value: Value, written: str, style: Style) -> Splice:
    if not node.value:
        opening = text.index("[", node.start_mark.index)
        return Splice(opening, node.end_mark.index, f"[{inline(value, style, flow=True)}]")
    last = node.value[-1]
    end = end_of(text, last, 0)
    start = text.rfind("\n", 0, last.start_mark.index) + 1
    margin = text[start : last.start_mark.index]
    multiline = not margin.strip()
    body = written or flow_text(value, len(margin) if multiline else _indent(text, last), style)
    return Splice(end, end, f",{style.newline}{margin}{body}" if multiline else f", {body}")


def remove_pair(text: str, node: MappingNode, name: str) -> Splice:
    """A key and its value leave a mapping."""
    pairs = own_pairs(node)
    index = next(index for index, (key, _) in enumerate(pairs) if key.value == name)
    key, value = pairs[index]
    end = end_of(text, value, key.end_mark.index)
    if len(pairs) == 1:
        return Splice(key.start_mark.index, end, "" if node.flow_style else "{}")
    if node.flow_style and index > 0:
        before_key, before = pairs[index - 1]
        return Splice(end_of(text, before, before_key.end_mark.index), end, "")
    if node.flow_style or not _begins_line(text, key):
        return Splice(key.start_mark.index, _next_start(pairs, index), "")
    newline = text.find("\n", end)
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    return Splice(start, len(text) if newline < 0 else newline + 1, "")


def remove_item(text: str, node: SequenceNode, index: int) -> Splice:
    """The last item leaves a list of several."""
    entry, before = node.value[index], node.value[index - 1]
    end = end_of(text, entry, 0)
    if node.flow_style:
        return Splice(end_of(text, before, 0), end, "")
    newline = text.find("\n", end)
    dash = text.rfind("-", 0, entry.start_mark.index)
    return Splice(text.rfind("\n", 0, dash) + 1, len(text) if newline < 0 else newline + 1, "")


def _next_start(pairs: list[tuple[ScalarNode, Node]], index: int) -> int:
    return int(pairs[index + 1][0].start_mark.index)


def _begins_line(text: str, node: Node) -> bool:
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    return start > 0 and not text[start : node.start_mark.index].strip()


def _indent(text: str, node: Node) -> int:
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    line = text[start : node.start_mark.index + 1]
    return len(line) - len(line.lstrip())
