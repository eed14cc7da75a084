from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, titles, writable
from tonnage.catalog import load_catalog
from tonnage.engine.primitives import Bucket, Cache
from tonnage.engine.program import Lookup, Take, Wait
from tonnage.services import Usage, answers_itself, rest_api
from tonnage.workload import Call, Component, TemplateError, assumed

STACK = """
Api:
  Type: AWS::ApiGateway::RestApi
  Properties: {{ Name: orders }}
Stage:
  Type: AWS::ApiGateway::Stage
  Properties:
    RestApiId: !Ref Api
    StageName: prod
{more}
"""
THROTTLED = """    MethodSettings:
      - ResourcePath: /*
        HttpMethod: "*"
        ThrottlingRateLimit: 1000
        ThrottlingBurstLimit: 500"""


def api(tmp_path: Path, more: str = "") -> Component:
    return gathered(rest_api, a_stack(tmp_path, STACK.format(more=more)), "Api")


def throttle(component: Component, region: str = "us-east-1") -> Bucket:
    found = rest_api.behaviour(component, load_catalog(region)).primitives["Api/throttle"]
    assert isinstance(found, Bucket)
    return found


def test_the_account_limits_an_api_without_throttles_of_its_own(tmp_path: Path) -> None:
    # API Gateway developer guide: 10,000 requests per second and a burst of 5,000; less in newer Regions.
    assert (throttle(api(tmp_path)).rate_per_s, throttle(api(tmp_path)).capacity) == (10_000.0, 5_000.0)
    small = throttle(api(tmp_path), "eu-south-1")
    assert (small.rate_per_s, small.capacity) == (2_500.0, 1_250.0)


def test_the_stage_throttles_below_the_account(tmp_path: Path) -> None:
    found = throttle(api(tmp_path, THROTTLED))
    assert (found.rate_per_s, found.capacity, found.when_empty) == (1000.0, 500.0, "reject")
    generous = api(tmp_path, THROTTLED.replace("1000", "50000"))
    assert throttle(generous).rate_per_s == 10_000.0


def test_a_visit_takes_a_token_first_and_times_out_after_29_s(tmp_path: Path) -> None:
    component = api(tmp_path)
    assert rest_api.visit(component, Call(component="Api"), CATALOG).enter[0] == Take("Api/throttle")
    assert rest_api.behaviour(component, CATALOG).limits["timeout_s"] == 29.0


