"""API → function, table, queue or load balancer: the integrations of REST and HTTP APIs, also inside OpenAPI bodies."""

from collections.abc import Iterator

from tonnage.iac.wiring import BALANCERS, FUNCTIONS, QUEUES, STORAGE, TABLES, TOPICS, WORKFLOWS, Mention, Wiring, edge
from tonnage.workload import Edge, Path, Resource

REST_APIS = frozenset({"AWS::ApiGateway::RestApi"})
HTTP_APIS = frozenset({"AWS::ApiGatewayV2::Api"})
_OPENAPI = "x-amazon-apigateway-integration"
_OPENAPI_SHARED = "x-amazon-apigateway-integrations"
_CALLABLE = FUNCTIONS | TABLES | BALANCERS | QUEUES | TOPICS | WORKFLOWS | STORAGE


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from APIs to what their integrations call."""
    for resource in wiring.stack.of_kind("AWS::ApiGateway::Method"):
        api = wiring.first(resource.get("RestApiId"), REST_APIS)
        if api is not None:
            yield from _integration(wiring, api, resource, "Integration")
    for resource in wiring.stack.of_kind("AWS::ApiGatewayV2::Integration"):
        api = wiring.first(resource.get("ApiId"), HTTP_APIS)
        for name in ("IntegrationUri", "RequestParameters") if api is not None else ():
            yield from _integration(wiring, api or "", resource, name)
    for component in wiring.of_kind(REST_APIS | HTTP_APIS):
        main = wiring.resource(component)
        if main is None:
            continue
        yield from _integration(wiring, component.name, main, "Target")
        for name in ("Body", "DefinitionBody"):
            yield from _integration(wiring, component.name, main, name, below=(_OPENAPI, _OPENAPI_SHARED))


def _integration(
    wiring: Wiring, api: str, resource: Resource, name: str, below: tuple[str, ...] = ()
) -> Iterator[Edge]:
    for mention in wiring.mentions(resource.get(name), (name,)):
        if wiring.components[mention.component].kind not in _CALLABLE or not _calls(mention.path, below):
            continue
        yield edge(
            api,
            mention.component,
            f"{_title(mention)} of {resource.name}",
            resource.place_of(*mention.path),
            "stated",
        )


def _calls(path: Path, below: tuple[str, ...]) -> bool:
    return "Credentials" not in path and (not below or any(key in path for key in below))


def _title(mention: Mention) -> str:
    path = [str(step) for step in mention.path]
    if _OPENAPI in path and path.index(_OPENAPI) > 2:
        route, method = path[: path.index(_OPENAPI)][-2:]
        return f"{'ANY' if method.startswith('x-') else method.upper()} {route} in the {path[0]}"
    return ".".join(path)
