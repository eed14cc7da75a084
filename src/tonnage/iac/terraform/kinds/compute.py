"""EC2, Auto Scaling and the alarms that drive it.

Source: AWS provider for Terraform, aws_instance, aws_launch_template, aws_autoscaling_group and those around them.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling
from tonnage.workload import Value

_ASG = "AWS::AutoScaling::"
_OF_GROUP = "AutoScalingGroupName"
_EBS: Spec = {"volume_size": "VolumeSize", "volume_type": "VolumeType", "snapshot_id": "SnapshotId"}
_MAPPING: Spec = {"ebs": ("Ebs", _EBS)}
_TEMPLATE: Spec = {
    "vpc_security_group_ids": "SecurityGroupIds",
    "monitoring": ("Monitoring", {}),
    "credit_specification": ("CreditSpecification", {}),
    "block_device_mappings": [("BlockDeviceMappings", _MAPPING)],
    "iam_instance_profile": ("IamInstanceProfile", {}),
    "network_interfaces": [("NetworkInterfaces", {"security_groups": "Groups"})],
    "instance_market_options": ("InstanceMarketOptions", {"spot_options": ("SpotOptions", {})}),
    "placement": ("Placement", {}),
    "cpu_options": ("CpuOptions", {}),
    "metadata_options": None,
    "tag_specifications": None,
}
_NAMED_TEMPLATE: Spec = {"id": "LaunchTemplateId", "name": "LaunchTemplateName"}
_QUERY: Spec = {
    "metric_stat": ("MetricStat", {"metric": ("Metric", {"dimensions": [("Dimensions", {})]})}),
}
_PREDEFINED: Spec = {"resource_label": "ResourceLabel"}


def _data(spec: Spec) -> Spec:
    """A launch template's attributes, all but its names below ``LaunchTemplateData``."""
    names = ("image_id", "instance_type", "ebs_optimized", "user_data", "key_name", "kernel_id", "ram_disk_id")
    moved: dict[str, object] = {name: f"LaunchTemplateData.{_pascal(name)}" for name in names}
    for name, rule in spec.items():
        if isinstance(rule, tuple):
            moved[name] = (f"LaunchTemplateData.{rule[0]}", rule[1])
        elif isinstance(rule, list):
            moved[name] = [(f"LaunchTemplateData.{rule[0][0]}", rule[0][1])]
        else:
            moved[name] = f"LaunchTemplateData.{rule}" if isinstance(rule, str) else rule
    return {"name": "LaunchTemplateName", **moved}  # type: ignore[dict-item]


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _root_device(value: Value) -> Made:
    return {"BlockDeviceMappings": tuple(_device(each, "/dev/xvda") for each in _blocks(value))}


def _devices(value: Value) -> Made:
    return {"BlockDeviceMappings": tuple(_device(each, each.get("device_name")) for each in _blocks(value))}


def _blocks(value: Value) -> list[Mapping[str, Value]]:
    return [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Mapping)]


def _device(block: Mapping[str, Value], name: Value) -> Value:
    kept = ("volume_size", "volume_type", "iops", "throughput")
    return {"DeviceName": name, "Ebs": {_pascal(key): block[key] for key in kept if block.get(key) is not None}}


def _dimensions(value: Value) -> Made:
    if not isinstance(value, Mapping):
        return {}
    return {"Dimensions": tuple({"Name": name, "Value": each} for name, each in value.items())}


