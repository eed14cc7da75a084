"""Manifests read: several documents, lists, node groups of eksctl, places, and what is refused."""

import pytest

from tonnage.iac.read_manifests import interpret_manifests, is_manifest
from tonnage.workload import TemplateError

TWO = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
---
# nothing here
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
"""


def test_every_document_is_a_resource_with_places() -> None:
    stack = interpret_manifests(TWO, "k8s.yaml", "us-east-1").stack
    assert {name: each.kind for name, each in stack.resources.items()} == {
        "web": "Kubernetes::Deployment",
        "web-service": "Kubernetes::Service",
    }
    web = stack.resources["web"]
    assert web.get("spec", "replicas") == 3
    assert str(web.place_of("spec", "replicas")) == "k8s.yaml:6:3"


def test_lists_and_clusters_of_eksctl_hold_several() -> None:
    text = """apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: a}}
  - {apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: default}}
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop}
managedNodeGroups:
  - name: workers
    instanceType: m6i.large
    maxSize: 5
"""
    stack = interpret_manifests(text, "k8s.yaml", "us-east-1").stack
    assert {name: each.kind for name, each in stack.resources.items()} == {
        "a-service": "Kubernetes::Service",
        "default-nodepool": "Karpenter::NodePool",
        "workers": "eksctl::NodeGroup",
        "shop-clusterconfig": "eksctl::ClusterConfig",
    }
    assert stack.resources["workers"].place_of("maxSize").line == 13


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("kind: Service\n", "no apiVersion and kind"),
        ("apiVersion: v1\nkind: Service\n", "no metadata.name"),
        (TWO + "---\n" + TWO, "two resources web"),
        ("apiVersion: v1\nkind: {{ .Values.kind }}\n", "Helm template"),
        ("- a\n- b\n", "not a mapping"),
        ("apiVersion: v1\nkind: [\n", "Not valid YAML"),
        ("---\n---\n", "is empty"),
        ("apiVersion: v1\nkind: Service\nkind: Service\n", "written twice"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what):
        interpret_manifests(text, "k8s.yaml", "us-east-1")


def test_values_of_aliases_are_bounded() -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: bomb}", "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 9)]
    with pytest.raises(TemplateError, match="unfolds"):
        interpret_manifests("\n".join(lines), "k8s.yaml", "us-east-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [(TWO, True), ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n", False), ('{"apiVersion": "v1"}', True)],
)
def test_manifests_are_told_from_templates(text: str, expected: bool) -> None:
    assert is_manifest(text) is expected
