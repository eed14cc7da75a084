"""Instances that are replaced while the desired capacity stays: for their health, by a refresh, for balance, by Spot.

Sources: Amazon EC2 Auto Scaling user guide, "Health checks for instances in an Auto Scaling group" (at most a tenth of
the desired capacity at a time), "Use an instance refresh", "Add checkpoints to an instance refresh", "Instance
maintenance policies", "Rebalancing activities" (launches before it terminates, beyond the maximum by a tenth or one
instance), "Capacity Rebalancing"; Amazon EC2 user guide, "Spot Instance interruption notices" (two minutes).
"""

import math
from collections.abc import Collection
from dataclasses import replace

from tonnage.scaling import choosing
from tonnage.scaling.instances import Instance, InstanceState, is_warm, units
from tonnage.scaling.roster import Refresh, Roster, noted, terminated, with_instances, without
from tonnage.services import ScalingGroup

NOTICE_S = 120.0
"""From the notice of a Spot interruption to the end of the instance."""
STUCK_S = 3600.0
"""An instance refresh that has not come on for so long has failed (same guide, "How an instance refresh works")."""
IMPAIRED_S = 180.0
"""How long Auto Scaling waits for an instance whose EC2 status checks fail. AWS says some minutes; three are assumed
(one to five)."""


def replace_some(group: ScalingGroup, roster: Roster, desired: int, time_s: float) -> Roster:
    """Take the next step of whatever is being replaced; :func:`tonnage.scaling.roster.keep` launches and terminates."""
    if roster.surplus and _surplus_is_there(roster, desired, time_s):
        # What has been replaced goes first; the next step begins from there.
        return replace(roster, surplus=0, surplus_warm_s=0.0, uneasy=True)
    if any(instance.unhealthy_s <= time_s for instance in roster.instances):
        roster = _heal(group, roster, desired, time_s)
    if roster.refresh is not None:
        roster = _refresh(group, roster, roster.refresh, desired, time_s)
    elif not roster.surplus:
        roster = _rebalance(group, roster, desired, time_s)
    return replace(roster, uneasy=_is_uneasy(group, roster)) if roster.uneasy else roster


def _is_uneasy(group: ScalingGroup, roster: Roster) -> bool:
    counts = choosing.zone_counts(group, roster.instances)
    sick = any(i.unhealthy_s < math.inf and i.stays for i in roster.instances)
    return sick or max(counts) - min(counts) > 1


def wakes_s(group: ScalingGroup, roster: Roster, time_s: float) -> float:
    """When :func:`replace_some` may have something to do next, besides what happens to instances by themselves."""
    found = math.inf
    if roster.surplus or roster.refresh is not None:
        warm_s = roster.surplus_warm_s if roster.refresh is None else roster.refresh.warm_up_s
        times = [i.in_service_s + warm_s for i in roster.instances if i.stays]
        times += [roster.refresh.holds_until_s] if roster.refresh is not None else []
        found = min((each for each in times if each > time_s), default=math.inf)
    for instance in roster.instances:
        if instance.unhealthy_s < math.inf:
            due_s = _due_s(group, instance)
            found = min(found, due_s) if due_s > time_s else found
    return found


# Health -------------------------------------------------------------------------------------------------------------


def fail(roster: Roster, slots: Collection[int], time_s: float, *, impaired: bool) -> Roster:
    """Instances fail the load balancer's health checks from now on, or EC2's own too."""
    changed = tuple(
        replace(i, unhealthy_s=time_s, impaired=impaired) if i.slot in slots and i.stays else i
        for i in roster.instances
    )
    return with_instances(replace(roster, uneasy=True), changed)


def shut(roster: Roster, zones: Collection[int]) -> Roster:
    """No launch succeeds in some zones."""
    return replace(roster, closed=roster.closed | frozenset(zones))


def reopen(roster: Roster, zones: Collection[int]) -> Roster:
    """Launches succeed in them again."""
    return replace(roster, closed=roster.closed - frozenset(zones), uneasy=True)


