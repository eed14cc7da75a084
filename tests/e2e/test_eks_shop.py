"""The example on Kubernetes from manifests to a patch of them, and its scaling told with reasons."""

import json
import shutil
from pathlib import Path

import pytest

from command_line import run
from shared_data import ROOT

pytestmark = pytest.mark.e2e

EXAMPLE = ROOT / "examples" / "eks-shop"


def test_a_replay_tells_of_pods_and_of_the_nodes_they_wait_for() -> None:
    result = run("simulate", str(EXAMPLE), "--format", "json", "--quiet")
    assert result.code == 0, result.err
    activities = json.loads(result.out)["activities"]
    fleets = ("web/cpu", "default-nodepool")
    reasons = {name: [a["reason"] for a in activities if a["fleet"] == name] for name in fleets}
    assert any("against 80 %" in reason for reason in reasons["web/cpu"])
    assert any("no room: m6i." in reason for reason in reasons["default-nodepool"])
    assert any("goes: " in reason for reason in reasons["default-nodepool"])


def test_a_recommendation_is_a_patch_of_the_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "eks-shop"
    shutil.copytree(EXAMPLE, folder)
    patch = tmp_path / "better.patch"
    result = run("review", str(folder), "--window", "60", "--quiet", "--patch", str(patch))
    assert result.code in {0, 1}, result.err
    text = patch.read_text()
    assert "k8s/shop.yaml" in text
    changed = [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert changed
    assert all("cpu" in line or "Replicas" in line or "averageUtilization" in line for line in changed)


def test_manifests_alone_are_an_architecture() -> None:
    result = run("review", str(EXAMPLE / "k8s"), "--no-advise", "--window", "60", "--quiet", "--format", "json")
    assert result.code in {0, 1}, result.err
    components = json.loads(result.out)["loads"][0]["components"]
    assert {"catalog", "default-nodepool", "shop-ingress", "web"} == set(components)
