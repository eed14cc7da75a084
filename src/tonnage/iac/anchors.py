"""YAML anchors: a value that an alias repeats must not be edited in one place only."""

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.edit import BY_HAND, SetProperty, title
from tonnage.iac.yaml_marks import Document
from tonnage.workload import TemplateError


def inside(node: Node, outer: Node) -> bool:
    """Whether a node begins within the text of another."""
    return bool(outer.start_mark.index <= node.start_mark.index < outer.end_mark.index)


def refuse_shared(document: Document, node: Node, edit: SetProperty) -> None:
    """Raise if the node is, or is part of, a collection that an alias repeats elsewhere.

    Raises:
        TemplateError: It is.
    """
    waiting: list[Node] = [document.root]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            if not isinstance(current, ScalarNode) and inside(node, current):
                raise TemplateError(
                    f"{title(edit)} is shared with other parts of the template through a YAML anchor",
                    place=document.place(node),
                    remedy=BY_HAND,
                )
            continue
        seen.add(id(current))
        if isinstance(current, SequenceNode):
            waiting.extend(current.value)
        elif isinstance(current, MappingNode):
            waiting.extend(value for _, value in current.value)


def refuse_anchor(document: Document, node: Node, edit: SetProperty) -> None:
    """Raise if the scalar carries an anchor that an alias repeats elsewhere.

    Raises:
        TemplateError: It does.
    """
    written = document.text[node.start_mark.index : node.end_mark.index]
    name = written[1:].split(maxsplit=1)[0] if written.startswith("&") else ""
    if name and f"*{name}" in document.text:
        raise TemplateError(
            f"{title(edit)} is shared with other parts of the template through the YAML anchor &{name}",
            place=document.place(node),
            remedy=BY_HAND,
        )
