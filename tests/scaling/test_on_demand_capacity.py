"""What an on-demand table serves, minute by minute."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tonnage.scaling._controller import Moment
from tonnage.scaling.on_demand_capacity import Memory, begin, levels, served_per_s, settings, tick
from tonnage.scaling.readings import BucketRate, Readings
from tonnage.services import OnDemandCapacity

READS = OnDemandCapacity(bucket="T/reads", floor_per_s=12_000.0, peak_per_s=0.0, growth=2.0, growth_s=1800.0)


def minutes(
    asked_per_s: list[float], rule: OnDemandCapacity = READS, memory: Memory | None = None
) -> tuple[Memory, list[float], list[str]]:
    """What it serves after each minute, and what is told; what it does not serve is refused."""
    memory = begin(rule, 0.0) if memory is None else memory
    seen, told = [], []
    for k, asked in enumerate(asked_per_s, start=1):
        taken = min(asked, served_per_s(rule, memory))
        readings = Readings(
            cpu={}, requests={}, tokens={rule.bucket: 60.0 * taken}, refused={rule.bucket: 60.0 * (asked - taken)}
        )
        moment = Moment(time_s=60.0 * k, unix_s=60.0 * k, passed_s=60.0, full_minute=True)
        memory, more = tick(rule, memory, moment, readings)
        seen.append(served_per_s(rule, memory))
        told += [activity.reason for _, activity in more.activities]
        told += [happening.text for happening in more.happenings]
    return memory, seen, told


def test_twice_the_previous_peak_at_once_and_twice_that_when_it_is_sustained() -> None:
    # D16, "On-demand capacity mode": previous peak 50,000 reads/s, so 100,000 at once; that sustained, 200,000.
    rule = replace(READS, peak_per_s=50_000.0)
    assert served_per_s(rule, begin(rule, 0.0)) == 100_000.0
    _, seen, told = minutes([100_000.0] * 31, rule)
    assert seen[:30] == [100_000.0] * 30
    assert seen[30] == 200_000.0
    assert told == ["reads: its peak of 100,000/s counts now; 100,000 → 200,000"]


def test_a_new_table_serves_its_first_throughput_until_a_peak_needs_more() -> None:
    _, seen, told = minutes([5000.0] * 60)
    assert (set(seen), told) == ({12_000.0}, [])
    _, seen, _ = minutes([9000.0] * 60)
    assert (seen[29], seen[30]) == (12_000.0, 18_000.0)


def test_growth_within_thirty_minutes_is_refused_beyond_twice_the_peak() -> None:
    _, seen, told = minutes([30_000.0] * 32)
    # What it serves meanwhile is the new peak.
    assert seen[30:] == [24_000.0, 24_000.0]
    assert told == [
        "on demand: asked for 30,000 units/s, it serves 12,000/s at once",
        "reads: its peak of 12,000/s counts now; 12,000 → 24,000",
    ]


def test_growth_is_told_by_the_quarter() -> None:
    _, seen, told = minutes([8000.0 + 40.0 * k for k in range(300)])
    assert len(set(seen)) > 200
    assert [text.partition("; ")[2] for text in told] == [
        "12,000 → 16,000",
        "16,000 → 20,000",
        "20,000 → 25,040",
        "25,040 → 31,360",
    ]


def test_doubling_every_half_hour_is_never_refused() -> None:
    load = [12_000.0 * 2.0 ** (k // 31) for k in range(31 * 5)]
    _, _, told = minutes(load)
    assert not [text for text in told if text.startswith("on demand")]


def test_between_full_minutes_it_only_gathers() -> None:
    part = Readings(cpu={}, requests={}, tokens={"T/reads": 600_000.0}, refused={"T/reads": 5.0})
    moment = Moment(time_s=30.0, unix_s=30.0, passed_s=30.0, full_minute=False)
    memory, told = tick(READS, begin(READS, 0.0), moment, part)
    assert (memory.taken, memory.refused, told.happenings) == (600_000.0, 5.0, ())
    assert settings(READS, memory) == (BucketRate(bucket="T/reads", rate_per_s=12_000.0, capacity=12_000.0),)
    assert levels(READS, memory) == {"T/reads:provisioned": 12_000.0}


@given(st.lists(st.floats(0.0, 1e6), max_size=80))
def test_it_never_serves_less_than_before(load: list[float]) -> None:
    memory, seen, _ = minutes(load)
    assert seen == sorted(seen)
    assert [peak for _, peak in memory.coming] == sorted(peak for _, peak in memory.coming)
