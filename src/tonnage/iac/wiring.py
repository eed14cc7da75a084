"""Wiring: which component a value in the architecture speaks of, directly or through something that stands for it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnage.iac.parts import NAMES_OWNER
from tonnage.services import kinds_of
from tonnage.workload import (
    Component,
    Edge,
    Path,
    Place,
    Reference,
    Resource,
    Stack,
    Text,
    Value,
    references,
)
from tonnage.workload.component import Certainty

FUNCTIONS = kinds_of("function")
GROUPS = kinds_of("instances")
TASKS = kinds_of("tasks")
PODS = kinds_of("pods")
TABLES = kinds_of("table")
SERVERS = kinds_of("server", "cache")
QUEUES = kinds_of("queue")
BALANCERS = kinds_of("balancer")
STORAGE = kinds_of("storage")
TOPICS = kinds_of("topic")
WORKFLOWS = kinds_of("workflow")
APIS = kinds_of("api")
EDGES = kinds_of("edge")
COMPUTE = FUNCTIONS | GROUPS | TASKS | PODS
DATASTORES = TABLES | SERVERS

_STANDS_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AWS::SecretsManager::SecretTargetAttachment": ("TargetId",),
        "AWS::RDS::DBProxyTargetGroup": ("DBClusterIdentifiers", "DBInstanceIdentifiers"),
        "AWS::RDS::DBProxyEndpoint": ("DBProxyName",),
        "AWS::SSM::Parameter": ("Value",),
        "AWS::EFS::AccessPoint": ("FileSystemId",),
        "AWS::ApiGateway::VpcLink": ("TargetArns",),
        "AWS::Route53::RecordSet": ("AliasTarget", "ResourceRecords"),
    }
)
# These are named by another resource that also names the component: an attachment, or the database itself.
_NAMED_BESIDE: Mapping[str, str] = MappingProxyType(
    {
        "AWS::SecretsManager::SecretTargetAttachment": "SecretId",
        "AWS::RDS::DBProxyTargetGroup": "DBProxyName",
    }
)
_CREDENTIALS = ("MasterUserPassword", "MasterUsername", "MasterUserSecret")
_PHYSICAL_NAMES = (
    "TableName",
    "FunctionName",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "ReplicationGroupId",
    "BucketName",
)
_ARN = re.compile(r":(?:table/|function:|db:|cluster:|s3:::)([A-Za-z0-9_.-]+)")
_NOT_SYNCHRONOUS = frozenset({"StreamArn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place in a value that speaks of a component.

    Attributes:
        component: Name of the component.
        path: Path of the mention below the value's own.
        literal: Whether it is named by its physical name, and not referred to.
    """

    component: str
    path: Path
    literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """A stack, its components and what stands for them.

    Attributes:
        stack: All resources.
        components: By name.
        stands_for: Logical ids of components and of what leads to one (alias, listener, secret, proxy), to the
            component's name.
        names: Physical names that the file states, to the component's name.
    """

    stack: Stack
    components: Mapping[str, Component]
    stands_for: Mapping[str, str]
    names: Mapping[str, str]

    def of_kind(self, kinds: frozenset[str]) -> list[Component]:
        """Components of some kinds, in file order."""
        return [component for component in self.components.values() if component.kind in kinds]

    def resource(self, component: Component) -> Resource | None:
        """The main resource; None for an API that only SAM's expansion makes."""
        return self.stack.resources.get(component.name)

    def named(self, value: Value) -> list[Resource]:
        """Resources that a value refers to, in order."""
        found = (self.stack.resources.get(reference.resource) for reference in references(value))
        return [resource for resource in found if resource is not None]

    def mentions(self, value: Value, path: Path = ()) -> Iterator[Mention]:
        """Every component that a value speaks of, with the path; the stream of a table is not the table."""
        if isinstance(value, Reference):
            component = self.stands_for.get(value.resource)
            if component is not None and value.attribute not in _NOT_SYNCHRONOUS:
                yield Mention(component=component, path=path)
        elif isinstance(value, Text):
            for part in value.parts:
                yield from self.mentions(part, path)
        elif isinstance(value, str):
            for name in _ARN.findall(value) if "/stream/" not in value else ():
                if name in self.names:
                    yield Mention(component=self.names[name], path=path, literal=True)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                yield from self.mentions(item, (*path, index))
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from self.mentions(item, (*path, key))

    def first(self, value: Value, kinds: frozenset[str] | None = None) -> str | None:
        """The first component that a value speaks of, of some kinds."""
        for mention in self.mentions(value):
            if kinds is None or self.components[mention.component].kind in kinds:
                return mention.component
        return None


def wire(stack: Stack, components: Mapping[str, Component], parts: Mapping[str, str]) -> Wiring:
    """Find what stands for each component.

    Args:
        stack: All resources.
        components: By name.
        parts: What belongs to a component, by logical id (see ``parts_of``).
    """
    leading = {name: component for name, component in parts.items() if stack.resources[name].kind in NAMES_OWNER}
    stands_for = {**{name: name for name in components}, **leading}
    for component in components.values():
        resource = stack.resources.get(component.name)
        for name in _CREDENTIALS if resource is not None else ():
            for reference in references(resource.get(name) if resource is not None else None):
                stands_for.setdefault(reference.resource, component.name)
    changed = True
    while changed:
        changed = False
        for resource in stack.resources.values():
            target = next(
                (
                    stands_for[reference.resource]
                    for name in _STANDS_FOR.get(resource.kind, ())
                    for reference in references(resource.get(name))
                    if reference.resource in stands_for
                ),
                None,
            )
            if target is None:
                continue
            beside = references(resource.get(_NAMED_BESIDE[resource.kind])) if resource.kind in _NAMED_BESIDE else ()
            for name in (resource.name, *(reference.resource for reference in beside)):
                if name not in stands_for:
                    stands_for[name] = target
                    changed = True
    return Wiring(stack=stack, components=components, stands_for=stands_for, names=_names(stack, components))


def _names(stack: Stack, components: Mapping[str, Component]) -> dict[str, str]:
    names: dict[str, str] = {}
    for component in components.values():
        resource = stack.resources.get(component.name)
        for name in _PHYSICAL_NAMES if resource is not None else ():
            value = resource.get(name) if resource is not None else None
            if isinstance(value, str) and value:
                names.setdefault(value, component.name)
    return names


def line_of(place: Place) -> str:
    """A place as ``file:line``."""
    return f"{place.file}:{place.line}"


def edge(caller: str, callee: str, what: str, place: Place, certainty: Certainty) -> Edge:
    """An edge whose evidence says what was seen, and where."""
    evidence = f"{what} ({line_of(place)})"
    return Edge(caller=caller, callee=callee, evidence=evidence, certainty=certainty, place=place)
