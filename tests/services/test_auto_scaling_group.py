from dataclasses import replace
from pathlib import Path

import pytest

from scaling.groups import predictive_scaling
from services.gathering import (
    CATALOG,
    PRESSED,
    a_stack,
    gathered,
    holds_for_every_room,
    refused,
    titles,
    writable,
)
from shared_data import shared
from tonnage.engine.primitives import Fleet, Pool
from tonnage.iac import read_template
from tonnage.services import Behaviour, Credits, ScalingGroup, Situation, Usage, auto_scaling_group
from tonnage.workload import Addition, CatalogError, Component, TemplateError, declared

TEMPLATE = """
Template:
  Type: AWS::EC2::LaunchTemplate
  Properties:
    LaunchTemplateData:
      InstanceType: {instance_type}
      ImageId: ami-1
      {extra}
Targets:
  Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Properties:
    Port: 80
    Protocol: HTTP
    TargetGroupAttributes:
      - {{Key: load_balancing.algorithm.type, Value: least_outstanding_requests}}
      - {{Key: deregistration_delay.timeout_seconds, Value: "30"}}
      - {{Key: slow_start.duration_seconds, Value: "60"}}
Web:
  Type: AWS::AutoScaling::AutoScalingGroup
  Properties:
    MinSize: "2"
    MaxSize: "8"
    DesiredCapacity: "3"
    LaunchTemplate: {{LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber}}
    TargetGroupARNs: [!Ref Targets]
"""
POLICIES = """
Track:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: !Ref Web
    PolicyType: TargetTrackingScaling
    EstimatedInstanceWarmup: 400
    TargetTrackingConfiguration:
      PredefinedMetricSpecification: {PredefinedMetricType: ASGAverageCPUUtilization}
      TargetValue: 70
Out:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: !Ref Web
    AdjustmentType: ChangeInCapacity
    Cooldown: "600"
    ScalingAdjustment: "1"
High:
  Type: AWS::CloudWatch::Alarm
  Properties:
    AlarmActions: [!Ref Out]
    MetricName: CPUUtilization
    Namespace: AWS/EC2
    Statistic: Average
    Period: "300"
    EvaluationPeriods: "2"
    Threshold: "90"
    ComparisonOperator: GreaterThanThreshold
    Dimensions: [{Name: AutoScalingGroupName, Value: !Ref Web}]
Night:
  Type: AWS::AutoScaling::ScheduledAction
  Properties:
    AutoScalingGroupName: !Ref Web
    Recurrence: 0 22 * * *
    MaxSize: 2
OfAnother:
  Type: AWS::AutoScaling::ScalingPolicy
  Properties:
    AutoScalingGroupName: another-group
    AdjustmentType: ChangeInCapacity
    ScalingAdjustment: 5
"""


def template(instance_type: str = "m5.large", extra: str = "EbsOptimized: true", more: str = "") -> str:
    return TEMPLATE.format(instance_type=instance_type, extra=extra) + more


def group_of(behaviour: Behaviour) -> ScalingGroup:
    return next(control for control in behaviour.controls if isinstance(control, ScalingGroup))


def credits_of(behaviour: Behaviour) -> Credits | None:
    return next((control for control in behaviour.controls if isinstance(control, Credits)), None)


def test_launch_template_target_group_and_sizes_become_a_fleet_with_workers(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template()), "Web")
    holds_for_every_room(auto_scaling_group, component)
    behaviour = auto_scaling_group.behaviour(component, CATALOG)
    fleet, workers = behaviour.primitives["Web/cpu"], behaviour.primitives["Web/workers"]
    assert isinstance(fleet, Fleet)
    assert isinstance(workers, Pool)
    assert (fleet.servers, fleet.speed, fleet.instances, fleet.max_instances) == (2, 1.0, 3, 18)
    assert (fleet.discipline, fleet.rule) == ("processor sharing", "least outstanding")
    assert (workers.capacity, workers.queue_limit, workers.fleet) == (200, 100, "Web/cpu")
    group = group_of(behaviour)
    assert (group.minimum, group.maximum, group.desired) == (2, 8, 3)
    assert fleet.slow_start_s == 0.0, "least outstanding requests knows no slow start"
    assert (group.boot_s, group.drain_s, group.default_cooldown_s, group.metric_period_s) == (120.0, 30, 300, 300.0)
    assert component.origins["InstanceType"].resource == "Template"
    assert credits_of(behaviour) is None


