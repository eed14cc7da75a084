"""Application Auto Scaling: targets, schedules, policies of everything that is no EC2 group."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
)
_NAMESPACES = ("ecs", "dynamodb", "lambda", "rds", "elasticache")


def read(ask: Ask) -> Iterator[Found]:
    """Scalable targets with their schedules, and policies."""
    kind = "AWS::ApplicationAutoScaling::"
    for namespace in _NAMESPACES:
        arguments = {"ServiceNamespace": namespace}
        actions = list(ask("application-autoscaling", "describe_scheduled_actions", "ScheduledActions", **arguments))
        for target in ask("application-autoscaling", "describe_scalable_targets", "ScalableTargets", **arguments):
            title = f"{target['ResourceId']} {target['ScalableDimension'].rpartition(':')[2]}"
            kept = (
                "MinCapacity",
                "MaxCapacity",
                "ResourceId",
                "ScalableDimension",
                "ServiceNamespace",
                "SuspendedState",
            )
            own = f"{target['ResourceId']}|{target['ScalableDimension']}|{namespace}"
            schedules = [
                picked(
                    each, "ScheduledActionName", "Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction"
                )
                for each in actions
                if (each["ResourceId"], each["ScalableDimension"])
                == (target["ResourceId"], target["ScalableDimension"])
            ]
            yield Found(
                kind=f"{kind}ScalableTarget",
                name=title,
                properties={**picked(target, *kept), **({"ScheduledActions": tuple(schedules)} if schedules else {})},
                identifiers={own: None},
            )
        for policy in ask("application-autoscaling", "describe_scaling_policies", "ScalingPolicies", **arguments):
            yield Found(
                kind=f"{kind}ScalingPolicy",
                name=policy["PolicyName"],
                properties=picked(
                    policy,
                    "PolicyName",
                    "PolicyType",
                    "ResourceId",
                    "ScalableDimension",
                    "ServiceNamespace",
                    "TargetTrackingScalingPolicyConfiguration",
                    "StepScalingPolicyConfiguration",
                ),
                identifiers={policy["PolicyARN"]: None},
            )
