"""Nodes launched and removed in time: batches, scans, validation, timers."""

import pytest

from scaling.clusters import LARGE, SMALL, XLARGE, a_pool, pod
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import PodRequest
from tonnage.scaling.node_provider import NodeProvider
from tonnage.scaling.readings import Activity
from tonnage.services import Budget, ClusterAutoscaler, Karpenter

FREELY = Karpenter(budgets=(Budget(share=1.0),))


def until(provider: NodeProvider, end_s: float, waiting: list[tuple[float, PodRequest]]) -> list[tuple[float, str]]:
    """Let time pass with pods that wait all the while; what was done when."""
    done: list[tuple[str, Activity]] = []
    while provider.time_s < end_s:
        provider.advance(min(provider.next_event_s(), end_s))
        done += provider.provide(waiting)
    return [(activity.time_s, activity.reason) for _, activity in done]


def test_karpenter_launches_once_the_batch_is_complete_and_the_node_boots() -> None:
    provider = NodeProvider((a_pool(SMALL, LARGE, provisioner=FREELY),), 0.0, 0.0)
    provider.advance(100.0)
    waiting = [(100.0, pod(0.5)), (100.0, pod(0.5)), (100.0, pod(0.5))]
    assert provider.provide(waiting) == []
    done = until(provider, 150.0, waiting)
    assert done == [(101.0, "3 pods find no room: large, ready in 50 s")]
    assert provider.count("pool", InstanceState.PENDING) == 1
    assert until(provider, 152.0, []) == []
    assert provider.count("pool", InstanceState.IN_SERVICE) == 1


def test_the_cluster_autoscaler_launches_at_its_next_scan() -> None:
    provider = NodeProvider((a_pool(LARGE, provisioner=ClusterAutoscaler(), desired=1),), 0.0, 0.0)
    provider.begin([])
    provider.advance(103.0)
    provider.provide([(103.0, pod(1.5))] * 2)
    assert [at for at, _ in until(provider, 130.0, [(103.0, pod(1.5))] * 2)] == [110.0, 110.0]


def test_nodes_that_stand_take_no_pods_beyond_their_room_and_say_so() -> None:
    provider = NodeProvider((a_pool(LARGE, provisioner=None, desired=1),), 0.0, 0.0)
    provider.begin([pod(1.5)])
    provider.provide([(0.0, pod(1.5))])
    assert provider.stuck
    provider.provide([])
    assert not provider.stuck


def test_a_disruption_is_looked_at_again_after_15_seconds() -> None:
    """Karpenter documentation, Disruption: the loop every 10 s; a command is validated after 15 s."""
    provider = NodeProvider((a_pool(LARGE, provisioner=FREELY),), 0.0, 0.0)
    provider.begin([pod(1.5), pod(1.5)])
    for number in (0, 1):
        provider.put(number, pod(0.2), -float("inf"))
    assert provider.provide([]) == []
    assert until(provider, 14.0, []) == []
    assert [at for at, _ in until(provider, 40.0, [])] == [25.0]
    assert len(provider.leaving()) == 1


def test_a_replacement_is_ready_before_the_old_node_is_emptied() -> None:
    provider = NodeProvider((a_pool(SMALL, LARGE, XLARGE, provisioner=FREELY),), 0.0, 0.0)
    provider.begin([pod(1.5)])
    provider.put(0, pod(0.4), -float("inf"))
    done = until(provider, 80.0, [])
    assert [(at, reason.partition(" ")[0]) for at, reason in done] == [(25.0, "the"), (75.0, "large")]
    assert provider.leaving() == (0,)
    provider.remove(0)
    assert [node.type.name for node in provider.nodes.values()] == ["small"]


@pytest.mark.parametrize(("added_s", "gone_s"), [(None, 610.0), (300.0, 900.0)])
def test_the_cluster_autoscaler_removes_what_was_unneeded_for_ten_minutes(added_s: float | None, gone_s: float) -> None:
    """Cluster Autoscaler FAQ: scale-down-unneeded-time and scale-down-delay-after-add, 10 min each."""
    provider = NodeProvider((a_pool(LARGE, provisioner=ClusterAutoscaler(), desired=2, minimum=1),), 0.0, 0.0)
    provider.begin([])
    provider.put(0, pod(1.2), -float("inf"))
    done = until(provider, 290.0, [])
    if added_s is not None:
        # Two pods of this size fill what is there and need another node.
        provider.put(1, pod(0.5), 290.0)
        done += until(provider, 301.0, [(290.0, pod(1.9))])
        provider.take(1, pod(0.5))
        provider.put(2, pod(1.9), 301.0)
    done += until(provider, 1000.0, [])
    assert [at for at, reason in done if "goes" in reason] == [gone_s]


def test_a_copy_goes_on_by_itself() -> None:
    provider = NodeProvider((a_pool(LARGE, provisioner=FREELY),), 0.0, 0.0)
    twin = provider.copy()
    until(twin, 30.0, [(0.0, pod(1.0))])
    assert (provider.count("pool"), twin.count("pool")) == (0, 1)
