"""Nodes of a Kubernetes cluster, and which pods find room on them.

Pods are counted by what they request, as the scheduler and both autoscalers do. The scheduler takes the node that is
least allocated (Kubernetes documentation, "Resource Bin Packing": LeastAllocated is the default). Affinity, taints,
topology spread and priorities are not modelled.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tonnage.scaling.instances import InstanceState
from tonnage.services import NodeType

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRequest:
    """What one pod asks of a node.

    Attributes:
        cpu: Cores.
        memory_mib: Memory.
    """

    cpu: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node, with what runs on it.

    Attributes:
        number: Unique in the cluster.
        pool: Name of its pool.
        type: What it offers.
        state: PENDING until it takes pods; DRAINING while it is emptied.
        launched_s: When it was asked for.
        ready_s: When it takes pods.
        pods: Requests of the pods on it.
        changed_s: When a pod last came or went.
        unneeded_s: Since when the Cluster Autoscaler could do without it; infinity: it could not.
    """

    number: int
    pool: str
    type: NodeType
    state: InstanceState = InstanceState.IN_SERVICE
    launched_s: float = -math.inf
    ready_s: float = -math.inf
    pods: tuple[PodRequest, ...] = ()
    changed_s: float = -math.inf
    unneeded_s: float = math.inf

    @property
    def utilization(self) -> float:
        """Requests over allocatable, of CPU or memory, whichever is more."""
        cpu, memory = requested(self.pods)
        return max(cpu / max(self.type.cpu, _SLACK), memory / max(self.type.memory_mib, _SLACK))


def requested(pods: Iterable[PodRequest]) -> tuple[float, float]:
    """CPU and memory of some pods together."""
    cpu = memory = 0.0
    for pod in pods:
        cpu += pod.cpu
        memory += pod.memory_mib
    return cpu, memory


def fits(node_type: NodeType, pods: Sequence[PodRequest]) -> bool:
    """Whether a node of a type has room for all of some pods."""
    cpu, memory = requested(pods)
    return len(pods) <= node_type.pods and cpu <= node_type.cpu + _SLACK and memory <= node_type.memory_mib + _SLACK


def scheduled(pod: PodRequest, nodes: Iterable[Node]) -> Node | None:
    """The node in service that the scheduler gives a pod: of those with room the least allocated, then the first."""
    room = [node for node in nodes if node.state is InstanceState.IN_SERVICE and fits(node.type, (*node.pods, pod))]
    return min(room, key=lambda node: (round(node.utilization, 9), node.number), default=None)


def packed(pods: Sequence[PodRequest], nodes: Sequence[Node]) -> tuple[list[Node], list[PodRequest]]:
    """Some pods onto some nodes, each on the first with room, the largest first.

    Returns:
        The nodes with those pods, and the pods that found no room.
    """
    filled = list(nodes)
    left: list[PodRequest] = []
    for pod in sorted(pods, key=lambda each: (-each.cpu, -each.memory_mib)):
        for k, node in enumerate(filled):
            if fits(node.type, (*node.pods, pod)):
                filled[k] = with_pods(node, (*node.pods, pod))
                break
        else:
            left.append(pod)
    return filled, left


def with_pods(node: Node, pods: tuple[PodRequest, ...]) -> Node:
    """The node with other pods on it; its times stay."""
    return Node(
        number=node.number,
        pool=node.pool,
        type=node.type,
        state=node.state,
        launched_s=node.launched_s,
        ready_s=node.ready_s,
        pods=pods,
        changed_s=node.changed_s,
        unneeded_s=node.unneeded_s,
    )
