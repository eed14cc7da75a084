"""Findings about pods: autoscalers that can never act, and pods that no node could take."""

import math
from collections.abc import Iterator, Sequence

from tonnage.engine.model import component_of
from tonnage.scaling import horizontal_pod_autoscaler
from tonnage.scaling._face import Unsupported
from tonnage.scaling.node import PodRequest, fits
from tonnage.services import NodePool, PodGroup
from tonnage.workload import ScalingPolicy

Found = tuple[str, str, ScalingPolicy | None, str]
"""What, remedy, and the policy and setting at whose place it stands."""


def of_pods(group: PodGroup, pools: Sequence[NodePool]) -> Iterator[Found]:
    """What cannot be meant about one Deployment.

    Args:
        group: Its pods.
        pools: All nodes of the cluster.
    """
    name = component_of(group.fleet)
    request = PodRequest(cpu=group.cpu, memory_mib=group.memory_mib)
    types = [each for pool in pools for each in pool.types]
    if types and not any(fits(each, [request]) for each in types):
        largest = max(types, key=lambda each: each.cpu)
        what = f"one pod requests {group.cpu:g} cores and {group.memory_mib:,.0f} MiB, which no node offers"
        yield what, f"Request less, or allow larger nodes than {largest.name} ({largest.cpu:.2f} cores).", None, ""
    for policy in group.policies:
        try:
            hpa = horizontal_pod_autoscaler.read(policy)
        except Unsupported:
            continue
        if hpa.minimum == hpa.maximum:
            what = f"{policy.name} has minReplicas and maxReplicas {hpa.maximum}, so it never acts"
            yield what, "Make maxReplicas larger.", policy, "maxReplicas"
        for k, metric in enumerate(hpa.metrics):
            if metric.kind != "cpu utilization":
                continue
            setting = horizontal_pod_autoscaler.UTILIZATION.format(k)
            if group.cpu <= 0:
                what = f"{policy.name} tracks CPU as a share of the request, and the pods of {name} request none"
                yield f"{what}: it never acts", "Give every container a CPU request.", policy, setting
                continue
            most = math.floor(100.0 * group.cores / group.cpu)
            if most / metric.target <= 1.0 + hpa.tolerance.up:
                what = f"{policy.name} tracks CPU at {metric.target} % of the request, and a pod can use {most} %: "
                what += f"within the tolerance of {hpa.tolerance.up:.0%} it never scales up"
                yield what, f"Give a target below {most / (1.0 + hpa.tolerance.up):.0f}.", policy, setting
