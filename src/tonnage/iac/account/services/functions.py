"""Lambda functions, what calls them, and the policies of their roles."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, plain

CALLS = (
    "lambda:ListFunctions",
    "lambda:GetFunctionConcurrency",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctionUrlConfigs",
    "iam:ListRolePolicies",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
)


def read(ask: Ask) -> Iterator[Found]:
    """Functions in their latest version."""
    roles: dict[str, None] = {}
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
        roles.setdefault(function["Role"])
        yield Found(kind="AWS::Lambda::Function", name=name, properties=properties, identifiers={arn: "Arn"})
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
        )
    for role in roles:
        yield from _role(ask, role)


def _role(ask: Ask, arn: str) -> Iterator[Found]:
    name = arn.rpartition("/")[2]
    inline = [
        {"PolicyName": policy, "PolicyDocument": plain(document)}
        for policy in ask("iam", "list_role_policies", "PolicyNames", RoleName=name)
        for document in ask("iam", "get_role_policy", "PolicyDocument", RoleName=name, PolicyName=policy)
    ]
    attached = []
    for policy in ask("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        own = policy["PolicyArn"]
        if ":aws:policy/" in own:
            continue
        attached.append(own)
        for found in ask("iam", "get_policy", "Policy", PolicyArn=own):
            arguments = {"PolicyArn": own, "VersionId": found["DefaultVersionId"]}
            for version in ask("iam", "get_policy_version", "PolicyVersion", **arguments):
                yield Found(
                    kind="AWS::IAM::ManagedPolicy",
                    name=policy["PolicyName"],
                    properties={"PolicyDocument": plain(version["Document"])},
                    identifiers={own: None},
                )
    yield Found(
        kind="AWS::IAM::Role",
        name=name,
        properties={"Policies": tuple(inline), "ManagedPolicyArns": tuple(attached)},
        identifiers={arn: "Arn"},
    )
