"""Nodes, pods and pools for tests of a cluster."""

from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import Node, PodRequest
from tonnage.services import ClusterAutoscaler, Karpenter, NodePool, NodeType, PodGroup
from tonnage.workload import ScalingPolicy

LARGE = NodeType(name="large", vcpus=2, cpu=2.0, memory_mib=7000.0, pods=27, usd_per_h=0.10)
XLARGE = NodeType(name="xlarge", vcpus=4, cpu=4.0, memory_mib=14000.0, pods=56, usd_per_h=0.20)
SMALL = NodeType(name="small", vcpus=1, cpu=1.0, memory_mib=1500.0, pods=9, usd_per_h=0.03)


def pod(cpu: float, memory_mib: float = 0.0) -> PodRequest:
    """What a pod requests."""
    return PodRequest(cpu=cpu, memory_mib=memory_mib)


def a_node(
    number: int,
    *pods: PodRequest,
    type_: NodeType = LARGE,
    pool: str = "pool",
    state: InstanceState = InstanceState.IN_SERVICE,
    unneeded_s: float = float("inf"),
    changed_s: float = float("-inf"),
) -> Node:
    """A node with pods on it."""
    return Node(
        number=number, pool=pool, type=type_, pods=pods, state=state, unneeded_s=unneeded_s, changed_s=changed_s
    )


def a_pool(
    *types: NodeType,
    provisioner: Karpenter | ClusterAutoscaler | None,
    name: str = "pool",
    minimum: int = 0,
    maximum: int = 100,
    desired: int = 0,
    boot_s: float = 50.0,
) -> NodePool:
    """A pool of nodes, cheapest type first."""
    return NodePool(
        name=name,
        types=types or (LARGE,),
        minimum=minimum,
        maximum=maximum,
        desired=desired,
        boot_s=boot_s,
        provisioner=provisioner,
    )


def autoscaled(target: int = 60, **settings: object) -> ScalingPolicy:
    """An autoscaler of CPU utilization."""
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": target}}}
    given = {"minReplicas": 2, "maxReplicas": 50, "metrics": (metric,)} | settings
    return ScalingPolicy(name="web", mechanism="horizontal pod autoscaler", settings=given)  # type: ignore[arg-type]


def pods_of(
    *policies: ScalingPolicy, desired: int = 4, cpu: float = 0.5, start_s: float = 20.0, min_available: int = 0
) -> PodGroup:
    """A group of pods of half a core."""
    return PodGroup(
        fleet="web/cpu",
        minimum=2 if policies else desired,
        maximum=50,
        desired=desired,
        policies=policies,
        start_s=start_s,
        cpu=cpu,
        memory_mib=0.0,
        cores=cpu,
        drain_s=30.0,
        min_available=min_available,
    )
