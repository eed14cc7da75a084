"""Pods that wait for nodes and then for themselves; autoscaling, eviction and loss in time."""

from collections.abc import Mapping

import pytest

from scaling.clusters import LARGE, a_pool, autoscaled, pods_of
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.kubernetes_cluster import Cluster
from tonnage.scaling.readings import Activity
from tonnage.services import Budget, ClusterAutoscaler, Karpenter

FREELY = Karpenter(budgets=(Budget(share=1.0),))
FLEET = "web/cpu"


def pass_time(cluster: Cluster, end_s: float, busy: float) -> list[tuple[str, Activity]]:
    """Let time pass with pods that are all so busy."""
    done: list[tuple[str, Activity]] = []
    while cluster.time_s < end_s - 1e-9:
        shares: Mapping[int, float] = dict.fromkeys(cluster.slots(FLEET, InstanceState.IN_SERVICE), busy)
        done += cluster.tick(min(cluster.next_event_s(), end_s), {FLEET: shares}, {FLEET: 0.0})
    return done


def counts(cluster: Cluster) -> tuple[int, int, int]:
    states = (InstanceState.IN_SERVICE, InstanceState.PENDING, InstanceState.DRAINING)
    ready, pending, draining = (len(cluster.slots(FLEET, state)) for state in states)
    return ready, pending, draining


def test_metrics_are_a_window_old_and_passes_come_every_15_seconds() -> None:
    """Kubernetes documentation: --horizontal-pod-autoscaler-sync-period, 15 s."""
    cluster = Cluster([pods_of(autoscaled())], 0.0, 0.0)
    # The first window ends at 15 s and is read 15 s later.
    done = pass_time(cluster, 31.0, 0.9)
    assert [(activity.time_s, activity.before, activity.after) for _, activity in done] == [(30.0, 4, 6)]
    assert done[0][1].reason == "cpu 90 % against 60 % asks for 6; 4 → 6"
    assert counts(cluster) == (4, 2, 0)
    pass_time(cluster, 50.0, 0.9)
    assert counts(cluster) == (6, 0, 0)


def test_new_pods_count_as_idle_until_a_whole_window_of_theirs_is_read() -> None:
    cluster = Cluster([pods_of(autoscaled())], 0.0, 0.0)
    done = pass_time(cluster, 80.0, 0.9)
    # Ready at 50 s; the first window that is all theirs is 60 to 75 s, and is read at 90 s: 4 x 0.9 / 6 is 60 %.
    assert [activity.time_s for _, activity in done] == [30.0]
    assert [activity.after for _, activity in pass_time(cluster, 95.0, 0.9)] == [9]


def test_a_pod_without_room_waits_for_its_node_and_then_starts() -> None:
    nodes = a_pool(LARGE, provisioner=FREELY)
    cluster = Cluster([pods_of(autoscaled()), nodes], 0.0, 0.0)
    assert cluster.provider.count("pool") == 1
    done = pass_time(cluster, 32.0, 0.9)
    assert [(what, activity.time_s) for what, activity in done] == [(FLEET, 30.0), ("pool", 31.0)]
    assert done[1][1].reason == "2 pods find no room: large, ready in 50 s"
    # One second of batch, 50 s of boot, 20 s of its own start.
    pass_time(cluster, 100.9, 0.6)
    assert counts(cluster) == (4, 2, 0)
    pass_time(cluster, 101.1, 0.6)
    assert counts(cluster) == (6, 0, 0)
    assert cluster.billed() == {"pool/large": 2.0}


def test_pods_that_no_group_grows_for_are_told_of() -> None:
    cluster = Cluster([pods_of(autoscaled()), a_pool(LARGE, provisioner=None, desired=1)], 0.0, 0.0)
    pass_time(cluster, 60.0, 0.9)
    assert cluster.without_node == FLEET
    assert counts(cluster) == (4, 2, 0)


def test_fewer_pods_after_the_window_and_the_nodes_follow() -> None:
    nodes = a_pool(LARGE, provisioner=FREELY)
    cluster = Cluster([pods_of(autoscaled(), desired=8), nodes], 0.0, 0.0)
    assert cluster.provider.count("pool") == 2
    done = pass_time(cluster, 600.0, 0.15)
    # The first wish for 2 of 8 is at 30 s; nothing before it held the count, so nothing holds it after.
    assert [(what, activity.after) for what, activity in done][:2] == [(FLEET, 2), ("pool", 1)]
    assert counts(cluster) == (2, 0, 0)
    assert cluster.provider.count("pool") == 1


def test_a_disruption_budget_of_the_pods_slows_eviction() -> None:
    """Kubernetes documentation, Disruptions: evictions leave minAvailable ready pods."""
    cluster = Cluster(
        [pods_of(desired=2, cpu=0.8, min_available=1), a_pool(LARGE, provisioner=FREELY, desired=2)], 0.0, 0.0
    )
    least = 2
    while cluster.time_s < 400.0:
        pass_time(cluster, min(cluster.next_event_s(), 400.0), 0.5)
        least = min(least, counts(cluster)[0])
    assert least >= 1
    assert cluster.provider.count("pool") == 1
    assert counts(cluster) == (2, 0, 0)


def test_lost_pods_are_made_again() -> None:
    cluster = Cluster([pods_of(desired=4)], 0.0, 0.0)
    cluster.lose(FLEET, (0, 1))
    assert counts(cluster) == (2, 2, 0)
    pass_time(cluster, 20.0, 0.5)
    assert counts(cluster) == (4, 0, 0)


def test_a_rolling_update_keeps_to_what_may_be_missing_and_too_many() -> None:
    """Kubernetes documentation, Deployments: of 10 pods, 25 % unavailable is 2, 25 % surge is 3."""
    cluster = Cluster([pods_of(desired=10)], 0.0, 0.0)
    cluster.roll_out(FLEET, (75.0, 125.0))
    assert counts(cluster) == (8, 5, 2)
    seen = []
    while cluster.time_s < 200.0:
        pass_time(cluster, min(cluster.next_event_s(), 200.0), 0.5)
        seen.append(counts(cluster))
    assert min(ready for ready, _, _ in seen) >= 8
    assert max(ready + pending for ready, pending, _ in seen) <= 13
    assert seen[-1] == (10, 0, 0)
    assert all(pod.begun_s >= 0.0 for pod in cluster.pods[FLEET].values())


@pytest.mark.parametrize("provisioner", [FREELY, ClusterAutoscaler()])
def test_a_copy_goes_on_by_itself(provisioner: Karpenter | ClusterAutoscaler) -> None:
    cluster = Cluster([pods_of(autoscaled()), a_pool(LARGE, provisioner=provisioner, desired=1)], 0.0, 0.0)
    pass_time(cluster, 20.0, 0.9)
    twin = cluster.copy()
    pass_time(twin, 200.0, 0.9)
    assert counts(cluster) == (4, 0, 0)
    assert counts(twin)[0] > 4
    pass_time(cluster, 200.0, 0.9)
    assert counts(cluster) == counts(twin)


def test_without_deployments_nothing_happens_and_nodes_alone_are_not_simulated() -> None:
    cluster = Cluster([a_pool(LARGE, provisioner=FREELY, desired=3)], 0.0, 0.0)
    assert cluster.next_event_s() == float("inf")
    assert cluster.tick(60.0, {}, {}) == []
    assert cluster.billed() == {}
