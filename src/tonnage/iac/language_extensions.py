"""``Fn::ForEach`` of the language extensions: loops unfolded before anything else is read.

A loop makes its body once for each item of its collection, the item in the place of ``${Name}`` and ``&{Name}`` (the
item without what is neither letter nor digit) in keys and strings, and of ``Ref: Name``.

Source: CloudFormation user guide, "Fn::ForEach", "AWS::LanguageExtensions transform".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import plain_text
from tonnage.iac.yaml_marks import Document, pairs
from tonnage.workload import TemplateError, Value

LOOP = "Fn::ForEach::"
_MOST_NODES = 200_000
_DEEPEST = 5
"""Loops inside loops (CloudFormation user guide, Fn::ForEach: at most five levels)."""
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def unfolded(document: Document, resolve: Callable[[Node], Value]) -> tuple[Document, tuple[str, ...]]:
    """A template with its loops unfolded, and notes about those whose collection is not known.

    Args:
        document: The template.
        resolve: Value of a collection: a list, a parameter that is one, an entry of the mappings.

    Raises:
        TemplateError: A loop is not written as one, too deep, or makes more than can be read.
    """
    unfolder = _Unfolder(document, resolve)
    root = unfolder.node(document.root, {}, 0)
    return (replace(document, root=root) if isinstance(root, MappingNode) else document), tuple(unfolder.notes)


class _Unfolder:
    def __init__(self, document: Document, resolve: Callable[[Node], Value]) -> None:
        self.document, self.resolve = document, resolve
        self.budget = _MOST_NODES
        self.notes: dict[str, None] = {}

    def node(self, node: Node, items: Mapping[str, str], depth: int) -> Node:
        """The node with loops below it unfolded and the items of those around it put in."""
        self.budget -= 1
        if self.budget < 0:
            raise TemplateError(
                f"The loops of {self.document.file} make more than {_MOST_NODES:,} values",
                remedy="Use smaller collections.",
            )
        if isinstance(node, ScalarNode):
            return self._scalar(node, items)
        if isinstance(node, SequenceNode):
            below = [self.node(each, items, depth) for each in node.value]
            return SequenceNode(node.tag, below, node.start_mark, node.end_mark, node.flow_style)
        if not isinstance(node, MappingNode):
            return node
        entries: list[tuple[ScalarNode, Node]] = []
        for key, value in pairs(node):
            if key.value.startswith(LOOP):
                entries += self._loop(key, value, items, depth)
            elif key.value == "Ref" and isinstance(value, ScalarNode) and value.value in items:
                return ScalarNode("tag:yaml.org,2002:str", items[value.value], node.start_mark, node.end_mark, "'")
            else:
                entries.append((self._scalar(key, items), self.node(value, items, depth)))
        return MappingNode(node.tag, list(entries), node.start_mark, node.end_mark, node.flow_style)

    def _scalar(self, node: ScalarNode, items: Mapping[str, str]) -> ScalarNode:
        text = str(node.value)
        if not items:
            return node
        if node.tag == "!Ref" and text in items:
            return ScalarNode("tag:yaml.org,2002:str", items[text], node.start_mark, node.end_mark, "'")
        for name, item in items.items():
            text = text.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", _NOT_ALPHANUMERIC.sub("", item))
        return node if text == node.value else ScalarNode(node.tag, text, node.start_mark, node.end_mark, node.style)

    def _loop(
        self, key: ScalarNode, loop: Node, around: Mapping[str, str], depth: int
    ) -> Iterator[tuple[ScalarNode, Node]]:
        parts: list[Node] = loop.value if isinstance(loop, SequenceNode) else []
        if len(parts) != 3 or not isinstance(parts[0], ScalarNode) or not isinstance(parts[2], MappingNode):
            raise TemplateError(
                f"{key.value} needs a list of a name, a collection and a mapping",
                place=self.document.place(key),
                remedy="Write it as the CloudFormation guide has it.",
            )
        if depth >= _DEEPEST:
            raise TemplateError(
                f"{key.value} is the {_DEEPEST + 1}th loop inside another",
                place=self.document.place(key),
                remedy=f"CloudFormation takes {_DEEPEST}.",
            )
        name, collection, body = parts
        found = self.resolve(self.node(collection, around, depth))
        texts = [plain_text(each) for each in found] if isinstance(found, tuple) else [None]
        if None in texts:
            self.notes.setdefault(
                f"{self.document.place(key)}: {key.value} was not expanded, its collection is known only from outside; "
                "what it makes is missing"
            )
            return
        for text in dict.fromkeys(texts):
            made = self.node(body, {**around, str(name.value): str(text)}, depth + 1)
            if isinstance(made, MappingNode):
                yield from made.value
