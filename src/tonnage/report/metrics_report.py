"""What CloudWatch has of an account, in a terminal and as JSON, with what the workload file may say because of it."""

import json
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from tonnage.iac.account.metrics import Series

SCHEMA = "tonnage.metrics/1"
_HIGH = 0.95


def print_metrics(series: Sequence[Series], period_s: int, console: Console) -> None:
    """Print a line for each metric: its mean, its 95th percentile and its extremes over the periods.

    Args:
        series: What was answered.
        period_s: Length of a period; sums are told by the second.
        console: Where.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for title in ("component", "metric", "statistic", "mean", "p95", "high", "low"):
        table.add_column(title, no_wrap=True, justify="left" if title in _WORDS else "right")
    for each in series:
        figures = _figures(each, period_s)
        unit = "/s" if each.metric.statistic == "Sum" else ""
        table.add_row(
            each.resource,
            each.metric.name,
            each.metric.statistic,
            *(f"{figures[name]:,.4g}{unit}" for name in ("mean", "p95", "highest", "lowest")),
        )
    console.print(table, highlight=False)


_WORDS = ("component", "metric", "statistic")


def _figures(series: Series, period_s: int) -> dict[str, float]:
    scale = period_s if series.metric.statistic == "Sum" else 1
    values = sorted(value / scale for value in series.values)
    return {
        "mean": sum(values) / len(values),
        "p95": values[min(len(values) - 1, int(_HIGH * len(values)))],
        "highest": values[-1],
        "lowest": values[0],
    }


def measured_lines(hits: Mapping[str, float], demands: Mapping[str, float]) -> Iterator[str]:
    """Lines for the workload file: what was measured instead of assumed.

    Args:
        hits: Hit ratio of each cache.
        demands: Seconds of a vCPU for each request of clients, by component.
    """
    if hits:
        yield "components:"
        for name, ratio in hits.items():
            yield f"  {name}:"
            yield f"    hit_ratio: {ratio:.3f} # hits over hits and misses"
    for name, demand_s in demands.items():
        yield f"# {name}: at most cpu: {1000 * demand_s:.3g} ms for each request of clients, by the utilization law"


def metrics_json(
    series: Sequence[Series], period_s: int, hits: Mapping[str, float], demands: Mapping[str, float]
) -> str:
    """The same, with every datapoint."""
    content = {
        "schema": SCHEMA,
        "period_s": period_s,
        "metrics": [
            {
                "component": each.resource,
                "metric": each.metric.name,
                "statistic": each.metric.statistic,
                **_figures(each, period_s),
                "times": [time.isoformat() for time in each.times],
                "values": list(each.values),
            }
            for each in series
        ],
        "hit_ratio": dict(hits),
        "cpu_s_per_request": dict(demands),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
