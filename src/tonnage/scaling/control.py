"""The control loop: credits, bursts and scaling groups, ticked by whatever carries the requests.

The loop sees utilization and counts, never requests; it answers with the instances in service, their speed and the
rates of buckets. The request-level simulation ticks it every few seconds, the coarse run of whole days every minute.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from tonnage.scaling import table_auto_scaling
from tonnage.scaling.auto_scaling_group import Activity, GroupMemory, Sample, lose, next_event_s, renew, start, step
from tonnage.scaling.forecast import LEAST_HOURS
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.kubernetes_cluster import Cluster
from tonnage.scaling.predictive_scaling import NO_HISTORY, HourlyLoad
from tonnage.services import Burst, Control, Credits, PodGroup, Pollers, ScalingGroup, TableScaling

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that ran out, or came back.

    Attributes:
        time_s: When.
        primitive: The fleet or bucket that ran out, or the component.
        text: What, for the report: "CPU credits run out".
    """

    time_s: float
    primitive: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What happened since the last tick.

    Attributes:
        cpu: By fleet and slot: mean busy share of the instance's servers at full speed, 0 to 1.
        requests: By fleet: requests given to its instances.
        tokens: By bucket: tokens taken.
        waiting: By queue: messages that wait now.
        consuming: By queue: batches being processed now.
    """

    cpu: Mapping[str, Mapping[int, float]]
    requests: Mapping[str, float]
    tokens: Mapping[str, float]
    waiting: Mapping[str, float] = field(default_factory=dict)
    consuming: Mapping[str, float] = field(default_factory=dict)


class ControlLoop:
    """All controls of a workload, at one moment.

    Args:
        controls: What the rooms declared.
        instances: Instances at the start, by fleet.
        servers: Servers of one instance, by fleet.
        time_s: The moment.
        epoch_s: Unix time of time 0, for what is scheduled.
        history: What each group carried before, for what is forecast.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        instances: Mapping[str, int],
        servers: Mapping[str, int],
        time_s: float,
        epoch_s: float = 0.0,
        history: Mapping[str, HourlyLoad] = MappingProxyType({}),
    ) -> None:
        self.time_s = time_s
        self._groups = {c.fleet: c for c in controls if isinstance(c, ScalingGroup)}
        self.cluster = Cluster(controls, time_s, epoch_s)
        self.groups: Mapping[str, ScalingGroup | PodGroup] = {**self._groups, **self.cluster.groups}
        self.credits = {c.fleet: c for c in controls if isinstance(c, Credits)}
        self.bursts = {c.bucket: c for c in controls if isinstance(c, Burst)}
        self.tables = {c.bucket: c for c in controls if isinstance(c, TableScaling)}
        self.throughput = {bucket: table_auto_scaling.start(rule) for bucket, rule in self.tables.items()}
        self.epoch_s = epoch_s
        self.pollers = {c.queue: c for c in controls if isinstance(c, Pollers)}
        self.polling: dict[str, int] = {queue: rule.start for queue, rule in self.pollers.items()}
        self.servers = servers
        self.memory: dict[str, GroupMemory] = {
            fleet: start(
                group,
                time_s=time_s,
                in_service=instances[fleet],
                epoch_s=epoch_s,
                history=history.get(fleet, NO_HISTORY),
            )
            for fleet, group in self._groups.items()
        }
        self._fixed = {fleet: tuple(range(n)) for fleet, n in instances.items() if fleet not in self.groups}
        self.balance: dict[str, dict[int, float]] = {
            fleet: dict.fromkeys(range(instances[fleet]), c.capacity) for fleet, c in self.credits.items()
        }
        self.without_credits: dict[str, frozenset[int]] = dict.fromkeys(self.credits, frozenset())
        self.surplus_s: dict[str, float] = dict.fromkeys(self.credits, 0.0)
        self.burst_balance: dict[str, float] = {bucket: burst.capacity for bucket, burst in self.bursts.items()}
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
        self._minute_cpu: dict[str, dict[int, list[float]]] = {fleet: {} for fleet in self._groups}
        self._minute_requests: dict[str, float] = dict.fromkeys(self._groups, 0.0)
        self._minute_tokens: dict[str, float] = dict.fromkeys(self.tables, 0.0)

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
        twin.burst_balance = dict(self.burst_balance)
        twin.polling = dict(self.polling)
        twin.throughput = dict(self.throughput)
        twin._minute_tokens = dict(self._minute_tokens)
        twin.activities = list(self.activities)
        twin.happenings = list(self.happenings)
        twin._minute_cpu = {fleet: {s: list(v) for s, v in slots.items()} for fleet, slots in self._minute_cpu.items()}
        twin._minute_requests = dict(self._minute_requests)
        return twin

    def active(self, fleet: str) -> tuple[int, ...]:
        """Slots that are given requests."""
        if fleet in self.cluster.groups:
            return self.cluster.slots(fleet, InstanceState.IN_SERVICE)
        if fleet not in self.memory:
            return self._fixed[fleet]
        return tuple(i.slot for i in self.memory[fleet].instances if i.state == InstanceState.IN_SERVICE)

    def count(self, fleet: str, state: InstanceState) -> int:
        """Instances of a fleet in a state; a fleet without a group is all in service."""
        if fleet in self.cluster.groups:
            return len(self.cluster.slots(fleet, state))
        if fleet not in self.memory:
            return len(self._fixed[fleet]) if state == InstanceState.IN_SERVICE else 0
        return sum(instance.state == state for instance in self.memory[fleet].instances)

    def lose(self, fleet: str, slots: Collection[int]) -> None:
        """Instances failed their health checks: they are taken out, and a group launches others in their place."""
        if fleet in self.cluster.groups:
            self.cluster.lose(fleet, slots)
        elif fleet in self._groups:
            self.memory[fleet] = lose(self._groups[fleet], self.memory[fleet], slots, self.time_s)
        else:
            self._fixed[fleet] = tuple(slot for slot in self._fixed[fleet] if slot not in slots)

    def restore(self, fleet: str, slots: Collection[int]) -> None:
        """Instances of a fleet without a group are back."""
        if fleet not in self.groups:
            self._fixed[fleet] = tuple(sorted({*self._fixed[fleet], *slots}))

    def renew(self, fleet: str, slots: Collection[int]) -> None:
        """Instances of a group are replaced by new ones, gently."""
        if fleet in self.cluster.groups:
            self.cluster.renew(fleet, slots)
            return
        self.memory[fleet] = renew(self._groups[fleet], self.memory[fleet], slots, self.time_s)

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

    def bucket_rate(self, bucket: str) -> float:
        """Rate of a bursting or scaled bucket now."""
        if bucket in self.throughput:
            return self.throughput[bucket].capacity
        rule = self.bursts[bucket]
        return rule.burst_per_s if self.burst_balance[bucket] > 0 else rule.baseline_per_s

    def next_event_s(self) -> float:
        """When the loop must be ticked next at the latest: a full minute, a boot, the end of a draining."""
        minute = (self.time_s // MINUTE_S + 1.0) * MINUTE_S
        return min(
            [minute, self.cluster.next_event_s()]
            + [next_event_s(group, self.memory[fleet], self.time_s) for fleet, group in self._groups.items()]
        )

    def tick(self, time_s: float, readings: Readings) -> None:
        """Account for the time since the last tick, and let the policies act if a minute is full."""
        passed_s = time_s - self.time_s
        if passed_s > 0:
            self._spend_credits(time_s, passed_s, readings)
            self._spend_bursts(time_s, passed_s, readings)
            self._gather_minute(passed_s, readings)
        self.time_s = time_s
        full = abs(time_s - round(time_s / MINUTE_S) * MINUTE_S) < 1e-6
        for bucket in self.tables:
            self._minute_tokens[bucket] += readings.tokens.get(bucket, 0.0)
        if full:
            self._poll(readings)
            self._scale_tables(time_s)
        without_node = self.cluster.without_node
        self.activities += self.cluster.tick(time_s, readings.cpu, readings.requests)
        if self.cluster.without_node not in {None, without_node}:
            happening = "pods find no node with room, and no group of nodes may grow for them"
            self.happenings.append(Happening(time_s=time_s, primitive=self.cluster.without_node or "", text=happening))
        for fleet, group in self._groups.items():
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

    def _spend_bursts(self, time_s: float, passed_s: float, readings: Readings) -> None:
        for bucket, rule in self.bursts.items():
            level = self.burst_balance[bucket]
            new = level + rule.baseline_per_s * passed_s - readings.tokens.get(bucket, 0.0)
            if level > 0 >= new:
                self.happenings.append(Happening(time_s=time_s, primitive=bucket, text="burst balance runs out"))
            self.burst_balance[bucket] = min(max(new, 0.0), rule.capacity)

    def _poll(self, readings: Readings) -> None:
        """Pollers once a minute: more while messages wait, else as many as are busy."""
        for queue, rule in self.pollers.items():
            if readings.waiting.get(queue, 0.0) > 0.0:
                wanted = self.polling[queue] + rule.per_minute
            else:
                wanted = round(readings.consuming.get(queue, 0.0))
            self.polling[queue] = min(max(wanted, rule.start), rule.maximum)

    def _scale_tables(self, time_s: float) -> None:
        for bucket, rule in self.tables.items():
            consumed_per_s = self._minute_tokens[bucket] / MINUTE_S
            self._minute_tokens[bucket] = 0.0
            memory = self.throughput[bucket]
            self.throughput[bucket], change = table_auto_scaling.step(
                rule, memory, time_s, self.epoch_s + time_s, consumed_per_s
            )
            if change is not None:
                activity = Activity(
                    time_s=time_s,
                    cause=bucket,
                    before=round(change.before),
                    after=round(change.after),
                    reason=change.reason,
                )
                self.activities.append((bucket, activity))

    def _gather_minute(self, passed_s: float, readings: Readings) -> None:
        for fleet, minute in self._minute_cpu.items():
            for slot in self.active(fleet):
                sums = minute.setdefault(slot, [0.0, 0.0])
                sums[0] += readings.cpu.get(fleet, {}).get(slot, 0.0) * passed_s
                sums[1] += passed_s
            self._minute_requests[fleet] += readings.requests.get(fleet, 0.0)

    def _sample(self, fleet: str, time_s: float) -> Sample:
        cpu = {slot: 100.0 * busy / seen for slot, (busy, seen) in self._minute_cpu[fleet].items() if seen > 0}
        sample = Sample(
            start_s=round(time_s / MINUTE_S) * MINUTE_S - MINUTE_S,
            cpu_percent=cpu,
            requests=self._minute_requests[fleet],
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
