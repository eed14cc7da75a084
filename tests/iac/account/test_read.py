"""A live account gives the workload that the same architecture as CloudFormation gives; secrets stay where they are."""

import inspect
import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from iac.account.architectures import ALL
from iac.account.server import an_account
from iac.terraform.test_same_as_cloudformation import summary
from tonnage.iac.account.found import Found
from tonnage.iac.account.read import linked, policy, read_account
from tonnage.iac.account.services import _roles, readers
from tonnage.iac.account.template import as_template
from tonnage.iac.read_architecture import read_architecture
from tonnage.workload import Reference, TemplateError


@pytest.mark.parametrize("name", ALL)
def test_an_account_gives_the_workload_that_cloudformation_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, template = ALL[name]
    (tmp_path / "template.yaml").write_text(template)
    with an_account(monkeypatch) as (address, client):
        make(client)
        stack = read_account("us-east-1", endpoint_url=address)
    text = as_template(stack)
    assert "hunter2" not in text
    assert "somebody@example.com" not in text
    (tmp_path / "account.json").write_text(text)
    found = read_architecture(tmp_path / "account.json")
    components, edges = summary(found)  # type: ignore[misc]
    wanted, calls = summary(read_architecture(tmp_path / "template.yaml"))  # type: ignore[misc]
    assert components.keys() == wanted.keys()
    for each in wanted:
        assert components[each] == wanted[each], each
    assert {(caller, callee) for caller, callee, _ in edges} == {(caller, callee) for caller, callee, _ in calls}


def test_the_policy_is_what_is_asked_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    with an_account(monkeypatch) as (address, client):
        for make, _ in ALL.values():
            make(client)
        from botocore.client import BaseClient

        original = BaseClient._make_api_call  # type: ignore[attr-defined]

        def noted(self: BaseClient, operation: str, arguments: dict[str, object]) -> object:
            asked.add((self.meta.service_model.signing_name, operation))
            return original(self, operation, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", noted)
        read_account("us-east-1", endpoint_url=address)
    (statement,) = policy()["Statement"]  # type: ignore[misc]
    assert {_action(service, operation) for service, operation in asked} <= set(statement["Action"])


@pytest.mark.parametrize("name", readers())
def test_a_reader_says_what_it_asks_and_no_more(name: str) -> None:
    reader = readers()[name]
    text = inspect.getsource(reader)  # type: ignore[arg-type]
    if "_roles" in text:
        text += inspect.getsource(_roles)
    asked = re.findall(r'ask\(\s*"(\w[\w-]*)", "(\w+)"', text)
    said = {
        _action(service, "".join(word.capitalize() for word in operation.split("_"))) for service, operation in asked
    }
    assert {each.lower() for each in said} == {each.lower() for each in reader.CALLS}


_PREFIXES = {
    "monitoring": "cloudwatch", "elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing", "docdb": "rds",
    "efs": "elasticfilesystem", "stepfunctions": "states", "opensearch": "es", "apigatewayv2": "apigateway",
}  # fmt: skip
_ACTIONS = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
}


def _action(service: str, operation: str) -> str:
    """IAM's name of what boto3 calls an operation."""
    prefix = _PREFIXES.get(service, service)
    name = f"{prefix}:{operation}"
    return "apigateway:GET" if prefix == "apigateway" else _ACTIONS.get(name, name)


def test_a_call_that_is_refused_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.client import BaseClient

    original = BaseClient._make_api_call  # type: ignore[attr-defined]

    def refuses(self: BaseClient, operation: str, arguments: dict[str, object]) -> object:
        if operation in {"ListQueues", "GetFunctionConcurrency"}:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        return original(self, operation, arguments)

    with an_account(monkeypatch) as (address, client):
        ALL["workers"][0](client)
        monkeypatch.setattr(BaseClient, "_make_api_call", refuses)
        stack = read_account("us-east-1", endpoint_url=address)
    refused = [note for note in stack.notes if "AccessDenied" in note]
    assert refused == [
        "lambda: GetFunctionConcurrency was refused: AccessDenied: no",
        "sqs: ListQueues was refused: AccessDenied: no",
    ]
    assert "Worker" in stack.resources
    assert "Results" in stack.resources


def test_an_empty_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_account(monkeypatch) as (address, _), pytest.raises(TemplateError, match="Nothing was found in us-east-1"):
        read_account("us-east-1", endpoint_url=address, tags={"app": "shop"})


def test_names_are_linked_and_secrets_left_out() -> None:
    found = [
        Found(kind="AWS::SQS::Queue", name="my-queue", properties={}, identifiers={"https://sqs/1/my-queue": None}),
        Found(
            kind="AWS::Lambda::Function",
            name="my queue",
            properties={
                "Role": "arn:aws:iam::1:role/gone",
                "Environment": {
                    "Variables": {"URL": "https://sqs/1/my-queue", "KEY": "s3cret", "DSN": "a:b@https://sqs/1/my-queue"}
                },
            },
        ),
    ]
    stack = linked(found, "us-east-1")
    assert list(stack.resources) == ["MyQueue", "MyQueue2"]
    function = stack.resources["MyQueue2"]
    assert function.get("Role") == "arn:aws:iam::1:role/gone"
    assert function.get("Environment", "Variables") == {"URL": Reference("MyQueue"), "DSN": Reference("MyQueue")}
