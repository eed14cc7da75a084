"""Instances → database, cache, table or inner load balancer: user data and ``cfn-init`` metadata that name it."""

from collections.abc import Iterator

from tonnage.iac.launch import data, launched
from tonnage.iac.wiring import BALANCERS, DATASTORES, FUNCTIONS, GROUPS, STORAGE, Wiring, edge
from tonnage.workload import Edge

_CALLABLE = DATASTORES | STORAGE | FUNCTIONS | BALANCERS


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from groups to what their instances are configured with."""
    for component in wiring.of_kind(GROUPS):
        group = wiring.resource(component)
        carriers = {each.name: each for each in (*launched(group, wiring.stack), group)} if group is not None else {}
        for resource in carriers.values():
            path, values = data(resource)
            found = [
                (f"UserData of {resource.name}", resource.place_of(*path, "UserData"), values.get("UserData")),
                (f"Metadata of {resource.name}", resource.place, resource.attributes.get("Metadata")),
            ]
            for what, place, value in found:
                for mention in wiring.mentions(value):
                    if wiring.components[mention.component].kind in _CALLABLE and not mention.literal:
                        yield edge(component.name, mention.component, what, place, "stated")
