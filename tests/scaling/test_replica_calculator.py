"""Replicas per metric: every case of the controller's own unit tests, and what must hold for any pods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.hpa_cases import Case, cases, constants, pods
from tonnage.scaling.replica_calculator import (
    Constants,
    NoMetricsError,
    PodSample,
    Proposal,
    Tolerance,
    pods_average,
    resource_utilization,
    total_average_value,
    total_value,
)


def proposed(case: Case) -> Proposal:
    """What the calculator says about a case."""
    current, target, kind = case["current_replicas"], case["target"], case["metric_type"]
    if kind == "resource_utilization":
        return resource_utilization(pods(case), current, target, constants(case), cpu=case["resource"] == "cpu")
    if kind == "pods_average":
        return pods_average(pods(case), current, target, constants(case))
    if kind.endswith("average_value"):
        return total_average_value(current, case["metric_total"], target, constants(case))
    return total_value(pods(case), current, case["metric_total"], target, constants(case))


@pytest.mark.parametrize("case", cases("replica_calculation"))
def test_cases_of_the_controllers_unit_tests(case: Case) -> None:
    """Kubernetes, replica_calculator_test.go; the case's ``source`` names the commit."""
    if "error" in case["expected"]:
        with pytest.raises(NoMetricsError, match=case["expected"]["error"]):
            proposed(case["input"])
        return
    found = proposed(case["input"])
    assert (found.replicas, found.value) == (case["expected"]["replicas"], case["expected"]["metric_value"])


def running(value: int | None, **how: float) -> PodSample:
    return PodSample(phase="Running", ready=True, value=value, request=1000, **how)  # type: ignore[arg-type]


def test_k1_a_metric_of_200m_against_100m_doubles_the_replicas() -> None:
    """K1: Kubernetes documentation, Horizontal Pod Autoscaling, algorithm details."""
    for count in (1, 3, 7):
        assert pods_average([running(200)] * count, count, 100, Constants()).replicas == 2 * count


def test_a_sample_that_began_before_its_pod_was_ready_does_not_count() -> None:
    steady, fresh = [running(900)] * 4, running(900, started_ago_s=40.0, ready_changed_ago_s=20.0, sampled_ago_s=10.0)
    # 15 s of window that ended 10 s ago began 25 s ago, when the pod was not ready: it counts as idle on the way up.
    assert resource_utilization([*steady, fresh], 5, 60, Constants()).replicas == 6
    warm = running(900, started_ago_s=60.0, ready_changed_ago_s=40.0, sampled_ago_s=10.0)
    assert resource_utilization([*steady, warm], 5, 60, Constants()).replicas == 8


def test_pods_that_request_nothing_have_no_utilization() -> None:
    with pytest.raises(NoMetricsError, match="request nothing"):
        resource_utilization([PodSample(phase="Running", ready=True, value=5)], 1, 50, Constants())


def test_from_zero_replicas_a_total_needs_no_ready_pod() -> None:
    assert total_value([], 0, 2500, 1000, Constants()).replicas == 3
    assert total_average_value(0, 2500, 1000, Constants()).replicas == 3


def test_each_direction_has_its_own_tolerance() -> None:
    wide_down = Constants(tolerance=Tolerance(up=0.0, down=0.5))
    assert resource_utilization([running(610)] * 10, 10, 60, wide_down).replicas == 11
    assert resource_utilization([running(400)] * 10, 10, 60, wide_down).replicas == 10


pod = st.builds(
    PodSample,
    phase=st.sampled_from(["Pending", "Running", "Failed"]),
    ready=st.booleans(),
    deleting=st.booleans(),
    started_ago_s=st.sampled_from([5.0, 100.0, 4000.0]),
    ready_changed_ago_s=st.sampled_from([1.0, 50.0, 3000.0]),
    value=st.none() | st.integers(0, 3000),
    request=st.just(1000),
)


@given(st.lists(pod, min_size=1, max_size=12), st.integers(1, 200))
def test_what_is_missing_never_turns_the_direction(sampled: list[PodSample], target: int) -> None:
    current = len(sampled)
    try:
        found = resource_utilization(sampled, current, target, Constants())
    except NoMetricsError:
        return
    if any(each.value is None or each.phase == "Pending" for each in sampled) and found.value > target:
        assert found.replicas >= current or not any(
            each.value is None and each.phase == "Running" and not each.deleting for each in sampled
        )
    assert found.replicas >= 0
