"""A new resource in HCL, from its properties in CloudFormation's vocabulary."""

import json
import re
from collections.abc import Mapping
from textwrap import indent as indented

from tonnage.iac.edit import AddResource
from tonnage.iac.intrinsic import plain_text
from tonnage.iac.terraform.kinds import spellings
from tonnage.iac.terraform.kinds._spelling import Spec
from tonnage.iac.terraform.translate import pascal
from tonnage.workload import Reference, TemplateError, Text, Unknown, Value

_BY_HAND = "Add it to the configuration by hand."


def hcl(value: Value, indent: str = "", attribute: str = "id") -> str:
    """A value as an expression.

    Args:
        value: The value; a reference becomes one to what ``attribute`` suggests: the ARN, the name or the id.
        indent: Of the line that it stands in.
        attribute: Name of the attribute that it is for.
    """
    if isinstance(value, Reference):
        return f"{value.resource}.{_named(attribute, value)}"
    if isinstance(value, Text):
        parts = (
            f"${{{hcl(p, indent, 'name')}}}" if isinstance(p, Reference) else _escaped(str(p)) for p in value.parts
        )
        return f'"{"".join(parts)}"'
    if isinstance(value, Mapping):
        inner = "".join(f"{indent}  {_key(k)} = {hcl(v, f'{indent}  ')}\n" for k, v in value.items())
        return f"{{\n{inner}{indent}}}"
    if isinstance(value, tuple):
        return "[" + ", ".join(hcl(each, indent, attribute) for each in value) + "]"
    if isinstance(value, Unknown):
        raise TemplateError(f"A value that is not known ({value.reason}) cannot be written", remedy=_BY_HAND)
    return (
        f'"{_escaped(value)}"'
        if isinstance(value, str)
        else (plain_text(value) if value is not None else "null") or "null"
    )


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][\w-]*", name) else f'"{_escaped(name)}"'


_ATTRIBUTES = {
    "DNSName": "dns_name",
    "LoadBalancerFullName": "arn_suffix",
    "TargetGroupFullName": "arn_suffix",
    "Name": "name",
    "QueueName": "name",
}
_NAMES = {
    "aws_lambda_function": "function_name",
    "aws_db_instance": "identifier",
    "aws_rds_cluster": "cluster_identifier",
    "aws_docdb_cluster": "cluster_identifier",
    "aws_elasticache_cluster": "cluster_id",
    "aws_elasticache_replication_group": "id",
    "aws_apigatewayv2_api": "id",
    "aws_cloudfront_distribution": "id",
    "aws_instance": "id",
    "aws_nat_gateway": "id",
    "aws_efs_file_system": "id",
    "aws_sfn_state_machine": "arn",
}
"""What a resource is called by, where that is no ``name``."""


def _named(attribute: str, value: Reference) -> str:
    if value.attribute in _ATTRIBUTES:
        return _ATTRIBUTES[value.attribute]
    if attribute.endswith(("arn", "arns", "actions")):
        return "arn"
    kind = value.resource.rpartition(".")[0].rpartition(".")[2]
    return _NAMES.get(kind, "name") if attribute.endswith("name") else "id"


def written_resource(edit: AddResource) -> str:
    """A block of a new resource.

    Raises:
        TemplateError: Terraform's spelling of its kind, or of one of its properties, is not known.
    """
    kind = next((name for name, each in spellings().items() if each.kind == edit.body.get("Type")), None)
    properties = edit.body.get("Properties")
    if kind is None or not isinstance(properties, Mapping):
        raise TemplateError(f"{edit.name} ({edit.body.get('Type')}) is not spelled in Terraform", remedy=_BY_HAND)
    spelling = spellings()[kind]
    demanded = "".join(f"{indented(block, '  ')}\n" for block in spelling.demanded)
    body = _body(properties, spelling.spec, "  ", edit.name)
    return f'resource "{kind}" "{_label(edit.name)}" {{\n{body}{demanded}}}\n'


def written_block(edit: AddResource) -> tuple[str, str] | None:
    """Name of the resource that a new one is a block of in Terraform, and the block; None where it is none."""
    properties = edit.body.get("Properties")
    for spelling in spellings().values():
        for name, (kind, owner, spec) in spelling.apart.items():
            if kind == edit.body.get("Type") and isinstance(properties, Mapping):
                rest = {key: value for key, value in properties.items() if key != owner}
                of = properties.get(owner)
                if isinstance(of, Reference):
                    return of.resource, f"{name} {{\n{_body(rest, spec, '  ', edit.name)}}}"
    return None


