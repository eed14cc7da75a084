"""What a service room declares. A room is one module in this folder, named after its resource kind.

A room is pure declaration: it calls no stage and knows no other room. The order of its parts is always the same:
identity and spellings, settings, characteristics, demands, gather, behaviour, visit, price, metrics, knobs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from tonnage.engine.primitives import Primitive
from tonnage.engine.program import Jitter, Step
from tonnage.services._nodes import NodePool, PodGroup
from tonnage.services._scaling_group import Hook as Hook
from tonnage.services._scaling_group import Offer as Offer
from tonnage.services._scaling_group import ScalingGroup as ScalingGroup
from tonnage.services._scaling_group import WarmPool as WarmPool
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Quantity,
    Resource,
    ScalingPolicy,
    Stack,
    Value,
)

if TYPE_CHECKING:
    from tonnage.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A property of the resource that changes what it carries.

    Attributes:
        name: CloudFormation property name.
        unit: Unit, or ``""`` for a name or a switch.
        default: AWS's default when the property is absent.
        meaning: One sentence.
        source: The AWS page that states the default.
    """

    name: str
    unit: str
    default: Value
    meaning: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """What no template states but the answer depends on.

    Attributes:
        name: Short name, as written under ``components:`` in the workload file (``boot_time``, ``workers``).
        quantity: The assumption: value, unit, range and source.
        meaning: One sentence, with how to measure it.
        needs: Setting without which it matters to nothing; empty if it always does.
    """

    name: str
    quantity: Quantity
    meaning: str
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one visit asks of the component.

    Attributes:
        name: Short name, as written under a call in the workload file (``cpu``, ``reads``).
        quantity: The assumption used when a call does not say.
        meaning: One sentence, with how to measure it.
        needs: Demands of which the call must state one, else it matters to nothing; empty if it always does.
        unless: Demands that take its place where the call states one of them.
    """

    name: str
    quantity: Quantity
    meaning: str
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def matters_to(self, call: Call) -> bool:
        """Whether a call asks it, stated or assumed."""
        if self.needs and not any(name in call.demands for name in self.needs):
            return False
        return self.name in call.demands or not any(name in call.demands for name in self.unless)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Work above a baseline costs credits; without credits the speed falls to the baseline.

    Attributes:
        fleet: Fleet whose instances earn and spend.
        earn_per_s: Credits earned per second and instance, in server-seconds of full speed.
        capacity: Most credits kept per instance, server-seconds.
        baseline: Speed per server without credits, as a share of full speed.
        unlimited: Whether the instance may go on at full speed on surplus credits, which are billed.
        surplus_usd_per_server_hour: Price of surplus credits.
        initial: Credits of a new instance, server-seconds.
    """

    fleet: str
    earn_per_s: float
    capacity: float
    baseline: float
    unlimited: bool
    surplus_usd_per_server_hour: float = 0.0
    initial: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A delaying bucket may run above its baseline rate while a balance lasts (gp2, instance EBS bandwidth).

    Attributes:
        bucket: The bucket.
        baseline_per_s: Rate without balance, and the rate at which the balance is earned.
        burst_per_s: Rate while the balance lasts.
        capacity: Largest balance, tokens; full at the start.
        refill_per_s: Where it is not earned at the baseline: earned at this rate whatever is taken, and only what is
            taken above the baseline is spent. 0: earned at the baseline, and all that is taken is spent.
    """

    bucket: str
    baseline_per_s: float
    burst_per_s: float
    capacity: float
    refill_per_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pollers:
    """Consumers of a queue that come while messages wait, and go when none do.

    Attributes:
        queue: The queue.
        start: Batches processed at once when nothing waits.
        per_minute: How many more each minute while messages wait.
        maximum: Most at once.
    """

    queue: str
    start: int
    per_minute: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScaling:
    """Provisioned throughput that follows its consumption (DynamoDB auto scaling).

    Attributes:
        bucket: The rejecting bucket of that throughput.
        start: Units per second at the start.
        minimum: Least units per second.
        maximum: Most.
        target: Share of the capacity that should be consumed, 0 to 1.
        out_cooldown_s: Scale-out cooldown.
        in_cooldown_s: Scale-in cooldown.
        scale_in: Whether it is ever lowered by its target.
        burst_s: How much unused capacity is kept, as seconds of it.
        delay_s: From the last datapoint to the new capacity.
        warm_per_s: Units per second that the table is prepared for: up to there it has a new capacity at once.
        scale_out: Whether it is ever raised by its target.
        schedule: Scheduled actions, which set the bounds.
    """

    bucket: str
    start: float
    minimum: int
    maximum: int
    target: float
    out_cooldown_s: float
    in_cooldown_s: float
    scale_in: bool
    burst_s: float
    delay_s: float
    warm_per_s: float = 0.0
    scale_out: bool = True
    schedule: tuple[ScalingPolicy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedScaling:
    """Provisioned concurrency of a Lambda function that follows its use, its schedule, or both.

    Attributes:
        environments: The environments.
        policy: Name of the policy, for the report.
        start: Provisioned at the start.
        minimum: Least provisioned.
        maximum: Most.
        target: Share of what is provisioned that should be in use, 0 to 1.
        by_peak: Whether the Maximum of a minute is tracked, else its Average.
        in_cooldown_s: Scale-in cooldown.
        scale_in: Whether it is ever lowered by its target.
        scale_out: Whether it is ever raised by its target.
        begin_s: From a decision until the first further environment is there.
        per_s: Further environments made per second; they serve when all are there.
        schedule: Scheduled actions, which set the bounds.
    """

    environments: str
    policy: str
    start: int
    minimum: int
    maximum: int
    target: float
    by_peak: bool
    in_cooldown_s: float
    scale_in: bool
    scale_out: bool
    begin_s: float
    per_s: float
    schedule: tuple[ScalingPolicy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowingCapacity:
    """What a service lets through that grows by itself with what it is asked for (a load balancer, an S3 prefix).

    Attributes:
        bucket: The rejecting bucket of its requests.
        floor_per_s: Requests per second that it always carries.
        headroom: Capacity over what was asked for in the latest minute, once it has grown.
        doubling_s: How long it takes to double.
        halving_s: How long capacity that is not needed takes to halve.
    """

    bucket: str
    floor_per_s: float
    headroom: float
    doubling_s: float
    halving_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemandCapacity:
    """What an on-demand table serves in one direction: a multiple of its previous peak at once, more as it is used.

    Attributes:
        bucket: The rejecting bucket of those units.
        floor_per_s: Units per second that it serves at once whatever it was asked before.
        peak_per_s: Its previous peak at the start.
        growth: Multiple of the previous peak that it serves at once.
        growth_s: How long a new peak takes to become the previous one.
    """

    bucket: str
    floor_per_s: float
    peak_per_s: float
    growth: float
    growth_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionSplit:
    """The hottest partition of a table, which is split when it stays too hot: its keys move apart, never one key.

    Attributes:
        bucket: The rejecting bucket of the keys that stand on it at the start.
        limit_per_s: Units per second that one partition serves.
        share: Share of the table's visits that go to those keys.
        key_share: Share of the table's visits that go to the hottest key alone.
        split_s: How long it must refuse before it is split.
    """

    bucket: str
    limit_per_s: float
    share: float
    key_share: float
    split_s: float


Control = (
    Credits
    | Burst
    | ScalingGroup
    | Pollers
    | TableScaling
    | ProvisionedScaling
    | GrowingCapacity
    | OnDemandCapacity
    | PartitionSplit
    | PodGroup
    | NodePool
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a component is made of.

    Attributes:
        primitives: By full name ``Component/part``.
        controls: What changes in time under AWS's hand: credits, bursts, scaling.
        limits: Hard limits worth naming in the report, by name: ("max_connections", 341).
        zone_loss_s: How long visits fail when the Availability Zone is lost that the component stands in: 0 for a
            service in several zones, infinity for one that cannot go elsewhere. Fleets lose their instances besides.
    """

    primitives: Mapping[str, Primitive]
    controls: tuple[Control, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    zone_loss_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What one visit does at the component.

    Attributes:
        enter: Before the calls below it; a ``Lookup`` may only be the last step.
        leave: After them.
        retry_attempts: Tries in all that the AWS SDK makes by itself against this service; 1 means none.
        retry_base_s: Its backoff base.
        retry_cap_s: Its backoff cap.
        retry_jitter: How its backoff varies, as of ``Visit.jitter``.
        usage: What one visit uses up that is billed, by the room's names (``"gb_s"``, ``"write_units"``).
        begun: What is begun and goes on by itself, the calls below at its end: the caller waits for ``enter`` alone.
    """

    enter: tuple[Step, ...]
    leave: tuple[Step, ...] = ()
    retry_attempts: int = 1
    retry_base_s: float = 0.0
    retry_cap_s: float = 0.0
    retry_jitter: Jitter = "full"
    usage: Mapping[str, float] = field(default_factory=dict)
    begun: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a component did, for its price.

    Attributes:
        visits_per_s: Mean rate of visits over the billed time.
        instances: Mean number of billed instances.
        instances_of: The same by offer, and those prepared in a warm pool (``"warm pool"``); empty if all are alike.
        per_visit: Mean of each billed use per visit (see ``Steps.usage``).
        surplus_credit_s_per_h: Server-seconds of surplus credits spent per hour.
        mean_busy_s: Mean time a visit keeps the component busy (an environment leased), seconds.
        provisioned: Mean of what is scaled beside the instances, by the part's name: units per second (``"reads"``),
            environments, instances of a second fleet (``"readers"``).
    """

    visits_per_s: float
    instances: float = 1.0
    instances_of: Mapping[str, float] = field(default_factory=dict)
    per_visit: Mapping[str, float] = field(default_factory=dict)
    surplus_credit_s_per_h: float = 0.0
    mean_busy_s: float = 0.0
    provisioned: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Price of a component.

    Attributes:
        usd_per_h: Everything, per hour.
        items: What it is made of, by name, USD per hour.
        notes: What is estimated or left out ("data transfer is not counted").
        sources: Where the unit prices come from, with dates.
    """

    usd_per_h: float
    items: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


Pressure = Literal[
    "cpu",
    "credits",
    "connections",
    "iops",
    "memory",
    "throttle",
    "concurrency",
    "scaling lag",
    "workers",
    "backlog",
    "service time",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a simulation saw at a component, for choosing what to try.

    Attributes:
        utilization: Highest mean utilization of its servers over the judged time, 0 to 1.
        pressures: What gave way or came close, worst first.
        peak_visits_per_s: Most visits per second offered.
        peak_instances: Most instances in service.
        per_visit: Mean demands per visit at the component, by the room's demand names.
        peak_concurrency: Most tokens or environments in use in any sample.
        declared_reads: Share of the requests entering here, with no edge before it, that routes declare to be GETs.
    """

    utilization: float = 0.0
    pressures: tuple[Pressure, ...] = ()
    peak_visits_per_s: float = 0.0
    peak_instances: float = 1.0
    per_visit: Mapping[str, float] = field(default_factory=dict)
    peak_concurrency: float = 0.0
    declared_reads: float = 0.0


Role = Literal[
    "api",
    "balancer",
    "edge",
    "instances",
    "tasks",
    "pods",
    "nodes",
    "function",
    "table",
    "server",
    "cache",
    "storage",
    "queue",
    "topic",
    "workflow",
    "network",
]
"""What a component is to others: an API or a balancer hands requests on; an edge answers from its cache what it can and
asks its origin for the rest; instances, tasks and functions compute; a table, a server, a cache or storage is asked; a
queue keeps what is worked on later; a topic gives everybody a copy; a workflow calls its tasks; the network is
passed; nodes carry pods, and no requests."""


class Room(Protocol):
    """The face of a service module. Every name below is a module-level name of each file in this folder."""

    KIND: str
    """Canonical CloudFormation type, for example ``AWS::RDS::DBInstance``; ``Component.kind`` of its components."""
    ALSO: tuple[str, ...]
    """Other CloudFormation types that this room gathers as its main resource (``AWS::Serverless::Function``)."""
    SPELLINGS: Mapping[str, str]
    """The same resource elsewhere: ``{"terraform": "aws_db_instance", "boto3": "rds:DescribeDBInstances"}``."""
    TITLE: str
    """What people call it: "RDS instance"."""
    ENTRY: bool
    """Whether requests enter a workload here (a load balancer, an API)."""
    ROLE: Role
    """What it is to others: decides which edges lead to it and from it."""
    SETTINGS: tuple[Setting, ...]
    CHARACTERISTICS: tuple[Characteristic, ...]
    DEMANDS: tuple[Demand, ...]

    gather: "Callable[[Resource, Stack], Component | NotModelled]"
    """Make the component from its main resource and what belongs to it (launch template, policies, stage …)."""
    behaviour: "Callable[[Component, Catalog], Behaviour]"
    """Compose the component of primitives. Raises CatalogError for a type the catalogue does not know."""
    visit: "Callable[[Component, Call, Catalog], Steps]"
    """The steps of one visit."""
    price: "Callable[[Component, Usage, Catalog], Cost]"
    """What it costs."""
    knobs: "Callable[[Component, Situation, Catalog], Iterable[Change | Addition]]"
    """Changes an expert would try first in this situation, best first."""


def characteristic(room: Room, component: Component, name: str) -> Quantity:
    """The component's own value of a characteristic, else the room's assumption."""
    if name in component.characteristics:
        return component.characteristics[name]
    return next(item.quantity for item in room.CHARACTERISTICS if item.name == name)


def demand(room: Room, call: Call, name: str) -> Quantity:
    """What a call asks, else the room's assumption."""
    if name in call.demands:
        return call.demands[name]
    return next(item.quantity for item in room.DEMANDS if item.name == name)
