"""Workload → Model: every call becomes the steps of its service room, every route a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tonnage.catalog import Catalog
from tonnage.engine.expected import Expected, expected
from tonnage.engine.model import Model, build, component_of
from tonnage.engine.primitives import Breaker, Budget, Cache, Fleet, Primitive, Queue
from tonnage.engine.program import Lookup, Program, Visit, Wait
from tonnage.services import Behaviour, Steps, edge_to_region, keeps_messages, leaves_alone, room, to_edge, to_region
from tonnage.workload import Call, CatalogError, Component, Route, Workload, WorkloadError, check

LONG_S = 1e9
"""A message is never late."""


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
    programs += _consumers(workload, catalog, behaviours, uses)
    primitives |= _followers(programs, primitives)
    _refuse_unknown_routes(workload, programs)
    model = build(primitives, programs)
    peak_per_s = workload.traffic.peak_per_s
    if fleeting := _expiring(model, peak_per_s):
        model = build(primitives | fleeting, programs)
    return Compiled(
        workload=workload,
        catalog=catalog,
        model=model,
        behaviours=behaviours,
        means=expected(model, peak_per_s),
        per_visit={name: _mean_use(items) for name, items in uses.items()},
    )


def _expiring(model: Model, peak_per_s: float) -> dict[str, Primitive]:
    """Caches whose objects expire, warm for what they are asked at the traffic's peak."""
    looked = expected(model, peak_per_s).looked
    return {
        name: replace(cache, warm_per_s=peak_per_s * looked[name])
        for name, cache in model.primitives.items()
        if isinstance(cache, Cache) and cache.ttl_s is not None and looked.get(name, 0.0) > 0
    }


def _refuse_unknown_routes(workload: Workload, programs: Sequence[Program]) -> None:
    names = [program.route for program in programs]
    for objective in workload.objectives:
        if objective.route is not None and objective.route not in names:
            raise WorkloadError(
                f"Objective {objective.text!r} names {objective.route!r}, which has neither requests nor messages",
                place=objective.place,
                remedy=f"Name one of: {', '.join(names)}.",
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
            for call in _awaited(route.entry, workload)
            if "timeout_s" in behaviours[call.component].limits
        ]
    )
    entry = _from_clients(_visit(route.entry, route.share, workload, catalog, uses), workload, catalog)
    return Program(route=route.name, share=route.share, entry=entry, deadline_s=deadline_s)


def _from_clients(entry: Visit, workload: Workload, catalog: Catalog) -> Visit:
    """The entry with the way of the clients before it; before an edge the way to it, and to the Region for a miss."""
    if not workload.clients:
        return entry
    component = workload.components[entry.component]
    if room(component.kind).ROLE != "edge":
        return replace(entry, enter=(Wait(to_region(workload.clients, catalog.region)), *entry.enter))
    way = to_edge(workload.clients, str(component.settings.get("PriceClass", "PriceClass_All")))
    further = Wait(edge_to_region(workload.clients, catalog.region))
    on_miss = tuple(replace(below, enter=(further, *below.enter)) for below in entry.on_miss)
    return replace(entry, enter=(Wait(way), *entry.enter), on_miss=on_miss)


def _awaited(call: Call, workload: Workload) -> Iterator[Call]:
    """The calls of a route whose answer the request waits for."""
    yield call
    component = workload.components[call.component]
    for below in () if keeps_messages(component) or leaves_alone(component) else (*call.calls, *call.on_miss):
        if below.waits:
            yield from _awaited(below, workload)


def _is_queue(workload: Workload, call: Call) -> bool:
    return keeps_messages(workload.components[call.component])


