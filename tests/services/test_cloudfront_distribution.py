"""CloudFront: the time to live by the documented table, hits, shield, and what reaches the origin."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, refused, titles, writable
from tonnage.compile import compile_workload
from tonnage.engine.primitives import Bucket, Cache
from tonnage.iac.read_architecture import entries, understand
from tonnage.intake.infer_routes import infer_routes
from tonnage.services import Situation, Usage, cloudfront_distribution
from tonnage.services._cache_behaviors import MANAGED, CacheBehavior, cache_behaviors, time_to_live_s
from tonnage.simulate import simulate
from tonnage.workload import Call, Component, Scenario, Stack, Traffic, Workload, declared

SITE = """
Site:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Enabled: true
      DefaultCacheBehavior:
        TargetOriginId: files
        ViewerProtocolPolicy: allow-all
        %s
      Origins:
        - {Id: files, DomainName: !GetAtt Files.RegionalDomainName, S3OriginConfig: {}, OriginShield: {Enabled: %s}}
Files: {Type: AWS::S3::Bucket}
"""
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def site(tmp_path: Path, *lines: str, shield: str = "false") -> tuple[Stack, Component]:
    stack = a_stack(tmp_path, SITE % ("\n        ".join(lines), shield))
    return stack, gathered(cloudfront_distribution, stack, "Site")


def behavior(least: float = 0.0, default: float = 86_400.0, most: float = 31_536_000.0) -> CacheBehavior:
    return CacheBehavior(
        pattern="*", origin="o", min_s=least, default_s=default, max_s=most, holder="Site", path=(), at=()
    )


@pytest.mark.parametrize(
    ("max_age_s", "forbidden", "least", "expected"),
    [
        (60.0, False, 0.0, 60.0),
        (60.0, False, 300.0, 300.0),
        (9_999.0, False, 0.0, 3_600.0),
        (None, False, 0.0, 120.0),
        (None, False, 300.0, 300.0),
        (None, True, 0.0, 0.0),
        (None, True, 300.0, 300.0),
    ],
)
def test_the_time_an_object_stays_is_that_of_the_documented_table(
    max_age_s: float | None, forbidden: bool, least: float, expected: float
) -> None:
    # Amazon CloudFront developer guide, "Manage how long content stays in the cache (expiration)".
    assert time_to_live_s(behavior(least, 120.0, 3_600.0), max_age_s, forbidden=forbidden) == expected


def test_the_managed_policies() -> None:
    # Amazon CloudFront developer guide, "Use managed cache policies".
    assert MANAGED["658327ea-f89d-4fab-a63d-7e88639e58f6"] == (1.0, 86_400.0, 31_536_000.0)
    assert MANAGED[DISABLED] == (0.0, 0.0, 0.0)


def test_behaviours_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    stack = a_stack(
        tmp_path,
        """
Pages:
  Type: AWS::CloudFront::CachePolicy
  Properties: {CachePolicyConfig: {Name: pages, MinTTL: 5, DefaultTTL: 10, MaxTTL: 20}}
