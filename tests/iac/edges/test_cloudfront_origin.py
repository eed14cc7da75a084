from iac.wirings import short, wiring_of
from tonnage.iac.edges.cloudfront_origin import edges

SITE = """
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Files: {Type: AWS::S3::Bucket}
  Name: {Type: AWS::Route53::RecordSet, Properties: {AliasTarget: {DNSName: !GetAtt Balancer.DNSName}}}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        CacheBehaviors:
          - {PathPattern: /files/*, TargetOriginId: files, CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
          - {PathPattern: /pictures/*, TargetOriginId: web, CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
        DefaultCacheBehavior: {TargetOriginId: web, CachePolicyId: %s}
        Origins:
          - {Id: web, DomainName: %s}
          - {Id: files, DomainName: !GetAtt Files.RegionalDomainName}
          - {Id: unused, DomainName: !GetAtt Files.WebsiteURL}
"""
DISABLED, OPTIMIZED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"


def test_an_origin_is_asked_on_a_miss_where_all_its_behaviours_cache():
    found = list(edges(wiring_of(SITE % (DISABLED, "!GetAtt Balancer.DNSName"))))
    assert short(found) == [("Site", "Balancer", "stated"), ("Site", "Files", "stated")]
    assert [edge.on_miss for edge in found] == [False, True]
    assert "cached for /pictures/* (" in found[0].evidence
    [web, _] = edges(wiring_of(SITE % (OPTIMIZED, "!GetAtt Balancer.DNSName")))
    assert web.on_miss


def test_a_name_that_stands_for_the_origin():
    [web, _] = edges(wiring_of(SITE % (OPTIMIZED, "!Ref Name")))
    assert web.callee == "Balancer"
