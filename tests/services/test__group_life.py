"""Zones, health, hooks and warm pools as they stand in a template."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.services import ScalingGroup, Usage, auto_scaling_group
from tonnage.services._face import Behaviour
from tonnage.workload import Component, TemplateError

TEMPLATE = """
Template:
  Type: AWS::EC2::LaunchTemplate
  Properties: {LaunchTemplateData: {InstanceType: m5.large}}
Web:
  Type: AWS::AutoScaling::AutoScalingGroup
  Properties:
    MinSize: 2
    MaxSize: 8
    LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}
"""


def a_component(tmp_path: Path, properties: str = "", resources: str = "") -> Component:
    inside = "".join(f"    {line}\n" for line in properties.strip().splitlines())
    return gathered(auto_scaling_group, a_stack(tmp_path, TEMPLATE + inside + resources), "Web")


def group_of(component: Component) -> ScalingGroup:
    found: Behaviour = auto_scaling_group.behaviour(component, CATALOG)
    return next(control for control in found.controls if isinstance(control, ScalingGroup))


def test_what_nobody_says_is_as_aws_has_it(tmp_path: Path) -> None:
    group = group_of(a_component(tmp_path))
    assert (group.zones, group.balanced_only, group.termination, group.protected) == (3, False, ("Default",), False)
    assert (group.elb_health, group.grace_s, group.health_batch) == (False, 0.0, 0.1)
    assert (group.launch_hook, group.termination_hook, group.warm_pool, group.healthy_percent) == (None,) * 4


def test_health_termination_and_maintenance_are_taken(tmp_path: Path) -> None:
    properties = """
HealthCheckType: "ELB"
HealthCheckGracePeriod: 240
TerminationPolicies: [OldestLaunchTemplate, Default]
NewInstancesProtectedFromScaleIn: true
CapacityRebalance: true
AvailabilityZoneDistribution: {CapacityDistributionStrategy: balanced-only}
InstanceMaintenancePolicy: {MinHealthyPercentage: 90, MaxHealthyPercentage: 120}
"""
    group = group_of(a_component(tmp_path, properties))
    assert (group.elb_health, group.grace_s, group.protected, group.capacity_rebalance) == (True, 240.0, True, True)
    assert (group.termination, group.balanced_only) == (("OldestLaunchTemplate", "Default"), True)
    assert group.healthy_percent == (90.0, 120.0)


@pytest.mark.parametrize(
    ("properties", "zones"),
    [
        ("AvailabilityZones: !GetAZs ''", 3),
        ("AvailabilityZones: [us-east-1a, us-east-1b]", 2),
        ("AvailabilityZones: [us-east-1a]", 1),
        ('VPCZoneIdentifier: "subnet-1, subnet-2"', 2),
        ("VPCZoneIdentifier: [subnet-1]", 1),
        ("VPCZoneIdentifier: []", 3),
        ("VPCZoneIdentifier: [!Ref A, !Ref B]", 2),
        ("VPCZoneIdentifier: [!Ref A, !ImportValue Other]", 2),
        ("VPCZoneIdentifier: [!Ref A, !Ref C]", 1),
        ("VPCZoneIdentifier: [!Ref A]", 1),
        ("VPCZoneIdentifier: [!ImportValue Subnets]", 3),
        ("VPCZoneIdentifier: [subnet-1, subnet-2, subnet-3, subnet-4]", 4),
    ],
)
def test_zones_are_those_of_its_subnets(tmp_path: Path, properties: str, zones: int) -> None:
    subnets = "".join(
        f"{name}:\n  Type: AWS::EC2::Subnet\n  Properties: {{AvailabilityZone: {zone}}}\n"
        for name, zone in (("A", "us-east-1a"), ("B", "us-east-1b"), ("C", "us-east-1a"))
    )
    assert group_of(a_component(tmp_path, properties, subnets)).zones == zones


HOOKS = """
Patient:
  Type: AWS::AutoScaling::LifecycleHook
  Properties:
    AutoScalingGroupName: !Ref Web
    LifecycleTransition: autoscaling:EC2_INSTANCE_LAUNCHING
    DefaultResult: CONTINUE
    HeartbeatTimeout: 40
