"""Manifests edited by place: nothing but the value differs, and what is not safe is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.iac.edit import SetProperty
from tonnage.iac.edit_manifests import edit_manifests
from tonnage.workload import Path, TemplateError, Value

TEXT = """# the shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3 # at the start
  template:
    spec:
      containers:
        - name: web
          resources:
            limits: {cpu: "1", memory: 1Gi}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  maxReplicas: 10
"""
CPU: Path = ("spec", "template", "spec", "containers", 0, "resources", "limits", "cpu")


def edited(resource: str, path: Path, value: Value) -> str:
    return edit_manifests(TEXT, "k8s.yaml", [SetProperty(resource=resource, path=path, value=value)], "us-east-1")


def test_a_value_is_replaced_where_it_is_written() -> None:
    assert edited("web", ("spec", "replicas"), 5) == TEXT.replace("replicas: 3 #", "replicas: 5 #")
    assert edited("web", CPU, "2000m") == TEXT.replace('cpu: "1"', 'cpu: "2000m"')
    assert edited("web-hpa", ("spec", "maxReplicas"), 20) == TEXT.replace("10\n", "20\n")


def test_an_absent_value_is_put_into_the_nearest_mapping() -> None:
    new = edited("web-hpa", ("spec", "behavior", "scaleDown", "stabilizationWindowSeconds"), 60)
    lines = "  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 60\n"
    assert new == TEXT + lines


def test_nothing_changes_where_the_value_is_already_there() -> None:
    assert edited("web", ("spec", "replicas"), 3) == TEXT


def test_a_value_is_removed() -> None:
    assert edited("web", ("spec", "replicas"), None) == TEXT.replace("  replicas: 3 # at the start\n", "")


def test_what_an_anchor_shares_is_refused() -> None:
    text = """apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: &spec
  replicas: &count 3
other: {again: *count}
"""
    edit = SetProperty(resource="a", path=("spec", "replicas"), value=5)
    with pytest.raises(TemplateError, match="anchor"):
        edit_manifests(text, "k8s.yaml", [edit], "us-east-1")


def test_a_place_that_cannot_be_is_refused() -> None:
    with pytest.raises(TemplateError, match="no place"):
        edited("web", ("spec", "template", "spec", "containers", 4, "name"), "x")


@given(st.integers(0, 500), st.integers(1, 4000))
def test_edits_are_read_back_whatever_the_numbers(replicas: int, milli: int) -> None:
    edits = [
        SetProperty(resource="web", path=("spec", "replicas"), value=replicas),
        SetProperty(resource="web", path=CPU, value=f"{milli}m"),
    ]
    new = edit_manifests(TEXT, "k8s.yaml", edits, "us-east-1")
    assert f"replicas: {replicas} #" in new
    assert f'cpu: "{milli}m"' in new
