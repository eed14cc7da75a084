import pytest

from iac.wirings import short, wiring_of
from tonnage.iac.edges.distribution_origin import edges

ORIGINS = """
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Files: {Type: AWS::S3::Bucket}
  Api: {Type: AWS::ApiGateway::RestApi}
  Handler: {Type: AWS::Lambda::Function}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Handler.Arn}}
  Orders: {Type: AWS::DynamoDB::Table}
"""


def distribution(domain, target="site"):
    return f"""
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Logging: {{Bucket: !GetAtt Files.DomainName}}
        Origins: [{{Id: site, DomainName: {domain}}}, {{Id: other, DomainName: old.example.com}}]
        DefaultCacheBehavior: {{TargetOriginId: {target}}}
"""


@pytest.mark.parametrize(
    ("domain", "callee"),
    [
        ("!GetAtt Balancer.DNSName", "Balancer"),
        ("!GetAtt Files.RegionalDomainName", "Files"),
        ("!Sub '${Api}.execute-api.${AWS::Region}.amazonaws.com'", "Api"),
        ("!Select [2, !Split ['/', !GetAtt Url.FunctionUrl]]", "Handler"),
    ],
)
def test_the_domain_of_an_origin_names_what_is_asked_on_a_miss(domain, callee):
    (found,) = edges(wiring_of(distribution(domain) + ORIGINS))
    assert short([found]) == [("Cdn", callee, "stated")]
    assert found.evidence.startswith("origin site of Cdn (t.yaml:")


@pytest.mark.parametrize("domain", ["www.example.com", "!GetAtt Orders.Arn"])
def test_what_is_no_origin_is_not_called(domain):
    assert list(edges(wiring_of(distribution(domain) + ORIGINS))) == []


def test_an_origin_that_no_behavior_targets_is_not_called():
    assert list(edges(wiring_of(distribution("!GetAtt Balancer.DNSName", target="other") + ORIGINS))) == []
