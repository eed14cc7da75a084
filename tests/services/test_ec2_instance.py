"""Single instances: type and volume from wherever they are written, the volume's operations, price, knobs."""

import math
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, refused, titles, writable
from tonnage.engine.primitives import Bucket, Fleet
from tonnage.engine.program import Take
from tonnage.services import Burst, Credits, Situation, Usage, ec2_instance
from tonnage.workload import Call, declared

ROOT_ONLY = "Server: {Type: AWS::EC2::Instance, Properties: {InstanceType: m7g.large}}"
ATTACHED = """
Server: {Type: AWS::EC2::Instance, Properties: {InstanceType: t3.medium, CreditSpecification: {CPUCredits: standard}}}
Data: {Type: AWS::EC2::Volume, Properties: {Size: %s, VolumeType: %s, AvailabilityZone: a}}
Beside: {Type: AWS::EC2::VolumeAttachment, Properties: {InstanceId: !Ref Server, VolumeId: !Ref Data, Device: /dev/sdf}}
"""
TEMPLATE = """
Server: {Type: AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}}}
Launch:
  Type: AWS::EC2::LaunchTemplate
  Properties:
    LaunchTemplateData:
      InstanceType: c7g.large
      BlockDeviceMappings:
        - {DeviceName: /dev/xvda, Ebs: {VolumeSize: 20}}
        - {DeviceName: /dev/sdf, Ebs: {VolumeSize: 200, VolumeType: io2, Iops: 5000}}
"""


def test_one_server_that_nothing_replaces(tmp_path: Path) -> None:
    component = gathered(ec2_instance, a_stack(tmp_path, ROOT_ONLY), "Server")
    behaviour = ec2_instance.behaviour(component, CATALOG)
    fleet = behaviour.primitives["Server/cpu"]
    assert isinstance(fleet, Fleet)
    assert (fleet.servers, fleet.instances, fleet.max_instances) == (2, 1, 1)
    assert behaviour.zone_loss_s == math.inf
    assert behaviour.limits["IOPS"] == 3_000


def test_an_attached_volume_is_the_one_that_is_read(tmp_path: Path) -> None:
    component = gathered(ec2_instance, a_stack(tmp_path, ATTACHED % (100, "gp2")), "Server")
    assert {name: component.settings[name] for name in ("VolumeType", "VolumeSize")} == {
        "VolumeType": "gp2",
        "VolumeSize": 100,
    }
    behaviour = ec2_instance.behaviour(component, CATALOG)
    kinds = [type(control) for control in behaviour.controls]
    assert kinds == [Credits, Burst, Burst]
    bucket = behaviour.primitives["Server/volume"]
    assert isinstance(bucket, Bucket)
    assert bucket.rate_per_s == 300
    assert bucket.when_empty == "delay"


def test_the_data_volume_of_a_launch_template(tmp_path: Path) -> None:
    component = gathered(ec2_instance, a_stack(tmp_path, TEMPLATE), "Server")
    assert component.settings["InstanceType"] == "c7g.large"
    assert (component.settings["VolumeType"], component.settings["Iops"]) == ("io2", 5_000)


def test_an_instance_without_a_type_is_not_modelled(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, "Server: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1}}")
    assert "instance type is not known" in refused(ec2_instance, stack, "Server").reason


def test_operations_go_through_the_volume_and_the_connection(tmp_path: Path) -> None:
    component = gathered(ec2_instance, a_stack(tmp_path, ROOT_ONLY), "Server")
    demands = {"reads": declared(3.0, "1", "a test"), "writes": declared(1.0, "1", "a test")}
    steps = ec2_instance.visit(component, Call(component="Server", demands=demands), CATALOG)
    taken = [(step.bucket, step.amount) for step in steps.enter if isinstance(step, Take)]
    assert taken == [("Server/volume", 4.0), ("Server/ebs", 4.0)]
    none = ec2_instance.visit(component, Call(component="Server"), CATALOG)
    assert not any(isinstance(step, Take) for step in none.enter)


def test_price_of_a_provisioned_volume(tmp_path: Path) -> None:
    resources = """
Server:
  Type: AWS::EC2::Instance
  Properties:
    InstanceType: m7g.large
    BlockDeviceMappings: [{Ebs: {VolumeType: gp3, VolumeSize: 100, Iops: 5000, Throughput: 225}}]
"""
    component = gathered(ec2_instance, a_stack(tmp_path, resources), "Server")
    items = ec2_instance.price(component, Usage(visits_per_s=1.0), CATALOG).items
    assert items["volume"] * 730 == pytest.approx(8.0)
    # 2,000 IOPS and 100 MiB/s above what is free.
    assert items["provisioned IOPS and throughput"] * 730 == pytest.approx(2_000 * 0.005 + 100 * 0.04)


def test_gp3_is_proposed_for_gp2_and_more_iops_where_the_volume_is_full(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, ATTACHED % (100, "gp2"))
    component = gathered(ec2_instance, stack, "Server")
    found = titles(writable(ec2_instance, stack, component, Situation(pressures=("iops",))))
    assert found[0] == "Server VolumeType gp2 → gp3"
    stack = a_stack(tmp_path, ATTACHED % (20, "gp3"))
    component = gathered(ec2_instance, stack, "Server")
    found = titles(writable(ec2_instance, stack, component, Situation(pressures=("iops",))))
    # 20 GiB carry 10,000 IOPS at most.
    assert [title for title in found if "Iops" in title] == ["Server Iops (unset) → 6000"]