def test_a_million_requests_cost_three_and_a_half_dollars(tmp_path: Path) -> None:
    cost = rest_api.price(api(tmp_path), Usage(visits_per_s=1e6 / 3600.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(3.5)


def test_throttle_knobs_can_be_written(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, STACK.format(more=THROTTLED))
    component = gathered(rest_api, stack, "Api")
    assert titles(writable(rest_api, stack, component)) == [
        "Api ThrottlingRateLimit 1000 → 2000",
        "Api ThrottlingBurstLimit 500 → 1000",
    ]
    assert list(rest_api.knobs(replace(component, settings={}), PRESSED, CATALOG)) == []


CACHED = """    CacheClusterEnabled: true
    CacheClusterSize: "1.6"
    MethodSettings:
      - { ResourcePath: /*, HttpMethod: "*", CachingEnabled: true, CacheTtlInSeconds: 60 }
      - { ResourcePath: "/~1orders~1{id}", HttpMethod: GET, CachingEnabled: false }
      - ResourcePath: /~1items
        HttpMethod: GET
        ThrottlingRateLimit: 20
        ThrottlingBurstLimit: 5
        CacheTtlInSeconds: 9000"""
PLAN = """
Plan:
  Type: AWS::ApiGateway::UsagePlan
  Properties:
    ApiStages: [{ ApiId: !Ref Api, Stage: prod }]
    Throttle: { RateLimit: 10, BurstLimit: 4 }
    Quota: { Limit: 100000, Period: DAY }"""


def looked_up(component: Component, request: str) -> str:
    last = rest_api.visit(component, Call(component="Api", request=request), CATALOG).enter[-1]
    assert isinstance(last, Lookup)
    return last.cache


@pytest.mark.parametrize(
    ("request_", "cache"),
    [
        ("", "Api/cache"),
        ("GET /customers", "Api/cache"),
        ("POST /customers", "Api/not cached"),
        ("GET /orders/7", "Api/not cached"),
        ("GET /orders/7/lines", "Api/cache"),
        ("GET /items?page=2", "Api/cache of GET /items"),
    ],
)
def test_gets_are_looked_up_where_their_method_caches(tmp_path: Path, request_: str, cache: str) -> None:
    # API Gateway developer guide, cache settings: only GET methods are cached by default.
    assert looked_up(api(tmp_path, CACHED), request_) == cache


def test_a_cache_keeps_answers_for_their_time_to_live_at_most_an_hour(tmp_path: Path) -> None:
    component = api(tmp_path, CACHED)
    counted = {
        name: assumed(value, "1", "counted", low=value, high=value)
        for name, value in (("objects", 50), ("popularity", 0))
    }
    found = rest_api.behaviour(replace(component, characteristics=counted), CATALOG).primitives
    every, items = found["Api/cache"], found["Api/cache of GET /items"]
    assert isinstance(every, Cache)
    assert isinstance(items, Cache)
    assert (every.ttl_s, every.objects, items.ttl_s) == (60.0, 50, 3600.0)
    given = rest_api.behaviour(component, CATALOG).primitives["Api/cache"]
    assert isinstance(given, Cache)
    assert given.hit_ratio == 0.5


def test_without_a_cache_cluster_nothing_is_looked_up(tmp_path: Path) -> None:
    component = api(tmp_path, CACHED.replace("CacheClusterEnabled: true", "CacheClusterEnabled: false"))
    assert isinstance(rest_api.visit(component, Call(component="Api"), CATALOG).enter[-1], Wait)
    assert answers_itself(api(tmp_path, CACHED))
    assert not answers_itself(component)


def test_plan_method_and_stage_throttle_in_this_order(tmp_path: Path) -> None:
    # API Gateway developer guide, throttle requests: usage plan, method, stage and account are applied in order.
    component = api(tmp_path, CACHED + PLAN)
    visit = rest_api.visit(component, Call(component="Api", request="GET /items"), CATALOG)
    assert visit.enter[:3] == (Take("Api/usage plan"), Take("Api/throttle of GET /items"), Take("Api/throttle"))
    found = rest_api.behaviour(component, CATALOG)
    plan, items = found.primitives["Api/usage plan"], found.primitives["Api/throttle of GET /items"]
    assert isinstance(plan, Bucket)
    assert isinstance(items, Bucket)
    assert (plan.rate_per_s, plan.capacity, items.rate_per_s, items.capacity) == (10.0, 4.0, 20.0, 5.0)
    assert found.limits["quota of each API key"] == 100_000
    five = replace(component, characteristics={"api_keys": assumed(5, "1", "counted", low=5, high=5)})
    shared = rest_api.behaviour(five, CATALOG).primitives["Api/usage plan"]
    assert isinstance(shared, Bucket)
    assert (shared.rate_per_s, shared.capacity) == (50.0, 20.0)


def test_a_cache_is_paid_by_the_hour(tmp_path: Path) -> None:
    cost = rest_api.price(api(tmp_path, CACHED), Usage(visits_per_s=0.0), CATALOG)
    assert cost.items == {"requests": 0.0, "cache": 0.038}


def test_a_size_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"no cache of 2 GB"):
        api(tmp_path, '    CacheClusterEnabled: true\n    CacheClusterSize: "2"')


@pytest.mark.parametrize("more", ["", THROTTLED])
def test_the_knob_gives_the_stage_a_cache_where_requests_are_reads(tmp_path: Path, more: str) -> None:
    stack = a_stack(tmp_path, STACK.format(more=more))
    component = gathered(rest_api, stack, "Api")
    reading = replace(PRESSED, declared_reads=0.8)
    assert "Api CacheClusterEnabled (unset) → True" in titles(writable(rest_api, stack, component, reading))
    assert not [each for each in rest_api.knobs(component, PRESSED, CATALOG) if each.title.startswith("Api Cache")]
