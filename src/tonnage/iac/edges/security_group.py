"""Instances or function → database, cache or inner load balancer: its security group lets theirs in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tonnage.iac.launch import security_groups
from tonnage.iac.wiring import BALANCERS, COMPUTE, FUNCTIONS, SERVERS, TASKS, Wiring, edge
from tonnage.workload import Component, Edge, Place, Resource, Value, references

_GROUP = "AWS::EC2::SecurityGroup"
# Default ports: Amazon RDS User Guide, "Settings for DB instances"; Amazon ElastiCache User Guide.
_PORTS: Mapping[str, int] = {
    "mysql": 3306,
    "mariadb": 3306,
    "aurora": 3306,
    "aurora-mysql": 3306,
    "postgres": 5432,
    "aurora-postgresql": 5432,
    "redis": 6379,
    "valkey": 6379,
    "memcached": 11211,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A security group lets another in.

    Attributes:
        source: Logical id of the security group that may connect.
        target: Logical id of the one that lets it in.
        ports: First and last port; None for all or not known.
        what: The rule, in words.
        place: Where it stands.
    """

    source: str
    target: str
    ports: tuple[int, int] | None
    what: str
    place: Place


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Inferred edges along the openings between security groups."""
    callers = [(each, _groups_of(wiring, each)) for each in wiring.of_kind(COMPUTE)]
    callees = [(each, _groups_of(wiring, each)) for each in wiring.of_kind(SERVERS | BALANCERS) if _inner(wiring, each)]
    for opening in openings(wiring):
        for caller, sources in callers:
            for callee, targets in callees:
                if opening.source in sources and opening.target in targets and _fits(opening, _port(wiring, callee)):
                    yield edge(caller.name, callee.name, opening.what, opening.place, "inferred")


def openings(wiring: Wiring) -> Iterator[Opening]:
    """Every rule between two security groups of the stack, written inside a group or beside it."""
    for group in wiring.stack.of_kind(_GROUP):
        for name, towards in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
            rules = group.get(name)
            for index, rule in enumerate(rules if isinstance(rules, tuple) else (rules,)):
                if isinstance(rule, Mapping):
                    place = group.place_of(name, index)
                    yield from _openings(wiring, rule, group.name, towards, f"{name} of {group.name}", place)
    for kind, towards in (("AWS::EC2::SecurityGroupIngress", False), ("AWS::EC2::SecurityGroupEgress", True)):
        for beside in wiring.stack.of_kind(kind):
            own = next(references((beside.get("GroupId"), beside.get("GroupName"))), None)
            if own is not None:
                what = f"security group rule {beside.name}"
                yield from _openings(wiring, beside.properties, own.resource, towards, what, beside.place)


def _openings(
    wiring: Wiring, rule: Mapping[str, Value], own: str, towards: bool, what: str, place: Place
) -> Iterator[Opening]:
    names = ("DestinationSecurityGroupId",) if towards else ("SourceSecurityGroupId", "SourceSecurityGroupName")
    for other in (each for name in names for each in wiring.named(rule.get(name)) if each.kind == _GROUP):
        source, target = (own, other.name) if towards else (other.name, own)
        yield Opening(source=source, target=target, ports=_range(rule), what=f"{what} lets {source} in", place=place)


def _range(rule: Mapping[str, Value]) -> tuple[int, int] | None:
    first, last = _whole(rule.get("FromPort")), _whole(rule.get("ToPort"))
    if str(rule.get("IpProtocol")) == "-1" or first is None or first < 0:
        return None
    return first, last if last is not None else first


def _fits(opening: Opening, port: int | None) -> bool:
    return opening.ports is None or port is None or opening.ports[0] <= port <= opening.ports[1]


def _port(wiring: Wiring, component: Component) -> int | None:
    resource = wiring.resource(component)
    if resource is None or component.kind in BALANCERS:
        return None
    for name in ("Port", "PortNumber"):
        if resource.get(name) is not None:
            return _whole(resource.get(name))
    engine = resource.get("Engine")
    if component.kind == "AWS::ElastiCache::ReplicationGroup" and engine is None:
        engine = "redis"
    return _PORTS.get(engine.lower()) if isinstance(engine, str) else None


def _whole(value: Value) -> int | None:
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _inner(wiring: Wiring, component: Component) -> bool:
    """Whether instances may be its callers: a load balancer that faces the internet serves others."""
    resource = wiring.resource(component)
    return component.kind not in BALANCERS or (resource is not None and resource.get("Scheme") == "internal")


def _groups_of(wiring: Wiring, component: Component) -> set[str]:
    resource = wiring.resource(component)
    if resource is None:
        return set()
    values: list[Value]
    if component.kind in FUNCTIONS:
        values = [resource.get("VpcConfig", "SecurityGroupIds")]
    elif component.kind in TASKS:
        values = [resource.get("NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups")]
    elif component.kind in COMPUTE:
        values = [*security_groups(resource, wiring.stack)]
    else:
        members = [each for each in wiring.stack.resources.values() if _member(wiring, each, component)]
        values = [
            each.get(name)
            for each in (resource, *members)
            for name in ("VPCSecurityGroups", "VpcSecurityGroupIds", "SecurityGroupIds", "SecurityGroups")
        ]
    return {each.resource for value in values for each in references(value)}


def _member(wiring: Wiring, resource: Resource, component: Component) -> bool:
    return resource.kind == "AWS::RDS::DBInstance" and wiring.stands_for.get(resource.name) == component.name
