"""Queue, stream or table → function: event source mappings, and events of a SAM function that name one."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import FUNCTIONS, QUEUES, TABLES, Wiring, edge
from tonnage.workload import Edge, Value

_MAPPING = "AWS::Lambda::EventSourceMapping"
_SAM_EVENTS: Mapping[str, str] = {"SQS": "Queue", "Kinesis": "Stream", "DynamoDB": "Stream"}
_SAM_FUNCTION = "AWS::Serverless::Function"


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from queues, streams and the streams of tables to the functions that process what is in them."""
    for mapping in wiring.stack.of_kind(_MAPPING):
        queue = _source(wiring, mapping.get("EventSourceArn"))
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
            queue = _source(wiring, resource.get("Events", name, "Properties", source))
            if queue is not None:
                place = resource.place_of("Events", name)
                yield edge(queue, function, f"event {name} of {resource.name}", place, "stated")


def _source(wiring: Wiring, value: Value) -> str | None:
    """Component whose messages an event source names: a queue, a stream, or the table of a stream."""
    tables = (wiring.stands_for.get(resource.name) for resource in wiring.named(value))
    table = next((name for name in tables if name is not None and wiring.components[name].kind in TABLES), None)
    return wiring.first(value, QUEUES) or table
