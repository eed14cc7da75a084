"""SAM's ``Globals``, properties that every resource of a kind shares, and the APIs that it makes by itself.

Merged as the AWS SAM developer guide has it ("Globals section"): mappings are merged, lists are joined with the
global items first, and anything else in the resource overrides the global.
"""

from collections.abc import Mapping

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import intrinsic
from tonnage.iac.yaml_marks import Document, item, pairs

_PREFIX = "AWS::Serverless::"
IMPLICIT_APIS: Mapping[str, str] = {
    "ServerlessRestApi": "AWS::Serverless::Api",
    "ServerlessHttpApi": "AWS::Serverless::HttpApi",
}
"""Names and kinds of the APIs made for events that name none ("Generated CloudFormation resources")."""


def with_globals(document: Document, kind: str, properties: MappingNode | None) -> MappingNode | None:
    """Properties of a resource with the globals of its kind merged in; nodes keep their own marks.

    Args:
        document: The template.
        kind: Resource type; only ``AWS::Serverless::*`` have globals.
        properties: The resource's own properties, or None where it has none.
    """
    if not kind.startswith(_PREFIX):
        return properties
    shared = item(item(document.root, "Globals"), kind.removeprefix(_PREFIX))
    if not isinstance(shared, MappingNode):
        return properties
    if properties is None:
        return shared
    merged = _merged(shared, properties)
    return merged if isinstance(merged, MappingNode) else properties


def _merged(shared: Node, own: Node) -> Node:
    if intrinsic(shared) is not None or intrinsic(own) is not None:
        return own
    if isinstance(shared, SequenceNode) and isinstance(own, SequenceNode):
        return SequenceNode(own.tag, [*shared.value, *own.value], own.start_mark, own.end_mark, own.flow_style)
    if not (isinstance(shared, MappingNode) and isinstance(own, MappingNode)):
        return own
    mine: dict[str, tuple[ScalarNode, Node]] = {key.value: (key, value) for key, value in pairs(own)}
    for key, value in pairs(shared):
        if key.value in mine:
            own_key, own_value = mine[key.value]
            mine[key.value] = (own_key, _merged(value, own_value))
        else:
            mine[key.value] = (key, value)
    return MappingNode(own.tag, list(mine.values()), own.start_mark, own.end_mark, own.flow_style)
