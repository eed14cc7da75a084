"""Whoever launches and removes the nodes of a Kubernetes cluster, at one moment.

It is shown the pods that wait for a node, and keeps the nodes; pods move because a node that is emptied no longer takes
any and has its own evicted. What Karpenter and the Cluster Autoscaler decide stands in their own modules.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tonnage.scaling import cluster_autoscaler, karpenter
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import Node, PodRequest, packed, with_pods
from tonnage.scaling.readings import Activity
from tonnage.services import ClusterAutoscaler, Karpenter, NodePool

_TINY_S = 1e-6


class NodeProvider:
    """All nodes and what is being done about them.

    Args:
        pools: What the files declare.
        time_s: The moment.
        epoch_s: Unix time of time 0.
    """

    def __init__(self, pools: Sequence[NodePool], time_s: float, epoch_s: float) -> None:
        self.pools = {pool.name: pool for pool in pools}
        self.time_s, self.epoch_s = time_s, epoch_s
        self.nodes: dict[int, Node] = {}
        self.activities: list[tuple[str, Activity]] = []
        self.stuck = False
        self._next_node = 0
        self._command: tuple[float, karpenter.Command] | None = None
        self._replacing: dict[int, tuple[int, ...]] = {}
        self._batch_s = math.inf
        self._look_s = time_s if self.pools else math.inf
        self._grown_s = self._shrunk_s = -math.inf

    def copy(self) -> "NodeProvider":
        """The same moment again, to go on from independently."""
        twin = object.__new__(NodeProvider)
        twin.__dict__ |= self.__dict__
        twin.nodes, twin._replacing = dict(self.nodes), dict(self._replacing)
        twin.activities = list(self.activities)
        return twin

    def begin(self, pods: Sequence[PodRequest]) -> None:
        """Nodes that have been there for long: those wanted at the start, and what the pods need beside them."""
        for pool in self.pools.values():
            for _ in range(pool.desired):
                self._launch(pool, 0)
        _, left = packed(pods, list(self.nodes.values()))
        for claim in list(self._claims(left)):
            self._launch(self.pools[claim.pool], self.pools[claim.pool].types.index(claim.type))
        for number, node in self.nodes.items():
            settled = replace(node, state=InstanceState.IN_SERVICE, launched_s=-math.inf, ready_s=-math.inf)
            self.nodes[number] = settled

    def count(self, pool: str, state: InstanceState | None = None) -> int:
        """Nodes of a pool in a state, or in any."""
        return sum(n.pool == pool and (state is None or n.state is state) for n in self.nodes.values())

    def next_event_s(self) -> float:
        """When a node is ready, or nodes are looked at, next."""
        booting = (node.ready_s for node in self.nodes.values() if node.state is InstanceState.PENDING)
        due_s = math.inf if self._command is None else self._command[0]
        return min(self._batch_s, self._look_s, due_s, *booting)

    def advance(self, time_s: float) -> None:
        """Nodes that have booted take pods."""
        self.time_s = time_s
        for number, node in self.nodes.items():
            if node.state is InstanceState.PENDING and node.ready_s <= time_s + _TINY_S:
                self.nodes[number] = replace(node, state=InstanceState.IN_SERVICE, changed_s=time_s)
                self._look_soon()

    def put(self, number: int, pod: PodRequest, changed_s: float) -> None:
        """A pod comes to a node."""
        node = self.nodes[number]
        self.nodes[number] = replace(with_pods(node, (*node.pods, pod)), changed_s=changed_s)
        self._look_soon()

    def take(self, number: int, pod: PodRequest) -> None:
        """A pod is gone from a node."""
        node = self.nodes[number]
        left = list(node.pods)
        left.remove(pod)
        self.nodes[number] = replace(with_pods(node, tuple(left)), changed_s=self.time_s)
        self._look_soon()

    def leaving(self) -> tuple[int, ...]:
        """Nodes that are emptied."""
        return tuple(node.number for node in self.nodes.values() if node.state is InstanceState.DRAINING)

    def remove(self, number: int) -> None:
        """A node that was emptied is gone."""
        del self.nodes[number]
        self._look_soon()

    def provide(self, waiting: Sequence[tuple[float, PodRequest]]) -> list[tuple[str, Activity]]:
        """Launch and remove nodes where that is due.

        Args:
            waiting: Pods without a node, oldest first: since when each waits, and what it requests.

        Returns:
            What was done, by pool.
        """
        self.activities = []
        if self.pools:
            self._add_nodes(waiting)
            if self._pools_of(Karpenter):
                self._consolidate(waits=bool(waiting))
            rule = self._rule()
            if rule is not None:
                self._shrink(rule)
            self._settle_replacements()
        return self.activities

    def _add_nodes(self, waiting: Sequence[tuple[float, PodRequest]]) -> None:
        self._batch_s, self.stuck = math.inf, False
        if not waiting:
            return
        first_s, newest_s = max(waiting[0][0], self._grown_s), max(since_s for since_s, _ in waiting)
        ends_s, rule = self.time_s, self._rule()
        if self._pools_of(Karpenter):
            ends_s = karpenter.batch_ends_s(first_s, newest_s)
        elif rule is not None and math.isfinite(last_s := max(self._grown_s, newest_s)):
            ends_s = cluster_autoscaler.next_scan_s(last_s, rule)
        if ends_s > self.time_s + _TINY_S:
            self._batch_s = ends_s
            return
        coming = [node for node in self.nodes.values() if node.state is InstanceState.PENDING]
        _, left = packed([pod for _, pod in waiting], coming)
        made = list(self._claims(left))
        self.stuck = bool(left) and not made
        for claim in made:
            pool = self.pools[claim.pool]
            before = self.count(pool.name)
            self._launch(pool, pool.types.index(claim.type))
            self._grown_s = self.time_s
            who = "Karpenter" if isinstance(pool.provisioner, Karpenter) else "Cluster Autoscaler"
            pods = f"{len(left)} pods find" if len(left) > 1 else "1 pod finds"
            wait = f"{pods} no room: {claim.type.name}" + (f" for {claim.pods}" if 0 < claim.pods < len(left) else "")
            self._tell(pool.name, who, before, before + 1, f"{wait}, ready in {pool.boot_s:,.0f} s")

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

    def _look_soon(self) -> None:
        """Nodes changed: consolidation and scale-down look at them at their next time."""
        if self.pools:
            next_s = (math.floor(self.time_s / karpenter.LOOP_S + _TINY_S) + 1.0) * karpenter.LOOP_S
            self._look_s = min(self._look_s, next_s) if self._look_s > self.time_s + _TINY_S else next_s

    def _consolidate(self, *, waits: bool) -> None:
        unix_s, nodes, pools = self.epoch_s + self.time_s, list(self.nodes.values()), self._pools_of(Karpenter)
        if self._command is not None:
            due_s, chosen = self._command
            if self.time_s < due_s - _TINY_S:
                return
            self._command = None
            if karpenter.command(pools, nodes, self.time_s, unix_s) == chosen and not waits:
                self._disrupt(chosen)
            self._look_soon()
            return
        if self.time_s < self._look_s - _TINY_S:
            return
        self._look_s = math.inf
        # Nodes are not disrupted while pods wait or a replacement is on its way: the cluster is not settled.
        if waits or any(node.state is InstanceState.PENDING for node in nodes):
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
            before = self.count(pool.name)
            number = self._launch(pool, pool.types.index(chosen.replacement.type))
            self._replacing[number] = chosen.nodes
            gone = ", ".join(self.nodes[each].type.name for each in chosen.nodes)
            reason = f"the pods of {gone} fit on one {chosen.replacement.type.name}, which costs less"
            self._tell(pool.name, "Karpenter", before, before + 1, reason)
            return
        for number in chosen.nodes:
            self._drain(number, "Karpenter", "empty" if chosen.reason == "Empty" else "its pods fit on other nodes")

    def _settle_replacements(self) -> None:
        for number, gone in list(self._replacing.items()):
            if self.nodes[number].state is InstanceState.IN_SERVICE:
                del self._replacing[number]
                for each in gone:
                    if each in self.nodes:
                        self._drain(each, "Karpenter", f"replaced by {self.nodes[number].type.name}")

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

    def _tell(self, what: str, cause: str, before: int, after: int, reason: str) -> None:
        activity = Activity(time_s=self.time_s, cause=cause, before=before, after=after, reason=reason)
        self.activities.append((what, activity))


def _karpenter(pool: NodePool) -> Karpenter:
    assert isinstance(pool.provisioner, Karpenter)
    return pool.provisioner
