"""EC2 instances outside of groups, Auto Scaling groups with what they launch, policies, alarms, security groups."""

from collections.abc import Iterator
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked, plain, tags_of
from tonnage.workload import Value

CALLS = (
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribePolicies",
    "cloudwatch:DescribeAlarms",
)
_ASG = "AWS::AutoScaling::"


def read(ask: Ask) -> Iterator[Found]:
    """Groups first, then the instances that belong to none."""
    templates: dict[str, str] = {}
    for group in ask("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"):
        name = group["AutoScalingGroupName"]
        properties = picked(
            group,
            "MinSize",
            "MaxSize",
            "DesiredCapacity",
            "DefaultInstanceWarmup",
            "HealthCheckType",
            "HealthCheckGracePeriod",
            "LaunchTemplate",
            "LaunchConfigurationName",
            "MixedInstancesPolicy",
            "TargetGroupARNs",
            "TerminationPolicies",
            DefaultCooldown="Cooldown",
            LoadBalancerNames="LoadBalancerNames",
        )
        properties["AvailabilityZones"] = plain(group.get("AvailabilityZones", []))
        template = group.get("LaunchTemplate") or (
            group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
        )
        if template:
            templates[template["LaunchTemplateId"]] = template.get("Version") or "$Default"
        yield Found(
            kind=f"{_ASG}AutoScalingGroup",
            name=name,
            properties=properties,
            identifiers={name: None, group.get("AutoScalingGroupARN", name): None},
            tags=tags_of(group.get("Tags")),
        )
    yield from _templates(ask, templates)
    for launch in ask("autoscaling", "describe_launch_configurations", "LaunchConfigurations"):
        name = launch["LaunchConfigurationName"]
        kept = picked(
            launch, "InstanceType", "SecurityGroups", "BlockDeviceMappings", "IamInstanceProfile", "EbsOptimized"
        )
        monitored = launch.get("InstanceMonitoring", {}).get("Enabled", True)
        yield Found(
            kind=f"{_ASG}LaunchConfiguration",
            name=name,
            properties={**kept, "InstanceMonitoring": bool(monitored)},
            identifiers={name: None},
        )
    yield from _policies(ask)
    yield from _single(ask)
    yield from _security_groups(ask)


def _templates(ask: Ask, wanted: dict[str, str]) -> Iterator[Found]:
    for template, version in wanted.items():
        arguments = {"LaunchTemplateId": template, "Versions": [version]}
        for each in ask("ec2", "describe_launch_template_versions", "LaunchTemplateVersions", **arguments):
            data = each["LaunchTemplateData"]
            kept = picked(
                data, "InstanceType", "SecurityGroupIds", "CreditSpecification", "Monitoring", "BlockDeviceMappings",
                "IamInstanceProfile", "EbsOptimized", "InstanceMarketOptions",
            )  # fmt: skip
            yield Found(
                kind="AWS::EC2::LaunchTemplate",
                name=each.get("LaunchTemplateName", template),
                properties={"LaunchTemplateData": kept},
                identifiers={template: None, each.get("LaunchTemplateName", template): None},
            )


def _policies(ask: Ask) -> Iterator[Found]:
    actions: set[str] = set()
    for policy in ask("autoscaling", "describe_policies", "ScalingPolicies"):
        arn = policy["PolicyARN"]
        actions.add(arn)
        yield Found(
            kind=f"{_ASG}ScalingPolicy",
            name=policy["PolicyName"],
            properties=picked(
                policy,
                "AutoScalingGroupName",
                "PolicyType",
                "AdjustmentType",
                "ScalingAdjustment",
                "StepAdjustments",
                "Cooldown",
                "EstimatedInstanceWarmup",
                "MetricAggregationType",
                "TargetTrackingConfiguration",
                "PredictiveScalingConfiguration",
            ),
            identifiers={arn: None},
        )
    for alarm in ask("cloudwatch", "describe_alarms", "MetricAlarms"):
        # The alarms that AWS makes for target tracking act by themselves in the policy.
        if actions & set(alarm.get("AlarmActions", ())) and not alarm["AlarmName"].startswith("TargetTracking-"):
            yield Found(
                kind="AWS::CloudWatch::Alarm",
                name=alarm["AlarmName"],
                properties=picked(
                    alarm,
                    "AlarmActions",
                    "ComparisonOperator",
                    "Dimensions",
                    "EvaluationPeriods",
                    "DatapointsToAlarm",
                    "MetricName",
                    "Namespace",
                    "Period",
                    "Statistic",
                    "Threshold",
                    "TreatMissingData",
                    "Metrics",
                ),
            )


def _single(ask: Ask) -> Iterator[Found]:
    for reservation in ask("ec2", "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            tags = tags_of(instance.get("Tags"))
            if (
                instance["State"]["Name"] not in {"running", "pending", "stopped"}
                or "aws:autoscaling:groupName" in tags
            ):
                continue
            groups: list[Value] = [each["GroupId"] for each in instance.get("SecurityGroups", ())]
            yield Found(
                kind="AWS::EC2::Instance",
                name=tags.get("Name", instance["InstanceId"]),
                properties={**picked(instance, "InstanceType", "EbsOptimized"), "SecurityGroupIds": tuple(groups)},
                identifiers={instance["InstanceId"]: None, instance.get("PrivateIpAddress", ""): "PrivateIp"},
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
