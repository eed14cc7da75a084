"""What triggers do to a workload, in a terminal and as JSON."""

import json
import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tonnage.advise.resilience import Recovery, Resilience
from tonnage.report import figures

SCHEMA = "tonnage.resilience/1"
_STYLES = {"stable": "green", "vulnerable": "bold red", "overload": "yellow"}


def sentence(result: Resilience) -> str:
    """The answer about one trigger in a sentence."""
    unsafe, safe = result.unsafe_from_per_s, result.safe_to_per_s
    line = figures.rate(result.load_line_per_s)
    if unsafe is None:
        longest = max((item.recovery_s for item in result.recoveries if item.state == "stable"), default=0.0)
        return f"It recovers at every load tried below the load line of {line}, after {figures.span(longest)} at most."
    text = f"From {figures.rate(unsafe)} on it does not recover by itself, although the load line is {line}"
    return text + (f"; up to {figures.rate(safe)} it does." if safe else "; at no load tried does it recover.")


def print_resilience(name: str, results: Sequence[Resilience], console: Console) -> None:
    """Print what each trigger does, load by load."""
    console.print(f"[bold]{name}[/]: after a trigger, does it recover?", highlight=False)
    for result in results:
        console.print()
        console.print(f"[bold]{result.trigger.text}[/]", highlight=False)
        console.print("  " + sentence(result), highlight=False, markup=False)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for title in ("  load", "of the line", "then", "recovers after", "worst errors", "p99 at the end"):
            table.add_column(title, justify="left", no_wrap=True)
        for item in result.recoveries:
            table.add_row(
                "  " + figures.rate(item.rate_per_s),
                figures.percent(item.fraction),
                f"[{_STYLES[item.state]}]{item.state}[/]",
                "never" if math.isinf(item.recovery_s) else figures.span(item.recovery_s),
                figures.percent(item.worst_errors),
                figures.latency(item.latency_s),
            )
        console.print(table, highlight=False)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _recovery(item: Recovery) -> dict[str, Any]:
    return {
        "rate_per_s": item.rate_per_s,
        "fraction": item.fraction,
        "state": item.state,
        "recovery_s": _number(item.recovery_s),
        "worst_errors": item.worst_errors,
        "latency_s": _number(item.latency_s),
        "stopped": item.outcome.stopped,
        "window_s": item.outcome.window_s,
        "windows": item.outcome.windows.tolist(),
    }


def resilience_json(name: str, seed: int, results: Sequence[Resilience]) -> str:
    """The same as JSON text: times in seconds, infinity as null; windows are [arrived, answered in time, failed]."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "workload": name,
            "seed": seed,
            "load_line_per_s": results[0].load_line_per_s if results else None,
            "triggers": [
                {
                    "trigger": result.trigger.text,
                    "unsafe_from_per_s": result.unsafe_from_per_s,
                    "safe_to_per_s": result.safe_to_per_s,
                    "recoveries": [_recovery(item) for item in result.recoveries],
                }
                for result in results
            ],
        },
        indent=2,
    )
