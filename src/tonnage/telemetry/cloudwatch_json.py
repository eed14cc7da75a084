"""Traffic from CloudWatch's answers: ``get-metric-data`` and ``get-metric-statistics``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tonnage.telemetry.samples import Samples
from tonnage.workload import Place, TrafficError

_COUNTS = ("requestcount", "invocations", "count", "requests")


def read_cloudwatch(text: str, file: str) -> Samples:
    """Samples of a CloudWatch answer.

    Args:
        text: The JSON.
        file: Path, for errors.

    Raises:
        TrafficError: It is not JSON, not such an answer, or no metric in it counts requests.
    """
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise TrafficError(
            f"{file} is not valid JSON: {error.msg}", place=Place(file=file, line=error.lineno, column=error.colno)
        ) from None
    if isinstance(answer, Mapping) and isinstance(answer.get("MetricDataResults"), list):
        return _metric_data(answer["MetricDataResults"], file)
    if isinstance(answer, Mapping) and isinstance(answer.get("Datapoints"), list):
        return _statistics(answer, file)
    raise TrafficError(
        f"{file} is JSON, but no answer of CloudWatch",
        remedy="Save the output of 'aws cloudwatch get-metric-data' with the Sum of RequestCount.",
    )


def _metric_data(results: list[Any], file: str) -> Samples:
    filled = [result for result in results if isinstance(result, Mapping) and result.get("Timestamps")]
    if not filled:
        raise TrafficError(f"{file}: CloudWatch returned no data points", remedy="Ask for a time that has data.")
    named = [r for r in filled if any(word in _name(r).lower() for word in _COUNTS)]
    chosen = named or filled
    labels = {_name(result) for result in chosen}
    if len(chosen) > 1 and len(labels) > 1 and not named:
        raise TrafficError(
            f"{file} has {len(chosen)} metrics: {', '.join(sorted(labels)[:6])}",
            remedy="Keep the one that counts requests.",
        )
    sums: dict[float, float] = {}
    for result in chosen:
        for stamp, value in zip(result["Timestamps"], result.get("Values", []), strict=False):
            time_s = _time(stamp, file)
            sums[time_s] = sums.get(time_s, 0.0) + _count(value, file)
    note = f"CloudWatch metric {', '.join(sorted(labels))}, taken as the Sum of each period"
    return Samples(times_s=tuple(sums), values=tuple(sums.values()), kind="counts", notes=(note,))


def _name(result: Mapping[str, Any]) -> str:
    return str(result.get("Label") or result.get("Id") or "")


def _statistics(answer: Mapping[str, Any], file: str) -> Samples:
    points = answer["Datapoints"]
    if not points:
        raise TrafficError(f"{file}: CloudWatch returned no data points", remedy="Ask for a time that has data.")
    for statistic in ("Sum", "SampleCount"):
        if all(isinstance(point, Mapping) and statistic in point for point in points):
            return Samples(
                times_s=tuple(_time(point["Timestamp"], file) for point in points),
                values=tuple(_count(point[statistic], file) for point in points),
                kind="counts",
                notes=(f"CloudWatch metric {answer.get('Label', '')}, statistic {statistic}",),
            )
    raise TrafficError(
        f"{file}: the data points have no Sum",
        remedy="Ask CloudWatch for the statistic Sum: an Average counts nothing.",
    )


def _time(stamp: object, file: str) -> float:
    if isinstance(stamp, int | float):
        return float(stamp)
    try:
        moment = datetime.fromisoformat(str(stamp))
    except ValueError:
        raise TrafficError(f"{file}: {stamp!r} is not a time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _count(value: object, file: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise TrafficError(f"{file}: {value!r} is not a count", remedy="Counts are zero or more.")
    return float(value)
