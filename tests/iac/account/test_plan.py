"""What differs between a file and its account becomes calls, or is told."""

from collections.abc import Mapping

from tonnage.iac.account.plan import plan
from tonnage.workload import Place, Reference, Resource, Stack, Text, Value

GROUP, POLICY = "AWS::AutoScaling::AutoScalingGroup", "AWS::AutoScaling::ScalingPolicy"


def resource(name: str, kind: str, own: str | None, **properties: Value) -> Resource:
    attributes: Mapping[str, Value] = {"Metadata": {"Tonnage": {"PhysicalId": own}}} if own else {}
    return Resource(name=name, kind=kind, properties=properties, place=Place(file="f", line=1), attributes=attributes)


def stack(*resources: Resource) -> Stack:
    return Stack(file="f", resources={each.name: each for each in resources}, region="us-east-1")


def test_only_what_differs_is_asked() -> None:
    now = stack(resource("Web", GROUP, "web", MinSize=2, MaxSize=8), resource("Q", "AWS::SQS::Queue", "q"))
    wanted = stack(
        resource("Site", GROUP, "web", MinSize="2", MaxSize=12, HealthCheckType="ELB"),
        resource("Q", "AWS::SQS::Queue", "q", VisibilityTimeout=60),
    )
    found = plan(wanted, now)
    assert [(step.resource, step.says) for step in found.steps] == [("Site", "MaxSize 8 → 12")]
    assert found.left == (
        "Site.HealthCheckType differs, and is not changed by Tonnage",
        "Q.VisibilityTimeout differs, and is not changed by Tonnage",
    )


def test_what_a_policy_sets_is_left_to_it() -> None:
    policy = resource("P", POLICY, "p", AutoScalingGroupName=Reference("Web"), PolicyType="TargetTrackingScaling")
    now = stack(resource("Web", GROUP, "web", DesiredCapacity=7), policy)
    found = plan(stack(resource("Web", GROUP, "web", DesiredCapacity=2), policy), now)
    assert found.steps == ()
    assert found.left == ("Web.DesiredCapacity differs, and follows its scaling policy",)
    alone = plan(stack(resource("Web", GROUP, "web", DesiredCapacity=2)), stack(now.resources["Web"]))
    assert [step.says for step in alone.steps] == ["DesiredCapacity 7 → 2"]


def test_new_policies_come_last_and_name_what_the_account_has() -> None:
    balancer = resource("Lb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "arn:aws:elb:r:1:loadbalancer/app/web/50d")
    targets = resource("Tg", "AWS::ElasticLoadBalancingV2::TargetGroup", "arn:aws:elb:r:1:targetgroup/t/73e")
    group = resource("Web", GROUP, "web", MaxSize=8)
    label = Text((Reference("Lb", "LoadBalancerFullName"), "/", Reference("Tg", "TargetGroupFullName")))
    metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    new = resource(
        "Follow",
        POLICY,
        None,
        AutoScalingGroupName=Reference("Web"),
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 100},
    )
    bigger = resource("Web", GROUP, "web", MaxSize=9)
    found = plan(stack(new, balancer, targets, bigger), stack(balancer, targets, group))
    assert [step.resource for step in found.steps] == ["Web", "Follow"]
    asked = found.steps[1].call.arguments
    assert asked["AutoScalingGroupName"] == "web"
    specification = asked["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    assert specification["ResourceLabel"] == "app/web/50d/targetgroup/t/73e"


def test_what_is_gone_and_what_is_new_is_told() -> None:
    gone = resource("Old", GROUP, "old", MaxSize=1)
    cache = resource("Cache", "AWS::ElastiCache::CacheCluster", None, CacheNodeType="cache.t3.micro")
    orphan = resource("P", POLICY, None, AutoScalingGroupName=Reference("Nobody"), PolicyType=Reference("Nobody"))
    found = plan(stack(gone, cache, orphan), stack())
    assert found.steps == ()
    assert found.drift == ("Old (old) is no longer in the account",)
    assert found.left == (
        "Cache is new: AWS::ElastiCache::CacheCluster is not made by Tonnage",
        "P.PolicyType names what the account does not have",
    )
