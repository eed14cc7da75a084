"""Cluster Autoscaler: node groups that grow for pods without room and shrink once nodes were not needed for long.

It looks every ten seconds, at requests and not at use. A group grows by as many nodes as the waiting pods fill; among
several the expander chooses. A node whose requests are below half of what it offers, and whose pods fit elsewhere, is
unneeded; after ten such minutes it goes, empty ones up to ten at once, others one by one. Not modelled: scale-down of
nodes with pods that may not move, node templates with taints, provisioning failures. Source: kubernetes/autoscaler,
Cluster Autoscaler, "Frequently Asked Questions".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import Node, PodRequest, fits, packed, requested
from tonnage.services import ClusterAutoscaler, NodePool


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A node group gets more nodes.

    Attributes:
        pool: Name of the group.
        nodes: How many more.
        pods: How many of the waiting pods they are for.
        waste: Share of what they offer that stays unused, the mean of CPU and memory.
    """

    pool: str
    nodes: int
    pods: int
    waste: float


def growth(
    pods: Sequence[PodRequest], pools: Sequence[NodePool], nodes: Sequence[Node], rule: ClusterAutoscaler
) -> Growth | None:
    """The group that grows for pods that wait, and by how much; None where none can take any of them.

    Args:
        pods: Pods that no node has room for, nodes on their way counted.
        pools: Node groups; each has one type of node (the first counts).
        nodes: All nodes.
        rule: Flags.
    """
    options = [found for pool in pools if (found := _option(pods, pool, nodes)) is not None]
    if not options:
        return None
    price = {pool.name: pool.types[0].usd_per_h for pool in pools}
    if rule.expander == "most-pods":
        return max(options, key=lambda option: option.pods)
    if rule.expander == "least-nodes":
        return min(options, key=lambda option: (option.nodes, -option.pods))
    if rule.expander == "price":
        return min(options, key=lambda option: option.nodes * price[option.pool] / option.pods)
    # Priorities are in a ConfigMap and random is not repeatable: both are taken as the default.
    return min(options, key=lambda option: option.waste)


def _option(pods: Sequence[PodRequest], pool: NodePool, nodes: Sequence[Node]) -> Growth | None:
    node_type = pool.types[0]
    room = pool.maximum - sum(node.pool == pool.name and node.state is not InstanceState.DRAINING for node in nodes)
    filled: list[list[PodRequest]] = []
    for pod in sorted(pods, key=lambda each: (-each.cpu, -each.memory_mib)):
        target = next((each for each in filled if fits(node_type, [*each, pod])), None)
        if target is not None:
            target.append(pod)
        elif len(filled) < room and fits(node_type, [pod]):
            filled.append([pod])
    if not filled:
        return None
    cpu, memory = requested(pod for each in filled for pod in each)
    unused_cpu = 1.0 - cpu / (len(filled) * node_type.cpu)
    unused_memory = 1.0 - memory / (len(filled) * node_type.memory_mib)
    taken = sum(len(each) for each in filled)
    return Growth(pool=pool.name, nodes=len(filled), pods=taken, waste=(unused_cpu + unused_memory) / 2.0)


def unneeded(
    nodes: Sequence[Node], pools: Mapping[str, NodePool], rule: ClusterAutoscaler
) -> dict[int, frozenset[int]]:
    """Nodes that could be done without, each by itself, and the nodes that its pods would move to.

    Args:
        nodes: All nodes of the cluster.
        pools: Node groups by name.
        rule: Flags.
    """
    ready = [node for node in nodes if node.state is InstanceState.IN_SERVICE]
    low = {node.number for node in ready if node.pool in pools and node.utilization < rule.threshold}
    # Pods move to nodes that stay rather than to nodes that may be the next to go.
    ready.sort(key=lambda node: (node.number in low, node.number))
    found: dict[int, frozenset[int]] = {}
    for node in ready:
        if node.number not in low:
            continue
        others = [other for other in ready if other.number != node.number]
        filled, left = packed(node.pods, others)
        if not left:
            moved = (new.number for new, old in zip(filled, others, strict=True) if new is not old)
            found[node.number] = frozenset(moved)
    return found


def restarted(found: Mapping[int, frozenset[int]], gone: int) -> frozenset[int]:
    """Nodes that must be unneeded for the whole time again once one has gone: they relied on the same nodes, or on it.

    Args:
        found: As :func:`unneeded` said before.
        gone: The node that went, with pods.
    """
    taken = found.get(gone, frozenset())
    return frozenset(
        number
        for number, relied_on in found.items()
        if number != gone and (number in taken or gone in relied_on or relied_on & taken)
    )


def removable(
    nodes: Sequence[Node], pools: Mapping[str, NodePool], rule: ClusterAutoscaler, time_s: float
) -> tuple[int, ...]:
    """Nodes that go now: empty ones in bulk, else one; never below a group's minimum.

    Args:
        nodes: All nodes, ``unneeded_s`` up to date.
        pools: Node groups by name.
        rule: Flags.
        time_s: Now.
    """
    if not rule.scale_down:
        return ()
    above = {
        name: sum(node.pool == name and node.state is not InstanceState.DRAINING for node in nodes) - pool.minimum
        for name, pool in pools.items()
    }
    due = [node for node in nodes if time_s - node.unneeded_s >= rule.unneeded_s - 1e-9]
    due.sort(key=lambda node: (node.unneeded_s, node.number))
    gone: list[int] = []
    for node in due:
        if not node.pods and above.get(node.pool, 0) > 0 and len(gone) < rule.empty_at_once:
            gone.append(node.number)
            above[node.pool] -= 1
    if gone:
        return tuple(gone)
    return next(((node.number,) for node in due if above.get(node.pool, 0) > 0), ())


def next_scan_s(time_s: float, rule: ClusterAutoscaler) -> float:
    """The next time it looks, strictly after a time."""
    return (math.floor(time_s / rule.scan_s + 1e-9) + 1.0) * rule.scan_s
