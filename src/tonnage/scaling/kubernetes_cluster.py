"""The control plane of a Kubernetes cluster: autoscalers of pods, the scheduler, and whoever launches nodes.

A pod starts in two stages: it waits until a node has room, which may have to be launched first, and then it is pulled,
started and becomes ready. Every 15 s the autoscalers of pods look at what the metrics API has; nodes are launched and
removed by ``karpenter`` or ``cluster_autoscaler``. One cluster is modelled; where the files name no nodes there is room
for every pod. Sources: Kubernetes documentation, "ReplicaSet" (which pods go first), "API-initiated Eviction".
"""

import math
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tonnage.scaling import cluster_autoscaler, horizontal_pod_autoscaler, karpenter
from tonnage.scaling._face import Unsupported
from tonnage.scaling.auto_scaling_group import Activity
from tonnage.scaling.horizontal_pod_autoscaler import SYNC_S, HorizontalPodAutoscaler, Memory, Observation
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import Node, PodRequest, packed, scheduled, with_pods
from tonnage.scaling.replica_calculator import Constants, PodSample
from tonnage.services import ClusterAutoscaler, Control, Karpenter, NodePool, PodGroup

NO_NODE = -1
"""Where the files name no nodes: there is always room."""
_TINY_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """One pod. Times are simulation time; minus infinity means long before the start.

    Attributes:
        slot: Its number in the fleet; taken again once the pod is gone.
        state: PENDING until it is ready, DRAINING while it finishes its requests.
        created_s: When it was made.
        node: Number of its node; None while no node has room.
        begun_s: When it was given its node.
        ready_s: When it is ready.
        leaves_s: When it is gone.
    """

    slot: int
    state: InstanceState
    created_s: float
    node: int | None = None
    begun_s: float = math.inf
    ready_s: float = math.inf
    leaves_s: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was measured in 15 seconds.

    Attributes:
        end_s: Its end.
        busy: Busy share of each pod's servers, by slot, of pods ready in any part of it.
        requests_per_s: Requests per second to all pods.
    """

    end_s: float
    busy: Mapping[int, float]
    requests_per_s: float


class Cluster:
    """All pods and nodes, at one moment.

    Args:
        controls: What the rooms declared.
        time_s: The moment; multiples of 15 s are the autoscalers' passes.
        epoch_s: Unix time of time 0.

    Raises:
        WorkloadError: An autoscaler has a setting that the API server would refuse.
    """

    def __init__(self, controls: Sequence[Control], time_s: float, epoch_s: float) -> None:
        self.time_s, self.epoch_s = time_s, epoch_s
        self.groups: Mapping[str, PodGroup] = {c.fleet: c for c in controls if isinstance(c, PodGroup)}
        self.pools = {c.name: c for c in controls if isinstance(c, NodePool)} if self.groups else {}
        self.autoscalers = {fleet: read for fleet, g in self.groups.items() if (read := _autoscaler(g)) is not None}
        self.memories: dict[str, Memory] = dict.fromkeys(self.autoscalers, horizontal_pod_autoscaler.START)
        self.replicas = {fleet: group.desired for fleet, group in self.groups.items()}
        self.pods: dict[str, dict[int, Pod]] = {fleet: {} for fleet in self.groups}
        self.nodes: dict[int, Node] = {}
        self.activities: list[tuple[str, Activity]] = []
        self.without_node: str | None = None
        self.windows: dict[str, deque[Window]] = {fleet: deque(maxlen=8) for fleet in self.groups}
        self._busy: dict[str, dict[int, list[float]]] = {fleet: {} for fleet in self.groups}
        self._requests = dict.fromkeys(self.groups, 0.0)
        self._begun_s = time_s
        self._next_node = 0
        self._command: tuple[float, karpenter.Command] | None = None
        self._replacing: dict[int, tuple[int, ...]] = {}
        self._leaving: dict[int, str] = {}
        self._evicted_s: dict[int, float] = {}
        self._look_s = math.inf
        self._grown_s = self._shrunk_s = -math.inf
        self._begin()

    def copy(self) -> "Cluster":
        """The same moment again, to go on from independently."""
        twin = object.__new__(Cluster)
        twin.__dict__ |= self.__dict__
        for name in ("memories", "replicas", "nodes", "_requests", "_replacing", "_leaving", "_evicted_s"):
            setattr(twin, name, dict(getattr(self, name)))
        twin.pods = {fleet: dict(pods) for fleet, pods in self.pods.items()}
        twin.windows = {fleet: deque(windows, maxlen=8) for fleet, windows in self.windows.items()}
        twin._busy = {fleet: {k: list(v) for k, v in slots.items()} for fleet, slots in self._busy.items()}
        twin.activities = list(self.activities)
        return twin

    def slots(self, fleet: str, state: InstanceState) -> tuple[int, ...]:
        """Slots of the pods in a state."""
        return tuple(pod.slot for pod in self.pods[fleet].values() if pod.state is state)

    def nodes_of(self, pool: str, state: InstanceState | None = None) -> int:
        """Nodes of a pool in a state, or in any."""
        return sum(n.pool == pool and (state is None or n.state is state) for n in self.nodes.values())

    def billed(self) -> dict[str, float]:
        """Nodes by ``pool/type``: what is paid for."""
        found: dict[str, float] = {}
        for node in self.nodes.values():
            found[f"{node.pool}/{node.type.name}"] = found.get(f"{node.pool}/{node.type.name}", 0.0) + 1.0
        return found

    # Time -------------------------------------------------------------------------------------------------------

    def next_event_s(self) -> float:
        """When something happens by itself next: a pass, a pod or node ready or gone, nodes looked at."""
        if not self.groups:
            return math.inf
        times = [(math.floor(self.time_s / SYNC_S + _TINY_S) + 1.0) * SYNC_S, self._look_s]
        for pods in self.pods.values():
            times += [
                pod.leaves_s if pod.state is InstanceState.DRAINING else pod.ready_s
                for pod in pods.values()
                if pod.state is not InstanceState.IN_SERVICE
            ]
        times += [node.ready_s for node in self.nodes.values() if node.state is InstanceState.PENDING]
        if self._command is not None:
            times.append(self._command[0])
        return min(time for time in times if time > self.time_s + _TINY_S / 10.0)

    def tick(
        self, time_s: float, busy: Mapping[str, Mapping[int, float]], requests: Mapping[str, float]
    ) -> list[tuple[str, Activity]]:
        """Account for the time since the last tick, and let everything happen that is due.

        Args:
            time_s: Now.
            busy: By fleet and slot: mean busy share of a pod's servers since the last tick.
            requests: By fleet: requests given to its pods since then.

        Returns:
            Changes of replicas and nodes, with the fleet or pool they are of.
        """
        if not self.groups:
            return []
        self.activities = []
        self._gather(time_s - self.time_s, busy, requests)
        self.time_s = time_s
        self._ripen()
        if abs(time_s - round(time_s / SYNC_S) * SYNC_S) < _TINY_S:
            self._publish()
            for fleet in self.autoscalers:
                self._autoscale(fleet)
        self._settle()
        self._provide()
        return self.activities

    def lose(self, fleet: str, slots: Collection[int]) -> None:
        """Pods failed: they are gone, and others are made in their place."""
        for slot in slots:
            pod = self.pods[fleet].pop(slot, None)
            self._off_node(fleet, pod)
        self._settle()
        self._provide()

    def renew(self, fleet: str, slots: Collection[int]) -> None:
        """Pods leave and others are made in their place: a step of a rolling update."""
        for slot in slots:
            if slot in self.pods[fleet]:
                self._end(fleet, self.pods[fleet][slot])
        self._settle()
        self._provide()

    def _gather(self, passed_s: float, busy: Mapping[str, Mapping[int, float]], requests: Mapping[str, float]) -> None:
        for fleet, sums in self._busy.items():
            seen = busy.get(fleet, {})
            for pod in self.pods[fleet].values():
                if pod.state is InstanceState.IN_SERVICE:
                    entry = sums.setdefault(pod.slot, [0.0, 0.0])
                    entry[0] += seen.get(pod.slot, 0.0) * passed_s
                    entry[1] += passed_s
            self._requests[fleet] += requests.get(fleet, 0.0)

    def _publish(self) -> None:
        length_s = self.time_s - self._begun_s
        for fleet, sums in self._busy.items():
            if length_s > 0:
                window = Window(
                    end_s=self.time_s,
                    busy={slot: total / seen for slot, (total, seen) in sums.items() if seen > 0},
                    requests_per_s=self._requests[fleet] / length_s,
                )
                self.windows[fleet].append(window)
            self._busy[fleet] = {}
            self._requests[fleet] = 0.0
        self._begun_s = self.time_s

    def _ripen(self) -> None:
        """Pods and nodes that are ready or gone by now."""
        for number, node in self.nodes.items():
            if node.state is InstanceState.PENDING and node.ready_s <= self.time_s + _TINY_S:
                self.nodes[number] = replace(node, state=InstanceState.IN_SERVICE, changed_s=self.time_s)
                self._look_soon()
        for fleet, pods in self.pods.items():
            for slot, pod in list(pods.items()):
                if pod.state is InstanceState.PENDING and pod.ready_s <= self.time_s + _TINY_S:
                    pods[slot] = replace(pod, state=InstanceState.IN_SERVICE)
                elif pod.leaves_s <= self.time_s + _TINY_S:
                    del pods[slot]
                    self._off_node(fleet, pod)

    # Pods -------------------------------------------------------------------------------------------------------

    def _autoscale(self, fleet: str) -> None:
        hpa, before = self.autoscalers[fleet], self.replicas[fleet]
        self.memories[fleet], decision = horizontal_pod_autoscaler.decide(
            hpa, self.memories[fleet], self._observation(fleet)
        )
        if decision.replicas != before:
            self.replicas[fleet] = decision.replicas
            reason = f"{decision.reason}; {before} → {decision.replicas}"
            self._tell(fleet, hpa.name, before, decision.replicas, reason)

    def _observation(self, fleet: str) -> Observation:
        group, now = self.groups[fleet], self.time_s
        window = next(
            (w for w in reversed(self.windows[fleet]) if w.end_s <= now - group.metric_delay_s + _TINY_S), None
        )
        request, full = round(1000.0 * group.cpu), 1000.0 * group.cores
        cpu: list[PodSample] = []
        requests: list[PodSample] = []
        per_pod = round(1000.0 * window.requests_per_s / max(1, len(window.busy))) if window else 0
        for pod in self.pods[fleet].values():
            ready = pod.state is InstanceState.IN_SERVICE
            share = window.busy.get(pod.slot) if window is not None else None
            # A container that starts has samples too; they do not count as long as its pod is not ready.
            starting = window is not None and share is None and not ready and pod.node is not None
            sample = PodSample(
                phase="Pending" if pod.node is None else "Running",
                ready=ready,
                deleting=pod.state is InstanceState.DRAINING,
                started_ago_s=now - pod.begun_s,
                ready_changed_ago_s=now - (pod.ready_s if ready else pod.begun_s),
                value=0 if starting else None if share is None else round(share * full),
                sampled_ago_s=now - window.end_s if window is not None else 0.0,
                request=request,
            )
            cpu.append(sample)
            requests.append(replace(sample, value=None if share is None else per_pod))
        return Observation(
            time_s=now,
            current=self.replicas[fleet],
            cpu=cpu,
            requests=requests,
            requests_per_s=window.requests_per_s if window is not None else None,
            constants=Constants(window_s=SYNC_S),
        )

    def _settle(self) -> None:
        """As many pods as wanted, nodes that are emptied emptied, and every pod on a node that has room."""
        self._evict()
        for fleet, wanted in self.replicas.items():
            self._replicate(fleet, wanted)
        self._schedule()
        self._forget_empty()

    def _replicate(self, fleet: str, wanted: int) -> None:
        pods = self.pods[fleet]
        staying = [pod for pod in pods.values() if pod.state is not InstanceState.DRAINING]
        if len(staying) > wanted:
            for pod in _first_to_go(staying)[: len(staying) - wanted]:
                self._end(fleet, pod)
        free = (slot for slot in range(slots(self.groups[fleet])) if slot not in pods)
        for _, slot in zip(range(wanted - len(staying)), free, strict=False):
            pods[slot] = Pod(slot=slot, state=InstanceState.PENDING, created_s=self.time_s)

    def _end(self, fleet: str, pod: Pod) -> None:
        """A ready pod drains, any other is gone at once; its room is free when it is gone."""
        group = self.groups[fleet]
        if pod.state is InstanceState.IN_SERVICE and group.drain_s > 0:
            leaves_s = self.time_s + group.drain_s
            self.pods[fleet][pod.slot] = replace(pod, state=InstanceState.DRAINING, leaves_s=leaves_s)
        elif pod.state is not InstanceState.DRAINING:
            del self.pods[fleet][pod.slot]
            self._off_node(fleet, pod)

    def _off_node(self, fleet: str, pod: Pod | None) -> None:
        node = self.nodes.get(pod.node) if pod is not None and pod.node is not None else None
        if node is not None:
            left = list(node.pods)
            left.remove(self._request(fleet))
            self.nodes[node.number] = replace(with_pods(node, tuple(left)), changed_s=self.time_s)
            self._look_soon()

    def _request(self, fleet: str) -> PodRequest:
        group = self.groups[fleet]
        return PodRequest(cpu=group.cpu, memory_mib=group.memory_mib)

    def _waiting(self) -> list[tuple[str, Pod]]:
        """Pods without a node, oldest first."""
        found = [(f, pod) for f, pods in self.pods.items() for pod in pods.values() if pod.node is None]
        return sorted(found, key=lambda item: item[1].created_s)

    def _schedule(self) -> None:
        for fleet, pod in self._waiting():
            if not self.pools:
                self._bind(fleet, pod, NO_NODE)
                continue
            node = scheduled(self._request(fleet), self.nodes.values())
            if node is not None:
                grown = with_pods(node, (*node.pods, self._request(fleet)))
                self.nodes[node.number] = replace(grown, changed_s=self.time_s)
                self._bind(fleet, pod, node.number)
                self._look_soon()

    def _bind(self, fleet: str, pod: Pod, node: int) -> None:
        start_s = self.groups[fleet].start_s
        self.pods[fleet][pod.slot] = replace(
            pod,
            node=node,
            state=InstanceState.PENDING if start_s > 0 else InstanceState.IN_SERVICE,
            begun_s=self.time_s,
            ready_s=self.time_s + start_s,
        )

    # Nodes ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Pods and nodes that have been there for long; where somebody launches nodes, as many as the pods need."""
        for fleet, count in self.replicas.items():
            for slot in range(count):
                self.pods[fleet][slot] = Pod(slot=slot, state=InstanceState.PENDING, created_s=-math.inf)
        for pool in self.pools.values():
            for _ in range(pool.desired):
                self._launch(pool, 0)
        waiting = [self._request(fleet) for fleet, _ in self._waiting()]
        if self.pools:
            _, left = packed(waiting, list(self.nodes.values()))
            for claim in self._claims(left):
                self._launch(self.pools[claim.pool], self.pools[claim.pool].types.index(claim.type))
        long_ago = -math.inf
        for number, node in self.nodes.items():
            settled = replace(node, state=InstanceState.IN_SERVICE, launched_s=long_ago, ready_s=long_ago)
            self.nodes[number] = settled
        self._schedule()
        for pods in self.pods.values():
            for slot, pod in pods.items():
                if pod.node is not None:
                    pods[slot] = replace(pod, state=InstanceState.IN_SERVICE, begun_s=long_ago, ready_s=long_ago)
        self.nodes = {number: replace(node, changed_s=long_ago) for number, node in self.nodes.items()}
        self._look_s = self.time_s if self.pools else math.inf
        self.activities = []

    def _claims(self, pods: Sequence[PodRequest]) -> Iterator[karpenter.Claim]:
        """Nodes for pods that find no room: Karpenter's, or else one step of the Cluster Autoscaler."""
        pools = self._pools_of(Karpenter)
        if pools:
            yield from karpenter.claims(pods, pools, list(self.nodes.values()))
            return
        groups, rule = self._pools_of(ClusterAutoscaler), self._rule()
        left = list(pods)
        nodes = list(self.nodes.values())
        while left and rule is not None:
            growth = cluster_autoscaler.growth(left, groups, nodes, rule)
            if growth is None:
                return
            pool = self.pools[growth.pool]
            empty = [Node(number=-2 - len(nodes) - k, pool=pool.name, type=pool.types[0]) for k in range(growth.nodes)]
            for k in range(growth.nodes):
                yield karpenter.Claim(pool=pool.name, type=pool.types[0], pods=growth.pods if k == 0 else 0)
            _, left = packed(left, empty)
            nodes += empty

    def _pools_of(self, kind: type) -> list[NodePool]:
        return [pool for pool in self.pools.values() if isinstance(pool.provisioner, kind)]

    def _rule(self) -> ClusterAutoscaler | None:
        rules = (pool.provisioner for pool in self.pools.values())
        return next((rule for rule in rules if isinstance(rule, ClusterAutoscaler)), None)

    def _launch(self, pool: NodePool, at: int) -> int:
        number = self._next_node
        self._next_node += 1
        self.nodes[number] = Node(
            number=number,
            pool=pool.name,
            type=pool.types[at],
            state=InstanceState.PENDING,
            launched_s=self.time_s,
            ready_s=self.time_s + pool.boot_s,
        )
        return number

    def _provide(self) -> None:
        """Launch and remove nodes where that is due, and say when to look again."""
        if not self.pools:
            return
        self._add_nodes()
        if self._pools_of(Karpenter):
            self._consolidate()
        rule = self._rule()
        if rule is not None:
            self._shrink(rule)
        self._settle_replacements()

    def _add_nodes(self) -> None:
        waiting = self._waiting()
        if not waiting:
            self.without_node = None
            return
        if self._pools_of(Karpenter):
            ends_s = karpenter.batch_ends_s(
                max(waiting[0][1].created_s, self._grown_s), max(pod.created_s for _, pod in waiting)
            )
        elif (rule := self._rule()) is not None:
            last_s = max(self._grown_s, max(pod.created_s for _, pod in waiting))
            ends_s = cluster_autoscaler.next_scan_s(last_s, rule) if math.isfinite(last_s) else self.time_s
        else:
            ends_s = self.time_s
        if ends_s > self.time_s + _TINY_S:
            self._look_s = min(self._look_s, ends_s)
            return
        coming = [node for node in self.nodes.values() if node.state is InstanceState.PENDING]
        _, left = packed([self._request(fleet) for fleet, _ in waiting], coming)
        made = list(self._claims(left))
        if left and not made:
            self.without_node = waiting[0][0]
        for claim in made:
            pool = self.pools[claim.pool]
            before = self.nodes_of(pool.name)
            self._launch(pool, pool.types.index(claim.type))
            self._grown_s = self.time_s
            who = "Karpenter" if isinstance(pool.provisioner, Karpenter) else "Cluster Autoscaler"
            wait = f"{len(left)} pods find no room: {claim.type.name}"
            wait += f" for {claim.pods} of them" if claim.pods else ""
            self._tell(pool.name, who, before, before + 1, f"{wait}, ready in {pool.boot_s:,.0f} s")

    def _look_soon(self) -> None:
        """Nodes changed: consolidation and scale-down look at them at their next time."""
        if self.pools:
            next_s = (math.floor(self.time_s / karpenter.LOOP_S + _TINY_S) + 1.0) * karpenter.LOOP_S
            self._look_s = min(self._look_s, next_s) if self._look_s > self.time_s + _TINY_S else next_s

    def _consolidate(self) -> None:
        unix_s, nodes, pools = self.epoch_s + self.time_s, list(self.nodes.values()), self._pools_of(Karpenter)
        if self._command is not None:
            due_s, chosen = self._command
            if self.time_s < due_s - _TINY_S:
                return
            self._command = None
            if karpenter.command(pools, nodes, self.time_s, unix_s) == chosen and not self._waiting():
                self._disrupt(chosen)
            self._look_soon()
            return
        if self.time_s < self._look_s - _TINY_S:
            return
        self._look_s = math.inf
        # Nodes are not disrupted while pods wait or a replacement is on its way: the cluster is not settled.
        if self._waiting() or any(node.state is InstanceState.PENDING for node in nodes):
            self._look_soon()
            return
        found = karpenter.command(pools, nodes, self.time_s, unix_s)
        if found is not None:
            self._command = (self.time_s + karpenter.VALIDATION_S, found)
            return
        timers = [node.changed_s + rule.after_s for node in nodes if (rule := self._karpenter(node)) is not None]
        later = [time for time in timers if self.time_s < time < math.inf]
        if later:
            self._look_s = math.ceil(min(later) / karpenter.LOOP_S - _TINY_S) * karpenter.LOOP_S
        elif any(b.schedule for pool in pools for b in _karpenter(pool).budgets):
            self._look_s = self.time_s + 60.0

    def _karpenter(self, node: Node) -> Karpenter | None:
        rule = self.pools[node.pool].provisioner
        return rule if isinstance(rule, Karpenter) else None

    def _disrupt(self, chosen: karpenter.Command) -> None:
        if chosen.replacement is not None:
            pool = self.pools[chosen.replacement.pool]
            before = self.nodes_of(pool.name)
            number = self._launch(pool, pool.types.index(chosen.replacement.type))
            self._replacing[number] = chosen.nodes
            gone = ", ".join(self.nodes[each].type.name for each in chosen.nodes)
            reason = f"the pods of {gone} fit on one {chosen.replacement.type.name}, which costs less"
            self._tell(pool.name, "Karpenter", before, before + 1, reason)
            return
        for number in chosen.nodes:
            self._drain(number, "Karpenter", "empty" if chosen.reason == "Empty" else "its pods fit on other nodes")
        self._settle()

    def _settle_replacements(self) -> None:
        for number, gone in list(self._replacing.items()):
            if self.nodes[number].state is InstanceState.IN_SERVICE:
                del self._replacing[number]
                for each in gone:
                    if each in self.nodes:
                        self._drain(each, "Karpenter", f"replaced by {self.nodes[number].type.name}")
                self._settle()

    def _shrink(self, rule: ClusterAutoscaler) -> None:
        if self.time_s < self._look_s - _TINY_S:
            return
        self._look_s = math.inf
        pools = {pool.name: pool for pool in self._pools_of(ClusterAutoscaler)}
        nodes = list(self.nodes.values())
        found = cluster_autoscaler.unneeded(nodes, pools, rule) if rule.scale_down else {}
        for node in nodes:
            since_s = min(node.unneeded_s, self.time_s) if node.number in found else math.inf
            self.nodes[node.number] = replace(node, unneeded_s=since_s)
        if not found:
            return
        delete_s = rule.scan_s if rule.after_delete_s is None else rule.after_delete_s
        ready_s = max(self._grown_s + rule.after_add_s, self._shrunk_s + delete_s)
        earliest = max(ready_s, min(self.nodes[number].unneeded_s for number in found) + rule.unneeded_s)
        if self.time_s < earliest - _TINY_S:
            self._look_s = math.ceil(earliest / rule.scan_s - _TINY_S) * rule.scan_s
            return
        gone = cluster_autoscaler.removable(list(self.nodes.values()), pools, rule, self.time_s)
        for number in gone:
            empty = not self.nodes[number].pods
            lasted = f"for {rule.unneeded_s / 60.0:,.0f} min"
            why = (
                f"empty {lasted}" if empty else f"below {rule.threshold:.0%} requested {lasted}, its pods fit elsewhere"
            )
            for other in () if empty else cluster_autoscaler.restarted(found, number):
                self.nodes[other] = replace(self.nodes[other], unneeded_s=self.time_s)
            self._drain(number, "Cluster Autoscaler", why)
            self._shrunk_s = self.time_s
        if gone:
            self._settle()
            self._look_s = cluster_autoscaler.next_scan_s(self.time_s, rule)

    def _drain(self, number: int, who: str, why: str) -> None:
        node = self.nodes[number]
        if node.state is InstanceState.DRAINING:
            return
        before = sum(
            each.pool == node.pool and each.state is not InstanceState.DRAINING for each in self.nodes.values()
        )
        self.nodes[number] = replace(node, state=InstanceState.DRAINING)
        self._tell(node.pool, who, before, before - 1, f"{node.type.name} goes: {why}")

    def _evict(self) -> None:
        """Pods leave nodes that are emptied, as far as the disruption budgets of their Deployments let them."""
        for node in list(self.nodes.values()):
            if node.state is not InstanceState.DRAINING:
                continue
            for fleet, pods in self.pods.items():
                for pod in [pod for pod in pods.values() if pod.node == node.number]:
                    ready = len(self.slots(fleet, InstanceState.IN_SERVICE))
                    serves = pod.state is InstanceState.IN_SERVICE
                    if pod.state is not InstanceState.DRAINING and (
                        not serves or ready - 1 >= self.groups[fleet].min_available
                    ):
                        self._end(fleet, pod)

    def _forget_empty(self) -> None:
        """Nodes that were emptied are gone with their last pod."""
        held = {pod.node for pods in self.pods.values() for pod in pods.values()}
        for number in [n.number for n in self.nodes.values() if n.state is InstanceState.DRAINING]:
            if number not in held:
                del self.nodes[number]
                self._look_soon()

    def _tell(self, what: str, cause: str, before: int, after: int, reason: str) -> None:
        activity = Activity(time_s=self.time_s, cause=cause, before=before, after=after, reason=reason)
        self.activities.append((what, activity))


def slots(group: PodGroup) -> int:
    """How many pods a group can have at once, those draining included."""
    return group.maximum * 2 + 2


def _autoscaler(group: PodGroup) -> HorizontalPodAutoscaler | None:
    for policy in group.policies:
        try:
            return horizontal_pod_autoscaler.read(policy)
        except Unsupported:
            continue
    return None


def _karpenter(pool: NodePool) -> Karpenter:
    assert isinstance(pool.provisioner, Karpenter)
    return pool.provisioner


def _first_to_go(pods: Sequence[Pod]) -> list[Pod]:
    """Pods in the order in which a ReplicaSet ends them: without a node, not ready, on crowded nodes, newest first."""
    crowd: dict[int | None, int] = {}
    for pod in pods:
        crowd[pod.node] = crowd.get(pod.node, 0) + 1
    return sorted(
        pods,
        key=lambda pod: (
            pod.node is not None,
            pod.state is InstanceState.IN_SERVICE,
            -crowd[pod.node],
            -pod.ready_s,
            -pod.slot,
        ),
    )
