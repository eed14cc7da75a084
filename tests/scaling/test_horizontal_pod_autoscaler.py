"""The autoscaler as a whole: manifests read, several metrics, windows and rates in one pass."""

import pytest

from scaling.hpa_cases import Case, cases, constants, pods
from tonnage.scaling._face import Unsupported
from tonnage.scaling.horizontal_pod_autoscaler import (
    START,
    HorizontalPodAutoscaler,
    Memory,
    Metric,
    Observation,
    decide,
    describe,
    desired_replicas,
    levers,
    read,
)
from tonnage.scaling.replica_calculator import Constants, PodSample, Proposal, resource_utilization
from tonnage.workload import ScalingPolicy, Value, WorkloadError

CPU_60: Value = ({"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 60}}},)


def policy(**settings: Value) -> ScalingPolicy:
    return ScalingPolicy(
        name="web", mechanism="horizontal pod autoscaler", settings={"maxReplicas": 100, "metrics": CPU_60} | settings
    )


def busy(percent: int, count: int) -> list[PodSample]:
    return [PodSample(phase="Running", ready=True, value=10 * percent, request=1000)] * count


def passes(hpa: HorizontalPodAutoscaler, current: int, percents: list[int], memory: Memory = START) -> list[int]:
    """Replicas after each pass, one every 15 s, all pods ready at once."""
    found = []
    for k, percent in enumerate(percents):
        seen = Observation(time_s=15.0 * k, current=current, cpu=busy(percent, current))
        memory, decision = decide(hpa, memory, seen)
        current = decision.replicas
        found.append(current)
    return found


@pytest.mark.parametrize("case", cases("several_metrics"))
def test_several_metrics_of_the_controllers_unit_tests(case: Case) -> None:
    """Kubernetes, horizontal_test.go; the case's ``source`` names the commit."""
    given = case["input"]
    wishes: list[tuple[str, Proposal | None]] = [
        ("failed", None)
        if "error" in metric
        else ("cpu", resource_utilization(pods(metric), given["current_replicas"], metric["target"], constants(given)))
        for metric in given["metrics"]
    ]
    found = desired_replicas(wishes, given["current_replicas"])
    assert found is not None
    assert found[0] == case["expected"]["replicas"]


def test_a_failed_metric_holds_back_scaling_down() -> None:
    """Kubernetes documentation, Horizontal Pod Autoscaling, scaling on multiple metrics."""
    assert desired_replicas([("cpu", Proposal(replicas=2, value=10)), ("external", None)], 5) is None
    assert desired_replicas([("external", None)], 5) is None


def test_scaling_up_is_at_once_and_down_waits_for_the_window() -> None:
    assert passes(read(policy()), 10, [90]) == [15]
    falling = passes(read(policy()), 10, [60] + [20] * 21)
    # 300 s of window: the pass that asked for 10 stops counting 300 s after it, at the 21st.
    assert falling == [10] * 20 + [4, 4]


def test_without_behavior_one_pass_at_most_doubles_and_gives_at_least_four() -> None:
    assert passes(read(policy()), 1, [1000, 1000]) == [4, 8]


def test_behavior_limits_the_rate_over_several_passes() -> None:
    rules: Value = {"scaleUp": {"policies": ({"type": "Pods", "value": 3, "periodSeconds": 60},)}}
    assert passes(read(policy(behavior=rules)), 10, [600] * 5) == [13, 13, 13, 13, 16]


def test_a_window_of_scaling_up_takes_the_lowest_wish() -> None:
    hpa = read(policy(behavior={"scaleUp": {"stabilizationWindowSeconds": 60}}))
    assert passes(hpa, 10, [60, 120, 120, 120, 120]) == [10, 10, 10, 10, 20]


def test_counts_outside_the_bounds_are_brought_inside_whatever_the_metric_says() -> None:
    hpa = read(policy(minReplicas=3, maxReplicas=6))
    for before, after in ((1, 3), (9, 6)):
        _, decision = decide(hpa, START, Observation(time_s=0.0, current=before, cpu=busy(60, before)))
        assert decision.replicas == after
        assert f"is {after}" in decision.reason


def test_no_metrics_no_change() -> None:
    missing = [PodSample(phase="Running", ready=True, request=1000)] * 4
    _, decision = decide(read(policy()), START, Observation(time_s=0.0, current=4, cpu=missing))
    assert decision.replicas == 4


def test_the_reason_says_what_was_seen_and_what_held_it_back() -> None:
    _, decision = decide(read(policy(maxReplicas=12)), START, Observation(time_s=0.0, current=10, cpu=busy(90, 10)))
    assert decision.reason == "cpu 90 % against 60 % asks for 15, maxReplicas"


def test_request_rates_are_read_as_what_each_type_means_by_them() -> None:
    per_pod: Value = (
        {"type": "Pods", "pods": {"metric": {"name": "http_requests"}, "target": {"averageValue": "1500m"}}},
        {
            "type": "Object",
            "object": {"metric": {"name": "requests-per-second"}, "target": {"value": "10k"}},
        },
        {"type": "External", "external": {"metric": {"name": "alb_requests"}, "target": {"averageValue": 50}}},
    )
    hpa = read(policy(metrics=per_pod))
    assert hpa.metrics == (
        Metric(kind="requests per pod", name="http_requests", target=1500),
        Metric(kind="requests", name="requests-per-second", target=10_000_000),
        Metric(kind="requests average", name="alb_requests", target=50_000),
    )
    one = [PodSample(phase="Running", ready=True, value=3000)] * 4
    seen = Observation(time_s=0.0, current=4, requests=one, requests_per_s=12.0, constants=Constants())
    _, decision = decide(read(policy(metrics=per_pod[:1])), START, seen)
    assert decision.replicas == 8


@pytest.mark.parametrize("name", ["sqs_messages_visible", "http_request_duration_seconds", "requests_in_flight"])
def test_metrics_that_are_not_simulated_are_left_out_with_a_reason(name: str) -> None:
    external: Value = {"type": "External", "external": {"metric": {"name": name}, "target": {"averageValue": 5}}}
    with pytest.raises(Unsupported, match=name):
        read(policy(metrics=(external,)))
    memory: Value = {"type": "Resource", "resource": {"name": "memory", "target": {"averageUtilization": 70}}}
    assert "left out: memory" in describe(read(policy(metrics=(CPU_60[0], memory))))  # type: ignore[index]


def test_without_metrics_cpu_is_kept_at_80_percent_of_the_request() -> None:
    """Kubernetes API reference, HorizontalPodAutoscalerSpec: the default metric."""
    assert read(policy(metrics=None)).metrics == (Metric(kind="cpu utilization", name="cpu", target=80),)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"minReplicas": 200}, "above maxReplicas"),
        ({"maxReplicas": None}, "maxReplicas"),
        ({"behavior": {"scaleUp": {"stabilizationWindowSeconds": 4000}}}, "4000"),
        ({"behavior": {"scaleUp": {"policies": ({"type": "Pods", "value": 4, "periodSeconds": 1801},)}}}, "1801"),
        ({"behavior": {"scaleUp": {"policies": ({"type": "Some", "value": 4, "periodSeconds": 60},)}}}, "Some"),
        ({"metrics": ({"type": "Resource"},)}, "resource"),
        ({"metrics": ({"type": "Resource", "resource": {"name": "cpu"}},)}, "target"),
        (
            {"metrics": ({"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"averageValue": "many"}}},)},
            "many",
        ),
    ],
)
def test_what_the_api_server_would_refuse_is_refused(settings: dict[str, Value], what: str) -> None:
    with pytest.raises(WorkloadError, match=what):
        read(policy(**settings))


def test_scaling_to_zero_is_left_out() -> None:
    with pytest.raises(Unsupported, match="HPAScaleToZero"):
        read(policy(minReplicas=0))


def test_levers_are_the_target_and_the_windows() -> None:
    found = levers(
        policy(
            **{
                "metrics.0.resource.target.averageUtilization": 60,
                "behavior.scaleDown.stabilizationWindowSeconds": 120,
            }
        )
    )
    assert found["metrics.0.resource.target.averageUtilization"] == (30, 40, 50, 60, 70, 80, 100, 120)
    assert 120 in found["behavior.scaleDown.stabilizationWindowSeconds"]
