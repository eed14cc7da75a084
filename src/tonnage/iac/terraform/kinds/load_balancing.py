"""Elastic Load Balancing.

Source: AWS provider for Terraform, aws_lb and the resources around it.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling, flag, listed
from tonnage.workload import Value

_V2 = "AWS::ElasticLoadBalancingV2::"
_BALANCER, _GROUP = "LoadBalancerAttributes", "TargetGroupAttributes"
_FORWARD: Spec = {"target_group": [("TargetGroups", {"arn": "TargetGroupArn"})], "stickiness": None}
_ACTION: Spec = {"forward": ("ForwardConfig", _FORWARD)}


def _stickiness(value: Value) -> Made:
    block = value[0] if isinstance(value, tuple) and value else value
    if not isinstance(block, Mapping) or block.get("enabled") is False:
        return {}
    return {
        _GROUP: ({"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": block.get("type")})
    }


_LB = Spelling(
    kind=f"{_V2}LoadBalancer",
    spec={
        "load_balancer_type": "Type",
        "idle_timeout": flag(_BALANCER, "idle_timeout.timeout_seconds"),
        "enable_cross_zone_load_balancing": flag(_BALANCER, "load_balancing.cross_zone.enabled"),
        "enable_http2": flag(_BALANCER, "routing.http2.enabled"),
        "enable_deletion_protection": None,
        "minimum_load_balancer_capacity": ("MinimumLoadBalancerCapacity", {}),
        "access_logs": None,
        "internal": lambda value: {"Scheme": "internal" if value is True else "internet-facing"},
    },
)
_LISTENER = Spelling(kind=f"{_V2}Listener", spec={"default_action": [("DefaultActions", _ACTION)]})
_RULE = Spelling(kind=f"{_V2}ListenerRule", spec={"action": [("Actions", _ACTION)], "condition": None})
_TARGETS = Spelling(
    kind=f"{_V2}TargetGroup",
    spec={
        "health_check": (
            "",
            {
                "enabled": "HealthCheckEnabled",
                "healthy_threshold": "HealthyThresholdCount",
                "unhealthy_threshold": "UnhealthyThresholdCount",
                "interval": "HealthCheckIntervalSeconds",
                "timeout": "HealthCheckTimeoutSeconds",
                "path": "HealthCheckPath",
                "port": "HealthCheckPort",
                "protocol": "HealthCheckProtocol",
                "matcher": None,
            },
        ),
        "deregistration_delay": flag(_GROUP, "deregistration_delay.timeout_seconds"),
        "slow_start": flag(_GROUP, "slow_start.duration_seconds"),
        "load_balancing_algorithm_type": flag(_GROUP, "load_balancing.algorithm.type"),
        "load_balancing_cross_zone_enabled": flag(_GROUP, "load_balancing.cross_zone.enabled"),
        "stickiness": _stickiness,
    },
)
_ATTACHMENT = Spelling(
    kind="", spec={"target_id": "Id", "target_group_arn": None}, into=("target_group_arn", "Targets[]")
)
KINDS: Mapping[str, Spelling] = {
    "aws_lb": _LB,
    "aws_alb": _LB,
    "aws_lb_listener": _LISTENER,
    "aws_alb_listener": _LISTENER,
    "aws_lb_listener_rule": _RULE,
    "aws_alb_listener_rule": _RULE,
    "aws_lb_listener_certificate": Spelling(kind=f"{_V2}ListenerCertificate"),
    "aws_lb_target_group": _TARGETS,
    "aws_alb_target_group": _TARGETS,
    "aws_lb_target_group_attachment": _ATTACHMENT,
    "aws_alb_target_group_attachment": _ATTACHMENT,
    "aws_elb": Spelling(
        kind="AWS::ElasticLoadBalancing::LoadBalancer",
        spec={
            "listener": [("Listeners", {"lb_port": "LoadBalancerPort", "lb_protocol": "Protocol"})],
            "health_check": ("HealthCheck", {}),
            "idle_timeout": "ConnectionSettings.IdleTimeout",
            "cross_zone_load_balancing": "CrossZone",
            "connection_draining": "ConnectionDrainingPolicy.Enabled",
            "connection_draining_timeout": "ConnectionDrainingPolicy.Timeout",
            "instances": listed("Instances"),
        },
    ),
}
