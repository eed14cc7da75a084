"""Queue → function: event source mappings, and ``Events`` of type ``SQS`` on a SAM function."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import FUNCTIONS, QUEUES, Wiring, edge
from tonnage.workload import Edge

_MAPPING = "AWS::Lambda::EventSourceMapping"
_SAM_FUNCTION = "AWS::Serverless::Function"


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from queues to the functions that process their messages."""
    for mapping in wiring.stack.of_kind(_MAPPING):
        queue = wiring.first(mapping.get("EventSourceArn"), QUEUES)
        function = wiring.first(mapping.get("FunctionName"), FUNCTIONS)
        if queue is not None and function is not None:
            yield edge(queue, function, f"event source mapping {mapping.name}", mapping.place, "stated")
    for resource in wiring.stack.of_kind(_SAM_FUNCTION):
        function = wiring.stands_for.get(resource.name)
        events = resource.get("Events")
        for name, event in events.items() if isinstance(events, Mapping) else ():
            if function is None or not isinstance(event, Mapping) or event.get("Type") != "SQS":
                continue
            queue = wiring.first(resource.get("Events", name, "Properties", "Queue"), QUEUES)
            if queue is not None:
                place = resource.place_of("Events", name)
                yield edge(queue, function, f"event {name} of {resource.name}", place, "stated")
