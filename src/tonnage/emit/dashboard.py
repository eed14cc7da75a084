"""A CloudWatch dashboard: for each component the metrics that decide, with the lines that it must stay below.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

import json
from collections.abc import Iterator, Mapping

from tonnage.emit.near_limit import NearLimit
from tonnage.emit.reporting import REPORTING, Reporting
from tonnage.workload import Addition, Component, Reference, Text, Value, Workload

_WIDTH, _HEIGHT, _WHOLE = 8, 6, 24
_RED, _ORANGE = "#d13212", "#ff9900"


def dashboard(workload: Workload, near: NearLimit) -> Addition:
    """The dashboard as a resource to add: three graphs a row, a heading above.

    Args:
        workload: The workload.
        near: How it stands near its load line.
    """
    holes: dict[str, Value] = {}
    widgets = [_heading(workload, near)]
    at = 0
    for component in workload.components.values():
        reporting = REPORTING.get(component.kind)
        resource = workload.stack.resources.get(component.name)
        dimensions = reporting.dimensions(resource) if reporting and resource else None
        if reporting is None or dimensions is None:
            continue
        for title, metrics, lines in _graphs(component, reporting, workload, near):
            place = {"x": at % 3 * _WIDTH, "y": 2 + at // 3 * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
            named = [_hole(value, holes) for pair in dimensions.items() for value in pair]
            widgets.append(
                {
                    "type": "metric",
                    **place,
                    "properties": {
                        "title": f"{component.name}: {title}",
                        "region": "us-east-1" if reporting.namespace == "AWS/CloudFront" else workload.region,
                        "period": 60,
                        "metrics": [[reporting.namespace, name, *named, {"stat": stat}] for name, stat in metrics],
                        **({"annotations": {"horizontal": lines}} if lines else {}),
                    },
                }
            )
            at += 1
    body = _filled(json.dumps({"widgets": widgets}), holes)
    return Addition(
        component=next(iter(workload.components)),
        title=f"a dashboard of {at} graphs",
        resources={
            "TonnageDashboard": {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {"DashboardName": f"{workload.name}-load", "DashboardBody": body},
            }
        },
    )


def _heading(workload: Workload, near: NearLimit) -> dict[str, object]:
    line = near.line
    gives = line.gives_way[0] if line.gives_way else None
    first = f" What gives way first: **{gives.component}**: {gives.text}." if gives else ""
    text = (
        f"# {workload.name}\nLoad line **{line.rate_per_s:,.0f} requests/s** (simulated, seed {near.seed}); "
        f"orange lines: four fifths of it, red lines: the load line, an objective or a limit.{first}"
    )
    return {"type": "text", "x": 0, "y": 0, "width": _WHOLE, "height": 2, "properties": {"markdown": text}}


_Graph = tuple[str, list[tuple[str, str]], list[dict[str, object]]]


def _graphs(component: Component, reporting: Reporting, workload: Workload, near: NearLimit) -> Iterator[_Graph]:
    share = sum(route.share for route in workload.routes if route.entry.component == component.name)
    bounded = share and not (near.line.never or near.line.at_least)
    if reporting.load:
        lines = (
            [
                _line("load line", near.line.rate_per_s * share * 60.0, _RED),
                _line("four fifths", near.rate_per_s * share * 60.0, _ORANGE),
            ]
            if bounded
            else []
        )
        yield "requests a minute", [(reporting.load, "Sum")], lines
    if reporting.latency:
        missed = [
            _line(objective.text, objective.threshold * reporting.latency_per_s, _RED)
            for objective in workload.objectives
            if share and objective.indicator == "latency" and objective.route is None
        ]
        yield "latency", [(reporting.latency, "p50"), (reporting.latency, "p99")], missed
    if reporting.busy:
        busy = near.busy.get(component.name)
        lines = [] if busy is None else [_line("at four fifths of the load line", 100.0 * busy, _ORANGE)]
        yield "CPU %", [(reporting.busy, "Average"), (reporting.busy, "Maximum")], lines
    if reporting.in_use:
        limit = near.limits.get(component.name, {}).get(reporting.limit)
        yield reporting.in_use, [(reporting.in_use, "Maximum")], [_line("limit", limit, _RED)] if limit else []
    turned = (*reporting.refused, *reporting.failures)
    if turned:
        yield "refused and failed", [(name, "Sum") for name in turned], []
    if reporting.age:
        yield "age of what waits", [(reporting.age, "Maximum")], []


def _line(label: str, value: float, color: str) -> dict[str, object]:
    return {"label": label, "value": float(f"{value:.4g}"), "color": color}


def _hole(value: Value, holes: dict[str, Value]) -> str:
    """A value as the text of a name; what AWS calls a resource is left open."""
    if isinstance(value, str):
        return value
    name = f"@{len(holes)}@"
    holes[name] = value
    return name


def _filled(text: str, holes: Mapping[str, Value]) -> Value:
    parts: list[str | Reference] = []
    rest = text
    for name, value in holes.items():
        before, _, rest = rest.partition(name)
        inner = value.parts if isinstance(value, Text) else (value,)
        parts += [before, *(part for part in inner if isinstance(part, str | Reference))]
    return Text((*parts, rest)) if parts else rest