@pytest.mark.parametrize(
    ("instance_type", "extra", "unlimited", "earned_per_h", "most", "initial"),
    [
        # Documented: t3.large earns 36 credits an hour and keeps 864; T2 standard starts with 30 for each vCPU.
        ("t3.large", "EbsOptimized: true", True, 36, 864, 0),
        ("t3.large", "CreditSpecification: {CpuCredits: standard}", False, 36, 864, 0),
        ("t4g.micro", "EbsOptimized: true", True, 12, 288, 0),
        ("t2.medium", "EbsOptimized: true", False, 24, 576, 60),
        ("t2.medium", "CreditSpecification: {CpuCredits: unlimited}", True, 24, 576, 0),
    ],
)
def test_cpu_credits_are_those_of_the_user_guide(
    tmp_path: Path, instance_type: str, extra: str, unlimited: bool, earned_per_h: float, most: float, initial: float
) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template(instance_type, extra)), "Web")
    rule = credits_of(auto_scaling_group.behaviour(component, CATALOG))
    assert rule is not None
    assert rule.unlimited is unlimited
    assert rule.earn_per_s * 3600.0 / 60.0 == pytest.approx(earned_per_h)
    assert rule.capacity / 60.0 == pytest.approx(most)
    assert rule.initial / 60.0 == pytest.approx(initial)


def test_a_full_t3_large_lasts_ten_hours_at_full_load(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template("t3.large")), "Web")
    rule = credits_of(auto_scaling_group.behaviour(component, CATALOG))
    assert rule is not None
    assert rule.capacity / (2.0 - rule.earn_per_s) / 3600.0 == pytest.approx(10.29, abs=0.01)


def test_credits_of_a_type_without_published_figures_are_left_out(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template("t8i.medium")), "Web")
    assert credits_of(auto_scaling_group.behaviour(component, CATALOG)) is None
    with pytest.raises(CatalogError, match=r"no price for t8i\.medium"):
        auto_scaling_group.price(component, Usage(visits_per_s=0.0), CATALOG)


def test_policies_come_with_their_alarms_and_only_those_of_the_group(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template(more=POLICIES)), "Web")
    found = {policy.name: policy for policy in component.policies}
    assert {name: policy.mechanism for name, policy in found.items()} == {
        "Track": "target tracking",
        "Out": "simple",
        "Night": "scheduled",
    }
    assert found["Track"].settings["TargetValue"] == 70
    assert found["Track"].origins["TargetValue"].path == ("TargetTrackingConfiguration", "TargetValue")
    assert found["Out"].settings["ScalingAdjustment"] == 1
    assert found["Out"].settings["Alarm.Threshold"] == 90
    assert found["Out"].origins["Alarm.Threshold"].resource == "High"


@pytest.mark.parametrize(("mode", "most"), [("ForecastAndScale", 32), ("ForecastOnly", 8)])
def test_there_is_room_for_a_maximum_that_is_raised(tmp_path: Path, mode: str, most: int) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template()), "Web")
    raises = predictive_scaling(Mode=mode, MaxCapacityBreachBehavior="IncreaseMaxCapacity", MaxCapacityBuffer=10)
    behaviour = auto_scaling_group.behaviour(replace(component, policies=(raises,)), CATALOG)
    assert behaviour.limits["instances"] == most


def test_a_changed_alarm_reaches_the_control_plane(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template(more=POLICIES)), "Web")
    changed = replace(
        component,
        policies=tuple(
            replace(policy, settings={**policy.settings, "Alarm.Threshold": 60}) if policy.name == "Out" else policy
            for policy in component.policies
        ),
    )
    out = next(p for p in group_of(auto_scaling_group.behaviour(changed, CATALOG)).policies if p.name == "Out")
    alarm = out.settings["Alarm"]
    assert isinstance(alarm, dict)
    assert alarm["Threshold"] == 60
    assert not any(name.startswith("Alarm.") for name in out.settings)


