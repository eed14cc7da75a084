"""DynamoDB auto scaling: up after two minutes, down after fifteen, as often as the day allows."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tonnage.scaling._controller import Moment
from tonnage.scaling.readings import Readings
from tonnage.scaling.table_auto_scaling import (
    DAY_S,
    MOST_DECREASES,
    Change,
    TableMemory,
    begin,
    next_unix_s,
    step,
    tick,
)
from tonnage.services import SCHEDULED, TableScaling
from tonnage.workload import ScalingPolicy

RULE = TableScaling(
    bucket="Orders/reads",
    start=100.0,
    minimum=5,
    maximum=1000,
    target=0.7,
    out_cooldown_s=0.0,
    in_cooldown_s=0.0,
    scale_in=True,
    burst_s=300.0,
    delay_s=180.0,
)


def minutes(
    consumed: Iterable[float], rule: TableScaling = RULE, memory: TableMemory | None = None, first: int = 0
) -> tuple[list[tuple[int, float, float]], TableMemory]:
    """Changes by the minute at whose end they take effect, with capacity before and after."""
    memory = begin(rule, 0.0) if memory is None else memory
    found = []
    for k, per_s in enumerate(consumed, start=first + 1):
        memory, change = step(rule, memory, 60.0 * k, 60.0 * k, per_s)
        if change is not None:
            found.append((k, change.before, change.after))
    return found, memory


def test_two_minutes_above_the_target_raise_it_to_the_target() -> None:
    # 84 of 100 units: above 70 % in minutes 1 and 2, 120 units from three minutes later on.
    assert minutes([84.0] * 10) == ([(5, 100.0, 120.0)], minutes([84.0] * 10)[1])
    assert minutes([84.0, 60.0, 84.0, 60.0] * 5)[0] == []
    assert minutes([70.0] * 10)[0] == [], "at the target is not above it"


def test_it_goes_on_while_the_load_goes_on_rising() -> None:
    found, memory = minutes([84.0] * 4 + [150.0] * 12)
    assert [after for _, _, after in found] == [120.0, 215.0]
    assert memory.capacity == 215.0


def test_bounds_are_kept() -> None:
    assert minutes([5000.0] * 6)[0] == [(5, 100.0, 1000.0)]
    assert minutes([0.5] * 30)[0] == [(18, 100.0, 5.0)]
    assert begin(replace(RULE, start=1.0), 0.0).capacity == 5.0


@pytest.mark.parametrize(
    ("capacity", "limit_per_minute"), [pytest.param(12.0, 360.0, id="AA10"), pytest.param(5.0, 150.0, id="AA11")]
)
def test_the_low_alarm_is_twenty_points_below_the_target(capacity: float, limit_per_minute: float) -> None:
    # Alarms quoted in public: 12 units at 70 % scale in below 360 consumed a minute, 5 units below 150.
    rule = replace(RULE, start=capacity, minimum=1)
    assert minutes([limit_per_minute / 60.0] * 40, rule)[0] == []
    assert minutes([limit_per_minute / 60.0 - 0.1] * 18, rule)[0] != []


def test_fifteen_minutes_in_a_row_below_lower_it() -> None:
    assert minutes([20.0] * 18)[0] == [(18, 100.0, 29.0)]
    assert minutes([20.0] * 14 + [60.0] + [20.0] * 14)[0] == []


def test_a_table_that_nobody_asks_keeps_its_capacity() -> None:
    assert minutes([0.0] * 120)[0] == []
    assert minutes([20.0] * 14 + [0.0] + [20.0] * 14)[0] == []


def falling(hours: int) -> list[float]:
    """Every quarter of an hour a tenth less, from 10,000 on."""
    return [7000.0 * 0.7 ** (k // 18) for k in range(hours * 60)]


def test_a_day_has_at_most_27_decreases_and_four_at_once() -> None:
    # AA12 and the four of AA13: Amazon DynamoDB developer guide, "Service quotas".
    # Service quotas: four at midnight UTC and one more each hour.
    wild = replace(RULE, start=1e6, maximum=1e6, minimum=1, delay_s=60.0)
    swings = [value for _ in range(80) for value in ([500.0] * 16 + [900_000.0 / 2] * 3)]
    found, _ = minutes(swings[: 24 * 60 - 1], wild)
    assert sum(after < before for _, before, after in found) == 27
    early = [k for k, before, after in found if after < before and k <= 60]
    assert len(early) <= MOST_DECREASES


def test_decreases_in_hand_never_exceed_four() -> None:
    _, memory = minutes([84.0] * 600)
    assert memory.decreases == MOST_DECREASES


def test_without_scale_in_it_is_never_lowered() -> None:
    assert minutes([20.0] * 60, replace(RULE, scale_in=False))[0] == []


def test_a_scale_in_cooldown_holds_back_the_next_decrease() -> None:
    slow = replace(RULE, in_cooldown_s=3600.0, start=1000.0)
    free, held = (minutes([300.0] * 20 + [100.0] * 40, rule)[0] for rule in (replace(slow, in_cooldown_s=0.0), slow))
    assert len(free) == 2
    assert len(held) == 1


def test_a_change_tells_why() -> None:
    memory, told = begin(RULE, 0.0), None
    for k in range(1, 6):
        memory, change = step(RULE, memory, 60.0 * k, 60.0 * k, 84.0)
        told = change or told
    assert told == Change(
        time_s=300.0, before=100.0, after=120.0, reason="reads: 2 minutes above 70% (84.0 of 100/s); 100 → 120"
    )


def test_what_a_table_is_warm_for_it_has_as_soon_as_it_is_asked() -> None:
    # D20, "Understanding warm throughput in different scenarios": warm for 30,000, provisioned with 4,000, a table may
    # jump to 30,000 at once; set to 50,000 it is warm for that too.
    rule = replace(RULE, start=4000.0, minimum=100.0, maximum=50_000.0, warm_per_s=30_000.0)
    found, memory = minutes([21_000.0] * 6, rule)
    assert found == [(3, 4000.0, 30_000.0)], "not the minute 5 of the update of a table"
    found, memory = minutes([35_000.0] * 8, rule, memory, 6)
    assert [(k, after) for k, _, after in found] == [(11, 50_000.0)]
    assert memory.most == 50_000.0
    found, memory = minutes([5000.0] * 20, rule, memory, 14)
    assert memory.capacity < 10_000.0
    found, memory = minutes([35_000.0] * 8, rule, memory, 34)
    assert found[-1][0] <= 38, "what it once had it has again at once"


def scheduled(schedule: str, **bounds: int) -> ScalingPolicy:
    return ScalingPolicy(name="Morning", mechanism=SCHEDULED, settings={"Schedule": schedule, **bounds})


def test_a_scheduled_action_moves_the_capacity_into_its_bounds() -> None:
    rule = replace(RULE, schedule=(scheduled("at(1970-01-02T00:10:30)", MinCapacity=400),))
    memory = begin(rule, DAY_S)
    assert next_unix_s(rule, memory) == DAY_S + 630.0
    told = []
    for time_s in (600.0, 630.0, 660.0, 720.0, 780.0, 840.0):
        moment = Moment(time_s=time_s, unix_s=DAY_S + time_s, passed_s=60.0, full_minute=time_s % 60.0 == 0.0)
        memory, now = tick(rule, memory, moment, Readings(cpu={}, requests={}, tokens={}))
        told += [(a.time_s, a.before, a.after) for _, a in now.activities]
    assert told == [(840.0, 100, 400)]
    assert (memory.capacity, memory.bounds.minimum) == (400.0, 400)


def test_suspended_scaling_changes_nothing() -> None:
    assert minutes([84.0] * 10, replace(RULE, scale_out=False))[0] == []
    assert minutes([20.0] * 30, replace(RULE, scale_in=False))[0] == []
