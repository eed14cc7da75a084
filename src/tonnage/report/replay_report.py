"""A replayed history, in a terminal and as JSON."""

import datetime as dt
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from tonnage.advise.replay import Elasticity, Replay, worst_windows
from tonnage.report import figures
from tonnage.report.series import windows

SCHEMA = "tonnage.replay/1"
_BARS = " ▁▂▃▄▅▆▇█"
_COLUMNS = 72
_SHOWN = 12
_DATED_S = 315_532_800.0
"""Times since 1980 are dates; smaller ones are times of a shape, which has none."""


def moment(replayed: Replay, time_s: float) -> str:
    """A time of the replay for people: ``Thu 04-10 10:05``, or ``day 2 10:05`` where the traffic has no date."""
    at_s = replayed.outcome.judged_from_s + time_s
    if at_s < _DATED_S:
        day, rest = divmod(at_s, 86_400.0)
        return f"day {int(day) + 1} {int(rest // 3600):02}:{int(rest % 3600 // 60):02}"
    return f"{dt.datetime.fromtimestamp(at_s, dt.UTC):%a %m-%d %H:%M}"


def bars(values: NDArray[np.float64], highest: float, columns: int = _COLUMNS) -> str:
    """A line of bars, each the largest value of its part of the time."""
    parts = np.array_split(values, min(columns, max(1, len(values))))
    tops = [float(np.max(part)) if len(part) else 0.0 for part in parts]
    last = len(_BARS) - 1
    return "".join(_BARS[min(last, math.ceil(top / max(highest, 1e-12) * last - 1e-9))] for top in tops)


def print_replay(name: str, replayed: Replay, console: Console) -> None:
    """Print what came of a history: objectives, capacity against need, activities, the worst hours, cost."""
    outcome = replayed.outcome
    how = "request by request" if outcome.fidelity == "request-level" else "as flows"
    first, last = moment(replayed, 0.0), moment(replayed, outcome.judged_s)
    console.print(f"[bold]{name}[/]: {figures.span(outcome.judged_s)} from {first} to {last}, replayed {how}")
    console.print()
    for judgement, missed in zip(replayed.judgements, replayed.missed, strict=True):
        mark = "[green]✓[/]" if judgement.met else "[red]✗[/]"
        text = f"  {judgement.objective.text}: {figures.indicated(judgement.objective, judgement.value)} {mark}"
        if len(missed):
            text += f"  missed in {int(missed.sum())} of {len(missed)} windows of {figures.span(outcome.window_s)}"
        console.print(text)
    console.print()
    offered = windows(outcome, ()).offered_per_s
    peak = float(offered.max(initial=0.0))
    console.print(f"  requests, up to {figures.rate(peak)}", markup=False)
    console.print("  " + bars(offered, peak), markup=False)
    for item in replayed.elasticities:
        _print_elasticity(item, replayed.busy, console)
    _print_activities(replayed, console)
    _print_happenings(replayed, console)
    _print_worst(replayed, console)
    console.print(
        f"  Cost: {figures.usd(replayed.usd)} in this time, {figures.usd(replayed.cost.usd)} a month.", markup=False
    )
    for finding in replayed.findings:
        console.print(f"  ! {finding.text}", markup=False, soft_wrap=True)
    for text in outcome.not_covered:
        console.print(f"  – not covered as flows: {text}", markup=False)


def _print_elasticity(item: Elasticity, busy: float, console: Console) -> None:
    most = max(float(item.supplied.max()), float(item.needed.max()))
    console.print(f"  {item.fleet.partition('/')[0]}: instances needed to be {busy:.0%} busy, and in service")
    console.print(f"  {bars(item.needed, most)} needed, up to {item.needed.max():.0f}", markup=False)
    console.print(f"  {bars(item.supplied, most)} in service, up to {item.supplied.max():.0f}", markup=False)
    few, many = figures.percent(item.time_too_few), figures.percent(item.time_too_many)
    console.print(
        f"  too few {few} of the time ({figures.percent(item.too_few)} of the need on average), "
        f"too many {many} ({figures.percent(item.too_many)}); against each other {figures.percent(item.instability)}; "
        f"{figures.whole(item.instance_hours)} instance hours",
        markup=False,
        soft_wrap=True,
    )
    console.print()