def test_a_launch_configuration_has_detailed_monitoring_unless_switched_off(tmp_path: Path) -> None:
    resources = """
    Config:
      Type: AWS::AutoScaling::LaunchConfiguration
      Properties: {InstanceType: c5.large, ImageId: ami-1%s}
    Balancer:
      Type: AWS::ElasticLoadBalancing::LoadBalancer
      Properties:
        Listeners: [{LoadBalancerPort: "80", InstancePort: "80", Protocol: http}]
        ConnectionDrainingPolicy: {Enabled: true, Timeout: 60}
    Web:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MinSize: 1
        MaxSize: 1
        LaunchConfigurationName: !Ref Config
        LoadBalancerNames: [!Ref Balancer]
    """
    on = gathered(auto_scaling_group, a_stack(tmp_path, resources % ""), "Web")
    off = gathered(auto_scaling_group, a_stack(tmp_path, resources % ", InstanceMonitoring: false"), "Web")
    behaviour = auto_scaling_group.behaviour(on, CATALOG)
    assert group_of(behaviour).metric_period_s == 60.0
    assert group_of(auto_scaling_group.behaviour(off, CATALOG)).metric_period_s == 300.0
    assert group_of(behaviour).drain_s == 60
    fleet = behaviour.primitives["Web/cpu"]
    assert isinstance(fleet, Fleet)
    assert fleet.rule == "least outstanding"
    paid = [auto_scaling_group.price(each, Usage(visits_per_s=0.0), CATALOG).usd_per_h for each in (on, off)]
    # Seven metrics at 0.30 USD a month.
    assert paid[0] - paid[1] == pytest.approx(7 * 0.30 / 730.0)


MIXED = """
    Template:
      Type: AWS::EC2::LaunchTemplate
      Properties: {LaunchTemplateData: {InstanceType: t3.micro}}
    Web:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MinSize: 4
        MaxSize: 11
        MixedInstancesPolicy:
          InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 50}
          LaunchTemplate:
            LaunchTemplateSpecification: {LaunchTemplateId: !Ref Template, Version: "1"}
            Overrides:
              - {InstanceType: m6i.xlarge, WeightedCapacity: "2"}
              - {InstanceType: m5.2xlarge, WeightedCapacity: "4"}
"""


def test_a_mixed_instances_policy_is_its_types_with_their_weights(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, MIXED)
    component = gathered(auto_scaling_group, stack, "Web")
    assert component.settings["InstanceType"] == "m6i.xlarge"
    behaviour = auto_scaling_group.behaviour(component, CATALOG)
    group, fleet = group_of(behaviour), behaviour.primitives["Web/cpu"]
    assert (group.minimum, group.maximum, group.on_demand(11)) == (4, 11, 6)
    assert [(o.name, o.weight, o.spot) for o in group.offers] == [
        ("m6i.xlarge", 2, False),
        ("m6i.xlarge Spot", 2, True),
        ("m5.2xlarge Spot", 4, True),
    ]
    assert group.offers[0].speed == 1.0
    assert 1.5 < group.offers[2].speed < 2.1, "twice the vCPUs, an older processor"
    assert isinstance(fleet, Fleet)
    # Two units On-Demand, two units Spot: an m6i.xlarge each.
    assert fleet.instances == 2
    cost = auto_scaling_group.price(component, Usage(visits_per_s=0.0), CATALOG)
    assert "of 2 instance types" in " ".join(cost.notes)
    assert "6 Spot pools (lowest-price)" in " ".join(cost.notes)
    types = [knob.after for knob in writable(auto_scaling_group, stack, component) if "InstanceType" in knob.title]  # type: ignore[union-attr]
    assert types
    assert all(CATALOG.instance_type(str(name)).arch == "x86_64" for name in types), "one image serves all types"


