"""Functions as Lambda answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import Answers, found, only
from tonnage.iac.account.services import lambda_functions


def test_versions_are_read_with_what_is_provisioned() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    answers = {
        "list_functions": [{"FunctionName": "f", "FunctionArn": arn, "Role": "arn:aws:iam::1:role/r", "Timeout": 3}],
        "list_aliases": [{"Name": "live", "AliasArn": f"{arn}:live", "FunctionVersion": "7"}],
        "list_provisioned_concurrency_configs": [
            {"FunctionArn": f"{arn}:live", "RequestedProvisionedConcurrentExecutions": 12}
        ],
        "list_function_event_invoke_configs": [{"FunctionArn": f"{arn}:live", "MaximumRetryAttempts": 0}],
        "list_function_url_configs": [{"FunctionUrl": "https://x.lambda-url.aws/", "AuthType": "NONE"}],
    }
    things = list(lambda_functions.read(Answers(answers)))
    alias = only(things, "AWS::Lambda::Alias").properties
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 12}
    retried = only(things, "AWS::Lambda::EventInvokeConfig").properties
    assert (retried["Qualifier"], retried["MaximumRetryAttempts"]) == ("live", 0)
    assert only(things, "AWS::Lambda::Url").properties["TargetFunctionArn"] == arn


def test_a_role_is_read_with_its_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}'

    def make(client: Callable[[str], Any]) -> None:
        iam = client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        own = iam.create_policy(PolicyName="queues", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="r", PolicyArn=own)
        client("lambda").create_function(
            FunctionName="f", Runtime="python3.12", Handler="i.h", Role=role, Code={"ZipFile": b"PK"}
        )

    things = found(monkeypatch, lambda_functions, make)
    policy = only(things, "AWS::IAM::ManagedPolicy")
    assert policy.properties["PolicyDocument"]["Statement"][0]["Action"] == "sqs:*"  # type: ignore[index,call-overload]
    assert only(things, "AWS::IAM::Role").properties["ManagedPolicyArns"] == tuple(policy.identifiers)
