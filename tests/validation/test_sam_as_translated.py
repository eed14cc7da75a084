"""SAM read as written gives what AWS's own translator's output gives: components, settings and who calls whom."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from shared_data import shared
from tonnage.iac.architecture import Architecture
from tonnage.iac.read_architecture import read_architecture

SHARED = [
    *(
        f"iac/sam/{name}.yaml"
        for name in (
            "apigw_sqs_lambda_ddb", "apigw_vpclink_alb_ecs", "cloudfront_apigw_rest_api_lambda_dynamodb_sam",
            "eventbridge_pipes_sqs_lambda_api_destination", "kinesis_data_stream_firehose_apigw_sam",
            "s3_event_sfn_lambda_ddb_sns", "sqs_ecs_autoscaling", "sqs_lambda_lmi_esm_provisioned_sam",
        )
    ),
    *(
        f"lambda/products_api/dotnet/src/{name}/template.yaml"
        for name in ("NET6", "NET6MinimalAPI", "NET8", "NET8Native", "NET8SnapStart")
    ),
]  # fmt: skip
WRITTEN = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: python3.12, Timeout: 12, MemorySize: 512, Architectures: [arm64] }
Resources:
  Orders: { Type: AWS::Serverless::SimpleTable }
  Jobs: { Type: AWS::SQS::Queue }
  News: { Type: AWS::SNS::Topic }
  Handler:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      InlineCode: x
      MemorySize: 1024
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
      Events:
        Get: { Type: HttpApi, Properties: { Path: /orders, Method: get } }
        Told: { Type: SNS, Properties: { Topic: !Ref News } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      InlineCode: x
      ReservedConcurrentExecutions: 20
      Events:
        Job:
          Type: SQS
          Properties: { Queue: !GetAtt Jobs.Arn, BatchSize: 5, ScalingConfig: { MaximumConcurrency: 7 } }
"""
POLICIES = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
ADDRESS = "s3://bucket/key"


class _Policies:
    """AWS's managed policies, which the translator asks for."""

    def load(self) -> dict[str, str]:
        """By name."""
        return POLICIES


def translated(text: str) -> str:
    """The translator's output; code that is not packaged is taken as packaged, dates without quotes as texts."""
    body = yaml_parse(re.sub(r"(?<=: )(\d{4}-\d\d-\d\d)(?=\s)", r"'\1'", text))
    packaged(body.get("Globals", {}).get("Function", {}))
    for resource in body["Resources"].values():
        properties = resource.setdefault("Properties", {}) if resource["Type"].startswith("AWS::Serverless") else {}
        packaged(properties)
    answer: Any = transform(body, {}, _Policies())
    return json.dumps(answer, default=str)


def packaged(properties: dict[str, Any]) -> None:
    for name in ("CodeUri", "ContentUri", "DefinitionUri"):
        if isinstance(properties.get(name), str):
            properties[name] = ADDRESS


def summary(read: Architecture) -> tuple[object, object]:
    components = {name: dict(each.settings) for name, each in read.components.items()}
    return components, {(edge.caller, edge.callee) for edge in read.edges}


def compared(text: str, tmp_path: Path) -> None:
    (tmp_path / "sam.yaml").write_text(text)
    (tmp_path / "plain.json").write_text(translated(text))
    (components, edges), (wanted, calls) = (
        summary(read_architecture(tmp_path / name)) for name in ("sam.yaml", "plain.json")
    )
    assert components == wanted
    assert edges == calls


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.parametrize("name", SHARED)
def test_a_real_template_is_read_as_it_is_translated(name: str, tmp_path: Path) -> None:
    compared(shared(name).read_text(), tmp_path)


def test_events_globals_and_policies_are_read_as_they_are_translated(tmp_path: Path) -> None:
    compared(WRITTEN, tmp_path)
