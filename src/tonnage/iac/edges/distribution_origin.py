"""Distribution → its origins: what the domain names in a CloudFront distribution refer to."""

from collections.abc import Iterator

from tonnage.iac.wiring import APIS, BALANCERS, EDGES, FUNCTIONS, GROUPS, STORAGE, TASKS, Wiring, edge
from tonnage.services import targeted_origins
from tonnage.workload import Edge

_ORIGINS = BALANCERS | APIS | FUNCTIONS | STORAGE | GROUPS | TASKS


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from distributions to the origins that a cache behavior targets."""
    for component in wiring.of_kind(EDGES):
        resource = wiring.resource(component)
        for path in targeted_origins(resource) if resource is not None else ():
            for mention in wiring.mentions(resource.get(*path, "DomainName") if resource is not None else None):
                if resource is not None and wiring.components[mention.component].kind in _ORIGINS:
                    what = f"origin {resource.get(*path, 'Id')} of {component.name}"
                    place = resource.place_of(*path, "DomainName")
                    yield edge(component.name, mention.component, what, place, "stated")
