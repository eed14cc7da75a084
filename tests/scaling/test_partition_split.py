"""A hot partition is split until its hottest key alone fills it."""

import pytest

from tonnage.scaling._controller import Moment
from tonnage.scaling.partition_split import Memory, begin, levels, settings, tick
from tonnage.scaling.readings import BucketRate, Readings
from tonnage.services import PartitionSplit

# One key has 20 %, its partition 40 % of the requests.
RULE = PartitionSplit(bucket="T/hot", limit_per_s=1000.0, share=0.4, key_share=0.2, split_s=600.0)


def minutes(refused: list[bool], memory: Memory | None = None) -> tuple[Memory, list[tuple[int, str]]]:
    """Where it ends, and what is told in which minute."""
    memory = begin(RULE, 0.0) if memory is None else memory
    told = []
    for k, refuses in enumerate(refused, start=1):
        readings = Readings(cpu={}, requests={}, tokens={"T/hot": 6e4}, refused={"T/hot": 5.0 * refuses})
        moment = Moment(time_s=60.0 * k, unix_s=60.0 * k, passed_s=60.0, full_minute=True)
        memory, more = tick(RULE, memory, moment, readings)
        told += [(k, happening.text) for happening in more.happenings]
    return memory, told


def test_it_splits_after_its_time_and_frees_half_of_the_other_keys() -> None:
    memory, told = minutes([True] * 10)
    assert memory.share == pytest.approx(0.3)
    assert told == [
        (1, "a hot partition: 40% of the requests, 20% one key"),
        (10, "the hot partition is split: 30% of the requests stay on it, 20% one key"),
    ]
    # The keys of the first 40 % are served 1,000 units/s for each 30 %.
    assert settings(RULE, memory) == (
        BucketRate(bucket="T/hot", rate_per_s=pytest.approx(4000.0 / 3.0), capacity=pytest.approx(4000.0 / 3.0)),
    )
    assert levels(RULE, memory) == {"T/hot:provisioned": pytest.approx(4000.0 / 3.0)}


def test_heat_that_does_not_last_splits_nothing() -> None:
    memory, told = minutes([*[True] * 9, False] * 5)
    assert memory.share == 0.4
    assert len(told) == 5


def test_a_key_is_never_split() -> None:
    memory, _ = minutes([True] * 600)
    assert 0.2 < memory.share < 0.21
    assert settings(RULE, memory)[0].rate_per_s < 2000.0  # type: ignore[union-attr]
