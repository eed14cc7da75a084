"""Scaling for what has none: policies that a component could get, with bounds from the simulation.

Sources: CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy; Application Auto Scaling user
guide, predefined metrics.
"""

import math
from collections.abc import Iterator, Mapping

from tonnage.emit.near_limit import NearLimit
from tonnage.services._group_policies import takes_policies, tracking_policy
from tonnage.workload import Addition, Component, Reference, Text, Value, Workload

CPU_PERCENT = 50
"""Half: room for what comes while new capacity starts."""
UNITS_PERCENT = 70
_SPARE = 2.0
_AAS = "AWS::ApplicationAutoScaling::"


def scaling(workload: Workload, near: NearLimit) -> tuple[Addition, ...]:
    """Additions for services, groups and tables whose capacity nothing changes.

    Args:
        workload: The workload.
        near: How it stands near its load line.
    """
    return tuple(each for component in workload.components.values() for each in _of(component, near))


def _of(component: Component, near: NearLimit) -> Iterator[Addition]:
    if component.policies or not component.origins:
        return
    if takes_policies(component):
        smallest, largest = component.settings.get("MinSize"), component.settings.get("MaxSize")
        if smallest != largest:
            yield tracking_policy(component, CPU_PERCENT)
    elif component.kind == "AWS::ECS::Service":
        yield _service(component, near)
    elif component.kind == "AWS::DynamoDB::Table" and component.settings.get("BillingMode") != "PAY_PER_REQUEST":
        yield _table(component)


def _service(component: Component, near: NearLimit) -> Addition:
    now = int(float(str(component.settings.get("DesiredCount") or 1)))
    busy = near.busy.get(component.name, 0.0)
    # At four fifths of the load line the tasks are so busy; twice that load at half of the CPU needs so many.
    most = max(2 * now, math.ceil(_SPARE * now * busy / (CPU_PERCENT / 100.0)))
    cluster = component.settings.get("Cluster")
    resource = Text(
        (
            "service/",
            cluster if isinstance(cluster, Reference) else str(cluster or "default"),
            "/",
            Reference(component.name, "Name"),
        )
    )
    return Addition(
        component=component.name,
        title=f"scaling of {component.name}: {now} to {most} tasks, average CPU at {CPU_PERCENT} %",
        resources=_pair(
            component.name,
            "",
            {
                "MinCapacity": now,
                "MaxCapacity": most,
                "ResourceId": resource,
                "ScalableDimension": "ecs:service:DesiredCount",
                "ServiceNamespace": "ecs",
            },
            "ECSServiceAverageCPUUtilization",
            CPU_PERCENT,
        ),
        because="nothing changes the number of tasks with the load",
    )


def _table(component: Component) -> Addition:
    made: dict[str, Mapping[str, Value]] = {}
    for way in ("Read", "Write"):
        now = int(float(str(component.settings.get(f"{way}CapacityUnits") or 1)))
        made.update(
            _pair(
                component.name,
                f"{way}s",
                {
                    "MinCapacity": now,
                    "MaxCapacity": 10 * now,
                    "ResourceId": Text(("table/", Reference(component.name))),
                    "ScalableDimension": f"dynamodb:table:{way}CapacityUnits",
                    "ServiceNamespace": "dynamodb",
                },
                f"DynamoDB{way}CapacityUtilization",
                UNITS_PERCENT,
            )
        )
    return Addition(
        component=component.name,
        title=f"scaling of {component.name}'s units, {UNITS_PERCENT} % of them used, up to ten times what there is",
        resources=made,
        because="provisioned units stay as they are, whatever is asked",
    )


def _pair(
    name: str, what: str, target: Mapping[str, Value], metric: str, percent: int
) -> dict[str, Mapping[str, Value]]:
    base = "".join(each for each in name.title() if each.isalnum()) if not name.isalnum() else name
    scalable, policy = f"{base}{what}Scaling", f"{base}{what}Tracking"
    return {
        scalable: {"Type": f"{_AAS}ScalableTarget", "Properties": target},
        policy: {
            "Type": f"{_AAS}ScalingPolicy",
            "Properties": {
                "PolicyName": policy,
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": Reference(scalable),
                "TargetTrackingScalingPolicyConfiguration": {
                    "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
                    "TargetValue": percent,
                },
            },
        },
    }
