"""Forecasts of an hourly load."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refusals import refusal
from tonnage.scaling.forecast import forecast
from tonnage.workload import WorkloadError

DAY = 100.0 + 50.0 * np.sin(2.0 * np.pi * np.arange(24) / 24.0)


@pytest.mark.parametrize("days", [1, 2, 3, 7, 8, 14])
def test_what_repeats_every_day_is_forecast_exactly(days: int) -> None:
    assert forecast(np.tile(DAY, days), 48) == pytest.approx(np.tile(DAY, 2))


@pytest.mark.parametrize("hours", [25, 37, 100, 335])
def test_a_history_of_broken_days_keeps_its_hours(hours: int) -> None:
    series = np.tile(DAY, 20)
    assert forecast(series[:hours], 30) == pytest.approx(series[hours : hours + 30])


def test_what_repeats_every_week_is_forecast_closely_from_two_weeks() -> None:
    week = np.concatenate([DAY * factor for factor in (1.0, 1.1, 1.2, 1.1, 1.0, 0.4, 0.3)])
    ahead = forecast(np.tile(week, 2), 48)
    assert ahead == pytest.approx(week[:48], rel=0.08)
    weekend = forecast(np.tile(week, 3)[5 * 24 : 19 * 24], 48)
    assert weekend == pytest.approx(week[5 * 24 :], rel=0.2)


def test_a_level_shift_is_followed() -> None:
    shifted = np.concatenate([np.tile(DAY, 10), np.tile(2.0 * DAY, 4)])
    error = np.abs(forecast(shifted, 48) - np.tile(2.0 * DAY, 2)).mean() / DAY.mean()
    unmoved = np.abs(np.tile(shifted.reshape(-1, 24).mean(axis=0), 2) - np.tile(2.0 * DAY, 2)).mean() / DAY.mean()
    assert error < 0.35 * unmoved


def test_a_deviation_of_the_last_hours_is_carried_on_and_fades() -> None:
    surged = np.tile(DAY, 10)
    surged[-6:] += 60.0
    ahead = forecast(surged, 48) - np.tile(DAY, 2)
    assert ahead[0] > 50.0
    assert ahead[23] < ahead[0]


@given(st.lists(st.floats(0.0, 1e9), min_size=24, max_size=400), st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_no_forecast_is_negative_or_not_a_number(history: list[float], hours: int) -> None:
    ahead = forecast(np.array(history), hours)
    assert ahead.shape == (hours,)
    assert np.all(np.isfinite(ahead))
    assert np.all(ahead >= 0.0)


def test_less_than_a_day_is_refused() -> None:
    assert "23 h" in refusal(WorkloadError, lambda: forecast(np.ones(23), 48)).what
