"""Ingress or load balancer → Deployment by its Service, and Deployment → what its environment names."""

import re
from collections.abc import Iterator

from tonnage.iac.parts import selected_deployments
from tonnage.iac.wiring import BALANCERS, DATASTORES, FUNCTIONS, PODS, QUEUES, Wiring, edge
from tonnage.workload import Edge, Path, Resource, Value

_SERVICE, _INGRESS = "Kubernetes::Service", "Kubernetes::Ingress"
_CALLABLE = DATASTORES | FUNCTIONS | QUEUES
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges by backends and selectors; inferred ones by host names in environment variables."""
    yield from _of_doors(wiring)
    services = {str(each.get("metadata", "name")): each for each in wiring.stack.of_kind(_SERVICE)}
    for component in wiring.of_kind(PODS):
        deployment = wiring.resource(component)
        if deployment is None:
            continue
        for path, text in _environment(deployment):
            place, what = deployment.place_of(*path), f"environment of {component.name}"
            for host in dict.fromkeys(_HOST.findall(text)):
                first = host.partition(".")[0]
                callees = _behind(services.get(first), wiring) if first in services else ()
                for callee in callees:
                    yield edge(component.name, callee, f"{what} names Service {first}", place, "inferred")
                named = wiring.names.get(host) or wiring.names.get(first)
                if named is not None and wiring.components[named].kind in _CALLABLE:
                    yield edge(component.name, named, f"{what} holds its name", place, "inferred")


def _of_doors(wiring: Wiring) -> Iterator[Edge]:
    services = {str(each.get("metadata", "name")): each for each in wiring.stack.of_kind(_SERVICE)}
    for component in wiring.of_kind(BALANCERS):
        door = wiring.resource(component)
        if door is None:
            continue
        if door.kind == _SERVICE:
            for callee in _behind(door, wiring):
                what = f"selector of Service {door.get('metadata', 'name')}"
                yield edge(component.name, callee, what, door.place_of("spec", "selector"), "stated")
        elif door.kind == _INGRESS:
            for path, name in _backends(door):
                for callee in _behind(services.get(name), wiring):
                    yield edge(component.name, callee, f"backend {name} of {door.name}", door.place_of(*path), "stated")


def _behind(service: Resource | None, wiring: Wiring) -> Iterator[str]:
    if service is not None:
        yield from (name for name in selected_deployments(service, wiring.stack) if name in wiring.components)


def _backends(value: Resource) -> Iterator[tuple[Path, str]]:
    """Names of Services below ``backend`` and ``defaultBackend``."""
    for path in value.places:
        if path[-2:] == ("service", "name") and isinstance(name := value.get(*path), str):
            yield path, name


def _environment(deployment: Resource) -> Iterator[tuple[Path, str]]:
    containers: Path = ("spec", "template", "spec", "containers")
    for path in deployment.places:
        if path[: len(containers)] == containers and path[-1] == "value" and "env" in path:
            value: Value = deployment.get(*path)
            if isinstance(value, str):
                yield path, value
