"""A site behind CloudFront, reviewed from the command line: what the edge keeps decides what the origin carries."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import run
from tonnage.engine.primitives.cache import expiring_hit_ratio

pytestmark = pytest.mark.e2e

TEMPLATE = """\
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: app
            DomainName: !GetAtt Balancer.DNSName
            CustomOriginConfig: { OriginProtocolPolicy: https-only }
          - Id: files
            DomainName: !GetAtt Files.RegionalDomainName
            S3OriginConfig: {}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: !Ref Pages
        CacheBehaviors:
          - PathPattern: /static/*
            TargetOriginId: files
            ViewerProtocolPolicy: redirect-to-https
            CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          - PathPattern: /cart/*
            TargetOriginId: app
            ViewerProtocolPolicy: redirect-to-https
            CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
  Pages:
    Type: AWS::CloudFront::CachePolicy
    Properties:
      CachePolicyConfig: { Name: pages, MinTTL: 0, DefaultTTL: TTL, MaxTTL: 3600 }
  Files:
    Type: AWS::S3::Bucket
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: { Type: application }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Port: 80, Protocol: HTTP }
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties: { LaunchTemplateData: { InstanceType: m6i.large } }
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate: { LaunchTemplateId: !Ref Launch, Version: "1" }
      MinSize: "2"
      MaxSize: "2"
      TargetGroupARNs: [!Ref Targets]
"""
ROUTES = """\
architecture: template.yaml
traffic: constant 100/s for 10 min
growth: 1.2
objectives: [p99 latency < 500 ms, errors < 0.1 %]
routes:
  pages:
    share: PAGES
    request: GET /products/1
    call: Cdn
    then: [{ call: Balancer, then: [{ call: Web, demands: { cpu: 20 ms } }] }]
  files:
    share: 10 %
    request: GET /static/logo.png
    call: Cdn
    on miss: [{ call: Files, demands: { object_size: 50000 } }]
  cart:
    share: CART
    request: POST /cart/add
    call: Cdn
    then: [{ call: Balancer, then: [{ call: Web, demands: { cpu: 20 ms } }] }]
components:
  Cdn: CHARACTERISTICS
"""
QUICK = ("--no-advise", "--window", "60", "--quiet", "--format", "json")


def reviewed(
    folder: Path, characteristics: str, *, pages: str = "80 %", cart: str = "10 %", ttl: str = "60"
) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(TEMPLATE.replace("TTL: TTL", f"TTL: {ttl}"))
    text = ROUTES.replace("PAGES", pages).replace("CART", cart).replace("CHARACTERISTICS", characteristics)
    (folder / "tonnage.yaml").write_text(text)
    result = run("review", str(folder), *QUICK)
    assert result.code in {0, 1}, result.err
    return dict(json.loads(result.out))


def carried_per_s(review: dict[str, Any]) -> float:
    return float(review["load_line"]["rate_per_s"])


def seen(review: dict[str, Any], component: str) -> dict[str, Any]:
    return dict(review["loads"][0]["components"][component])


def test_what_the_edge_keeps_moves_the_load_line(tmp_path: Path) -> None:
    half = reviewed(tmp_path / "half", "{ hit_ratio: 0.5 }")
    most = reviewed(tmp_path / "most", "{ hit_ratio: 0.9 }")
    # Pages (80 %) are asked of the origin at 1 - h, the cart (10 %) always: 0.5 and 0.18 of the requests.
    assert carried_per_s(most) / carried_per_s(half) == pytest.approx(0.5 / 0.18, rel=0.1)
    assert seen(half, "Cdn")["hit_ratio"] == pytest.approx(0.45, abs=0.02)
    assert seen(most, "Cdn")["hit_ratio"] == pytest.approx(0.81, abs=0.02)


def test_a_policy_that_keeps_nothing_is_told_and_carried_by_the_origin(tmp_path: Path) -> None:
    kept = reviewed(tmp_path / "kept", "{ hit_ratio: 0.9 }")
    sent = reviewed(tmp_path / "sent", "{ hit_ratio: 0.9 }", ttl="0")
    # Now 90 % of the requests reach the origin: pages and cart; the files are still kept.
    assert carried_per_s(kept) / carried_per_s(sent) == pytest.approx(0.9 / 0.18, rel=0.1)
    told = [each for each in sent["findings"] if each.get("check") == "cloudfront-behavior-not-cached"]
    assert [each["resource"] for each in told] == ["Cdn"]
    assert "the default behavior keeps nothing" in told[0]["what"]
    assert [each for each in kept["findings"] if each.get("check") == "cloudfront-behavior-not-cached"] == []


def test_with_the_objects_known_the_ratio_comes_out_of_their_popularity(tmp_path: Path) -> None:
    # 80 requests/s for 2,000 pages of Zipf 0.9 kept for 60 s in one cache: the share that
    # expiring_hit_ratio(2000, 0.9, 80 x 60) gives.
    review = reviewed(tmp_path, "{ objects: 2000, popularity: 0.9, regional_caches: 1, response_size: 20000 }")
    pages, files = expiring_hit_ratio(2000, 0.9, 80 * 60), expiring_hit_ratio(2000, 0.9, 10 * 86_400)
    assert seen(review, "Cdn")["hit_ratio"] == pytest.approx(0.8 * pages + 0.1 * files, abs=0.03)


def test_clients_that_are_known_make_the_way_part_of_the_latency(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    reviewed(folder, "{ hit_ratio: 0.9 }")
    file = folder / "tonnage.yaml"
    near = json.loads(run("review", str(folder), *QUICK).out)
    file.write_text(file.read_text() + "clients: { tokyo: 50 %, us-east-1: 50 % }\n")
    far = json.loads(run("review", str(folder), *QUICK).out)
    p99_s = [float(each["loads"][0]["judgements"][0]["value"]) for each in (near, far)]
    # Of the slowest hundredth of the requests all come from Tokyo and miss: 147 ms to the Region, 15 ms to the edge.
    assert p99_s[1] - p99_s[0] == pytest.approx(0.162, rel=0.35)
    assert any("what the clients see" in note and "Tokyo 147 ms" in note for note in far["notes"])


def test_the_template_alone_is_reviewed_and_says_what_the_traffic_is(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("TTL: TTL", "TTL: 60"))
    result = run("review", str(tmp_path / "template.yaml"), "--traffic", "constant 50/s for 10 min", *QUICK[:-2])
    said = " ".join(result.out.split())
    assert "Load line" in said
    assert "the traffic is taken as what clients send to Cdn" in said
    assert "not confirmed: Files, Balancer" in said
    assert "Cdn hit_ratio" in said


def test_a_distribution_is_proposed_where_routes_say_that_they_read(tmp_path: Path) -> None:
    start, end = TEMPLATE.index("  Cdn:"), TEMPLATE.index("  Balancer:")
    (tmp_path / "template.yaml").write_text(TEMPLATE[:start] + TEMPLATE[end:])
    served = "[{ call: Web, demands: { cpu: 10 ms } }]"
    (tmp_path / "tonnage.yaml").write_text(
        "architecture: template.yaml\ntraffic: constant 450/s for 10 min\n"
        "objectives: [p99 latency < 500 ms, errors < 0.1 %]\nroutes:\n"
        f"  pages: {{ share: 85 %, request: GET /products/1, call: Balancer, then: {served} }}\n"
        f"  cart: {{ share: 15 %, request: POST /cart, call: Balancer, then: {served} }}\n"
    )
    review = json.loads(run("review", str(tmp_path), *QUICK[1:]).out)
    (found,) = [each for each in review["recommendations"] if "CloudFront in front of Balancer" in json.dumps(each)]
    assert "BalancerDistribution" in found["diff"]
    # Of 85 % GETs 70 % are taken to hit: 40.5 % of the requests reach the origin, which carries 1 / 0.405 as many.
    more = found["effect"]["load_line"]["rate_per_s"] / review["load_line"]["rate_per_s"]
    assert more == pytest.approx(1.0 / 0.405, rel=0.1)
