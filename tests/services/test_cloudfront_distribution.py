from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room, titles, writable
from tonnage.engine.primitives import Bucket, Cache
from tonnage.engine.program import Lookup
from tonnage.services import Situation, Usage, cloudfront_distribution
from tonnage.workload import Call, Component, declared

RESOURCES = """
Cdn:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      PriceClass: PriceClass_100
      Origins:
        - Id: app
          DomainName: !GetAtt Balancer.DNSName
          ConnectionAttempts: 2
          ConnectionTimeout: 5
          CustomOriginConfig: {OriginProtocolPolicy: https-only, OriginReadTimeout: 45}
      DefaultCacheBehavior: {TargetOriginId: app, CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
      CacheBehaviors:
        - {PathPattern: /api/*, TargetOriginId: app, CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}
Off:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Origins: [{Id: app, DomainName: www.example.com}]
      DefaultCacheBehavior: {TargetOriginId: app, CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}
Legacy:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Origins: [{Id: app, DomainName: www.example.com}]
      DefaultCacheBehavior: {TargetOriginId: app, ForwardedValues: {QueryString: false}, DefaultTTL: 0}
Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
"""


def looked_up(component: Component, request: str) -> Cache:
    """The cache that a request is looked up in."""
    call = Call(component=component.name, request=request, on_miss=(Call(component="Balancer"),))
    step = cloudfront_distribution.visit(component, call, CATALOG).enter[-1]
    assert isinstance(step, Lookup)
    found = cloudfront_distribution.behaviour(component, CATALOG).primitives[step.cache]
    assert isinstance(found, Cache)
    return found


def stated(component: Component, **values: float) -> Component:
    quantities = {name: declared(value, "1", "the test") for name, value in values.items()}
    return replace(component, characteristics={**component.characteristics, **quantities})


def test_a_request_is_kept_by_its_behavior_and_method(tmp_path: Path) -> None:
    cdn = stated(gathered(cloudfront_distribution, a_stack(tmp_path, RESOURCES), "Cdn"), hit_ratio=0.8)
    holds_for_every_room(cloudfront_distribution, cdn)
    assert looked_up(cdn, "").hit_ratio == pytest.approx(0.8)
    assert looked_up(cdn, "GET /page").hit_ratio == pytest.approx(0.8)
    assert looked_up(cdn, "POST /page").hit_ratio == 0.0
    assert looked_up(cdn, "GET /api/x").hit_ratio == 0.0


def test_what_the_origin_forbids_is_kept_for_the_minimum_only(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    legacy = gathered(cloudfront_distribution, stack, "Legacy")
    assert looked_up(legacy, "/").hit_ratio == 0.0
    assert looked_up(stated(legacy, max_age=60.0, hit_ratio=0.5), "/").hit_ratio == 0.5
    assert looked_up(stated(legacy, max_age=0.0), "/").hit_ratio == 0.0
    kept = stated(gathered(cloudfront_distribution, stack, "Cdn"), max_age=0.0, objects=10.0, regional_caches=1.0)
    assert looked_up(kept, "/").ttl_s == 1.0, "CachingOptimized keeps everything for a second"


def test_regional_caches_share_the_requests_and_origin_shield_joins_them(tmp_path: Path) -> None:
    cdn = gathered(cloudfront_distribution, a_stack(tmp_path, RESOURCES), "Cdn")
    known = stated(cdn, objects=1000.0, max_age=600.0, regional_caches=4.0)
    assert looked_up(known, "/").ttl_s == 150.0
    shielded = replace(known, settings={**known.settings, "OriginShield.Enabled": True})
    assert looked_up(shielded, "/").ttl_s == 600.0
    by_ratio = stated(replace(cdn, settings=shielded.settings), hit_ratio=0.8, shield_hit_ratio=0.5)
    assert looked_up(by_ratio, "/").hit_ratio == pytest.approx(0.9)


def test_quotas_by_requests_and_by_bandwidth(tmp_path: Path) -> None:
    # CloudFront developer guide, quotas: 250,000 requests/s and 150 Gbit/s for a distribution.
    cdn = gathered(cloudfront_distribution, a_stack(tmp_path, RESOURCES), "Cdn")

    def quota(size: float) -> Bucket:
        bucket = cloudfront_distribution.behaviour(stated(cdn, response_size=size), CATALOG).primitives["Cdn/quota"]
        assert isinstance(bucket, Bucket)
        return bucket

    assert quota(10_000.0).rate_per_s == 250_000.0
    assert quota(1e6).rate_per_s == pytest.approx(18_750.0)
    assert "150 Gbit/s" in quota(1e6).refusal


def test_an_unreachable_origin_and_a_slow_one(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    limits = cloudfront_distribution.behaviour(gathered(cloudfront_distribution, stack, "Cdn"), CATALOG).limits
    assert (limits["timeout_s"], limits["origin unreachable after (s)"]) == (45.0, 10.0)
    # E5: CloudFront developer guide, distribution settings: the defaults are 10 s and 3 attempts, 30 s in all.
    limits = cloudfront_distribution.behaviour(gathered(cloudfront_distribution, stack, "Off"), CATALOG).limits
    assert (limits["timeout_s"], limits["origin unreachable after (s)"]) == (30.0, 30.0)


def test_price_by_requests_and_by_tiers_of_the_month(tmp_path: Path) -> None:
    # CloudFront pricing, United States: 0.0100 USD for 10,000 HTTPS requests; 0.085 USD/GB for 10 TB, then 0.080.
    cdn = gathered(cloudfront_distribution, a_stack(tmp_path, RESOURCES), "Cdn")
    month_s = 730.0 * 3600.0
    usage = Usage(visits_per_s=100.0, per_visit={"bytes": 20.0 * 1024.0 * 1e9 / month_s / 100.0})
    cost = cloudfront_distribution.price(cdn, usage, CATALOG)
    assert cost.items["requests"] * 730.0 == pytest.approx(100.0 * month_s / 1e4 * 0.01)
    assert cost.items["data transfer out"] * 730.0 == pytest.approx(10_240.0 * 0.085 + 10_240.0 * 0.08)


def test_caching_is_proposed_where_there_is_none(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    (keep,) = writable(cloudfront_distribution, stack, gathered(cloudfront_distribution, stack, "Off"), Situation())
    assert keep.title.endswith("→ 658327ea-f89d-4fab-a63d-7e88639e58f6")
    legacy = gathered(cloudfront_distribution, stack, "Legacy")
    assert titles(writable(cloudfront_distribution, stack, legacy, Situation())) == ["Legacy DefaultTTL 0 → 60"]
    cdn = gathered(cloudfront_distribution, stack, "Cdn")
    assert titles(writable(cloudfront_distribution, stack, cdn)) == ["Cdn OriginShield.Enabled (unset) → True"]
