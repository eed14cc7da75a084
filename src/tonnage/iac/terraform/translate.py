"""Terraform's resources as a stack in CloudFormation's vocabulary, by the tables in ``kinds``.

A resource is called by its address. References keep the resource and lose Terraform's names of attributes, but for
those that mean something else than the resource itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from tonnage.iac.terraform.instance import Instance
from tonnage.iac.terraform.kinds import Spelling, spellings
from tonnage.iac.terraform.kinds._spelling import Spec
from tonnage.workload import Path, Place, Reference, Resource, Text, Unknown, Value, references

_ATTRIBUTES: Mapping[str, str | None] = MappingProxyType(
    {
        "stream_arn": "StreamArn",
        "arn": "Arn",
        "invoke_arn": "Arn",
        "qualified_arn": "Arn",
        "dns_name": "DNSName",
        "domain_name": "DomainName",
        "bucket_regional_domain_name": "RegionalDomainName",
        "bucket_domain_name": "DomainName",
        "function_url": "FunctionUrl",
        "api_endpoint": "ApiEndpoint",
        "endpoint": "Endpoint.Address",
        "address": "Endpoint.Address",
        "reader_endpoint": "ReadEndpoint.Address",
        "primary_endpoint_address": "PrimaryEndPoint.Address",
        "configuration_endpoint_address": "ConfigurationEndPoint.Address",
    }
)
"""Attributes of Terraform that CloudFormation gives by ``Fn::GetAtt``; all others name the resource."""
_NOT_AWS = ("null_", "random_", "local_", "tls_", "time_", "archive_", "template_", "terraform_", "external_", "http_")
_QUIET: Mapping[str, str] = MappingProxyType(
    {
        "iam": "IAM",
        "kms": "KMS",
        "secretsmanager": "SecretsManager",
        "acm": "CertificateManager",
        "cognito": "Cognito",
        "cloudwatch_log": "Logs",
        "cloudwatch": "CloudWatch",
        "route53": "Route53",
        "service_discovery": "ServiceDiscovery",
        "ssm": "SSM",
        "ecr": "ECR",
        "wafv2": "WAFv2",
        "backup": "Backup",
        "xray": "XRay",
        "cloudtrail": "CloudTrail",
        "config": "Config",
        "s3_bucket": "S3::Policy",
        "s3_object": "S3::Policy",
        "cloudfront": "CloudFront",
        "lambda": "Lambda",
        "api_gateway": "ApiGateway",
        "apigatewayv2": "ApiGatewayV2",
        "ecs": "ECS",
        "codedeploy": "CodeDeploy",
        "codebuild": "CodeBuild",
        "codepipeline": "CodePipeline",
        "default": "EC2::VPCDefault",
        "vpc": "EC2::VPC",
        "vpn": "EC2::VPN",
        "db_option": "RDS::OptionGroup",
        "db_event": "RDS::EventSubscription",
        "secrets": "SecretsManager",
        "ebs_snapshot": "EC2::VolumeSnapshot",
        "neptune": "Neptune",
        "elasticsearch_domain_policy": "IAM",
        "ec2_capacity_reservation": "EC2::NetworkCapacityReservation",
    }
)
"""Services whose types that no table has carry no requests, by how the types begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Where Terraform writes what CloudFormation writes elsewhere.

    Attributes:
        name: Name in the stack of the resource that writes it.
        trace: Where each property comes from there.
        spec: How properties are spelled there.
        within: The block they stand in; empty for the resource itself.
    """

    name: str
    trace: Mapping[Path, Path]
    spec: Spec
    within: Path = ()


@dataclass(slots=True)
class _Making:
    """A resource while it is put together."""

    kind: str
    properties: dict[str, Value]
    place: Place
    places: dict[Path, Place] = field(default_factory=dict)
    trace: dict[Path, Path] = field(default_factory=dict)
    joined: dict[Path, Joined] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A configuration in CloudFormation's vocabulary.

    Attributes:
        resources: By address.
        traces: For each resource, where each property comes from: the path of Terraform's attribute.
        joined: For each resource, the paths of the properties that other resources of Terraform's make.
    """

    resources: Mapping[str, Resource]
    traces: Mapping[str, Mapping[Path, Path]]
    joined: Mapping[str, Mapping[Path, Joined]]


