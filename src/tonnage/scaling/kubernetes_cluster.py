"""The control plane of a Kubernetes cluster: autoscalers of pods, the scheduler, and whoever launches nodes.

A pod starts in two stages: it waits until a node has room, which may have to be launched first, and then it is pulled,
started and becomes ready. Every 15 s the autoscalers of pods look at what the metrics API has; nodes are launched and
removed by ``karpenter`` or ``cluster_autoscaler``. One cluster is modelled; where the files name no nodes there is room
for every pod. Sources: Kubernetes documentation, "ReplicaSet" (which pods go first), "API-initiated Eviction".
"""

import math
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tonnage.scaling import horizontal_pod_autoscaler
from tonnage.scaling._face import Unsupported
from tonnage.scaling.horizontal_pod_autoscaler import SYNC_S, HorizontalPodAutoscaler, Memory, Observation
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import PodRequest, scheduled
from tonnage.scaling.node_provider import NodeProvider
from tonnage.scaling.readings import Activity
from tonnage.scaling.replica_calculator import Constants, PodSample
from tonnage.services import Control, NodePool, PodGroup

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """A rolling update under way.

    Attributes:
        old: Slots of the pods that are yet to go.
        missing: Ready pods that may be missing.
        surge: Pods that may be there beyond the replicas.
    """

    old: frozenset[int]
    missing: int
    surge: int


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
        self.provider = NodeProvider(tuple(self.pools.values()), time_s, epoch_s)
        self.activities: list[tuple[str, Activity]] = []
        self.without_node: str | None = None
        self.windows: dict[str, deque[Window]] = {fleet: deque(maxlen=8) for fleet in self.groups}
        self._busy: dict[str, dict[int, list[float]]] = {fleet: {} for fleet in self.groups}
        self._requests = dict.fromkeys(self.groups, 0.0)
        self._begun_s = time_s
        self._rolling: dict[str, Rolling] = {}
        self._begin()

    def copy(self) -> "Cluster":
        """The same moment again, to go on from independently."""
        twin = object.__new__(Cluster)
        twin.__dict__ |= self.__dict__
        for name in ("memories", "replicas", "_requests", "_rolling"):
            setattr(twin, name, dict(getattr(self, name)))
        twin.provider = self.provider.copy()
        twin.pods = {fleet: dict(pods) for fleet, pods in self.pods.items()}
        twin.windows = {fleet: deque(windows, maxlen=8) for fleet, windows in self.windows.items()}
        twin._busy = {fleet: {k: list(v) for k, v in slots.items()} for fleet, slots in self._busy.items()}
        twin.activities = list(self.activities)
        return twin

    def slots(self, fleet: str, state: InstanceState) -> tuple[int, ...]:
        """Slots of the pods in a state."""
        return tuple(pod.slot for pod in self.pods[fleet].values() if pod.state is state)

    def billed(self) -> dict[str, float]:
        """Nodes by ``pool/type``: what is paid for."""
        found: dict[str, float] = {}
        for node in self.provider.nodes.values():
            found[f"{node.pool}/{node.type.name}"] = found.get(f"{node.pool}/{node.type.name}", 0.0) + 1.0
        return found

    def levels(self) -> dict[str, float]:
        """Nodes over time, for a report, as ``pool/nodes:metric``."""
        metrics = {
            "in service": InstanceState.IN_SERVICE,
            "pending": InstanceState.PENDING,
            "draining": InstanceState.DRAINING,
        }
        return {
            f"{pool}/nodes:{metric}": float(self.provider.count(pool, state))
            for pool in self.pools
            for metric, state in metrics.items()
        }

    # Time -------------------------------------------------------------------------------------------------------

    def next_event_s(self) -> float:
        """When something happens by itself next: a pass, a pod or node ready or gone, nodes looked at."""
        if not self.groups:
            return math.inf
        times = [(math.floor(self.time_s / SYNC_S + _TINY_S) + 1.0) * SYNC_S, self.provider.next_event_s()]
        for pods in self.pods.values():
            times += [
                pod.leaves_s if pod.state is InstanceState.DRAINING else pod.ready_s
                for pod in pods.values()
                if pod.state is not InstanceState.IN_SERVICE
            ]
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
        self._gather(time_s - self.time_s, busy, requests)
        self.time_s = time_s
        self._ripen()
        if abs(time_s - round(time_s / SYNC_S) * SYNC_S) < _TINY_S:
            self._publish()
            for fleet in self.autoscalers:
                self._autoscale(fleet)
        self._settle()
        self._provide()
        done, self.activities = self.activities, []
        return done

    def lose(self, fleet: str, slots: Collection[int]) -> None:
        """Pods failed: they are gone, and others are made in their place."""
        for slot in slots:
            pod = self.pods[fleet].pop(slot, None)
            self._off_node(fleet, pod)
        self._settle()
        self._provide()

    def roll_out(self, fleet: str, healthy_percent: tuple[float, float]) -> None:
        """A rolling update begins: all pods are replaced, never fewer ready nor more in all than the percentages say.

        What may be missing is rounded down, what may be too many up (Kubernetes documentation, "Deployments").
        """
        least, most = healthy_percent
        missing = math.floor(self.replicas[fleet] * max(0.0, 100.0 - least) / 100.0 + _TINY_S)
        surge = math.ceil(self.replicas[fleet] * max(0.0, most - 100.0) / 100.0 - _TINY_S)
        # The API server refuses an update that may do neither.
        old = frozenset(slot for slot, pod in self.pods[fleet].items() if pod.state is not InstanceState.DRAINING)
        self._rolling[fleet] = Rolling(old=old, missing=missing, surge=max(surge, 0 if missing else 1))
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
        self.provider.advance(self.time_s)
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
        counts = any(not metric.kind.startswith("cpu") for metric in self.autoscalers[fleet].metrics)
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
            if counts:
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
        if fleet in self._rolling:
            wanted = self._roll(fleet, wanted)
        staying = [pod for pod in pods.values() if pod.state is not InstanceState.DRAINING]
        if len(staying) > wanted:
            for pod in _first_to_go(staying)[: len(staying) - wanted]:
                self._end(fleet, pod)
        free = (slot for slot in range(slots(self.groups[fleet])) if slot not in pods)
        for _, slot in zip(range(wanted - len(staying)), free, strict=False):
            pods[slot] = Pod(slot=slot, state=InstanceState.PENDING, created_s=self.time_s)

    def _roll(self, fleet: str, wanted: int) -> int:
        """One step of a rolling update: old pods go as far as enough are ready; how many pods there are to be now."""
        rule, pods = self._rolling[fleet], self.pods[fleet]
        old = [pods[slot] for slot in rule.old if slot in pods and pods[slot].state is not InstanceState.DRAINING]
        ready = len(self.slots(fleet, InstanceState.IN_SERVICE))
        left = set(rule.old)
        for pod in _first_to_go(old):
            serves = pod.state is InstanceState.IN_SERVICE
            if serves and ready - 1 < wanted - rule.missing:
                break
            ready -= serves
            left.discard(pod.slot)
            self._end(fleet, pod)
        remaining = frozenset(pod.slot for pod in old if pod.slot in left)
        if not remaining:
            del self._rolling[fleet]
            return wanted
        self._rolling[fleet] = replace(rule, old=remaining)
        return min(wanted + rule.surge, wanted + len(remaining))

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
        if pod is not None and pod.node in self.provider.nodes:
            self.provider.take(pod.node, self._request(fleet))

    def _request(self, fleet: str) -> PodRequest:
        group = self.groups[fleet]
        return PodRequest(cpu=group.cpu, memory_mib=group.memory_mib)

    def _waiting(self) -> list[tuple[str, Pod]]:
        """Pods without a node, oldest first; of the same age the largest, as whoever freed their room counted them."""
        found = [(f, pod) for f, pods in self.pods.items() for pod in pods.values() if pod.node is None]
        return sorted(found, key=lambda item: (item[1].created_s, -self.groups[item[0]].cpu))

    def _schedule(self) -> None:
        for fleet, pod in self._waiting():
            if not self.pools:
                self._bind(fleet, pod, NO_NODE)
                continue
            request = self._request(fleet)
            node = scheduled(request, self.provider.nodes.values())
            if node is not None:
                changed_s = self.time_s if math.isfinite(pod.created_s) else -math.inf
                self.provider.put(node.number, request, changed_s)
                self._bind(fleet, pod, node.number)

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
        """Pods, and nodes for them, that have been there for long."""
        for fleet, count in self.replicas.items():
            for slot in range(count):
                self.pods[fleet][slot] = Pod(slot=slot, state=InstanceState.PENDING, created_s=-math.inf)
        self.provider.begin([self._request(fleet) for fleet, _ in self._waiting()])
        self._schedule()
        for pods in self.pods.values():
            for slot, pod in pods.items():
                if pod.node is not None:
                    long_ago = -math.inf
                    pods[slot] = replace(pod, state=InstanceState.IN_SERVICE, begun_s=long_ago, ready_s=long_ago)

    def _provide(self) -> None:
        """Nodes are launched and removed where that is due; the pods of those removed move."""
        waiting = self._waiting()
        self.activities += self.provider.provide([(pod.created_s, self._request(fleet)) for fleet, pod in waiting])
        self.without_node = waiting[0][0] if self.provider.stuck and waiting else None
        if self.provider.leaving():
            self._settle()

    def _evict(self) -> None:
        """Pods leave nodes that are emptied, as far as the disruption budgets of their Deployments let them."""
        for number in self.provider.leaving():
            for fleet, pods in self.pods.items():
                for pod in [pod for pod in pods.values() if pod.node == number]:
                    ready = len(self.slots(fleet, InstanceState.IN_SERVICE))
                    serves = pod.state is InstanceState.IN_SERVICE
                    if pod.state is not InstanceState.DRAINING and (
                        not serves or ready - 1 >= self.groups[fleet].min_available
                    ):
                        self._end(fleet, pod)

    def _forget_empty(self) -> None:
        """Nodes that were emptied are gone with their last pod."""
        held = {pod.node for pods in self.pods.values() for pod in pods.values()}
        for number in self.provider.leaving():
            if number not in held:
                self.provider.remove(number)

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
