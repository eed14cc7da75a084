"""HTTP APIs as API Gateway answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import http_apis


def test_an_api_is_read_with_its_integrations_and_throttles(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        gateway = client("apigatewayv2")
        own = gateway.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
        gateway.create_integration(
            ApiId=own, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", IntegrationUri="https://example.com"
        )
        gateway.create_stage(ApiId=own, StageName="$default", DefaultRouteSettings={"ThrottlingBurstLimit": 7})

    things = found(monkeypatch, http_apis, make)
    api = only(things, "AWS::ApiGatewayV2::Api")
    assert only(things, "AWS::ApiGatewayV2::Integration").properties["IntegrationUri"] == "https://example.com"
    stage = only(things, "AWS::ApiGatewayV2::Stage").properties
    assert stage["ApiId"] in api.identifiers
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 7}
