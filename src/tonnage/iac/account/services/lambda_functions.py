"""Lambda functions, what calls them, and the policies of their roles."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, plain
from tonnage.iac.account.services import _roles
from tonnage.workload import Value

CALLS = (
    "lambda:ListFunctions",
    "lambda:GetFunctionConcurrency",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListAliases",
    "lambda:ListProvisionedConcurrencyConfigs",
    "lambda:ListFunctionEventInvokeConfigs",
    *_roles.CALLS,
)


def read(ask: Ask) -> Iterator[Found]:
    """Functions in their latest version."""
    roles: list[str] = []
    for function in ask("lambda", "list_functions", "Functions"):
        name, arn = function["FunctionName"], function["FunctionArn"]
        properties = picked(
            function,
            "FunctionName",
            "Runtime",
            "MemorySize",
            "Timeout",
            "Role",
            "Architectures",
            "Environment",
            "PackageType",
        )
        if function.get("EphemeralStorage", {}).get("Size", 512) != 512:
            properties["EphemeralStorage"] = plain(function["EphemeralStorage"])
        if function.get("VpcConfig", {}).get("SubnetIds"):
            properties["VpcConfig"] = {**picked(function["VpcConfig"], "SubnetIds", "SecurityGroupIds")}
        if function.get("SnapStart", {}).get("ApplyOn", "None") != "None":
            properties["SnapStart"] = picked(function["SnapStart"], "ApplyOn")
        for reserved in ask("lambda", "get_function_concurrency", "ReservedConcurrentExecutions", FunctionName=name):
            properties["ReservedConcurrentExecutions"] = reserved
        roles.append(function["Role"])
        yield Found(
            kind="AWS::Lambda::Function", name=name, properties=properties, identifiers={name: None, arn: "Arn"}
        )
        yield from _versions(ask, name, arn)
        for url in ask("lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name):
            yield Found(
                kind="AWS::Lambda::Url",
                name=f"{name}-url",
                properties={"TargetFunctionArn": arn, **picked(url, "AuthType")},
                identifiers={url["FunctionUrl"]: "FunctionUrl"},
            )
    for mapping in ask("lambda", "list_event_source_mappings", "EventSourceMappings"):
        yield Found(
            kind="AWS::Lambda::EventSourceMapping",
            name=f"mapping-{mapping['UUID'][:8]}",
            properties=picked(
                mapping,
                "EventSourceArn",
                "BatchSize",
                "ParallelizationFactor",
                "ScalingConfig",
                "StartingPosition",
                FunctionArn="FunctionName",
            ),
            physical_id=mapping["UUID"],
        )
    yield from _roles.read_roles(ask, roles)


def _versions(ask: Ask, name: str, arn: str) -> Iterator[Found]:
    """Aliases with their provisioned concurrency, and how asynchronous invocations are retried."""
    provisioned = {
        each["FunctionArn"].rpartition(":")[2]: each["RequestedProvisionedConcurrentExecutions"]
        for each in ask(
            "lambda", "list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigs", FunctionName=name
        )
    }
    for alias in ask("lambda", "list_aliases", "Aliases", FunctionName=name):
        title = alias["Name"]
        units: dict[str, Value] = (
            {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": provisioned[title]}}
            if title in provisioned
            else {}
        )
        yield Found(
            kind="AWS::Lambda::Alias",
            name=f"{name}-{title}",
            properties={"FunctionName": arn, "Name": title, "FunctionVersion": alias["FunctionVersion"], **units},
            identifiers={alias["AliasArn"]: None},
        )
    for each in ask("lambda", "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name):
        yield Found(
            kind="AWS::Lambda::EventInvokeConfig",
            name=f"{name}-asynchronous",
            properties={
                "FunctionName": arn,
                "Qualifier": each["FunctionArn"].split(":", 7)[7] if each["FunctionArn"].count(":") > 6 else "$LATEST",
                **picked(each, "MaximumRetryAttempts", "MaximumEventAgeInSeconds"),
            },
            physical_id=each["FunctionArn"],
        )
