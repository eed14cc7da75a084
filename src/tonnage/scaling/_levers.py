"""Values that are worth trying for the settings of a scaling policy.

Targets from 30 to 80 % of the CPU span what the user guides' examples use; warm-ups and cooldowns from a minute to the
five of the defaults (Amazon EC2 Auto Scaling and Application Auto Scaling user guides).
"""

from collections.abc import Iterable, Mapping

from tonnage.workload import ScalingPolicy

CPU_TARGETS = (30.0, 40.0, 50.0, 60.0, 70.0, 80.0)
WARM_UPS_S = (60.0, 120.0, 180.0, 300.0)
COOLDOWNS_S = (60.0, 120.0, 300.0)
PERIODS = (1.0, 2.0, 3.0)
_FACTORS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5)


def around(now: float | None, values: Iterable[float]) -> tuple[float, ...]:
    """Values with the present one among them; None is unset."""
    return tuple(sorted({*values} if now is None else {*values, now}))


def scaled(now: float) -> tuple[float, ...]:
    """Multiples of a value whose right size only the workload tells, such as requests per target."""
    return tuple(sorted({float(max(1, round(now * factor))) if factor != 1.0 else now for factor in _FACTORS}))


def alarm_levers(policy: ScalingPolicy) -> dict[str, tuple[float, ...]]:
    """Values of the alarm that fires a policy when load is high; nothing of one that fires when it is low."""
    alarm = policy.settings.get("Alarm")
    if not isinstance(alarm, Mapping) or not str(alarm.get("ComparisonOperator", "")).startswith("Greater"):
        return {}
    found: dict[str, tuple[float, ...]] = {}
    threshold, periods = (policy.settings.get(f"Alarm.{name}") for name in ("Threshold", "EvaluationPeriods"))
    if isinstance(threshold, int | float) and threshold > 0:
        found["Alarm.Threshold"] = around(threshold, CPU_TARGETS) if threshold <= 100 else scaled(threshold)
    if isinstance(periods, int | float) and "Alarm.DatapointsToAlarm" not in policy.settings:
        found["Alarm.EvaluationPeriods"] = around(periods, PERIODS)
    return found
