"""A stack written as a CloudFormation template in JSON, so that what was read can be kept, looked at and used again."""

import json
from collections.abc import Mapping

from tonnage.workload import Reference, Stack, Text, Unknown, Value


def as_template(stack: Stack) -> str:
    """The text of a template with the resources of a stack; what is not known is left out."""
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Metadata": {"Tonnage": {"Region": stack.region, "Notes": list(stack.notes)}},
        "Description": f"What an account has in {stack.region}, as Tonnage read it",
        "Resources": {
            name: {"Type": resource.kind, **resource.attributes, "Properties": _plain(resource.properties)}
            for name, resource in stack.resources.items()
        },
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def plain_resources(made: Mapping[str, Value]) -> dict[str, object]:
    """New resources as the JSON of a template.

    Args:
        made: By logical id.
    """
    return {name: _plain(body) for name, body in made.items()}


def _plain(value: Value) -> object:
    if isinstance(value, Reference):
        return {"Ref": value.resource} if value.attribute is None else {"Fn::GetAtt": [value.resource, value.attribute]}
    if isinstance(value, Text):
        pieces = [_piece(part) for part in value.parts]
        return {"Fn::Sub": "".join(pieces)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if not isinstance(each, Unknown)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value if not isinstance(each, Unknown)]
    return None if isinstance(value, Unknown) else value


def _piece(part: str | Reference | Unknown) -> str:
    if isinstance(part, Reference):
        return f"${{{part.resource}{'.' + part.attribute if part.attribute else ''}}}"
    return part.replace("${", "${!") if isinstance(part, str) else ""