Site:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Enabled: true
      CacheBehaviors:
        - {PathPattern: /api/*, TargetOriginId: a, CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}
        - {PathPattern: /old/*, TargetOriginId: a, ForwardedValues: {Headers: ["*"]}}
        - {PathPattern: /pages/*, TargetOriginId: a, CachePolicyId: !Ref Pages}
      DefaultCacheBehavior: {TargetOriginId: a, ForwardedValues: {QueryString: false}}
""",
    )
    found = list(cache_behaviors(stack.resources["Site"], stack))
    assert [(each.pattern, each.caches) for each in found] == [
        ("/api/*", False),
        ("/old/*", False),
        ("/pages/*", True),
        ("*", True),
    ]
    assert (found[2].min_s, found[2].default_s, found[2].max_s) == (5.0, 10.0, 20.0)
    assert (found[2].holder, found[2].path) == ("Pages", ("CachePolicyConfig",))
    assert (found[3].min_s, found[3].default_s, found[3].max_s) == (0.0, 86_400.0, 31_536_000.0)


def test_settings_and_origin_limits(tmp_path: Path) -> None:
    _, component = site(tmp_path, "MinTTL: 0", "DefaultTTL: 60", "MaxTTL: 600")
    behaviour = cloudfront_distribution.behaviour(component, CATALOG)
    # E5: three attempts of ten seconds (Amazon CloudFront developer guide, origin settings).
    assert behaviour.limits["origin unreachable, s"] == 30.0
    assert behaviour.limits["timeout_s"] == 30.0
    assert behaviour.limits["requests/s"] == 250_000.0
    large = replace(component, characteristics={"object_size": declared(1e6, "bytes", "a test")})
    # 150 Gbps of objects of a megabyte.
    assert cloudfront_distribution.behaviour(large, CATALOG).limits["requests/s"] == pytest.approx(18_750.0)


def test_what_is_not_enabled_is_not_modelled(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, SITE.replace("Enabled: true\n", "Enabled: false\n", 1) % ("MinTTL: 0", "false"))
    assert "not enabled" in refused(cloudfront_distribution, stack, "Site").reason


def test_nothing_is_kept_where_caching_is_disabled(tmp_path: Path) -> None:
    _, component = site(tmp_path, f"CachePolicyId: {DISABLED}")
    keys = cloudfront_distribution.behaviour(component, CATALOG).primitives["Site/cache"]
    assert keys == Cache(hit_ratio=0.0)


def served(tmp_path: Path, *, objects: int, shield: str, rate: float) -> float:
    """Hit ratio of a simulated distribution whose objects are all alike."""
    stack, _ = site(tmp_path, "MinTTL: 0", "DefaultTTL: 60", "MaxTTL: 600", shield=shield)
    read = understand(stack)
    known = {"objects": declared(objects, "1", "a test"), "popularity": declared(0.0, "1", "a test")}
    components = {**read.components, "Site": replace(read.components["Site"], characteristics=known)}
    routes, _ = infer_routes(components, read.edges, entries(read))
    workload = Workload(
        name="site",
        region="us-east-1",
        architecture=stack.file,
        components=components,
        edges=read.edges,
        routes=routes,
        traffic=Traffic(name="t", rates_per_s=(rate,), step_s=3600.0, start_s=0.0, evidence="declared"),
        objectives=(),
    )
    scenario = Scenario(name="s", window_s=900.0)
    found = simulate(compile_workload(workload, CATALOG), scenario, seed=1).components["Site"].hit_ratio
    assert found is not None
    return found


@pytest.mark.parametrize(("shield", "caches"), [("false", 3.0), ("true", 1.0)])
def test_the_hit_ratio_is_that_of_objects_kept_for_their_time(tmp_path: Path, shield: str, caches: float) -> None:
    # An object asked for at rate r and kept for T after a miss hits r T / (1 + r T) of the time (renewal theorem).
    objects, rate, ttl_s = 400, 40.0, 60.0
    each = rate / objects * ttl_s / caches
    assert served(tmp_path, objects=objects, shield=shield, rate=rate) == pytest.approx(each / (1.0 + each), abs=0.02)


def test_only_misses_go_the_way_to_the_origin(tmp_path: Path) -> None:
    _, component = site(tmp_path, "MinTTL: 0")
    behind = Call(component="Files")
    missed = cloudfront_distribution.visit(component, Call(component="Site", on_miss=(behind,)), CATALOG)
    always = cloudfront_distribution.visit(component, Call(component="Site", calls=(behind,)), CATALOG)
    assert len(missed.missed) == 1
    assert not always.missed
    assert always.enter[-1] == missed.missed[0]


def test_price_of_requests_and_bytes(tmp_path: Path) -> None:
    _, component = site(tmp_path, "MinTTL: 0")
    cost = cloudfront_distribution.price(component, Usage(visits_per_s=100.0, per_visit={"bytes": 20_000.0}), CATALOG)
    assert cost.items["requests"] == pytest.approx(100.0 * 3600.0 / 1e4 * 0.01)
    assert cost.items["data to clients"] == pytest.approx(100.0 * 3600.0 * 2e4 / 1e9 * 0.085)


def test_longer_times_are_proposed_where_objects_are_known(tmp_path: Path) -> None:
    stack, component = site(tmp_path, "MinTTL: 0", "DefaultTTL: 60", "MaxTTL: 3600")
    assert writable(cloudfront_distribution, stack, component, PRESSED) == []
    objects = replace(component, characteristics={"objects": declared(1000.0, "1", "a test")})
    found = writable(cloudfront_distribution, stack, objects, Situation())
    assert titles(found) == ["Site DefaultTTL 60 → 600"]
    says = {**objects.characteristics, "max_age": declared(5.0, "s", "a test")}
    found = writable(cloudfront_distribution, stack, replace(objects, characteristics=says), Situation())
    assert titles(found) == ["Site MinTTL 0 → 60"]


def test_the_quota_refuses() -> None:
    component = Component(name="Site", kind=cloudfront_distribution.KIND)
    bucket = cloudfront_distribution.behaviour(component, CATALOG).primitives["Site/requests"]
    assert isinstance(bucket, Bucket)
    assert bucket.rate_per_s == 250_000.0
    assert np.isfinite(bucket.capacity)
