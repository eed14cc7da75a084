"""EC2: instances outside of groups with their volumes, NAT gateways, security groups."""

from collections.abc import Iterator
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked, tags_of
from tonnage.workload import Value

CALLS = (
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeNatGateways",
    "ec2:DescribeSecurityGroups",
)


def read(ask: Ask) -> Iterator[Found]:
    """Instances, volumes, NAT gateways, security groups."""
    held: set[str] = set()
    yield from _instances(ask, held)
    yield from _volumes(ask, held)
    yield from _security_groups(ask)
    for gateway in ask("ec2", "describe_nat_gateways", "NatGateways"):
        if gateway.get("State") not in {"pending", "available"}:
            continue
        tags = tags_of(gateway.get("Tags"))
        yield Found(
            kind="AWS::EC2::NatGateway",
            name=tags.get("Name", gateway["NatGatewayId"]),
            properties=picked(gateway, "SubnetId", "ConnectivityType"),
            identifiers={gateway["NatGatewayId"]: None},
            tags=tags,
        )


def _instances(ask: Ask, held: set[str]) -> Iterator[Found]:
    for reservation in ask("ec2", "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            tags = tags_of(instance.get("Tags"))
            if (
                instance["State"]["Name"] not in {"running", "pending", "stopped"}
                or "aws:autoscaling:groupName" in tags
            ):
                continue
            groups: list[Value] = [each["GroupId"] for each in instance.get("SecurityGroups", ())]
            volumes: list[Value] = [
                {"VolumeId": each["Ebs"]["VolumeId"], "Device": each["DeviceName"]}
                for each in instance.get("BlockDeviceMappings", ())
                if each.get("Ebs", {}).get("VolumeId")
            ]
            held.update(each["Ebs"]["VolumeId"] for each in instance.get("BlockDeviceMappings", ()) if "Ebs" in each)
            yield Found(
                kind="AWS::EC2::Instance",
                name=tags.get("Name", instance["InstanceId"]),
                properties={
                    **picked(instance, "InstanceType"),
                    "SecurityGroupIds": tuple(groups),
                    **({"Volumes": tuple(volumes)} if volumes else {}),
                },
                identifiers={instance["InstanceId"]: None, instance.get("PrivateIpAddress", ""): "PrivateIp"},
                tags=tags,
            )


def _volumes(ask: Ask, wanted: set[str]) -> Iterator[Found]:
    """Those of the instances that were found: a group's are what its launch template says."""
    for volume in ask("ec2", "describe_volumes", "Volumes"):
        if volume["VolumeId"] not in wanted:
            continue
        tags = tags_of(volume.get("Tags"))
        kept = picked(volume, "AvailabilityZone", "Size", "VolumeType", "Iops", "Throughput")
        if kept.get("VolumeType") not in {"io1", "io2", "gp3"}:
            # AWS answers what gp2 and the magnetic types reach, which nobody can set.
            kept.pop("Iops", None)
        yield Found(
            kind="AWS::EC2::Volume",
            name=tags.get("Name", volume["VolumeId"]),
            properties=kept,
            identifiers={volume["VolumeId"]: None},
            tags=tags,
        )


def _security_groups(ask: Ask) -> Iterator[Found]:
    for group in ask("ec2", "describe_security_groups", "SecurityGroups"):
        if group["GroupName"] == "default":
            continue
        rules = [rule for permission in group.get("IpPermissions", ()) for rule in _rules(permission)]
        yield Found(
            kind="AWS::EC2::SecurityGroup",
            name=group["GroupName"],
            properties={"GroupDescription": group.get("Description", ""), "SecurityGroupIngress": tuple(rules)},
            identifiers={group["GroupId"]: "GroupId"},
            tags=tags_of(group.get("Tags")),
        )


def _rules(permission: dict[str, Any]) -> Iterator[Value]:
    base = picked(permission, "IpProtocol", "FromPort", "ToPort")
    for pair in permission.get("UserIdGroupPairs", ()):
        yield {**base, "SourceSecurityGroupId": pair["GroupId"]}
    for each in permission.get("IpRanges", ()):
        yield {**base, "CidrIp": each["CidrIp"]}
