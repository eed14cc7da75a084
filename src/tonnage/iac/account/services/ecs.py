"""ECS clusters, services and task definitions."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, plain
from tonnage.iac.account.services import _roles
from tonnage.workload import Value

CALLS = (
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    *_roles.CALLS,
)
_AT_ONCE = 10


def read(ask: Ask) -> Iterator[Found]:
    """Clusters and services, the task definitions they run now, the roles of these."""
    roles: list[str] = []
    tasks: set[str] = set()
    for cluster in ask("ecs", "list_clusters", "clusterArns"):
        yield Found(
            kind="AWS::ECS::Cluster", name=cluster.rpartition("/")[2], properties={}, identifiers={cluster: None}
        )
        services = list(ask("ecs", "list_services", "serviceArns", cluster=cluster))
        for start in range(0, len(services), _AT_ONCE):
            chunk = services[start : start + _AT_ONCE]
            for service in ask("ecs", "describe_services", "services", cluster=cluster, services=chunk):
                tasks.add(service["taskDefinition"])
                short = f"service/{cluster.rpartition('/')[2]}/{service['serviceName']}"
                kept = {
                    name: service[name]
                    for name in ("desiredCount", "launchType", "capacityProviderStrategy")
                    if service.get(name)
                }
                yield Found(
                    kind="AWS::ECS::Service",
                    name=service["serviceName"],
                    properties={
                        **{name[:1].upper() + name[1:]: capital(plain(value)) for name, value in kept.items()},
                        "Cluster": cluster,
                        "TaskDefinition": service["taskDefinition"],
                        "LoadBalancers": capital(plain(service.get("loadBalancers", []))),
                    },
                    identifiers={service["serviceArn"]: None, short: "Name"},
                )
    for task in sorted(tasks):
        for found in ask("ecs", "describe_task_definition", "taskDefinition", taskDefinition=task):
            roles += [found["taskRoleArn"]] if found.get("taskRoleArn") else []
            kept = {
                name: found[name]
                for name in ("cpu", "memory", "requiresCompatibilities", "containerDefinitions", "taskRoleArn")
                if found.get(name)
            }
            yield Found(
                kind="AWS::ECS::TaskDefinition",
                name=f"{found['family']}-task",
                properties={name[:1].upper() + name[1:]: capital(plain(value)) for name, value in kept.items()},
                identifiers={task: None},
            )
    yield from _roles.read_roles(ask, roles)


def capital(value: Value) -> Value:
    """Names in camel case, as ECS answers, with a capital."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: capital(each) for key, each in value.items()}
    return tuple(capital(each) for each in value) if isinstance(value, tuple) else value