Strict:
  Type: AWS::AutoScaling::LifecycleHook
  Properties:
    AutoScalingGroupName: !Ref Web
    LifecycleTransition: autoscaling:EC2_INSTANCE_LAUNCHING
    HeartbeatTimeout: 900
"""


def test_the_strictest_of_several_hooks_counts(tmp_path: Path) -> None:
    inside = """
LifecycleHookSpecificationList:
  - {LifecycleHookName: bye, LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", DefaultResult: CONTINUE}
"""
    component = a_component(tmp_path, inside, HOOKS)
    group = group_of(component)
    assert group.launch_hook is not None
    assert group.termination_hook is not None
    assert (group.launch_hook.heartbeat_s, group.launch_hook.abandons, group.launch_hook.work_s) == (900, True, 60)
    assert (group.termination_hook.heartbeat_s, group.termination_hook.abandons) == (3600.0, False)
    assert component.origins["LaunchHook.HeartbeatTimeout"].resource == "Strict"


@pytest.mark.parametrize(
    ("properties", "resources", "said"),
    [
        ("TerminationPolicies: [Youngest]", "", "Youngest"),
        ("", HOOKS.replace("CONTINUE", "WAIT").replace("900", "900\n    DefaultResult: WAIT"), "WAIT"),
        ("HealthCheckGracePeriod: soon", "", "HealthCheckGracePeriod"),
    ],
)
def test_what_aws_would_refuse_is_refused_at_its_place(
    tmp_path: Path, properties: str, resources: str, said: str
) -> None:
    with pytest.raises(TemplateError, match=rf"template.yaml:\d+.*{said}"):
        a_component(tmp_path, properties, resources)


POOL = """
Pool:
  Type: AWS::AutoScaling::WarmPool
  Properties: {AutoScalingGroupName: !Ref Web, MinSize: 1, MaxGroupPreparedCapacity: 6%s}
"""


def test_a_warm_pool_is_taken_and_paid_by_what_it_holds(tmp_path: Path) -> None:
    stopped = a_component(tmp_path, "", POOL % ", InstanceReusePolicy: {ReuseOnScaleIn: true}")
    pool = group_of(stopped).warm_pool
    assert pool is not None
    assert (pool.least, pool.prepared, pool.running, pool.reuse, pool.start_s) == (1, 6, False, True, 30.0)
    usage = Usage(visits_per_s=1.0, instances=2.0, instances_of={"m5.large": 2.0, "warm pool": 3.0})
    plain = auto_scaling_group.price(a_component(tmp_path), Usage(visits_per_s=1.0, instances=2.0), CATALOG)
    volumes = 3 * 8 * 0.08 / 730
    cost = auto_scaling_group.price(stopped, usage, CATALOG)
    assert cost.usd_per_h - plain.usd_per_h == pytest.approx(volumes)
    running = auto_scaling_group.price(a_component(tmp_path, "", POOL % ", PoolState: Running"), usage, CATALOG)
    assert running.usd_per_h - plain.usd_per_h == pytest.approx(volumes + 3 * 0.096)


def test_a_group_that_scales_late_is_offered_a_warm_pool_once(tmp_path: Path) -> None:
    policy = """
Track:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: !Ref Web
    PolicyType: TargetTrackingScaling
    TargetTrackingConfiguration:
      TargetValue: 40
      PredefinedMetricSpecification: {PredefinedMetricType: ASGAverageCPUUtilization}
"""
    offered = "a warm pool of stopped instances for Web"
    stack = a_stack(tmp_path, TEMPLATE + policy)
    assert offered in titles(writable(auto_scaling_group, stack, gathered(auto_scaling_group, stack, "Web")))
    again = a_stack(tmp_path, TEMPLATE + policy + POOL % "")
    assert offered not in titles(writable(auto_scaling_group, again, gathered(auto_scaling_group, again, "Web")))
