"""Partitions of a DynamoDB table: how many there are, what one serves, and what a hot key makes of that.

A partition serves 3,000 read and 1,000 write units a second, whatever the table has. Adaptive capacity lets it go above
its equal share at once, as long as the table has the capacity, and no further. A hot key stands with its share of the
other keys on one partition until that is split; a single key never is.

AWS does not publish how many partitions a table has. Taken are as many as its throughput and its size need: as
provisioned now, as auto scaling allows, or warm, whatever is most (partitions are never joined again), and 10 GB each.

Source: Amazon DynamoDB developer guide, "Partitions and data distribution", "Burst and adaptive capacity", "Designing
partition keys".
"""

import math
from collections.abc import Iterator, Mapping

from tonnage.catalog import fact
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take
from tonnage.services._face import Characteristic, PartitionSplit
from tonnage.workload import assumed

CHARACTERISTICS = (
    Characteristic(
        name="hottest_key",
        quantity=assumed(0.0, "1", "requests spread evenly over the keys", low=0.0, high=0.05),
        meaning="Share of the table's requests that go to its most used partition key, as CloudWatch Contributor "
        "Insights shows it; with Zipf's law over n keys about 1 / (0.6 + ln n).",
    ),
    Characteristic(
        name="table_size",
        quantity=assumed(1e9, "bytes", "fits one partition of 10 GB", low=1e8, high=1e11),
        meaning="TableSizeBytes: a partition holds 10 GB.",
    ),
    Characteristic(
        name="split_time",
        quantity=fact("dynamodb.split_s").assumed(),
        meaning="How long a partition must be too hot before it is split. AWS publishes no figure; compare "
        "ReadThrottleEvents and WriteThrottleEvents in a load test.",
    ),
)
PARTS: Mapping[str, str] = {"reads": "Read", "writes": "Write"}


def partitions(reads_per_s: float, writes_per_s: float, size_bytes: float) -> int:
    """How many partitions that throughput and that size need."""
    return max(
        1,
        math.ceil(reads_per_s / limit_per_s("reads") - 1e-9),
        math.ceil(writes_per_s / limit_per_s("writes") - 1e-9),
        math.ceil(size_bytes / (1e9 * fact("dynamodb.partition_gb").value) - 1e-9),
    )


def limit_per_s(part: str) -> float:
    """What one partition serves, units per second."""
    return fact(f"dynamodb.partition_{part}_per_s").value


def hottest_share(key_share: float, count: int) -> float:
    """Share of the requests that go to the hottest partition: its key, and its part of the others."""
    return key_share + (1.0 - key_share) / count


def partition_buckets(name: str, count: int, key_share: float, *, bursts: bool) -> Iterator[tuple[str, Bucket]]:
    """What all partitions serve together, where the table may burst above it, and the hottest of them.

    Nothing is kept beyond a second: the limit of a partition is a hard one.
    """
    for part, word in PARTS.items():
        limit = limit_per_s(part)
        refusal = f"throttled (Table{word}KeyRangeThroughputExceeded)"
        if bursts:
            yield f"{name}/partition {part}", Bucket(rate_per_s=count * limit, capacity=count * limit, refusal=refusal)
        if _is_apart(count, key_share):
            yield f"{name}/hottest partition {part}", Bucket(rate_per_s=limit, capacity=limit, refusal=refusal)


def partition_takes(
    name: str, part: str, units: float, count: int, key_share: float, *, bursts: bool
) -> Iterator[Take]:
    """What a visit takes of them: of the hottest only the visits that go there."""
    if _is_apart(count, key_share):
        yield Take(f"{name}/hottest partition {part}", units, hottest_share(key_share, count))
    if bursts:
        yield Take(f"{name}/partition {part}", units)


def partition_splits(name: str, count: int, key_share: float, split_s: float) -> Iterator[PartitionSplit]:
    """The split of the hottest partition when it stays too hot."""
    for part in PARTS if _is_apart(count, key_share) else ():
        yield PartitionSplit(
            bucket=f"{name}/hottest partition {part}",
            limit_per_s=limit_per_s(part),
            share=hottest_share(key_share, count),
            key_share=key_share,
            split_s=split_s,
        )


def _is_apart(count: int, key_share: float) -> bool:
    """Whether the hottest partition is worth a bucket of its own; evenly spread keys share what all serve together."""
    return key_share > 0.0 and count > 1
