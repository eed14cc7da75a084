"""Predictive scaling: capacity raised ahead of the hour for which its load is forecast.

The load of up to 14 days by the hour gives a forecast of 48 h, made anew every 6 h. At the start of each hour, or
``SchedulingBufferTime`` before it, desired capacity is raised to what the forecast load needs at the target; for that
hour dynamic policies scale in no further. Predictive scaling itself never scales in. The load is the sum of the CPU
utilization of all instances, or the requests of the target group per minute; the needed capacity is the load over the
target of one instance, rounded up.

Source: Amazon EC2 Auto Scaling user guide, "Predictive scaling"; API reference, PredictiveScalingConfiguration,
PredictiveScalingMetricSpecification. Not published: how AWS forecasts (:mod:`tonnage.scaling.forecast` stands for it),
and when it begins to count the six hours (here with the first forecast). Hours are those of Unix time.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.scaling.forecast import LEAST_HOURS, forecast
from tonnage.scaling.group_metric import UNITS, GroupMetric
from tonnage.workload import ScalingPolicy

MECHANISM = "predictive"
HOUR_S = 3600.0
MOST_HOURS = 14 * 24
"""Older history is not used."""
HORIZON_HOURS = 48
REFRESH_HOURS = 6

_BUFFER_S = 300.0
_PAIRS = {"ASGCPUUtilization": GroupMetric.CPU_UTILIZATION, "ALBRequestCount": GroupMetric.REQUEST_COUNT}
_LOADS = {
    "ASGTotalCPUUtilization": GroupMetric.CPU_UTILIZATION,
    "ALBTargetGroupRequestCount": GroupMetric.REQUEST_COUNT,
}
_SCALES = {
    "ASGAverageCPUUtilization": GroupMetric.CPU_UTILIZATION,
    "ALBRequestCountPerTarget": GroupMetric.REQUEST_COUNT,
}
_NETWORK = {
    "PredefinedMetricPairSpecification": ("ASGNetworkIn", "ASGNetworkOut"),
    "PredefinedLoadMetricSpecification": ("ASGTotalNetworkIn", "ASGTotalNetworkOut"),
    "PredefinedScalingMetricSpecification": ("ASGAverageNetworkIn", "ASGAverageNetworkOut"),
}
_CUSTOMIZED = (
    "CustomizedLoadMetricSpecification",
    "CustomizedScalingMetricSpecification",
    "CustomizedCapacityMetricSpecification",
)
# A load that is a whole number of targets but for the last digit needs no instance more.
_ROUNDING = 1e-9
# Sums of Unix times are good to a microsecond or so: a time that close before an hour is in it.
_HOUR_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveScaling:
    """Settings of a policy.

    Attributes:
        name: Its name.
        metric: CPU utilization, or requests.
        target: Percent of one instance's CPU, or requests per instance and minute.
        scales: Whether it acts (``ForecastAndScale``) or only forecasts.
        buffer_s: ``SchedulingBufferTime``: how long before the hour it acts.
        headroom_percent: ``MaxCapacityBuffer``: how far above the forecast the group's maximum is raised; None where
            the maximum is kept (``HonorMaxCapacity``).
    """

    name: str
    metric: GroupMetric
    target: float
    scales: bool
    buffer_s: float
    headroom_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyLoad:
    """What a group carried in whole Unix hours up to a moment, newest last; both series are as long.

    Attributes:
        cpu_percent: Sum of the CPU utilization of all instances, mean of the hour, percent of one instance.
        requests_per_min: Requests per minute, mean of the hour.
    """

    cpu_percent: tuple[float, ...] = ()
    requests_per_min: tuple[float, ...] = ()

    def of(self, metric: GroupMetric) -> tuple[float, ...]:
        """The series that a metric is forecast from, no longer than AWS looks back."""
        series = self.cpu_percent if metric is GroupMetric.CPU_UTILIZATION else self.requests_per_min
        return series[-MOST_HOURS:]


NO_HISTORY = HourlyLoad()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a policy remembers.

    Attributes:
        hour: The running hour, counted from 1970.
        history: Load of the whole hours before it, newest last.
        total: Sum of the loads of the minutes of the running hour.
        minutes: How many those are.
        first_hour: Hour of the first forecast; None before there is one.
        capacities: Instances needed in that hour and the following.
    """

    hour: int
    history: tuple[float, ...]
    total: float = 0.0
    minutes: int = 0
    first_hour: int | None = None
    capacities: tuple[int, ...] = ()


