"""Policies that a group could get: read again, they are what they say."""

from pathlib import Path

import pytest

from tonnage.intake import Overrides, load, open_source, rebuilt
from tonnage.scaling.mechanism import describe, unsupported
from tonnage.services import (
    ScalingGroup,
    daily_minimum,
    predictive_policy,
    takes_policies,
    takes_warm_pool,
    tracking_policy,
    warm_pool,
)
from tonnage.workload import Addition, Component
from workloads import a_web_source, compiled

WEB = Component(name="Web", kind="AWS::AutoScaling::AutoScalingGroup")


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        (tracking_policy(WEB, 45), ["target tracking: CPU at 45 %"]),
        (predictive_policy(WEB, 55), ["predictive: "]),
        (daily_minimum(WEB, least=2, most=5, rise=(7, 45), fall=(20, 0)), ["45 7 * * *", "0 20 * * *"]),
    ],
)
def test_they_are_written_and_read_again(tmp_path: Path, addition: Addition, said: list[str]) -> None:
    a_web_source(tmp_path)
    source = open_source(str(tmp_path), Overrides())
    workload = load(source)
    after = rebuilt(source, workload, [addition])
    control = next(
        control for control in compiled(after).behaviours["Web"].controls if isinstance(control, ScalingGroup)
    )
    added = [p for p in control.policies if p.name in addition.resources]
    assert len(added) == len(addition.resources)
    assert all(unsupported(policy) is None for policy in added)
    lines = " ".join(describe(policy) for policy in added)
    assert all(each in lines for each in said)


def test_a_warm_pool_is_written_and_read_again(tmp_path: Path) -> None:
    a_web_source(tmp_path)
    source = open_source(str(tmp_path), Overrides())
    after = rebuilt(source, load(source), [warm_pool(WEB)])
    group = next(c for c in compiled(after).behaviours["Web"].controls if isinstance(c, ScalingGroup))
    assert group.warm_pool is not None
    assert not group.warm_pool.running
    assert takes_warm_pool(WEB)
    assert not takes_warm_pool(after.components["Web"])


def test_only_groups_take_them() -> None:
    assert takes_policies(WEB)
    assert not takes_policies(Component(name="S", kind="AWS::ECS::Service"))
