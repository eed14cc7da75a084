"""The first workload file of an architecture: what was understood, and what to fill in."""

import json
from collections.abc import Iterator

import yaml

from tonnage.services import characteristic, demand, room
from tonnage.workload import Call, Quantity, Workload

_SHORT = {"s": ((1e-3, 1e6, "us"), (1.0, 1e3, "ms"), (float("inf"), 1.0, "s")), "1/s": ((float("inf"), 1.0, "/s"),)}


def starter(workload: Workload, architecture: str) -> str:
    """Text of a first ``tonnage.yaml``.

    Args:
        workload: What was understood of the architecture.
        architecture: Its path, as the workload file shall name it.
    """
    return "\n".join(_lines(workload, architecture)) + "\n"


def _lines(workload: Workload, architecture: str) -> Iterator[str]:
    yield "# What Tonnage understood, and what it had to assume. Everything but the architecture may be left out."
    yield "# Lines with 'assumed' are guesses: measure them, correct them, and delete the word."
    yield f"architecture: {_plain(architecture)}"
    yield f"name: {_plain(workload.name)}"
    yield f"region: {workload.region}"
    yield ""
    yield "# A CSV of timestamp and count, a CloudWatch get-metric-data JSON, or a shape:"
    yield "#   constant 200/s for 1 h | diurnal 80/s to 400/s | ramp 10/s to 500/s over 20 min"
    yield "#   spike 100/s to 900/s for 5 min | bursts 50/s x8 for 30 s every 10 min"
    yield f"traffic: {_plain(workload.traffic.name)}  # {workload.traffic.evidence}"
    yield f"growth: {workload.growth:g}  # judged beside today's traffic"
    yield ""
    yield "objectives:"
    for objective in workload.objectives:
        yield f"  - {objective.text}"
    yield ""
    yield "# What a request does: which component it enters, what it asks there, what is called meanwhile."
    yield "routes:"
    for route in workload.routes:
        yield f"  {route.name}:"
        yield f"    share: {route.share:.12g}"
        yield from _call(route.entry, workload, "    ", first="")
    yield ""
    yield "# What no template says about the components."
    yield "components:"
    reached = dict.fromkeys(call.component for _, call in workload.calls())
    for name in reached:
        kind = room(workload.components[name].kind)
        if not kind.CHARACTERISTICS:
            continue
        yield f"  {name}:  # {kind.TITLE}"
        for item in kind.CHARACTERISTICS:
            if item.needs and item.needs not in workload.components[name].settings:
                continue
            quantity = characteristic(kind, workload.components[name], item.name)
            yield f"    # {item.meaning}"
            yield f"    {item.name}: {amount(quantity)}  # {quantity.evidence}: {quantity.source}"
    for edge in workload.edges:
        if edge.certainty == "guessed":
            yield f"# guessed: {edge.caller} calls {edge.callee} ({edge.evidence})"
    waiting = [item for item in workload.not_modelled if item.matters]
    if waiting:
        yield ""
        yield "# Not modelled:"
        for left_out in waiting:
            yield f"#   {left_out.name} ({left_out.kind}): {left_out.reason}"


def _call(call: Call, workload: Workload, indent: str, *, first: str) -> Iterator[str]:
    kind = room(workload.components[call.component].kind)
    yield f"{indent}{first}call: {call.component}"
    inner = indent + " " * len(first)
    asked = [item for item in kind.DEMANDS if item.matters_to(call)]
    if asked:
        yield f"{inner}demands:"
        for item in asked:
            quantity = demand(kind, call, item.name)
            yield f"{inner}  {item.name}: {amount(quantity)}  # {quantity.evidence}; {item.meaning}"
    for key, calls in (("then", call.calls), ("on miss", call.on_miss)):
        if calls:
            yield f"{inner}{key}:"
            for below in calls:
                yield from _call(below, workload, inner + "  ", first="- ")


def _plain(text: str) -> str:
    """A text as a YAML value: as it is where YAML reads it back so, else in quotes."""
    try:
        if yaml.safe_load(f"- {text}") == [text]:
            return text
    except yaml.YAMLError:
        pass
    return json.dumps(text)


def amount(quantity: Quantity) -> str:
    """A quantity as the workload file takes it, with its range where it has one."""
    scale, unit = _scaled(quantity)
    text = f"{quantity.value * scale:.6g}{unit}"
    if quantity.low < quantity.high:
        text += f" ({quantity.low * scale:.6g}-{quantity.high * scale:.6g}{unit})"
    return text


def _scaled(quantity: Quantity) -> tuple[float, str]:
    size = abs(quantity.value) or abs(quantity.high)
    for limit, scale, unit in _SHORT.get(quantity.unit, ()):
        if size < limit:
            return scale, f" {unit}"
    return 1.0, "" if quantity.unit in {"1", ""} else f" {quantity.unit}"
