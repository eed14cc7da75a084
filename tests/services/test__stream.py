"""Streams that Lambda polls, of tables: what becomes of the records of what is written."""

from dataclasses import replace
from pathlib import Path

from services.gathering import CATALOG, PRESSED, a_stack, a_workload, gathered, titles, writable
from tonnage.compile import compile_workload
from tonnage.engine.primitives import Queue
from tonnage.engine.program import Send
from tonnage.services import dynamodb_table, keeps_messages, lambda_function
from tonnage.workload import Call, Component, Route, declared

RESOURCES = """
Orders:
  Type: AWS::DynamoDB::Table
  Properties:
    BillingMode: PAY_PER_REQUEST
    StreamSpecification: { StreamViewType: NEW_IMAGE }
Worker:
  Type: AWS::Lambda::Function
  Properties: { Runtime: python3.12 }
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    EventSourceArn: !GetAtt Orders.StreamArn
    FunctionName: !Ref Worker
    StartingPosition: LATEST
    BatchSize: 50
    ParallelizationFactor: 4
    MaximumRetryAttempts: 1
"""
WORK = Call(component="Worker", demands={"cpu": declared(0.01, "s", "test")})
WRITE = Call(component="Orders", demands={"writes": declared(1.0, "1", "test")}, calls=(WORK,))


def orders(tmp_path: Path, text: str = RESOURCES) -> Component:
    return gathered(dynamodb_table, a_stack(tmp_path, text), "Orders")


def test_a_table_has_a_stream_where_lambda_polls_it(tmp_path: Path) -> None:
    component = orders(tmp_path)
    stream = dynamodb_table.behaviour(component, CATALOG).primitives["Orders/stream"]
    assert isinstance(stream, Queue)
    # Concurrency is shards times the parallelization factor; a shard is polled four times a second. A new on-demand
    # table has four partitions, and a shard for each.
    assert (stream.shards, stream.concurrency, stream.ordered) == (16, 1, True)
    assert (stream.batch, stream.receives, stream.batch_window_s, stream.retention_s) == (50, 2, 0.25, 86_400.0)
    large = replace(component, characteristics={"stream_shards": declared(6.0, "1", "user")})
    more = dynamodb_table.behaviour(large, CATALOG).primitives["Orders/stream"]
    assert isinstance(more, Queue)
    assert more.shards == 24
    assert keeps_messages(component)
    unpolled = orders(tmp_path, RESOURCES[: RESOURCES.index("Poll:")])
    assert "Orders/stream" not in dynamodb_table.behaviour(unpolled, CATALOG).primitives
    assert not keeps_messages(unpolled)


def test_only_what_writes_puts_a_record(tmp_path: Path) -> None:
    component = orders(tmp_path)
    assert dynamodb_table.visit(component, WRITE, CATALOG).enter[-1] == Send("Orders/stream")
    read = replace(WRITE, demands={"writes": declared(0.0, "1", "test")})
    for call in (read, replace(WRITE, calls=())):
        assert not any(isinstance(step, Send) for step in dynamodb_table.visit(component, call, CATALOG).enter)


def test_the_calls_under_a_table_are_made_for_its_records(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    workload = a_workload(stack, gathered(dynamodb_table, stack, "Orders"), gathered(lambda_function, stack, "Worker"))
    compiled = compile_workload(replace(workload, routes=(Route(name="write", share=1.0, entry=WRITE),)), CATALOG)
    request, consumer = compiled.model.programs
    assert request.entry.calls == ()
    assert (consumer.route, consumer.queue, consumer.entry.component) == ("Orders", "Orders/stream", "Worker")


def test_more_batches_of_a_shard_are_tried_where_it_falls_behind(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    behind = replace(PRESSED, pressures=("backlog",))
    found = titles(writable(dynamodb_table, stack, gathered(dynamodb_table, stack, "Orders"), behind))
    assert "Orders ParallelizationFactor 4 → 8" in found
