"""Room on nodes: what fits, where the scheduler puts a pod, how many find no place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.clusters import LARGE, a_node, pod
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import fits, packed, scheduled


def test_a_node_is_full_by_cpu_by_memory_or_by_number() -> None:
    assert fits(LARGE, [pod(0.5)] * 4)
    assert not fits(LARGE, [pod(0.5)] * 5)
    assert not fits(LARGE, [pod(0.1, 5000.0)] * 2)
    assert not fits(LARGE, [pod(0.0)] * 28)


def test_the_scheduler_takes_the_least_allocated_node_in_service() -> None:
    """Kubernetes documentation, Resource Bin Packing: LeastAllocated is the default."""
    nodes = [a_node(0, pod(1.0)), a_node(1, pod(0.5)), a_node(2, state=InstanceState.PENDING), a_node(3, pod(0.5))]
    found = scheduled(pod(0.5), nodes)
    assert found is not None
    assert found.number == 1
    assert scheduled(pod(3.0), nodes) is None


def test_utilization_is_the_larger_share_of_requests() -> None:
    """Cluster Autoscaler FAQ: requests over allocatable, of CPU and memory the maximum."""
    assert a_node(0, pod(0.5, 3500.0)).utilization == pytest.approx(0.5)


@given(st.lists(st.sampled_from([0.25, 0.5, 1.0, 3.0]), max_size=20), st.integers(0, 4))
def test_packing_loses_no_pod_and_fills_no_node_beyond_its_room(cpus: list[float], count: int) -> None:
    filled, left = packed([pod(cpu) for cpu in cpus], [a_node(k) for k in range(count)])
    assert sum(len(node.pods) for node in filled) + len(left) == len(cpus)
    assert all(fits(node.type, node.pods) for node in filled)
    assert all(not any(fits(node.type, (*node.pods, each)) for node in filled) for each in left)
