from iac.wirings import stack_of
from tonnage.iac.parts import belongs_to, parts_of
from tonnage.workload import Component, Origin, ScalingPolicy

STACK = stack_of("""
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch}, TargetGroupARNs: [!Ref Targets]}
  Launch: {Type: AWS::EC2::LaunchTemplate}
  Spare: {Type: AWS::EC2::LaunchTemplate}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, DefaultActions: [{TargetGroupArn: !Ref Empty}]}
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener}}
  Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
  Empty: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
  Out: {Type: AWS::AutoScaling::ScalingPolicy, Properties: {AutoScalingGroupName: !Ref Web}}
  High: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Out]}}
  Pager: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Topic], Dimensions: [{Value: !Ref Web}]}}
  Topic: {Type: AWS::SNS::Topic}
  Volume: {Type: AWS::EC2::Volume}
""")
WEB = Component(name="Web", kind="AWS::AutoScaling::AutoScalingGroup")
BALANCER = Component(name="Balancer", kind="AWS::ElasticLoadBalancingV2::LoadBalancer")


def test_what_hangs_on_a_component_belongs_to_it():
    assert parts_of(STACK, {"Web": WEB, "Balancer": BALANCER}) == {
        "Launch": "Web",
        "Targets": "Web",
        "Out": "Web",
        "High": "Web",
        "Listener": "Balancer",
        "Rule": "Balancer",
        "Empty": "Balancer",
    }


def test_what_settings_and_policies_were_read_from_belongs_to_the_component():
    origin = Origin(resource="Volume", path=("Size",))
    policy = ScalingPolicy(
        name="Spare", mechanism="step", settings={}, origins={"a": Origin(resource="Topic", path=())}
    )
    parts = parts_of(
        STACK, {"Balancer": Component(name="Balancer", kind="x", origins={"a": origin}, policies=(policy,))}
    )
    assert {name for name, owner in parts.items() if owner == "Balancer"} >= {"Volume", "Spare", "Topic", "Rule"}


def test_a_component_is_never_part_of_another():
    origin = Origin(resource="Web", path=("MinSize",))
    parts = parts_of(STACK, {"Web": WEB, "Balancer": Component(name="Balancer", kind="x", origins={"a": origin})})
    assert "Web" not in parts
    assert "Balancer" not in parts


def test_without_the_owner_nothing_belongs():
    assert parts_of(STACK, {}) == {}
    assert belongs_to(STACK.resources["Rule"]) == "Listener"
    assert belongs_to(STACK.resources["Volume"]) is None
