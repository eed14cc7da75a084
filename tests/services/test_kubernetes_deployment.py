"""Deployments: what a pod requests and may use, how many there are, how they are reached."""

from dataclasses import replace

import pytest

from services.gathering import CATALOG, PRESSED, gathered, holds_for_every_room, titles
from services.manifests import AUTOSCALER, DEPLOYMENT, INGRESS, SERVICE, stack_of
from tonnage.engine.primitives import Fleet, Pool
from tonnage.scaling.mechanism import describe, levers, unsupported
from tonnage.services import PodGroup, Situation, kubernetes_deployment
from tonnage.workload import Component, NotModelled, TemplateError, declared

BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 25%
  selector: {matchLabels: {app: web}}
"""


def the_deployment(*manifests: str, text: str = DEPLOYMENT) -> Component:
    return gathered(kubernetes_deployment, stack_of(text, *manifests), "web")  # type: ignore[arg-type]


def parts(component: Component) -> tuple[Fleet, Pool, PodGroup]:
    behaviour = kubernetes_deployment.behaviour(component, CATALOG)
    fleet, workers = behaviour.primitives["web/cpu"], behaviour.primitives["web/workers"]
    (group,) = behaviour.controls
    assert isinstance(fleet, Fleet)
    assert isinstance(workers, Pool)
    assert isinstance(group, PodGroup)
    return fleet, workers, group


def test_a_deployment_holds_what_every_room_does() -> None:
    holds_for_every_room(kubernetes_deployment, the_deployment(AUTOSCALER))  # type: ignore[arg-type]


def test_a_pod_uses_its_limit_and_takes_its_request_of_a_node() -> None:
    fleet, _, group = parts(the_deployment(AUTOSCALER))
    assert (fleet.servers, fleet.speed, fleet.instances) == (1, 1.5, 4)
    assert (group.cpu, group.memory_mib, group.cores) == (0.5, 512.0, 1.5)
    assert (group.minimum, group.maximum, group.desired, group.drain_s) == (2, 20, 4, 30.0)


def test_without_a_limit_a_pod_is_taken_to_have_a_core() -> None:
    fleet, _, group = parts(the_deployment(text=DEPLOYMENT.replace("            limits: {cpu: 1500m}\n", "")))
    assert (fleet.speed, group.cores, group.cpu) == (1.0, 1.0, 0.5)
    assert (group.minimum, group.maximum) == (4, 4)


def test_a_limit_alone_is_the_request_too() -> None:
    """Kubernetes documentation, Resource Management for Pods and Containers."""
    _, _, group = parts(the_deployment(text=DEPLOYMENT.replace("{cpu: 500m, memory: 512Mi}", "{memory: 512Mi}")))
    assert group.cpu == 1.5


def test_requests_of_several_containers_add_up() -> None:
    sidecar = DEPLOYMENT + "        - {name: proxy, resources: {requests: {cpu: 100m, memory: 64Mi}}}\n"
    _, _, group = parts(the_deployment(text=sidecar))
    assert group.cpu == pytest.approx(0.6)
    assert group.memory_mib == pytest.approx(576.0)


def test_pods_behind_an_ingress_of_addresses_are_chosen_by_it_else_at_random() -> None:
    """AWS Load Balancer Controller, target-type; Kubernetes documentation, Virtual IPs: iptables chooses at random."""
    assert parts(the_deployment(SERVICE))[0].rule == "random"
    assert parts(the_deployment(SERVICE, INGRESS))[0].rule == "least outstanding"
    by_node = INGRESS.replace("target-type: ip", "target-type: instance")
    assert parts(the_deployment(SERVICE, by_node))[0].rule == "random"


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (BUDGET, 1),  # 25 % of the two least pods is one, rounded up
        (BUDGET.replace("maxUnavailable: 25%", "maxUnavailable: 1"), 1),
        (BUDGET.replace("maxUnavailable: 25%", "minAvailable: 80%"), 2),
        (BUDGET.replace("web}}", "api}}"), 0),
    ],
)
def test_a_disruption_budget_says_how_many_pods_must_stay(budget: str, expected: int) -> None:
    assert parts(the_deployment(AUTOSCALER, budget))[2].min_available == expected


def test_the_autoscaler_is_told_in_a_line_and_its_target_is_a_lever() -> None:
    (policy,) = the_deployment(AUTOSCALER).policies
    assert describe(policy) == "horizontal pod autoscaler: cpu 60 %, 2 to 20 replicas"
    name = "metrics.0.resource.target.averageUtilization"
    assert levers(policy)[name] == (30, 40, 50, 60, 70, 80, 100, 120)
    place = policy.origins[name].place
    assert place is not None
    assert place.line == 26


def test_pressed_it_proposes_more_pods_an_earlier_target_and_larger_pods() -> None:
    found = titles(kubernetes_deployment.knobs(the_deployment(AUTOSCALER), PRESSED, CATALOG))
    assert "web maxReplicas 20 → 30" in found
    assert "web-hpa metrics.0.resource.target.averageUtilization 60 → 48" in found
    assert "web limits.cpu 1500m → 3000m" in found


def test_idle_it_proposes_fewer_pods() -> None:
    found = list(kubernetes_deployment.knobs(the_deployment(AUTOSCALER), Situation(utilization=0.1), CATALOG))
    assert [change.title for change in found] == ["web minReplicas 2 → 1"]


def test_characteristics_are_the_users() -> None:
    own = {"start_time": declared(75.0, "s", "measured"), "workers": declared(8.0, "1", "gunicorn")}
    _, workers, group = parts(replace(the_deployment(), characteristics=own))
    assert (workers.capacity, group.start_s) == (8, 75.0)


def test_what_runs_the_cluster_carries_no_requests() -> None:
    system = DEPLOYMENT.replace("{name: web}", "{name: web, namespace: kube-system}", 1)
    stack = stack_of(system)
    refusal = kubernetes_deployment.gather(stack.resources["web"], stack)
    assert isinstance(refusal, NotModelled)
    assert not refusal.matters


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (DEPLOYMENT.replace("500m", "half"), "requests.cpu"),
        (DEPLOYMENT.replace("replicas: 4", "replicas: many"), "replicas"),
        (DEPLOYMENT + "---" + AUTOSCALER.replace("minReplicas: 2", "minReplicas: 30"), "contradict"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(text: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what) as caught:
        the_deployment(text=text)
    assert caught.value.place is not None


def test_a_change_of_a_bound_or_a_target_reaches_the_autoscaler() -> None:
    component = the_deployment(AUTOSCALER)
    (policy,) = component.policies
    changed = replace(
        component,
        settings={**component.settings, "maxReplicas": 33},
        policies=(replace(policy, settings={**policy.settings, "metrics.0.resource.target.averageUtilization": 45}),),
    )
    (running,) = parts(changed)[2].policies
    assert describe(running) == "horizontal pod autoscaler: cpu 45 %, 2 to 33 replicas"


def test_scaling_to_zero_is_told_as_left_out() -> None:
    component = the_deployment(AUTOSCALER.replace("minReplicas: 2", "minReplicas: 0"))
    (running,) = parts(component)[2].policies
    assert "HPAScaleToZero" in str(unsupported(running))
