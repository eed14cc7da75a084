"""SNS: what is a topic of requests, quotas, price; subscribers get a copy each and nobody waits for them."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, refused
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.primitives import Bucket
from tonnage.iac.read_architecture import entries, understand
from tonnage.intake.infer_routes import infer_routes
from tonnage.services import Usage, sns_topic
from tonnage.simulate import simulate
from tonnage.workload import Call, Component, Route, Scenario, Traffic, Workload

ORDERS = """
Orders: {Type: AWS::SNS::Topic}
Copies: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Orders, Protocol: sqs, Endpoint: !GetAtt Inbox.Arn}}
Inbox: {Type: AWS::SQS::Queue}
"""
FAN_OUT = """
Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Target: !GetAtt Web.Arn}}
Web: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.12, Environment: {Variables: {TOPIC: !Ref Orders}}}}
Orders:
  Type: AWS::SNS::Topic
  Properties:
    Subscription:
      - {Protocol: lambda, Endpoint: !GetAtt Mail.Arn}
      - {Protocol: sqs, Endpoint: !GetAtt Inbox.Arn}
Mail: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.12, Timeout: 30}}
Inbox: {Type: AWS::SQS::Queue}
"""


def test_a_topic_that_a_queue_subscribes_to(tmp_path: Path) -> None:
    component = gathered(sns_topic, a_stack(tmp_path, ORDERS), "Orders")
    bucket = sns_topic.behaviour(component, CATALOG).primitives["Orders/messages"]
    assert isinstance(bucket, Bucket)
    assert bucket.rate_per_s == 30_000
    smaller = sns_topic.behaviour(component, load_catalog("eu-north-1")).limits["messages/s"]
    assert smaller < 30_000
    fifo = replace(component, settings={"FifoTopic": True})
    assert sns_topic.behaviour(fifo, CATALOG).limits["messages/s"] == 3_000


@pytest.mark.parametrize(
    "resources",
    [
        "Orders: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: email, Endpoint: a@b.c}]}}",
        """
Orders: {Type: AWS::SNS::Topic}
High: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Orders]}}
""",
    ],
)
def test_a_topic_of_people_and_alarms_is_left_out(tmp_path: Path, resources: str) -> None:
    assert "alarms and people" in refused(sns_topic, a_stack(tmp_path, resources), "Orders").reason


def test_large_messages_are_billed_by_64_kib() -> None:
    component = Component(name="Orders", kind=sns_topic.KIND)
    small = sns_topic.price(component, Usage(visits_per_s=100.0, per_visit={"bytes": 1_000.0}), CATALOG).usd_per_h
    large = sns_topic.price(component, Usage(visits_per_s=100.0, per_visit={"bytes": 131_072.0}), CATALOG).usd_per_h
    assert small == pytest.approx(100 * 3600 / 1e6 * 0.5)
    assert large == pytest.approx(2 * small)


def test_every_subscriber_gets_a_copy_and_the_publisher_waits_for_none(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FAN_OUT)
    read = understand(stack)
    routes, _ = infer_routes(read.components, read.edges, entries(read))
    assert [call.component for call in routes[0].entry.walk()] == ["Api", "Web", "Orders", "Mail", "Inbox"]

    def latency(routes: tuple[Route, ...]) -> tuple[float, dict[str, float]]:
        workload = Workload(
            name="orders",
            region="us-east-1",
            architecture=stack.file,
            components=read.components,
            edges=read.edges,
            routes=routes,
            traffic=Traffic(name="t", rates_per_s=(20.0,), step_s=3600.0, start_s=0.0, evidence="declared"),
            objectives=(),
        )
        outcome = simulate(compile_workload(workload, CATALOG), Scenario(name="s", window_s=300.0), seed=1)
        (route,) = (each for each in outcome.routes if each.name != "Inbox")
        return percentile(route.histogram, 50.0, FINE_BITS), {
            name: each.visits_per_s for name, each in outcome.components.items()
        }

    with_copies, visits = latency(routes)
    web = Call(component="Web", calls=(Call(component="Orders"),))
    without, _ = latency((replace(routes[0], entry=Call(component="Api", calls=(web,))),))
    assert visits["Mail"] == pytest.approx(visits["Orders"], rel=0.02)
    assert visits["Inbox"] == pytest.approx(visits["Orders"], rel=0.02)
    assert with_copies == pytest.approx(without, rel=0.05)
