"""Terraform's JSON syntax as the same tree: strings are templates, and what may be a block is an attribute.

Source: Terraform language documentation, "JSON Configuration Syntax".
"""

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.terraform.syntax import Block, Expression, Items, Literal, Object, Span, parse_expression
from tonnage.iac.yaml_marks import pairs, scalar
from tonnage.iac.yaml_marks import parse as parse_marked

_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "locals": 0}


def parse_json(text: str, file: str) -> Block:
    """The body of a ``.tf.json`` or ``.tfvars.json`` file, as a block without kind.

    Raises:
        TemplateError: It is not JSON.
    """
    root = parse_marked(text, file).root
    blocks: list[Block] = []
    for key, value in pairs(root):
        if key.value in _LABELS:
            blocks += _labelled(key.value, (), value, _LABELS[key.value], file)
    attributes = {key.value: _expression(value, file) for key, value in pairs(root)}
    return Block(kind="", labels=(), attributes=attributes, blocks=tuple(blocks), span=_span(root), file=file)


def _labelled(kind: str, labels: tuple[str, ...], node: Node, left: int, file: str) -> list[Block]:
    found: list[Block] = []
    for each in node.value if isinstance(node, SequenceNode) else [node]:
        if not isinstance(each, MappingNode):
            continue
        if left:
            for key, value in pairs(each):
                found += _labelled(kind, (*labels, key.value), value, left - 1, file)
            continue
        inner = list(pairs(each))
        found.append(
            Block(
                kind=kind,
                labels=labels,
                attributes={key.value: _expression(value, file) for key, value in inner if key.value != "//"},
                blocks=(),
                span=_span(each),
                file=file,
                places={key.value: _span(key) for key, _ in inner},
            )
        )
    return found


def _expression(node: Node, file: str) -> Expression:
    if isinstance(node, MappingNode):
        made = ((Literal(key.value, _span(key)), _expression(value, file)) for key, value in pairs(node))
        return Object(tuple(made), _span(node))
    if isinstance(node, SequenceNode):
        return Items(tuple(_expression(each, file) for each in node.value), _span(node))
    value = scalar(node) if isinstance(node, ScalarNode) else None
    if isinstance(value, str) and ("${" in value or "%{" in value):
        return parse_expression(value, file)
    return Literal(value, _span(node))


def _span(node: Node) -> Span:
    return Span(start=node.start_mark.index, end=node.end_mark.index, line=node.start_mark.line + 1)
