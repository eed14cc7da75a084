"""What AWS answers by itself is left out, what somebody set is kept."""

from tonnage.iac.account.answered_defaults import without_defaults


def test_only_what_was_set_is_kept() -> None:
    queue = {"VisibilityTimeout": 30, "DelaySeconds": 5, "RedrivePolicy": {}}
    assert without_defaults("AWS::SQS::Queue", queue) == {"DelaySeconds": 5, "RedrivePolicy": {}}
    assert without_defaults("AWS::SNS::Topic", queue) == queue


def test_attributes_are_told_one_by_one() -> None:
    idle = {"Key": "idle_timeout.timeout_seconds", "Value": "60"}
    across = {"Key": "load_balancing.cross_zone.enabled", "Value": "true"}
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    assert without_defaults(kind, {"Type": "application", "LoadBalancerAttributes": (idle, across)}) == {
        "Type": "application"
    }
    assert without_defaults(kind, {"Type": "network", "LoadBalancerAttributes": (idle, across)}) == {
        "Type": "network",
        "LoadBalancerAttributes": (across,),
    }
