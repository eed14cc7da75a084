"""Auto Scaling groups with what they launch, their pools, hooks, schedules, policies and the alarms of these."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, plain, tags_of

CALLS = (
    "ec2:DescribeLaunchTemplateVersions",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribePolicies",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeScheduledActions",
    "autoscaling:DescribeWarmPool",
    "cloudwatch:DescribeAlarms",
)
_ASG = "AWS::AutoScaling::"


def read(ask: Ask) -> Iterator[Found]:
    """Groups, what they launch, what makes them grow and shrink."""
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
            "NewInstancesProtectedFromScaleIn",
            "CapacityRebalance",
            "InstanceMaintenancePolicy",
            "AvailabilityZoneDistribution",
            DefaultCooldown="Cooldown",
            LoadBalancerNames="LoadBalancerNames",
        )
        properties["AvailabilityZones"] = plain(group.get("AvailabilityZones", []))
        template = group.get("LaunchTemplate") or (
            group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
        )
        launch = properties.get("LaunchTemplate")
        if isinstance(launch, dict) and "LaunchTemplateId" in launch:
            # A template may give one of both names.
            launch.pop("LaunchTemplateName", None)
        if template:
            templates[template["LaunchTemplateId"]] = template.get("Version") or "$Default"
        yield Found(
            kind=f"{_ASG}AutoScalingGroup",
            name=name,
            properties=properties,
            identifiers={name: None, group.get("AutoScalingGroupARN", name): None},
            tags=tags_of(group.get("Tags")),
        )
        yield from _life(ask, name)
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
    yield from _schedules(ask)


def _life(ask: Ask, group: str) -> Iterator[Found]:
    """What a group waits for when it launches and ends instances, and what it keeps ready."""
    own = {"AutoScalingGroupName": group}
    for hook in ask("autoscaling", "describe_lifecycle_hooks", "LifecycleHooks", **own):
        yield Found(
            kind=f"{_ASG}LifecycleHook",
            name=f"{group}-{hook['LifecycleHookName']}",
            properties={**own, **picked(hook, "LifecycleTransition", "DefaultResult", "HeartbeatTimeout")},
            physical_id=f"{group}|{hook['LifecycleHookName']}",
        )
    for pool in ask("autoscaling", "describe_warm_pool", "WarmPoolConfiguration", **own):
        yield Found(
            kind=f"{_ASG}WarmPool",
            name=f"{group}-warm-pool",
            properties={
                **own,
                **picked(pool, "MaxGroupPreparedCapacity", "MinSize", "PoolState", "InstanceReusePolicy"),
            },
            physical_id=group,
        )


def _schedules(ask: Ask) -> Iterator[Found]:
    for each in ask("autoscaling", "describe_scheduled_actions", "ScheduledUpdateGroupActions"):
        yield Found(
            kind=f"{_ASG}ScheduledAction",
            name=f"{each['AutoScalingGroupName']}-{each['ScheduledActionName']}",
            properties=picked(
                each,
                "AutoScalingGroupName",
                "DesiredCapacity",
                "EndTime",
                "MaxSize",
                "MinSize",
                "Recurrence",
                "StartTime",
                "TimeZone",
            ),
            physical_id=each.get("ScheduledActionARN", each["ScheduledActionName"]),
        )


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
