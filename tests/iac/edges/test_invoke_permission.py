from iac.wirings import short, wiring_of
from tonnage.iac.edges.invoke_permission import edges


def permission(source, principal="apigateway.amazonaws.com"):
    return wiring_of(f"""
  Api: {{Type: AWS::ApiGateway::RestApi}}
  Handler: {{Type: AWS::Lambda::Function}}
  Allow:
    Type: AWS::Lambda::Permission
    Properties:
      Principal: {principal}
      FunctionName: !Ref Handler
      SourceArn: !Sub "{source}"
""")


API = "arn:aws:execute-api:us-east-1:1:${Api}"


def test_a_permission_for_the_api():
    [edge] = edges(permission(f"{API}/*/GET/"))
    assert short([edge]) == [("Api", "Handler", "inferred")]
    assert edge.evidence == "permission Allow (t.yaml:10)"


def test_authorizers_and_other_principals_are_not_meant():
    assert not [*edges(permission(f"{API}/authorizers/abc"))]
    assert not [*edges(permission(f"{API}/*/GET/", "events.amazonaws.com"))]
