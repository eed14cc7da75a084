"""One edit of a template: where the value is written, and the splices that change it there."""

from collections.abc import Mapping
from dataclasses import replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.anchors import inside, refuse_anchor, refuse_shared
from tonnage.iac.edit import BY_HAND, AddResource, SetProperty, Step, same, shown, title
from tonnage.iac.edit_source import edit_mapping, edit_parameter
from tonnage.iac.emit import Style, style_of
from tonnage.iac.intrinsic import NO_VALUE, intrinsic
from tonnage.iac.read_cloudformation import Reading
from tonnage.iac.splice import (
    Splice,
    append_flow_pair,
    append_item,
    insert_pair,
    own_pairs,
    remove_item,
    remove_pair,
    replace_item,
    replace_scalar,
    replace_value,
)
from tonnage.iac.yaml_marks import item
from tonnage.workload import Path as PropertyPath
from tonnage.workload import Place, Reference, TemplateError, Text, Unknown, Value


def parts_of(reading: Reading, edit: SetProperty) -> list[SetProperty]:
    """The single edits that make a collection what is wanted, so that only the parts that differ are touched.

    Raises:
        TemplateError: The template has no such resource, or its condition is false.
    """
    resource = reading.stack.resources.get(edit.resource)
    if resource is None:
        raise TemplateError(
            f"{reading.document.file} has no resource {edit.resource} to change", remedy="Name one that it has."
        )
    current = resource.get(*edit.path)
    if same(current, edit.value):
        return []
    written = reading.written[edit.resource].get(edit.path)
    node = _through_ifs(reading, written.value) if written is not None else None

    def below(step: str | int, value: Value) -> list[SetProperty]:
        return parts_of(reading, SetProperty(resource=edit.resource, path=(*edit.path, step), value=value))

    if isinstance(current, Mapping) and isinstance(edit.value, Mapping) and _literal(node, MappingNode):
        names = [*(name for name in current if name not in edit.value), *edit.value]
        return [part for name in names for part in below(name, edit.value.get(name))]
    if isinstance(current, tuple) and isinstance(edit.value, tuple) and edit.value and _literal(node, SequenceNode):
        gone = [
            SetProperty(resource=edit.resource, path=(*edit.path, index), value=None)
            for index in range(len(current) - 1, len(edit.value) - 1, -1)
        ]
        return gone + [part for index, value in enumerate(edit.value) for part in below(index, value)]
    return [edit]


def own_style(reading: Reading) -> Style:
    """How the template is written, with the logical ids that stand for names."""
    return replace(style_of(reading.document), logical_ids={name: logical for logical, name in reading.names.items()})


def step_for(reading: Reading, edit: SetProperty) -> Step:
    """How to make one edit (one of :func:`parts_of`).

    Raises:
        TemplateError: The value cannot be edited safely: it is computed, imported, or shared through an anchor.
    """
    style = own_style(reading)
    _, body = reading.bodies[edit.resource]
    written = reading.written[edit.resource].get(edit.path)
    anchor = written.key or written.value if written is not None else None
    in_globals = (
        anchor is not None and _in_globals(reading, anchor) and any(isinstance(step, int) for step in edit.path)
    )
    if written is None or anchor is None or not (in_globals or inside(anchor, body)):
        if edit.value is None:
            raise TemplateError(
                f"{title(edit)} is not set by the resource itself, so it cannot be removed there",
                place=reading.stack.resources[edit.resource].place,
                remedy=BY_HAND,
            )
        return Step(splices=(_insertion(reading, edit, style),))
    refuse_shared(reading.document, anchor, edit)
    if edit.value is None:
        return Step(splices=(_removal(reading, edit),))
    node = _through_ifs(reading, written.value)
    call = intrinsic(node)
    if call is not None:
        name, argument = call
        if name == "Ref" and argument.value in reading.resolver.parameters:
            return edit_parameter(reading, edit, reading.resolver.parameters[argument.value], node, style)
        if name == "Fn::FindInMap":
            return edit_mapping(reading, edit, argument, node, style)
        wires = name == "Fn::GetAtt" or (name == "Ref" and argument.value in reading.names)
        if not (wires or (name == "Ref" and argument.value == NO_VALUE)):
            raise TemplateError(
                f"{title(edit)} is computed by {name}{f' {argument.value}' if name == 'Ref' else ''}, "
                "which cannot be edited safely",
                place=reading.document.place(node),
                remedy=f"Set it to {shown(edit.value)} by hand.",
            )
    splice = _replacement(reading, edit, written.key, node, written.value, style)
    # SAM joins a list of its own to the global one, so an item of a global list can only change for all.
    shared = "the Globals section" if in_globals else ""
    return Step(splices=(splice,), shared=shared, notes=_undecided(reading, edit, written.value))


def addition(reading: Reading, edit: AddResource) -> Splice:
    """The text of a new resource behind the last one."""
    style = own_style(reading)
    section = item(reading.document.root, "Resources")
    if not isinstance(section, MappingNode):
        raise TemplateError(f"{reading.document.file} has no Resources section", remedy=BY_HAND)
    text, name = reading.document.text, edit.name.removeprefix(reading.scope.prefix)
    if section.flow_style:
        return append_flow_pair(text, section, name, edit.body, style)
    pairs = own_pairs(section)
    gap = len(pairs) > 1 and "\n\n" in text[pairs[-2][0].end_mark.index : pairs[-1][0].start_mark.index].replace(
        "\r", ""
    )
    return insert_pair(text, section, name, edit.body, style, gap=gap)


# Where it is written ------------------------------------------------------------------------------------------------


