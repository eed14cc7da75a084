from iac.wirings import short, wiring_of
from tonnage.iac.edges.state_machine_task import edges

TASKS = """
  Pay: {Type: AWS::Lambda::Function}
  Orders: {Type: AWS::DynamoDB::Table}
"""


def test_what_a_definition_names_in_its_order():
    text = """
  Checkout:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub '{"States": {"A": {"Resource": "${Pay.Arn}"}, "B": {"TableName": "${Orders}"}}}'
"""
    assert short(edges(wiring_of(TASKS + text))) == [("Checkout", "Pay", "stated"), ("Checkout", "Orders", "stated")]


def test_substitutions_of_a_definition_in_another_file():
    text = """
  Checkout:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: a.json, DefinitionSubstitutions: {Function: !GetAtt Pay.Arn}}
"""
    assert short(edges(wiring_of(TASKS + text))) == [("Checkout", "Pay", "stated")]
