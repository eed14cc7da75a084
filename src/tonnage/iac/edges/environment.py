"""Function or tasks → table, database, cache, bucket, queue or function: environment variables that name it."""

import re
from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import BALANCERS, DATASTORES, FUNCTIONS, QUEUES, STORAGE, TASKS, TOPICS, WORKFLOWS, Wiring, edge
from tonnage.workload import Edge
from tonnage.workload.component import Certainty

_CALLABLE = DATASTORES | STORAGE | FUNCTIONS | BALANCERS | QUEUES | TOPICS | WORKFLOWS
_NAMES_SOMETHING = re.compile(
    r"table|bucket|topic|bus|machine|function|lambda|name|arn|host|endpoint|database|db|cache|redis|cluster|queue|url",
    re.IGNORECASE,
)


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges where a variable refers to the component, inferred ones where it holds its physical name."""
    yield from _of_tasks(wiring)
    for component in wiring.of_kind(FUNCTIONS):
        resource = wiring.resource(component)
        variables = resource.get("Environment", "Variables") if resource is not None else None
        if resource is None or not isinstance(variables, Mapping):
            continue
        for name, value in variables.items():
            place = resource.place_of("Environment", "Variables", name)
            what = f"environment variable {name} of {component.name}"
            for mention in wiring.mentions(value):
                if wiring.components[mention.component].kind in _CALLABLE:
                    certainty: Certainty = "inferred" if mention.literal else "stated"
                    yield edge(component.name, mention.component, what, place, certainty)
            if isinstance(value, str) and value in wiring.names and _NAMES_SOMETHING.search(name):
                yield edge(component.name, wiring.names[value], f"{what} holds its name", place, "inferred")


def _of_tasks(wiring: Wiring) -> Iterator[Edge]:
    """What the containers of a service's tasks are told: environment variables and secrets."""
    for component in wiring.of_kind(TASKS):
        service = wiring.resource(component)
        for task in wiring.named(service.get("TaskDefinition")) if service is not None else ():
            containers = task.get("ContainerDefinitions")
            for k, container in enumerate(containers if isinstance(containers, tuple) else ()):
                if not isinstance(container, Mapping):
                    continue
                for name in ("Environment", "Secrets"):
                    what = f"{name} of a container in {task.name}"
                    for mention in wiring.mentions(container.get(name)):
                        if wiring.components[mention.component].kind in _CALLABLE:
                            place = task.place_of("ContainerDefinitions", k, name, *mention.path)
                            certainty: Certainty = "inferred" if mention.literal else "stated"
                            yield edge(component.name, mention.component, what, place, certainty)