def translate(instances: Sequence[Instance]) -> Translation:
    """Resources of a stack from instances of Terraform's resources."""
    names = {each.address: _name(each.address) for each in instances}
    known = spellings()
    making: dict[str, _Making] = {}
    joining: list[tuple[Instance, Spelling]] = []
    aliases = _by_identifier(instances)
    for each in instances:
        spelling = known.get(each.kind)
        if spelling is None:
            if not each.kind.startswith(_NOT_AWS):
                making[each.address] = _Making(_kind_of(each.kind), {}, each.place)
            continue
        if spelling.into is not None:
            joining.append((each, spelling))
            continue
        making[each.address] = _made(each, spelling)
        for block, made in _apart(each, spelling):
            names[f"{each.address}.{block}"] = f"{names[each.address]}.{block}"
            making[f"{each.address}.{block}"] = made
    for each, spelling in joining:
        _join(each, spelling, making)
    resources: dict[str, Resource] = {}
    for address, made in making.items():
        link = _Link(names, aliases, address)
        resources[names[address]] = Resource(
            name=names[address],
            kind=made.kind,
            properties={key: link.value(value) for key, value in made.properties.items()},
            place=made.place,
            places=made.places,
        )
    return Translation(
        resources=resources,
        traces={names[address]: each.trace for address, each in making.items()},
        joined={names[address]: each.joined for address, each in making.items() if each.joined},
    )


def _name(address: str) -> str:
    """An address as a name: without what has a meaning of its own in names of parts."""
    return address.replace("/", "-").replace(":", "-")


def _kind_of(kind: str) -> str:
    rest = kind.removeprefix("aws_")
    found = next(
        (rest[: len(start)] for start in sorted(_QUIET, key=len, reverse=True) if rest.startswith(start)), None
    )
    if found is None or rest == kind:
        return kind
    service = _QUIET[found]
    return f"AWS::{service}" if "::" in service else f"AWS::{service}::{pascal(rest)}"


def _made(instance: Instance, spelling: Spelling) -> _Making:
    kind = spelling.kind
    if spelling.kind_by is not None and instance.values.get(spelling.kind_by[0]) == spelling.kind_by[1]:
        kind = spelling.kind_by[2]
    made = _Making(kind, {}, instance.place)
    _spell(instance.values, spelling.spec, made.properties, made.trace, (), ())
    for name, value in spelling.defaults.items():
        made.properties.setdefault(name, value)
    for path, written in made.trace.items():
        if written in instance.places:
            made.places[path] = instance.places[written]
    return made


def _apart(instance: Instance, spelling: Spelling) -> Iterator[tuple[str, _Making]]:
    """Blocks that are resources of their own."""
    for name, (kind, owner, spec) in spelling.apart.items():
        value = instance.values.get(name)
        block = value[0] if isinstance(value, tuple) and value else value
        if not isinstance(block, Mapping):
            continue
        at: Path = (name, 0) if isinstance(value, tuple) else (name,)
        made = _Making(kind, {owner: Reference(instance.address)}, instance.places.get((name,), instance.place))
        _spell(block, spec, made.properties, made.trace, (), at)
        made.places.update({path: instance.places[w] for path, w in made.trace.items() if w in instance.places})
        made.joined[()] = Joined(name=_name(instance.address), trace=made.trace, spec=spec, within=at)
        yield name, made


def _spell(
    values: Mapping[str, Value], spec: Spec, into: dict[str, Value], trace: dict[Path, Path], at: Path, written: Path
) -> None:
    """Put attributes under their names in CloudFormation.

    Args:
        values: Attributes and blocks of Terraform.
        spec: How they are spelled.
        into: The properties, or the mapping below them.
        trace: Where each property comes from; filled.
        at: Path of ``into`` below the properties.
        written: Path of ``values`` below the resource.
    """
    for name, value in values.items():
        if value is None or value in ((), "", {}):
            continue
        rule = spec.get(name, pascal(name))
        here = (*written, name)
        if rule is None:
            continue
        if callable(rule):
            for key, made in rule(value).items():
                before = into.get(key)
                into[key] = (*before, *made) if isinstance(before, tuple) and isinstance(made, tuple) else made
                trace[*at, key] = here
        elif isinstance(rule, str):
            target, path = _below(into, at, rule)
            last = rule.rpartition(".")[2] or pascal(name)
            plain = _spelled_blocks(value) if _is_blocks(value) and name not in spec else value
            target[last] = plain
            trace[*path, last] = here
        elif isinstance(rule, tuple):
            blocks = value if isinstance(value, tuple) else (value,)
            first = blocks[0] if blocks else None
            if not isinstance(first, Mapping):
                continue
            target, path = _below(into, at, f"{rule[0]}." if rule[0] else "")
            _spell(first, rule[1], target, trace, path, (*here, 0) if isinstance(value, tuple) else here)
        else:
            title, inner = rule[0]
            target, path = _below(into, at, title)
            last = title.rpartition(".")[2]
            made_list: list[Value] = []
            for k, block in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(block, Mapping):
                    item: dict[str, Value] = {}
                    _spell(block, inner, item, trace, (*path, last, k), (*here, k))
                    made_list.append(item)
            target[last] = tuple(made_list)
            trace[*path, last] = here


