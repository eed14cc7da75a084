"""A REST API whose routes read, reviewed from the command line: the stage's cache takes what the function cannot."""

import json
from pathlib import Path

import pytest

from command_line import run

TEMPLATE = """
Resources:
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: items } }
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: prod
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      Integration: { Uri: !Sub "arn:aws:apigateway:lambda:path/functions/${Items.Arn}/invocations" }
  Items:
    Type: AWS::Lambda::Function
    Properties: { MemorySize: 256, Runtime: python3.12, Handler: a.b, ReservedConcurrentExecutions: 5 }
"""
WORKLOAD = """
architecture: template.yaml
traffic: constant 30/s for 10 min
routes:
  read: { share: 90 %, call: Api, request: GET /items, then: [{ call: Items }] }
  write: { share: 10 %, call: Api, request: POST /items, then: [{ call: Items }] }
objectives: [errors < 1 %]
"""


def test_turning_the_cache_on_is_proposed_simulated_and_written(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "tonnage.yaml").write_text(WORKLOAD)
    found = json.loads(run("review", str(tmp_path), "-q", "--format", "json").out)
    (cache,) = [each for each in found["recommendations"] if "CacheClusterEnabled" in json.dumps(each)]
    assert "+      CacheClusterEnabled: true" in cache["diff"]
    # Of the 90 % GETs half hit: 55 % of the requests reach the function, of which 1.8 % may be refused where 1 % of all
    # may. Erlang's B of 5 environments is 1 % at 1.361 erlang and 1.8 % at 1.611.
    more = cache["effect"]["load_line"]["rate_per_s"] / found["load_line"]["rate_per_s"]
    assert more == pytest.approx(1.611 / 1.361 / 0.55, rel=0.1)
