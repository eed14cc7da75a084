"""Metrics of a group as CloudWatch publishes them: aggregated over warm instances, by period, some time late."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tonnage.scaling.metric_math import Node

MINUTE_S = 60.0


class GroupMetric(StrEnum):
    """The metrics that a simulation can show a policy."""

    CPU_UTILIZATION = "CPUUtilization"
    REQUEST_COUNT_PER_TARGET = "RequestCountPerTarget"
    REQUEST_COUNT = "RequestCount"
    PROVISIONED_CONCURRENCY_UTILIZATION = "ProvisionedConcurrencyUtilization"
    IN_SERVICE = "GroupInServiceInstances"
    DESIRED = "GroupDesiredCapacity"


class Statistic(StrEnum):
    """The basic CloudWatch statistics."""

    AVERAGE = "Average"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"
    SUM = "Sum"
    SAMPLE_COUNT = "SampleCount"


class Record(NamedTuple):
    """A CloudWatch statistic set over some minutes, with the instances it is about."""

    total: float
    """Sum of the samples, in the metric's unit."""
    samples: float
    """Number of samples."""
    least: float
    """Smallest sample."""
    most: float
    """Largest sample."""
    instance_minutes: float
    """Instances behind the record, summed over its minutes."""
    minutes: int = 1
    """Minutes with data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMetric:
    """A metric of an SQS queue.

    Attributes:
        queue: The queue's messages, as a primitive.
        name: CloudWatch's name.
    """

    queue: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A metric that metric math reads.

    Attributes:
        id: Its id in the expression.
        metric: The metric.
        statistic: The statistic of each period.
    """

    id: str
    metric: GroupMetric | QueueMetric
    statistic: Statistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Metric math.

    Attributes:
        text: As written.
        node: The expression, with those it names put in.
        inputs: What it reads.
        label: What the user calls it; the text where nothing is given.
    """

    text: str
    node: Node
    inputs: tuple[Input, ...]
    label: str


Watched = GroupMetric | QueueMetric | Formula
"""What a policy may watch."""


def inputs(metric: Watched) -> tuple[GroupMetric | QueueMetric, ...]:
    """What must be published for a metric: itself, or what metric math reads."""
    return tuple(item.metric for item in metric.inputs) if isinstance(metric, Formula) else (metric,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a policy watches.

    Attributes:
        metric: The metric.
        statistic: The statistic of each period.
        period_s: Period, a multiple of 60.
        periods: How many periods the policy looks back (the evaluation range of its alarm).
    """

    metric: Watched
    statistic: Statistic
    period_s: float
    periods: int

    @property
    def period_minutes(self) -> int:
        """Period in minutes."""
        return round(self.period_s / MINUTE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A metric as one group publishes it.

    Attributes:
        metric: The metric.
        warm_up_s: How long an instance must be in service before it counts; 0 for metrics of the load balancer.
        period_s: How often it is published: 60 or 300.
        delay_s: From the end of a period until its datapoint can be read.
    """

    metric: GroupMetric | QueueMetric
    warm_up_s: float
    period_s: float
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The published past of a metric, bounded in length.

    ``records`` holds what *arrived* minute by minute. A datapoint of several minutes (basic monitoring) stands in the
    minute in which it becomes readable, the minutes between are missing: so an alarm with a shorter period sees one
    point and then gaps. CloudWatch stamps it with the start of its period and reaches back for it; how far is not
    documented, so its age is counted here from its arrival.

    Attributes:
        source: What is published, and how.
        limit: How many minutes are kept.
        records: By minute of arrival, newest last; None where nothing arrived.
        gathering: Minutes of the running period, where it is longer than a minute.
        in_flight: Published but not yet readable, oldest first.
    """

    source: Source
    limit: int
    records: tuple[Record | None, ...] = ()
    gathering: tuple[Record | None, ...] = ()
    in_flight: tuple[Record | None, ...] = ()


def extend(series: Series, minute: int, record: Record | None) -> Series:
    """The series one minute later.

    Args:
        series: The series so far.
        minute: Which minute since time zero ``record`` covers; periods begin at its multiples.
        record: What was measured in that minute; None for nothing.
    """
    arriving, gathering = record, series.gathering
    period_minutes = round(series.source.period_s / MINUTE_S)
    if period_minutes > 1:
        gathering = (*gathering, record)
        arriving = None
        if (minute + 1) % period_minutes == 0:
            arriving, gathering = merge(gathering), ()
    in_flight = (*series.in_flight, arriving)
    if len(in_flight) <= math.ceil(series.source.delay_s / MINUTE_S):
        return Series(source=series.source, limit=series.limit, gathering=gathering, in_flight=in_flight)
    return Series(
        source=series.source,
        limit=series.limit,
        records=(*series.records[1 - series.limit :], in_flight[0]) if series.limit > 1 else in_flight[:1],
        gathering=gathering,
        in_flight=in_flight[1:],
    )


def merge(records: Sequence[Record | None]) -> Record | None:
    """One statistic set of several; None if all are missing."""
    real = [record for record in records if record is not None]
    if len(real) <= 1:
        return real[0] if real else None
    # By column: several times faster than one pass per field, and a long alarm period merges hundreds every minute.
    totals, samples, leasts, mosts, instance_minutes, minutes = zip(*real, strict=True)
    return Record(sum(totals), sum(samples), min(leasts), max(mosts), sum(instance_minutes), sum(minutes))


def windows(series: Series, watch: Watch) -> list[Record | None]:
    """The watched periods, newest last: the last one ends now, as CloudWatch's windows slide with the evaluation.

    Only periods that lie wholly in the recorded past are given, so a run that has just begun shows fewer.
    """
    minutes = watch.period_minutes
    if minutes == 1:
        return list(series.records[-watch.periods :])
    count = min(len(series.records) // minutes, watch.periods)
    first = len(series.records) - count * minutes
    return [merge(series.records[start : start + minutes]) for start in range(first, len(series.records), minutes)]


def value(record: Record, statistic: Statistic) -> float:
    """A statistic of a record, in the metric's unit."""
    match statistic:
        case Statistic.AVERAGE:
            return record.total / record.samples
        case Statistic.SUM:
            return record.total
        case Statistic.MINIMUM:
            return record.least
        case Statistic.MAXIMUM:
            return record.most
        case _:
            return record.samples


def load(record: Record, statistic: Statistic) -> float:
    """What the instances behind a record carried together: their mean number times the statistic."""
    return value(record, statistic) * record.instance_minutes / record.minutes


def cpu_record(percents: Sequence[float]) -> Record | None:
    """CPUUtilization of one minute over the instances that count; missing if there is none."""
    if not percents:
        return None
    count = len(percents)
    return Record(sum(percents), count, min(percents), max(percents), count)


def request_record(metric: GroupMetric, requests: float, targets: int) -> Record | None:
    """RequestCount or RequestCountPerTarget of one minute.

    RequestCount is published only where it is not zero, one sample of value 1 per request; RequestCountPerTarget
    always, as requests divided by healthy targets. Source: Elastic Load Balancing user guide, "CloudWatch metrics for
    your Application Load Balancer". Without targets it is missing here: an Auto Scaling group without instances has no
    registered target to divide by.
    """
    if metric is GroupMetric.REQUEST_COUNT:
        return Record(requests, requests, 1.0, 1.0, targets) if requests > 0 else None
    if targets == 0:
        return None
    share = requests / targets
    return Record(share, 1, share, share, targets)


def count_record(count: float) -> Record:
    """A metric that is counted once a minute: instances in service, messages that wait."""
    return Record(count, 1, count, count, 1)


UNITS: Mapping[GroupMetric, tuple[str, str]] = {
    GroupMetric.CPU_UTILIZATION: ("CPU", " %"),
    GroupMetric.REQUEST_COUNT_PER_TARGET: ("requests per target", ""),
    GroupMetric.REQUEST_COUNT: ("requests", ""),
    GroupMetric.PROVISIONED_CONCURRENCY_UTILIZATION: ("share of the provisioned environments in use", ""),
    GroupMetric.IN_SERVICE: ("instances in service", ""),
    GroupMetric.DESIRED: ("desired capacity", ""),
}
"""What people call a metric, and the unit after its numbers."""
