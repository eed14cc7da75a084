"""Policies that watch what nothing emits in this workload."""

from collections.abc import Iterator

from tonnage.advise.finding import Finding, place_of
from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.scaling._face import Unsupported
from tonnage.scaling.mechanism import MECHANISMS, read
from tonnage.scaling.watched_metric import queues_of
from tonnage.services import ScalingGroup


def metric_findings(compiled: Compiled) -> Iterator[Finding]:
    """A queue that a policy watches and no request or message reaches: its alarm never has data."""
    for behaviour in compiled.behaviours.values():
        for control in behaviour.controls:
            if isinstance(control, ScalingGroup):
                yield from _group(compiled, control)


def _group(compiled: Compiled, group: ScalingGroup) -> Iterator[Finding]:
    for policy in group.policies:
        if policy.mechanism not in MECHANISMS:
            continue
        try:
            watch = MECHANISMS[policy.mechanism].watch(read(policy))
        except Unsupported:
            continue
        for queue in sorted(queues_of(watch.metric)):
            if compiled.means.sent.get(queue, 0.0) > 0.0:
                continue
            yield Finding(
                component=component_of(group.fleet),
                what=f"{policy.name} watches the queue {component_of(queue)}, which no route sends to",
                remedy="Write a call to it under routes: in the workload file, and its consumer below it.",
                place=place_of(policy),
            )
