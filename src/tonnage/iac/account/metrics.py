"""What CloudWatch has kept of an account's components: offered load, utilization, hit ratios, throttles.

Sources: GetMetricData in the CloudWatch API reference (500 queries a call); "Metrics retention" in the CloudWatch user
guide (a minute is kept for 15 days, five minutes for 63, an hour for 455).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tonnage.iac.account.found import Ask
from tonnage.iac.account.metric_sources import SOURCES, Metric, Source
from tonnage.workload import Resource, Value

CALLS = ("cloudwatch:GetMetricData",)
_AT_ONCE = 500
_KEPT_DAYS = ((15, 60), (63, 300), (455, 3600))
LONGEST_DAYS = _KEPT_DAYS[-1][0]


@dataclass(frozen=True, slots=True)
class Series:
    """What CloudWatch has of one metric.

    Attributes:
        resource: Logical id.
        metric: The metric.
        times: Beginning of each period, ascending.
        values: One for each.
    """

    resource: str
    metric: Metric
    times: tuple[dt.datetime, ...]
    values: tuple[float, ...]


def period_for(days: float) -> int:
    """The finest period in seconds that CloudWatch still has so many days back."""
    return next((period for kept, period in _KEPT_DAYS if days <= kept), _KEPT_DAYS[-1][1])


def physical_id(resource: Resource) -> str | None:
    """What AWS calls a resource that was read from an account; None for one of a template."""
    value: Value = resource.attributes.get("Metadata")
    for step in ("Tonnage", "PhysicalId"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def read_metrics(
    ask: Ask,
    resources: Iterable[Resource],
    *,
    end: dt.datetime,
    days: float,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Series]:
    """Ask for all metrics of resources; those without datapoints are left out.

    Args:
        ask: How the account is asked.
        resources: What was read from it.
        end: Until when.
        days: How far back.
        progress: Told how far it is.
    """
    wanted = list(_queries(resources))
    period = period_for(days)
    # CloudWatch answers for whole periods.
    until = end.replace(second=0, microsecond=0) if period == _KEPT_DAYS[0][1] else end.replace(minute=0, second=0)
    for start in range(0, len(wanted), _AT_ONCE):
        progress(f"asking for metrics {start + 1} to {min(start + _AT_ONCE, len(wanted))} of {len(wanted)}")
        yield from _answered(ask, wanted[start : start + _AT_ONCE], until - dt.timedelta(days=days), until, period)


def _queries(resources: Iterable[Resource]) -> Iterator[tuple[Resource, Source, Metric, Mapping[str, str]]]:
    for resource in resources:
        source, own = SOURCES.get(resource.kind), physical_id(resource)
        dimensions = source.dimensions(own, resource) if source and own else None
        if source and dimensions:
            for metric in source.metrics:
                yield resource, source, metric, dimensions


def _answered(
    ask: Ask,
    wanted: Sequence[tuple[Resource, Source, Metric, Mapping[str, str]]],
    start: dt.datetime,
    end: dt.datetime,
    period: int,
) -> Iterator[Series]:
    queries = [
        {
            "Id": f"q{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": source.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                },
                "Period": period,
                "Stat": metric.statistic,
            },
        }
        for index, (_, source, metric, dimensions) in enumerate(wanted)
    ]
    found: dict[str, dict[dt.datetime, float]] = {}
    arguments = {"MetricDataQueries": queries, "StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending"}
    for result in ask("cloudwatch", "get_metric_data", "MetricDataResults", **arguments):
        found.setdefault(result["Id"], {}).update(zip(result["Timestamps"], result["Values"], strict=True))
    for index, (resource, _, metric, _) in enumerate(wanted):
        points = sorted(found.get(f"q{index}", {}).items())
        if points:
            yield Series(
                resource=resource.name,
                metric=metric,
                times=tuple(time for time, _ in points),
                values=tuple(value for _, value in points),
            )


def as_traffic(series: Iterable[Series], entries: Sequence[str]) -> dict[str, object] | None:
    """Offered load of the components that clients call, as the answer of GetMetricData that ``--traffic`` reads.

    Args:
        series: What was answered.
        entries: Logical ids of those components; their loads are added.
    """
    total: dict[dt.datetime, float] = {}
    for each in series:
        if each.metric.load and each.resource in entries:
            for time, value in zip(each.times, each.values, strict=True):
                total[time] = total.get(time, 0.0) + value
    if not total:
        return None
    times = sorted(total)
    result = {
        "Id": "load",
        "Label": "RequestCount",
        "Timestamps": [time.isoformat() for time in times],
        "Values": [total[time] for time in times],
        "StatusCode": "Complete",
    }
    return {"MetricDataResults": [result]}


def hit_ratios(series: Iterable[Series]) -> dict[str, float]:
    """Hits over hits and misses of each cache that reports both."""
    sums: dict[str, dict[str, float]] = {}
    for each in series:
        if each.metric.name in _CACHED:
            own = sums.setdefault(each.resource, {"hits": 0.0, "misses": 0.0})
            own[_CACHED[each.metric.name]] += sum(each.values)
    return {
        name: each["hits"] / (each["hits"] + each["misses"])
        for name, each in sums.items()
        if each["hits"] + each["misses"]
    }


_CACHED = {"CacheHits": "hits", "CacheMisses": "misses", "CacheHitCount": "hits", "CacheMissCount": "misses"}


def cpu_per_request(series: Sequence[Series], entries: Sequence[str], vcpus: Mapping[str, float]) -> dict[str, float]:
    """Seconds of a vCPU that a machine of fixed size spends for each request that clients send.

    The utilization law: service demand is utilization times servers over throughput (Denning and Buzen, "The
    operational analysis of queueing network models", ACM Computing Surveys 10(3), 1978). Work that no request causes
    counts as well, so that it is an upper bound.

    Args:
        series: What was answered.
        entries: Logical ids of the components that clients call.
        vcpus: Of each machine that does not grow and shrink, by logical id.
    """
    load: dict[dt.datetime, float] = {}
    for each in series:
        if each.metric.load and each.resource in entries:
            for time, value in zip(each.times, each.values, strict=True):
                load[time] = load.get(time, 0.0) + value
    demands = {}
    for each in series:
        if (each.metric.name, each.metric.statistic) != ("CPUUtilization", "Average") or each.resource not in vcpus:
            continue
        both = [(value, load[time]) for time, value in zip(each.times, each.values, strict=True) if time in load]
        requests = sum(count for _, count in both)
        if requests and len(each.times) > 1:
            step_s = min(
                (later - earlier).total_seconds() for earlier, later in zip(each.times, each.times[1:], strict=False)
            )
            busy_s = sum(value / 100.0 for value, _ in both) * step_s * vcpus[each.resource]
            demands[each.resource] = busy_s / requests
    return demands