def read(policy: ScalingPolicy) -> PredictiveScaling:
    """Settings of a policy.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: A metric that the simulation does not emit, or a value that is known only after deployment.
    """
    settings = Settings(policy)
    specifications = settings.mappings("MetricSpecifications")
    if len(specifications) != 1:
        problem = f"are {len(specifications)}" if specifications else "is missing"
        raise settings.refuse("MetricSpecifications", problem, "Give one, with its TargetValue and metrics.")
    (specification,) = specifications
    target = specification.number("TargetValue")
    if target <= 0:
        raise specification.refuse("TargetValue", f"is {target:g}", "Give a number above 0.")
    buffer_s = settings.number("SchedulingBufferTime", _BUFFER_S, least=0)
    if buffer_s >= HOUR_S:
        raise settings.refuse("SchedulingBufferTime", f"is {buffer_s:g}", "Give fewer than 3600 s.")
    mode = settings.text("Mode", "ForecastOnly", among=("ForecastOnly", "ForecastAndScale"))
    return PredictiveScaling(
        name=policy.name,
        metric=_metric(specification),
        target=target,
        scales=mode == "ForecastAndScale",
        buffer_s=buffer_s,
        headroom_percent=_headroom_percent(settings),
    )


def _headroom_percent(settings: Settings) -> float | None:
    breach = settings.text(
        "MaxCapacityBreachBehavior", "HonorMaxCapacity", among=("HonorMaxCapacity", "IncreaseMaxCapacity")
    )
    if breach == "HonorMaxCapacity":
        if settings.has("MaxCapacityBuffer"):
            raise settings.refuse(
                "MaxCapacityBuffer", "is for IncreaseMaxCapacity alone", "Leave it out, or let the maximum be raised."
            )
        return None
    percent = settings.number("MaxCapacityBuffer", least=0)
    if percent > 100:
        raise settings.refuse("MaxCapacityBuffer", f"is {percent:g}", "Give 0 to 100 percent.")
    return percent


def _metric(specification: Settings) -> GroupMetric:
    """What is forecast and kept: a pair of metrics, or the same two given separately."""
    if any(specification.has(name) for name in _CUSTOMIZED):
        raise Unsupported("it forecasts a custom metric, and Tonnage forecasts predefined metrics only")
    pair = _predefined(specification, "PredefinedMetricPairSpecification", _PAIRS)
    if pair is not None:
        return pair
    load = _predefined(specification, "PredefinedLoadMetricSpecification", _LOADS)
    scale = _predefined(specification, "PredefinedScalingMetricSpecification", _SCALES)
    if load is None or scale is None:
        raise specification.refuse(
            "PredefinedMetricPairSpecification",
            "is missing",
            "Give it, or a load metric and a scaling metric.",
        )
    if load is not scale:
        raise Unsupported("its load metric and its scaling metric differ, and AWS does not publish how it relates them")
    return load


def _predefined(specification: Settings, name: str, metrics: dict[str, GroupMetric]) -> GroupMetric | None:
    inside = specification.mapping(name)
    if inside is None:
        return None
    kind = inside.text("PredefinedMetricType", among=(*metrics, *_NETWORK[name]))
    if kind not in metrics:
        raise Unsupported(f"it forecasts {kind}, and the simulation does not emit network metrics")
    return metrics[kind]


def describe(settings: PredictiveScaling) -> str:
    """One line for a report: "CPU at 50 %, 300 s ahead of the hour"."""
    name, unit = UNITS[settings.metric]
    kept = f"{name} at {settings.target:g}{unit or ' per target and minute'}"
    if not settings.scales:
        return f"{kept}, forecasts only and changes nothing"
    parts = [kept, f"{settings.buffer_s:g} s ahead of the hour"]
    if settings.headroom_percent is not None:
        parts.append(f"raises the maximum to {settings.headroom_percent:g} % above the forecast")
    return ", ".join(parts)


