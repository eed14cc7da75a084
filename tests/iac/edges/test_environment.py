import pytest

from iac.wirings import short, wiring_of
from tonnage.iac.edges.environment import edges


def function(variables, kind="AWS::Lambda::Function"):
    return f"""
  Handler:
    Type: {kind}
    Properties:
      Environment:
        Variables: {variables}
"""


STORES = """
  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: shop-orders}}
  Database: {Type: AWS::RDS::DBInstance}
  Cache: {Type: AWS::ElastiCache::ReplicationGroup}
  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: shop-files}}
"""


@pytest.mark.parametrize(
    ("value", "callee"),
    [
        ("!Ref Orders", "Orders"),
        ("!Ref Files", "Files"),
        ("!GetAtt Orders.Arn", "Orders"),
        ("!Sub 'mysql://u@${Database.Endpoint.Address}:3306'", "Database"),
        ("!GetAtt Cache.PrimaryEndPoint.Address", "Cache"),
    ],
)
def test_a_variable_that_refers_to_a_datastore(value, callee):
    [edge] = edges(wiring_of(function(f"{{STORE: {value}}}") + STORES))
    assert short([edge]) == [("Handler", callee, "stated")]
    assert edge.evidence == "environment variable STORE of Handler (t.yaml:7)"


def test_the_stream_of_a_table_is_no_call():
    assert not [*edges(wiring_of(function("{STREAM: !GetAtt Orders.StreamArn}") + STORES))]


@pytest.mark.parametrize("value", ["arn:aws:dynamodb:eu-west-1:1:table/shop-orders", "shop-orders"])
def test_a_physical_name_is_only_inferred(value):
    assert short(edges(wiring_of(function(f"{{TABLE_NAME: '{value}'}}") + STORES))) == [
        ("Handler", "Orders", "inferred")
    ]


def test_a_word_that_happens_to_be_a_name_is_no_call():
    assert not [*edges(wiring_of(function("{COLOUR: shop-orders}") + STORES))]


def test_what_stands_for_a_database():
    text = (
        function("{SECRET: !Ref Secret}")
        + STORES
        + """
  Secret: {Type: AWS::SecretsManager::Secret}
  Attachment:
    Type: AWS::SecretsManager::SecretTargetAttachment
    Properties: {SecretId: !Ref Secret, TargetId: !Ref Database, TargetType: AWS::RDS::DBInstance}
"""
    )
    assert short(edges(wiring_of(text))) == [("Handler", "Database", "stated")]


def test_a_function_that_names_another():
    text = function("{NEXT: !Ref Worker}", "AWS::Serverless::Function") + "  Worker: {Type: AWS::Lambda::Function}\n"
    assert short(edges(wiring_of(text))) == [("Handler", "Worker", "stated")]


def test_containers_of_a_service_are_told_what_they_call():
    text = """
  Shop: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: app
          Environment: [{Name: TABLE, Value: !Ref Orders}, {Name: COLOUR, Value: blue}]
          Secrets: [{Name: DB, ValueFrom: !Ref Database}]
"""
    found = short(edges(wiring_of(STORES + text)))
    assert found == [("Shop", "Orders", "stated"), ("Shop", "Database", "stated")]


def test_a_function_is_told_its_queue():
    text = function("{QUEUE_URL: !Ref Work}") + "  Work: {Type: AWS::SQS::Queue}\n"
    assert short(edges(wiring_of(text))) == [("Handler", "Work", "stated")]
