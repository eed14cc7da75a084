"""REST APIs as API Gateway answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import rest_apis


def test_an_api_is_read_with_methods_stages_and_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        gateway = client("apigateway")
        api = gateway.create_rest_api(name="orders")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        each = gateway.create_resource(restApiId=api, parentId=root, pathPart="items")["id"]
        gateway.put_method(restApiId=api, resourceId=each, httpMethod="GET", authorizationType="NONE")
        gateway.put_integration(
            restApiId=api, resourceId=each, httpMethod="GET", type="HTTP", integrationHttpMethod="GET",
            uri="http://example.com/",
        )  # fmt: skip
        deployment = gateway.create_deployment(restApiId=api)["id"]
        gateway.create_stage(
            restApiId=api, stageName="prod", deploymentId=deployment, cacheClusterEnabled=True, cacheClusterSize="0.5"
        )
        gateway.update_stage(
            restApiId=api,
            stageName="prod",
            patchOperations=[
                {"op": "replace", "path": "/~1items/GET/throttling/rateLimit", "value": "50"},
                {"op": "replace", "path": "/*/*/caching/enabled", "value": "true"},
            ],
        )
        gateway.create_usage_plan(
            name="gold", apiStages=[{"apiId": api, "stage": "prod"}], throttle={"rateLimit": 20.0, "burstLimit": 40}
        )

    things = found(monkeypatch, rest_apis, make)
    api = only(things, "AWS::ApiGateway::RestApi")
    (own,) = api.identifiers
    method = only(things, "AWS::ApiGateway::Method").properties
    assert method["RestApiId"] == own
    assert method["Integration"] == {"Type": "HTTP", "Uri": "http://example.com/"} | {
        key: value
        for key, value in dict(method["Integration"]).items()
        if key == "TimeoutInMillis"  # type: ignore[arg-type]
    }
    stage = only(things, "AWS::ApiGateway::Stage").properties
    assert stage["CacheClusterSize"] == "0.5"
    settings = {(each["ResourcePath"], each["HttpMethod"]): each for each in stage["MethodSettings"]}  # type: ignore[union-attr,index,call-overload]
    assert settings["/items", "GET"]["ThrottlingRateLimit"] == 50
    assert settings["/*", "*"]["CachingEnabled"] is True
    plan = only(things, "AWS::ApiGateway::UsagePlan").properties
    assert plan["Throttle"] == {"RateLimit": 20, "BurstLimit": 40}
    assert plan["ApiStages"] == ({"ApiId": own, "Stage": "prod"},)
