"""What the same work costs on instances, on Fargate and on Lambda, in a terminal and as JSON."""

import json

from rich.console import Console
from rich.table import Table

from tonnage.advise.break_even import BreakEven
from tonnage.report import figures

SCHEMA = "tonnage.break-even/1"


def print_break_even(name: str, found: BreakEven, console: Console) -> None:
    """Print costs by load, and where the cheapest changes."""
    work = found.work
    console.print(f"[bold]{name}[/]: {found.component} elsewhere", highlight=False)
    console.print(
        f"  A request computes {figures.latency(work.cpu_s)} on one m5 vCPU and waits {figures.latency(work.waited_s)} "
        f"for what it calls; the busiest step has {found.peak_over_mean:.1f} times the mean.",
        highlight=False,
        soft_wrap=True,
    )
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("  mean load", no_wrap=True)
    for variant in found.variants:
        table.add_column(f"{variant.name}{' (today)' if variant.present else ''}", no_wrap=True)
    for rate in sorted({*found.loads_per_s, found.mean_per_s}):
        costs = [variant.usd_per_month(rate) for variant in found.variants]
        cells = [f"[bold]{figures.usd(cost)}[/]" if cost == min(costs) else figures.usd(cost) for cost in costs]
        table.add_row(f"  {figures.rate(rate)}{' (today)' if rate == found.mean_per_s else ''}", *cells)
    console.print(table, highlight=False)
    console.print()
    if not found.changes:
        cheapest = min(found.variants, key=lambda each: each.usd_per_month(found.mean_per_s))
        console.print(f"  {cheapest.name} is the cheapest at every load.", highlight=False, markup=False)
    for change in found.changes:
        console.print(
            f"  From {figures.rate(change.rate_per_s)} on {change.after} costs less than {change.before}.",
            highlight=False,
            markup=False,
        )
    console.print(
        f"  USD a month. Instances and tasks follow the traffic at {found.utilization:.0%} of their CPU, never fewer "
        "than two; what stands before and behind is not counted.",
        highlight=False,
        soft_wrap=True,
    )


def break_even_json(name: str, found: BreakEven) -> str:
    """The same for machines."""
    loads = sorted({*found.loads_per_s, found.mean_per_s})
    return json.dumps(
        {
            "schema": SCHEMA,
            "workload": name,
            "component": found.component,
            "cpu_s": found.work.cpu_s,
            "waited_s": found.work.waited_s,
            "utilization": found.utilization,
            "mean_per_s": found.mean_per_s,
            "peak_over_mean": found.peak_over_mean,
            "loads_per_s": loads,
            "usd_per_month": {each.name: [each.usd_per_month(rate) for rate in loads] for each in found.variants},
            "present": next((each.name for each in found.variants if each.present), None),
            "changes": [
                {"rate_per_s": each.rate_per_s, "before": each.before, "after": each.after} for each in found.changes
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
