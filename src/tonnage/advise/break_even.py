"""The same work on instances, on Fargate and on Lambda: what each costs as the load grows, and who is cheaper when.

The traffic keeps its shape and is scaled. Instances and tasks follow it minute by minute at a target utilization, never
fewer than two; T instances pay for credits beyond those they earn; a function is billed for what it computes and what
it waits for. What stands before and behind is the same for all and is not counted.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonnage.catalog import Catalog, fact
from tonnage.services import Credits, Usage, characteristic, demand, kinds_of, room
from tonnage.workload import CatalogError, Component, Traffic, Value, Workload, WorkloadError

HOURS_PER_MONTH = 730.0
LEAST = 2
"""Instances or tasks that are always there: one in each of two Availability Zones."""
LOADS_PER_S = (0.1, 1.0, 10.0, 100.0, 1_000.0)
LOWEST_PER_S, HIGHEST_PER_S = 0.01, 100_000.0
_GROUP, _SERVICE, _FUNCTION = "AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service", "AWS::Lambda::Function"
_COMPUTE = kinds_of("instances", "tasks", "function")
_STEPS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one request asks of the component.

    Attributes:
        cpu_s: CPU time on one m5 vCPU.
        waited_s: Time it waits for what it calls.
    """

    cpu_s: float
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to run the work.

    Attributes:
        name: For people: "EC2 t3.medium", "Fargate 1 vCPU, 2 GB", "Lambda 1,769 MB".
        present: Whether it is how it runs today.
        usd_per_month: By mean load in requests per second.
    """

    name: str
    present: bool
    usd_per_month: Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A load from which on another variant is the cheapest.

    Attributes:
        rate_per_s: Mean load.
        before: Cheapest below it.
        after: Cheapest above it.
    """

    rate_per_s: float
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The comparison.

    Attributes:
        component: The component.
        work: What a request asks of it.
        utilization: Target utilization of instances and tasks, 0 to 1.
        mean_per_s: Mean load today.
        peak_over_mean: How much the busiest minute is above the mean.
        variants: The ways to run it.
        changes: Where the cheapest changes, from low to high loads.
        loads_per_s: Loads of the table.
    """

    component: str
    work: Work
    utilization: float
    mean_per_s: float
    peak_over_mean: float
    variants: tuple[Variant, ...]
    changes: tuple[Change, ...]
    loads_per_s: tuple[float, ...]


def comparable(workload: Workload) -> tuple[str, ...]:
    """Components whose work could run elsewhere, in the order of the file."""
    called = {call.component for _, call in workload.calls()}
    return tuple(name for name, each in workload.components.items() if each.kind in _COMPUTE and name in called)


def work_of(workload: Workload, name: str, residence_s: float) -> Work:
    """The work of a mean request.

    Args:
        workload: The workload.
        name: The component.
        residence_s: Mean time of a visit with what it calls, at a load that makes nobody queue.

    Raises:
        WorkloadError: No route calls the component.
    """
    component = workload.components[name]
    weights = [
        (route.share * call.probability * call.times, demand(room(component.kind), call, "cpu").value)
        for route, call in workload.calls()
        if call.component == name
    ]
    total = sum(weight for weight, _ in weights)
    if total <= 0:
        raise WorkloadError(f"No route calls {name}", remedy="Name a component that requests reach.")
    cpu_s = sum(weight * cpu for weight, cpu in weights) / total
    if component.kind == _FUNCTION:
        cpu_s *= fact("lambda.relative_speed").value
    return Work(cpu_s=cpu_s, waited_s=max(0.0, residence_s - _alone_s(component, cpu_s)))


def _alone_s(component: Component, cpu_s: float) -> float:
    """Time that the work itself takes where it runs today, without queueing."""
    if component.kind != _FUNCTION:
        return cpu_s
    memory = component.settings.get("MemorySize")
    share = min(1.0, (float(memory) if isinstance(memory, int | float) else 128.0) / fact("lambda.mb_per_vcpu").value)
    return cpu_s / fact("lambda.relative_speed").value / share


def break_even(workload: Workload, catalog: Catalog, name: str, work: Work, *, utilization: float = 0.6) -> BreakEven:
    """Compare the ways to run a component's work.

    Args:
        workload: The workload.
        catalog: Prices.
        name: The component.
        work: What a request asks of it.
        utilization: Target utilization of instances and tasks, 0 to 1.

    Raises:
        WorkloadError: The component computes nothing, or the utilization is no share.
        CatalogError: A price is missing.
    """
    if workload.components[name].kind not in _COMPUTE:
        names = ", ".join(comparable(workload))
        raise WorkloadError(f"{name} is no compute component", remedy=f"Name one of: {names}.")
    if not 0.05 <= utilization <= 0.95:
        raise WorkloadError(f"A utilization of {utilization:.0%} is outside 5 % to 95 %", remedy="Give another.")
    shape = _shape(workload.traffic)
    variants = tuple(_variants(workload, catalog, name, work, utilization, shape))
    return BreakEven(
        component=name,
        work=work,
        utilization=utilization,
        mean_per_s=workload.traffic.mean_per_s,
        peak_over_mean=float(shape.max()),
        variants=variants,
        changes=changes(variants),
        loads_per_s=LOADS_PER_S,
    )


def _shape(traffic: Traffic) -> NDArray[np.float64]:
    """(steps,) float64: the traffic over its mean."""
    rates = np.asarray(traffic.rates_per_s, dtype=np.float64)
    shape: NDArray[np.float64] = rates / rates.mean()
    return shape


def _variants(
    workload: Workload, catalog: Catalog, name: str, work: Work, utilization: float, shape: NDArray[np.float64]
) -> list[Variant]:
    component = workload.components[name]
    settings: dict[str, tuple[str, dict[str, Value]]] = {
        "EC2": (_GROUP, {"InstanceType": "m7g.large", "MinSize": LEAST, "MaxSize": 10_000}),
        "Fargate": (_SERVICE, {"LaunchType": "FARGATE", "Cpu": 1024, "Memory": 2048}),
        "Lambda": (_FUNCTION, {"MemorySize": 1769}),
    }
    found: list[Variant] = []
    for label, (kind, chosen) in settings.items():
        own = component.kind == kind and (kind != _SERVICE or component.settings.get("LaunchType") == "FARGATE")
        made = component if own else Component(name=name, kind=kind, settings=chosen)
        fleet = label != "Lambda"
        cost = _fleet(made, catalog, work, utilization, shape) if fleet else _function(made, catalog, work)
        found.append(Variant(name=f"{label} {_size(made)}", present=own, usd_per_month=cost))
    return found


def _size(component: Component) -> str:
    settings = component.settings
    if component.kind == _GROUP:
        return str(settings["InstanceType"])
    if component.kind == _FUNCTION:
        return f"{float(str(settings.get('MemorySize', 128))):,.0f} MB"
    cpu, memory = (float(str(settings.get(each, 0.0))) / 1024.0 for each in ("Cpu", "Memory"))
    return f"{cpu:g} vCPU, {memory:g} GB"


def _fleet(
    component: Component, catalog: Catalog, work: Work, utilization: float, shape: NDArray[np.float64]
) -> Callable[[float], float]:
    """Cost of instances or tasks that follow the traffic."""
    vcpus, speed = _power(component, catalog)
    carried_per_s = utilization * vcpus * speed / work.cpu_s
    controls = room(component.kind).behaviour(component, catalog).controls
    earned = next((each.earn_per_s for each in controls if isinstance(each, Credits)), None)

    def usd(rate_per_s: float) -> float:
        needed = np.maximum(LEAST, np.ceil(rate_per_s * shape / carried_per_s - 1e-9))
        busy = rate_per_s * shape * work.cpu_s / speed
        surplus = np.maximum(0.0, busy - needed * earned) if earned is not None else np.zeros(1)
        usage = Usage(
            visits_per_s=rate_per_s,
            instances=float(needed.mean()),
            surplus_credit_s_per_h=float(surplus.mean()) * 3600.0,
        )
        return room(component.kind).price(component, usage, catalog).usd_per_h * HOURS_PER_MONTH

    return usd


def _power(component: Component, catalog: Catalog) -> tuple[float, float]:
    """VCPUs of one instance or task, and the speed of each against one of m5."""
    if component.kind == _GROUP:
        instance = catalog.instance_type(str(component.settings["InstanceType"]))
        return float(instance.vcpus), instance.relative_speed.value
    speed = characteristic(room(_SERVICE), component, "vcpu_speed").value
    return float(str(component.settings.get("Cpu", 256))) / 1024.0, speed


def _function(component: Component, catalog: Catalog, work: Work) -> Callable[[float], float]:
    """Cost of a function: the time it computes and waits."""
    busy_s = _alone_s(component, work.cpu_s) + work.waited_s

    def usd(rate_per_s: float) -> float:
        usage = Usage(visits_per_s=rate_per_s, mean_busy_s=busy_s)
        return room(_FUNCTION).price(component, usage, catalog).usd_per_h * HOURS_PER_MONTH

    return usd


def changes(variants: tuple[Variant, ...]) -> tuple[Change, ...]:
    """Where the cheapest variant changes between the lowest and the highest load."""
    if not variants:
        raise CatalogError("There is nothing to compare")
    loads = np.geomspace(LOWEST_PER_S, HIGHEST_PER_S, _STEPS)
    found: list[Change] = []
    last = _cheapest(variants, float(loads[0]))
    for low, high in itertools.pairwise(loads):
        now = _cheapest(variants, float(high))
        if now != last:
            at = _crossing(variants, last, float(low), float(high))
            found.append(Change(rate_per_s=at, before=last, after=now))
            last = now
    return tuple(found)


def _cheapest(variants: tuple[Variant, ...], rate_per_s: float) -> str:
    return min(variants, key=lambda each: each.usd_per_month(rate_per_s)).name


def _crossing(variants: tuple[Variant, ...], before: str, low: float, high: float) -> float:
    for _ in range(40):
        middle = math.sqrt(low * high)
        if _cheapest(variants, middle) == before:
            low = middle
        else:
            high = middle
    return high