def _print_activities(replayed: Replay, console: Console) -> None:
    found = replayed.outcome.activities
    console.print(f"  {len(found)} scaling activities" + (":" if found else ""), markup=False)
    for fleet, time_s, _, _, reason in found[:_SHOWN]:
        console.print(
            f"    {moment(replayed, time_s)}  {fleet.partition('/')[0]}  {reason}", markup=False, soft_wrap=True
        )
    if len(found) > _SHOWN:
        console.print(f"    … {len(found) - _SHOWN} more in the JSON", markup=False)
    console.print()


def happened(replayed: Replay) -> list[str]:
    """What ran out, came back, went wrong or was left undone; what happens often is told once, with how often."""
    times: dict[tuple[str, str], list[float]] = {}
    for primitive, time_s, text in replayed.outcome.happenings:
        times.setdefault((primitive.partition("/")[0], text), []).append(time_s)
    return [
        f"{moment(replayed, at_s[0])}  {component}  {text}" + (f" ({len(at_s)} times)" if len(at_s) > 1 else "")
        for (component, text), at_s in times.items()
    ]


def _print_happenings(replayed: Replay, console: Console) -> None:
    found = happened(replayed)
    if not found:
        return
    console.print("  what happened:", markup=False)
    for line in found[:_SHOWN]:
        console.print(f"    {line}", markup=False, soft_wrap=True)
    if len(found) > _SHOWN:
        console.print(f"    … {len(found) - _SHOWN} more in the JSON", markup=False)
    console.print()


def _print_worst(replayed: Replay, console: Console) -> None:
    worst = worst_windows(replayed)
    if not worst:
        return
    outcome = replayed.outcome
    seen = windows(outcome, (99.0,))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("  worst windows", "requests", "errors", "p99"):
        table.add_column(title, no_wrap=True)
    for k in worst:
        arrived, lost = int(outcome.windows[k, 0]), int(outcome.windows[k, 2])
        table.add_row(
            "  " + moment(replayed, k * outcome.window_s),
            figures.rate(float(seen.offered_per_s[k])),
            figures.percent(lost / arrived if arrived else 0.0),
            figures.latency(float(seen.latency_s[99.0][k])),
        )
    console.print(table, highlight=False)
    console.print()


def replay_json(name: str, seed: int, replayed: Replay) -> str:
    """The same as JSON text: times in seconds from the beginning; windows are [arrived, answered in time, failed]."""
    outcome = replayed.outcome
    seen = windows(outcome, (50.0, 99.0))
    return json.dumps(
        {
            "schema": SCHEMA,
            "workload": name,
            "seed": seed,
            "fidelity": outcome.fidelity,
            "not_covered": list(outcome.not_covered),
            "factor": outcome.factor,
            "from_s": outcome.judged_from_s,
            "length_s": outcome.judged_s,
            "met": replayed.met,
            "objectives": [
                {
                    "objective": judgement.objective.text,
                    "value": _number(judgement.value),
                    "met": judgement.met,
                    "missed_windows": np.flatnonzero(missed).tolist(),
                }
                for judgement, missed in zip(replayed.judgements, replayed.missed, strict=True)
            ],
            "window_s": outcome.window_s,
            "windows": outcome.windows.tolist(),
            "latency_p50_s": [_number(value) for value in seen.latency_s[50.0]],
            "latency_p99_s": [_number(value) for value in seen.latency_s[99.0]],
            "busy": replayed.busy,
            "times_s": outcome.times_s.tolist(),
            "groups": [_group(item) for item in replayed.elasticities],
            "activities": [
                {"fleet": fleet, "time_s": time_s, "before": before, "after": after, "reason": reason}
                for fleet, time_s, before, after, reason in outcome.activities
            ],
            "happenings": [
                {"primitive": primitive, "time_s": time_s, "text": text}
                for primitive, time_s, text in outcome.happenings
            ],
            "findings": [finding.text for finding in replayed.findings],
            "usd": replayed.usd,
            "usd_per_month": replayed.cost.usd,
        },
        indent=2,
    )


def _group(item: Elasticity) -> dict[str, Any]:
    return {
        "fleet": item.fleet,
        "too_few": item.too_few,
        "too_many": item.too_many,
        "time_too_few": item.time_too_few,
        "time_too_many": item.time_too_many,
        "instability": item.instability,
        "instance_hours": item.instance_hours,
        "needed": item.needed.tolist(),
        "in_service": item.supplied.tolist(),
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
