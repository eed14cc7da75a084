"""Types of the catalogue, in a terminal and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from tonnage.catalog import CacheNodeType, Candidate, Machine, Price
from tonnage.workload import Quantity

SCHEMA = "tonnage.catalog/1"
_SHOWN = 20


def print_candidates(found: Sequence[Candidate], region: str, console: Console, *, every: bool) -> None:
    """Print types that fit, the best first.

    Args:
        found: What fits.
        region: Region of the prices.
        console: Where.
        every: Whether all are shown, not the first only.
    """
    shown = found if every else found[:_SHOWN]
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for title in ("type", "vCPU", "memory", "arch", "network", "EBS", "speed of a vCPU", "USD/h", "for an m5 vCPU"):
        table.add_column(title, no_wrap=True)
    for each in shown:
        machine = each.machine
        price = "–" if each.price is None else f"{each.price.usd:.4f}{'' if each.price.confidence == 'A' else ' ~'}"
        per_speed = "–" if each.price is None else f"{each.usd_per_speed:.4f}"
        table.add_row(
            machine.name,
            str(machine.vcpus),
            f"{machine.memory_gib:g} GiB",
            machine.arch,
            _between(machine.net_base_gbps, machine.net_peak_gbps, "Gbps"),
            "–"
            if isinstance(machine, CacheNodeType)
            else _between(machine.ebs_base_iops, machine.ebs_peak_iops, "IOPS"),
            f"{each.speed.value:.2f} ({each.speed.low:.2f}–{each.speed.high:.2f})",
            price,
            per_speed,
        )
    console.print(table, highlight=False)
    if len(found) > len(shown):
        console.print(f"and {len(found) - len(shown)} more (--all, --format json)", highlight=False)
    estimated = any(each.price is not None and each.price.confidence != "A" for each in shown)
    console.print(
        f"On-Demand in {region}; speed: of one vCPU against one of m5, estimated, with its range"
        + ("; ~: 'tonnage catalog show' says how the price was estimated." if estimated else "."),
        highlight=False,
        soft_wrap=True,
    )


def _between(base: float, peak: float, unit: str) -> str:
    if base <= 0 and peak <= 0:
        return "–"
    low, high = (f"{value:,.0f}" if value >= 100 else f"{value:g}" for value in (base, peak))
    return f"{low} {unit}" if peak <= base else f"{low}–{high} {unit}"


def candidates_json(found: Sequence[Candidate], region: str) -> str:
    """The same for machines."""
    return json.dumps(
        {"schema": SCHEMA, "region": region, "types": [_candidate(each) for each in found]},
        indent=2,
        ensure_ascii=False,
    )


def _candidate(each: Candidate) -> dict[str, Any]:
    return {
        **_machine(each.machine),
        "price": _price(each.price),
        "usd_per_h_for_an_m5_vcpu": None if each.price is None else each.usd_per_speed,
    }


def _machine(machine: Machine) -> dict[str, Any]:
    return asdict(machine)


def _price(price: Price | None) -> dict[str, Any] | None:
    return None if price is None else asdict(price)


def print_machine(machine: Machine, prices: Mapping[str, Price | None], console: Console) -> None:
    """Print every figure of a type, with where it comes from.

    Args:
        machine: The type.
        prices: By engine, or ``""`` for an instance; None where there is none.
        console: Where.
    """
    console.print(f"[bold]{machine.name}[/]", highlight=False)
    for name, value in _machine(machine).items():
        if name in {"name", "relative_speed"}:
            continue
        shown = " ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value
        console.print(f"  {name}: {shown}", highlight=False, markup=False, soft_wrap=True)
    speed: Quantity = machine.relative_speed
    console.print(
        f"  speed of a vCPU: {speed.value:.2f} of m5 ({speed.low:.2f} to {speed.high:.2f}), {speed.source}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    for engine, price in prices.items():
        what = f"  USD an hour{f' with {engine}' if engine else ''}: "
        if price is None:
            told = "not in the catalogue"
        else:
            told = f"{price.usd:.4f} in {price.region} ({price.basis}; {price.source}, {price.date})"
        console.print(what + told, highlight=False, markup=False, soft_wrap=True)


def machine_json(machine: Machine, prices: Mapping[str, Price | None]) -> str:
    """The same for machines."""
    return json.dumps(
        {"schema": SCHEMA, **_machine(machine), "prices": {name: _price(each) for name, each in prices.items()}},
        indent=2,
        ensure_ascii=False,
    )


def refusal(in_the_way: Sequence[tuple[str, int]]) -> str:
    """What to do where nothing fits."""
    if not in_the_way:
        return "Ask for less: no type comes within one criterion of it."
    told = [f"without --{name} {count} would" for name, count in in_the_way[:3]]
    return f"{'; '.join(told)}.".capitalize()