def _label(name: str) -> str:
    """A label in Terraform's style; of a name that is an address, of what stands behind its kind."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.rpartition(".")[2])
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def address(edit: AddResource) -> str | None:
    """What a new resource is called in Terraform; None where its kind is not spelled there."""
    kind = next((name for name, each in spellings().items() if each.kind == edit.body.get("Type")), None)
    return None if kind is None else f"{kind}.{_label(edit.name)}"


def readdressed(value: Value, addresses: Mapping[str, str]) -> Value:
    """A value that refers to new resources by what they are called in Terraform."""
    match value:
        case Reference():
            return Reference(addresses.get(value.resource, value.resource), value.attribute)
        case Text():
            parts = (readdressed(part, addresses) for part in value.parts)
            return Text(tuple(part for part in parts if isinstance(part, str | Reference | Unknown)))
        case Mapping():
            return {key: readdressed(each, addresses) for key, each in value.items()}
        case tuple():
            return tuple(readdressed(each, addresses) for each in value)
        case _:
            return value


def _dimensions(value: Value, indent: str) -> str:
    """Dimensions of an alarm, a map in Terraform, with the names that CloudWatch knows the resources by."""
    pairs = [
        (each["Name"], each["Value"])
        for each in (value if isinstance(value, tuple) else ())
        if isinstance(each, Mapping)
    ]
    inner = "".join(f"{indent}  {_key(str(name))} = {hcl(each, f'{indent}  ', 'name')}\n" for name, each in pairs)
    return f"{indent}dimensions = {{\n{inner}{indent}}}\n"


def _body(properties: Mapping[str, Value], spec: Spec, indent: str, what: str, within: str = "") -> str:
    """Attributes and blocks that are read back as some properties.

    Args:
        properties: The properties, or those in one of them.
        spec: How they are spelled.
        indent: Of the lines.
        what: Name of the resource, for messages.
        within: The property that they stand in where Terraform has no block for it, with a dot behind.
    """
    lines = ""
    for name, value in properties.items():
        if name == "Dimensions":
            lines += _dimensions(value, indent)
            continue
        attribute, rule = _spelled(f"{within}{name}", spec)
        if rule is None and isinstance(value, Mapping) and _holds_others(f"{within}{name}.", spec):
            lines += _body(value, spec, indent, what, f"{within}{name}.")
            continue
        if isinstance(rule, tuple) and isinstance(value, Mapping):
            lines += f"{indent}{attribute} {{\n{_body(value, rule[1], f'{indent}  ', what)}{indent}}}\n"
        elif isinstance(rule, list) and isinstance(value, tuple):
            for each in value:
                inner = _body(each, rule[0][1], f"{indent}  ", what) if isinstance(each, Mapping) else ""
                lines += f"{indent}{attribute} {{\n{inner}{indent}}}\n"
        elif rule is None or isinstance(rule, str):
            if isinstance(value, Mapping) or (isinstance(value, tuple) and any(isinstance(e, Mapping) for e in value)):
                raise TemplateError(f"{what}: how {name} is written in Terraform is not known", remedy=_BY_HAND)
            lines += f"{indent}{attribute} = {hcl(value, indent, attribute)}\n"
        else:
            raise TemplateError(f"{what}: how {name} is written in Terraform is not known", remedy=_BY_HAND)
    return lines


def _holds_others(prefix: str, spec: Spec) -> bool:
    """Whether Terraform spells what stands in a property, and the property itself not."""
    titles = (rule if isinstance(rule, str) else rule[0] if isinstance(rule, tuple) else "" for rule in spec.values())
    lists = (rule[0][0] for rule in spec.values() if isinstance(rule, list))
    return any(title.startswith(prefix) for title in (*titles, *lists))


def _spelled(name: str, spec: Spec) -> "tuple[str, object]":
    """Attribute or block of a property, and its rule; None for one that is spelled by the general rule."""
    for attribute, rule in spec.items():
        if isinstance(rule, str) and (rule or pascal(attribute)) == name:
            return attribute, rule
        if isinstance(rule, tuple) and rule[0] == name:
            return attribute, rule
        if isinstance(rule, list) and rule[0][0] == name:
            return attribute, rule
    plain = name.rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain).lower(), None
