"""Traffic from CloudWatch: the output of ``aws cloudwatch get-metric-data`` and ``get-metric-statistics``."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

from tonnage.telemetry.column_names import rate_factor, words
from tonnage.telemetry.samples import MOST_REQUESTS, Kind, Samples
from tonnage.telemetry.timestamps import parse_timestamps
from tonnage.workload import Place, TrafficError

REQUEST_METRICS = (
    "RequestCount",
    "Invocations",
    "Count",
    "Requests",
    "NumberOfMessagesSent",
    "IncomingRecords",
    "AllRequests",
)
"""Metrics whose sum is offered load: of load balancers, Lambda, API Gateway, CloudFront, SQS, Kinesis and S3 (each
named in its service's CloudWatch metrics page)."""
_OTHER_STATISTICS = {
    "average", "avg", "mean", "minimum", "maximum", "min", "max", "latency", "duration", "percent", "utilization",
}  # fmt: skip
_ASK = "aws cloudwatch get-metric-data with Stat Sum of RequestCount (load balancer) or Invocations (Lambda)"


def read_cloudwatch(text: str, *, name: str, file: str, kind: Kind | None = None) -> Samples:
    """Read the JSON that the AWS CLI prints for one metric, in any order of time.

    The statistic must be ``Sum`` or ``SampleCount``; the period is the commonest spacing of the datapoints. Several
    results of the same metric are summed. Elastic Load Balancing and Lambda report nothing while there are no requests
    (CloudWatch metrics for your Application Load Balancer, Elastic Load Balancing guide), so that a period without a
    datapoint between low counts is zero requests.

    Args:
        text: The whole file.
        name: The file's name, for the report.
        file: Path as the user gave it, for errors.
        kind: ``rates`` for a metric math expression that gives requests/s; None and ``counts`` for sums.

    Raises:
        TrafficError: It is not such an output, holds another statistic, or several metrics.
    """
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise TrafficError(
            f"The JSON ends or breaks here: {error.msg}",
            place=Place(file=file, line=error.lineno, column=error.colno),
            remedy=f"Give the whole output of {_ASK}.",
        ) from None
    except RecursionError:
        raise TrafficError(f"{file} is not CloudWatch's JSON", remedy=f"Give the output of {_ASK}.") from None
    if kind == "requests":
        raise TrafficError(f"{file} is JSON, which has no row per request", remedy="Give kind 'counts' or 'rates'.")
    if isinstance(answer, Mapping) and isinstance(answer.get("MetricDataResults"), list):
        return _metric_data(answer, name, file, kind)
    if isinstance(answer, Mapping) and isinstance(answer.get("Datapoints"), list):
        return _metric_statistics(answer, name, file, kind)
    found = f" (its keys are {', '.join(map(str, list(answer)[:5]))})" if isinstance(answer, Mapping) else ""
    raise TrafficError(f"{file} is not CloudWatch's JSON{found}", remedy=f"Give the output of {_ASK}.")


def _metric_data(answer: Mapping[str, object], name: str, file: str, kind: Kind | None) -> Samples:
    listed = answer["MetricDataResults"]
    results = [result for result in listed if isinstance(result, Mapping)] if isinstance(listed, list) else []
    chosen = _chosen(results, file)
    label = _label(chosen[0])
    stamps: list[object] = []
    values: list[object] = []
    for result in chosen:
        times, sums = result.get("Timestamps"), result.get("Values")
        if not isinstance(times, list) or not isinstance(sums, list) or len(times) != len(sums):
            raise TrafficError(
                f"{file}: result {_label(result)!r} does not have as many Timestamps as Values",
                remedy=f"Give the whole output of {_ASK}.",
            )
        stamps += times
        values += sums
    notes = [f"{len(chosen)} results of {label} were summed"] if len(chosen) > 1 else []
    if answer.get("NextToken") or any(result.get("StatusCode") == "PartialData" for result in chosen):
        notes.append("CloudWatch had more datapoints than this file holds (PartialData); ask again with NextToken")
    return _samples(stamps, values, label, name, file, kind, notes)


def _chosen(results: Sequence[Mapping[str, object]], file: str) -> list[Mapping[str, object]]:
    """The results of the one request metric: by name if one is known, else the only one there is."""
    filled = [result for result in results if result.get("Values")]
    if not filled:
        raise TrafficError(
            f"{file} has no datapoints", remedy="Check the metric's dimensions, its Region and the time asked for."
        )
    named = [result for result in filled if _metric(result) is not None]
    candidates = named or filled
    metrics = {_metric(result) or _label(result) for result in candidates}
    if len(metrics) > 1:
        labels = ", ".join(repr(_label(result)) for result in candidates[:8])
        raise TrafficError(
            f"{file} holds several metrics: {labels}", remedy="Keep the one that counts the requests that arrive."
        )
    return list(candidates)


def _metric(result: Mapping[str, object]) -> str | None:
    """The request metric that a result's label or id names."""
    for given in (result.get("Label"), result.get("Id")):
        spoken = str(given or "").replace("-", " ").replace("/", " ").split()
        if any(set(words(part)) & _OTHER_STATISTICS for part in spoken):
            return None
        for metric in REQUEST_METRICS:
            if any(part.lower() == metric.lower() for part in spoken):
                return metric
    return None


def _label(result: Mapping[str, object]) -> str:
    return str(result.get("Label") or result.get("Id") or "without a label")


def _metric_statistics(answer: Mapping[str, object], name: str, file: str, kind: Kind | None) -> Samples:
    listed = answer["Datapoints"]
    points = [point for point in listed if isinstance(point, Mapping)] if isinstance(listed, list) else []
    label = str(answer.get("Label") or "without a label")
    if not points:
        raise TrafficError(
            f"{file} has no datapoints", remedy="Check the metric's dimensions, its Region and the time asked for."
        )
    statistic = next((key for key in ("Sum", "SampleCount") if all(key in point for point in points)), None)
    if statistic is None:
        has = [key for key in ("Average", "Minimum", "Maximum", "ExtendedStatistics") if key in points[0]]
        raise TrafficError(
            f"{file}: {label} has no Sum" + (f", only {', '.join(has)}" if has else ""),
            remedy="Ask CloudWatch with --statistics Sum: only the sum tells how many requests came.",
        )
    if statistic == "SampleCount":
        # The samples of Lambda's Duration or of a load balancer's TargetResponseTime are its requests.
        label = "SampleCount"
    stamps = [point.get("Timestamp") for point in points]
    return _samples(stamps, [point[statistic] for point in points], label, name, file, kind, [])


def _samples(
    stamps: Sequence[object],
    values: Sequence[object],
    label: str,
    name: str,
    file: str,
    kind: Kind | None,
    notes: list[str],
) -> Samples:
    times = parse_timestamps([str(stamp) for stamp in stamps], file=file)
    numbers = [_number(value, stamp, label, file) for value, stamp in zip(values, stamps, strict=True)]
    per_s = rate_factor(label)
    rates = kind == "rates" or (kind is None and per_s is not None)
    if not rates:
        _refuse_other_statistics(numbers, label, file)
        if len(numbers) > 5 and set(numbers) == {1.0}:
            notes.append(f"every value of {label} is 1, which is what its Average is too; make sure that Stat is Sum")
    # Results of several load balancers meet at the same periods; each lacks the periods in which it was idle.
    at, where = np.unique(times.times_s, return_inverse=True)
    totals = np.bincount(where, weights=np.asarray(numbers)).astype(np.float64)
    return Samples(
        name=name,
        file=file,
        kind="rates" if rates else "counts",
        times_s=at,
        values=totals * (per_s if rates and per_s is not None else 1.0),
        naive=times.naive,
        silent_when_idle=not rates,
        notes=tuple(notes),
    )


def _refuse_other_statistics(numbers: Sequence[float], label: str, file: str) -> None:
    """A sum of requests is a whole number; an average, a percentile or a utilisation rarely is."""
    spoken = set(words(label))
    percentile = any(part == "p" for part in words(label)) and any(part.isdigit() for part in words(label))
    if spoken & _OTHER_STATISTICS or percentile or any(number != math.floor(number) for number in numbers):
        raise TrafficError(
            f"{file}: {label!r} does not look like a sum of requests",
            remedy="Ask CloudWatch with Stat Sum; if it is an expression in requests/s, label it 'rate'.",
        )


def _number(value: object, stamp: object, label: str, file: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_REQUESTS:
        return float(value)
    raise TrafficError(
        f"{file}: the value {value!r} of {label} at {stamp} is negative or not a number",
        remedy="Request counts are numbers, zero or more.",
    )