KINDS: Mapping[str, Spelling] = {
    "aws_instance": Spelling(
        kind="AWS::EC2::Instance",
        spec={
            "ami": "ImageId",
            "vpc_security_group_ids": "SecurityGroupIds",
            "credit_specification": ("CreditSpecification", {"cpu_credits": "CPUCredits"}),
            "root_block_device": _root_device,
            "ebs_block_device": _devices,
            "launch_template": ("LaunchTemplate", _NAMED_TEMPLATE),
            "metadata_options": None,
        },
    ),
    "aws_ebs_volume": Spelling(kind="AWS::EC2::Volume", spec={"type": "VolumeType"}),
    "aws_volume_attachment": Spelling(kind="AWS::EC2::VolumeAttachment", spec={"device_name": "Device"}),
    "aws_launch_template": Spelling(kind="AWS::EC2::LaunchTemplate", spec=_data(_TEMPLATE)),
    "aws_launch_configuration": Spelling(
        kind=f"{_ASG}LaunchConfiguration",
        spec={
            "name": "LaunchConfigurationName",
            "enable_monitoring": "InstanceMonitoring",
            "root_block_device": _root_device,
            "ebs_block_device": _devices,
        },
        defaults={"InstanceMonitoring": True},
    ),
    "aws_autoscaling_group": Spelling(
        kind=f"{_ASG}AutoScalingGroup",
        spec={
            "name": "AutoScalingGroupName",
            "target_group_arns": "TargetGroupARNs",
            "vpc_zone_identifier": "VPCZoneIdentifier",
            "load_balancers": "LoadBalancerNames",
            "default_cooldown": "Cooldown",
            "launch_configuration": "LaunchConfigurationName",
            "launch_template": ("LaunchTemplate", _NAMED_TEMPLATE),
            "mixed_instances_policy": (
                "MixedInstancesPolicy",
                {
                    "instances_distribution": ("InstancesDistribution", {}),
                    "launch_template": (
                        "LaunchTemplate",
                        {
                            "launch_template_specification": ("LaunchTemplateSpecification", {}),
                            "override": [("Overrides", {})],
                        },
                    ),
                },
            ),
            "initial_lifecycle_hook": [("LifecycleHookSpecificationList", {"name": "LifecycleHookName"})],
            "instance_maintenance_policy": ("InstanceMaintenancePolicy", {}),
            "instance_refresh": None,
            "tag": None,
            "warm_pool": None,
        },
        apart={
            "warm_pool": (
                f"{_ASG}WarmPool",
                _OF_GROUP,
                {"instance_reuse_policy": ("InstanceReusePolicy", {})},
            )
        },
    ),
    "aws_autoscaling_attachment": Spelling(
        kind="",
        spec={"lb_target_group_arn": "", "alb_target_group_arn": "", "autoscaling_group_name": None},
        into=("autoscaling_group_name", "TargetGroupARNs[]"),
    ),
    "aws_autoscaling_policy": Spelling(
        kind=f"{_ASG}ScalingPolicy",
        spec={
            "name": None,
            "autoscaling_group_name": _OF_GROUP,
            "target_tracking_configuration": (
                "TargetTrackingConfiguration",
                {
                    "predefined_metric_specification": ("PredefinedMetricSpecification", _PREDEFINED),
                    "customized_metric_specification": (
                        "CustomizedMetricSpecification",
                        {"metric_dimension": [("Dimensions", {})], "metrics": [("Metrics", _QUERY)]},
                    ),
                },
            ),
            "step_adjustment": [("StepAdjustments", {})],
            "predictive_scaling_configuration": (
                "PredictiveScalingConfiguration",
                {
                    "metric_specification": [
                        (
                            "MetricSpecifications",
                            {
                                name: (_pascal(name), {})
                                for name in (
                                    "predefined_metric_pair_specification",
                                    "predefined_load_metric_specification",
                                    "predefined_scaling_metric_specification",
                                )
                            },
                        )
                    ]
                },
            ),
        },
    ),
    "aws_autoscaling_schedule": Spelling(kind=f"{_ASG}ScheduledAction", spec={"autoscaling_group_name": _OF_GROUP}),
    "aws_autoscaling_lifecycle_hook": Spelling(
        kind=f"{_ASG}LifecycleHook", spec={"name": "LifecycleHookName", "autoscaling_group_name": _OF_GROUP}
    ),
    "aws_cloudwatch_metric_alarm": Spelling(
        kind="AWS::CloudWatch::Alarm",
        spec={
            "dimensions": _dimensions,
            "ok_actions": "OKActions",
            "extended_statistic": "ExtendedStatistic",
            "metric_query": [
                (
                    "Metrics",
                    {"metric": ("MetricStat", {"metric_name": "Metric.MetricName", "namespace": "Metric.Namespace"})},
                )
            ],
        },
    ),
    "aws_cloudwatch_dashboard": Spelling(kind="AWS::CloudWatch::Dashboard"),
    "aws_eip": Spelling(kind="AWS::EC2::EIP"),
    "aws_placement_group": Spelling(kind="AWS::EC2::PlacementGroup"),
    "aws_elb_attachment": Spelling(kind="", spec={"instance": "", "elb": None}, into=("elb", "Instances[]")),
}
