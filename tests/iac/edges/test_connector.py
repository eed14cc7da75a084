from iac.wirings import short, wiring_of
from tonnage.iac.edges.connector import edges


def test_a_connector_of_its_own():
    wiring = wiring_of("""
  Handler: {Type: AWS::Serverless::Function}
  Orders: {Type: AWS::Serverless::SimpleTable}
  Use:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Handler}, Destination: {Id: Orders}, Permissions: [Read]}
""")
    [edge] = edges(wiring)
    assert short([edge]) == [("Handler", "Orders", "inferred")]
    assert edge.evidence == "connector Use (t.yaml:7)"


def test_an_embedded_connector_with_two_destinations():
    wiring = wiring_of("""
  Handler:
    Type: AWS::Serverless::Function
    Connectors:
      Use: {Properties: {Destination: [{Id: Orders}, {Id: Worker}], Permissions: [Write]}}
  Orders: {Type: AWS::Serverless::SimpleTable}
  Worker: {Type: AWS::Serverless::Function}
""")
    assert short(edges(wiring)) == [("Handler", "Orders", "inferred"), ("Handler", "Worker", "inferred")]
