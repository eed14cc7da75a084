"""Findings: scaling that contradicts itself, and keys that no scaling helps, told with place and remedy."""

from collections.abc import Iterator

from tonnage.advise.client_findings import client_findings
from tonnage.advise.concurrency import concurrency_findings
from tonnage.advise.cross_zone import cross_zone_findings
from tonnage.advise.finding import Finding as Finding
from tonnage.advise.finding import place_of
from tonnage.advise.instance_findings import instance_findings
from tonnage.advise.metric_findings import metric_findings
from tonnage.advise.pod_findings import of_pods
from tonnage.advise.table_findings import table_findings
from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.engine.primitives import Fleet
from tonnage.scaling._face import Unsupported
from tonnage.scaling.group_metric import GroupMetric
from tonnage.scaling.mechanism import MECHANISMS, read
from tonnage.scaling.scheduled_action import ScheduledAction
from tonnage.scaling.service_target_tracking import ServiceTracking
from tonnage.scaling.simple_scaling import SimpleScaling
from tonnage.scaling.step_scaling import StepScaling
from tonnage.scaling.target_tracking import TargetTracking
from tonnage.services import (
    SCHEDULED,
    NodePool,
    PartitionSplit,
    PodGroup,
    ProvisionedScaling,
    ScalingGroup,
    TableScaling,
)
from tonnage.workload import ScalingPolicy

FULL_PERCENT = 100.0
SERVICE_TRACKING = "service target tracking"


def findings(compiled: Compiled, factor: float = 1.0) -> tuple[Finding, ...]:
    """Everything found in the scaling and the keys of a workload, in the order of the file.

    Args:
        compiled: The workload.
        factor: Largest multiple of its traffic that is judged.
    """
    found: list[Finding] = []
    controls = [control for behaviour in compiled.behaviours.values() for control in behaviour.controls]
    pools = [control for control in controls if isinstance(control, NodePool)]
    for control in controls:
        if isinstance(control, ScalingGroup | TableScaling | ProvisionedScaling):
            found += _schedule(control)
        if isinstance(control, ScalingGroup):
            found += _group(compiled, control)
        elif isinstance(control, PartitionSplit):
            found += table_findings(compiled, control, factor)
        elif isinstance(control, PodGroup):
            name = component_of(control.fleet)
            for what, remedy, policy, setting in of_pods(control, pools):
                place = compiled.workload.components[name].place if policy is None else place_of(policy, setting)
                found.append(Finding(component=name, what=what, remedy=remedy, place=place))
    for name, component in compiled.workload.components.items():
        scaled = [policy for policy in component.policies if policy.mechanism == SERVICE_TRACKING]
        if scaled and not any(isinstance(control, ScalingGroup) for control in compiled.behaviours[name].controls):
            found.append(
                Finding(
                    component=name,
                    what=f"{scaled[0].name} never acts, since there is nothing whose load it could measure",
                    remedy="Declare a reader, or give a MinCapacity of 1 or more.",
                    place=place_of(scaled[0]),
                )
            )
    return (
        *found,
        *metric_findings(compiled),
        *concurrency_findings(compiled),
        *client_findings(compiled),
    )


def _schedule(control: ScalingGroup | TableScaling | ProvisionedScaling) -> Iterator[Finding]:
    """Scheduled actions of a scalable target that raise the minimum above a maximum they do not set."""
    policies = control.policies if isinstance(control, ScalingGroup) else control.schedule
    for policy in policies:
        least, most = (policy.settings.get(name) for name in ("MinCapacity", "MaxCapacity"))
        if policy.mechanism == SCHEDULED and most is None and isinstance(least, int | float):
            others = [p.settings.get("MaxCapacity") for p in policies if p.mechanism == SCHEDULED]
            highest = max([control.maximum, *(each for each in others if isinstance(each, int | float))])
            if least > highest:
                yield Finding(
                    component=component_of(_scaled(control)),
                    what=f"{policy.name} sets a minimum of {least:g}, above the maximum of {highest:g}",
                    remedy="Let it set MaxCapacity too.",
                    place=place_of(policy, "MinCapacity"),
                )


def _scaled(control: ScalingGroup | TableScaling | ProvisionedScaling) -> str:
    if isinstance(control, ScalingGroup):
        return control.fleet
    return control.bucket if isinstance(control, TableScaling) else control.environments


