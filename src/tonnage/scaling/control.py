"""The control loop: credits, bursts and scaling groups, ticked by whatever carries the requests.

The loop sees utilization and counts, never requests; it answers with the instances in service, their speed and the
rates of buckets. The request-level simulation ticks it every few seconds, the coarse run of whole days every minute.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tonnage.scaling import (
    burst_balance,
    event_source_pollers,
    growing_capacity,
    on_demand_capacity,
    partition_split,
    provisioned_concurrency,
    table_auto_scaling,
)
from tonnage.scaling._controller import Controller, Moment, Reads
from tonnage.scaling.auto_scaling_group import GroupMemory, Sample, change, lose, next_event_s, start, step
from tonnage.scaling.forecast import LEAST_HOURS
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.kubernetes_cluster import Cluster
from tonnage.scaling.predictive_scaling import NO_HISTORY, HourlyLoad
from tonnage.scaling.readings import MINUTE_S, Activity, BucketRate, Happening, Readings, Setting
from tonnage.scaling.roster import Roster
from tonnage.scaling.watched_metric import queues_of
from tonnage.services import (
    Burst,
    Control,
    Credits,
    GrowingCapacity,
    OnDemandCapacity,
    PartitionSplit,
    Pollers,
    ProvisionedScaling,
    ScalingGroup,
    TableScaling,
)

CONTROLLERS: Mapping[type[Any], Controller] = {
    GrowingCapacity: growing_capacity,
    Burst: burst_balance,
    OnDemandCapacity: on_demand_capacity,
    PartitionSplit: partition_split,
    Pollers: event_source_pollers,
    TableScaling: table_auto_scaling,
    ProvisionedScaling: provisioned_concurrency,
}
"""The module behind each kind of control that is neither a group nor its credits."""


class ControlLoop:
    """All controls of a workload, at one moment.

    Args:
        controls: What the rooms declared.
        instances: Instances at the start, by fleet.
        servers: Servers of one instance, by fleet.
        time_s: The moment.
        epoch_s: Unix time of time 0, for what is scheduled.
        history: What each group carried before, for what is forecast.
        queues: Queues that there are; policies that watch another see nothing of it.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        instances: Mapping[str, int],
        servers: Mapping[str, int],
        time_s: float,
        epoch_s: float = 0.0,
        history: Mapping[str, HourlyLoad] = MappingProxyType({}),
        queues: Collection[str] = (),
    ) -> None:
        self.time_s = time_s
        self.groups = {c.fleet: c for c in controls if isinstance(c, ScalingGroup)}
        self.cluster = Cluster(controls, time_s, epoch_s)
        self.changing = frozenset({*self.groups, *self.cluster.groups})
        self.credits = {c.fleet: c for c in controls if isinstance(c, Credits)}
        self.epoch_s = epoch_s
        self.rules = tuple(c for c in controls if type(c) in CONTROLLERS)
        self.memories = [CONTROLLERS[type(c)].begin(c, epoch_s + time_s) for c in self.rules]
        self.reads = _together(CONTROLLERS[type(c)].reads(c) for c in self.rules)
        self.servers = servers
        self._paced = {f for f, group in self.groups.items() if any(offer.speed != 1.0 for offer in group.offers)}
        self.memory: dict[str, GroupMemory] = {
            fleet: start(
                group,
                time_s=time_s,
                in_service=instances[fleet],
                epoch_s=epoch_s,
                history=history.get(fleet, NO_HISTORY),
            )
            for fleet, group in self.groups.items()
        }
        self._watched = {fleet: _queues_of(memory) & set(queues) for fleet, memory in self.memory.items()}
        self.reads = _together([self.reads, *(Reads(queues=tuple(sorted(q))) for q in self._watched.values())])
        self._sent: dict[str, float] = {}
        self._queued: dict[str, Mapping[str, float]] = {}
        self._fixed = {fleet: tuple(range(n)) for fleet, n in instances.items() if fleet not in self.changing}
        self.balance: dict[str, dict[int, float]] = {
            fleet: dict.fromkeys(range(instances[fleet]), c.capacity) for fleet, c in self.credits.items()
        }
        self.without_credits: dict[str, frozenset[int]] = dict.fromkeys(self.credits, frozenset())
        self.surplus_s: dict[str, float] = dict.fromkeys(self.credits, 0.0)
        self.activities: list[tuple[str, Activity]] = []
        self.happenings: list[Happening] = [
            Happening(
                time_s=time_s,
                primitive=fleet.partition("/")[0],
                text=f"{memory.predictive.name} does not act before {LEAST_HOURS} h of history are there: "
                f"it begins with {len(memory.prediction.history)} h",
            )
            for fleet, memory in self.memory.items()
            if memory.predictive and memory.prediction and len(memory.prediction.history) < LEAST_HOURS
        ]
        self._minute_cpu: dict[str, dict[int, list[float]]] = {fleet: {} for fleet in self.groups}
        self._minute_requests: dict[str, float] = dict.fromkeys(self.groups, 0.0)

    def copy(self) -> "ControlLoop":
        """The same moment again, to go on from independently."""
        twin = object.__new__(ControlLoop)
        twin.__dict__ |= self.__dict__
        twin.memory = dict(self.memory)
        twin.cluster = self.cluster.copy()
        twin._fixed = dict(self._fixed)
        twin.balance = {fleet: dict(slots) for fleet, slots in self.balance.items()}
        twin.without_credits = dict(self.without_credits)
        twin.surplus_s = dict(self.surplus_s)
        twin.memories = list(self.memories)
        twin.activities = list(self.activities)
        twin.happenings = list(self.happenings)
        twin._minute_cpu = {fleet: {s: list(v) for s, v in slots.items()} for fleet, slots in self._minute_cpu.items()}
        twin._minute_requests = dict(self._minute_requests)
        twin._sent = dict(self._sent)
        return twin

    def active(self, fleet: str, zone: int | None = None) -> tuple[int, ...]:
        """Slots that are given requests; of one zone only where that is asked for."""
        if fleet in self.cluster.groups:
            return self.cluster.slots(fleet, InstanceState.IN_SERVICE)
        if fleet not in self.memory:
            return self._fixed[fleet]
        slots = self.memory[fleet].roster.active
        if zone is None:
            return slots
        there = {instance.slot for instance in self.memory[fleet].instances if instance.zone == zone}
        return tuple(slot for slot in slots if slot in there)

    def count(self, fleet: str, state: InstanceState) -> int:
        """Instances of a fleet in a state, those in service only if healthy; a fleet without a group is in service."""
        if state == InstanceState.IN_SERVICE:
            return len(self.active(fleet))
        if fleet in self.cluster.groups:
            return len(self.cluster.slots(fleet, state))
        if fleet not in self.memory:
            return 0
        return sum(instance.state == state for instance in self.memory[fleet].instances)

    def lose(self, fleet: str, slots: Collection[int]) -> None:
        """Instances failed their health checks: they are taken out, and a group launches others in their place."""
        if fleet in self.cluster.groups:
            self.cluster.lose(fleet, slots)
        elif fleet in self.groups:
            self.memory[fleet] = lose(self.groups[fleet], self.memory[fleet], slots, self.time_s)
        else:
            self._fixed[fleet] = tuple(slot for slot in self._fixed[fleet] if slot not in slots)

    def restore(self, fleet: str, slots: Collection[int]) -> None:
        """Instances of a fleet without a group are back."""
        if fleet not in self.changing:
            self._fixed[fleet] = tuple(sorted({*self._fixed[fleet], *slots}))

    def roll_out(self, fleet: str, healthy_percent: tuple[float, float]) -> None:
        """All pods of a Deployment are replaced by new ones, within least and most of the replicas."""
        self.cluster.roll_out(fleet, healthy_percent)

    def change(self, fleet: str, deed: Callable[[Roster], Roster]) -> None:
        """Something happens to the instances of a group, and the group answers to it."""
        self.memory[fleet] = change(self.groups[fleet], self.memory[fleet], deed, self.time_s)

    def kinds(self, fleet: str) -> Mapping[str, int]:
        """Instances of a group that are billed, by offer; those of its warm pool apart, once they are prepared."""
        group, found = self.groups[fleet], Counter[str]()
        for instance in self.memory[fleet].instances:
            waits = instance.state is InstanceState.WARMED and instance.in_service_s <= self.time_s
            if instance.state is not InstanceState.DRAINING:
                found["warm pool" if waits else group.offers[instance.offer].name] += 1
        return found

    def pace(self, fleet: str) -> Mapping[int, float]:
        """Speed of instances relative to the one that the fleet is made of, by slot, where they differ."""
        if fleet not in self._paced:
            return {}
        offers = self.groups[fleet].offers
        return {i.slot: offers[i.offer].speed for i in self.memory[fleet].instances if offers[i.offer].speed != 1.0}

    def at_maximum(self, fleet: str) -> bool:
        """Whether all that a group may have now is in service."""
        if fleet in self.cluster.groups:
            return len(self.active(fleet)) >= self.cluster.groups[fleet].maximum
        memory = self.memory[fleet]
        return sum(i.weight for i in memory.instances if i.state is InstanceState.IN_SERVICE) >= memory.maximum

    def speed(self, fleet: str, slot: int) -> float:
        """Share of its full speed that an instance has now.

        The last credits are spread over a minute, so that no tick spends what is not there: the speed falls gradually
        to the baseline (Amazon EC2 user guide, "Standard mode for burstable performance instances").
        """
        rule = self.credits.get(fleet)
        if rule is None or rule.unlimited:
            return 1.0
        level = self.balance[fleet].get(slot, rule.initial)
        return min(1.0, rule.baseline + level / (self.servers[fleet] * MINUTE_S))

    def _least(self, fleet: str) -> float:
        """Credits below which an instance counts as without: what a minute at full speed takes beyond the earning."""
        rule = self.credits[fleet]
        return min((1.0 - rule.baseline) * self.servers[fleet] * MINUTE_S, rule.capacity / 2.0)

    def settings(self) -> Iterator[Setting]:
        """What the data plane is set to now, apart from instances and their speed."""
        for rule, memory in zip(self.rules, self.memories, strict=True):
            yield from CONTROLLERS[type(rule)].settings(rule, memory)

    def bucket_rates(self) -> dict[str, BucketRate]:
        """Rates of the buckets under control now, by bucket."""
        return {item.bucket: item for item in self.settings() if isinstance(item, BucketRate)}

    def levels(self) -> dict[str, float]:
        """What a report shows over time of everything under control, as ``primitive:metric``."""
        row: dict[str, float] = {}
        for fleet in self.servers:
            if fleet in self.changing:
                row[f"{fleet}:in service"] = float(self.count(fleet, InstanceState.IN_SERVICE))
                row[f"{fleet}:pending"] = float(self.count(fleet, InstanceState.PENDING))
                row[f"{fleet}:draining"] = float(self.count(fleet, InstanceState.DRAINING))
                row[f"{fleet}:at maximum"] = float(self.at_maximum(fleet))
            if fleet in self.credits:
                balances = self.balance[fleet].values()
                row[f"{fleet}:credits"] = sum(balances) / max(1, len(balances)) / MINUTE_S
                row[f"{fleet}:without credits"] = len(self.without_credits[fleet]) / max(1, len(balances))
        for rule, memory in zip(self.rules, self.memories, strict=True):
            row |= CONTROLLERS[type(rule)].levels(rule, memory)
        return row | self.cluster.levels()

    def provisioned(self) -> dict[str, float]:
        """What is billed by how much of it is there now, by primitive."""
        found: dict[str, float] = {}
        for rule, memory in zip(self.rules, self.memories, strict=True):
            found |= CONTROLLERS[type(rule)].provisioned(rule, memory)
        return found | self.cluster.billed()

    def next_event_s(self) -> float:
        """When the loop must be ticked next at the latest: a full minute, a boot, the end of a draining, an hour."""
        times_s = [(self.time_s // MINUTE_S + 1.0) * MINUTE_S, self.cluster.next_event_s()]
        times_s += [next_event_s(group, self.memory[fleet], self.time_s) for fleet, group in self.groups.items()]
        for rule, memory in zip(self.rules, self.memories, strict=True):
            times_s.append(CONTROLLERS[type(rule)].next_unix_s(rule, memory) - self.epoch_s)
        return max(self.time_s, min(times_s))

    def tick(self, time_s: float, readings: Readings) -> None:
        """Account for the time since the last tick, and let the policies act if a minute is full."""
        passed_s = time_s - self.time_s
        if passed_s > 0:
            self._spend_credits(time_s, passed_s, readings)
            self._gather_minute(passed_s, readings)
        self.time_s = time_s
        full = abs(time_s - round(time_s / MINUTE_S) * MINUTE_S) < 1e-6
        moment = Moment(time_s=time_s, unix_s=self.epoch_s + time_s, passed_s=max(0.0, passed_s), full_minute=full)
        for k, rule in enumerate(self.rules):
            self.memories[k], told = CONTROLLERS[type(rule)].tick(rule, self.memories[k], moment, readings)
            self.activities += told.activities
            self.happenings += told.happenings
        self._gather_queues(readings, full=full)
        without_node = self.cluster.without_node
        self.activities += self.cluster.tick(time_s, readings.cpu, readings.requests)
        if self.cluster.without_node not in {None, without_node}:
            text = "pods find no node with room, and no group of nodes may grow for them"
            self.happenings.append(Happening(time_s=time_s, primitive=self.cluster.without_node or "", text=text))
        for fleet, group in self.groups.items():
            sample = self._sample(fleet, time_s) if full else None
            self.memory[fleet], activities = step(group, self.memory[fleet], time_s, sample)
            self.activities += [(fleet, activity) for activity in activities]
            if fleet in self.credits:
                self._welcome(fleet)

    def _spend_credits(self, time_s: float, passed_s: float, readings: Readings) -> None:
        for fleet, rule in self.credits.items():
            least, without = self._least(fleet), set(self.without_credits[fleet])
            for slot, level in self.balance[fleet].items():
                spent = readings.cpu.get(fleet, {}).get(slot, 0.0) * self.servers[fleet] * passed_s
                new = level + rule.earn_per_s * passed_s - spent
                if new < 0:
                    self.surplus_s[fleet] += -new if rule.unlimited else 0.0
                    new = 0.0
                if new < least and slot not in without:
                    without.add(slot)
                    text = "CPU credits run out" + (": surplus credits are billed" if rule.unlimited else "")
                    self.happenings.append(Happening(time_s=time_s, primitive=fleet, text=text))
                elif new >= 2.0 * least:
                    without.discard(slot)
                self.balance[fleet][slot] = min(new, rule.capacity)
            self.without_credits[fleet] = frozenset(without)

    def _gather_minute(self, passed_s: float, readings: Readings) -> None:
        for fleet, minute in self._minute_cpu.items():
            for slot in self.active(fleet):
                sums = minute.setdefault(slot, [0.0, 0.0])
                sums[0] += readings.cpu.get(fleet, {}).get(slot, 0.0) * passed_s
                sums[1] += passed_s
            self._minute_requests[fleet] += readings.requests.get(fleet, 0.0)

    def _gather_queues(self, readings: Readings, *, full: bool) -> None:
        """Metrics of the queues that policies watch: what was sent in a minute, and what there is at its end."""
        for queue in set().union(*self._watched.values()):
            self._sent[queue] = self._sent.get(queue, 0.0) + readings.sent.get(queue, 0.0)
            if full:
                self._queued[queue] = {
                    "ApproximateNumberOfMessagesVisible": readings.waiting.get(queue, 0.0),
                    "ApproximateNumberOfMessagesNotVisible": readings.in_flight.get(queue, 0.0),
                    "NumberOfMessagesSent": self._sent.pop(queue),
                }

    def _sample(self, fleet: str, time_s: float) -> Sample:
        cpu = {slot: 100.0 * busy / seen for slot, (busy, seen) in self._minute_cpu[fleet].items() if seen > 0}
        sample = Sample(
            start_s=round(time_s / MINUTE_S) * MINUTE_S - MINUTE_S,
            cpu_percent=cpu,
            requests=self._minute_requests[fleet],
            queues={queue: self._queued[queue] for queue in self._watched[fleet] if queue in self._queued},
        )
        self._minute_cpu[fleet] = {}
        self._minute_requests[fleet] = 0.0
        return sample

    def _welcome(self, fleet: str) -> None:
        """Give new instances their launch credits; forget those of instances that are gone."""
        rule, balance = self.credits[fleet], self.balance[fleet]
        present = {instance.slot for instance in self.memory[fleet].instances}
        new = present - set(balance) if rule.initial < self._least(fleet) else set()
        self.without_credits[fleet] = frozenset(self.without_credits[fleet] & present | new)
        self.balance[fleet] = {slot: balance.get(slot, rule.initial) for slot in sorted(present)}


def _queues_of(memory: GroupMemory) -> frozenset[str]:
    """Queues that the policies of a group watch."""
    return frozenset().union(*(queues_of(policy.watch.metric) for policy in memory.policies))


def _together(reads: Iterable[Reads]) -> Reads:
    """Everything that any controller must be shown."""
    all_ = list(reads)
    return Reads(
        buckets=tuple(dict.fromkeys(name for item in all_ for name in item.buckets)),
        queues=tuple(dict.fromkeys(name for item in all_ for name in item.queues)),
        environments=tuple(dict.fromkeys(name for item in all_ for name in item.environments)),
    )