def recover(roster: Roster, slots: Collection[int]) -> Roster:
    """Those of the instances that are still there pass their health checks again."""
    changed = tuple(
        replace(i, unhealthy_s=math.inf, impaired=False) if i.slot in slots else i for i in roster.instances
    )
    return with_instances(roster, changed)


def _due_s(group: ScalingGroup, instance: Instance) -> float:
    """When an unhealthy instance may be replaced; never, if only a load balancer knows that nobody asks."""
    by_elb = max(instance.unhealthy_s, instance.in_service_s + group.grace_s) if group.elb_health else math.inf
    by_ec2 = instance.unhealthy_s + IMPAIRED_S if instance.impaired else math.inf
    return min(by_elb, by_ec2)


def _heal(group: ScalingGroup, roster: Roster, desired: int, time_s: float) -> Roster:
    """Replace the unhealthy, no more at a time than the batch allows; a batch is over when it is warm."""
    sick = [i for i in roster.instances if i.stays and not i.retiring and _due_s(group, i) <= time_s]
    if not sick:
        return roster
    most = max(1, math.floor(group.health_batch * desired + 1e-9))
    warm_up_s = group.default_warmup_s or 0.0
    under_way = sum(i.weight for i in roster.instances if i.stays and not is_warm(i, warm_up_s, time_s))
    missing = max(0, desired - units(roster.instances))
    batch = sick[: max(0, most - under_way - missing)]
    if not batch:
        return roster
    roster = noted(roster, time_s, "health check", f"{_count(len(batch))} of {len(sick)} unhealthy replaced")
    slots = {instance.slot for instance in batch}
    if _launches_first(group):
        return _retire(roster, slots, warm_up_s)
    return without(roster, slots)


def _launches_first(group: ScalingGroup) -> bool:
    return group.healthy_percent is not None and group.healthy_percent[0] >= 100.0 and group.healthy_percent[1] > 100.0


def _retire(roster: Roster, slots: Collection[int], warm_s: float) -> Roster:
    """Mark instances to go when as many more units are there."""
    changed = tuple(replace(i, retiring=True) if i.slot in slots else i for i in roster.instances)
    more = sum(i.weight for i in roster.instances if i.slot in slots and not i.retiring)
    return with_instances(replace(roster, surplus=roster.surplus + more, surplus_warm_s=warm_s), changed)


def _surplus_is_there(roster: Roster, desired: int, time_s: float) -> bool:
    staying = [i for i in roster.instances if i.stays]
    there = all(is_warm(i, roster.surplus_warm_s, time_s) for i in staying)
    return there and units(staying) >= desired + roster.surplus


# Refresh ------------------------------------------------------------------------------------------------------------


def begin_refresh(group: ScalingGroup, roster: Roster, refresh: Refresh, time_s: float) -> Roster:
    """Begin to replace every instance by one of a new configuration; the warm pool is prepared anew."""
    pool = {i.slot for i in roster.instances if i.state is InstanceState.WARMED} if group.warm_pool else set()
    begun = replace(refresh, moved_s=time_s)
    changed = replace(without(roster, pool), refresh=begun, version=roster.version + 1)
    text = f"began, with {refresh.least_percent:g} to {refresh.most_percent:g} % of the desired capacity"
    return noted(changed, time_s, "instance refresh", text)


