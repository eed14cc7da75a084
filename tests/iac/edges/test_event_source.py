from iac.wirings import short, wiring_of
from tonnage.iac.edges.event_source import edges

MAPPING = """
  Orders: {Type: AWS::SQS::Queue}
  Worker: {Type: AWS::Lambda::Function}
  Poll:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: %s
      FunctionName: !Ref Worker
"""


def test_a_mapping_leads_from_its_queue_to_its_function():
    [edge] = edges(wiring_of(MAPPING % "!GetAtt Orders.Arn"))
    assert short([edge]) == [("Orders", "Worker", "stated")]
    assert edge.evidence.startswith("event source mapping Poll")


def test_a_mapping_of_something_else_is_no_edge():
    assert not [*edges(wiring_of(MAPPING % "arn:aws:kinesis:us-east-1:1:stream/x"))]


def test_an_event_of_a_sam_function_leads_from_its_queue():
    text = """
  Orders: {Type: AWS::SQS::Queue}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Api: {Type: Api}
        Order: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn}}
"""
    [edge] = edges(wiring_of(text))
    assert short([edge]) == [("Orders", "Worker", "stated")]
    assert "event Order of Worker" in edge.evidence


def test_a_stream_is_polled_like_a_queue():
    text = """
  Clicks: {Type: AWS::Kinesis::Stream}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Click: {Type: Kinesis, Properties: {Stream: !GetAtt Clicks.Arn}}
"""
    assert short(edges(wiring_of(text))) == [("Clicks", "Worker", "stated")]
    assert short(edges(wiring_of((MAPPING % "!GetAtt Orders.Arn").replace("SQS::Queue", "Kinesis::Stream")))) == [
        ("Orders", "Worker", "stated")
    ]


def test_the_stream_of_a_table_is_polled_too():
    text = """
  Orders: {Type: AWS::DynamoDB::Table}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Changed: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn}}
"""
    assert short(edges(wiring_of(text))) == [("Orders", "Worker", "stated")]