def begin(settings: PredictiveScaling, history: HourlyLoad, now_unix_s: float) -> Prediction:
    """What a policy knows that has been there for as long as its history; ``now_unix_s`` is in its running hour."""
    known = history.of(settings.metric)
    return advance(settings, Prediction(hour=_hour(now_unix_s), history=known), now_unix_s)


def gather(
    settings: PredictiveScaling, prediction: Prediction, minute_unix_s: float, cpu_percent: float, requests: float
) -> Prediction:
    """Take a minute into its hour.

    Args:
        settings: The policy.
        prediction: What it remembers.
        minute_unix_s: Beginning of the minute.
        cpu_percent: Sum of the CPU utilization of all instances.
        requests: Requests in the minute.
    """
    prediction = _close_hours(prediction, _hour(minute_unix_s))
    load = cpu_percent if settings.metric is GroupMetric.CPU_UTILIZATION else requests
    return replace(prediction, total=prediction.total + load, minutes=prediction.minutes + 1)


def advance(settings: PredictiveScaling, prediction: Prediction, now_unix_s: float) -> Prediction:
    """Close the hours that are over, and forecast anew where six have passed, or as soon as a day is known."""
    prediction = _close_hours(prediction, _hour(now_unix_s))
    first = prediction.first_hour
    if len(prediction.history) < LEAST_HOURS or (first is not None and prediction.hour < first + REFRESH_HOURS):
        return prediction
    loads = forecast(np.array(prediction.history), HORIZON_HOURS)
    capacities = tuple(math.ceil(load / settings.target * (1.0 - _ROUNDING)) for load in loads.tolist())
    return replace(prediction, first_hour=prediction.hour, capacities=capacities)


def _hour(unix_s: float) -> int:
    """Hour that a time is in, counted from 1970."""
    return math.floor(unix_s / HOUR_S + _HOUR_ROUNDING)


def _close_hours(prediction: Prediction, hour: int) -> Prediction:
    """An hour of which no minute was seen is taken to be as the one before it."""
    while prediction.hour < hour:
        history = prediction.history
        if prediction.minutes:
            history = (*history, prediction.total / prediction.minutes)
        elif history:
            history = (*history, history[-1])
        prediction = replace(prediction, hour=prediction.hour + 1, history=history[-MOST_HOURS:], total=0.0, minutes=0)
    return prediction


def needed(settings: PredictiveScaling, prediction: Prediction, now_unix_s: float) -> int | None:
    """Instances that the forecast asks for now: the running hour's, or the next one's if that is already prepared.

    Returns:
        None where there is no forecast, or the policy only forecasts.
    """
    if prediction.first_hour is None or not settings.scales:
        return None
    hours = {_hour(now_unix_s + ahead_s) for ahead_s in (0.0, settings.buffer_s)}
    wanted = [prediction.capacities[k] for h in hours if 0 <= (k := h - prediction.first_hour) < HORIZON_HOURS]
    return max(wanted, default=None)


def maximum_for(settings: PredictiveScaling, capacity: int, maximum: int) -> int:
    """The group's maximum when so many instances are forecast.

    It is raised where forecast and buffer exceed it, and stays raised. API reference: with a buffer of 10 percent, a
    forecast of 50 and a maximum of 40 the effective maximum is 55. Broken numbers are rounded down.
    """
    if settings.headroom_percent is None:
        return maximum
    return max(maximum, math.floor(capacity * (100.0 + settings.headroom_percent) / 100.0))


def next_unix_s(settings: PredictiveScaling, after_unix_s: float) -> float:
    """When the needed capacity may change next, strictly after a time: an hour begins, or is prepared."""
    hour_s = (_hour(after_unix_s) + 1) * HOUR_S
    prepared_s = (_hour(after_unix_s + settings.buffer_s) + 1) * HOUR_S - settings.buffer_s
    return min(hour_s, prepared_s)
