"""Distribution → its origins: what the domain names in a CloudFront distribution refer to."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import APIS, BALANCERS, BUCKETS, EDGES, FUNCTIONS, GROUPS, Wiring, edge
from tonnage.workload import Edge, Value

_ORIGINS = BALANCERS | APIS | FUNCTIONS | BUCKETS | GROUPS


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from distributions to the origins that a cache behavior targets."""
    for component in wiring.of_kind(EDGES):
        resource = wiring.resource(component)
        origins = resource.get("DistributionConfig", "Origins") if resource is not None else None
        if resource is None or not isinstance(origins, tuple):
            continue
        targeted = _targeted(resource.get("DistributionConfig"))
        for k, origin in enumerate(origins):
            if not isinstance(origin, Mapping) or str(origin.get("Id")) not in targeted:
                continue
            place = resource.place_of("DistributionConfig", "Origins", k, "DomainName")
            for mention in wiring.mentions(origin.get("DomainName")):
                if wiring.components[mention.component].kind in _ORIGINS:
                    what = f"origin {origin.get('Id')} of {component.name}"
                    yield edge(component.name, mention.component, what, place, "stated")


def _targeted(config: Value) -> set[str]:
    """Ids of the origins that behaviors target; of a group the first member, the others only stand by."""
    if not isinstance(config, Mapping):
        return set()
    others = config.get("CacheBehaviors")
    behaviors = (config.get("DefaultCacheBehavior"), *(others if isinstance(others, tuple) else ()))
    wanted = {str(each.get("TargetOriginId")) for each in behaviors if isinstance(each, Mapping)}
    groups = config.get("OriginGroups")
    items = groups.get("Items") if isinstance(groups, Mapping) else None
    for group in items if isinstance(items, tuple) else ():
        members = group.get("Members") if isinstance(group, Mapping) else None
        inside = members.get("Items") if isinstance(members, Mapping) else None
        first = inside[0] if isinstance(inside, tuple) and inside else None
        if isinstance(first, Mapping) and str(group.get("Id")) in wanted:
            wanted.add(str(first.get("OriginId")))
    return wanted
