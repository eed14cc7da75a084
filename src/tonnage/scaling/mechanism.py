"""The mechanisms by name, what can be run, and what a policy is in one line."""

from collections.abc import Mapping
from typing import Any

from tonnage.scaling import (
    horizontal_pod_autoscaler,
    predictive_scaling,
    scheduled_action,
    service_schedule,
    service_target_tracking,
    simple_scaling,
    step_scaling,
    target_tracking,
)
from tonnage.scaling._face import Mechanism, Unsupported
from tonnage.services import SCHEDULED, SUSPENDED
from tonnage.workload import ScalingPolicy, WorkloadError

MECHANISMS: Mapping[str, Mechanism] = {
    "target tracking": target_tracking,
    "step": step_scaling,
    "simple": simple_scaling,
    "service target tracking": service_target_tracking,
}
"""By ``ScalingPolicy.mechanism``."""


def read(policy: ScalingPolicy) -> Any:  # noqa: ANN401 - each mechanism has its own type
    """Settings of a policy, of its mechanism's own type.

    Raises:
        WorkloadError: A value that AWS would refuse, or a mechanism nobody knows.
        Unsupported: AWS would run it, Tonnage cannot.
    """
    if policy.settings.get(SUSPENDED):
        raise Unsupported("SuspendedState of its scalable target suspends it")
    if policy.mechanism == scheduled_action.MECHANISM:
        return scheduled_action.read(policy)
    if policy.mechanism == SCHEDULED:
        return service_schedule.read(policy)
    if policy.mechanism == predictive_scaling.MECHANISM:
        return predictive_scaling.read(policy)
    if policy.mechanism == horizontal_pod_autoscaler.MECHANISM:
        return horizontal_pod_autoscaler.read(policy)
    if policy.mechanism not in MECHANISMS:
        raise WorkloadError(
            f"Scaling policy {policy.name} has the mechanism {policy.mechanism!r}",
            remedy=f"Use one of {', '.join(MECHANISMS)}.",
        )
    return MECHANISMS[policy.mechanism].read(policy)


def unsupported(policy: ScalingPolicy) -> str | None:
    """Why a policy is left out of the simulation; None if it is run.

    Raises:
        WorkloadError: A value that AWS would refuse.
    """
    try:
        read(policy)
    except Unsupported as reason:
        return str(reason)
    return None


def levers(policy: ScalingPolicy) -> Mapping[str, tuple[float, ...]]:
    """Values worth trying for each setting of a policy; nothing where none can be turned."""
    if policy.mechanism == horizontal_pod_autoscaler.MECHANISM and unsupported(policy) is None:
        return horizontal_pod_autoscaler.levers(policy)
    if policy.mechanism not in MECHANISMS or unsupported(policy) is not None:
        return {}
    return MECHANISMS[policy.mechanism].levers(policy)


def describe(policy: ScalingPolicy) -> str:
    """One line for a report: "target tracking: CPU at 60 %, warm-up 300 s".

    Raises:
        WorkloadError: A value that AWS would refuse.
    """
    try:
        settings = read(policy)
        if policy.mechanism in {scheduled_action.MECHANISM, SCHEDULED}:
            return f"scheduled: {scheduled_action.describe(settings)}"
        if policy.mechanism == predictive_scaling.MECHANISM:
            return f"predictive: {predictive_scaling.describe(settings)}"
        if policy.mechanism == horizontal_pod_autoscaler.MECHANISM:
            return horizontal_pod_autoscaler.describe(settings)
        return MECHANISMS[policy.mechanism].describe(settings)
    except Unsupported as reason:
        return f"{policy.mechanism}: not run, {reason}"
