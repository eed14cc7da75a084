"""Cross-zone balancing that is off: each zone's part of the requests goes to its own targets.

Clients reach the load balancer's nodes in every zone in equal shares; a node gives them to the targets of all zones, or
with cross-zone balancing off to those of its own. The simulation gives every instance the same: where zones differ in
size, this says how much more the instances of the smallest get.

Source: Elastic Load Balancing user guide, "How Elastic Load Balancing works", cross-zone load balancing.
"""

from collections.abc import Iterator, Sequence

from tonnage.advise.finding import Finding
from tonnage.services import CROSS_ZONE, ScalingGroup
from tonnage.workload import Component

TELLING = 1.2
"""How many times the mean an instance must get to be told."""


def shares(targets: Sequence[int], *, cross_zone: bool) -> tuple[float, ...]:
    """Share of all requests that one target of each zone gets.

    Args:
        targets: Healthy targets by zone; a zone without any is out of DNS.
        cross_zone: Whether cross-zone balancing is on.
    """
    serving = [count for count in targets if count > 0]
    if cross_zone:
        return tuple(1.0 / sum(serving) if count else 0.0 for count in targets)
    return tuple(1.0 / len(serving) / count if count else 0.0 for count in targets)


def cross_zone_findings(component: Component, group: ScalingGroup) -> Iterator[Finding]:
    """How uneven a group may become whose load balancer keeps to its zones."""
    if component.settings.get(CROSS_ZONE) is not False or group.zones < 2:
        return
    sizes = range(max(1, group.minimum), group.maximum + 1)
    uneven = {count: count * max(shares(_spread(count, group.zones), cross_zone=False)) for count in sizes}
    worst = max(uneven, key=lambda count: uneven[count], default=0)
    if uneven.get(worst, 1.0) < TELLING:
        return
    origin = component.origins.get(CROSS_ZONE)
    yield Finding(
        component=component.name,
        what=f"cross-zone balancing is off: of {worst} instances in {group.zones} zones those in the smallest zone get "
        f"{uneven[worst] - 1.0:.0%} more requests than the mean, which the simulation does not show",
        remedy=f"Switch {CROSS_ZONE} on, or keep to sizes that {group.zones} divides.",
        place=origin.place if origin else component.place,
    )


def _spread(count: int, zones: int) -> tuple[int, ...]:
    """Instances by zone, as even as can be."""
    return tuple(count // zones + (zone < count % zones) for zone in range(zones))
