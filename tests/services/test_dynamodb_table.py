from dataclasses import replace
from pathlib import Path

import pytest

from refusals import refusal
from services.gathering import CATALOG, PRESSED, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take
from tonnage.services import Situation, Usage, dynamodb_table
from tonnage.workload import Call, Change, Component, WorkloadError, declared

TABLE = """
Orders:
  Type: AWS::DynamoDB::Table
  Properties:
    AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]
    KeySchema: [{{ AttributeName: id, KeyType: HASH }}]
{more}
"""
PROVISIONED = "    ProvisionedThroughput: { ReadCapacityUnits: 300, WriteCapacityUnits: 100 }"


def table(tmp_path: Path, more: str) -> Component:
    return gathered(dynamodb_table, a_stack(tmp_path, TABLE.format(more=more)), "Orders")


def bucket(component: Component, part: str) -> Bucket:
    found = dynamodb_table.behaviour(component, CATALOG).primitives[f"Orders/{part}"]
    assert isinstance(found, Bucket)
    return found


def test_provisioned_capacity_keeps_300_seconds(tmp_path: Path) -> None:
    # DynamoDB developer guide, "Burst and adaptive capacity": up to five minutes of unused capacity.
    reads, writes = (bucket(table(tmp_path, PROVISIONED), part) for part in ("reads", "writes"))
    assert (reads.rate_per_s, reads.capacity) == (300.0, 90_000.0)
    assert (writes.rate_per_s, writes.capacity) == (100.0, 30_000.0)


def test_a_new_on_demand_table_serves_4000_writes_and_12000_reads(tmp_path: Path) -> None:
    component = table(tmp_path, "    BillingMode: PAY_PER_REQUEST")
    assert bucket(component, "writes").rate_per_s == 4000.0
    assert bucket(component, "reads").rate_per_s == 12_000.0


def test_a_visit_takes_its_units_and_the_sdk_tries_three_times(tmp_path: Path) -> None:
    demands = {"reads": declared(0.5, "1", "test"), "writes": declared(2.0, "1", "test")}
    steps = dynamodb_table.visit(table(tmp_path, PROVISIONED), Call(component="Orders", demands=demands), CATALOG)
    assert [s for s in steps.enter if isinstance(s, Take)] == [
        Take("Orders/partition reads", 0.5),
        Take("Orders/partition writes", 2.0),
        Take("Orders/reads", 0.5),
        Take("Orders/writes", 2.0),
    ]
    assert (steps.retry_attempts, steps.retry_base_s) == (3, 0.05)


def test_a_starved_index_throttles_the_table(tmp_path: Path) -> None:
    index = """    GlobalSecondaryIndexes:
      - IndexName: by_day
        KeySchema: [{ AttributeName: day, KeyType: HASH }]
        Projection: { ProjectionType: ALL }
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 10 }
"""
    component = table(tmp_path, index + PROVISIONED)
    assert bucket(component, "index writes").rate_per_s == 10.0
    steps = dynamodb_table.visit(component, Call(component="Orders"), CATALOG)
    assert Take("Orders/index writes", 0.2) in steps.enter


def test_prices(tmp_path: Path) -> None:
    # 1,000 WCU x 0.00065 x 730 = 474.5 USD a month; 0.625 USD for a million writes on demand.
    thousand = table(tmp_path, "    ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 1000 }")
    assert dynamodb_table.price(thousand, Usage(visits_per_s=0.0), CATALOG).usd_per_h * 730 == pytest.approx(474.5)
    on_demand = table(tmp_path, "    BillingMode: PAY_PER_REQUEST")
    usage = Usage(visits_per_s=1e6 / 3600.0, per_visit={"reads": 0.0, "writes": 1.0})
    assert dynamodb_table.price(on_demand, usage, CATALOG).usd_per_h == pytest.approx(0.625)


def test_on_demand_drops_the_throughput_that_cloudformation_refuses_beside_it(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, TABLE.format(more=PROVISIONED))
    component = gathered(dynamodb_table, stack, "Orders")
    seen = Situation(pressures=("throttle",), peak_visits_per_s=500.0, per_visit={"reads": 1.0, "writes": 1.0})
    knobs = list(dynamodb_table.knobs(component, seen, CATALOG))
    assert "Orders WriteCapacityUnits 100 → 714" in titles(knobs)
    mode = next(knob for knob in knobs if isinstance(knob, Change) and knob.setting == "BillingMode")
    assert [(also.setting, also.after) for also in mode.also] == [("ProvisionedThroughput", None)]


def test_capacity_knobs_can_be_written(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, TABLE.format(more=PROVISIONED + "\n    BillingMode: PROVISIONED"))
    component = gathered(dynamodb_table, stack, "Orders")
    # The index keeps the mode's companion edit out of this round trip.
    indexed = Component(
        name=component.name,
        kind=component.kind,
        settings={**component.settings, "Indexes": 1},
        origins=component.origins,
        place=component.place,
    )
    seen = Situation(peak_visits_per_s=500.0, per_visit={"reads": 1.0, "writes": 1.0}, pressures=PRESSED.pressures)
    knobs = list(dynamodb_table.knobs(indexed, seen, CATALOG))
    assert {knob.setting for knob in knobs if isinstance(knob, Change)} == {"ReadCapacityUnits", "WriteCapacityUnits"}


def test_a_simple_table_of_sam_is_on_demand_unless_it_says_otherwise(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, "Simple:\n  Type: AWS::Serverless::SimpleTable")
    component = gathered(dynamodb_table, stack, "Simple")
    assert component.settings["BillingMode"] == "PAY_PER_REQUEST"
    assert writable(dynamodb_table, stack, component) == []


def test_more_partitions_come_with_warm_throughput_and_the_maximum_of_auto_scaling(tmp_path: Path) -> None:
    def count(more: str) -> float:
        return dynamodb_table.behaviour(table(tmp_path, more), CATALOG).limits["partitions"]

    assert count(PROVISIONED) == 1.0
    assert count(PROVISIONED + "\n    WarmThroughput: { ReadUnitsPerSecond: 30000 }") == 10.0
    # "Understanding warm throughput": a new on-demand table is warm for 12,000 reads and 4,000 writes a second.
    assert count("    BillingMode: PAY_PER_REQUEST") == 4.0
    assert count("    BillingMode: PAY_PER_REQUEST\n    WarmThroughput: { WriteUnitsPerSecond: 20000 }") == 20.0


def test_a_hot_key_is_met_by_its_share_of_the_visits(tmp_path: Path) -> None:
    plain = table(tmp_path, "    BillingMode: PAY_PER_REQUEST")
    share = declared(0.2, "1", "test")
    hot = replace(plain, characteristics={"hottest_key": share})
    steps = dynamodb_table.visit(hot, Call(component="Orders"), CATALOG)
    assert [step for step in steps.enter if isinstance(step, Take)] == [
        Take("Orders/hottest partition reads", 1.0, pytest.approx(0.4)),
        Take("Orders/hottest partition writes", 0.2, pytest.approx(0.4)),
        Take("Orders/reads", 1.0),
        Take("Orders/writes", 0.2),
    ]
    beyond = replace(plain, characteristics={"hottest_key": declared(20.0, "1", "test")})
    error = refusal(WorkloadError, lambda: dynamodb_table.behaviour(beyond, CATALOG))
    assert "hottest_key is 20" in error.what
