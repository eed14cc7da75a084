"""SAM connectors: ``AWS::Serverless::Connector`` and embedded ``Connectors`` say which resource may use which."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import COMPUTE, DATASTORES, FUNCTIONS, Wiring, edge
from tonnage.workload import Edge, Place, Value


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Inferred edges from the source of a connector to its destinations."""
    for resource in wiring.stack.resources.values():
        if resource.kind == "AWS::Serverless::Connector":
            source = _end(wiring, resource.get("Source"))
            place = resource.place_of("Destination")
            yield from _edges(wiring, source, resource.get("Destination"), f"connector {resource.name}", place)
        embedded = resource.attributes.get("Connectors")
        for name, body in embedded.items() if isinstance(embedded, Mapping) else ():
            properties = body.get("Properties") if isinstance(body, Mapping) else None
            destination = properties.get("Destination") if isinstance(properties, Mapping) else None
            source = wiring.stands_for.get(resource.name)
            yield from _edges(wiring, source, destination, f"connector {name} of {resource.name}", resource.place)


def _edges(wiring: Wiring, source: str | None, destinations: Value, what: str, place: Place) -> Iterator[Edge]:
    if source is None or wiring.components[source].kind not in COMPUTE:
        return
    for each in destinations if isinstance(destinations, tuple) else (destinations,):
        destination = _end(wiring, each)
        if destination is not None and wiring.components[destination].kind in DATASTORES | FUNCTIONS:
            yield edge(source, destination, what, place, "inferred")


def _end(wiring: Wiring, value: Value) -> str | None:
    if not isinstance(value, Mapping):
        return None
    name = value.get("Id")
    return wiring.stands_for.get(name) if isinstance(name, str) else wiring.first(value.get("Arn"))