def test_spot_is_paid_at_its_share_of_the_on_demand_price(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, MIXED), "Web")
    component = replace(component, characteristics={"spot_price": declared(0.3, "1", "own history")})
    mix = {"m6i.xlarge": 2.0, "m5.2xlarge Spot": 1.5}
    cost = auto_scaling_group.price(component, Usage(visits_per_s=0.0, instances=3.5, instances_of=mix), CATALOG)
    assert cost.items["instances"] == pytest.approx(2 * 0.192)
    assert cost.items["Spot Instances"] == pytest.approx(0.3 * 1.5 * 0.384)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("LaunchTemplate: {LaunchTemplateId: lt-123, Version: '1'}", "not in the files"),
        ("InstanceId: i-123", "no launch template"),
        ("LaunchTemplate: {LaunchTemplateId: !Ref Attributes, Version: '1'}", "by attributes"),
        ("LaunchTemplate: {LaunchTemplateId: !Ref Nothing, Version: '1'}", "instance type is not known"),
        ("LaunchConfigurationName: my-config", "not in the files"),
    ],
)
def test_what_it_launches_must_be_known(tmp_path: Path, properties: str, reason: str) -> None:
    resources = f"""
    Attributes:
      Type: AWS::EC2::LaunchTemplate
      Properties: {{LaunchTemplateData: {{InstanceRequirements: {{VCpuCount: {{Min: 2}}, MemoryMiB: {{Min: 1024}}}}}}}}
    Nothing:
      Type: AWS::EC2::LaunchTemplate
      Properties: {{LaunchTemplateData: {{ImageId: ami-1}}}}
    Web:
      Type: AWS::AutoScaling::AutoScalingGroup
      Properties:
        MinSize: 1
        MaxSize: 2
        {properties}
    """
    refusal = refused(auto_scaling_group, a_stack(tmp_path, resources), "Web")
    assert reason in refusal.reason
    assert refusal.matters


def test_sizes_that_contradict_each_other_are_refused_at_their_place(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template().replace('MinSize: "2"', 'MinSize: "9"'))
    with pytest.raises(TemplateError, match=r"template.yaml:\d+.*MaxSize 8 and MinSize 9"):
        auto_scaling_group.gather(stack.resources["Web"], stack)
    stack = a_stack(tmp_path, template().replace('MinSize: "2"', "MinSize: few"))
    with pytest.raises(TemplateError, match=r"MinSize is 'few'"):
        auto_scaling_group.gather(stack.resources["Web"], stack)
    stack = a_stack(tmp_path, template().replace('MinSize: "2"', "MinSize: 0").replace('MaxSize: "8"', "MaxSize: 0"))
    assert "MaxSize is 0" in refused(auto_scaling_group, stack, "Web").reason


def test_an_unknown_instance_type_is_named_with_what_is_near(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template("m5.larg")), "Web")
    with pytest.raises(CatalogError, match=r"m5\.larg.*m5\.large"):
        auto_scaling_group.behaviour(component, CATALOG)


def test_price_is_instances_volumes_and_surplus_credits(tmp_path: Path) -> None:
    extra = "BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 50, VolumeType: gp3}}]"
    component = gathered(auto_scaling_group, a_stack(tmp_path, template("t3.large", extra)), "Web")
    usage = Usage(visits_per_s=10.0, instances=3.0, surplus_credit_s_per_h=7200.0)
    cost = auto_scaling_group.price(component, usage, CATALOG)
    assert cost.items["instances"] == pytest.approx(3 * 0.0832)
    assert cost.items["volumes"] == pytest.approx(3 * 50 * 0.08 / 730)
    assert cost.items["surplus CPU credits"] == pytest.approx(2 * 0.05)


