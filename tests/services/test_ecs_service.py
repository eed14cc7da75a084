"""ECS services: tasks, their size, their number, their price."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, holds_for_every_room, refused, titles, writable
from tonnage.engine.primitives import Fleet, Pool
from tonnage.scaling.mechanism import describe
from tonnage.services import ScalingGroup, Usage, ecs_service
from tonnage.workload import Component, TemplateError, declared

RESOURCES = """
Task:
  Type: AWS::ECS::TaskDefinition
  Properties:
    Cpu: {cpu}
    Memory: {memory}
    ContainerDefinitions:
      - Name: app
        Cpu: 128
Targets:
  Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Properties:
    TargetGroupAttributes:
      - {{ Key: deregistration_delay.timeout_seconds, Value: "20" }}
      - {{ Key: slow_start.duration_seconds, Value: "30" }}
Shop:
  Type: AWS::ECS::Service
  Properties:
    LaunchType: FARGATE
    DesiredCount: 3
    TaskDefinition: !Ref Task
    LoadBalancers:
      - {{ ContainerName: app, ContainerPort: 80, TargetGroupArn: !Ref Targets }}
{more}
"""
SCALING = """
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 2
    MaxCapacity: 8
    ResourceId: !Sub "service/main/${Shop.Name}"
    ScalableDimension: ecs:service:DesiredCount
    ServiceNamespace: ecs
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 60
      ScaleInCooldown: 120
      PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageCPUUtilization }
