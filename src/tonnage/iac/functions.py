"""The functions of a template, each given its argument's node: they resolve what they need and combine it."""

from typing import TYPE_CHECKING, TypeAlias

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import (
    assemble,
    join,
    length,
    literal,
    placeholders,
    plain_text,
    select,
    split,
    to_json_string,
    zones,
)
from tonnage.iac.yaml_marks import item, pairs
from tonnage.workload import TemplateError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonnage.iac.resolve import Resolver

Function: TypeAlias = "Callable[[Resolver, Node, Node], Value]"
"""Takes the resolver, the argument's node and the node of the whole call (for its place)."""


def arguments(resolver: "Resolver", argument: Node, node: Node, name: str, least: int, most: int) -> list[Node]:
    """The arguments of a function that takes a list.

    Raises:
        TemplateError: They are not a list, or too few or too many.
    """
    if not isinstance(argument, SequenceNode) or not least <= len(argument.value) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise TemplateError(
            f"{name} needs a list of {wanted} arguments",
            place=resolver.document.place(node),
            remedy="Write it as the CloudFormation guide has it.",
        )
    return list(argument.value)


def _get_att(resolver: "Resolver", argument: Node, node: Node) -> Value:
    if isinstance(argument, ScalarNode):
        name, _, attribute = argument.value.partition(".")
        return resolver.reference(name, attribute or None, node)
    parts = [plain_text(resolver.value(part)) for part in arguments(resolver, argument, node, "Fn::GetAtt", 2, 9)]
    if parts[0] is None:
        return Unknown("Fn::GetAtt of a resource whose name is not known")
    attribute = ".".join("?" if part is None else part for part in parts[1:])
    return resolver.reference(parts[0], attribute, node)


def _sub(resolver: "Resolver", argument: Node, node: Node) -> Value:
    own: dict[str, Value] = {}
    template = argument
    if isinstance(argument, SequenceNode):
        template, variables = arguments(resolver, argument, node, "Fn::Sub", 2, 2)
        if isinstance(variables, MappingNode):
            own = {key.value: resolver.value(inner) for key, inner in pairs(variables)}
    if not isinstance(template, ScalarNode):
        return Unknown("Fn::Sub of a text that is not a plain string")
    assembled = assemble(
        (own[text] if text in own else resolver.named(text, node)) if is_name else text
        for is_name, text in placeholders(template.value)
    )
    return literal(assembled) if isinstance(assembled, str) else assembled


def _join(resolver: "Resolver", argument: Node, node: Node) -> Value:
    delimiter, items = arguments(resolver, argument, node, "Fn::Join", 2, 2)
    return join(plain_text(resolver.value(delimiter)), resolver.value(items))


def _split(resolver: "Resolver", argument: Node, node: Node) -> Value:
    delimiter, text = arguments(resolver, argument, node, "Fn::Split", 2, 2)
    return split(resolver.value(delimiter), resolver.value(text))


def _select(resolver: "Resolver", argument: Node, node: Node) -> Value:
    index, items = arguments(resolver, argument, node, "Fn::Select", 2, 2)
    return select(resolver.value(index), resolver.value(items))


def map_leaf(resolver: "Resolver", argument: Node, node: Node) -> Node | Unknown:
    """The node that an ``Fn::FindInMap`` picks, or why it cannot be told."""
    parts = arguments(resolver, argument, node, "Fn::FindInMap", 3, 4)
    values = [resolver.value(part) for part in parts[:3]]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if unknown is not None:
        return unknown
    keys = [plain_text(value) for value in values]
    if None in keys:
        return Unknown("Fn::FindInMap with a key that is known only after deployment")
    found: Node | None = item(resolver.document.root, "Mappings")
    for key in keys:
        found = item(found, str(key))
    if found is not None:
        return found
    default = item(parts[3], "DefaultValue") if len(parts) == 4 else None
    return default if default is not None else Unknown(f"mapping {keys[0]} has no {keys[1]}.{keys[2]}")


def _find_in_map(resolver: "Resolver", argument: Node, node: Node) -> Value:
    leaf = map_leaf(resolver, argument, node)
    return leaf if isinstance(leaf, Unknown) else resolver.value(leaf)


def _imported(resolver: "Resolver", argument: Node) -> Value:
    return Unknown(f"imported value {plain_text(resolver.value(argument)) or 'whose name is not known'}")


FUNCTIONS: dict[str, Function] = {
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": lambda resolver, argument, _: _imported(resolver, argument),
    "Fn::Cidr": lambda *_: Unknown("Fn::Cidr is not computed"),
    "Fn::Base64": lambda resolver, argument, _: resolver.value(argument),
    "Fn::GetAZs": lambda resolver, argument, _: zones(resolver.value(argument), resolver.region),
    "Fn::Length": lambda resolver, argument, _: length(resolver.value(argument)),
    "Fn::ToJsonString": lambda resolver, argument, _: to_json_string(resolver.value(argument)),
    **{
        name: lambda *_: Unknown("the attribute of a parameter, which AWS alone knows")
        for name in ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll")
    },
    "Fn::Transform": lambda *_: Unknown("made by a CloudFormation macro (Fn::Transform)"),
}
