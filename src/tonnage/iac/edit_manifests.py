"""Edits of Kubernetes manifests: a value at a path is replaced where it is written, or put into its mapping."""

from collections.abc import Mapping, Sequence

from yaml.nodes import MappingNode, ScalarNode

from tonnage.iac.anchors import inside, refuse_anchor
from tonnage.iac.edit import BY_HAND, SetProperty, same, shown, title
from tonnage.iac.emit import style_of
from tonnage.iac.read_manifests import Manifests, interpret_manifests
from tonnage.iac.splice import Splice, insert_pair, remove_pair, replace_item, replace_scalar, replace_value
from tonnage.workload import TemplateError, Value


def edit_manifests(text: str, file: str, edits: Sequence[SetProperty], region: str) -> str:
    """The text of a file of manifests after some edits, each read back.

    Raises:
        TemplateError: An edit cannot be made safely.
    """
    manifests = interpret_manifests(text, file, region)
    for edit in edits:
        if same(manifests.stack.resources[edit.resource].get(*edit.path), edit.value):
            continue
        before = manifests
        after = _splice(manifests, edit).apply(manifests.document.text)
        manifests = interpret_manifests(manifests.document.bom + after, file, region)
        resource = manifests.stack.resources.get(edit.resource)
        if resource is None or not same(resource.get(*edit.path), edit.value) or not _only(before, manifests, edit):
            raise TemplateError(
                f"{title(edit)} cannot be set to {shown(edit.value)} safely",
                place=before.stack.resources[edit.resource].place_of(*edit.path),
                remedy=BY_HAND,
            )
    return manifests.document.bom + manifests.document.text


def _only(before: Manifests, after: Manifests, edit: SetProperty) -> bool:
    """Whether no other resource changed, and of this one nothing else at the top of its path."""
    old, new = before.stack.resources, after.stack.resources
    if old.keys() != new.keys():
        return False
    others = all(same(old[name].properties, new[name].properties) for name in old if name != edit.resource)
    kept = _without(old[edit.resource].properties, edit), _without(new[edit.resource].properties, edit)
    return others and same(*kept)


def _without(properties: Mapping[str, Value], edit: SetProperty) -> Value:
    def walk(value: Value, depth: int) -> Value:
        step = edit.path[depth]
        last = depth == len(edit.path) - 1
        if isinstance(value, Mapping) and isinstance(step, str):
            rest = {name: inner for name, inner in value.items() if name != step}
            inner = None if last or step not in value else walk(value[step], depth + 1)
            # What had to be made for the edit is empty but for it.
            return rest if inner is None or inner == {} else {**rest, step: inner}
        if isinstance(value, tuple) and isinstance(step, int):
            return tuple(
                (None if last else walk(inner, depth + 1)) if k == step else inner for k, inner in enumerate(value)
            )
        return value

    return walk(properties, 0)


def _splice(manifests: Manifests, edit: SetProperty) -> Splice:
    document, written = manifests.document, manifests.written[edit.resource]
    text, style = document.text, style_of(document)
    found = written.get(edit.path)
    above = written.get(edit.path[:-1])
    parent = manifests.bodies[edit.resource] if len(edit.path) == 1 else above.value if above is not None else None
    flow = style.json or bool(getattr(parent, "flow_style", False))
    if found is not None:
        anchor = found.key or found.value
        if not inside(anchor, manifests.bodies[edit.resource]):
            raise TemplateError(
                f"{title(edit)} is shared through a YAML anchor", place=document.place(anchor), remedy=BY_HAND
            )
        if edit.value is None and isinstance(parent, MappingNode):
            return remove_pair(text, parent, str(edit.path[-1]))
        plain = not isinstance(edit.value, tuple | Mapping)
        if plain and isinstance(found.value, ScalarNode):
            refuse_anchor(document, found.value, edit)
            return replace_scalar(text, found.value, edit.value, style, flow=flow)
        if found.key is not None:
            return replace_value(text, found.key, found.value, edit.value, style, flow=flow)
        return replace_item(text, found.value, edit.value, style, flow=flow)
    path, value = edit.path, edit.value
    while value is not None and path and isinstance(path[-1], str):
        parent = manifests.bodies[edit.resource] if len(path) == 1 else None
        if parent is None and (at := written.get(path[:-1])) is not None:
            parent = at.value
        if isinstance(parent, MappingNode) and inside(parent, manifests.bodies[edit.resource]):
            return insert_pair(text, parent, path[-1], value, style)
        value, path = {path[-1]: value}, path[:-1]
    raise TemplateError(
        f"{title(edit)} has no place to be inserted",
        place=manifests.stack.resources[edit.resource].place_of(*edit.path),
        remedy=BY_HAND,
    )
