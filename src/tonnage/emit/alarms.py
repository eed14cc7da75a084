"""CloudWatch alarms that ring before what gives way first, with thresholds from the simulation.

An alarm looks at minutes, three of five of them, and takes missing data for good: Elastic Load Balancing and Lambda
report nothing while nothing happens (CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data").
"""

from collections.abc import Iterator, Mapping

from tonnage.emit.near_limit import NearLimit
from tonnage.emit.reporting import REPORTING, Reporting
from tonnage.services import DETAILED_MONITORING
from tonnage.workload import Addition, Component, Objective, Value, Workload

_PERIOD_S = 60
_SLOW_PERIOD_S = 300
"""EC2 reports every five minutes unless detailed monitoring is on, and credits always so (EC2 user guide, "List the
available CloudWatch metrics for your instances")."""
_LEAST_BUSY = 0.5
"""A component that is half idle near the load line is not what gives way."""
_USED = 0.8
_LOW_BALANCE = {"CPUCreditBalance": 20.0, "BurstCreditBalance": 1e11}
"""Credits of 20 minutes of one vCPU; 100 GB of a file system's burst."""


def alarms(workload: Workload, near: NearLimit) -> tuple[Addition, ...]:
    """One addition for each component that can ring.

    Args:
        workload: The workload.
        near: How it stands near its load line.
    """
    found = []
    for component in workload.components.values():
        reporting = REPORTING.get(component.kind)
        resource = workload.stack.resources.get(component.name)
        dimensions = reporting.dimensions(resource) if reporting and resource else None
        if reporting is None or dimensions is None:
            continue
        made = dict(_of(component, reporting, dimensions, workload, near))
        if made:
            found.append(
                Addition(component=component.name, title=f"{len(made)} alarms of {component.name}", resources=made)
            )
    return tuple(found)


def _of(
    component: Component, reporting: Reporting, dimensions: Mapping[str, Value], workload: Workload, near: NearLimit
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    base = "".join(part[:1].upper() + part[1:] for part in _words(component.name))

    def alarm(
        what: str,
        metric: str,
        statistic: str,
        threshold: float,
        because: str,
        *,
        below: bool = False,
        slow: bool = False,
    ) -> tuple[str, Mapping[str, Value]]:
        chosen = {"ExtendedStatistic": statistic} if statistic.startswith("p") else {"Statistic": statistic}
        properties: dict[str, Value] = {
            "AlarmName": f"{workload.name}-{base}-{what}",
            "AlarmDescription": because,
            "Namespace": reporting.namespace,
            "MetricName": metric,
            "Dimensions": tuple({"Name": name, "Value": value} for name, value in dimensions.items()),
            **chosen,
            "Period": _SLOW_PERIOD_S if slow else _PERIOD_S,
            "EvaluationPeriods": 2 if slow else 5,
            "DatapointsToAlarm": 2 if slow else 3,
            "Threshold": _round(threshold),
            "ComparisonOperator": f"{'LessThan' if below else 'GreaterThan'}Threshold",
            "TreatMissingData": "notBreaching",
        }
        return f"{base}{what}Alarm", {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}

    share = sum(route.share for route in workload.routes if route.entry.component == component.name)
    line = near.line
    if reporting.load and share and not (line.never or line.at_least):
        yield alarm(
            "Load", reporting.load, "Sum", near.rate_per_s * share * _PERIOD_S,
            f"{near.rate_per_s:,.0f} requests/s, four fifths of the load line of {line.rate_per_s:,.0f} "
            f"(simulated, seed {near.seed}); above it: {', '.join(line.missed) or 'an objective is missed'}",
        )  # fmt: skip
    if share:
        yield from _objectives(workload.objectives, reporting, workload, share, alarm)
    busy = near.busy.get(component.name)
    if reporting.busy and busy is not None and busy >= _LEAST_BUSY:
        yield alarm(
            "Busy", _busy(component, reporting), "Average", 100.0 * busy,
            f"the CPU that the simulation has in the busiest minute at {near.rate_per_s:,.0f} requests/s, "
            f"four fifths of the load line (seed {near.seed})",
            slow=reporting.namespace == "AWS/EC2" and not component.settings.get(DETAILED_MONITORING),
        )  # fmt: skip
    limit = near.limits.get(component.name, {}).get(reporting.limit)
    if reporting.in_use and limit:
        yield alarm(
            "InUse", reporting.in_use, "Maximum", _USED * limit,
            f"four fifths of the {limit:,.0f} that there are ({reporting.limit})",
        )  # fmt: skip
    for metric in reporting.refused:
        yield alarm(_only(metric), metric, "Sum", 0, "something was turned away: there was no room for it")
    if reporting.balance in _LOW_BALANCE and _earns_credits(component):
        yield alarm(
            "Credits", reporting.balance, "Minimum", _LOW_BALANCE[reporting.balance],
            "credits are nearly gone: below, the baseline is all there is, or surplus is billed", below=True, slow=True,
        )  # fmt: skip


def _objectives(
    objectives: tuple[Objective, ...], reporting: Reporting, workload: Workload, share: float, alarm: object
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    make = alarm
    assert callable(make)
    for objective in objectives:
        if objective.route is not None:
            continue
        if objective.indicator == "latency" and reporting.latency:
            statistic = "Average" if objective.percentile is None else f"p{objective.percentile:g}"
            threshold = objective.threshold * reporting.latency_per_s
            yield make(
                f"Latency{statistic.title()}", reporting.latency, statistic, threshold, f"objective: {objective.text}"
            )
        if objective.indicator == "latency" and reporting.age:
            threshold = objective.threshold * reporting.age_per_s
            yield make("Age", reporting.age, "Maximum", threshold, f"objective: {objective.text}")
        if objective.indicator == "errors" and reporting.failures:
            per_minute = objective.threshold * workload.traffic.peak_per_s * share * _PERIOD_S
            for metric in reporting.failures:
                because = f"objective: {objective.text}; that share of the requests of a minute of today's peak"
                yield make(_only(metric), metric, "Sum", per_minute, because)


def _busy(component: Component, reporting: Reporting) -> str:
    """Only Redis and Valkey report the CPU of the engine."""
    return "CPUUtilization" if component.settings.get("Engine") == "memcached" else reporting.busy


def _earns_credits(component: Component) -> bool:
    """Whether it has a balance that can run out: a T type, a file system that bursts."""
    size = str(component.settings.get("InstanceType") or component.settings.get("DBInstanceClass") or "")
    bursting = component.settings.get("ThroughputMode", "bursting") == "bursting"
    return size.removeprefix("db.").startswith("t") or (component.kind.startswith("AWS::EFS") and bursting)


def _words(name: str) -> list[str]:
    return [part for part in "".join(each if each.isalnum() else " " for each in name).split() if part]


def _only(metric: str) -> str:
    return "".join(_words(metric.replace("HTTPCode", "").replace("_", " ")))


def _round(value: float) -> float | int:
    """Three digits: more would be false precision."""
    rounded = float(f"{value:.3g}")
    return int(rounded) if rounded.is_integer() else rounded
