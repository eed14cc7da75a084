"""IAM, security groups, and the network.

Source: AWS provider for Terraform, aws_iam_role and policies, aws_security_group and its rules, aws_vpc_endpoint,
aws_nat_gateway.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spelling, listed
from tonnage.iac.terraform.policy_document import as_document
from tonnage.workload import Value


def _policy(value: Value) -> Made:
    return {"PolicyDocument": as_document(value)}


def _inline(value: Value) -> Made:
    blocks = value if isinstance(value, tuple) else (value,)
    return {
        "Policies": tuple(
            {"PolicyName": each.get("name"), **_policy(each.get("policy"))}
            for each in blocks
            if isinstance(each, Mapping)
        )
    }


def _ingress(value: Value) -> Made:
    return {"SecurityGroupIngress": tuple(_each_rule(value, "SourceSecurityGroupId"))}


def _egress(value: Value) -> Made:
    return {"SecurityGroupEgress": tuple(_each_rule(value, "DestinationSecurityGroupId"))}


def _each_rule(value: Value, other: str) -> list[Value]:
    """A block of rules as CloudFormation has them: one for each group or range."""
    found: list[Value] = []
    for block in value if isinstance(value, tuple) else (value,):
        if not isinstance(block, Mapping):
            continue
        base = {
            "IpProtocol": block.get("protocol"),
            "FromPort": block.get("from_port"),
            "ToPort": block.get("to_port"),
        }
        groups, ranges = block.get("security_groups"), block.get("cidr_blocks")
        found += [{**base, other: each} for each in (groups if isinstance(groups, tuple) else ())]
        found += [{**base, "CidrIp": each} for each in (ranges if isinstance(ranges, tuple) else ())]
    return found


_RULE = {
    "security_group_id": "GroupId",
    "protocol": "IpProtocol",
    "source_security_group_id": "SourceSecurityGroupId",
    "referenced_security_group_id": "SourceSecurityGroupId",
    "ip_protocol": "IpProtocol",
    "cidr_ipv4": "CidrIp",
    "type": None,
}
_PLAIN = {
    "aws_vpc": "VPC",
    "aws_subnet": "Subnet",
    "aws_internet_gateway": "InternetGateway",
    "aws_route_table": "RouteTable",
    "aws_route_table_association": "SubnetRouteTableAssociation",
    "aws_route": "Route",
    "aws_network_acl": "NetworkAcl",
    "aws_network_interface": "NetworkInterface",
    "aws_vpc_peering_connection": "VPCPeeringConnection",
    "aws_flow_log": "FlowLog",
    "aws_key_pair": "KeyPair",
}
KINDS: Mapping[str, Spelling] = {
    **{name: Spelling(kind=f"AWS::EC2::{kind}") for name, kind in _PLAIN.items()},
    "aws_nat_gateway": Spelling(kind="AWS::EC2::NatGateway"),
    "aws_vpc_endpoint": Spelling(kind="AWS::EC2::VPCEndpoint", spec={"policy": None}),
    "aws_security_group": Spelling(
        kind="AWS::EC2::SecurityGroup",
        spec={"name": "GroupName", "description": "GroupDescription", "ingress": _ingress, "egress": _egress},
    ),
    "aws_security_group_rule": Spelling(
        kind="AWS::EC2::SecurityGroupIngress",
        spec={**_RULE, "cidr_blocks": None},
        kind_by=("type", "egress", "AWS::EC2::SecurityGroupEgress"),
    ),
    "aws_vpc_security_group_ingress_rule": Spelling(kind="AWS::EC2::SecurityGroupIngress", spec=_RULE),
    "aws_vpc_security_group_egress_rule": Spelling(
        kind="AWS::EC2::SecurityGroupEgress",
        spec={**_RULE, "referenced_security_group_id": "DestinationSecurityGroupId"},
    ),
    "aws_iam_role": Spelling(
        kind="AWS::IAM::Role",
        spec={
            "name": "RoleName",
            "assume_role_policy": None,
            "managed_policy_arns": "ManagedPolicyArns",
            "inline_policy": _inline,
        },
    ),
    "aws_iam_role_policy": Spelling(
        kind="AWS::IAM::Policy", spec={"name": "PolicyName", "policy": _policy, "role": listed("Roles")}
    ),
    "aws_iam_policy": Spelling(kind="AWS::IAM::ManagedPolicy", spec={"name": "ManagedPolicyName", "policy": _policy}),
    "aws_iam_role_policy_attachment": Spelling(
        kind="", spec={"policy_arn": "", "role": None}, into=("role", "ManagedPolicyArns[]")
    ),
    "aws_iam_instance_profile": Spelling(kind="AWS::IAM::InstanceProfile", spec={"role": listed("Roles")}),
}
