"""Bounds that scheduled actions set."""

import datetime as dt

from tonnage.scaling.scheduled_bounds import advance, begin
from tonnage.services import SCHEDULED
from tonnage.workload import ScalingPolicy, Value


def action(name: str, schedule: str, **settings: Value) -> ScalingPolicy:
    return ScalingPolicy(name=name, mechanism=SCHEDULED, settings={"Schedule": schedule, **settings})


NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC).timestamp()
HOUR_S = 3600.0
DAY = action("Day", "cron(0 8 * * ? *)", MinCapacity=5, MaxCapacity=20)
NIGHT = action("Night", "cron(0 20 * * ? *)", MinCapacity=1, MaxCapacity=4)


def test_what_ran_before_has_left_its_values() -> None:
    bounds = begin((DAY, NIGHT), 2, 9, NOON)
    assert (bounds.minimum, bounds.maximum) == (5, 20)
    assert bounds.next_unix_s == NOON + 8 * HOUR_S


def test_an_action_sets_both_bounds_at_its_time() -> None:
    bounds = begin((DAY, NIGHT), 2, 9, NOON)
    same, ran = advance(bounds, NOON + 8 * HOUR_S - 1.0)
    assert (same, ran) == (bounds, None)
    night, ran = advance(bounds, bounds.next_unix_s)
    assert ran is not None
    assert (ran.name, night.minimum, night.maximum) == ("Night", 1, 4)
    assert [night.within(capacity) for capacity in (0, 3, 7)] == [1, 3, 4]
    assert night.next_unix_s == NOON + 20 * HOUR_S


def test_suspended_actions_do_not_run_and_a_bound_gives_way_to_the_one_that_is_set() -> None:
    assert begin((action("Off", "rate(1 hour)", MinCapacity=5, Suspended=True),), 2, 9, NOON).due_unix_s == ()
    raised = begin((action("Only", "rate(1 hour)", MinCapacity=30),), 2, 9, NOON)
    assert (raised.minimum, raised.maximum) == (30, 30)
