"""Pods and the nodes they need: what the rooms of a Kubernetes cluster declare to its control plane.

Sources: Kubernetes documentation, "Reserve Compute Resources for System Daemons"; Amazon EKS user guide, "Choose an
optimal Amazon EC2 node instance type" (pods per node); awslabs/amazon-eks-ami, ``nodeadm`` (what the AMI reserves).
"""

import math
from dataclasses import dataclass
from typing import Literal

from tonnage.catalog import Catalog
from tonnage.catalog.types import EC2InstanceType
from tonnage.workload import CatalogError, ScalingPolicy

Consolidation = Literal["WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced"]
Expander = Literal["least-waste", "most-pods", "least-nodes", "price", "priority", "random"]

METRIC_DELAY_S = 15.0
"""From the end of a window of CPU until the metrics API answers with it: metrics-server asks every 15 s by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodGroup:
    """The pods of a Deployment: a fleet whose number a HorizontalPodAutoscaler sets, as far as nodes have room.

    Attributes:
        fleet: The fleet.
        minimum: Least replicas that its autoscaler keeps; the replicas themselves without one.
        maximum: Most replicas.
        desired: Replicas at the start.
        policies: Its autoscaler, or nothing.
        start_s: From the node to the first request: image pull, start, readiness.
        cpu: CPU that a pod requests, cores.
        memory_mib: Memory that a pod requests.
        cores: CPU that a pod uses when its servers are busy, cores.
        drain_s: How long a leaving pod may finish its requests.
        min_available: Ready pods that an eviction must leave (PodDisruptionBudget).
        metric_delay_s: From the end of a window of CPU until the autoscaler can read it.
    """

    fleet: str
    minimum: int
    maximum: int
    desired: int
    policies: tuple[ScalingPolicy, ...]
    start_s: float
    cpu: float
    memory_mib: float
    cores: float
    drain_s: float
    min_available: int = 0
    metric_delay_s: float = METRIC_DELAY_S

    @property
    def most(self) -> int:
        """Most replicas ever."""
        return self.maximum

    def power(self, replicas: int) -> float:
        """What so many replicas can do, in pods: all are alike."""
        return float(replicas)

    def made_of(self, replicas: int) -> tuple[int, ...]:
        """How many pods of each kind so many replicas are: there is one kind."""
        return (replicas,)

    @property
    def boot_s(self) -> float:
        """From the decision to the first request where a node has room."""
        return self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeType:
    """What one node offers to pods.

    Attributes:
        name: Instance type.
        vcpus: vCPUs of the instance.
        cpu: Allocatable CPU less what DaemonSets request, cores.
        memory_mib: Allocatable memory.
        pods: Most pods, those of DaemonSets not counted.
        usd_per_h: Price.
    """

    name: str
    vcpus: int
    cpu: float
    memory_mib: float
    pods: int
    usd_per_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A disruption budget of a Karpenter NodePool.

    Attributes:
        share: Of the nodes, 0 to 1; None where a number is given.
        nodes: A number; None where a share is given.
        reasons: ``Empty``, ``Underutilized``, ``Drifted``; none means all.
        schedule: Five-field cron at which it begins to hold, UTC; empty: always.
        duration_s: How long it holds then.
    """

    share: float | None = None
    nodes: int | None = None
    reasons: tuple[str, ...] = ()
    schedule: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Karpenter:
    """A NodePool.

    Attributes:
        consolidation: ``consolidationPolicy``.
        after_s: ``consolidateAfter``; infinity for Never.
        budgets: Disruption budgets.
        cpu_limit: ``limits.cpu``, vCPUs of all its nodes.
    """

    consolidation: Consolidation = "WhenEmptyOrUnderutilized"
    after_s: float = 0.0
    budgets: tuple[Budget, ...] = (Budget(share=0.1),)
    cpu_limit: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAutoscaler:
    """Flags of the Cluster Autoscaler, with its defaults.

    Attributes:
        scan_s: ``scan-interval``.
        unneeded_s: ``scale-down-unneeded-time``.
        threshold: ``scale-down-utilization-threshold``.
        after_add_s: ``scale-down-delay-after-add``.
        after_delete_s: ``scale-down-delay-after-delete``; None: the scan interval.
        empty_at_once: ``max-empty-bulk-delete`` or ``max-scale-down-parallelism``.
        scale_down: ``scale-down-enabled``.
        expander: Which node group grows.
    """

    scan_s: float = 10.0
    unneeded_s: float = 600.0
    threshold: float = 0.5
    after_add_s: float = 600.0
    after_delete_s: float | None = None
    empty_at_once: int = 10
    scale_down: bool = True
    expander: Expander = "least-waste"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """Nodes of one kind, and who launches them.

    Attributes:
        name: Component that declares it.
        types: What it may launch, cheapest first.
        minimum: Least nodes.
        maximum: Most nodes.
        desired: Nodes at the start; more where the pods of the start need them and somebody launches them.
        boot_s: From the request for an instance to a node that takes pods.
        provisioner: Who launches and removes nodes; None: their number stands.
    """

    name: str
    types: tuple[NodeType, ...]
    minimum: int
    maximum: int
    desired: int
    boot_s: float
    provisioner: Karpenter | ClusterAutoscaler | None = None


