"""API → function: ``Events`` of type ``Api`` and ``HttpApi`` on a SAM function.

Without ``RestApiId`` or ``ApiId`` the event belongs to the API that SAM makes by itself (AWS SAM developer guide,
"Generated CloudFormation resources": ``ServerlessRestApi``, ``ServerlessHttpApi``).
"""

from collections.abc import Iterator, Mapping

from tonnage.iac.edges.api_integration import HTTP_APIS, REST_APIS
from tonnage.iac.sam_globals import IMPLICIT_APIS
from tonnage.iac.wiring import Wiring, edge
from tonnage.workload import Edge, Path, Resource, Stack, Value

FUNCTION = "AWS::Serverless::Function"
_API: Mapping[str, tuple[str, str]] = {
    "Api": ("RestApiId", "ServerlessRestApi"),
    "HttpApi": ("ApiId", "ServerlessHttpApi"),
}


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from APIs to the functions whose events name them."""
    for resource in wiring.stack.of_kind(FUNCTION):
        function = wiring.stands_for.get(resource.name)
        for path, kind, properties in _events(resource):
            if function is None or kind not in _API:
                continue
            name, implicit = _API[kind]
            named = properties.get(name)
            api = wiring.first(named, REST_APIS | HTTP_APIS) if named is not None else implicit
            if api in wiring.components:
                what = f"event {path[1]} ({_route(properties)}) of {resource.name}"
                yield edge(str(api), function, what, resource.place_of(*path), "stated")


def implicit_apis(stack: Stack) -> dict[str, Resource]:
    """The APIs that SAM makes for events which name none, as resources without properties, by logical id."""
    apis: dict[str, Resource] = {}
    for resource in stack.of_kind(FUNCTION):
        for path, kind, properties in _events(resource):
            if kind not in _API or _API[kind][0] in properties:
                continue
            name = _API[kind][1]
            if name not in apis and name not in stack.resources:
                place = resource.place_of(*path)
                apis[name] = Resource(name=name, kind=IMPLICIT_APIS[name], properties={}, place=place)
    return apis


def _events(resource: Resource) -> Iterator[tuple[Path, str, Mapping[str, Value]]]:
    events = resource.get("Events")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if isinstance(event, Mapping):
            properties = event.get("Properties")
            yield ("Events", name), str(event.get("Type")), properties if isinstance(properties, Mapping) else {}


def _route(properties: Mapping[str, Value]) -> str:
    method, path = properties.get("Method"), properties.get("Path")
    method = method.upper() if isinstance(method, str) else "ANY"
    return f"{method} {path}" if isinstance(path, str) else f"{method} any path"
