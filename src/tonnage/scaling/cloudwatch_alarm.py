"""A CloudWatch metric alarm: M of N datapoints, missing data, and what it says.

Source: Amazon CloudWatch user guide, "Alarm evaluation" and "Configuring how alarms treat missing data". Not modelled:
the band operators of anomaly detection, percentile statistics, periods below one minute, and the hourly
evaluation of alarms over more than a day (they are evaluated every minute here).
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.scaling.group_metric import GroupMetric, Statistic, Watch, Watched
from tonnage.scaling.watched_metric import name_and_unit, read_watched
from tonnage.workload import ScalingPolicy

EXTRA_DATAPOINTS = 2
"""How many datapoints beyond ``EvaluationPeriods`` CloudWatch fetches. Not documented in general; the tables of
"Configuring how alarms treat missing data" show five for three evaluation periods."""

_DAY_S = 86_400.0


class AlarmState(StrEnum):
    """State of an alarm, as CloudWatch calls it."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class TreatMissingData(StrEnum):
    """How an alarm counts a datapoint that did not arrive."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class ComparisonOperator(StrEnum):
    """When a datapoint breaches."""

    GREATER = "GreaterThanThreshold"
    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"


_COMPARE: Mapping[ComparisonOperator, Callable[[float, float], bool]] = {
    ComparisonOperator.GREATER: operator.gt,
    ComparisonOperator.GREATER_OR_EQUAL: operator.ge,
    ComparisonOperator.LESS: operator.lt,
    ComparisonOperator.LESS_OR_EQUAL: operator.le,
}
_WORDS: Mapping[ComparisonOperator, tuple[str, str]] = {
    ComparisonOperator.GREATER: ("above", ">"),
    ComparisonOperator.GREATER_OR_EQUAL: ("at or above", "≥"),
    ComparisonOperator.LESS: ("below", "<"),
    ComparisonOperator.LESS_OR_EQUAL: ("at or below", "≤"),
}
_UPWARD = (ComparisonOperator.GREATER, ComparisonOperator.GREATER_OR_EQUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm on a metric of the group.

    Attributes:
        metric: What it watches.
        statistic: The statistic of each period.
        period_s: Period, a multiple of 60.
        evaluation_periods: N: how many datapoints are judged.
        datapoints_to_alarm: M: how many of them must breach.
        threshold: In the metric's unit.
        comparison: When a datapoint breaches.
        missing: How missing datapoints count.
    """

    metric: Watched
    statistic: Statistic
    period_s: float
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: ComparisonOperator
    missing: TreatMissingData = TreatMissingData.MISSING


def evaluation_range(evaluation_periods: int) -> int:
    """How many of the newest datapoints CloudWatch looks at for so many evaluation periods."""
    return evaluation_periods + EXTRA_DATAPOINTS


def watch(alarm: Alarm) -> Watch:
    """What the alarm must be shown."""
    return Watch(
        metric=alarm.metric,
        statistic=alarm.statistic,
        period_s=alarm.period_s,
        periods=evaluation_range(alarm.evaluation_periods),
    )


def evaluate(alarm: Alarm, state: AlarmState, datapoints: Sequence[float | None]) -> AlarmState:
    """State of an alarm after one evaluation.

    With a full set the newest N are judged. With gaps the newest N real datapoints of the evaluation range are, if
    there are so many; otherwise all real ones are kept and as few as possible are filled in by ``TreatMissingData``.

    Args:
        alarm: The alarm.
        state: Its state before.
        datapoints: Newest last; None is missing. Until there are N, real or missing, the state is kept: what was
            before the first is not known to be missing.
    """
    periods = alarm.evaluation_periods
    if len(datapoints) < periods:
        return state
    judged = datapoints[-periods:]
    if None in judged:
        real = [point for point in datapoints[-evaluation_range(periods) :] if point is not None]
        if len(real) < periods:
            return _evaluate_with_gaps(alarm, state, datapoints[-evaluation_range(periods) :], real)
        judged = real[-periods:]
    # At least M of them breach exactly when the M-th most extreme one does.
    ordered = sorted(judged)  # type: ignore[type-var]
    decisive = ordered[-alarm.datapoints_to_alarm if alarm.comparison in _UPWARD else alarm.datapoints_to_alarm - 1]
    breached = decisive is not None and _COMPARE[alarm.comparison](decisive, alarm.threshold)
    return AlarmState.ALARM if breached else AlarmState.OK


