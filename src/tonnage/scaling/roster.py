"""The instances of a group as a whole: brought to the desired capacity, from the warm pool or by launches.

Sources: Amazon EC2 Auto Scaling user guide, "Amazon EC2 Auto Scaling lifecycle hooks" (a launch waits for its hook
before it is registered; one that is abandoned is terminated and replaced), "Warm pools for Amazon EC2 Auto Scaling"
(instances leave the pool first; a pool that is empty, or has none in the zone, means a cold start).
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from tonnage.scaling import choosing, instances
from tonnage.scaling.instances import Instance, Instances, InstanceState, units
from tonnage.services import ScalingGroup

RETRY_S = 60.0
"""A launch that failed is tried again every so often. AWS retries until it succeeds and publishes no spacing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that became of instances without a change of the desired capacity.

    Attributes:
        time_s: When.
        cause: What acted: "health check", "lifecycle hook", "instance refresh" …
        text: What it did.
    """

    time_s: float
    cause: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """An instance refresh under way.

    Attributes:
        least_percent: ``MinHealthyPercentage`` of the desired capacity.
        most_percent: ``MaxHealthyPercentage``.
        checkpoints: ``CheckpointPercentages``, rising; without any it goes on to the end.
        delay_s: ``CheckpointDelay``.
        warm_up_s: ``InstanceWarmup``: how long a new instance is in service before it counts.
        passed: Checkpoints reached.
        holds_until_s: When the delay of the last of them is over.
        warmed: New instances that were warm when last looked at.
        moved_s: When that number last changed.
    """

    least_percent: float = 90.0
    most_percent: float = 100.0
    checkpoints: tuple[float, ...] = ()
    delay_s: float = 3600.0
    warm_up_s: float = 0.0
    passed: int = 0
    holds_until_s: float = -math.inf
    warmed: int = 0
    moved_s: float = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All instances of a group at a moment, and what is under way with them.

    Attributes:
        instances: By slot.
        active: Slots that are given requests.
        weight: Mean units of those that stay.
        next_event_s: When the next of them changes by itself.
        settled_s: When every one is in service and warm.
        closed: Zones in which no launch succeeds.
        surplus: Units launched beyond the desired capacity until they have taken the place of others.
        surplus_warm_s: How long those must have been in service.
        refresh: The instance refresh under way.
        version: Of the configuration that is launched now.
        short: Whether launches are to be tried again.
        failing: Whether the last launch failed.
        abandoning: Whether the last instance that booted was abandoned by a hook.
        uneasy: Whether instances are unhealthy or zones uneven.
        notes: What is to be told.
    """

    instances: Instances
    active: tuple[int, ...] = ()
    weight: float = 1.0
    next_event_s: float = math.inf
    settled_s: float = -math.inf
    closed: frozenset[int] = frozenset()
    surplus: int = 0
    surplus_warm_s: float = 0.0
    refresh: Refresh | None = None
    version: int = 0
    short: bool = False
    failing: bool = False
    abandoning: bool = False
    uneasy: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether instances are being replaced, or may have to be."""
        return self.uneasy or self.surplus > 0 or self.refresh is not None


def with_instances(roster: Roster, changed: Instances) -> Roster:
    """The roster with other instances."""
    weights = [instance.weight for instance in changed if instance.stays]
    return replace(
        roster,
        instances=changed,
        active=instances.active(changed),
        weight=sum(weights) / len(weights) if weights else 1.0,
        next_event_s=instances.next_event_s(changed),
        settled_s=instances.settled_s(changed),
    )


def noted(roster: Roster, time_s: float, cause: str, text: str) -> Roster:
    """The roster with something more to tell."""
    return replace(roster, notes=(*roster.notes, Note(time_s=time_s, cause=cause, text=text)))


def advance(roster: Roster, time_s: float) -> Roster:
    """The roster at a later time: boots and drains that have ended, launches that were abandoned."""
    left, abandoned = instances.advance(roster.instances, time_s)
    succeeded = any(i.in_service_s <= time_s and not i.fails for i in roster.instances if not _was_there(i))
    stayed = {instance.slot for instance in left}
    replaced = sum(i.weight for i in roster.instances if i.retiring and i.stays and i.slot not in stayed)
    roster = with_instances(replace(roster, surplus=max(0, roster.surplus - replaced)), left)
    if abandoned and not roster.abandoning:
        text = f"abandoned {_count(len(abandoned))}, for its heartbeat timed out; others are launched"
        roster = noted(roster, time_s, "lifecycle hook", text)
    if roster.abandoning != bool(abandoned) and (abandoned or succeeded):
        roster = replace(roster, abandoning=bool(abandoned))
    return roster


def _was_there(instance: Instance) -> bool:
    return instance.state is not InstanceState.PENDING


def without(roster: Roster, slots: Collection[int]) -> Roster:
    """The roster without some instances, which are gone at once."""
    gone = [i for i in roster.instances if i.slot in slots]
    replaced = sum(i.weight for i in gone if i.retiring and i.stays)
    roster = replace(roster, surplus=max(0, roster.surplus - replaced))
    return with_instances(roster, tuple(i for i in roster.instances if i.slot not in slots))


def keep(group: ScalingGroup, roster: Roster, desired: int, maximum: int, *, time_s: float, warm_up_s: float) -> Roster:
    """Launch or terminate until the units that stay are as many as desired, and the warm pool holds its size.

    What finds no slot, or no zone in which launches succeed, is tried again with the next call.

    Args:
        group: The group.
        roster: Its instances.
        desired: Desired capacity.
        maximum: Its maximum now: what the warm pool is prepared for.
        time_s: Now.
        warm_up_s: The longest warm-up of its policies.
    """
    wanted = desired + roster.surplus
    present = units(roster.instances)
    if present > wanted:
        leaving = choosing.slots_to_terminate(group, roster.instances, wanted, time_s)
        roster = terminated(group, roster, leaving, time_s)
    elif present < wanted:
        roster = _launched(group, roster, wanted, time_s, warm_up_s)
    if group.warm_pool is not None:
        roster = _pooled(group, roster, group.warm_pool.size(desired, maximum), time_s)
    short = units(roster.instances) < wanted
    return replace(roster, short=short) if short != roster.short else roster


def terminated(group: ScalingGroup, roster: Roster, slots: Collection[int], time_s: float) -> Roster:
    """Let instances drain and wait for the termination hook, then go or return to the warm pool."""
    hook_s = 0.0 if group.termination_hook is None else group.termination_hook.wait_s
    reuse = group.warm_pool is not None and group.warm_pool.reuse
    changed = instances.terminate(roster.instances, slots, time_s=time_s, drain_s=group.drain_s + hook_s, reuse=reuse)
    return with_instances(roster, changed)


def _launched(group: ScalingGroup, roster: Roster, wanted: int, time_s: float, warm_up_s: float) -> Roster:
    present = list(roster.instances)
    free = _free_slots(group, present)
    missing = wanted - units(present)
    failed = False
    while missing > 0:
        ready = {i.zone for i in present if _ready(i, time_s)}
        zone = choosing.zone_for_launch(group, present, roster.closed, ready)
        if zone is None:
            failed = True
            break
        warm = next((i for i in present if i.zone == zone and _ready(i, time_s)), None)
        if warm is None and not free:
            break
        if warm is None:
            offer = choosing.offer_for_launch(group, present, wanted, zone)
            launched = _cold(group, roster, free.pop(0), zone, offer, time_s, warm_up_s)
        else:
            present.remove(warm)
            launched = _from_pool(group, warm, time_s, warm_up_s)
        present.append(launched)
        missing -= launched.weight
    present.sort(key=lambda instance: instance.slot)
    if failed and not roster.failing:
        roster = noted(roster, time_s, "launch", f"launching {missing} more fails; it is retried")
    elif roster.failing and not failed:
        roster = noted(roster, time_s, "launch", "launches succeed again")
    return with_instances(replace(roster, failing=failed), tuple(present))


def _free_slots(group: ScalingGroup, present: Collection[Instance]) -> list[int]:
    taken = {instance.slot for instance in present}
    return [slot for slot in range(group.slots) if slot not in taken]


def _ready(instance: Instance, time_s: float) -> bool:
    return instance.state is InstanceState.WARMED and instance.in_service_s <= time_s


def _cold(
    group: ScalingGroup, roster: Roster, slot: int, zone: int, offer: int, time_s: float, warm_up_s: float
) -> Instance:
    boot_s, fails = _start_s(group, group.boot_s)
    in_service_s = time_s + boot_s
    return Instance(
        slot=slot,
        state=InstanceState.PENDING if boot_s > 0 else InstanceState.IN_SERVICE,
        launched_s=time_s,
        in_service_s=in_service_s,
        warm_s=in_service_s + warm_up_s,
        zone=zone,
        offer=offer,
        weight=group.offers[offer].weight,
        version=roster.version,
        fails=fails,
    )


def _from_pool(group: ScalingGroup, warm: Instance, time_s: float, warm_up_s: float) -> Instance:
    """An instance that leaves the warm pool; the launch hook is asked once more."""
    assert group.warm_pool is not None
    start_s, fails = _start_s(group, group.warm_pool.start_s)
    in_service_s = time_s + start_s
    state = InstanceState.PENDING if start_s > 0 else InstanceState.IN_SERVICE
    return replace(warm, state=state, in_service_s=in_service_s, warm_s=in_service_s + warm_up_s, fails=fails)


def _start_s(group: ScalingGroup, boot_s: float) -> tuple[float, bool]:
    """How long an instance takes to be in service, and whether its hook abandons it at the end of that time."""
    hook = group.launch_hook
    if hook is None:
        return boot_s, False
    return (hook.wait_s, True) if hook.fails else (hook.wait_s + boot_s, False)


def _pooled(group: ScalingGroup, roster: Roster, size: int, time_s: float) -> Roster:
    """The warm pool brought to its size; those nearest to being prepared stay."""
    pool = [i for i in roster.instances if i.state is InstanceState.WARMED or i.returns]
    if len(pool) > size:
        waiting = [i for i in pool if i.state is InstanceState.WARMED]
        waiting.sort(key=lambda i: (-i.in_service_s, -i.slot))
        return without(roster, {i.slot for i in waiting[: len(pool) - size]})
    zones = [z for z in range(group.zones) if z not in roster.closed]
    free = _free_slots(group, roster.instances)[: size - len(pool)] if zones else []
    if not free:
        return roster
    added: list[Instance] = []
    for slot in free:
        zone = min(zones, key=lambda z: (sum(i.zone == z for i in (*pool, *added)), z))
        cold = _cold(group, roster, slot, zone, 0, time_s, 0.0)
        added.append(replace(cold, state=InstanceState.WARMED))
    return with_instances(roster, tuple(sorted((*roster.instances, *added), key=lambda i: i.slot)))


def _count(number: int) -> str:
    return f"{number} instance{'s' * (number > 1)}"
