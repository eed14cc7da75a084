"""Parts: resources that are no component of their own but belong to one (listeners, launch templates, stages …)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tonnage.workload import Component, Resource, Stack, references

_REST, _HTTP, _ELB = "AWS::ApiGateway::", "AWS::ApiGatewayV2::", "AWS::ElasticLoadBalancingV2::"

NAMES_OWNER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{_ELB}Listener": ("LoadBalancerArn",),
        f"{_ELB}ListenerRule": ("ListenerArn",),
        f"{_ELB}ListenerCertificate": ("ListenerArn",),
        "AWS::AutoScaling::ScalingPolicy": ("AutoScalingGroupName",),
        "AWS::AutoScaling::ScheduledAction": ("AutoScalingGroupName",),
        "AWS::AutoScaling::LifecycleHook": ("AutoScalingGroupName",),
        "AWS::AutoScaling::WarmPool": ("AutoScalingGroupName",),
        "AWS::CloudWatch::Alarm": ("AlarmActions", "OKActions", "InsufficientDataActions"),
        **{
            f"{_REST}{name}": ("RestApiId",)
            for name in (
                "Resource",
                "Method",
                "Stage",
                "Deployment",
                "Model",
                "RequestValidator",
                "GatewayResponse",
                "DocumentationPart",
                "DocumentationVersion",
                "BasePathMapping",
            )
        },
        f"{_REST}UsagePlan": ("ApiStages",),
        f"{_REST}UsagePlanKey": ("UsagePlanId",),
        f"{_REST}ApiKey": ("StageKeys",),
        **{
            f"{_HTTP}{name}": ("ApiId",)
            for name in (
                "Integration",
                "Route",
                "Stage",
                "Deployment",
                "Model",
                "ApiMapping",
                "IntegrationResponse",
                "RouteResponse",
            )
        },
        "AWS::Lambda::Version": ("FunctionName",),
        "AWS::Lambda::Alias": ("FunctionName",),
        "AWS::Lambda::EventInvokeConfig": ("FunctionName",),
        "AWS::Lambda::Url": ("TargetFunctionArn",),
        "AWS::RDS::DBInstance": ("DBClusterIdentifier",),
    }
)
"""Kinds that name the resource they belong to, with the properties that do."""

NAMED_BY_OWNER: frozenset[str] = frozenset(
    {
        f"{_ELB}TargetGroup",
        "AWS::EC2::LaunchTemplate",
        "AWS::AutoScaling::LaunchConfiguration",
        "AWS::RDS::DBSubnetGroup",
        "AWS::RDS::DBParameterGroup",
        "AWS::RDS::DBClusterParameterGroup",
        "AWS::RDS::OptionGroup",
        "AWS::ElastiCache::SubnetGroup",
        "AWS::ElastiCache::ParameterGroup",
        "AWS::Lambda::LayerVersion",
        "AWS::Serverless::LayerVersion",
        "AWS::Lambda::CodeSigningConfig",
        "AWS::ECS::TaskDefinition",
    }
)
"""Kinds that belong to whoever names them."""

SELECTS = ("Kubernetes::Service", "Kubernetes::PodDisruptionBudget", "Kubernetes::HorizontalPodAutoscaler")
"""Manifests that belong to the Deployment that they select or target."""

ALARM = "AWS::CloudWatch::Alarm"
POLICY = "AWS::AutoScaling::ScalingPolicy"


def parts_of(stack: Stack, components: Mapping[str, Component]) -> dict[str, str]:
    """Which component each resource belongs to, by logical id; components themselves are not in it.

    What a component's settings and policies were read from belongs to it, then whatever hangs on to that: a rule on a
    listener of a load balancer, an alarm on a policy of a group. A resource that two components share belongs to the
    first in the file.
    """
    owner: dict[str, str] = {}

    def claim(resource: str, component: str) -> bool:
        if resource in components or resource in owner or resource not in stack.resources:
            return False
        owner[resource] = component
        return True

    for component in components.values():
        origins = [*component.origins.values()]
        for policy in component.policies:
            claim(policy.name, component.name)
            origins += policy.origins.values()
        for origin in origins:
            claim(origin.resource, component.name)
    for resource in stack.of_kind(*SELECTS):
        for component_name in selected_deployments(resource, stack):
            if component_name in components:
                claim(resource.name, component_name)
    changed = True
    while changed:
        changed = False
        for resource in stack.resources.values():
            found = components.keys() & {resource.name} or {owner.get(resource.name, "")} - {""}
            for component_name in found:
                for reference in references(resource.properties):
                    named = stack.resources.get(reference.resource)
                    if named is not None and named.kind in NAMED_BY_OWNER:
                        changed |= claim(named.name, component_name)
            if not found:
                above = _owner(resource, stack, owner, components)
                changed |= above is not None and claim(resource.name, above)
    return owner


def selected_deployments(resource: Resource, stack: Stack) -> Iterator[str]:
    """Names of the Deployments whose pods a manifest selects by their labels, or that it targets by name."""
    target = resource.get("spec", "scaleTargetRef", "name")
    selector = resource.get("spec", "selector", "matchLabels") or resource.get("spec", "selector")
    for deployment in stack.of_kind("Kubernetes::Deployment"):
        labels = deployment.get("spec", "template", "metadata", "labels")
        if target is not None:
            if target == deployment.get("metadata", "name"):
                yield deployment.name
        elif (
            isinstance(selector, Mapping)
            and isinstance(labels, Mapping)
            and selector
            and all(labels.get(name) == value for name, value in selector.items())
        ):
            yield deployment.name


def _owner(
    resource: Resource, stack: Stack, owner: Mapping[str, str], components: Mapping[str, Component]
) -> str | None:
    for name in NAMES_OWNER.get(resource.kind, ()):
        for reference in references(resource.get(name)):
            named = stack.resources.get(reference.resource)
            if named is None or (resource.kind == ALARM and named.kind != POLICY):
                continue
            if named.name in components:
                return named.name
            if named.name in owner:
                return owner[named.name]
    return None


def belongs_to(resource: Resource) -> str | None:
    """The logical id that a resource names as its owner, modelled or not; None where it names none."""
    for name in NAMES_OWNER.get(resource.kind, ()):
        for reference in references(resource.get(name)):
            return reference.resource
    return None
