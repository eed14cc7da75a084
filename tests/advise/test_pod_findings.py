"""Findings about pods: what can never act is told with a remedy."""

from dataclasses import replace

import pytest

from scaling.clusters import LARGE, a_pool, autoscaled, pods_of
from tonnage.advise.pod_findings import of_pods
from tonnage.services import Karpenter, PodGroup

NODES = [a_pool(LARGE, provisioner=Karpenter())]


def told(group: PodGroup) -> list[str]:
    return [what for what, _, _, _ in of_pods(group, NODES)]


def test_what_can_act_is_not_told() -> None:
    assert told(pods_of(autoscaled(60))) == []


@pytest.mark.parametrize(
    ("group", "what"),
    [
        (pods_of(autoscaled(60, minReplicas=50)), "never acts"),
        (replace(pods_of(autoscaled(60)), cpu=0.0), "request none"),
        (pods_of(autoscaled(95)), "a pod can use 100 %"),
        (pods_of(autoscaled(60), cpu=3.0), "no node offers"),
    ],
)
def test_what_can_never_act_is_told(group: PodGroup, what: str) -> None:
    (found,) = told(group)
    assert what in found


def test_within_the_tolerance_nothing_is_done_so_the_target_must_leave_room_for_it() -> None:
    """Kubernetes documentation: tolerance 0.1; 100 % against 91 % is a ratio of 1.099."""
    assert told(pods_of(autoscaled(91))) != []
    assert told(pods_of(autoscaled(90))) == []
