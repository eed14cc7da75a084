from iac.wirings import short, wiring_of
from tonnage.iac.edges.subscription import edges

RECEIVERS = """
  Inbox: {Type: AWS::SQS::Queue}
  Handler: {Type: AWS::Lambda::Function}
  Orders: {Type: AWS::SNS::Topic}
  Bus: {Type: AWS::Events::EventBus}
"""


def test_subscriptions_beside_a_topic_and_inside_it():
    beside = (
        "  Copies: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Orders, Endpoint: !GetAtt Inbox.Arn}}\n"
    )
    assert short(edges(wiring_of(RECEIVERS + beside))) == [("Orders", "Inbox", "stated")]
    inside = RECEIVERS.replace(
        "Orders: {Type: AWS::SNS::Topic}",
        "Orders: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Endpoint: !GetAtt Handler.Arn}]}}",
    )
    assert short(edges(wiring_of(inside))) == [("Orders", "Handler", "stated")]


def test_targets_of_rules_on_a_bus_of_ones_own():
    rule = "  Rule: {Type: AWS::Events::Rule, Properties: {%sTargets: [{Id: a, Arn: !GetAtt Handler.Arn}]}}\n"
    assert short(edges(wiring_of(RECEIVERS + rule % "EventBusName: !Ref Bus, "))) == [("Bus", "Handler", "stated")]
    assert list(edges(wiring_of(RECEIVERS + rule % ""))) == []


def test_events_of_sam_functions():
    function = """
  Mail:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Ordered: {Type: SNS, Properties: {Topic: !Ref Orders}}
        Put: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {}}}
        Timer: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
"""
    found = short(edges(wiring_of(RECEIVERS + function)))
    assert found == [("Orders", "Mail", "stated"), ("Bus", "Mail", "stated")]
