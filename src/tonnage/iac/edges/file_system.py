"""Function or tasks → file system: the configuration that mounts it."""

from collections.abc import Iterator

from tonnage.iac.wiring import FUNCTIONS, STORAGE, TASKS, Wiring, edge
from tonnage.workload import Edge


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from what mounts a file system, directly or by an access point."""
    for component in wiring.of_kind(FUNCTIONS | TASKS):
        resource = wiring.resource(component)
        if resource is None:
            continue
        holders = [(resource, "FileSystemConfigs")]
        holders += [(task, "Volumes") for task in wiring.named(resource.get("TaskDefinition"))]
        for holder, name in holders:
            for mention in wiring.mentions(holder.get(name)):
                if wiring.components[mention.component].kind in STORAGE:
                    place = holder.place_of(name, *mention.path)
                    yield edge(component.name, mention.component, f"{name} of {holder.name}", place, "stated")
