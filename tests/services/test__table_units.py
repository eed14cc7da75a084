"""Capacity units: the worked examples of the Amazon DynamoDB developer guide."""

import pytest

from refusals import refusal
from tonnage.services._table_units import DEMANDS, Consistency, read_units, units_of, write_units
from tonnage.workload import Call, WorkloadError, declared

KB = 1024.0


def call(**demands: float) -> Call:
    units = {item.name: item.quantity.unit for item in DEMANDS}
    return Call(component="T", demands={name: declared(value, units[name], "test") for name, value in demands.items()})


@pytest.mark.parametrize(("consistency", "units"), [("strong", 2.0), ("eventual", 1.0), ("transactional", 4.0)])
def test_a_read_of_8_kb(consistency: Consistency, units: float) -> None:
    # D1, "Read and write operations".
    assert read_units(8 * KB, consistency) == units
    assert units_of(call(item_size=8 * KB, **{f"{consistency}_reads": 1.0})) == (units, 0.0)


def test_reads_are_rounded_up_to_4_kb() -> None:
    # D2: 3.5 KB, and 3,500 bytes, as 4 KB. D5: 80 KB eventually consistent take 10. D11: an absent item the least.
    assert read_units(3.5 * KB, "strong") == read_units(3500.0, "strong") == 1.0
    assert read_units(80 * KB, "eventual") == 10.0
    assert (read_units(0.0, "strong"), read_units(0.0, "eventual")) == (1.0, 0.5)


def test_items_of_a_batch_are_rounded_each_and_those_of_a_query_together() -> None:
    # D3: 1.5 KB and 6.5 KB are read as 4 + 8 = 12 KB. D4: ten items of 40.8 KB together are read as 44 KB.
    assert read_units(1.5 * KB, "strong") + read_units(6.5 * KB, "strong") == 12 / 4
    assert units_of(call(item_size=1.5 * KB, strong_reads=10.0)) == (10.0, 0.0)
    assert units_of(call(strong_query_size=40.8 * KB)) == (44 / 4, 0.0)


def test_pages_of_scans() -> None:
    # D13: a full page of 1 MB, eventually consistent, takes 128; D14: one of 40 items of 4 KB takes 20.
    assert units_of(call(eventual_query_size=1024 * KB)) == (128.0, 0.0)
    assert units_of(call(eventual_query_size=40 * 4 * KB)) == (20.0, 0.0)


def test_writes_are_rounded_up_to_1_kb() -> None:
    # D6: 500 B as 1 KB. D7: a batch of 500 B and 3.5 KB takes 1 + 4. D8: 2 KB take 2, in a transaction 4.
    assert write_units(500.0) + write_units(3.5 * KB) == 1.0 + 4.0
    assert units_of(call(item_size=2 * KB, item_writes=1.0)) == (0.0, 2.0)
    assert units_of(call(item_size=2 * KB, transactional_writes=1.0)) == (0.0, 4.0)


def test_a_failed_condition_takes_the_larger_item() -> None:
    # D9: from 300 KB to 310 KB, and the condition fails: 310 units.
    assert units_of(call(item_size=310 * KB, item_writes=1.0)) == (0.0, 310.0)


def test_eighty_strong_reads_of_3_kb_take_80_units() -> None:
    # D10, "Provisioned capacity mode".
    assert 80 * units_of(call(item_size=3 * KB, strong_reads=1.0))[0] == 80.0


def test_units_are_assumed_only_where_no_items_are_stated() -> None:
    assert units_of(call()) == (1.0, 0.2)
    assert units_of(call(item_writes=1.0)) == (0.0, 1.0)
    assert units_of(call(reads=0.5, item_writes=1.0)) == (0.5, 1.0)


def test_the_same_said_in_two_ways_is_refused() -> None:
    twice = refusal(WorkloadError, lambda: units_of(call(reads=1.0, strong_reads=1.0)))
    assert twice.what == "A call to T states reads and strong_reads, which say the same in two ways"
    large = refusal(WorkloadError, lambda: units_of(call(item_size=500_000.0, item_writes=1.0)))
    assert large.what == "A call to T states an item_size of 500,000 bytes, but an item has 409,600 at most"
