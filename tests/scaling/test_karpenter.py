"""Karpenter: which nodes come, which go, and how many at once."""

from dataclasses import replace

import pytest

from scaling.clusters import LARGE, SMALL, XLARGE, a_node, a_pool, pod
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.karpenter import allowed, batch_ends_s, claims, command, holds
from tonnage.services import Budget, Karpenter

POOL = a_pool(SMALL, LARGE, XLARGE, provisioner=Karpenter())


def launched(pods: list[float], pool: object = POOL) -> list[tuple[str, int]]:
    found = claims([pod(cpu) for cpu in pods], [pool], [])  # type: ignore[list-item]
    return [(claim.type.name, claim.pods) for claim in found]


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([0.5], [("small", 1)]),
        ([0.5] * 3, [("large", 3)]),
        ([0.5] * 8, [("xlarge", 8)]),
        # A node takes as many as the largest type holds; what is left gets the cheapest that fits it.
        ([0.5] * 11, [("xlarge", 8), ("large", 3)]),
        ([9.0, 0.5], [("small", 1)]),
    ],
)
def test_the_cheapest_type_that_fits_the_waiting_pods(pods: list[float], expected: list[tuple[str, int]]) -> None:
    """Karpenter documentation, Scheduling: pods are packed, and the cheapest type that fits is launched."""
    assert launched(pods) == expected


def test_a_pool_launches_no_more_vcpus_than_its_limit() -> None:
    """Karpenter documentation, NodePools, spec.limits."""
    assert launched([0.5] * 20, a_pool(LARGE, provisioner=Karpenter(cpu_limit=5.0))) == [("large", 4), ("large", 4)]


def test_a_batch_ends_a_second_after_the_last_pod_and_ten_after_the_first() -> None:
    """Karpenter documentation, Settings: BATCH_IDLE_DURATION 1 s, BATCH_MAX_DURATION 10 s."""
    assert batch_ends_s(100.0, 100.0) == 101.0
    assert batch_ends_s(100.0, 104.5) == 105.5
    assert batch_ends_s(100.0, 109.8) == 110.0


def budgeted(nodes: int, *budgets: Budget, gone: int = 0, unix_s: float = 0.0, reason: str = "Empty") -> int:
    state = [InstanceState.DRAINING] * gone + [InstanceState.IN_SERVICE] * (nodes - gone)
    return allowed(Karpenter(budgets=budgets), [a_node(k, state=s) for k, s in enumerate(state)], reason, unix_s)


def test_k4_a_budget_of_20_percent_lets_4_of_19_nodes_go() -> None:
    """K4: Karpenter documentation, Disruption, budgets: 3.8 is rounded up."""
    assert budgeted(19, Budget(share=0.2)) == 4
    assert budgeted(19, Budget(share=0.2), gone=3) == 1


@pytest.mark.parametrize("nodes", [26, 40, 100])
def test_k5_the_strictest_of_20_percent_and_5_is_5_above_25_nodes(nodes: int) -> None:
    """K5: Karpenter documentation, Disruption, budgets."""
    assert budgeted(nodes, Budget(share=0.2), Budget(nodes=5)) == 5


def test_a_budget_may_hold_for_reasons_and_at_times_only() -> None:
    """Karpenter documentation, Disruption, budgets: reasons, schedule and duration."""
    nightly = Budget(nodes=0, schedule="0 9 * * *", duration_s=8 * 3600.0)
    assert holds(nightly, 10 * 3600.0)
    assert not holds(nightly, 18 * 3600.0)
    assert budgeted(10, Budget(share=0.5), nightly, unix_s=10 * 3600.0) == 0
    assert budgeted(10, Budget(share=0.5), nightly, unix_s=18 * 3600.0) == 5
    assert budgeted(10, Budget(nodes=0, reasons=("Underutilized",)), reason="Empty") == 10


def freely(*types: object, **rule: object) -> object:
    return a_pool(*types, provisioner=Karpenter(budgets=(Budget(share=1.0),), **rule))  # type: ignore[arg-type]


def test_empty_nodes_go_together_and_first() -> None:
    nodes = [a_node(0, pod(0.5)), a_node(1), a_node(2)]
    found = command([freely()], nodes, 0.0, 0.0)  # type: ignore[list-item]
    assert found is not None
    assert (found.nodes, found.replacement, found.reason) == ((1, 2), None, "Empty")


def test_nodes_whose_pods_fit_on_the_others_go_without_replacement() -> None:
    nodes = [a_node(0, *[pod(0.5)] * 3), a_node(1, pod(0.5))]
    found = command([freely()], nodes, 0.0, 0.0)  # type: ignore[list-item]
    assert found is not None
    assert (found.nodes, found.replacement) == ((1,), None)


def test_a_node_is_replaced_by_one_that_costs_less() -> None:
    full = a_node(1, *[pod(1.0)] * 4, type_=XLARGE)
    found = command([freely(SMALL, LARGE, XLARGE)], [a_node(0, pod(0.8)), full], 0.0, 0.0)  # type: ignore[list-item]
    assert found is not None
    assert found.replacement is not None
    assert (found.nodes, found.replacement.type.name) == ((0,), "small")


def test_several_nodes_become_one_but_never_one_of_their_own_types() -> None:
    """kubernetes-sigs/karpenter, multi-node consolidation: a type that goes and comes would have done by staying."""
    nodes = [a_node(k, *[pod(0.9)] * 2, type_=LARGE) for k in range(2)]
    found = command([freely(LARGE, replace(XLARGE, usd_per_h=0.15))], nodes, 0.0, 0.0)  # type: ignore[list-item]
    assert found is not None
    assert found.replacement is not None
    assert (found.nodes, found.replacement.type.name) == ((0, 1), "xlarge")
    spread = [a_node(0, pod(1.2)), a_node(1, pod(0.7)), a_node(2, *[pod(1.0)] * 2)]
    found = command([freely(LARGE)], spread, 0.0, 0.0)  # type: ignore[list-item]
    assert found is not None
    assert (len(found.nodes), found.replacement) == (1, None)


def test_nodes_stay_while_pods_came_or_went_lately_or_the_policy_says_so() -> None:
    nodes = [a_node(0, *[pod(0.5)] * 3, changed_s=100.0), a_node(1, pod(0.5), changed_s=100.0)]
    assert command([freely(after_s=300.0)], nodes, 399.0, 0.0) is None  # type: ignore[list-item]
    assert command([freely(after_s=300.0)], nodes, 400.0, 0.0) is not None  # type: ignore[list-item]
    assert command([freely(consolidation="WhenEmpty")], nodes, 400.0, 0.0) is None  # type: ignore[list-item]


def test_balanced_acts_where_it_saves_at_least_half_of_what_it_disturbs() -> None:
    """kubernetes-sigs/karpenter, Balanced: savings share over disruption share of at least 0.5."""
    cheap = a_node(0, *[pod(0.1)] * 6, type_=SMALL)
    full = [a_node(k, pod(1.5), type_=LARGE) for k in (1, 2)]
    # It saves 0.03 of 0.23 dollars, 13 %, and disturbs 6 of 8 pods, 75 %.
    assert command([freely(LARGE, consolidation="Balanced")], [cheap, *full], 0.0, 0.0) is None  # type: ignore[list-item]
    assert command([freely(LARGE)], [cheap, *full], 0.0, 0.0) is not None  # type: ignore[list-item]
