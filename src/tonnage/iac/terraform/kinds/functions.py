"""Lambda and what calls it: event source mappings, URLs, APIs, state machines.

Source: AWS provider for Terraform, aws_lambda_function, aws_apigatewayv2_api, aws_api_gateway_rest_api and those around
them.
"""

from collections.abc import Callable, Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling
from tonnage.iac.terraform.policy_document import as_document
from tonnage.workload import Reference, Text, Value, references

_REST, _HTTP = "AWS::ApiGateway::", "AWS::ApiGatewayV2::"


def _reserved(value: Value) -> Made:
    """-1 is the provider's way to say that nothing is reserved."""
    return {} if value in (-1, "-1") else {"ReservedConcurrentExecutions": value}


def _variables(value: Value) -> Made:
    """A plan may know only what the variables refer to, not their names."""
    if isinstance(value, Reference | Text):
        return {"Variables": {f"known after apply {k + 1}": each for k, each in enumerate(references(value))}}
    return {"Variables": value}


def _body(value: Value) -> Made:
    return {"Body": as_document(value)}


def _throttle(name: str) -> Callable[[Value], Made]:
    """A throttle; -1 is the provider's way to say that there is none."""
    return lambda value: {} if value == -1 else {name: value}


def _method_path(value: Value) -> Made:
    path, _, method = str(value).rpartition("/")
    path = "/*" if path in {"*", ""} else "/~1" + path.strip("/").replace("/", "~1")
    return {"ResourcePath": path, "HttpMethod": method}


_SETTINGS: Spec = {
    "throttling_rate_limit": _throttle("ThrottlingRateLimit"),
    "throttling_burst_limit": _throttle("ThrottlingBurstLimit"),
    "logging_level": None,
    "data_trace_enabled": None,
}
_ROUTE: Spec = {"detailed_metrics_enabled": None}
KINDS: Mapping[str, Spelling] = {
    "aws_lambda_function": Spelling(
        kind="AWS::Lambda::Function",
        spec={
            "environment": ("Environment", {"variables": _variables}),
            "vpc_config": ("VpcConfig", {}),
            "ephemeral_storage": ("EphemeralStorage", {}),
            "snap_start": ("SnapStart", {}),
            "tracing_config": ("TracingConfig", {}),
            "dead_letter_config": ("DeadLetterConfig", {}),
            "reserved_concurrent_executions": _reserved,
            "file_system_config": [("FileSystemConfigs", {})],
            "image_config": None,
            "filename": None,
            "source_code_hash": None,
        },
    ),
    "aws_lambda_alias": Spelling(kind="AWS::Lambda::Alias", spec={"routing_config": None}),
    "aws_lambda_provisioned_concurrency_config": Spelling(
        kind="AWS::Lambda::Alias",
        spec={
            "qualifier": "Name",
            "provisioned_concurrent_executions": "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions",
        },
    ),
    "aws_lambda_event_source_mapping": Spelling(
        kind="AWS::Lambda::EventSourceMapping",
        spec={
            "scaling_config": ("ScalingConfig", {}),
            "provisioned_poller_config": ("ProvisionedPollerConfig", {}),
            "filter_criteria": None,
            "destination_config": None,
            "bisect_batch_on_function_error": "BisectBatchOnFunctionError",
        },
    ),
    "aws_lambda_function_url": Spelling(
        kind="AWS::Lambda::Url", spec={"function_name": "TargetFunctionArn", "authorization_type": "AuthType"}
    ),
    "aws_lambda_permission": Spelling(kind="AWS::Lambda::Permission"),
    "aws_lambda_layer_version": Spelling(kind="AWS::Lambda::LayerVersion"),
    "aws_lambda_function_event_invoke_config": Spelling(
        kind="AWS::Lambda::EventInvokeConfig",
        spec={
            "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
            "maximum_retry_attempts": "MaximumRetryAttempts",
        },
    ),
    "aws_apigatewayv2_api": Spelling(
        kind=f"{_HTTP}Api", spec={"body": _body, "cors_configuration": None, "target": "Target"}
    ),
    "aws_apigatewayv2_integration": Spelling(kind=f"{_HTTP}Integration"),
    "aws_apigatewayv2_route": Spelling(kind=f"{_HTTP}Route"),
    "aws_apigatewayv2_stage": Spelling(
        kind=f"{_HTTP}Stage",
        spec={
            "name": "StageName",
            "default_route_settings": ("DefaultRouteSettings", _ROUTE),
            "access_log_settings": None,
        },
    ),
    "aws_api_gateway_rest_api": Spelling(kind=f"{_REST}RestApi", spec={"body": _body, "endpoint_configuration": None}),
    "aws_api_gateway_resource": Spelling(kind=f"{_REST}Resource"),
    "aws_api_gateway_method": Spelling(kind=f"{_REST}Method"),
    "aws_api_gateway_integration": Spelling(
        kind=f"{_REST}Method",
        spec={
            "uri": "Integration.Uri",
            "type": "Integration.Type",
            "credentials": "Integration.Credentials",
            "integration_http_method": "Integration.IntegrationHttpMethod",
            "timeout_milliseconds": "Integration.TimeoutInMillis",
        },
    ),
    "aws_api_gateway_deployment": Spelling(kind=f"{_REST}Deployment", spec={"triggers": None}),
    "aws_api_gateway_stage": Spelling(
        kind=f"{_REST}Stage",
        spec={
            "cache_cluster_enabled": "CacheClusterEnabled",
            "cache_cluster_size": "CacheClusterSize",
            "xray_tracing_enabled": "TracingEnabled",
            "access_log_settings": None,
        },
    ),
    "aws_api_gateway_method_settings": Spelling(
        kind="",
        spec={"rest_api_id": None, "stage_name": None, "method_path": _method_path, "settings": ("", _SETTINGS)},
        into=("stage_name", "MethodSettings[]"),
    ),
    "aws_api_gateway_usage_plan": Spelling(
        kind=f"{_REST}UsagePlan",
        spec={
            "name": "UsagePlanName",
            "api_stages": [("ApiStages", {"throttle": None})],
            "throttle_settings": ("Throttle", {}),
            "quota_settings": ("Quota", {}),
        },
    ),
    "aws_api_gateway_authorizer": Spelling(kind=f"{_REST}Authorizer"),
    "aws_apigatewayv2_authorizer": Spelling(kind=f"{_HTTP}Authorizer"),
    "aws_api_gateway_vpc_link": Spelling(kind=f"{_REST}VpcLink"),
    "aws_sfn_state_machine": Spelling(
        kind="AWS::StepFunctions::StateMachine",
        spec={
            "definition": lambda value: {"Definition": as_document(value)},
            "type": "StateMachineType",
            "logging_configuration": None,
        },
    ),
}
