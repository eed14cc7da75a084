"""Partitions of a table: how many, what they serve, and what a hot key makes of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.advise.load_line import capacity_factor
from tonnage.advise.pressure import pressures
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.outcome import Outcome
from tonnage.services import dynamodb_table
from tonnage.services._table_partitions import hottest_share, partitions
from tonnage.simulate import simulate
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Call, Quantity, Route, Scenario, Traffic, Workload, declared

PROVISIONED = "{{ ReadCapacityUnits: {reads}, WriteCapacityUnits: {writes} }}"


def load(
    folder: Path,
    *,
    rates_per_s: tuple[float, ...],
    demands: dict[str, float],
    reads: int = 5,
    writes: int = 5,
    on_demand: bool = False,
    minute_s: float = 60.0,
    **characteristics: float,
) -> Compiled:
    """One table that is asked for so much."""
    throughput = PROVISIONED.format(reads=reads, writes=writes)
    more = "BillingMode: PAY_PER_REQUEST" if on_demand else f"ProvisionedThroughput: {throughput}"
    stack = a_stack(folder, f"T:\n  Type: AWS::DynamoDB::Table\n  Properties:\n    {more}\n")
    table = gathered(dynamodb_table, stack, "T")
    kinds = {item.name: item.quantity.unit for item in (*dynamodb_table.CHARACTERISTICS, *dynamodb_table.DEMANDS)}

    def quantities(values: dict[str, float]) -> dict[str, Quantity]:
        return {name: declared(value, kinds[name], "a test") for name, value in values.items()}

    workload = Workload(
        name="hot",
        region="us-east-1",
        architecture="template.yaml",
        components={"T": replace(table, characteristics=quantities(characteristics))},
        edges=(),
        routes=(Route(name="r", share=1.0, entry=Call(component="T", demands=quantities(demands))),),
        traffic=Traffic(name="hot", start_s=0.0, step_s=minute_s, rates_per_s=rates_per_s, evidence="declared"),
        objectives=(),
    )
    return compile_workload(workload, CATALOG)


def both(compiled: Compiled, window_s: float = 120.0) -> list[Outcome]:
    """Request by request, and as flows."""
    scenario = Scenario(name="test", window_s=window_s, run_out_s=5.0)
    return [simulate(compiled, scenario, seed=1), simulate_fluid(compiled, scenario)]


def refusals(outcome: Outcome) -> list[str]:
    return [failure.cause.text for failure in outcome.failures]


def lost(outcome: Outcome) -> float:
    return outcome.routes[0].failed / outcome.routes[0].arrived


def test_partitions_are_as_many_as_throughput_and_size_need() -> None:
    assert partitions(5.0, 5.0, 1e9) == 1
    assert partitions(3000.0, 1000.0, 1e10) == 1
    assert partitions(12_000.0, 4000.0, 1e9) == 4
    assert partitions(3001.0, 5.0, 1e9) == 2
    assert partitions(5.0, 5.0, 25e9) == 3
    assert hottest_share(0.0, 4) == 0.25
    assert hottest_share(0.2, 4) == pytest.approx(0.4)


def test_one_key_of_20_kb_items_is_read_600_times_a_second(tmp_path: Path) -> None:
    # D12, "Designing partition keys": 5 units each, 3,000 units of its partition.
    demands = {"item_size": 20 * 1024.0, "strong_reads": 1.0}
    compiled = load(tmp_path, rates_per_s=(300.0,) * 10, demands=demands, reads=30_000, writes=10, hottest_key=1.0)
    assert capacity_factor(compiled) * 300.0 == pytest.approx(600.0)


def test_adaptive_capacity_lets_a_partition_take_more_than_its_share(tmp_path: Path) -> None:
    # D15, "Burst and adaptive capacity": 400 units, four partitions asked for 50, 50, 50 and 150: all are served.
    compiled = load(
        tmp_path,
        rates_per_s=(300.0,) * 10,
        demands={"item_writes": 1.0},
        writes=400,
        table_size=40e9,
        hottest_key=1.0 / 3.0,
    )
    assert compiled.means.tokens["T/hottest partition writes"] == pytest.approx(0.5)
    for outcome in both(compiled):
        assert lost(outcome) == 0.0
        assert outcome.series["T/hottest partition writes:taken"].mean() == pytest.approx(150.0, rel=0.05)


def test_a_hot_key_is_throttled_whatever_the_table_has(tmp_path: Path) -> None:
    # 3,000 writes/s, 40 % of them to one key, of a table with room for 10,000: 1,200 and a tenth of the rest meet
    # the 1,000 of a partition. Its tries fail together: a table that draws them anew would lose almost nothing.
    compiled = load(
        tmp_path,
        rates_per_s=(3000.0,) * 10,
        demands={"item_writes": 1.0},
        writes=10_000,
        hottest_key=0.4,
        split_time=1e6,
    )
    exact, flows = both(compiled)
    assert refusals(exact) == refusals(flows) == ["throttled (TableWriteKeyRangeThroughputExceeded)"]
    assert 0.05 < lost(exact) < 0.2
    assert lost(flows) == pytest.approx(lost(exact), rel=0.5)
    (pressure,) = pressures(compiled, exact)
    assert pressure.text.startswith("throttled (TableWriteKeyRangeThroughputExceeded): ")
    assert pressure.text.endswith("/s refused above 1,000/s")
    assert [text for _, _, text in exact.happenings] == ["a hot partition: 46% of the requests, 40% one key"]


def test_a_partition_that_stays_hot_is_split(tmp_path: Path) -> None:
    compiled = load(
        tmp_path,
        rates_per_s=(100.0,) * 5 + (3000.0,) * 20,
        demands={"item_writes": 1.0},
        writes=3000,
        hottest_key=0.25,
        split_time=300.0,
    )
    # A half of 3,000 at first; after a split 1,125, after two 940: below the limit.
    outcome = simulate_fluid(compiled, Scenario(name="test", window_s=1200.0, run_out_s=5.0))
    refused = outcome.series["T/hottest partition writes:refused"]
    assert refused[2] > 100.0
    assert refused[-1] < 1e-6
    assert sum("is split" in text for _, _, text in outcome.happenings) == 2


def test_a_burst_is_no_faster_than_the_partitions(tmp_path: Path) -> None:
    # 300 s of 500 unused units are kept, and one partition gives 1,000 of them a second.
    compiled = load(tmp_path, rates_per_s=(10.0,) * 30 + (2000.0,), demands={"item_writes": 1.0}, writes=500)
    (exact, flows) = both(compiled, 60.0)
    for outcome in (exact, flows):
        assert refusals(outcome)[0] == "throttled (TableWriteKeyRangeThroughputExceeded)"
    # The first second's worth is there besides.
    assert exact.series["T/writes:taken"][1:].max() == pytest.approx(1000.0, rel=0.02)


def test_an_on_demand_table_remembers_the_peaks_of_its_traffic(tmp_path: Path) -> None:
    # A level of 9,000 was there two days ago: 15,000 are served at once.
    hours = (9000.0,) * 2 + (100.0,) * 46
    compiled = load(
        tmp_path, rates_per_s=(*hours, 15_000.0), demands={"item_writes": 1.0}, on_demand=True, minute_s=3600.0
    )
    fresh = load(
        tmp_path,
        rates_per_s=((100.0,) * 48 + (15_000.0,)),
        demands={"item_writes": 1.0},
        on_demand=True,
        minute_s=3600.0,
    )
    scenario = Scenario(name="test", window_s=120.0, run_out_s=5.0)
    assert refusals(simulate_fluid(compiled, scenario)) == []
    assert refusals(simulate_fluid(fresh, scenario)) == ["throttled (on demand: above twice the previous peak)"]