_POD_LIMITS = {
    "nano": 4,
    "micro": 4,
    "small": 11,
    "medium": 17,
    "large": 29,
    "xlarge": 58,
    "2xlarge": 58,
    "4xlarge": 234,
    "8xlarge": 234,
    "12xlarge": 234,
}
"""Pods by their own addresses on the network interfaces of a size (awslabs/amazon-eks-ami, eni-max-pods.txt)."""
_LARGE_T, _GRAVITON_MEDIUM = 35, 8
_MOST_PODS_SMALL, _MOST_PODS = 110, 250
"""What EKS sets at most, below and from 30 vCPUs (Amazon EKS user guide)."""
_CPU_RESERVED = ((1, 0.06), (1, 0.01), (2, 0.005))
_CPU_RESERVED_BEYOND = 0.0025
_MEMORY_RESERVED_MIB, _MEMORY_PER_POD_MIB, _EVICTION_MIB = 255.0, 11.0, 100.0


def node_type(name: str, catalog: Catalog, daemon_cpu: float, daemon_memory_mib: float, daemon_pods: int) -> NodeType:
    """What a node of an instance type offers after the kubelet's reservations and the DaemonSets.

    The EKS AMI reserves 6 % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 % of the others, and
    255 MiB and 11 MiB for each pod; 100 MiB are kept from eviction.

    Args:
        name: Instance type.
        catalog: The catalogue.
        daemon_cpu: CPU that the DaemonSets request on each node, cores.
        daemon_memory_mib: Memory that they request.
        daemon_pods: How many they are.

    Raises:
        CatalogError: The catalogue does not know the type.
    """
    instance = catalog.instance_type(name)
    pods = pod_limit(instance)
    memory = 1024.0 * instance.memory_gib - _MEMORY_RESERVED_MIB - _MEMORY_PER_POD_MIB * pods - _EVICTION_MIB
    try:
        usd = catalog.instance_price(name).usd
    except CatalogError:
        usd = math.inf
    return NodeType(
        name=name,
        vcpus=instance.vcpus,
        cpu=max(0.0, instance.vcpus - cpu_reserved(instance.vcpus) - daemon_cpu),
        memory_mib=max(0.0, memory - daemon_memory_mib),
        pods=max(0, pods - daemon_pods),
        usd_per_h=usd,
    )


def pod_limit(instance: EC2InstanceType) -> int:
    """Most pods on an instance type: addresses of its network interfaces, and at most what EKS sets."""
    size = instance.name.partition(".")[2]
    found = _POD_LIMITS.get(size, 737)
    if size == "large" and instance.family.startswith("t"):
        found = _LARGE_T
    if size == "medium" and instance.vcpus == 1:
        found = _GRAVITON_MEDIUM
    return min(found, _MOST_PODS_SMALL if instance.vcpus < 30 else _MOST_PODS)


def cpu_reserved(vcpus: int) -> float:
    """CPU that the kubelet keeps for itself and the system, cores."""
    left, reserved = vcpus, 0.0
    for cores, share in _CPU_RESERVED:
        reserved += min(left, cores) * share
        left = max(0, left - cores)
    return reserved + left * _CPU_RESERVED_BEYOND
