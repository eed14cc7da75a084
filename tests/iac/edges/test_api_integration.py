import pytest

from iac.wirings import short, wiring_of
from tonnage.iac.edges.api_integration import edges

HANDLER = """
  Handler: {Type: AWS::Lambda::Function}
"""
REST = (
    HANDLER
    + """
  Api: {Type: AWS::ApiGateway::RestApi}
"""
)
URI = "!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s}/invocations'"


def method(integration, api="Api"):
    return f"""
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref {api}
      Integration: {integration}
"""


def test_a_method_calls_the_function_in_its_uri():
    [edge] = edges(wiring_of(REST + method("{Type: AWS_PROXY, Uri: " + URI % "Handler.Arn" + "}")))
    assert short([edge]) == [("Api", "Handler", "stated")]
    assert edge.evidence == "Integration.Uri of Get (t.yaml:11)"


def test_an_alias_and_a_version_stand_for_their_function():
    alias = """
  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Handler, FunctionVersion: !GetAtt V1.Version}}
  V1: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Handler}}
"""
    for name in ("Live", "V1"):
        wiring = wiring_of(REST + alias + method("{Type: AWS_PROXY, Uri: " + URI % name + "}"))
        assert short(edges(wiring)) == [("Api", "Handler", "stated")]


def test_a_role_in_the_integration_is_no_call_and_a_mock_calls_nothing():
    assert not [*edges(wiring_of(REST + method("{Type: MOCK, Credentials: !GetAtt Handler.Arn}")))]


def test_a_direct_integration_with_a_table():
    table = "\n  Orders: {Type: AWS::DynamoDB::Table}\n"
    request = """{Type: AWS, Uri: 'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem',
        RequestTemplates: {application/json: !Sub '{"TableName": "${Orders}"}'}}"""
    assert short(edges(wiring_of(REST + table + method(request)))) == [("Api", "Orders", "stated")]


@pytest.mark.parametrize(
    ("api", "body"),
    [
        ("AWS::ApiGateway::RestApi", "Body"),
        ("AWS::Serverless::Api", "DefinitionBody"),
        ("AWS::ApiGatewayV2::Api", "Body"),
    ],
)
def test_integrations_inside_an_openapi_body(api, body):
    wiring = wiring_of(
        HANDLER
        + f"""
  Api:
    Type: {api}
    Properties:
      {body}:
        openapi: 3.0.1
        info: {{title: !Ref Handler}}
        paths:
          /orders:
            post:
              x-amazon-apigateway-integration:
                type: aws_proxy
                uri: {URI % "Handler.Arn"}
"""
    )
    [edge] = edges(wiring)
    assert short([edge]) == [("Api", "Handler", "stated")]
    assert edge.evidence == f"POST /orders in the {body} of Api (t.yaml:16)"


def test_an_http_api_integration_with_a_function_or_a_listener():
    wiring = wiring_of(
        HANDLER
        + """
  Api: {Type: AWS::ApiGatewayV2::Api}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer}}
  One: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationUri: !GetAtt Handler.Arn}}
  Two: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationUri: !Ref Listener}}
"""
    )
    assert short(edges(wiring)) == [("Api", "Handler", "stated"), ("Api", "Balancer", "stated")]


def test_an_http_api_made_in_one_go_names_its_target():
    wiring = wiring_of(HANDLER + "\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Target: !GetAtt Handler.Arn}}\n")
    assert short(edges(wiring)) == [("Api", "Handler", "stated")]
