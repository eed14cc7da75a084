"""Which instance: where a launch goes and what it launches, and which instances a scale-in takes.

Sources: Amazon EC2 Auto Scaling user guide, "Add and remove Availability Zones" (the zone with the fewest instances),
"Auto Scaling groups with multiple instance types and purchase options" (On-Demand and Spot), "Configure termination
policies" (the zone with the most instances, then the policies in order). Of instances that are alike in everything a
policy asks for AWS takes one at random; here the earliest launched, so that a simulation can be repeated.
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from tonnage.scaling.instances import Instance, InstanceState
from tonnage.services import ScalingGroup

HOUR_S = 3600.0


def zone_counts(group: ScalingGroup, instances: Iterable[Instance]) -> list[int]:
    """Instances that stay, by zone."""
    counts = [0] * group.zones
    for instance in instances:
        if instance.stays and instance.zone < group.zones:
            counts[instance.zone] += 1
    return counts


def zone_for_launch(
    group: ScalingGroup, instances: Sequence[Instance], closed: Collection[int], ready: Collection[int] = ()
) -> int | None:
    """The zone of the next launch: the one with the fewest instances among those in which launches succeed.

    Args:
        group: The group.
        instances: All of its instances.
        closed: Zones in which no launch succeeds.
        ready: Zones in which the warm pool has an instance: of zones with as few these come first.

    Returns:
        None where the launch fails: everywhere, or in the only zone that a balanced group would try.
    """
    counts = zone_counts(group, instances)
    tried = range(group.zones) if group.balanced_only else [z for z in range(group.zones) if z not in closed]
    zone = min(tried, key=lambda z: (counts[z], z not in ready, z), default=None)
    return None if zone in closed else zone


def offer_for_launch(group: ScalingGroup, instances: Sequence[Instance], wanted: int, zone: int) -> int:
    """Index of the offer of the next launch: On-Demand up to its share of the wanted units, else Spot, used evenly."""
    if len(group.offers) == 1:
        return 0
    staying = [instance for instance in instances if instance.stays]
    if sum(i.weight for i in staying if i.offer == 0) < group.on_demand(wanted):
        return 0
    spot = range(1, len(group.offers))
    return min(spot, key=lambda k: (sum(i.offer == k and i.zone == zone for i in staying), k))


def slots_to_terminate(group: ScalingGroup, instances: Sequence[Instance], wanted: int, time_s: float) -> list[int]:
    """Slots of the instances to terminate until no more than the wanted units stay.

    What is being replaced goes first, and what is protected does not go. An instance that counts more than what is
    too much stays.
    """
    staying = [instance for instance in instances if instance.stays]
    excess = sum(instance.weight for instance in staying) - wanted
    found: list[int] = []
    while True:
        candidates = [i for i in staying if i.weight <= excess and (i.retiring or not group.protected)]
        if not candidates:
            return found
        chosen = _first_to_go(group, staying, candidates, wanted, time_s)
        excess -= chosen.weight
        staying.remove(chosen)
        found.append(chosen.slot)


def in_order_to_go(
    group: ScalingGroup, instances: Sequence[Instance], candidates: Sequence[Instance], time_s: float
) -> list[int]:
    """Slots of some instances in the order in which they are taken while others come in their place."""
    staying, left, found = [i for i in instances if i.stays], list(candidates), []
    wanted = sum(instance.weight for instance in staying)
    while left:
        chosen = _first_to_go(group, staying, left, wanted, time_s)
        staying.remove(chosen)
        left.remove(chosen)
        found.append(chosen.slot)
    return found


def _first_to_go(
    group: ScalingGroup, staying: list[Instance], candidates: list[Instance], wanted: int, time_s: float
) -> Instance:
    left = [i for i in candidates if i.retiring] or candidates
    counts = zone_counts(group, staying)
    left = _most(left, lambda i: counts[i.zone])
    if len(group.offers) > 1:
        left = _by_purchase(group, staying, left, wanted)
    for policy in group.termination:
        left = _most(left, lambda i, policy=policy: _POLICIES[policy](i, time_s))  # type: ignore[misc]
    return min(left, key=lambda i: (i.launched_s, i.slot))


def _by_purchase(
    group: ScalingGroup, staying: list[Instance], candidates: list[Instance], wanted: int
) -> list[Instance]:
    """Those of the purchase option, On-Demand or Spot, of which there is too much."""
    fixed = sum(i.weight for i in staying if i.offer == 0)
    surplus = [i for i in candidates if (i.offer == 0) == (fixed > group.on_demand(wanted))]
    return surplus or candidates


def _most(candidates: list[Instance], key: Callable[[Instance], float]) -> list[Instance]:
    if len(candidates) == 1:
        return candidates
    most = max(key(instance) for instance in candidates)
    return [instance for instance in candidates if key(instance) == most]


def _hour(instance: Instance, time_s: float) -> float:
    """How far into its hour an instance is; one from long before the start is taken to be at its end."""
    return HOUR_S if instance.launched_s == -math.inf else (time_s - instance.launched_s) % HOUR_S


_POLICIES: dict[str, Callable[[Instance, float], float]] = {
    "Default": lambda i, time_s: -1e6 * i.version + _hour(i, time_s),
    "AllocationStrategy": lambda _i, _t: 0.0,
    "OldestInstance": lambda i, _: -i.launched_s,
    "NewestInstance": lambda i, _: i.launched_s,
    "OldestLaunchTemplate": lambda i, _: -float(i.version),
    "OldestLaunchConfiguration": lambda i, _: -float(i.version),
    "ClosestToNextInstanceHour": _hour,
}
"""What a policy takes is what it gives the largest number. The allocation strategy decides nothing more: every offer
of the group is one that the strategy would choose."""
TERMINATION_POLICIES = tuple(_POLICIES)


def initial(group: ScalingGroup, desired: int, warm_pool: int) -> tuple[Instance, ...]:
    """Instances that have been in service and warm for a long time, and a warm pool as long prepared."""
    ago = -math.inf
    found: list[Instance] = []
    present = pooled = 0
    while present < desired or pooled < warm_pool:
        pool = present >= desired
        counted = [i for i in found if i.state is InstanceState.WARMED] if pool else found
        zone = len(counted) % group.zones
        offer = 0 if pool else offer_for_launch(group, found, desired, zone)
        weight = group.offers[offer].weight
        found.append(
            Instance(
                slot=len(found),
                state=InstanceState.WARMED if pool else InstanceState.IN_SERVICE,
                launched_s=ago,
                in_service_s=ago,
                warm_s=ago,
                zone=zone,
                offer=offer,
                weight=weight,
            )
        )
        present, pooled = present + (0 if pool else weight), pooled + pool
    return tuple(found)