def test_knobs_can_be_written_and_follow_what_gave_way(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template("t3.medium", more=POLICIES))
    component = gathered(auto_scaling_group, stack, "Web")
    knobs = writable(auto_scaling_group, stack, component)
    assert titles(knobs)[:2] == ["Track TargetValue 70 → 60", "Track TargetValue 70 → 50"]
    expected = {
        "Track EstimatedInstanceWarmup 400 → 120",
        "Web Monitoring.Enabled (unset) → True",
        "Out ScalingAdjustment 1 → 2",
        "Out Cooldown 600 → 60",
        "Out Alarm.EvaluationPeriods 2 → 1",
        "Web MaxSize 8 → 12",
        "Web MinSize 2 → 4",
        "Web InstanceType t3.medium → t3.large",
    }
    assert expected <= set(titles(knobs))
    at_limit = titles(writable(auto_scaling_group, stack, component, Situation(pressures=("cpu",), utilization=0.9)))
    assert at_limit[0] == "Web MaxSize 8 → 12"
    calm = titles(writable(auto_scaling_group, stack, component, Situation()))
    assert not any("MaxSize" in title for title in calm)
    arm = [k for k in knobs if not isinstance(k, Addition) and str(k.after).startswith(("c6g", "t4g"))]
    assert arm
    assert all("arm64" in knob.caveat for knob in arm)


def test_a_min_size_above_the_desired_capacity_says_so(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template())
    component = gathered(auto_scaling_group, stack, "Web")
    caveats = {k.after: k.caveat for k in writable(auto_scaling_group, stack, component) if "MinSize" in k.title}
    assert caveats[3] == ""
    assert "DesiredCapacity" in caveats[4]


def test_a_group_without_policies_is_offered_target_tracking(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template())
    component = gathered(auto_scaling_group, stack, "Web")
    additions = [k for k in writable(auto_scaling_group, stack, component, PRESSED) if isinstance(k, Addition)]
    assert [addition.title for addition in additions] == ["a target tracking policy for Web: average CPU at 50 %"]
    fixed = a_stack(tmp_path, template().replace('"8"', '"2"').replace('"3"', '"2"'))
    knobs = writable(auto_scaling_group, fixed, gathered(auto_scaling_group, fixed, "Web"))
    assert not any(isinstance(knob, Addition) for knob in knobs)


def test_the_targets_of_request_counts_fall_in_proportion(tmp_path: Path) -> None:
    more = POLICIES.replace("ASGAverageCPUUtilization", "ALBRequestCountPerTarget").replace("70", "1000")
    stack = a_stack(tmp_path, template(more=more))
    found = titles(writable(auto_scaling_group, stack, gathered(auto_scaling_group, stack, "Web")))
    assert found[:2] == ["Track TargetValue 1000 → 800", "Track TargetValue 1000 → 600"]


def test_own_characteristics_are_used(tmp_path: Path) -> None:
    component = gathered(auto_scaling_group, a_stack(tmp_path, template()), "Web")
    known = {"workers": declared(8.0, "1", "gunicorn"), "boot_time": declared(90.0, "s", "measured")}
    behaviour = auto_scaling_group.behaviour(replace(component, characteristics=known), CATALOG)
    workers = behaviour.primitives["Web/workers"]
    assert isinstance(workers, Pool)
    assert workers.capacity == 8
    assert group_of(behaviour).boot_s == 90.0


def test_round_robin_has_the_slow_start_of_its_target_group(tmp_path: Path) -> None:
    even = template().replace("least_outstanding_requests", "round_robin")
    behaviour = auto_scaling_group.behaviour(gathered(auto_scaling_group, a_stack(tmp_path, even), "Web"), CATALOG)
    fleet = behaviour.primitives["Web/cpu"]
    assert isinstance(fleet, Fleet)
    assert (fleet.rule, fleet.slow_start_s) == ("round robin", 60)


@pytest.mark.parametrize(
    "name",
    [
        "asg_multi_az_alb_step_scaling.yaml",
        "clb_asg_connection_draining.yaml",
        "efs_asg_clb.yaml",
        "ecs_schedule_alb_asg.yaml",
        "wordpress_ha_aurora_cloudfront_efs.yaml",
    ],
)
def test_groups_of_real_templates(name: str) -> None:
    stack = read_template(shared(f"iac/cloudformation/{name}"))
    groups = list(stack.of_kind(auto_scaling_group.KIND))
    assert groups
    for resource in groups:
        found = auto_scaling_group.gather(resource, stack)
        if isinstance(found, Component):
            holds_for_every_room(auto_scaling_group, found)
            list(auto_scaling_group.knobs(found, PRESSED, CATALOG))
        else:
            assert found.reason