def _evaluate_with_gaps(
    alarm: Alarm, state: AlarmState, datapoints: Sequence[float | None], real: Sequence[float]
) -> AlarmState:
    """Fewer real datapoints in the range than evaluation periods.

    Where every real datapoint breaches and yet fewer than M do, treatment ``missing`` alarms once the oldest of them
    has reached position M, so that a sparse metric can alarm at all; ``ignore`` keeps the state.
    """
    filled = alarm.evaluation_periods - len(real)
    breaching = sum(_COMPARE[alarm.comparison](point, alarm.threshold) for point in real)
    if alarm.missing is TreatMissingData.BREACHING:
        breaching += filled
    if breaching >= alarm.datapoints_to_alarm:
        return AlarmState.ALARM
    if alarm.missing in (TreatMissingData.BREACHING, TreatMissingData.NOT_BREACHING):
        return AlarmState.OK
    if not real:
        return AlarmState.INSUFFICIENT_DATA if alarm.missing is TreatMissingData.MISSING else state
    if breaching < len(real):
        return AlarmState.OK
    oldest = next(place for place, point in enumerate(datapoints) if point is not None)
    if alarm.missing is TreatMissingData.MISSING and len(datapoints) - oldest >= alarm.datapoints_to_alarm:
        return AlarmState.ALARM
    return state


def reason(alarm: Alarm, datapoints: Sequence[float | None]) -> str:
    """Why an alarm is in ALARM: "3 of 3 datapoints above 70.0 (newest 83.1)"."""
    real = [point for point in datapoints[-evaluation_range(alarm.evaluation_periods) :] if point is not None]
    judged = real[-alarm.evaluation_periods :]
    breaching = sum(_COMPARE[alarm.comparison](point, alarm.threshold) for point in judged)
    gaps = alarm.evaluation_periods - len(judged)
    words = f"{breaching} of {len(judged)} datapoints {_WORDS[alarm.comparison][0]} {figure(alarm.threshold)}"
    newest = f" (newest {figure(judged[-1])})" if judged else ""
    return f"{words}{newest}{f', {gaps} missing' if gaps else ''}"


def figure(number: float) -> str:
    """A metric value as reasons show it."""
    return f"{number:.1f}" if abs(number) >= 1 or number == 0 else f"{number:.3g}"


def describe(alarm: Alarm) -> str:
    """One phrase: "CPU > 70 % in 3 of 3 × 60 s"."""
    name, unit = name_and_unit(alarm.metric)
    plain = alarm.metric in (GroupMetric.CPU_UTILIZATION, GroupMetric.REQUEST_COUNT)
    statistic = _statistic(alarm) if plain else ""
    return (
        f"{statistic}{name} {_WORDS[alarm.comparison][1]} {alarm.threshold:g}{unit} in {alarm.datapoints_to_alarm} of "
        f"{alarm.evaluation_periods} × {alarm.period_s:g} s"
    )


def _statistic(alarm: Alarm) -> str:
    usual = Statistic.AVERAGE if alarm.metric is GroupMetric.CPU_UTILIZATION else Statistic.SUM
    return "" if alarm.statistic is usual else f"{alarm.statistic.value} of "


def read(policy: ScalingPolicy) -> Alarm:
    """The alarm that fires a step or simple policy, from its setting ``Alarm``.

    Raises:
        WorkloadError: A value that CloudWatch would refuse.
        Unsupported: No alarm, or one that watches what a simulation does not emit.
    """
    settings = Settings(policy).mapping("Alarm")
    if settings is None:
        raise Unsupported("no CloudWatch alarm in the files fires it")
    if not settings.switch("ActionsEnabled", default=True):
        raise Unsupported("the actions of its alarm are switched off (ActionsEnabled)")
    metric, statistic, period_s = read_watched(settings)
    operators = tuple(item.value for item in ComparisonOperator)
    comparison = settings.text("ComparisonOperator")
    if "LowerOr" in comparison or "UpperThreshold" in comparison or "LowerThreshold" in comparison:
        raise Unsupported("its alarm compares with an anomaly detection band")
    periods = settings.whole("EvaluationPeriods", least=1)
    to_alarm = settings.whole("DatapointsToAlarm", periods, least=1)
    if to_alarm > periods:
        raise settings.refuse("DatapointsToAlarm", f"is {to_alarm}, more than EvaluationPeriods", "Lower it.")
    return Alarm(
        metric=metric,
        statistic=statistic,
        period_s=_period_s(settings, period_s, periods),
        evaluation_periods=periods,
        datapoints_to_alarm=to_alarm,
        threshold=settings.number("Threshold"),
        comparison=ComparisonOperator(settings.text("ComparisonOperator", among=operators)),
        missing=TreatMissingData(
            settings.text("TreatMissingData", "missing", among=tuple(item.value for item in TreatMissingData))
        ),
    )


def _period_s(settings: Settings, period_s: float, evaluation_periods: int) -> float:
    if period_s in (10, 20, 30):
        raise Unsupported(f"its alarm has a period of {period_s:g} s, and metrics are simulated by the minute")
    if period_s % 60:
        raise settings.refuse("Period", f"is {period_s:g}", "Give a multiple of 60 seconds.")
    longest_s = _DAY_S if period_s < 3600 else 7 * _DAY_S
    if period_s * evaluation_periods > longest_s:
        raise settings.refuse(
            "EvaluationPeriods", f"reaches back {period_s * evaluation_periods:g} s", f"Stay within {longest_s:g} s."
        )
    return period_s