def _refresh(group: ScalingGroup, roster: Roster, refresh: Refresh, desired: int, time_s: float) -> Roster:
    """The next batch, where the last is warm and no checkpoint holds."""
    staying = [i for i in roster.instances if i.stays]
    old = [i for i in staying if i.version < roster.version]
    warmed = sum(i.version == roster.version and is_warm(i, refresh.warm_up_s, time_s) for i in staying)
    if warmed != refresh.warmed:
        refresh = replace(refresh, warmed=warmed, moved_s=time_s)
        roster = replace(roster, refresh=refresh)
    elif time_s - max(refresh.moved_s, refresh.holds_until_s) >= STUCK_S:
        text = f"failed after an hour without progress, {len(old)} left to replace"
        return noted(replace(roster, refresh=None), time_s, "instance refresh", text)
    if roster.surplus or units(staying) < desired or time_s < refresh.holds_until_s:
        return roster
    done = len(staying) - len(old)
    if warmed < done:
        return roster
    percent = 100.0 * done / max(1, len(staying))
    passed = sum(each <= percent + 1e-9 for each in refresh.checkpoints)
    if not old or (refresh.checkpoints and refresh.passed == len(refresh.checkpoints)):
        return noted(replace(roster, refresh=None), time_s, "instance refresh", f"done, {percent:.0f} % replaced")
    if passed > refresh.passed:
        held = replace(refresh, passed=passed, holds_until_s=time_s + refresh.delay_s)
        text = f"{percent:.0f} % replaced: waits {refresh.delay_s / 60.0:g} min at its checkpoint"
        return noted(replace(roster, refresh=held), time_s, "instance refresh", text)
    limit = len(old)
    if refresh.checkpoints:
        limit = math.ceil(refresh.checkpoints[refresh.passed] / 100.0 * len(staying) - 1e-9) - done
    fewer = desired - math.ceil(desired * refresh.least_percent / 100.0 - 1e-9)
    more = math.floor(desired * refresh.most_percent / 100.0 + 1e-9) - desired
    if fewer + more < 1:
        fewer, more = (0, 1) if refresh.most_percent > 100.0 else (1, 0)
    batch = choosing.in_order_to_go(group, roster.instances, old, time_s)[: min(limit, fewer + more)]
    at_once, later = batch[:fewer], batch[fewer:]
    roster = terminated(group, roster, at_once, time_s)
    return _retire(roster, later, refresh.warm_up_s) if later else roster


# Balance and Spot ---------------------------------------------------------------------------------------------------


def _rebalance(group: ScalingGroup, roster: Roster, desired: int, time_s: float) -> Roster:
    """Launch into the zone with too few, where zones are all open and nothing else is under way.

    A group of unequal weights is left as it is: what a launch adds in one zone need not be what another can do without.
    """
    weights = {offer.weight for offer in group.offers}
    if group.zones == 1 or roster.closed or group.protected or len(weights) > 1 or units(roster.instances) < desired:
        return roster
    counts = choosing.zone_counts(group, roster.instances)
    if max(counts) - min(counts) < 2 or any(i.stays and not is_warm(i, 0.0, time_s) for i in roster.instances):
        return roster
    even = math.ceil(sum(counts) / group.zones)
    moves = sum(max(0, count - even) for count in counts)
    most = max(1, math.floor(0.1 * group.maximum))
    weight = group.offers[0].weight
    extra = min(max(1, moves), most) * weight
    text = f"{_count(extra // weight)} moved to the zone with fewest: {', '.join(map(str, counts))} before"
    return replace(noted(roster, time_s, "Availability Zones", text), surplus=extra, surplus_warm_s=0.0)


def interrupt(
    group: ScalingGroup, roster: Roster, slots: Collection[int], time_s: float, *, maximum: int, found_out_s: float
) -> Roster:
    """Spot gives notice to instances; with Capacity Rebalancing others are launched at once.

    Those may exceed the maximum by a tenth of the desired capacity, or one instance.

    Args:
        group: The group.
        roster: Its instances.
        slots: Those interrupted.
        time_s: Now.
        maximum: The group's maximum now.
        found_out_s: From the end of an instance until Auto Scaling and the load balancer know.
    """
    changed = tuple(
        replace(i, leaves_s=min(i.leaves_s, time_s + NOTICE_S + found_out_s)) if i.slot in slots else i
        for i in roster.instances
    )
    roster = with_instances(roster, changed)
    if not group.capacity_rebalance:
        return roster
    present = units(roster.instances)
    room = maximum - present + max(1, math.floor(0.1 * present))
    early: list[int] = []
    for instance in roster.instances:
        if instance.slot in slots and instance.stays and instance.weight <= room:
            early.append(instance.slot)
            room -= instance.weight
    roster = noted(roster, time_s, "Capacity Rebalancing", f"{_count(len(early))} replaced before the interruption")
    return _retire(roster, early, 0.0)


def _count(number: int) -> str:
    return f"{number} instance{'s' * (number != 1)}"
