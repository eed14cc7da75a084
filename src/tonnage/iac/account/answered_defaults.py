"""What an account answers although nobody has set it: AWS's own defaults, which templates leave out.

The values are those that the reference of each CloudFormation resource type states for the property.
"""

from collections.abc import Mapping

from tonnage.workload import Value

_V2 = "AWS::ElasticLoadBalancingV2::"
_DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "AWS::SQS::Queue": {
        "VisibilityTimeout": 30,
        "MessageRetentionPeriod": 345600,
        "DelaySeconds": 0,
        "ReceiveMessageWaitTimeSeconds": 0,
    },
    "AWS::AutoScaling::AutoScalingGroup": {
        "TerminationPolicies": ("Default",),
        "LoadBalancerNames": (),
        "NewInstancesProtectedFromScaleIn": False,
        "CapacityRebalance": False,
    },
    "AWS::AutoScaling::ScalingPolicy": {"StepAdjustments": ()},
    "AWS::Lambda::Function": {"PackageType": "Zip", "Architectures": ("x86_64",)},
    "AWS::DynamoDB::Table": {"BillingMode": "PROVISIONED"},
    "AWS::Kinesis::Stream": {"RetentionPeriodHours": 24, "StreamModeDetails": {"StreamMode": "PROVISIONED"}},
    f"{_V2}TargetGroup": {
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/",
        "Targets": (),
    },
}
_ATTRIBUTES: Mapping[str, str] = {
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "deregistration_delay.timeout_seconds": "300",
    "slow_start.duration_seconds": "0",
    "load_balancing.algorithm.type": "round_robin",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
}
_LISTS_OF_ATTRIBUTES = ("LoadBalancerAttributes", "TargetGroupAttributes")


def without_defaults(kind: str, properties: Mapping[str, Value]) -> dict[str, Value]:
    """Properties of a resource without those that say what AWS would do anyway.

    Args:
        kind: CloudFormation resource type.
        properties: As answered.
    """
    defaults = _DEFAULTS.get(kind, {})
    kept = {name: value for name, value in properties.items() if name not in defaults or value != defaults[name]}
    for name in _LISTS_OF_ATTRIBUTES:
        value = kept.get(name)
        if isinstance(value, tuple):
            own = tuple(each for each in value if not _is_default(each, properties))
            kept = {key: each for key, each in kept.items() if key != name} | ({name: own} if own else {})
    return kept


def _is_default(attribute: Value, properties: Mapping[str, Value]) -> bool:
    if not isinstance(attribute, Mapping):
        return False
    key, value = attribute.get("Key"), attribute.get("Value")
    if key == "load_balancing.cross_zone.enabled" and properties.get("Type") in {"network", "gateway"}:
        return value == "false"
    return _ATTRIBUTES.get(str(key)) == value
