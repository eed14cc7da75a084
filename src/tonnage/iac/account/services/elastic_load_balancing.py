"""Application, Network and Gateway Load Balancers with listeners, rules and target groups."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, plain

CALLS = tuple(
    f"elasticloadbalancing:Describe{each}"
    for each in (
        "LoadBalancers",
        "LoadBalancerAttributes",
        "Listeners",
        "Rules",
        "TargetGroups",
        "TargetGroupAttributes",
        "TargetHealth",
    )
)
_V2 = "AWS::ElasticLoadBalancingV2::"
_KEPT = frozenset(
    {
        "idle_timeout.timeout_seconds",
        "load_balancing.cross_zone.enabled",
        "deregistration_delay.timeout_seconds",
        "slow_start.duration_seconds",
        "load_balancing.algorithm.type",
        "stickiness.enabled",
        "stickiness.type",
    }
)


def read(ask: Ask) -> Iterator[Found]:
    """Everything that listens, and where it forwards to."""
    for balancer in ask("elbv2", "describe_load_balancers", "LoadBalancers"):
        arn, name = balancer["LoadBalancerArn"], balancer["LoadBalancerName"]
        attributes = ask("elbv2", "describe_load_balancer_attributes", "Attributes", LoadBalancerArn=arn)
        yield Found(
            kind=f"{_V2}LoadBalancer",
            name=name,
            properties={
                **picked(balancer, "Type", "Scheme", "SecurityGroups"),
                "LoadBalancerAttributes": tuple(plain(each) for each in attributes if each["Key"] in _KEPT),
            },
            identifiers={arn: None, balancer.get("DNSName", arn): "DNSName"},
        )
        for listener in ask("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn):
            own = listener["ListenerArn"]
            yield Found(
                kind=f"{_V2}Listener",
                name=f"{name}-{listener.get('Port', 'listener')}",
                properties=picked(listener, "LoadBalancerArn", "Port", "Protocol", "DefaultActions"),
                identifiers={own: None},
            )
            for rule in ask("elbv2", "describe_rules", "Rules", ListenerArn=own):
                if not rule.get("IsDefault"):
                    yield Found(
                        kind=f"{_V2}ListenerRule",
                        name=f"{name}-rule-{rule.get('Priority')}",
                        properties={"ListenerArn": own, **picked(rule, "Actions")},
                        identifiers={rule["RuleArn"]: None},
                    )
    for group in ask("elbv2", "describe_target_groups", "TargetGroups"):
        arn = group["TargetGroupArn"]
        attributes = ask("elbv2", "describe_target_group_attributes", "Attributes", TargetGroupArn=arn)
        health = ask("elbv2", "describe_target_health", "TargetHealthDescriptions", TargetGroupArn=arn)
        yield Found(
            kind=f"{_V2}TargetGroup",
            name=group["TargetGroupName"],
            properties={
                **picked(group, "Port", "Protocol", "TargetType", "HealthCheckIntervalSeconds", "HealthCheckPath"),
                **picked(group, "HealthyThresholdCount", "UnhealthyThresholdCount", "HealthCheckTimeoutSeconds"),
                "TargetGroupAttributes": tuple(plain(each) for each in attributes if each["Key"] in _KEPT),
                "Targets": tuple({"Id": str(each["Target"]["Id"])} for each in health),
            },
            identifiers={arn: None},
        )
