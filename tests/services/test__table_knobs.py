"""What is tried on a table can be written, and reads back as what was simulated."""

from pathlib import Path

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Bucket
from tonnage.services import Situation, dynamodb_table
from tonnage.workload import Change, Component, Stack

THROTTLED = Situation(pressures=("throttle",), peak_visits_per_s=21_000.0, per_visit={"reads": 0.5, "writes": 1.0})


def table(folder: Path, more: str) -> tuple[Stack, Component]:
    stack = a_stack(folder, f"T:\n  Type: AWS::DynamoDB::Table\n  Properties:\n{more}")
    return stack, gathered(dynamodb_table, stack, "T")


def changed(component: Component, change: Change) -> Component:
    settings = {**component.settings, change.setting: change.after}
    settings |= {also.setting: also.after for also in change.also}
    return Component(
        name=component.name, kind=component.kind, settings=settings, origins=component.origins, place=component.place
    )


def rates(component: Component) -> dict[str, float]:
    primitives = dynamodb_table.behaviour(component, CATALOG).primitives
    return {name: bucket.rate_per_s for name, bucket in primitives.items() if isinstance(bucket, Bucket)}


def test_a_throttled_on_demand_table_is_warmed_or_provisioned(tmp_path: Path) -> None:
    stack, component = table(tmp_path, "    BillingMode: PAY_PER_REQUEST\n    TableName: orders\n")
    knobs = writable(dynamodb_table, stack, component, THROTTLED)
    assert titles(knobs) == [
        "T WarmThroughput.ReadUnitsPerSecond (unset) → 15000",
        "T WarmThroughput.WriteUnitsPerSecond (unset) → 30000",
        "T BillingMode PAY_PER_REQUEST → PROVISIONED",
    ]
    warm, provisioned = knobs[1], knobs[2]
    assert isinstance(warm, Change)
    assert isinstance(provisioned, Change)
    assert rates(changed(component, warm))["T/writes"] == 30_000.0
    assert rates(changed(component, provisioned))["T/writes"] == 30_000.0


def test_a_maximum_of_its_own_is_raised(tmp_path: Path) -> None:
    maximum = "    BillingMode: PAY_PER_REQUEST\n    OnDemandThroughput:\n      MaxWriteRequestUnits: 2000\n"
    stack, component = table(tmp_path, maximum)
    assert rates(component)["T/maximum writes"] == 2000.0
    bucket = dynamodb_table.behaviour(component, CATALOG).primitives["T/maximum writes"]
    assert isinstance(bucket, Bucket)
    assert bucket.refusal == "throttled (TableWriteMaxOnDemandThroughputExceeded)"
    knobs = writable(dynamodb_table, stack, component, THROTTLED)
    assert titles(knobs)[0] == "T OnDemandThroughput.MaxWriteRequestUnits 2000 → 30000"


def test_a_table_switched_to_on_demand_serves_what_it_was_provisioned_for(tmp_path: Path) -> None:
    # D17: never above 4,000 and 12,000, it serves those. D18 and D19: provisioned with 8,000 and 24,000, it serves
    # those, however much of it was used. "Considerations when switching capacity modes".
    for units, served in (((400, 1200), (4000.0, 12_000.0)), ((8000, 24_000), (8000.0, 24_000.0))):
        throughput = f"{{ WriteCapacityUnits: {units[0]}, ReadCapacityUnits: {units[1]} }}"
        more = f"    BillingMode: PROVISIONED\n    ProvisionedThroughput: {throughput}\n"
        stack, component = table(tmp_path, more)
        knobs = writable(dynamodb_table, stack, component, THROTTLED)
        switch = next(knob for knob in knobs if isinstance(knob, Change) and knob.setting == "BillingMode")
        after = rates(changed(component, switch))
        assert (after["T/writes"], after["T/reads"]) == served
