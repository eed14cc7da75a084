"""The instances of a group: launched, in service, draining, gone."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum


class InstanceState(StrEnum):
    """Where an instance is in its life."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    DRAINING = "Terminating"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a group. Times are simulation time; minus infinity means long before the start.

    Attributes:
        slot: Its number; taken again once the instance is gone.
        state: Where it is.
        launched_s: When it was launched.
        in_service_s: When it was or will be in service.
        warm_s: When the last of the group's policies counts it as warm.
        leaves_s: When draining ends and it is gone; infinity unless draining.
    """

    slot: int
    state: InstanceState
    launched_s: float
    in_service_s: float
    warm_s: float
    leaves_s: float = math.inf


Instances = tuple[Instance, ...]


def settled(count: int) -> Instances:
    """Instances that have been in service and warm for a long time."""
    ago = -math.inf
    return tuple(
        Instance(slot=slot, state=InstanceState.IN_SERVICE, launched_s=ago, in_service_s=ago, warm_s=ago)
        for slot in range(count)
    )


def advance(instances: Instances, time_s: float) -> Instances:
    """The instances at a later time: those that have booted are in service, those that have drained are gone."""
    return tuple(
        replace(instance, state=InstanceState.IN_SERVICE)
        if instance.state is InstanceState.PENDING and instance.in_service_s <= time_s
        else instance
        for instance in instances
        if instance.leaves_s > time_s
    )


def launch(
    instances: Instances, count: int, *, time_s: float, boot_s: float, warm_up_s: float, slots: int
) -> Instances:
    """Launch up to ``count`` instances into the lowest free slots; fewer where the slots run out."""
    taken = {instance.slot for instance in instances}
    free = [slot for slot in range(slots) if slot not in taken][:count]
    in_service_s = time_s + boot_s
    launched = (
        Instance(
            slot=slot,
            state=InstanceState.PENDING if boot_s > 0 else InstanceState.IN_SERVICE,
            launched_s=time_s,
            in_service_s=in_service_s,
            warm_s=in_service_s + warm_up_s,
        )
        for slot in free
    )
    return tuple(sorted((*instances, *launched), key=lambda instance: instance.slot))


def terminate(instances: Instances, count: int, *, time_s: float, drain_s: float) -> Instances:
    """Terminate ``count`` instances, the earliest launched first, of equals the lowest slot.

    AWS's default policy chooses in the end at random among instances of the same configuration (Amazon EC2 Auto Scaling
    user guide, "Termination policies"); oldest first keeps a simulation repeatable. An instance in service drains for
    ``drain_s``; one that is still pending is gone at once.
    """
    present = sorted(
        (instance for instance in instances if instance.state is not InstanceState.DRAINING),
        key=lambda instance: (instance.launched_s, instance.slot),
    )
    leaving = {instance.slot for instance in present[:count]}
    return tuple(
        replace(instance, state=InstanceState.DRAINING, leaves_s=time_s + drain_s)
        if instance.slot in leaving
        else instance
        for instance in instances
        if instance.slot not in leaving or (instance.state is InstanceState.IN_SERVICE and drain_s > 0)
    )


def next_event_s(instances: Instances) -> float:
    """When the next instance has booted or drained; infinity if none is under way."""
    return min(
        (
            instance.in_service_s if instance.state is InstanceState.PENDING else instance.leaves_s
            for instance in instances
        ),
        default=math.inf,
    )


def settled_s(instances: Instances) -> float:
    """When every instance is in service and warm; infinity while one is draining, for then the number still changes."""
    return max(
        (math.inf if instance.state is InstanceState.DRAINING else instance.warm_s for instance in instances),
        default=-math.inf,
    )


def under_way(instances: Instances, warm_up_s: float, time_s: float) -> tuple[int, int]:
    """How many are not yet warm, and how many are terminating, for a policy with this warm-up."""
    warming = terminating = 0
    for instance in instances:
        if instance.state is InstanceState.DRAINING:
            terminating += 1
        elif instance.state is InstanceState.PENDING or instance.in_service_s + warm_up_s > time_s:
            warming += 1
    return warming, terminating
