"""REST APIs of API Gateway with methods, stages and usage plans."""

from collections.abc import Iterator, Mapping
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked
from tonnage.workload import Value

CALLS = ("apigateway:GET",)
_KIND = "AWS::ApiGateway::"


def read(ask: Ask) -> Iterator[Found]:
    """APIs, then the plans that limit their callers."""
    for api in ask("apigateway", "get_rest_apis", "items"):
        own, name = api["id"], api["name"]
        yield Found(kind=f"{_KIND}RestApi", name=name, properties={"Name": name}, identifiers={own: None})
        yield from _methods(ask, own, name)
        for stage in ask("apigateway", "get_stages", "item", restApiId=own):
            yield Found(
                kind=f"{_KIND}Stage",
                name=f"{name}-{stage['stageName']}",
                properties={
                    "RestApiId": own,
                    **picked(stage, stageName="StageName", cacheClusterEnabled="CacheClusterEnabled"),
                    **picked(stage, cacheClusterSize="CacheClusterSize", tracingEnabled="TracingEnabled"),
                    "MethodSettings": tuple(_setting(*each) for each in stage.get("methodSettings", {}).items()),
                },
                identifiers={f"{own}/{stage['stageName']}": None},
            )
    for plan in ask("apigateway", "get_usage_plans", "items"):
        yield Found(
            kind=f"{_KIND}UsagePlan",
            name=plan["name"],
            properties={
                "ApiStages": tuple(
                    {"ApiId": each["apiId"], "Stage": each.get("stage")} for each in plan.get("apiStages", ())
                ),
                "Throttle": picked(plan.get("throttle", {}), burstLimit="BurstLimit", rateLimit="RateLimit"),
                "Quota": picked(plan.get("quota", {}), limit="Limit", period="Period"),
            },
            identifiers={plan["id"]: None},
        )


def _methods(ask: Ask, api: str, name: str) -> Iterator[Found]:
    for resource in ask("apigateway", "get_resources", "items", restApiId=api, embed=["methods"]):
        path, own = resource["path"], f"{api}/{resource['id']}"
        yield Found(
            kind=f"{_KIND}Resource",
            name=f"{name} {path}",
            properties={"RestApiId": api, **picked(resource, pathPart="PathPart")},
            identifiers={own: None},
        )
        for verb, method in resource.get("resourceMethods", {}).items():
            integration = method.get("methodIntegration", {})
            yield Found(
                kind=f"{_KIND}Method",
                name=f"{name} {verb} {path}",
                properties={
                    "RestApiId": api,
                    "ResourceId": own,
                    "HttpMethod": verb,
                    "Integration": picked(
                        integration,
                        type="Type",
                        uri="Uri",
                        timeoutInMillis="TimeoutInMillis",
                        credentials="Credentials",
                    ),
                },
                physical_id=f"{own}/{verb}",
            )


def _setting(key: str, values: Mapping[str, Any]) -> Value:
    """``*/*`` and ``~1orders/GET`` as a method setting of a template."""
    path, _, verb = key.rpartition("/")
    return {
        "ResourcePath": "/*" if path == "*" else "/" + path.lstrip("~1").replace("~1", "/"),
        "HttpMethod": verb,
        **picked(
            values,
            throttlingBurstLimit="ThrottlingBurstLimit",
            throttlingRateLimit="ThrottlingRateLimit",
            cachingEnabled="CachingEnabled",
            cacheTtlInSeconds="CacheTtlInSeconds",
        ),
    }
