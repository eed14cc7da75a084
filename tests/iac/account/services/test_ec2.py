"""Instances outside of groups."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import ec2


def test_an_instance_is_read_with_its_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        ec2 = client("ec2")
        device = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3", "Iops": 4000}}
        ec2.run_instances(
            ImageId="ami-12c6146b", InstanceType="m5.large", MinCount=1, MaxCount=1, BlockDeviceMappings=[device],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "queue worker"}]}],
        )  # fmt: skip
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=10)

    things = found(monkeypatch, ec2, make)
    instance = only(things, "AWS::EC2::Instance")
    assert instance.name == "queue worker"
    volume = only(things, "AWS::EC2::Volume")
    assert volume.properties["Size"] == 50
    assert volume.properties["VolumeType"] == "gp3"
    (attached,) = instance.properties["Volumes"]  # type: ignore[misc]
    assert attached["VolumeId"] in volume.identifiers  # type: ignore[index,call-overload]


def test_rules_name_the_group_they_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        ec2 = client("ec2")
        first = ec2.create_security_group(GroupName="first", Description="a")["GroupId"]
        second = ec2.create_security_group(GroupName="second", Description="b")["GroupId"]
        pair = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": first}]}
        ec2.authorize_security_group_ingress(GroupId=second, IpPermissions=[pair])

    groups = {each.name: each for each in found(monkeypatch, ec2, make)}
    (rule,) = groups["second"].properties["SecurityGroupIngress"]  # type: ignore[misc]
    assert rule["SourceSecurityGroupId"] in groups["first"].identifiers  # type: ignore[index,call-overload]
