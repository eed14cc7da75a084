from iac.wirings import short, stack_of, wiring_of
from tonnage.iac.edges.sam_event import edges, implicit_apis
from tonnage.iac.wiring import Wiring
from tonnage.workload import Component


def function(event):
    return f"""
  Api: {{Type: AWS::Serverless::Api}}
  Http: {{Type: AWS::Serverless::HttpApi}}
  Handler:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Submit: {event}
"""


def test_an_event_that_names_its_api():
    rest = "{Type: Api, Properties: {RestApiId: !Ref Api, Path: /submit, Method: post}}"
    [edge] = edges(wiring_of(function(rest)))
    assert short([edge]) == [("Api", "Handler", "stated")]
    assert edge.evidence == "event Submit (POST /submit) of Handler (t.yaml:9)"
    http = "{Type: HttpApi, Properties: {ApiId: !Ref Http}}"
    assert short(edges(wiring_of(function(http)))) == [("Http", "Handler", "stated")]


def test_an_event_that_names_none_belongs_to_the_api_that_sam_makes():
    text = function("{Type: HttpApi}")
    apis = implicit_apis(stack_of(text))
    assert [(name, api.kind, api.place.line) for name, api in apis.items()] == [
        ("ServerlessHttpApi", "AWS::Serverless::HttpApi", 9)
    ]
    wiring = wiring_of(text)
    made = Component(name="ServerlessHttpApi", kind="AWS::ApiGatewayV2::Api")
    with_api = Wiring(
        stack=wiring.stack,
        components={**wiring.components, "ServerlessHttpApi": made},
        stands_for=wiring.stands_for,
        names=wiring.names,
    )
    assert short(edges(with_api)) == [("ServerlessHttpApi", "Handler", "stated")]
    assert not [*edges(wiring)]


def test_other_events_are_no_calls():
    text = function("{Type: SQS, Properties: {Queue: !GetAtt Api.Arn}}")
    assert not [*edges(wiring_of(text))]
    assert not implicit_apis(stack_of(text))
