"""Bounds and desired capacity by the clock; the mechanisms themselves are tested in their own files."""

from dataclasses import replace

import pytest

from scaling.groups import a_group
from tonnage.scaling.auto_scaling_group import start
from tonnage.scaling.group_memory import GroupMemory
from tonnage.scaling.group_sizes import forecast_capacity, raise_to_forecast, run_scheduled, within_bounds
from tonnage.workload import ScalingPolicy, Value


def action(name: str, minute: int, **sizes: Value) -> ScalingPolicy:
    settings = {"StartTime": f"1970-01-01T00:{minute:02}:00Z"} | sizes
    return ScalingPolicy(name=name, mechanism="scheduled", settings=settings)


def a_memory(*actions: ScalingPolicy, in_service: int = 2) -> GroupMemory:
    return start(a_group(*actions, minimum=1, maximum=9), time_s=0.0, in_service=in_service)


def test_actions_that_are_due_run_in_the_order_of_their_times_and_the_last_is_told() -> None:
    memory = a_memory(action("Late", 2, DesiredCapacity=4), action("Early", 1, DesiredCapacity=7, MaxSize=7))
    memory, activity = run_scheduled(memory, 150.0)
    assert activity is not None
    assert (activity.cause, activity.before, activity.after, memory.maximum) == ("Late", 7, 4, 7)
    assert run_scheduled(memory, 200.0)[1] is None, "each runs once"


@pytest.mark.parametrize(
    ("sizes", "bounds"),
    [
        # A new minimum above the maximum raises that, a new maximum below the minimum lowers that.
        ({"MinSize": 12}, (12, 12, 12)),
        ({"MaxSize": 0}, (0, 0, 0)),
        ({"MinSize": 3, "MaxSize": 5, "DesiredCapacity": 8}, (3, 5, 5)),
    ],
)
def test_bounds_give_way_to_what_an_action_sets(sizes: dict[str, Value], bounds: tuple[int, int, int]) -> None:
    memory, activity = run_scheduled(a_memory(action("One", 1, **sizes)), 60.0)
    assert activity is not None
    assert (memory.minimum, memory.maximum, activity.after) == bounds


def test_a_capacity_within_its_bounds_is_left_alone() -> None:
    assert within_bounds(a_memory(), 0.0) is None
    low, high = (within_bounds(replace(a_memory(), desired=desired), 0.0) for desired in (0, 20))
    assert low is not None
    assert high is not None
    assert (low.after, high.after) == (1, 9)


def test_without_a_forecast_nothing_is_raised() -> None:
    assert forecast_capacity(a_memory(), 0.0) == 0
    assert raise_to_forecast(a_memory(), 0.0) is None
