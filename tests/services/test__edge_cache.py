"""Cache behaviors, cache policies, and how long an edge keeps an answer."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gathering import a_stack
from tonnage.services._edge_cache import (
    MANAGED,
    Bounds,
    CacheBehavior,
    behavior_of,
    fits,
    is_cached,
    read_behaviors,
    targeted_origins,
    time_to_live_s,
    unreachable_s,
)

FREE = Bounds(minimum_s=0.0, default_s=86_400.0, maximum_s=31_536_000.0)
FLOOR = Bounds(minimum_s=60.0, default_s=300.0, maximum_s=600.0)


@pytest.mark.parametrize(
    ("header", "free_s", "floor_s"),
    [
        # CloudFront developer guide, expiration: the table of minimum TTL 0 and above 0.
        ("", 86_400.0, 300.0),
        ("max-age=10", 10.0, 60.0),
        ("max-age=120", 120.0, 120.0),
        ("max-age=99999999", 31_536_000.0, 600.0),
        ("public, max-age=10, s-maxage=400", 400.0, 400.0),
        ("no-cache", 0.0, 60.0),
        ("no-store", 0.0, 60.0),
        ("private, max-age=100", 0.0, 60.0),
        ("max-age=0", 0.0, 60.0),
    ],
)
def test_the_origin_asks_and_the_policy_bounds(header: str, free_s: float, floor_s: float) -> None:
    assert time_to_live_s(header, FREE) == free_s
    assert time_to_live_s(header, FLOOR) == floor_s


def test_expires_counts_where_there_is_no_max_age() -> None:
    assert time_to_live_s("", FREE, expires_in_s=50.0) == 50.0
    assert time_to_live_s("max-age=20", FREE, expires_in_s=50.0) == 20.0
    assert time_to_live_s("", FLOOR, expires_in_s=5.0) == 60.0


def test_an_hour_is_fresh_and_stale_answers_are_no_longer_freshness() -> None:
    # E4: CloudFront developer guide, expiration: max-age=3600, stale-while-revalidate=600 is fresh for one hour.
    assert time_to_live_s("max-age=3600, stale-while-revalidate=600", FREE) == 3600.0


def test_an_origin_that_cannot_be_reached_is_given_up_after_its_attempts() -> None:
    # E5: CloudFront developer guide, distribution settings: 10 s x 3 attempts are 30 s until failover or error.
    assert unreachable_s(10.0, 3.0) == 30.0


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_kept_is_never_shorter_than_the_minimum_nor_longer_than_asked(
    asked_s: int, minimum_s: int, default_s: int, above_s: int
) -> None:
    bounds = Bounds(minimum_s=minimum_s, default_s=default_s, maximum_s=minimum_s + above_s)
    kept_s = time_to_live_s(f"max-age={asked_s}", bounds)
    assert minimum_s <= kept_s <= bounds.maximum_s
    assert kept_s <= max(asked_s, minimum_s)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/static/*", "/static/a/b.js", True),
        ("static/*", "/static/a.js", True),
        ("*.jpg", "/a/b.jpg", True),
        ("*.jpg", "/a/b.JPG", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/x[1]", "/x1", False),
        ("/list", "/list?page=2", True),
        ("*", "/", True),
    ],
)
def test_path_patterns(pattern: str, path: str, expected: bool) -> None:
    assert fits(pattern, path) is expected


def _behavior(pattern: str, origin: str = "") -> CacheBehavior:
    return CacheBehavior(pattern=pattern, origin=origin, bounds=FREE)


def test_the_first_pattern_that_fits_counts_and_the_default_takes_the_rest() -> None:
    first, second, default = _behavior("/a/*", "Files"), _behavior("/a/b/*"), _behavior("*", "App")
    found = (first, second, default)
    assert behavior_of(found, "GET /a/b/c", "") is first
    assert behavior_of(found, "/else", "") is default
    assert behavior_of(found, "", "Files") is first
    assert behavior_of(found, "", "App") is default
    assert behavior_of(found, "", "Unknown") is default


def test_only_reads_are_cached() -> None:
    behavior = _behavior("*")
    assert is_cached(behavior, "")
    assert is_cached(behavior, "/x")
    assert is_cached(behavior, "HEAD /x")
    assert not is_cached(behavior, "POST /x")
    assert not is_cached(behavior, "OPTIONS /x")


RESOURCES = """
Cdn:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Origins:
        - {Id: unused, DomainName: old.example.com}
        - {Id: app, DomainName: !GetAtt Balancer.DNSName}
        - {Id: files, DomainName: !GetAtt Files.RegionalDomainName}
        - {Id: call, DomainName: !Select [2, !Split ["/", !GetAtt Url.FunctionUrl]]}
      OriginGroups:
        Items:
          - {Id: pair, Members: {Items: [{OriginId: app}, {OriginId: unused}]}}
      CacheBehaviors:
        - {PathPattern: /static/*, TargetOriginId: files, CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
        - PathPattern: /all/*
          TargetOriginId: app
          CachedMethods: [GET, HEAD, OPTIONS]
          ForwardedValues: {QueryString: true, Headers: ["*"]}
        - {PathPattern: /own/*, TargetOriginId: files, CachePolicyId: !Ref Own}
      DefaultCacheBehavior: {TargetOriginId: pair, ForwardedValues: {QueryString: false}, DefaultTTL: "30"}
Own:
  Type: AWS::CloudFront::CachePolicy
  Properties: {CachePolicyConfig: {Name: own, MinTTL: 5, DefaultTTL: 10, MaxTTL: 20}}
Files: {Type: AWS::S3::Bucket}
Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Handler.Arn}}
Handler: {Type: AWS::Lambda::Function}
"""


def test_behaviors_are_read_with_their_policies_and_origins(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    static, everything, own, default = (each for _, each in read_behaviors(stack.resources["Cdn"], stack))
    assert (static.origin, static.bounds.name) == ("Files", "CachingOptimized")
    assert everything.why_not == "every header is forwarded"
    assert everything.kept_s(100.0) == 0.0
    assert is_cached(everything, "OPTIONS /all/x")
    assert own.bounds == Bounds(minimum_s=5.0, default_s=10.0, maximum_s=20.0)
    assert (own.kept_s(None), own.kept_s(1.0), own.kept_s(60.0)) == (10.0, 5.0, 20.0)
    assert (default.pattern, default.origin) == ("*", "Balancer")
    assert default.bounds == Bounds(minimum_s=0.0, default_s=30.0, maximum_s=31_536_000.0)


def test_only_origins_that_a_behavior_targets_are_called(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    assert [path[-1] for path in targeted_origins(stack.resources["Cdn"])] == [1, 2]
    called = a_stack(tmp_path, RESOURCES.replace("TargetOriginId: pair", "TargetOriginId: call"))
    *_, (_, default) = read_behaviors(called.resources["Cdn"], called)
    assert default.origin == "Handler"


def test_managed_policies_are_the_documented_ones() -> None:
    # CloudFront developer guide, using managed cache policies.
    by_name = {bounds.name: (bounds.minimum_s, bounds.default_s, bounds.maximum_s) for bounds in MANAGED.values()}
    assert by_name["CachingDisabled"] == (0.0, 0.0, 0.0)
    assert by_name["CachingOptimized"] == (1.0, 86_400.0, 31_536_000.0)
    assert by_name["UseOriginCacheControlHeaders"] == (0.0, 0.0, 31_536_000.0)
    assert by_name["Amplify"] == (2.0, 2.0, 600.0)
