"""Planted secrets are in no output: terminal, JSON, HTML, shown patches, what is emitted and what is initialised."""

import itertools
from pathlib import Path

import pytest

from command_line import run

pytestmark = pytest.mark.e2e

SECRET = "hunter2-tell-nobody"
TEMPLATE = f"""
Parameters:
  Memory: {{ Type: Number, Default: 512 }}
  Password: {{ Type: String, NoEcho: true, Default: {SECRET}-0 }}
  Size: {{ Type: String, Default: t3.small }}
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {{ ProtocolType: HTTP, Name: api }}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{ ApiId: !Ref Api, RouteKey: GET /, Target: !Sub "integrations/${{Integration}}" }}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {{ ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Function.Arn }}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Environment:
        Variables:
          KEY: {SECRET}-1
          DATABASE: !GetAtt Database.Endpoint.Address
          URL: !Sub "mysql://root:{SECRET}-2@${{Database.Endpoint.Address}}"
      MemorySize: !Ref Memory
      ReservedConcurrentExecutions: 3
      Description: {SECRET}-free
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: {SECRET}-3
      DBInstanceClass: db.t3.micro
      MasterUsername: {SECRET}-4
      Engine: mysql
      AllocatedStorage: "20"
  Worker:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: |
          #!/bin/sh
          export TOKEN={SECRET}-5
      InstanceType: !Ref Size
"""
TERRAFORM = f"""
variable "password" {{
  default   = "{SECRET}-0"
  sensitive = true
}}
resource "aws_apigatewayv2_api" "api" {{
  name          = "api"
  protocol_type = "HTTP"
}}
resource "aws_apigatewayv2_integration" "it" {{
  api_id           = aws_apigatewayv2_api.api.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.f.invoke_arn
}}
resource "aws_apigatewayv2_route" "get" {{
  api_id    = aws_apigatewayv2_api.api.id
  route_key = "GET /"
  target    = "integrations/${{aws_apigatewayv2_integration.it.id}}"
}}
resource "aws_lambda_function" "f" {{
  runtime = "python3.12"
  environment {{
    variables = {{
      KEY = "{SECRET}-1"
      DATABASE = aws_db_instance.db.address
      URL = "mysql://root:${{var.password}}@${{aws_db_instance.db.address}}"
    }}
  }}
  memory_size = 512
  reserved_concurrent_executions = 3
}}
resource "aws_db_instance" "db" {{
  password          = "{SECRET}-3"
  instance_class    = "db.t3.micro"
  username          = "{SECRET}-4"
  engine            = "mysql"
  allocated_storage = 20
}}
"""
WORKLOAD = """
architecture: {file}
traffic: constant 60/s
objectives: [p99 latency < 200 ms, error rate < 0.1 %]
growth: 3
"""


@pytest.fixture(params=["template.yaml", "main.tf"])
def workload_file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / request.param).write_text(TEMPLATE if request.param == "template.yaml" else TERRAFORM)
    given = "template.yaml" if request.param == "template.yaml" else "."
    (tmp_path / "tonnage.yaml").write_text(WORKLOAD.format(file=given))
    return tmp_path / "tonnage.yaml"


def test_planted_secrets_are_in_no_output(workload_file: Path, tmp_path: Path) -> None:
    given, html, patch = str(workload_file), tmp_path / "out" / "r.html", tmp_path / "out" / "p.diff"
    html.parent.mkdir()
    commands = [
        ("review", given, "--format", "json", "--html", str(html), "--patch", str(patch), "--window", "60"),
        ("review", given, "--diff", "--window", "60"),
        ("simulate", given), ("simulate", given, "--format", "json"),
        ("tune", given, "--diff", "--designs", "4"), ("check", given), ("check", given, "--format", "json"),
        ("sensitivity", given), ("emit", "alarms", given), ("emit", "alarms", given, "--format", "json"),
        ("emit", "dashboard", given), ("emit", "load-test", given), ("break-even", given),
        ("resilience", given), ("init", str(workload_file.parent / "template.yaml"), "-o", "-"),
    ]  # fmt: skip
    said = {}
    for command in commands:
        result = run(*command)
        said[" ".join(command)] = result.out + result.err
        assert said[" ".join(command)].strip(), command
    assert patch.exists()
    said["html"] = html.read_text()
    for (name, text), number in itertools.product(said.items(), range(6)):
        assert f"{SECRET}-{number}" not in text, (name, number)
