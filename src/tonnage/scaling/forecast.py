"""Forecast of an hourly load: weighted means of the same hour on the days before, and what the last hours add to them.

AWS does not publish how predictive scaling forecasts. This method was chosen among others by how well it forecasts
real loads (``docs/decisions/0008-forecasting.md``, ``benchmarks/forecast.py``): a day counts half as much after every
week; how much more the days of the same name count, and how long a deviation of the last hours lasts, is what would
have been best in the days just past.
"""

import numpy as np
from numpy.typing import NDArray

from tonnage.workload import WorkloadError

Floats = NDArray[np.float64]

LEAST_HOURS = 24
"""Less history gives no forecast (Amazon EC2 Auto Scaling user guide, "Predictive scaling")."""
DAY = 24

_HALF_LIFE_DAYS = 7.0
_SAME_WEEKDAY = (5.0, 1.0, 100.0)
_DEVIATION_KEEPS = (0.95, 0.995)
"""What is left of a deviation after an hour."""
_DEVIATION_HOURS = 6
_DAYS_TRIED = 7
# A choice must be better by more than the last digits of a sum, or it would depend on the machine.
_BETTER = 1.0 - 1e-9


def forecast(history_hourly: Floats, horizon_hours: int) -> Floats:
    """Load of the hours to come.

    Args:
        history_hourly: (n,) float64, n ≥ 24: load of the last whole hours, newest last, in any unit, never negative.
        horizon_hours: How many hours.

    Returns:
        (horizon_hours,) float64 in the same unit, none negative.

    Raises:
        WorkloadError: The history is shorter than a day.
    """
    if len(history_hourly) < LEAST_HOURS:
        raise WorkloadError(
            f"{len(history_hourly)} h of history are too few to forecast from",
            remedy=f"Give at least {LEAST_HOURS} h.",
        )
    days = len(history_hourly) // DAY
    loads = np.asarray(history_hourly[len(history_hourly) - DAY * days :], dtype=np.float64).reshape(days, DAY)
    best, least = np.zeros(0), np.inf
    for same_weekday in _SAME_WEEKDAY:
        usual = np.array([_mean_day(loads[:day], 1, same_weekday) for day in range(1, days)]).reshape(-1, DAY)
        deviations = np.mean((loads[1:] - usual)[:, -_DEVIATION_HOURS:], axis=1)
        for keeps in _DEVIATION_KEEPS:
            left = deviations[:-1, None] * keeps ** np.arange(1, DAY + 1)
            error = float(np.sum(np.abs(loads[2:] - usual[1:] - left)[-_DAYS_TRIED:]))
            if len(best) and error >= least * _BETTER:
                continue
            least = error
            ahead = -(-horizon_hours // DAY)
            best = np.concatenate([_mean_day(loads, 1 + day, same_weekday) for day in range(ahead)])[:horizon_hours]
            if days > 1:
                best = best + deviations[-1] * keeps ** np.arange(1, horizon_hours + 1)
    return np.maximum(best, 0.0)


def _mean_day(loads: Floats, ahead: int, same_weekday: float) -> Floats:
    """Weighted mean of days, for the day so many days after the last.

    Args:
        loads: (days, 24) float64, oldest first.
        ahead: 1 for the day that follows.
        same_weekday: How much more a day counts that is whole weeks before.

    Returns:
        (24,) float64.
    """
    ages = np.arange(len(loads), 0, -1) + (ahead - 1)
    weights = 0.5 ** (ages / _HALF_LIFE_DAYS) * np.where(ages % 7 == 0, same_weekday, 1.0)
    return np.asarray(weights @ loads / weights.sum(), dtype=np.float64)
