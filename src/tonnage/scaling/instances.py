"""The instances of a group: launched, prepared in a warm pool, in service, draining, gone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class InstanceState(StrEnum):
    """Where an instance is in its life."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    DRAINING = "Terminating"
    WARMED = "Warmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a group. Times are simulation time; minus infinity means long before the start.

    Attributes:
        slot: Its number; taken again once the instance is gone.
        state: Where it is.
        launched_s: When it was launched.
        in_service_s: When it was or will be in service; in a warm pool, when it is prepared.
        warm_s: When the last of the group's policies counts it as warm.
        leaves_s: When it is gone: the end of its draining, or of the notice that Spot gave it; else infinity.
        zone: Number of its Availability Zone.
        offer: Index of the offer of the group that it was got by.
        weight: Units of capacity that it counts.
        version: Of the configuration that it was launched with: later ones are larger.
        fails: Whether its launch ends with a lifecycle hook that abandons it.
        retiring: Whether it is to go as soon as another has taken its place.
        returns: Whether it goes to the warm pool after draining.
        unhealthy_s: Since when it has failed its health checks; infinity while it has not.
        impaired: Whether EC2's own status checks fail too.
    """

    slot: int
    state: InstanceState
    launched_s: float
    in_service_s: float
    warm_s: float
    leaves_s: float = math.inf
    zone: int = 0
    offer: int = 0
    weight: int = 1
    version: int = 0
    fails: bool = False
    retiring: bool = False
    returns: bool = False
    unhealthy_s: float = math.inf
    impaired: bool = False

    @property
    def stays(self) -> bool:
        """Whether it is part of the group's capacity: neither leaving nor in the warm pool."""
        return self.state is InstanceState.IN_SERVICE or self.state is InstanceState.PENDING

    @property
    def next_event_s(self) -> float:
        """When it changes by itself next; infinity if it does not."""
        if self.state is InstanceState.PENDING:
            return min(self.in_service_s, self.leaves_s)
        return self.leaves_s


Instances = tuple[Instance, ...]


def units(instances: Iterable[Instance]) -> int:
    """Capacity of those that stay."""
    return sum(instance.weight for instance in instances if instance.stays)


def active(instances: Instances) -> tuple[int, ...]:
    """Slots that are given requests: in service, and healthy in the eyes of the load balancer."""
    return tuple(i.slot for i in instances if i.state is InstanceState.IN_SERVICE and i.unhealthy_s == math.inf)


def advance(instances: Instances, time_s: float) -> tuple[Instances, Instances]:
    """The instances at a later time, and those whose launch was abandoned.

    Those that have booted are in service, those that have drained are gone or back in the warm pool.
    """
    left: list[Instance] = []
    abandoned: list[Instance] = []
    for instance in instances:
        if instance.leaves_s <= time_s:
            if instance.returns:
                left.append(
                    replace(instance, state=InstanceState.WARMED, in_service_s=time_s, leaves_s=math.inf, returns=False)
                )
        elif instance.in_service_s > time_s or instance.state in {InstanceState.IN_SERVICE, InstanceState.DRAINING}:
            left.append(instance)
        elif instance.fails:
            abandoned.append(instance)
        elif instance.state is InstanceState.PENDING:
            left.append(replace(instance, state=InstanceState.IN_SERVICE))
        else:
            left.append(instance)
    return tuple(left), tuple(abandoned)


def terminate(instances: Instances, slots: Iterable[int], *, time_s: float, drain_s: float, reuse: bool) -> Instances:
    """Terminate some instances: one in service drains for ``drain_s``, one that is not is gone at once.

    Args:
        instances: All of them.
        slots: Which.
        time_s: Now.
        drain_s: How long one drains, its termination hook included.
        reuse: Whether those in service go to the warm pool afterwards.
    """
    leaving = set(slots)
    left: list[Instance] = []
    for instance in instances:
        if instance.slot not in leaving:
            left.append(instance)
        elif instance.state is InstanceState.IN_SERVICE and (drain_s > 0 or reuse):
            leaves_s = min(instance.leaves_s, time_s + drain_s)
            left.append(replace(instance, state=InstanceState.DRAINING, leaves_s=leaves_s, returns=reuse))
    return tuple(left)


def next_event_s(instances: Instances) -> float:
    """When the next instance has booted, drained or been abandoned; infinity if none is under way."""
    return min(
        (
            instance.in_service_s
            if instance.state is InstanceState.WARMED and instance.fails
            else instance.next_event_s
            for instance in instances
        ),
        default=math.inf,
    )


def settled_s(instances: Instances) -> float:
    """When every instance is in service and warm; infinity while one is draining, for then the number still changes."""
    return max(
        (
            math.inf if instance.state is InstanceState.DRAINING else instance.warm_s
            for instance in instances
            if instance.state is not InstanceState.WARMED
        ),
        default=-math.inf,
    )


def under_way(instances: Instances, warm_up_s: float, time_s: float) -> tuple[int, int]:
    """Units that are not yet warm, and that are terminating, for a policy with this warm-up."""
    warming = terminating = 0
    for instance in instances:
        if instance.state is InstanceState.DRAINING:
            terminating += instance.weight
        elif instance.stays and not is_warm(instance, warm_up_s, time_s):
            warming += instance.weight
    return warming, terminating


def is_warm(instance: Instance, warm_up_s: float, time_s: float) -> bool:
    """Whether an instance has been in service for a warm-up."""
    return instance.state is not InstanceState.PENDING and instance.in_service_s + warm_up_s <= time_s
