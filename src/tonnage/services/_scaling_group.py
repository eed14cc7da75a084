"""A group that scales, as the control plane knows it: its sizes, its policies, and what its instances are."""

import math
from dataclasses import dataclass

from tonnage.workload import ScalingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way in which a group may get an instance.

    Attributes:
        name: For reports and prices: ``m5.large``, ``m5.large Spot``.
        weight: Units of the group's capacity that the instance counts (``WeightedCapacity``).
        speed: Its computing power, relative to the instance that the fleet is made of.
        spot: Whether it is a Spot Instance.
    """

    name: str = ""
    weight: int = 1
    speed: float = 1.0
    spot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A lifecycle hook: an instance waits until work is done or the heartbeat times out.

    Attributes:
        work_s: How long the work takes.
        heartbeat_s: ``HeartbeatTimeout``.
        abandons: Whether ``DefaultResult`` is ABANDON.
    """

    work_s: float
    heartbeat_s: float = 3600.0
    abandons: bool = True

    @property
    def wait_s(self) -> float:
        """How long an instance waits."""
        return min(self.work_s, self.heartbeat_s)

    @property
    def fails(self) -> bool:
        """Whether the wait ends with an abandoned instance."""
        return self.abandons and self.work_s > self.heartbeat_s


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPool:
    """Instances prepared beforehand.

    Attributes:
        start_s: From leaving the pool to InService.
        least: ``MinSize``.
        prepared: ``MaxGroupPreparedCapacity``; None means the group's maximum.
        running: Whether its instances run (and are paid) while they wait.
        reuse: Whether instances return to it on scale-in.
    """

    start_s: float
    least: int = 0
    prepared: int | None = None
    running: bool = False
    reuse: bool = False

    def size(self, desired: int, maximum: int) -> int:
        """Instances that it holds: what is left up to the prepared capacity, at least its minimum.

        Source: Amazon EC2 Auto Scaling user guide, "Warm pools".
        """
        return max((maximum if self.prepared is None else self.prepared) - desired, self.least, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingGroup:
    """A fleet whose number of instances follows scaling policies. Sizes are units of capacity: instances, or weights.

    Attributes:
        fleet: The fleet.
        minimum: Least instances.
        maximum: Most instances.
        desired: Instances wanted at the start; None means ``minimum``.
        policies: Scaling policies, in AWS's own words.
        boot_s: From launch to InService (pending: boot, application start, first health check).
        default_warmup_s: ``DefaultInstanceWarmup``; None if unset.
        default_cooldown_s: ``DefaultCooldown``.
        drain_s: Deregistration delay: how long a leaving instance may finish its requests.
        found_out_s: Until an instance that does not answer gets no more requests: two checks 30 s apart by default.
        taken_in_s: Until one that answers again gets requests: five checks by default.
        scale_in_looks_back_s: Target tracking gives back no more than the heaviest of so many seconds leaves room for.
        metric_period_s: Period of the group's CPU metric: 60 with detailed monitoring, 300 without.
        metric_delay_s: From the end of a period until its datapoint can be read. AWS publishes no figure; one minute
            is assumed.
        ceiling: Most instances ever, where that is more than ``maximum``: the largest maximum that a scheduled action
            sets or predictive scaling is let raise it to.
        offers: How instances are got: first the one On-Demand, then those of Spot, to be used evenly.
        on_demand_base: ``OnDemandBaseCapacity``.
        on_demand_percent: ``OnDemandPercentageAboveBaseCapacity``.
        zones: Availability Zones that its instances are spread over.
        balanced_only: Whether a launch that fails in one zone is not tried in another.
        termination: ``TerminationPolicies``, in order.
        protected: ``NewInstancesProtectedFromScaleIn``.
        launch_hook: The hook that every launch waits for.
        termination_hook: The hook that every termination waits for.
        warm_pool: The warm pool.
        elb_health: Whether an instance that fails the load balancer's health checks is replaced.
        grace_s: ``HealthCheckGracePeriod``: how long after InService those checks are not heeded.
        health_batch: Share of the desired capacity that may be under replacement for its health at a time.
        healthy_percent: Least and most of the desired capacity while instances are replaced
            (``InstanceMaintenancePolicy``); None where none is set.
        capacity_rebalance: ``CapacityRebalance``.
        keeps_in_deployment: Whether nothing scales in while a deployment replaces instances (ECS services).
    """

    fleet: str
    minimum: int
    maximum: int
    desired: int | None
    policies: tuple[ScalingPolicy, ...]
    boot_s: float
    default_warmup_s: float | None
    default_cooldown_s: float
    drain_s: float
    metric_period_s: float
    metric_delay_s: float = 60.0
    found_out_s: float = 60.0
    scale_in_looks_back_s: float = 60.0
    taken_in_s: float = 150.0
    ceiling: int = 0
    offers: tuple[Offer, ...] = (Offer(),)
    on_demand_base: int = 0
    on_demand_percent: float = 100.0
    zones: int = 3
    balanced_only: bool = False
    termination: tuple[str, ...] = ("Default",)
    protected: bool = False
    launch_hook: Hook | None = None
    termination_hook: Hook | None = None
    warm_pool: WarmPool | None = None
    elb_health: bool = True
    grace_s: float = 0.0
    health_batch: float = 1.0
    healthy_percent: tuple[float, float] | None = None
    capacity_rebalance: bool = False
    keeps_in_deployment: bool = False

    @property
    def most(self) -> int:
        """The larger of ``maximum`` and ``ceiling``."""
        return max(self.maximum, self.ceiling)

    @property
    def slots(self) -> int:
        """How many instances it can have at once: all twice over while they are replaced, two more, and its pool."""
        instances = math.ceil(self.most / min(offer.weight for offer in self.offers))
        pool = 0 if self.warm_pool is None else self.warm_pool.size(self.minimum, self.most)
        return 2 * instances + 2 + pool

    def on_demand(self, units: int) -> int:
        """Units that are On-Demand when there are so many: the base, and the share above it, rounded up.

        Source: Amazon EC2 Auto Scaling user guide, "Auto Scaling groups with multiple instance types and purchase
        options".
        """
        base = min(units, self.on_demand_base)
        return base + math.ceil((units - base) * self.on_demand_percent / 100.0 - 1e-9)

    def made_of(self, units: int) -> tuple[int, ...]:
        """Instances of each offer that so many units are made of."""
        first, spot = self.offers[0], self.offers[1:]
        fixed = units if not spot else self.on_demand(units)
        counts = [math.ceil(fixed / first.weight)] + [0] * len(spot)
        left, k = units - counts[0] * first.weight, 0
        while left > 0:
            counts[1 + k % len(spot)] += 1
            left -= spot[k % len(spot)].weight
            k += 1
        return tuple(counts)

    def power(self, units: int) -> float:
        """Computing power of so many units, in instances that the fleet is made of."""
        return sum(n * offer.speed for n, offer in zip(self.made_of(units), self.offers, strict=True))
