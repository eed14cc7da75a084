from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.catalog import load_catalog
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take
from tonnage.services import Usage, rest_api
from tonnage.workload import Call, Component

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
    assert list(rest_api.knobs(replace(component, settings={}), None, CATALOG)) == []  # type: ignore[arg-type]
