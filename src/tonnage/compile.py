"""Workload → Model: every call becomes the steps of its service room, every route a program."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tonnage.catalog import Catalog
from tonnage.engine.expected import Expected, expected
from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Breaker, Budget, Primitive
from tonnage.engine.program import Lookup, Program, Visit
from tonnage.services import Behaviour, Steps, room
from tonnage.workload import Call, CatalogError, Component, Route, Workload, WorkloadError, check


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A workload, ready to be simulated.

    Attributes:
        workload: What was compiled.
        catalog: The facts it was compiled with.
        model: The arrays.
        behaviours: What each component is made of.
        means: Means per request without queueing.
        per_visit: Billed use of one visit by component, averaged over its calls.
    """

    workload: Workload
    catalog: Catalog = field(repr=False)
    model: Model = field(repr=False)
    behaviours: Mapping[str, Behaviour] = field(repr=False)
    means: Expected
    per_visit: Mapping[str, Mapping[str, float]]


def compile_workload(workload: Workload, catalog: Catalog) -> Compiled:
    """Compile a workload.

    Components that no route reaches are compiled too: they cost money.

    Raises:
        WorkloadError: The nouns contradict each other.
        CatalogError: The catalogue does not know a type that the workload names.
    """
    check(workload)
    behaviours = {name: _behaviour(component, catalog) for name, component in workload.components.items()}
    primitives: dict[str, Primitive] = {}
    for behaviour in behaviours.values():
        primitives |= behaviour.primitives
    primitives |= _guards(workload)
    uses: dict[str, list[tuple[float, Mapping[str, float]]]] = {}
    programs = [_program(route, workload, catalog, behaviours, uses) for route in workload.routes]
    model = build(primitives, programs)
    return Compiled(
        workload=workload,
        catalog=catalog,
        model=model,
        behaviours=behaviours,
        means=expected(model),
        per_visit={name: _mean_use(items) for name, items in uses.items()},
    )


def _guards(workload: Workload) -> dict[str, Primitive]:
    """Retry budgets and circuit breakers: one for each component called, shared by all who call it.

    Raises:
        WorkloadError: Two calls to a component declare different ones.
    """
    found: dict[str, Primitive] = {}
    for _, call in workload.calls():
        declared: dict[str, Primitive] = {}
        if call.retry is not None and call.retry.budget is not None:
            declared[f"{call.component}/retry budget"] = Budget(capacity=call.retry.budget)
        if call.breaker is not None:
            b = call.breaker
            declared[f"{call.component}/circuit breaker"] = Breaker(
                threshold=b.threshold, window=b.window, open_s=b.open_s, probes=b.probes
            )
        for name, primitive in declared.items():
            if found.setdefault(name, primitive) != primitive:
                raise WorkloadError(f"Two calls declare a different {name.partition('/')[2]} for {call.component}")
    return found


def _behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """What a component is made of; a name that the catalogue does not know is refused at its place."""
    try:
        return room(component.kind).behaviour(component, catalog)
    except CatalogError as error:
        named = [name for name, value in component.settings.items() if isinstance(value, str) and value in error.what]
        origin = component.origins.get(named[0]) if named else None
        place = origin.place if origin and origin.place else component.place
        raise CatalogError(f"{component.name}: {error.what}", place=place, remedy=error.remedy) from None


def _program(
    route: Route,
    workload: Workload,
    catalog: Catalog,
    behaviours: Mapping[str, Behaviour],
    uses: dict[str, list[tuple[float, Mapping[str, float]]]],
) -> Program:
    deadline_s = min(
        [route.deadline_s]
        + [
            behaviours[call.component].limits["timeout_s"]
            for call in route.entry.walk()
            if "timeout_s" in behaviours[call.component].limits
        ]
    )
    entry = _visit(route.entry, route.share, workload, catalog, uses)
    return Program(route=route.name, share=route.share, entry=entry, deadline_s=deadline_s)


def _visit(
    call: Call,
    weight: float,
    workload: Workload,
    catalog: Catalog,
    uses: dict[str, list[tuple[float, Mapping[str, float]]]],
) -> Visit:
    component = workload.components[call.component]
    steps: Steps = room(component.kind).visit(component, call, catalog)
    weight *= call.probability * call.times
    uses.setdefault(call.component, []).append((weight, steps.usage))
    if call.on_miss and not any(isinstance(step, Lookup) for step in steps.enter):
        raise WorkloadError(
            f"The call to {call.component} says what happens on a miss, but {call.component} is not a cache",
            remedy="Put those calls under 'calls'.",
        )
    retry = call.retry
    return Visit(
        component=call.component,
        enter=steps.enter,
        leave=steps.leave,
        calls=tuple(_visit(below, weight, workload, catalog, uses) for below in call.calls),
        on_miss=tuple(_visit(below, weight, workload, catalog, uses) for below in call.on_miss),
        probability=call.probability,
        times=call.times,
        timeout_s=call.timeout_s,
        attempts=retry.attempts if retry else steps.retry_attempts,
        backoff_base_s=retry.base_s if retry else steps.retry_base_s,
        backoff_cap_s=retry.cap_s if retry else steps.retry_cap_s,
        jitter=retry.jitter if retry else "full",
        budget=f"{call.component}/retry budget" if retry and retry.budget is not None else None,
        breaker=f"{call.component}/circuit breaker" if call.breaker else None,
        hedge_s=call.hedge_s,
        deadline=call.deadline,
        parallel=call.parallel,
        waits=call.waits,
    )


def _mean_use(items: list[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Billed use of one visit, averaged over the calls by how often each is made."""
    total = sum(weight for weight, _ in items) or 1.0
    names = {name for _, usage in items for name in usage}
    return {name: sum(weight * usage.get(name, 0.0) for weight, usage in items) / total for name in sorted(names)}
