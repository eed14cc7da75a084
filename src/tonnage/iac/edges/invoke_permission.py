"""API → function by permission: an ``AWS::Lambda::Permission`` for API Gateway, where no integration can be read."""

from collections.abc import Iterator

from tonnage.iac.edges.api_integration import HTTP_APIS, REST_APIS
from tonnage.iac.wiring import FUNCTIONS, Wiring, edge
from tonnage.workload import Edge, Text, Value


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Inferred edges from APIs to functions that they may invoke; not for authorizers."""
    for resource in wiring.stack.of_kind("AWS::Lambda::Permission"):
        source = resource.get("SourceArn")
        if resource.get("Principal") != "apigateway.amazonaws.com" or "/authorizers/" in _literal(source):
            continue
        api = wiring.first(source, REST_APIS | HTTP_APIS)
        function = wiring.first(resource.get("FunctionName"), FUNCTIONS)
        if api is not None and function is not None:
            yield edge(api, function, f"permission {resource.name}", resource.place_of("SourceArn"), "inferred")


def _literal(value: Value) -> str:
    if isinstance(value, Text):
        return "".join(part for part in value.parts if isinstance(part, str))
    return value if isinstance(value, str) else ""
