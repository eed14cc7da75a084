import pytest

from iac.wirings import wiring_of
from tonnage.iac.not_modelled import not_modelled


def reasons(text):
    wiring = wiring_of(text)
    left_out = [each for name, each in wiring.stack.resources.items() if name not in wiring.components]
    return {each.name: (found.matters, found.reason) for each in left_out for found in [not_modelled(each, wiring)]}


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("AWS::IAM::Role", "access control"),
        ("AWS::Lambda::Permission", "access control"),
        ("AWS::S3::BucketPolicy", "access control"),
        ("AWS::KMS::Key", "access control"),
        ("AWS::EC2::SecurityGroupIngress", "network"),
        ("AWS::EC2::SubnetRouteTableAssociation", "network"),
        ("AWS::EC2::VPCEndpoint", "network"),
        ("AWS::Logs::LogGroup", "monitoring"),
        ("AWS::CloudWatch::Alarm", "monitoring"),
        ("AWS::Backup::BackupPlan", "backup and migration"),
        ("AWS::ElastiCache::SubnetGroup", "no modelled component names it"),
    ],
)
def test_what_carries_no_requests(kind, group):
    assert reasons(f"  It: {{Type: {kind}}}\n")["It"] == (False, f"carries no requests ({group})")


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::WAFv2::WebACL",
        "AWS::Cognito::UserPool",
        "AWS::ApiGateway::Authorizer",
        "AWS::Nonesuch::Thing",
    ],
)
def test_what_requests_pass_through_matters(kind):
    matters, reason = reasons(f"  It: {{Type: {kind}}}\n")["It"]
    assert matters
    assert "carries no requests" not in reason


def test_a_custom_resource_does_not_matter():
    matters, reason = reasons("  It: {Type: Custom::Thing}\n")["It"]
    assert not matters
    assert "when the stack is deployed" in reason


def test_an_authorizer_names_its_function():
    matters, reason = reasons("""
  Check:
    Type: AWS::ApiGateway::Authorizer
    Properties: {AuthorizerUri: !Sub "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Verify.Arn}/invocations"}
  Verify: {Type: AWS::Lambda::Function}
""")["Check"]
    assert matters
    assert "the authorizer's call of Verify" in reason


def test_application_auto_scaling_of_a_component_and_of_something_else():
    found = reasons("""
  Orders: {Type: AWS::DynamoDB::Table}
  Service: {Type: AWS::AppStream::Fleet}
  Reads: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: !Sub "table/${Orders}"}}
  Policy: {Type: AWS::ApplicationAutoScaling::ScalingPolicy, Properties: {ScalingTargetId: !Ref Reads}}
  Cluster: {Type: AWS::ECS::Cluster}
  Tasks:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {ResourceId: !Sub "service/${Cluster}/${Service.Name}"}
""")
    scaling = (True, "scaling of Orders is not simulated; capacity is taken as written")
    assert found["Reads"] == found["Policy"] == scaling
    assert found["Tasks"] == (False, "scaling of Service, which is not modelled itself")


def test_a_schedule_matters_if_it_calls_something():
    found = reasons("""
  Nightly: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: a, Arn: !GetAtt Handler.Arn}]}}
  Mail: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: a, Arn: !Ref Topic}]}}
  Topic: {Type: AWS::SNS::Topic}
  Handler: {Type: AWS::Lambda::Function}
""")
    assert found["Nightly"] == (True, "the load that its events or schedule put on Handler is not simulated")
    assert not found["Mail"][0]


def test_a_part_of_what_is_not_modelled_says_of_what():
    found = reasons("""
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Gateway}}
  Gateway: {Type: AWS::Nonesuch::Gateway}
""")
    assert found["Listener"] == (False, "belongs to Gateway, which is not modelled")
