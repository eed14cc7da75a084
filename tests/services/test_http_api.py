from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, refused, titles, writable
from tonnage.engine.primitives import Bucket
from tonnage.services import Usage, http_api

STACK = """
Api:
  Type: AWS::ApiGatewayV2::Api
  Properties: {{ Name: orders, ProtocolType: {protocol} }}
Stage:
  Type: AWS::ApiGatewayV2::Stage
  Properties:
    ApiId: !Ref Api
    StageName: $default
    DefaultRouteSettings: {{ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 100 }}
"""


def test_the_default_route_settings_throttle(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, STACK.format(protocol="HTTP"))
    component = gathered(http_api, stack, "Api")
    found = http_api.behaviour(component, CATALOG)
    bucket = found.primitives["Api/throttle"]
    assert isinstance(bucket, Bucket)
    assert (bucket.rate_per_s, bucket.capacity, found.limits["timeout_s"]) == (200.0, 100.0, 30.0)
    assert titles(writable(http_api, stack, component)) == [
        "Api ThrottlingRateLimit 200 → 400",
        "Api ThrottlingBurstLimit 100 → 200",
    ]


def test_a_million_requests_cost_a_dollar(tmp_path: Path) -> None:
    component = gathered(http_api, a_stack(tmp_path, STACK.format(protocol="HTTP")), "Api")
    assert http_api.price(component, Usage(visits_per_s=1e6 / 3600.0), CATALOG).usd_per_h == pytest.approx(1.0)


def test_a_websocket_api_is_refused_with_a_reason(tmp_path: Path) -> None:
    found = refused(http_api, a_stack(tmp_path, STACK.format(protocol="WEBSOCKET")), "Api")
    assert found.matters
    assert "WebSocket" in found.reason