def _through_ifs(reading: Reading, node: Node) -> Node:
    while (call := intrinsic(node)) is not None and call[0] == "Fn::If":
        node = reading.resolver.branch(node)
    return node


def _in_globals(reading: Reading, node: Node) -> bool:
    section = item(reading.document.root, "Globals")
    return section is not None and inside(node, section)


def _undecided(reading: Reading, edit: SetProperty, node: Node) -> tuple[str, ...]:
    """A note for each condition above the value that cannot be decided."""
    notes: list[str] = []
    while (call := intrinsic(node)) is not None and call[0] == "Fn::If":
        name = call[1].value[0]
        if isinstance(reading.resolver.condition(str(name.value), name), Unknown):
            notes.append(
                f"{title(edit)} depends on condition {name.value}, which cannot be decided: one branch is edited."
            )
        node = reading.resolver.branch(node)
    return tuple(notes)


def _literal(node: Node | None, kind: type[Node]) -> bool:
    return isinstance(node, kind) and intrinsic(node) is None


# Splices ------------------------------------------------------------------------------------------------------------


def _replacement(
    reading: Reading, edit: SetProperty, key: ScalarNode | None, node: Node, outer: Node, style: Style
) -> Splice:
    text = reading.document.text
    parent = _parent(reading, edit)
    flow = style.json or bool(parent is not None and getattr(parent, "flow_style", False))
    flow = flow or (node is not outer and _in_flow(text, node))
    scalar = not isinstance(edit.value, Reference | Text | Unknown | tuple | Mapping)
    alias = key is not None and outer.start_mark.index < key.start_mark.index
    if scalar and isinstance(node, ScalarNode) and intrinsic(node) is None and not alias:
        refuse_anchor(reading.document, node, edit)
        return replace_scalar(text, node, edit.value, style, flow=flow)
    if key is not None and node is outer:
        return replace_value(text, key, node, edit.value, style, flow=flow)
    return replace_item(text, node, edit.value, style, flow=flow)


def _in_flow(text: str, node: Node) -> bool:
    """Whether a node on a line of its own ``- item`` is not: then it is taken to stand inside brackets."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    return text[start : node.start_mark.index].strip(" -") != ""


def _parent(reading: Reading, edit: SetProperty) -> Node | None:
    if len(edit.path) == 1:
        return item(reading.bodies[edit.resource][1], "Properties")
    written = reading.written[edit.resource].get(edit.path[:-1])
    return _through_ifs(reading, written.value) if written is not None else None


def _removal(reading: Reading, edit: SetProperty) -> Splice:
    text, parent, step = reading.document.text, _parent(reading, edit), edit.path[-1]
    if isinstance(parent, MappingNode) and isinstance(step, str):
        return remove_pair(text, parent, step)
    if isinstance(parent, SequenceNode) and isinstance(step, int) and 0 < step == len(parent.value) - 1:
        return remove_item(text, parent, step)
    raise TemplateError(f"{title(edit)} cannot be removed safely", place=_place(reading, edit), remedy=BY_HAND)


def _place(reading: Reading, edit: SetProperty) -> Place:
    return reading.stack.resources[edit.resource].place_of(*edit.path)


def _insertion(reading: Reading, edit: SetProperty, style: Style) -> Splice:
    """Put an absent property into the deepest mapping that is there."""
    text = reading.document.text
    _, body = reading.bodies[edit.resource]
    written = reading.written[edit.resource]
    properties = next((value for key, value in own_pairs(body) if key.value == "Properties"), None)
    node: Node = properties if properties is not None and not _empty(properties) else body
    path: PropertyPath = edit.path if node is not body else ("Properties", *edit.path)
    if node is body and properties is not None:
        key = next(key for key, _ in own_pairs(body) if key.value == "Properties")
        return replace_value(text, key, properties, _nested(path[1:], edit), style, flow=bool(body.flow_style))
    while node is not body:
        found = written.get(edit.path[: len(edit.path) - len(path) + 1])
        anchor = found.key or found.value if found is not None else None
        if found is None or anchor is None or len(path) == 1 or not inside(anchor, node):
            break
        inner = _through_ifs(reading, found.value)
        if _empty(inner) or intrinsic(inner) is not None or isinstance(inner, ScalarNode):
            whole = SetProperty(
                resource=edit.resource, path=edit.path[: len(edit.path) - len(path) + 1], value=_nested(path[1:], edit)
            )
            call = intrinsic(inner)
            if found.removed or _empty(inner) or (call is not None and call[1].value == NO_VALUE):
                return _replacement(reading, whole, found.key, inner, found.value, style)
            raise TemplateError(
                f"{title(edit)} cannot be inserted: {title(whole)} is not written as a mapping",
                place=reading.document.place(inner),
                remedy=BY_HAND,
            )
        node, path = inner, path[1:]
    refuse_shared(reading.document, node, edit)
    if isinstance(node, SequenceNode) and path[0] == len(node.value):
        return append_item(text, node, _nested(path[1:], edit), style)
    if not isinstance(node, MappingNode) or not isinstance(path[0], str):
        raise TemplateError(f"{title(edit)} has no place to be inserted", place=_place(reading, edit), remedy=BY_HAND)
    return insert_pair(text, node, path[0], _nested(path[1:], edit), style, behind="Type" if node is body else None)


def _empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.value and not node.style and intrinsic(node) is None


def _nested(path: PropertyPath, edit: SetProperty) -> Value:
    value = edit.value
    for step in reversed(path):
        if isinstance(step, str):
            value = {step: value}
        elif step == 0:
            value = (value,)
        else:
            raise TemplateError(f"{title(edit)} has no list to be inserted into", remedy=BY_HAND)
    return value