"""


def shop(tmp_path: Path, cpu: str = "512", memory: str = "1024", more: str = "") -> Component:
    return gathered(ecs_service, a_stack(tmp_path, RESOURCES.format(cpu=cpu, memory=memory, more=more)), "Shop")


def fleet_of(component: Component) -> Fleet:
    fleet = ecs_service.behaviour(component, CATALOG).primitives["Shop/cpu"]
    assert isinstance(fleet, Fleet)
    return fleet


def group_of(component: Component) -> ScalingGroup:
    (group,) = ecs_service.behaviour(component, CATALOG).controls
    assert isinstance(group, ScalingGroup)
    return group


def test_a_service_is_tasks_with_a_share_of_a_vcpu_and_workers(tmp_path: Path) -> None:
    component = shop(tmp_path)
    holds_for_every_room(ecs_service, component)
    fleet = fleet_of(component)
    assert (fleet.servers, fleet.instances, fleet.discipline) == (1, 3, "processor sharing")
    # Half a vCPU of a processor a little slower than m5.
    assert fleet.speed == pytest.approx(0.5 * 0.95)
    assert (fleet.rule, fleet.slow_start_s) == ("round robin", 30)
    workers = ecs_service.behaviour(component, CATALOG).primitives["Shop/workers"]
    assert isinstance(workers, Pool)
    assert (workers.capacity, workers.fleet) == (200, "Shop/cpu")
    group = group_of(component)
    # Nothing scales it: as many as are desired.
    assert (group.minimum, group.maximum, group.desired, group.drain_s, group.boot_s) == (3, 3, 3, 20, 40.0)


@pytest.mark.parametrize(
    ("cpu", "servers", "speed"),
    [("256", 1, 0.25), ("2048", 2, 1.0), ("4096", 4, 1.0), ("1 vCPU", 1, 1.0), (".5 vcpu", 1, 0.5)],
)
def test_the_size_of_a_task_is_vcpus(tmp_path: Path, cpu: str, servers: int, speed: float) -> None:
    fleet = fleet_of(shop(tmp_path, cpu=cpu))
    assert (fleet.servers, fleet.speed) == (servers, pytest.approx(speed * 0.95))


def test_without_a_size_of_the_task_its_containers_count(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.format(cpu="512", memory="1024", more="").replace("    Cpu: 512\n", ""))
    assert gathered(ecs_service, stack, "Shop").settings["Cpu"] == 128


def test_on_ec2_the_cpu_of_a_container_is_a_share_and_no_limit(tmp_path: Path) -> None:
    text = RESOURCES.format(cpu="512", memory="1024", more="").replace("    Cpu: 512\n", "")
    component = gathered(ecs_service, a_stack(tmp_path, text.replace("FARGATE", "EC2")), "Shop")
    assert (fleet_of(component).servers, fleet_of(component).speed) == (1, pytest.approx(0.95))


def test_arm_is_as_much_faster_as_graviton(tmp_path: Path) -> None:
    arm = replace(shop(tmp_path), settings={**shop(tmp_path).settings, "CpuArchitecture": "ARM64"})
    assert fleet_of(arm).speed == pytest.approx(0.5 * 1.21)
    told = replace(arm, characteristics={"vcpu_speed": declared(0.95, "1", "user")})
    assert fleet_of(told).speed == pytest.approx(0.5 * 1.21)


def test_auto_scaling_gives_bounds_and_policies(tmp_path: Path) -> None:
    component = shop(tmp_path, more=SCALING)
    group = group_of(component)
    assert (group.minimum, group.maximum, group.desired) == (2, 8, 3)
    (policy,) = group.policies
    assert describe(policy) == "service target tracking: CPU at 60 %, cooldown 300 s out, 120 s in"
    assert fleet_of(component).max_instances == 18


def test_on_fargate_tasks_are_paid_by_their_size(tmp_path: Path) -> None:
    cost = ecs_service.price(shop(tmp_path, cpu="1024", memory="2048"), Usage(visits_per_s=0.0, instances=3.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(3 * (0.04048 + 2 * 0.004445))


def test_on_ec2_the_instances_are_paid_elsewhere(tmp_path: Path) -> None:
    component = replace(shop(tmp_path), settings={**shop(tmp_path).settings, "LaunchType": "EC2"})
    cost = ecs_service.price(component, Usage(visits_per_s=0.0, instances=3.0), CATALOG)
    assert cost.usd_per_h == 0.0
    assert cost.notes


@pytest.mark.parametrize(("provider", "launch"), [("FARGATE", "FARGATE"), ("FARGATE_SPOT", "FARGATE"), ("Mine", "EC2")])
def test_a_strategy_says_where_tasks_run(tmp_path: Path, provider: str, launch: str) -> None:
    text = RESOURCES.format(cpu="512", memory="1024", more="").replace(
        "    LaunchType: FARGATE\n", f"    CapacityProviderStrategy:\n      - {{ CapacityProvider: {provider} }}\n"
    )
    assert gathered(ecs_service, a_stack(tmp_path, text), "Shop").settings["LaunchType"] == launch


def test_a_task_of_unknown_size_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = (
        RESOURCES.format(cpu="512", memory="1024", more="")
        .replace("    Cpu: 512\n", "")
        .replace("        Cpu: 128\n", "")
    )
    assert "CPU" in refused(ecs_service, a_stack(tmp_path, text), "Shop").reason
    elsewhere = text.replace("!Ref Task", "arn:aws:ecs:us-east-1:1:task-definition/shop:3")
    assert "task definition" in refused(ecs_service, a_stack(tmp_path, elsewhere), "Shop").reason


def test_bounds_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"template.yaml:\d+.*MinCapacity 9 and MaxCapacity 8"):
        shop(tmp_path, more=SCALING.replace("MinCapacity: 2", "MinCapacity: 9"))


def test_what_is_tried_where_tasks_are_full(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.format(cpu="512", memory="1024", more=SCALING))
    component = gathered(ecs_service, stack, "Shop")
    assert titles(writable(ecs_service, stack, component)) == [
        "Shop MaxCapacity 8 → 12",
        "Shop MaxCapacity 8 → 16",
        "Shop MinCapacity 2 → 4",
        "Shop Cpu 512 → 1024",
        "Follow TargetValue 60 → 48",
        "Follow TargetValue 60 → 36",
    ]
    alone = a_stack(tmp_path, RESOURCES.format(cpu="512", memory="1024", more=""))
    assert "Shop DesiredCount 3 → 6" in titles(writable(ecs_service, alone, gathered(ecs_service, alone, "Shop")))


def test_idle_tasks_are_taken_away(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.format(cpu="512", memory="1024", more=SCALING))
    idle = replace(PRESSED, utilization=0.1, pressures=())
    assert titles(writable(ecs_service, stack, gathered(ecs_service, stack, "Shop"), idle)) == [
        "Shop MinCapacity 2 → 1"
    ]