def _below(into: dict[str, Value], at: Path, dotted: str) -> tuple[dict[str, Value], Path]:
    """The mapping in which the last piece of a dotted name stands, made where it is not there."""
    for piece in dotted.split(".")[:-1]:
        inner = into.get(piece)
        fresh = dict(inner) if isinstance(inner, Mapping) else {}
        into[piece] = fresh
        into, at = fresh, (*at, piece)
    return into, at


def _is_blocks(value: Value) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _spelled_blocks(value: Value) -> Value:
    made: list[Value] = []
    for block in value if isinstance(value, tuple) else ():
        item: dict[str, Value] = {}
        _spell(block if isinstance(block, Mapping) else {}, {}, item, {}, (), ())
        made.append(item)
    return tuple(made)


def pascal(name: str) -> str:
    """``memory_size`` as ``MemorySize``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _join(instance: Instance, spelling: Spelling, making: dict[str, _Making]) -> None:
    """Put what CloudFormation writes inside another resource into that one."""
    attribute, title = spelling.into or ("", "")
    owners = [each.resource for each in references(instance.values.get(attribute))]
    owner = next((making[each] for each in owners if each in making), None)
    if owner is None:
        return
    item: dict[str, Value] = {}
    trace: dict[Path, Path] = {}
    _spell(instance.values, spelling.spec, item, trace, (), ())
    if not title:
        for key, value in item.items():
            owner.properties[key] = value
            below = {path[1:]: at for path, at in trace.items() if path[0] == key}
            owner.joined[(key,)] = Joined(name=_name(instance.address), trace=below, spec=spelling.spec)
        return
    # An attribute that is the item itself is spelled without a name.
    plain = [name for name, rule in spelling.spec.items() if rule == "" and instance.values.get(name) is not None]
    entry: Value = instance.values[plain[0]] if plain else item
    name = title.removesuffix("[]")
    before = owner.properties.get(name)
    held = before if isinstance(before, tuple) else ()
    owner.joined[name, len(held)] = Joined(name=_name(instance.address), trace=trace, spec=spelling.spec)
    owner.properties[name] = (*held, entry)


def _by_identifier(instances: Iterable[Instance]) -> dict[str, str]:
    """Addresses by the ARNs and ids that AWS gave, where a plan or a state knows them."""
    found: dict[str, str] = {}
    for each in instances:
        for name in ("arn", "id", "invoke_arn", "dns_name", "url", "endpoint"):
            value = each.values.get(name)
            if isinstance(value, str) and len(value) > 5:
                found.setdefault(value, each.address)
        stream = each.values.get("stream_arn")
        if isinstance(stream, str) and stream:
            found.setdefault(stream, f"{each.address}\0stream_arn")
    return found


class _Link:
    """Names in the place of addresses, references in the place of ARNs and ids."""

    def __init__(self, names: Mapping[str, str], identifiers: Mapping[str, str], own: str) -> None:
        self.names, self.identifiers, self.own = names, identifiers, own

    def value(self, value: Value) -> Value:
        """A value as the stack has it."""
        if isinstance(value, Reference):
            name = self.names.get(value.resource, value.resource)
            attribute = (value.attribute or "").partition(".")[0]
            return Reference(name, _ATTRIBUTES.get(attribute))
        if isinstance(value, str):
            address, _, attribute = self.identifiers.get(value, "").partition("\0")
            if address and address != self.own:
                return Reference(self.names[address], _ATTRIBUTES.get(attribute))
            return value
        if isinstance(value, Text):
            parts = tuple(self.value(part) if not isinstance(part, str) else part for part in value.parts)
            return Text(tuple(part for part in parts if isinstance(part, str | Reference | Unknown)))
        if isinstance(value, tuple):
            return tuple(self.value(each) for each in value)
        if isinstance(value, Mapping):
            return {key: self.value(each) for key, each in value.items()}
        return value