def _group(compiled: Compiled, group: ScalingGroup) -> Iterator[Finding]:
    name = component_of(group.fleet)
    yield from instance_findings(compiled.workload.components[name], group)
    yield from cross_zone_findings(compiled.workload.components[name], group)
    running: list[tuple[ScalingPolicy, object]] = []
    for policy in group.policies:
        try:
            settings = read(policy)
        except Unsupported:
            continue
        running.append((policy, settings))
    dynamic = [(policy, settings) for policy, settings in running if not isinstance(settings, ScheduledAction)]
    scheduled = len(running) > len(dynamic)
    if dynamic and group.minimum == group.maximum and not scheduled:
        yield Finding(
            component=name,
            what=f"minimum and maximum are both {group.maximum}, so its {len(dynamic)} scaling policies never act",
            remedy="Make the maximum larger.",
            place=place_of(dynamic[0][0]),
        )
    for policy, settings in dynamic:
        if isinstance(settings, TargetTracking | ServiceTracking):
            yield from _target(compiled, group, policy, settings)
    if dynamic and not any(_scales_in(policy, settings) for policy, settings in dynamic) and not scheduled:
        yield Finding(
            component=name,
            what="none of its policies scales in, so capacity only ever grows",
            remedy="Let one of them scale in, or add one that does.",
            place=place_of(dynamic[0][0]),
        )
    yield from _crossed(name, dynamic)


def _target(
    compiled: Compiled, group: ScalingGroup, policy: ScalingPolicy, settings: TargetTracking | ServiceTracking
) -> Iterator[Finding]:
    name = component_of(group.fleet)
    if settings.high.metric is GroupMetric.CPU_UTILIZATION and settings.target >= FULL_PERCENT:
        yield Finding(
            component=name,
            what=f"{policy.name} tracks CPU at {settings.target:g} %, which no instance exceeds: it never scales out",
            remedy="Give a target well below 100.",
            place=place_of(policy, "TargetValue"),
        )
    carried = _requests_per_minute(compiled, group)
    if settings.high.metric is GroupMetric.REQUEST_COUNT_PER_TARGET and carried and settings.target >= carried:
        yield Finding(
            component=name,
            what=f"{policy.name} tracks {settings.target:,.0f} requests per target and minute, but one carries "
            f"{carried:,.0f} at most, so it never scales out",
            remedy=f"Give a target of at most {0.7 * carried:,.0f}.",
            place=place_of(policy, "TargetValue"),
        )


def _requests_per_minute(compiled: Compiled, group: ScalingGroup) -> float | None:
    """Requests that one instance carries in a minute, by the utilization law; None where it does no work."""
    work_s = compiled.means.work_s.get(group.fleet, 0.0)
    visits = compiled.means.visits.get(component_of(group.fleet), 0.0)
    fleet = compiled.model.primitives[group.fleet]
    assert isinstance(fleet, Fleet)
    return 60.0 * fleet.servers * fleet.speed * visits / work_s if work_s > 0 and visits > 0 else None


def _scales_in(policy: ScalingPolicy, settings: object) -> bool:
    return MECHANISMS[policy.mechanism].scales_in(settings)


def _crossed(name: str, dynamic: list[tuple[ScalingPolicy, object]]) -> Iterator[Finding]:
    """A threshold to scale in that is not below the one to scale out: the group swings for ever."""
    alarmed = [(policy, s) for policy, s in dynamic if isinstance(s, StepScaling | SimpleScaling)]
    out = [(policy, s.alarm) for policy, s in alarmed if not _scales_in(policy, s)]
    back = [(policy, s.alarm) for policy, s in alarmed if _scales_in(policy, s)]
    for up, high in out:
        for down, low in back:
            same = (high.metric, high.statistic, high.period_s) == (low.metric, low.statistic, low.period_s)
            if same and low.threshold >= high.threshold:
                yield Finding(
                    component=name,
                    what=f"{down.name} scales in at {low.threshold:g} and {up.name} out at {high.threshold:g}: between "
                    "the two they undo each other",
                    remedy="Put the threshold to scale in well below the other.",
                    place=place_of(down, "Alarm.Threshold"),
                )
