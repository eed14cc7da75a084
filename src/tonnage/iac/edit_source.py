"""Edits where a property's value comes from: a parameter's default, or an entry of ``Mappings``."""

from yaml.nodes import Node, ScalarNode, SequenceNode

from tonnage.iac.anchors import refuse_anchor, refuse_shared
from tonnage.iac.edit import BY_HAND, SetProperty, Step, shown, title
from tonnage.iac.emit import Style
from tonnage.iac.functions import map_leaf
from tonnage.iac.intrinsic import intrinsic, plain_text
from tonnage.iac.parameters import Parameter, allowed_values, broken_rule
from tonnage.iac.read_cloudformation import Reading
from tonnage.iac.splice import append_item, replace_scalar
from tonnage.iac.yaml_marks import item
from tonnage.workload import TemplateError, Unknown, Value


def edit_parameter(reading: Reading, edit: SetProperty, parameter: Parameter, node: Node, style: Style) -> Step:
    """Edit the default of the parameter that a property refers to.

    A default that ``AllowedValues`` lacks joins them; a value given from outside cannot be edited, only noted.

    Raises:
        TemplateError: The parameter cannot hold the value wanted.
    """
    name, wanted = parameter.name, _parameter_text(edit.value)
    if wanted is None or parameter.from_ssm:
        why = "is kept in the SSM Parameter Store" if parameter.from_ssm else "cannot hold such a value"
        raise TemplateError(
            f"{title(edit)} comes from parameter {name}, which {why}",
            place=reading.document.place(node),
            remedy=BY_HAND,
        )
    default = item(parameter.node, "Default")
    if parameter.given or default is None:
        why = "is given as" if parameter.given else "has no default and is given"
        given = f" {shown(parameter.value)}" if parameter.given else ""
        note = f"Set parameter {name} to {wanted} where you deploy: {title(edit)} {why}{given} outside the template."
        return Step(notes=(note,), outside=True, above=(name,))
    if not isinstance(default, ScalarNode):
        raise TemplateError(
            f"The Default of parameter {name} is not a plain value",
            place=reading.document.place(default),
            remedy=BY_HAND,
        )
    text = reading.document.text
    flow = style.json or bool(parameter.node.flow_style)
    refuse_anchor(reading.document, default, edit)
    refuse_shared(reading.document, default, edit)
    splices = [
        replace_scalar(
            text, default, edit.value if isinstance(edit.value, str | int | float) else wanted, style, flow=flow
        )
    ]
    notes = [f"The Default of parameter {name} is edited; a value given where you deploy overrides it."]
    allowed = item(parameter.node, "AllowedValues")
    if wanted not in (allowed_values(parameter.node) or [wanted]) and isinstance(allowed, SequenceNode):
        splices.append(append_item(text, allowed, wanted, style))
        notes.append(f"{wanted} joins the AllowedValues of parameter {name}.")
    else:
        _refuse_broken_rule(reading, edit, parameter, wanted)
    return Step(splices=tuple(splices), shared=f"parameter {name}", notes=tuple(notes))


def _refuse_broken_rule(reading: Reading, edit: SetProperty, parameter: Parameter, wanted: str) -> None:
    broken = broken_rule(parameter.name, wanted, parameter.type, parameter.node, parameter.place)
    if broken is not None:
        raise TemplateError(
            f"{title(edit)} cannot become {wanted}: {broken[0].lower()}{broken[1:]}",
            place=reading.document.place(parameter.node),
            remedy="Widen the rule first, if it may be.",
        )


def _parameter_text(value: Value) -> str | None:
    if isinstance(value, tuple):
        texts = [plain_text(entry) for entry in value]
        return ",".join(text for text in texts if text is not None) if None not in texts else None
    return plain_text(value) if value is not None else None


def edit_mapping(reading: Reading, edit: SetProperty, argument: Node, node: Node, style: Style) -> Step:
    """Edit the entry that an ``Fn::FindInMap`` picks.

    Raises:
        TemplateError: Which entry it is cannot be told, or it is not a plain value.
    """
    leaf = map_leaf(reading.resolver, argument, node)
    plain = isinstance(edit.value, str | int | float)
    if isinstance(leaf, Unknown) or not isinstance(leaf, ScalarNode) or intrinsic(leaf) is not None or not plain:
        why = leaf.reason if isinstance(leaf, Unknown) else "its entry is not a plain value"
        raise TemplateError(
            f"{title(edit)} comes from Fn::FindInMap and cannot be edited safely: {why}",
            place=reading.document.place(node),
            remedy=BY_HAND,
        )
    refuse_anchor(reading.document, leaf, edit)
    refuse_shared(reading.document, leaf, edit)
    splice = replace_scalar(reading.document.text, leaf, edit.value, style, flow=True)
    line = reading.document.place(leaf).line
    return Step(
        splices=(splice,),
        shared="the mapping entry",
        notes=(f"{title(edit)} comes from an entry of Mappings; the entry (line {line}) is edited.",),
    )
