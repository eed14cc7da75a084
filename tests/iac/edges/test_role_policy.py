import pytest

from iac.wirings import short, wiring_of
from tonnage.iac.edges.role_policy import edges

FUNCTION = """
  Handler: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Orders: {Type: AWS::DynamoDB::Table}
"""
STATEMENT = "{Effect: Allow, Action: ['dynamodb:GetItem'], Resource: [!GetAtt Orders.Arn]}"


def attached(kind, statement=STATEMENT, role="  Role: {Type: AWS::IAM::Role}\n"):
    to = {"AWS::IAM::RolePolicy": "RoleName: !Ref Role"}.get(kind, "Roles: [!Ref Role]")
    return wiring_of(f"""{FUNCTION}{role}
  Rights:
    Type: {kind}
    Properties:
      {to}
      PolicyDocument:
        Statement:
          - {statement}
""")


@pytest.mark.parametrize("kind", ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"])
def test_a_policy_attached_to_the_role(kind):
    [edge] = edges(attached(kind))
    assert short([edge]) == [("Handler", "Orders", "inferred")]
    assert edge.evidence == "policy Rights in the role of Handler (t.yaml:13)"


def test_an_inline_policy_and_a_managed_one_that_the_role_names():
    policies = f"[{{PolicyDocument: {{Statement: {STATEMENT}}}}}]"
    inline = f"  Role: {{Type: AWS::IAM::Role, Properties: {{Policies: {policies}}}}}\n"
    [edge] = edges(wiring_of(FUNCTION + inline))
    assert edge.evidence == "a policy in role Role of Handler (t.yaml:5)"
    managed = f"""
  Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [!Ref Rights]}}}}
  Rights: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: [{STATEMENT}]}}}}}}
"""
    assert short(edges(wiring_of(FUNCTION + managed))) == [("Handler", "Orders", "inferred")]


@pytest.mark.parametrize(
    "statement",
    [
        STATEMENT.replace("GetItem", "DescribeTable"),
        STATEMENT.replace("GetItem", "GetRecords"),
        STATEMENT.replace("GetItem", "GetShardIterator"),
        STATEMENT.replace("Allow", "Deny"),
        STATEMENT.replace("Orders.Arn", "Orders.StreamArn"),
        STATEMENT.replace("dynamodb:GetItem", "logs:PutLogEvents"),
    ],
)
def test_what_is_no_call(statement):
    assert not [*edges(attached("AWS::IAM::Policy", statement))]


@pytest.mark.parametrize("action", ["dynamodb:*", "*", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem"])
def test_what_is_a_call(action):
    assert [*edges(attached("AWS::IAM::Policy", STATEMENT.replace("dynamodb:GetItem", action)))]


@pytest.mark.parametrize(
    ("policies", "count"),
    [
        ("[{DynamoDBCrudPolicy: {TableName: !Ref Orders}}]", 1),
        ("[{DynamoDBStreamReadPolicy: {TableName: !Ref Orders, StreamName: x}}]", 0),
        ("[AWSLambdaBasicExecutionRole]", 0),
        (f"[{{Statement: [{STATEMENT}]}}]", 1),
        (f"{{Statement: {STATEMENT}}}", 1),
    ],
)
def test_policies_of_a_sam_function(policies, count):
    wiring = wiring_of(f"""
  Handler: {{Type: AWS::Serverless::Function, Properties: {{Policies: {policies}}}}}
  Orders: {{Type: AWS::Serverless::SimpleTable}}
""")
    assert short(edges(wiring)) == [("Handler", "Orders", "inferred")] * count


def test_the_role_of_instances():
    wiring = wiring_of(f"""
  Web: {{Type: AWS::AutoScaling::AutoScalingGroup, Properties: {{LaunchTemplate: {{LaunchTemplateId: !Ref Launch}}}}}}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties: {{LaunchTemplateData: {{IamInstanceProfile: {{Arn: !GetAtt Profile.Arn}}}}}}
  Profile: {{Type: AWS::IAM::InstanceProfile, Properties: {{Roles: [!Ref Role]}}}}
  Role: {{Type: AWS::IAM::Role, Properties: {{Policies: [{{PolicyDocument: {{Statement: [{STATEMENT}]}}}}]}}}}
  Orders: {{Type: AWS::DynamoDB::Table}}
""")
    assert short(edges(wiring)) == [("Web", "Orders", "inferred")]


def test_the_role_of_a_service_is_that_of_its_tasks():
    text = """
  Shop: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt Role.Arn}}
  Orders: {Type: AWS::DynamoDB::Table}
  Work: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}
              - {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Work.Arn}
              - {Effect: Allow, Action: 'sqs:ReceiveMessage', Resource: !GetAtt Work.Arn}
"""
    assert short(edges(wiring_of(text))) == [("Shop", "Orders", "inferred"), ("Shop", "Work", "inferred")]


@pytest.mark.parametrize(
    ("action", "called"),
    [
        ("s3:GetObject", True),
        ("s3:PutObject*", True),
        ("s3:Get*", True),
        ("s3:*", True),
        ("s3:ListBucket", False),
        ("s3:GetBucketLocation", False),
    ],
)
def test_objects_of_a_bucket_are_called_not_its_settings(action, called):
    files = "  Files: {Type: AWS::S3::Bucket}\n  Role: {Type: AWS::IAM::Role}\n"
    statement = f"{{Effect: Allow, Action: '{action}', Resource: !Sub '${{Files.Arn}}/*'}}"
    found = short(edges(attached("AWS::IAM::Policy", statement, role=files)))
    assert found == ([("Handler", "Files", "inferred")] if called else [])
