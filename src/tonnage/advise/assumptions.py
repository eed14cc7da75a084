"""Which assumptions carry the verdict: measure these first.

Every assumed quantity is moved to the ends of its range, one at a time. The utilization law says at once what that does
to the throughput bound and to the response time without queueing; the most influential ones are then simulated at both
ends.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tonnage.advise.load_line import capacity_factor, try_load
from tonnage.compile import Compiled, compile_workload
from tonnage.services import characteristic, demand, room
from tonnage.workload import Call, Quantity, Scenario, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An assumed quantity of a workload.

    Attributes:
        component: Component it belongs to.
        name: Its name, as the user writes it in the workload file.
        where: ``component`` for a characteristic, ``call`` for a demand of the calls to it.
        meaning: What it is, and how to measure it.
        quantity: Value, unit, range, source.
    """

    component: str
    name: str
    where: str
    meaning: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """How much an assumption moves the answer.

    Attributes:
        assumption: The assumption.
        capacity: Throughput bound at the low and at the high end of the range, relative to the bound now.
        latency: The same for the response time without queueing.
        score: For ranking: the larger of the two spreads, in natural logarithms.
        met: Whether all objectives hold at the low and at the high end; None where it was not simulated.
    """

    assumption: Assumption
    capacity: tuple[float, float]
    latency: tuple[float, float]
    score: float
    met: tuple[bool, bool] | None = None


def assumptions(workload: Workload) -> Iterator[Assumption]:
    """Every assumption that the routes of a workload rest on."""
    reached = list(dict.fromkeys(call.component for _, call in workload.calls()))
    for name in reached:
        component = workload.components[name]
        kind = room(component.kind)
        for item in kind.CHARACTERISTICS:
            if item.needs and item.needs not in component.settings:
                continue
            quantity = characteristic(kind, component, item.name)
            if quantity.evidence == "assumed":
                yield Assumption(
                    component=name, name=item.name, where="component", meaning=item.meaning, quantity=quantity
                )
        for wanted in kind.DEMANDS:
            asking = [c for _, c in workload.calls() if c.component == name and wanted.matters_to(c)]
            quantities = [demand(kind, call, wanted.name) for call in asking]
            guessed = [quantity for quantity in quantities if quantity.evidence == "assumed"]
            if guessed:
                yield Assumption(
                    component=name, name=wanted.name, where="call", meaning=wanted.meaning, quantity=guessed[0]
                )


def assume(workload: Workload, assumption: Assumption, value: float) -> Workload:
    """The workload with another value of one assumption.

    Where calls assume different values, each is moved to the same place in its own range.
    """
    quantity = assumption.quantity.at(value)
    if assumption.where == "component":
        component = workload.components[assumption.component]
        moved = replace(component, characteristics={**component.characteristics, assumption.name: quantity})
        return replace(workload, components={**workload.components, component.name: moved})
    kind = room(workload.components[assumption.component].kind)
    wanted = next(item for item in kind.DEMANDS if item.name == assumption.name)

    def moved_call(call: Call) -> Call:
        demands = dict(call.demands)
        if call.component == assumption.component and wanted.matters_to(call):
            own = demand(kind, call, assumption.name)
            if own.evidence == "assumed":
                demands[assumption.name] = own.at(_alike(own, assumption.quantity, value))
        return replace(
            call,
            demands=demands,
            calls=tuple(moved_call(below) for below in call.calls),
            on_miss=tuple(moved_call(below) for below in call.on_miss),
        )

    routes = tuple(replace(route, entry=moved_call(route.entry)) for route in workload.routes)
    return replace(workload, routes=routes)


def _alike(own: Quantity, other: Quantity, value: float) -> float:
    """The value of one range that lies where another value lies in its own."""
    if (own.low, own.high) == (other.low, other.high) or other.low == other.high:
        return value
    return own.low + (own.high - own.low) * (value - other.low) / (other.high - other.low)


def influences(compiled: Compiled) -> tuple[Influence, ...]:
    """All assumptions by what they do to capacity and latency, the most influential first. Nothing is simulated."""
    bound, latency = capacity_factor(compiled), compiled.means.latency_s
    found = []
    for assumption in assumptions(compiled.workload):
        ends = [
            compile_workload(assume(compiled.workload, assumption, value), compiled.catalog)
            for value in (assumption.quantity.low, assumption.quantity.high)
        ]
        capacity = tuple(_ratio(capacity_factor(end), bound) for end in ends)
        slower = tuple(_ratio(end.means.latency_s, latency) for end in ends)
        score = max(_spread(capacity), _spread(slower))
        found.append(
            Influence(
                assumption=assumption,
                capacity=(capacity[0], capacity[1]),
                latency=(slower[0], slower[1]),
                score=score,
            )
        )
    return tuple(sorted(found, key=lambda influence: -influence.score))


def _ratio(value: float, base: float) -> float:
    return value / base if base > 0 and math.isfinite(value) and math.isfinite(base) else 1.0


def _spread(ends: Sequence[float]) -> float:
    return max(math.log(max(end, 1e-9)) for end in (*ends, 1.0)) - min(math.log(max(end, 1e-9)) for end in (*ends, 1.0))


def tested(compiled: Compiled, influence: Influence, scenario: Scenario, seed: int) -> Influence:
    """The influence with both ends of its range simulated."""
    quantity = influence.assumption.quantity
    ends = []
    for value in (quantity.low, quantity.high):
        moved = compile_workload(assume(compiled.workload, influence.assumption, value), compiled.catalog)
        _, good, _ = try_load(moved, scenario, seed)
        ends.append(good)
    return replace(influence, met=(ends[0], ends[1]))
