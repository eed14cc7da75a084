"""Distribution → load balancer, API, function, bucket or instances: the origins of its cache behaviours."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tonnage.iac.wiring import BALANCERS, CDNS, FUNCTIONS, GROUPS, STORAGE, TASKS, Wiring, edge
from tonnage.services import cache_behaviors, kinds_of
from tonnage.workload import Edge

_ORIGINS = BALANCERS | kinds_of("api") | FUNCTIONS | STORAGE | GROUPS | TASKS
_CONFIG = "DistributionConfig"


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges; asked on a miss only where all behaviours of that origin cache."""
    for component in wiring.of_kind(CDNS):
        resource = wiring.resource(component)
        if resource is None:
            continue
        behaviors = list(cache_behaviors(resource, wiring.stack))
        origins = resource.get(_CONFIG, "Origins")
        for k, origin in enumerate(origins if isinstance(origins, tuple) else ()):
            target = wiring.first(origin.get("DomainName"), _ORIGINS) if isinstance(origin, Mapping) else None
            using = [each for each in behaviors if isinstance(origin, Mapping) and each.origin == origin.get("Id")]
            if target is None or not using:
                continue
            caching = [each.pattern for each in using if each.caches]
            what = f"origin {k + 1} of {component.name}"
            if caching:
                what += f", cached for {', '.join(caching)}"
            place = resource.place_of(_CONFIG, "Origins", k, "DomainName")
            yield replace(edge(component.name, target, what, place, "stated"), on_miss=len(caching) == len(using))
