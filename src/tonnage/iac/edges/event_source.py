"""Queue or stream → function: event source mappings, and events of a SAM function that name one."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import FUNCTIONS, QUEUES, Wiring, edge
from tonnage.workload import Edge

_MAPPING = "AWS::Lambda::EventSourceMapping"
_SAM_EVENTS: Mapping[str, str] = {"SQS": "Queue", "Kinesis": "Stream"}
_SAM_FUNCTION = "AWS::Serverless::Function"


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from queues and streams to the functions that process what is in them."""
    for mapping in wiring.stack.of_kind(_MAPPING):
        queue = wiring.first(mapping.get("EventSourceArn"), QUEUES)
        function = wiring.first(mapping.get("FunctionName"), FUNCTIONS)
        if queue is not None and function is not None:
            yield edge(queue, function, f"event source mapping {mapping.name}", mapping.place, "stated")
    for resource in wiring.stack.of_kind(_SAM_FUNCTION):
        function = wiring.stands_for.get(resource.name)
        events = resource.get("Events")
        for name, event in events.items() if isinstance(events, Mapping) else ():
            source = _SAM_EVENTS.get(str(event.get("Type"))) if isinstance(event, Mapping) else None
            if function is None or source is None:
                continue
            queue = wiring.first(resource.get("Events", name, "Properties", source), QUEUES)
            if queue is not None:
                place = resource.place_of("Events", name)
                yield edge(queue, function, f"event {name} of {resource.name}", place, "stated")
