"""Burst balances: earned at the baseline, spent by what is taken."""

from dataclasses import replace

import pytest

from tonnage.scaling._controller import Moment
from tonnage.scaling.burst_balance import begin, levels, settings, tick
from tonnage.scaling.readings import BucketRate, Readings
from tonnage.services import Burst

RULE = Burst(bucket="Database/io", baseline_per_s=300.0, burst_per_s=3000.0, capacity=600_000.0)


def minute(balance: float, tokens: float, rule: Burst = RULE) -> tuple[float, list[str]]:
    moment = Moment(time_s=60.0, unix_s=60.0, passed_s=60.0, full_minute=True)
    balance, told = tick(rule, balance, moment, Readings(cpu={}, requests={}, tokens={"Database/io": tokens}))
    return balance, [happening.text for happening in told.happenings]


def test_a_balance_gives_the_burst_rate_until_it_is_used_up() -> None:
    balance = begin(RULE, 0.0)
    assert settings(RULE, balance) == (BucketRate(bucket="Database/io", rate_per_s=3000.0),)
    told = []
    for _ in range(5):
        # 2,000 tokens a second above the baseline empty 600,000 in five minutes.
        balance, happenings = minute(balance, 60.0 * 2300.0)
        told.append(happenings)
    assert told == [[], [], [], [], ["burst balance runs out"]]
    assert settings(RULE, balance) == (BucketRate(bucket="Database/io", rate_per_s=300.0),)
    balance, happenings = minute(balance, 0.0)
    assert (balance, happenings) == (pytest.approx(300.0 * 60.0), [])
    assert settings(RULE, balance)[0] == BucketRate(bucket="Database/io", rate_per_s=3000.0)
    assert levels(RULE, balance) == {"Database/io:burst balance": pytest.approx(0.03)}


def test_no_more_is_kept_than_the_capacity() -> None:
    assert minute(begin(RULE, 0.0), 0.0)[0] == 600_000.0


def test_a_balance_that_fills_in_a_day_is_spent_only_by_what_exceeds_the_baseline() -> None:
    rule = replace(RULE, refill_per_s=10.0)
    assert minute(100_000.0, 60.0 * 300.0, rule)[0] == pytest.approx(100_600.0)
    assert minute(100_000.0, 60.0 * 800.0, rule)[0] == pytest.approx(100_600.0 - 30_000.0)
    assert minute(0.0, 60.0 * 100.0, rule)[0] == pytest.approx(600.0)
