"""Levers: what can be turned, and the busy hours of a history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonnage.advise.levers import Lever, busy_hours, levers
from tonnage.advise.replay import Elasticity
from tonnage.workload import Addition, Change
from workloads import a_web_workload, compiled

HOUR_S = 3600.0


def day(quiet: float, busy: float, begin: int, end: int, days: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Need by the minute."""
    minute = np.arange(1440 * days)
    hour = minute % 1440 / 60
    within = (hour >= begin) & (hour < end) if begin < end else (hour >= begin) | (hour < end)
    return np.where(within, busy, quiet), 60.0 * minute


def test_busy_hours_begin_as_early_as_instances_take_to_start() -> None:
    found = busy_hours(*day(2, 8, 9, 18), 120.0)
    assert found is not None
    assert (found.rise, found.fall, found.most) == ((8, 53), (18, 0), 8)


def test_busy_hours_may_lie_around_midnight() -> None:
    found = busy_hours(*day(2, 6, 22, 3), 0.0)
    assert found is not None
    assert (found.rise, found.fall) == ((21, 55), (3, 0))


@pytest.mark.parametrize(
    "history", [day(4, 5, 9, 18), day(2, 8, 9, 18, days=1), day(1, 1, 9, 18)], ids=["even", "one day", "always one"]
)
def test_without_a_daily_swing_there_are_none(history: tuple[np.ndarray, np.ndarray]) -> None:
    assert busy_hours(*history, 120.0) is None


def need(needed: np.ndarray) -> Elasticity:
    return Elasticity(
        fleet="Web/cpu",
        needed=needed,
        supplied=needed,
        too_few=0.0,
        too_many=0.0,
        time_too_few=0.0,
        time_too_many=0.0,
        instability=0.0,
        instance_hours=1.0,
    )


def found(folder: Path, **settings: object) -> dict[str, Lever]:
    needed, times_s = day(1, 6, 9, 18)
    web = a_web_workload(folder, min_size=2, max_size=8, **settings)
    return {lever.name: lever for lever in levers(compiled(web), [need(needed)], times_s)}


def test_a_group_has_its_policy_its_sizes_and_what_it_lacks(tmp_path: Path) -> None:
    turned = found(tmp_path)
    assert {
        "Scaling TargetValue",
        "Web MinSize",
        "Web MaxSize",
        "Web forecast",
        "Web busy hours",
        "Web warm pool",
    } <= set(turned)
    for lever in turned.values():
        assert lever.options[lever.now] == ()
        assert len(lever.options) > 1
    sizes = [[change.after for change in each] for each in turned["Web MinSize"].options if each]
    assert all(1 <= size <= 8 for (size,) in sizes)
    (schedule,) = turned["Web busy hours"].options[-1]
    assert isinstance(schedule, Addition)
    assert "a minimum of 6 for Web" in schedule.title


def test_a_short_history_offers_neither_forecast_nor_hours(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    turned = {lever.name for lever in levers(web, [need(np.ones(60))], 60.0 * np.arange(60))}
    assert not {"Web forecast", "Web busy hours"} & turned


def test_a_desired_capacity_rises_with_the_minimum(tmp_path: Path) -> None:
    web = a_web_workload(tmp_path, min_size=2, max_size=8)
    group = replace(web.components["Web"], settings={**web.components["Web"].settings, "DesiredCapacity": 2})
    web = replace(web, components={**web.components, "Web": group})
    needed, times_s = day(1, 6, 9, 18)
    (lever,) = (each for each in levers(compiled(web), [need(needed)], times_s) if each.name == "Web MinSize")
    (change,) = lever.options[-1]
    assert isinstance(change, Change)
    assert [(each.setting, each.after) for each in change.also] == [("DesiredCapacity", change.after)]
