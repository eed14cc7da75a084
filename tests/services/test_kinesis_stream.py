"""Kinesis streams: what shards take, who works on them, and what they cost."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, holds_for_every_room, titles, writable
from tonnage.engine.primitives import Bucket, Queue
from tonnage.engine.program import Send, Take
from tonnage.services import Usage, kinesis_stream
from tonnage.workload import Call, Component, declared

RESOURCES = """
Clicks:
  Type: AWS::Kinesis::Stream
  Properties:
    ShardCount: 4
    RetentionPeriodHours: 48
Other:
  Type: AWS::Kinesis::Stream
Worker:
  Type: AWS::Lambda::Function
  Properties: {{}}
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    EventSourceArn: !GetAtt {source}.Arn
    FunctionName: !Ref Worker
    BatchSize: 200
    ParallelizationFactor: 3
    MaximumRetryAttempts: 2
"""


def clicks(tmp_path: Path, source: str = "Clicks") -> Component:
    return gathered(kinesis_stream, a_stack(tmp_path, RESOURCES.format(source=source)), "Clicks")


def parts(component: Component) -> tuple[Bucket, Queue]:
    primitives = kinesis_stream.behaviour(component, CATALOG).primitives
    ingest, records = primitives["Clicks/ingest"], primitives["Clicks/records"]
    assert isinstance(ingest, Bucket)
    assert isinstance(records, Queue)
    return ingest, records


def test_shards_take_records_and_are_worked_on_in_order(tmp_path: Path) -> None:
    component = clicks(tmp_path)
    holds_for_every_room(kinesis_stream, component)
    ingest, records = parts(component)
    assert (ingest.rate_per_s, ingest.when_empty) == (4000.0, "reject")
    # Concurrency is shards times the parallelization factor.
    assert (records.shards, records.concurrency, records.ordered) == (12, 1, True)
    assert (records.batch, records.receives, records.retention_s) == (200, 3, 48 * 3600.0)
    assert records.batch_window_s == 1.0, "each shard is polled once a second"


def test_without_lambda_each_shard_has_its_worker(tmp_path: Path) -> None:
    _, records = parts(clicks(tmp_path, "Other"))
    assert (records.shards, records.receives, records.batch) == (4, None, 100)
    more = replace(clicks(tmp_path, "Other"), characteristics={"consumers": declared(2.0, "1", "user")})
    assert parts(more)[1].shards == 8


def test_on_demand_begins_with_four_shards(tmp_path: Path) -> None:
    component = replace(clicks(tmp_path), settings={**clicks(tmp_path).settings, "StreamMode": "ON_DEMAND"})
    assert parts(component)[0].rate_per_s == 4000.0
    cost = kinesis_stream.price(component, Usage(visits_per_s=0.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(0.04)


@pytest.mark.parametrize(("size", "records"), [(100.0, 1.0), (2**20 / 1000.0, 1.0), (10.0 * 2**20 / 1000.0, 10.0)])
def test_a_record_takes_the_larger_of_its_shares(tmp_path: Path, size: float, records: float) -> None:
    call = Call(component="Clicks", demands={"bytes": declared(size, "bytes", "user")})
    steps = kinesis_stream.visit(clicks(tmp_path), call, CATALOG)
    (take,) = [step for step in steps.enter if isinstance(step, Take)]
    assert take.amount == pytest.approx(records)
    assert steps.enter[-1] == Send("Clicks/records")
    assert steps.retry_attempts == 3


def test_shards_and_put_units_are_paid(tmp_path: Path) -> None:
    # A million records of 30 KB an hour are two million units of 25 KB.
    usage = Usage(visits_per_s=1e6 / 3600.0, per_visit={"put_units": 2.0})
    cost = kinesis_stream.price(clicks(tmp_path), usage, CATALOG)
    assert cost.usd_per_h == pytest.approx(4 * 0.015 + 2 * 0.014)


def test_what_is_tried_where_a_stream_falls_behind(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.format(source="Clicks"))
    component = gathered(kinesis_stream, stack, "Clicks")
    found = titles(writable(kinesis_stream, stack, component, replace(PRESSED, pressures=("backlog",))))
    assert found == [
        "Clicks ShardCount 4 → 8",
        "Clicks ShardCount 4 → 16",
        "Clicks ParallelizationFactor 3 → 6",
        "Clicks BatchSize 200 → 1000",
    ]
    assert list(kinesis_stream.knobs(component, PRESSED, CATALOG)) == []


def test_l10_concurrency_is_shards_times_the_parallelization_factor(tmp_path: Path) -> None:
    # L10, AWS Lambda developer guide, "Using Lambda with Kinesis": 100 shards and a factor of 2 are 200 at once.
    text = RESOURCES.format(source="Clicks").replace("ShardCount: 4", "ShardCount: 100")
    component = gathered(kinesis_stream, a_stack(tmp_path, text.replace("Factor: 3", "Factor: 2")), "Clicks")
    _, records = parts(component)
    assert records.shards * records.concurrency == 200
