"""Cluster Autoscaler: which group grows, which nodes it can do without, and for how long it waits."""

from dataclasses import replace

import pytest

from scaling.clusters import LARGE, SMALL, XLARGE, a_node, a_pool, pod
from tonnage.scaling.cluster_autoscaler import growth, next_scan_s, removable, restarted, unneeded
from tonnage.services import ClusterAutoscaler
from tonnage.services._nodes import Expander

RULE = ClusterAutoscaler()
POOL = a_pool(LARGE, provisioner=RULE)
POOLS = {"pool": POOL}


@pytest.mark.parametrize(
    ("expander", "expected"),
    [
        # Three pods of 0.9: small wastes nothing of CPU but fits one each; xlarge has 1.3 of 4 left over.
        ("least-waste", ("small", 3)),
        ("least-nodes", ("xlarge", 1)),
        ("price", ("small", 3)),
    ],
)
def test_the_expander_chooses_the_group(expander: Expander, expected: tuple[str, int]) -> None:
    """Cluster Autoscaler FAQ, What are Expanders?"""
    pools = [a_pool(each, provisioner=RULE, name=each.name) for each in (SMALL, LARGE, XLARGE)]
    found = growth([pod(0.9, 1300.0)] * 3, pools, [], replace(RULE, expander=expander))
    assert found is not None
    assert (found.pool, found.nodes) == expected


def test_most_pods_prefers_the_group_that_takes_more_of_them() -> None:
    pools = [a_pool(SMALL, provisioner=RULE, name="small"), a_pool(LARGE, provisioner=RULE, name="large")]
    found = growth([pod(0.9), pod(1.5)], pools, [], replace(RULE, expander="most-pods"))
    assert found is not None
    assert (found.pool, found.pods) == ("large", 2)


def test_a_group_grows_only_to_its_maximum() -> None:
    full = a_pool(LARGE, provisioner=RULE, maximum=2)
    found = growth([pod(1.5)] * 3, [full], [a_node(0)], RULE)
    assert found is not None
    assert (found.nodes, found.pods) == (1, 1)
    assert growth([pod(1.5)], [full], [a_node(0), a_node(1)], RULE) is None


X = a_node(3, pod(1.2))
Y = a_node(4, pod(1.5))


def test_k6_after_one_node_went_those_that_relied_on_the_same_room_wait_again() -> None:
    """K6: Cluster Autoscaler FAQ: A's and B's pods fit on X, C's on Y; A goes; C may follow at once, B may not."""
    a, b = a_node(0, pod(0.6)), a_node(1, pod(0.7))
    c = a_node(2, pod(0.5))
    # C's pods fit on Y, which has no room for those of A or B; X is not in C's way because it is listed after Y.
    x, y = replace(X, number=5), replace(Y, number=4)
    found = unneeded([a, b, c, x, y], POOLS, RULE)
    assert found == {0: frozenset({5}), 1: frozenset({5}), 2: frozenset({4})}
    assert restarted(found, 0) == {1}


def test_nodes_above_the_threshold_or_whose_pods_fit_nowhere_are_needed() -> None:
    assert unneeded([a_node(0, pod(1.0)), a_node(1, pod(0.1))], POOLS, RULE) == {1: frozenset({0})}
    assert unneeded([a_node(0, pod(0.9)), a_node(1, pod(1.5))], POOLS, RULE) == {}


def test_a_node_goes_after_ten_minutes_one_at_a_time_but_empty_ones_in_bulk() -> None:
    """Cluster Autoscaler FAQ: scale-down-unneeded-time 10 min; empty nodes in bulk, ten at once."""
    busy = [a_node(k, pod(0.2), unneeded_s=0.0) for k in range(3)]
    assert removable(busy, POOLS, RULE, 599.0) == ()
    assert removable(busy, POOLS, RULE, 600.0) == (0,)
    empty = [a_node(k, unneeded_s=0.0) for k in range(14)]
    assert removable(empty, POOLS, RULE, 600.0) == tuple(range(10))


def test_no_group_shrinks_below_its_minimum_or_where_it_is_switched_off() -> None:
    empty = [a_node(k, unneeded_s=0.0) for k in range(3)]
    assert removable(empty, {"pool": a_pool(provisioner=RULE, minimum=2)}, RULE, 600.0) == (0,)
    assert removable(empty, POOLS, replace(RULE, scale_down=False), 600.0) == ()


def test_it_looks_every_ten_seconds() -> None:
    assert [next_scan_s(at, RULE) for at in (0.0, 9.9, 10.0)] == [10.0, 10.0, 20.0]
