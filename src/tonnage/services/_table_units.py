"""Capacity units of DynamoDB requests: what reads and writes of items take, by size and consistency.

Source: Amazon DynamoDB developer guide, "DynamoDB read and write operations" and "Capacity unit calculations".
"""

import math
from typing import Literal

from tonnage.catalog import fact
from tonnage.services._face import Demand
from tonnage.workload import Call, WorkloadError, assumed, declared

Consistency = Literal["strong", "eventual", "transactional"]

_READS = ("strong_reads", "eventual_reads", "transactional_reads", "strong_query_size", "eventual_query_size")
_WRITES = ("item_writes", "transactional_writes")
_SIZED = (*_READS[:3], *_WRITES)
_NONE = "none, where the call does not say"


def _items(name: str, unit: str, meaning: str) -> Demand:
    return Demand(name=name, quantity=declared(0.0, unit, _NONE), meaning=meaning, needs=(name,))


DEMANDS = (
    Demand(
        name="reads",
        quantity=assumed(
            1.0, "1", "one strongly consistent read of up to 4 KB, or two eventually consistent", low=0.5, high=4.0
        ),
        meaning="Read units per visit: ConsumedReadCapacityUnits over the requests. Or give the items read.",
        unless=(*_READS, *_WRITES),
    ),
    Demand(
        name="writes",
        quantity=assumed(0.2, "1", "one write of up to 1 KB in five requests", low=0.0, high=2.0),
        meaning="Write units per visit: ConsumedWriteCapacityUnits over the requests. Or give the items written.",
        unless=(*_READS, *_WRITES),
    ),
    Demand(
        name="item_size",
        quantity=assumed(1000.0, "bytes", "a small JSON document", low=200.0, high=8000.0),
        meaning="Size of an item, names and values; of a write the larger of before and after. Table size over count.",
        needs=_SIZED,
    ),
    _items("strong_reads", "1", "Items read strongly consistently by GetItem or BatchGetItem, per visit."),
    _items("eventual_reads", "1", "Items read eventually consistently, the default, by GetItem or BatchGetItem."),
    _items("transactional_reads", "1", "Items read by TransactGetItems, per visit."),
    _items(
        "strong_query_size",
        "bytes",
        "Size of all items that a strongly consistent Query or Scan reads.",
    ),
    _items("eventual_query_size", "bytes", "Size of all items that a Query or Scan reads, before its filter."),
    _items("item_writes", "1", "Items put, updated or deleted, also where a condition fails, per visit."),
    _items("transactional_writes", "1", "Items written by TransactWriteItems, per visit."),
)


def read_units(size_bytes: float, consistency: Consistency) -> float:
    """Units of one item read, or of a page of a Query or Scan by the sizes summed; an absent item counts as smallest.

    Examples: 8 KB take 2 units strongly consistent, 1 eventually, 4 in a transaction.
    """
    blocks = max(1, math.ceil(size_bytes / fact("dynamodb.read_unit_bytes").value))
    return (
        blocks
        * {"strong": 1.0, "eventual": 0.5, "transactional": fact("dynamodb.transaction_factor").value}[consistency]
    )


def write_units(size_bytes: float, *, transactional: bool = False) -> float:
    """Units of one item written: of the larger of before and after, and also where its condition fails."""
    blocks = max(1, math.ceil(size_bytes / fact("dynamodb.write_unit_bytes").value))
    return blocks * (fact("dynamodb.transaction_factor").value if transactional else 1.0)


def units_of(call: Call) -> tuple[float, float]:
    """Read and write units of a visit: as the call states them, or by the items it states, or assumed.

    Raises:
        WorkloadError: The call states units and items of one direction, or items that DynamoDB does not keep.
    """
    for units, items in (("reads", _READS), ("writes", _WRITES)):
        both = [name for name in items if name in call.demands]
        if units in call.demands and both:
            raise WorkloadError(
                f"A call to {call.component} states {units} and {both[0]}, which say the same in two ways",
                remedy=f"Remove {units}, or {' and '.join(both)}.",
            )
    size, most = _value(call, "item_size"), fact("dynamodb.most_item_bytes").value
    if size > most:
        raise WorkloadError(
            f"A call to {call.component} states an item_size of {size:,.0f} bytes, but an item has {most:,.0f} at most",
            remedy="Give the size of one item.",
        )
    reads, writes = _value(call, "reads"), _value(call, "writes")
    for name, consistency in zip(_READS[:3], _CONSISTENCIES, strict=True):
        reads += _value(call, name) * read_units(size, consistency)
    for name, consistency in zip(_READS[3:], _CONSISTENCIES, strict=False):
        if name in call.demands:
            reads += read_units(_value(call, name), consistency)
    writes += _value(call, "item_writes") * write_units(size)
    writes += _value(call, "transactional_writes") * write_units(size, transactional=True)
    return reads, writes


_CONSISTENCIES: tuple[Consistency, ...] = ("strong", "eventual", "transactional")


def _value(call: Call, name: str) -> float:
    item = next(item for item in DEMANDS if item.name == name)
    if not item.matters_to(call):
        return 0.0
    return call.demands.get(name, item.quantity).value
