"""Software on instances of one's own that AWS runs as a service."""

import re
from collections.abc import Iterator, Mapping

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.workload import Resource, Text, Value, references

MANAGED: Mapping[str, tuple[str, str]] = {
    "redis": (r"redis(?:-server|-stack)?|valkey", "ElastiCache for Valkey or MemoryDB"),
    "memcached": (r"memcached", "ElastiCache for Memcached"),
    "mysql": (r"mysqld?(?:-server|-community)?|mariadb(?:-server)?", "RDS or Aurora MySQL"),
    "postgresql": (r"postgres(?:ql)?(?:-server|-\d+)?", "RDS or Aurora PostgreSQL"),
    "mongodb": (r"mongod|mongodb(?:-org)?", "DocumentDB"),
    "cassandra": (r"cassandra", "Keyspaces"),
    "kafka": (r"kafka", "MSK"),
    "rabbitmq": (r"rabbitmq(?:-server)?", "Amazon MQ"),
    "elasticsearch": (r"elasticsearch|opensearch", "OpenSearch Service"),
    "haproxy": (r"haproxy", "an Application or Network Load Balancer"),
}
"""How the software is installed or run, and what AWS offers instead."""
_PORTS: Mapping[int, str] = {
    6379: "redis",
    11211: "memcached",
    3306: "mysql",
    5432: "postgresql",
    27017: "mongodb",
    9042: "cassandra",
    9092: "kafka",
    5672: "rabbitmq",
    9200: "elasticsearch",
}
_INSTALLS = r"(?:install|enable|start|run|systemctl\s+\w+|service|docker\s+(?:run|pull))\b[^\n;&|]*?\b(?:{0})\b"
_KINDS = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")


def _look(resource: Resource, view: View) -> Iterator[Hit]:
    path = ("LaunchTemplateData",) if resource.kind == "AWS::EC2::LaunchTemplate" else ()
    script = _words(resource.get(*path, "UserData"))
    for name, (pattern, service) in MANAGED.items():
        if re.search(_INSTALLS.format(pattern), script, re.IGNORECASE):
            yield _hit(name, service, "its user data installs or starts it", (*path, "UserData"))
        elif re.search(rf"(?:^|[^a-z])(?:{pattern})(?:$|[^a-z])", _spaced(resource.name), re.IGNORECASE):
            yield _hit(name, service, "its name says so", ())
        elif name in (_PORTS.get(port) for port in _open(resource, path, view)):
            port = next(port for port, each in _PORTS.items() if each == name)
            yield _hit(name, service, f"its security group lets port {port} in", (*path, "SecurityGroupIds"))


def _hit(name: str, service: str, evidence: str, path: tuple[str | int, ...]) -> Hit:
    return Hit(
        what=f"it seems to run {name} ({evidence}), which one instance carries and nobody replaces",
        path=path,
        remedy=f"Compare it with {service}: failover, replicas and scaling come with it.",
    )


def _spaced(name: str) -> str:
    """``RedisCacheServer`` as ``Redis Cache Server``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _words(value: Value) -> str:
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else " " for part in value.parts)
    return value if isinstance(value, str) else ""


def _open(resource: Resource, path: tuple[str, ...], view: View) -> Iterator[int]:
    """Ports that the security groups of an instance let in."""
    named = (resource.get(*path, name) for name in ("SecurityGroupIds", "SecurityGroups"))
    for reference in (each for value in named for each in references(value)):
        group = view.stack.resources.get(reference.resource)
        rules = group.get("SecurityGroupIngress") if group is not None else None
        for rule in rules if isinstance(rules, tuple) else (rules,):
            if isinstance(rule, Mapping):
                port = str(rule.get("FromPort"))
                if port.isdigit() and rule.get("ToPort") is not None and port == str(rule.get("ToPort")):
                    yield int(port)


CHECK = Check(
    id="ec2-self-managed",
    title="What AWS runs as a service is not run on instances of one's own",
    why="A database, cache or broker on an instance has the limits of one machine, and its failover is one's own work.",
    remedy="Compare it with the managed service.",
    source="AWS Well-Architected, Performance Efficiency pillar, democratize advanced technologies",
    best_practice="PERF01-BP01",
    severity="medium",
    kinds=_KINDS,
    look=_look,
)
