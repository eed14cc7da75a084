"""Forecasts of hourly loads: the product's own beside others, on real series, from rolling origins.

At midnight of every day of a series (24 h apart, counted from its beginning) each method sees the history before and
forecasts 48 h. MASE is the mean absolute error over that of taking yesterday's hour inside the history; sMAPE is the
mean of 2|a - f| / (|a| + |f|); "missing" is what the forecasts are short of, as a share of the load. Each series counts
the same. Needs the real data (``--data``, usually ``../shared/data``); statsforecast is left out where it is not
installed (``pip install --target DIR statsforecast``, ``PYTHONPATH=DIR``).
"""

import argparse
import csv
import datetime as dt
import gzip
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from figures import print_machine
from tonnage.scaling.forecast import forecast

HORIZON_HOURS = 48
HISTORIES_HOURS = (336, 168, 48)

Method = Callable[[np.ndarray, int], np.ndarray]


def hourly(samples: Iterable[tuple[float, float]]) -> np.ndarray:
    """Means by whole hours; hours without samples lie on a line between their neighbours."""
    times, values = np.array(sorted(samples)).T
    first, last = int(np.ceil(times[0] / 3600.0)), int(times[-1] // 3600.0)
    hours = (times // 3600.0).astype(np.int64) - first
    inside = (hours >= 0) & (hours < last - first)
    counts = np.bincount(hours[inside], minlength=last - first)
    sums = np.bincount(hours[inside], weights=values[inside], minlength=last - first)
    seen = np.flatnonzero(counts)
    return np.interp(np.arange(last - first), seen, sums[seen] / counts[seen])


def unix(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


def real_series(data: Path) -> dict[str, np.ndarray]:
    """NASA on both sides of its gap, NAB's CloudWatch metrics and tweets, and the CPU of a Bitbrains machine."""
    with gzip.open(data / "traffic/nasa_http_1995_per_minute.csv.gz", "rt") as file:
        minutes = {unix(row["minute"]): float(row["count"]) for row in csv.DictReader(file)}
    found = {}
    for name, start, end in (
        ("nasa july", "1995-07-01T00:00", "1995-07-28T13:00"),
        ("nasa august", "1995-08-03T05:00", "1995-09-01T00:00"),
    ):
        # A minute without requests is absent.
        found[name] = hourly((at, minutes.get(at, 0.0)) for at in np.arange(unix(start), unix(end), 60.0))
    for path in sorted((data / "metrics/nab").glob("real[AT]*/*.csv")):
        with path.open() as file:
            found[path.stem] = hourly((unix(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file))
    with gzip.open(data / "metrics/bitbrains/vm_one_month_5min.csv.gz", "rt") as file:
        rows = [line.split(";") for line in file.readlines()[1:]]
    found["bitbrains cpu"] = hourly((float(row[0]), float(row[4])) for row in rows)
    return found


def yesterday(history: np.ndarray, hours: int) -> np.ndarray:
    return history[-24:][np.arange(hours) % 24]


def last_week(history: np.ndarray, hours: int) -> np.ndarray:
    return history[-168:][np.arange(hours) % 168] if len(history) >= 192 else yesterday(history, hours)


def hour_of_week(history: np.ndarray, hours: int) -> np.ndarray:
    if len(history) < 192:
        return yesterday(history, hours)
    return np.array([history[len(history) + k - 168 :: -168].mean() for k in range(hours)])


def hour_of_day(half_life_days: float) -> Method:
    def method(history: np.ndarray, hours: int) -> np.ndarray:
        days = history[len(history) % 24 :].reshape(-1, 24)
        weights = 0.5 ** (np.arange(len(days), 0, -1) / half_life_days)
        return np.resize(weights @ days / weights.sum(), hours)

    return method


def holt_winters(history: np.ndarray, hours: int) -> np.ndarray:
    """Additive, 24 h, without trend; the constants of a small grid with the least squared error of one step."""
    if len(history) < 48:
        return yesterday(history, hours)
    alpha, gamma = (axis.ravel() for axis in np.meshgrid([0.02, 0.1, 0.3], [0.05, 0.2, 0.5]))
    level = np.full(alpha.size, history[:24].mean())
    season = np.repeat((history[:24] - history[:24].mean())[:, None], alpha.size, axis=1)
    squares = np.zeros(alpha.size)
    for k in range(24, len(history)):
        error = history[k] - level - season[k % 24]
        squares += error**2
        level = level + alpha * error
        season[k % 24] += gamma * (1.0 - alpha) * error
    best = int(np.argmin(squares))
    return np.maximum(level[best] + season[(len(history) + np.arange(hours)) % 24, best], 0.0)


def installed() -> dict[str, Method]:
    try:
        from statsforecast.models import MSTL, AutoETS, DynamicOptimizedTheta
    except ImportError:
        print("statsforecast is not installed: MSTL, AutoETS and DynamicOptimizedTheta are left out")
        return {}

    def as_method(model: Callable[[], object]) -> Method:
        return lambda history, hours: np.maximum(model().forecast(y=history, h=hours)["mean"], 0.0)

    return {
        "MSTL, 24 h (statsforecast)": as_method(lambda: MSTL(24)),
        "MSTL, 24 and 168 h": as_method(lambda: MSTL([24, 168])),
        "AutoETS": as_method(lambda: AutoETS(24)),
        "DynamicOptimizedTheta": as_method(lambda: DynamicOptimizedTheta(24)),
    }


def errors(method: Method, series: np.ndarray, history_hours: int) -> tuple[float, float, float]:
    """Mean MASE, sMAPE (%) and missing share (%) over the origins of a series."""
    found = []
    for origin in range(history_hours, len(series) - HORIZON_HOURS + 1, 24):
        history, actual = series[origin - history_hours : origin], series[origin : origin + HORIZON_HOURS]
        ahead = method(history, HORIZON_HOURS)
        apart = np.abs(actual - ahead)
        scale = np.mean(np.abs(history[24:] - history[:-24]))
        sizes = np.maximum(np.abs(actual) + np.abs(ahead), 1e-9)
        short = np.maximum(actual - ahead, 0.0).sum() / actual.sum()
        found.append((apart.mean() / scale, 200.0 * np.mean(apart / sizes), 100.0 * short))
    mase, smape, missing = np.mean(found, axis=0)
    return float(mase), float(smape), float(missing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"The real data is not at {options.data}: nothing is measured")
        return
    print_machine()
    warnings.filterwarnings("ignore")
    methods: dict[str, Method] = {
        "same hour yesterday": yesterday,
        "same hour last week": last_week,
        "mean by hour of week": hour_of_week,
        "mean by hour of day, half-life 2 d": hour_of_day(2.0),
        "mean by hour of day, half-life 8 d": hour_of_day(8.0),
        "Holt-Winters, additive": holt_winters,
        "tonnage.scaling.forecast": forecast,
    } | installed()
    every = real_series(options.data)
    for history_hours in HISTORIES_HOURS:
        series = {name: s for name, s in every.items() if len(s) >= history_hours + HORIZON_HOURS + 24}
        print(f"\n{history_hours / 24:g} days of history, {len(series)} series: {', '.join(series)}")
        print(f"{'':<36}{'MASE':>8}{'geometric':>11}{'sMAPE %':>9}{'missing %':>11}{'ms':>8}  MASE of each")
        for name, method in methods.items():
            begun = time.process_time()
            rows = np.array([errors(method, s, history_hours) for s in series.values()])
            origins = sum((len(s) - HORIZON_HOURS - history_hours) // 24 + 1 for s in series.values())
            each_ms = 1000.0 * (time.process_time() - begun) / origins
            mase, smape, missing = rows.mean(axis=0)
            print(
                f"{name:<36}{mase:>8.3f}{np.exp(np.log(rows[:, 0]).mean()):>11.3f}{smape:>9.1f}{missing:>11.1f}"
                f"{each_ms:>8.1f}  {' '.join(f'{value:.2f}' for value in rows[:, 0])}"
            )


if __name__ == "__main__":
    main()
