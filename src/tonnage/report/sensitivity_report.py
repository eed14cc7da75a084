"""Which assumed quantities move the verdict, in a terminal and as JSON."""

import json
import math

from rich.console import Console
from rich.table import Table

from tonnage.advise.sensitivity import Factor, Sensitivity
from tonnage.report import figures
from tonnage.workload import Quantity

SCHEMA = "tonnage.sensitivity/1"
_SHOWN = 12
_LITTLE = 0.01
"""Effects below one percent of the threshold are not shown."""


def sentence(result: Sensitivity) -> str:
    """The answer in a sentence."""
    n = len(result.factors)
    deciding = [factor for factor in result.factors if factor.decides]
    of = f"Of {n} assumed quantities" if n > 1 else "Of the one assumed quantity"
    if not deciding:
        return f"{of} none turns the verdict by itself within its range."
    names = ", ".join(_name(factor) for factor in deciding)
    verb = "turn" if len(deciding) > 1 else "turns"
    return f"{of} {len(deciding)} {verb} the verdict alone: measure {names} first."


def print_sensitivity(name: str, result: Sensitivity, console: Console) -> None:
    """Print the quantities by effect."""
    console.print(f"[bold]{name}[/]: which assumptions move the verdict?", highlight=False)
    console.print("  " + sentence(result), highlight=False, markup=False)
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("  quantity", "value, range", "margin", "capacity", "alone"):
        table.add_column(title, no_wrap=True)
    shown = [f for f in result.factors if f.effect >= _LITTLE or f.capacity >= _LITTLE or f.decides][:_SHOWN]
    refined = any(factor.total is not None for factor in shown)
    if refined:
        table.add_column("total index", no_wrap=True)
    for factor in shown:
        cells = [
            "  " + _name(factor),
            _value(factor.assumption.quantity),
            f"× {math.exp(factor.effect):.2f}" + (" *" if factor.depends > factor.effect else ""),
            f"× {math.exp(factor.capacity):.2f}",
            _ends(factor),
        ]
        if refined:
            cells.append("" if factor.total is None else f"{factor.total[0]:.2f} ± {factor.total[1]:.2f}")
        table.add_row(*cells)
    console.print(table, highlight=False)
    rest = len(result.factors) - len(shown)
    if rest:
        console.print(f"  {rest} more move it by less than one percent.", highlight=False)
    if any(factor.depends > factor.effect for factor in shown):
        console.print("  * how much depends on the other quantities", highlight=False)
    console.print(
        "  margin: how many times the worst objective's indicator changes over the range, others moving too",
        highlight=False,
    )
    console.print(
        f"  alone: at its low and high end, ✓ by request; {result.designs} designs as flows, {result.scenario.name}",
        highlight=False,
    )


def _name(factor: Factor) -> str:
    return f"{factor.assumption.component} {factor.assumption.name}"


def _value(quantity: Quantity) -> str:
    return f"{figures.measure(quantity.value, quantity.unit)}, {figures.quantity_range(quantity)}"


def _ends(factor: Factor) -> str:
    words = {True: "holds", False: "misses"}
    low, high = (words[met] for met in factor.met)
    if factor.by_request:
        return f"[bold]{low}, {high}[/] ✓" if factor.decides else f"{low}, {high} ✓"
    return f"[bold]{low}, {high}[/]" if factor.decides else low


def sensitivity_json(name: str, seed: int, result: Sensitivity) -> str:
    """The same as JSON text: effects as natural logarithms of a ratio."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "workload": name,
            "seed": seed,
            "load": result.scenario.name,
            "factor": result.scenario.factor,
            "met": result.met,
            "designs": result.designs,
            "quantities": [
                {
                    "component": factor.assumption.component,
                    "name": factor.assumption.name,
                    "value": factor.assumption.quantity.value,
                    "unit": factor.assumption.quantity.unit,
                    "low": factor.assumption.quantity.low,
                    "high": factor.assumption.quantity.high,
                    "effect": factor.effect,
                    "confidence": factor.confidence,
                    "depends": factor.depends,
                    "capacity": factor.capacity,
                    "total_index": None if factor.total is None else list(factor.total),
                    "met_at_ends": list(factor.met),
                    "by_request": factor.by_request,
                }
                for factor in result.factors
            ],
        },
        indent=2,
    )
