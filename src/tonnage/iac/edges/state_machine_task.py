"""State machine → function, table, queue, topic: what its definition names, in the order of the definition."""

from collections.abc import Iterator

from tonnage.iac.wiring import DATASTORES, FUNCTIONS, QUEUES, STORAGE, TASKS, TOPICS, WORKFLOWS, Wiring, edge
from tonnage.workload import Edge

_CALLABLE = FUNCTIONS | QUEUES | TOPICS | DATASTORES | STORAGE | TASKS | WORKFLOWS
_DEFINITION = ("DefinitionString", "Definition", "DefinitionSubstitutions")


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from state machines to what their tasks call."""
    for component in wiring.of_kind(WORKFLOWS):
        resource = wiring.resource(component)
        for name in _DEFINITION if resource is not None else ():
            for mention in wiring.mentions(resource.get(name)) if resource is not None else ():
                if wiring.components[mention.component].kind in _CALLABLE and resource is not None:
                    place = resource.place_of(name, *mention.path)
                    yield edge(component.name, mention.component, f"{name} of {component.name}", place, "stated")
