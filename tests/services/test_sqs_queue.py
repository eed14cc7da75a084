"""SQS queues: who polls them, how many messages at a time, how often, and what they cost."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, holds_for_every_room, refused, titles, writable
from tonnage.engine.primitives import Queue
from tonnage.engine.program import Send
from tonnage.services import Pollers, Usage, sqs_queue
from tonnage.workload import Call, Component, TemplateError, declared

RESOURCES = """
Orders:
  Type: AWS::SQS::Queue
  Properties:
    VisibilityTimeout: {visibility}
    FifoQueue: {fifo}
    RedrivePolicy:
      deadLetterTargetArn: !GetAtt Failed.Arn
      maxReceiveCount: 3
Failed:
  Type: AWS::SQS::Queue
Worker:
  Type: AWS::Lambda::Function
  Properties: {{}}
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    EventSourceArn: !GetAtt {source}.Arn
    FunctionName: !Ref Worker
    BatchSize: 5
    MaximumBatchingWindowInSeconds: 2
    ScalingConfig:
      MaximumConcurrency: 50
"""


def template(visibility: str = "60", fifo: str = "false", source: str = "Orders") -> str:
    return RESOURCES.format(visibility=visibility, fifo=fifo, source=source)


def orders(tmp_path: Path, text: str | None = None) -> Component:
    return gathered(sqs_queue, a_stack(tmp_path, text or template()), "Orders")


def messages(component: Component) -> Queue:
    primitive = sqs_queue.behaviour(component, CATALOG).primitives["Orders/messages"]
    assert isinstance(primitive, Queue)
    return primitive


def test_a_queue_has_the_settings_of_what_polls_it(tmp_path: Path) -> None:
    component = orders(tmp_path)
    holds_for_every_room(sqs_queue, component)
    queue = messages(component)
    assert (queue.concurrency, queue.batch, queue.batch_window_s) == (50, 5, 2)
    assert (queue.visibility_s, queue.receives, queue.retention_s) == (60, 3, 345_600)
    assert not queue.ordered
    assert component.origins["MaximumConcurrency"].resource == "Poll"
    (pollers,) = sqs_queue.behaviour(component, CATALOG).controls
    # Lambda polls with five at first and 300 more a minute, here up to MaximumConcurrency.
    assert pollers == Pollers(queue="Orders/messages", start=5, per_minute=300, maximum=50)


def test_without_a_limit_lambda_takes_up_to_1250_batches_at_once(tmp_path: Path) -> None:
    text = template().replace("    ScalingConfig:\n      MaximumConcurrency: 50\n", "")
    component = orders(tmp_path, text)
    assert messages(component).concurrency == 1250


def test_without_a_mapping_it_has_the_consumers_that_it_is_given(tmp_path: Path) -> None:
    component = orders(tmp_path, template(source="Failed"))
    assert messages(component).concurrency == 10
    assert sqs_queue.behaviour(component, CATALOG).controls == ()
    more = replace(component, characteristics={"consumers": declared(64.0, "1", "user")})
    assert messages(more).concurrency == 64


def test_a_fifo_queue_keeps_the_order_in_each_group(tmp_path: Path) -> None:
    component = orders(tmp_path, template(fifo="true"))
    component = replace(component, characteristics={"message_groups": declared(6.0, "1", "user")})
    queue = messages(component)
    # Lambda developer guide: concurrency of a FIFO queue is the lower of its active groups and MaximumConcurrency.
    assert (queue.ordered, queue.shards, queue.concurrency) == (True, 6, 1)
    many = replace(component, characteristics={"message_groups": declared(600.0, "1", "user")})
    assert messages(many).shards == 50


def test_a_dead_letter_queue_carries_nothing(tmp_path: Path) -> None:
    refusal = refused(sqs_queue, a_stack(tmp_path, template()), "Failed")
    assert "dead-letter" in refusal.reason
    assert not refusal.matters


def test_a_visit_sends_one_message(tmp_path: Path) -> None:
    steps = sqs_queue.visit(orders(tmp_path), Call(component="Orders"), CATALOG)
    assert steps.enter[-1] == Send("Orders/messages")
    assert steps.leave == ()


def test_messages_are_billed_by_request(tmp_path: Path) -> None:
    # A million messages an hour: a million to send, and a fifth each to receive and to delete, at 0.40 USD a million.
    cost = sqs_queue.price(orders(tmp_path), Usage(visits_per_s=1e6 / 3600.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(1.4 * 0.40)
    fifo = sqs_queue.price(orders(tmp_path, template(fifo="true")), Usage(visits_per_s=1e6 / 3600.0), CATALOG)
    assert fifo.usd_per_h == pytest.approx(1.4 * 0.50)


def test_where_messages_pile_up_more_are_processed_at_once(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, template())
    component = gathered(sqs_queue, stack, "Orders")
    assert list(sqs_queue.knobs(component, PRESSED, CATALOG)) == []
    found = titles(writable(sqs_queue, stack, component, replace(PRESSED, pressures=("backlog",))))
    assert found == [
        "Orders MaximumConcurrency 50 → 100",
        "Orders MaximumConcurrency 50 → 250",
        "Orders BatchSize 5 → 10",
    ]


def test_a_visibility_timeout_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"Orders: VisibilityTimeout is 'soon'"):
        orders(tmp_path, template(visibility="soon"))


def test_l11_a_fifo_queue_is_polled_by_no_more_than_its_groups(tmp_path: Path) -> None:
    # L11, AWS Lambda developer guide: six message groups and a MaximumConcurrency of 10 are six at once.
    component = orders(tmp_path, template(fifo="true"))
    component = replace(
        component,
        settings={**component.settings, "MaximumConcurrency": 10},
        characteristics={"message_groups": declared(6.0, "1", "user")},
    )
    queue = messages(component)
    assert queue.shards * queue.concurrency == 6
    assert sqs_queue.behaviour(component, CATALOG).controls == ()
