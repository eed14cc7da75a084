"""Policies, scheduled actions and a warm pool that an Auto Scaling group could get, as resources of a template.

Source: CloudFormation, AWS::AutoScaling::ScalingPolicy, AWS::AutoScaling::ScheduledAction, AWS::AutoScaling::WarmPool.
"""

from tonnage.services._group_life import WARM_POOL
from tonnage.services._mixed_instances import is_mixed
from tonnage.services._scaling_policies import GROUP, POLICY, SCHEDULED_ACTION
from tonnage.workload import Addition, Component, Reference, Value


def takes_policies(component: Component) -> bool:
    """Whether it is a group to which these can be added: one that scales by whole instances."""
    return component.kind == GROUP


def tracking_policy(component: Component, target_percent: int) -> Addition:
    """Target tracking of the average CPU."""
    return Addition(
        component=component.name,
        title=f"a target tracking policy for {component.name}: average CPU at {target_percent} %",
        resources={
            f"{component.name}TargetTracking": {
                "Type": POLICY,
                "Properties": {
                    "AutoScalingGroupName": Reference(component.name),
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingConfiguration": {
                        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                        "TargetValue": target_percent,
                    },
                },
            }
        },
        because="nothing changes the size of the group with its load"
        if not component.policies
        else "target tracking scales in proportion to the load; of several policies the largest capacity wins",
    )


def predictive_policy(component: Component, target_percent: int) -> Addition:
    """Predictive scaling by the CPU, ten minutes before the hour."""
    return Addition(
        component=component.name,
        title=f"predictive scaling for {component.name}: forecast CPU at {target_percent} %",
        resources={
            f"{component.name}Forecast": {
                "Type": POLICY,
                "Properties": {
                    "AutoScalingGroupName": Reference(component.name),
                    "PolicyType": "PredictiveScaling",
                    "PredictiveScalingConfiguration": {
                        "Mode": "ForecastAndScale",
                        "SchedulingBufferTime": 600,
                        "MetricSpecifications": (
                            {
                                "TargetValue": target_percent,
                                "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"},
                            },
                        ),
                    },
                },
            }
        },
        because="capacity is there before the load that comes every day",
        caveat="AWS forecasts by its own unpublished method; run it as ForecastOnly first and compare",
    )


def daily_minimum(
    component: Component, *, least: int, most: int, rise: tuple[int, int], fall: tuple[int, int]
) -> Addition:
    """Two scheduled actions: a higher minimum for the busy hours of every day.

    Args:
        component: The group.
        least: Minimum outside them.
        most: Minimum within them.
        rise: Hour and minute at which they begin, UTC.
        fall: Hour and minute at which they end, UTC.
    """

    def action(at: tuple[int, int], minimum: int) -> dict[str, Value]:
        return {
            "Type": SCHEDULED_ACTION,
            "Properties": {
                "AutoScalingGroupName": Reference(component.name),
                "Recurrence": f"{at[1]} {at[0]} * * *",
                "MinSize": minimum,
            },
        }

    return Addition(
        component=component.name,
        title=f"a minimum of {most} for {component.name} from {_clock(rise)} to {_clock(fall)} UTC",
        resources={
            f"{component.name}BusyHours": action(rise, most),
            f"{component.name}QuietHours": action(fall, least),
        },
        because="the load rises at the same hours every day",
    )


def takes_warm_pool(component: Component) -> bool:
    """Whether it is a group that could get a warm pool: one without, and without mixed instances."""
    return takes_policies(component) and "WarmPool.PoolState" not in component.settings and not is_mixed(component)


def warm_pool(component: Component) -> Addition:
    """A warm pool of stopped instances, up to the maximum of the group."""
    return Addition(
        component=component.name,
        title=f"a warm pool of stopped instances for {component.name}",
        resources={
            f"{component.name}WarmPool": {
                "Type": WARM_POOL,
                "Properties": {"AutoScalingGroupName": Reference(component.name), "PoolState": "Stopped"},
            }
        },
        because="instances that have booted before are in service sooner; stopped ones cost their volumes only",
        caveat="what an instance does at its first boot must not be needed again, and be done before it stops: a "
        "lifecycle hook tells when",
    )


def _clock(at: tuple[int, int]) -> str:
    return f"{at[0]:02}:{at[1]:02}"
