"""Node groups: of a template or of eksctl, with the flags of the Cluster Autoscaler beside them."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, refused
from services.manifests import DEPLOYMENT, stack_of
from tonnage.services import ClusterAutoscaler, NodePool, Usage, eks_nodegroup
from tonnage.workload import Component, TemplateError

EKSCTL = """
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop}
managedNodeGroups:
  - {name: workers, instanceType: m6i.large, minSize: 1, maxSize: 8, desiredCapacity: 3}
"""
AUTOSCALER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cluster-autoscaler, namespace: kube-system}
spec:
  template:
    spec:
      containers:
        - image: registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0
          command:
            - ./cluster-autoscaler
            - --scale-down-unneeded-time=5m
            - --expander=least-nodes
            - --v=4
"""
GROUP = """
Workers:
  Type: AWS::EKS::Nodegroup
  Properties:
    InstanceTypes: [m6i.xlarge, m5.xlarge]
    ScalingConfig: { MinSize: 2, MaxSize: 6, DesiredSize: 4 }
"""


def control(component: Component) -> NodePool:
    (pool,) = eks_nodegroup.behaviour(component, CATALOG).controls
    assert isinstance(pool, NodePool)
    return pool


def of_eksctl(*more: str) -> Component:
    return gathered(eks_nodegroup, stack_of(DEPLOYMENT, EKSCTL, *more), "workers")  # type: ignore[arg-type]


def test_a_node_group_of_eksctl_stands_without_an_autoscaler() -> None:
    pool = control(of_eksctl())
    assert [each.name for each in pool.types] == ["m6i.large"]
    assert (pool.minimum, pool.maximum, pool.desired, pool.provisioner) == (1, 8, 3, None)


def test_a_node_group_of_a_template(tmp_path: Path) -> None:
    template = a_stack(tmp_path, GROUP)
    both = replace(template, resources={**template.resources, **stack_of(DEPLOYMENT).resources})
    pool = control(gathered(eks_nodegroup, both, "Workers"))  # type: ignore[arg-type]
    assert (pool.types[0].name, pool.minimum, pool.maximum, pool.desired) == ("m6i.xlarge", 2, 6, 4)


def test_flags_of_the_cluster_autoscaler_are_read_from_its_deployment() -> None:
    """Cluster Autoscaler FAQ, What are the parameters to CA?"""
    found = control(of_eksctl(AUTOSCALER)).provisioner
    assert found == ClusterAutoscaler(unneeded_s=300.0, expander="least-nodes")


@pytest.mark.parametrize(("old", "new"), [("=5m", "=long"), ("least-nodes", "cheapest")])
def test_flags_that_it_would_refuse_are_refused(old: str, new: str) -> None:
    with pytest.raises(TemplateError, match=new.removeprefix("=")):
        of_eksctl(AUTOSCALER.replace(old, new))


def test_its_nodes_are_paid_for() -> None:
    cost = eks_nodegroup.price(of_eksctl(), Usage(visits_per_s=0.0, provisioned={"m6i.large": 3.0}), CATALOG)
    assert cost.usd_per_h == pytest.approx(3.0 * CATALOG.instance_price("m6i.large").usd)


def test_without_deployments_nothing_runs_on_it(tmp_path: Path) -> None:
    refusal = refused(eks_nodegroup, a_stack(tmp_path, GROUP), "Workers")  # type: ignore[arg-type]
    assert "not in the file" in refusal.reason
