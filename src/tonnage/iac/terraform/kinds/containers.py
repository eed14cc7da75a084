"""ECS and EKS, and Application Auto Scaling of services, tables and databases.

Source: AWS provider for Terraform, aws_ecs_service, aws_ecs_task_definition, aws_appautoscaling_target and policy.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling
from tonnage.iac.terraform.policy_document import as_document
from tonnage.workload import Reference, Value

_AAS = "AWS::ApplicationAutoScaling::"


def _containers(value: Value) -> Made:
    """Container definitions, JSON text with names in camel case."""
    found = as_document(value)
    return {"ContainerDefinitions": tuple(_capital(each) for each in found)} if isinstance(found, tuple) else {}


def _capital(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: _capital(each) for key, each in value.items()}
    return tuple(_capital(each) for each in value) if isinstance(value, tuple) else value


def _target(value: Value) -> Made:
    return {"ResourceId": value, **({"ScalingTargetId": value} if isinstance(value, Reference) else {})}


_PREDEFINED: Spec = {}
_TRACKING: Spec = {
    "predefined_metric_specification": ("PredefinedMetricSpecification", _PREDEFINED),
    "customized_metric_specification": ("CustomizedMetricSpecification", {"dimensions": [("Dimensions", {})]}),
}
KINDS: Mapping[str, Spelling] = {
    "aws_ecs_cluster": Spelling(kind="AWS::ECS::Cluster", spec={"name": "ClusterName", "setting": None}),
    "aws_ecs_capacity_provider": Spelling(
        kind="AWS::ECS::CapacityProvider",
        spec={"auto_scaling_group_provider": ("AutoScalingGroupProvider", {"managed_scaling": ("ManagedScaling", {})})},
    ),
    "aws_ecs_cluster_capacity_providers": Spelling(kind="AWS::ECS::ClusterCapacityProviderAssociations"),
    "aws_ecs_service": Spelling(
        kind="AWS::ECS::Service",
        spec={
            "name": "ServiceName",
            "load_balancer": [("LoadBalancers", {"elb_name": "LoadBalancerName"})],
            "network_configuration": ("NetworkConfiguration.AwsvpcConfiguration", {}),
            "capacity_provider_strategy": [("CapacityProviderStrategy", {})],
            "deployment_maximum_percent": "DeploymentConfiguration.MaximumPercent",
            "deployment_minimum_healthy_percent": "DeploymentConfiguration.MinimumHealthyPercent",
            "deployment_circuit_breaker": ("DeploymentConfiguration.DeploymentCircuitBreaker", {}),
            "ordered_placement_strategy": [("PlacementStrategies", {})],
            "service_registries": [("ServiceRegistries", {})],
            "iam_role": "Role",
        },
    ),
    "aws_ecs_task_definition": Spelling(
        kind="AWS::ECS::TaskDefinition",
        spec={
            "container_definitions": _containers,
            "runtime_platform": ("RuntimePlatform", {}),
            "ephemeral_storage": ("EphemeralStorage", {"size_in_gib": "SizeInGiB"}),
            "volume": None,
        },
    ),
    "aws_appautoscaling_target": Spelling(
        kind=f"{_AAS}ScalableTarget", spec={"suspended_state": ("SuspendedState", {})}
    ),
    "aws_appautoscaling_policy": Spelling(
        kind=f"{_AAS}ScalingPolicy",
        spec={
            "name": "PolicyName",
            "resource_id": _target,
            "target_tracking_scaling_policy_configuration": ("TargetTrackingScalingPolicyConfiguration", _TRACKING),
            "step_scaling_policy_configuration": (
                "StepScalingPolicyConfiguration",
                {"step_adjustment": [("StepAdjustments", {})]},
            ),
        },
    ),
    "aws_appautoscaling_scheduled_action": Spelling(
        kind="",
        spec={
            "name": "ScheduledActionName",
            "scalable_target_action": ("ScalableTargetAction", {}),
            "resource_id": None,
            "service_namespace": None,
            "scalable_dimension": None,
        },
        into=("resource_id", "ScheduledActions[]"),
    ),
    "aws_eks_cluster": Spelling(kind="AWS::EKS::Cluster"),
    "aws_eks_node_group": Spelling(
        kind="AWS::EKS::Nodegroup",
        spec={"node_group_name": "NodegroupName", "scaling_config": ("ScalingConfig", {}), "subnet_ids": "Subnets"},
    ),
}