def _consumers(
    workload: Workload,
    catalog: Catalog,
    behaviours: Mapping[str, Behaviour],
    uses: dict[str, list[tuple[float, Mapping[str, float]]]],
) -> list[Program]:
    """What becomes of the messages of each queue: a program of its own, named after the queue.

    The last step of entering the consumer is its work, done for each message of a batch as are the calls below it; what
    comes before is done once for the batch.

    Raises:
        WorkloadError: A queue has several consumers.
    """
    found: dict[str, Call] = {}
    sent: dict[str, float] = {}
    for route in workload.routes:
        for call, weight in _weighted(route.entry, route.share):
            if not _is_queue(workload, call):
                continue
            sent[call.component] = sent.get(call.component, 0.0) + weight
            if len(call.calls) > 1 or (call.calls and found.setdefault(call.component, call.calls[0]) != call.calls[0]):
                raise WorkloadError(
                    f"The queue {call.component} has several consumers",
                    remedy="Write one call under it, the same wherever it is called.",
                )
    programs = []
    for name, consumer in found.items():
        (queue,) = (n for n, p in behaviours[name].primitives.items() if isinstance(p, Queue))
        visit = _visit(consumer, sent[name], workload, catalog, uses)
        own = Visit(component="", enter=visit.enter[-1:], calls=visit.calls, on_miss=visit.on_miss, each_message=True)
        limit_s = behaviours[consumer.component].limits.get("timeout_s")
        programs.append(
            Program(
                route=name,
                share=0.0,
                entry=replace(
                    visit,
                    enter=visit.enter[:-1],
                    calls=(own,),
                    on_miss=(),
                    timeout_s=limit_s if visit.timeout_s is None else visit.timeout_s,
                ),
                deadline_s=LONG_S,
                queue=queue,
            )
        )
    return programs


def _followers(programs: Sequence[Program], primitives: Mapping[str, Primitive]) -> dict[str, Primitive]:
    """Queues that instances of a fleet consume: as many batches at once as those in service take together."""
    found: dict[str, Primitive] = {}
    for program in programs:
        queue = primitives.get(program.queue or "")
        if not isinstance(queue, Queue) or not queue.per_instance:
            continue
        consumer = program.entry.component
        fleet = next((n for n, p in primitives.items() if isinstance(p, Fleet) and component_of(n) == consumer), None)
        if fleet is not None:
            owner = primitives[fleet]
            assert isinstance(owner, Fleet)
            at_once = queue.per_instance * owner.instances
            found[program.queue or ""] = replace(queue, fleet=fleet, concurrency=at_once)
    return found


def _weighted(call: Call, weight: float) -> Iterator[tuple[Call, float]]:
    weight *= call.probability * call.times
    yield call, weight
    for below in (*call.calls, *call.on_miss):
        yield from _weighted(below, weight)


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
        calls=() if _is_queue(workload, call) else _below(call, steps, weight, workload, catalog, uses),
        on_miss=tuple(_visit(below, weight, workload, catalog, uses) for below in call.on_miss),
        probability=call.probability,
        times=call.times,
        timeout_s=call.timeout_s,
        attempts=retry.attempts if retry else steps.retry_attempts,
        backoff_base_s=retry.base_s if retry else steps.retry_base_s,
        backoff_cap_s=retry.cap_s if retry else steps.retry_cap_s,
        jitter=retry.jitter if retry else steps.retry_jitter,
        budget=f"{call.component}/retry budget" if retry and retry.budget is not None else None,
        breaker=f"{call.component}/circuit breaker" if call.breaker else None,
        hedge_s=call.hedge_s,
        deadline=call.deadline,
        parallel=call.parallel,
        waits=call.waits,
    )


def _below(
    call: Call,
    steps: Steps,
    weight: float,
    workload: Workload,
    catalog: Catalog,
    uses: dict[str, list[tuple[float, Mapping[str, float]]]],
) -> tuple[Visit, ...]:
    """The calls below a call: a topic's are each by itself, those of what was begun come at its end."""
    alone = leaves_alone(workload.components[call.component]) and not steps.begun
    calls = tuple(replace(below, waits=False) for below in call.calls) if alone else call.calls
    visits = tuple(_visit(below, weight, workload, catalog, uses) for below in calls)
    return (Visit(component="", enter=steps.begun, calls=visits, waits=False),) if steps.begun else visits


def _mean_use(items: list[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Billed use of one visit, averaged over the calls by how often each is made."""
    total = sum(weight for weight, _ in items) or 1.0
    names = {name for _, usage in items for name in usage}
    return {name: sum(weight * usage.get(name, 0.0) for weight, usage in items) / total for name in sorted(names)}
