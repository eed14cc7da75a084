"""What tuning found, in a terminal and as JSON."""

import json
import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from tonnage.advise.tune import Design, Tuning
from tonnage.report import figures

SCHEMA = "tonnage.tuning/1"


def print_tuning(name: str, tuning: Tuning, console: Console, *, diff: str = "", notes: Sequence[str] = ()) -> None:
    """Print the designs, what each changes, and the best one's patch."""
    later = f", confirmed on the {figures.span(tuning.later_s)} after" if tuning.later_s > 1 else ""
    console.print(
        f"[bold]{name}[/]: {tuning.tried} designs tried, chosen by {figures.span(tuning.tuned_s)} of traffic{later}"
    )
    if tuning.stopped:
        console.print("  interrupted: what follows is what was found so far, not confirmed request by request")
    console.print()
    console.print("  Error budget spent: bad requests as a share of what the objectives allow, at most 100 %.")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in (
        "  design",
        "cost/month",
        "history",
        "later days",
        "spikes ×3",
        "peak",
        "zone lost",
        "meets",
    ):
        table.add_column(title, no_wrap=True, justify="left" if title == "  design" else "right")
    listed = [design for design in tuning.front if design.changes]
    _row(table, "  now", tuning.now)
    for k, design in enumerate(listed, start=1):
        _row(table, f"{'→' if design is tuning.best else ' '} {k}", design)
    console.print(table, highlight=False)
    console.print()
    for k, design in enumerate(listed, start=1):
        titles = "; ".join(change.title for change in design.changes)
        console.print(f"  {k}  {titles}", markup=False, soft_wrap=True)
    console.print()
    if tuning.now.elasticities:
        _print_elasticity(console, [("now", tuning.now), *((str(k), d) for k, d in enumerate(listed, start=1))])
    console.print(f"  {_sentence(tuning, listed)}", markup=False, soft_wrap=True)
    caveats = [] if tuning.best is None else [c.caveat for c in tuning.best.changes if c.caveat]
    for note in (*caveats, *notes):
        console.print(f"  – {note}", markup=False, soft_wrap=True)
    if tuning.refused:
        console.print(f"  – {tuning.refused} designs contradict themselves and were left out", markup=False)
    if diff:
        console.print()
        console.print(Syntax(diff, "diff", theme="ansi_dark", background_color="default", word_wrap=True))


def _sentence(tuning: Tuning, listed: Sequence[Design]) -> str:
    if tuning.best is None:
        return (
            "Nothing tried is cheaper and meets the objectives: keep what is there."
            if tuning.now.met
            else "Nothing tried is better: what misses is not the scaling."
        )
    at = next(k for k, design in enumerate(listed, start=1) if design is tuning.best)
    dearer = figures.signed_usd(tuning.best.usd - tuning.now.usd)
    if tuning.best.met:
        return f"Design {at} meets every objective in all that was tried, for {dearer} a month."
    return (
        f"No design meets everything; {at} comes nearest, for {dearer} a month: the rest is not the scaling's to mend."
    )


def _row(table: Table, label: str, design: Design) -> None:
    confirmed = design.confirmed
    table.add_row(
        label,
        figures.usd(design.usd) + ("" if design.affordable else " ✗"),
        _budget(design.tuned),
        "–" if design.later is None else _budget(design.later),
        _budget(design.spikes),
        "–" if confirmed is None else _budget(confirmed.peak),
        "–" if confirmed is None else _budget(confirmed.zone_lost),
        "✓" if design.met else "✗",
    )


def _print_elasticity(console: Console, designs: Sequence[tuple[str, Design]]) -> None:
    """How capacity followed need, of groups the worst: the elasticity metrics of the SPEC RG Cloud Group."""
    console.print("  Capacity against need over the history (elasticity as SPEC RG measures it):")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("  design", "missing", "too much", "time too few", "time too many", "instability", "inst. hours"):
        table.add_column(title, no_wrap=True, justify="left" if title == "  design" else "right")
    for label, design in designs:
        groups = design.elasticities
        table.add_row(
            f"  {label}",
            figures.percent(max(group.too_few for group in groups)),
            figures.percent(max(group.too_many for group in groups)),
            figures.percent(max(group.time_too_few for group in groups)),
            figures.percent(max(group.time_too_many for group in groups)),
            figures.percent(max(group.instability for group in groups)),
            f"{sum(group.instance_hours for group in groups):,.0f}",
        )
    console.print(table, highlight=False)
    console.print()


def _budget(spent: float) -> str:
    percent = 100.0 * spent
    return "over 10 000 %" if percent > 10_000 else f"{percent:,.0f} %".replace(",", "\u202f")


def tuning_json(name: str, seed: int, tuning: Tuning, diff: str, notes: Sequence[str]) -> str:
    """The same as JSON text."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "workload": name,
            "seed": seed,
            "stopped": tuning.stopped,
            "tried": tuning.tried,
            "refused": tuning.refused,
            "chosen_by_s": tuning.tuned_s,
            "kept_back_s": tuning.later_s,
            "levers": [
                {"name": lever.name, "options": [[change.title for change in each] for each in lever.options]}
                for lever in tuning.levers
            ],
            "now": _design(tuning.now),
            "designs": [_design(design) for design in tuning.front],
            "best": None if tuning.best is None else _design(tuning.best),
            "diff": diff,
            "notes": list(notes),
        },
        indent=2,
    )


def _design(design: Design) -> dict[str, Any]:
    confirmed = design.confirmed
    return {
        "changes": [change.title for change in design.changes],
        "usd_per_month": design.usd,
        "met": design.met,
        "affordable": design.affordable,
        "budget_spent": {
            "history": _number(design.tuned),
            "later_days": None if design.later is None else _number(design.later),
            "spikes": _number(design.spikes),
            "peak": None if confirmed is None else _number(confirmed.peak),
            "zone_lost": None if confirmed is None else _number(confirmed.zone_lost),
        },
        "activities": design.activities,
        "groups": [
            {
                "fleet": item.fleet,
                "too_few": item.too_few,
                "too_many": item.too_many,
                "time_too_few": item.time_too_few,
                "time_too_many": item.time_too_many,
                "instability": item.instability,
                "instance_hours": item.instance_hours,
            }
            for item in design.elasticities
        ],
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
