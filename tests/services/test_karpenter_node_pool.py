"""NodePools: which types they may launch, what a node offers, what it costs."""

import math

import pytest

from services.gathering import CATALOG, gathered
from services.manifests import DEPLOYMENT, POOL, stack_of
from tonnage.services import Budget, Karpenter, NodePool, Usage, karpenter_node_pool
from tonnage.services._nodes import cpu_reserved, node_type, pod_limit
from tonnage.workload import CatalogError, Component, NotModelled, TemplateError


def the_pool(text: str = POOL) -> Component:
    return gathered(karpenter_node_pool, stack_of(DEPLOYMENT, text), "default-nodepool")  # type: ignore[arg-type]


def control(text: str = POOL) -> NodePool:
    (pool,) = karpenter_node_pool.behaviour(the_pool(text), CATALOG).controls
    assert isinstance(pool, NodePool)
    return pool


def test_requirements_choose_the_types_cheapest_first() -> None:
    assert [each.name for each in control().types] == ["m6i.large", "m6i.xlarge", "m6i.2xlarge"]


@pytest.mark.parametrize(
    ("requirement", "allowed", "refused"),
    [
        ("{key: node.kubernetes.io/instance-type, operator: In, values: [c6a.large]}", "c6a.large", "m6i.large"),
        ("{key: karpenter.k8s.aws/instance-category, operator: In, values: [r]}", "r6i.large", "m6i.large"),
        ("{key: karpenter.k8s.aws/instance-family, operator: NotIn, values: [m6i]}", "m5.large", "m6i.large"),
        ("{key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ['5']}", "m6i.large", "m5.large"),
        ("{key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]}", "m5.large", "t3.large"),
    ],
)
def test_operators_of_requirements(requirement: str, allowed: str, refused: str) -> None:
    """Karpenter documentation, NodePools, requirements: In, NotIn, Gt, Lt over well-known labels."""
    first = POOL.index("        - {key")
    last = POOL.index("  limits:")
    names = {each.name for each in control(POOL[:first] + f"        - {requirement}\n" + POOL[last:]).types}
    assert allowed in names
    assert refused not in names


def test_disruption_is_read_with_budgets_and_durations() -> None:
    assert control().provisioner == Karpenter(
        consolidation="WhenEmpty",
        after_s=90.0,
        budgets=(
            Budget(share=0.2),
            Budget(nodes=0, reasons=("Underutilized",), schedule="0 9 * * *", duration_s=8 * 3600.0),
        ),
        cpu_limit=100.0,
    )


def test_defaults_are_those_of_karpenter() -> None:
    """Karpenter documentation, Disruption: consolidateAfter 0 s, one budget of 10 %."""
    bare = POOL[: POOL.index("  limits:")]
    assert control(bare).provisioner == Karpenter(after_s=0.0, budgets=(Budget(share=0.1),), cpu_limit=math.inf)


def test_a_node_keeps_cpu_and_memory_for_itself() -> None:
    """awslabs/amazon-eks-ami: 6, 1, 0.5, 0.5 and then 0.25 % of the cores; 255 MiB and 11 MiB for each pod."""
    assert cpu_reserved(2) == pytest.approx(0.07)
    assert cpu_reserved(4) == pytest.approx(0.08)
    assert cpu_reserved(16) == pytest.approx(0.11)
    large = node_type("m6i.large", CATALOG, 0.15, 0.0, 2)
    assert large.cpu == pytest.approx(2 - 0.07 - 0.15)
    assert large.memory_mib == pytest.approx(8192 - 255 - 11 * 29 - 100)
    assert large.pods == 27


@pytest.mark.parametrize(
    ("name", "pods"), [("m6i.large", 29), ("t3.large", 35), ("t3.medium", 17), ("m6i.4xlarge", 110), ("m7g.medium", 8)]
)
def test_pods_per_node(name: str, pods: int) -> None:
    """awslabs/amazon-eks-ami, eni-max-pods.txt; Amazon EKS user guide: at most 110 below 30 vCPUs."""
    assert pod_limit(CATALOG.instance_type(name)) == pods


def test_nodes_are_paid_for_by_their_types() -> None:
    usage = Usage(visits_per_s=0.0, provisioned={"m6i.large": 2.5})
    cost = karpenter_node_pool.price(the_pool(), usage, CATALOG)
    assert cost.usd_per_h == pytest.approx(2.5 * CATALOG.instance_price("m6i.large").usd)
    spot = POOL.replace(
        "      requirements:\n",
        "      requirements:\n        - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}\n",
    )
    assert "Spot" in karpenter_node_pool.price(the_pool(spot), usage, CATALOG).notes[0]


@pytest.mark.parametrize(("old", "new"), [("WhenEmpty", "Sometimes"), ("1m30s", "soon")])
def test_what_karpenter_would_refuse_is_refused_at_its_place(old: str, new: str) -> None:
    with pytest.raises(TemplateError, match=new) as caught:
        the_pool(POOL.replace(old, new))
    assert caught.value.place is not None


def test_requirements_that_nothing_meets_are_refused() -> None:
    with pytest.raises(CatalogError, match="no instance type"):
        control(POOL.replace("[m6i, m7g]", "[z9]"))


def test_without_deployments_nothing_runs_on_it() -> None:
    stack = stack_of(POOL)
    refusal = karpenter_node_pool.gather(stack.resources["default-nodepool"], stack)
    assert isinstance(refusal, NotModelled)
    assert refusal.matters
