"""The workload: everything that is reviewed, as one frozen value."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tonnage.workload.change import Change
from tonnage.workload.component import Component, Edge, NotModelled
from tonnage.workload.errors import WorkloadError
from tonnage.workload.objective import Objective
from tonnage.workload.resource import NO_STACK, Stack
from tonnage.workload.route import Call, Route
from tonnage.workload.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Components, routes, traffic, objectives and Region (a workload in the Well-Architected sense).

    Attributes:
        name: For the head of the report.
        region: AWS Region, for prices.
        architecture: The architecture file, as the user gave it.
        components: By name.
        edges: Who calls whom, with evidence.
        routes: What requests do.
        traffic: Offered load over time.
        objectives: What must hold.
        growth: Factor on the traffic that is judged beside today's: 1.5 is half as much again.
        not_modelled: What was read and left out, with reasons.
        notes: What a reader must know about how the workload came to be.
        clients: Share of the requests by the place they come from, a Region code or a large city; empty: not known, and
            the way to the clients is in no latency.
        stack: Every resource as written; two workloads are the same whatever file they came from.
    """

    name: str
    region: str
    architecture: str
    components: Mapping[str, Component]
    edges: tuple[Edge, ...]
    routes: tuple[Route, ...]
    traffic: Traffic
    objectives: tuple[Objective, ...]
    growth: float = 1.5
    not_modelled: tuple[NotModelled, ...] = ()
    notes: tuple[str, ...] = field(default=())
    clients: Mapping[str, float] = field(default_factory=dict)
    stack: Stack = field(default=NO_STACK, repr=False, compare=False)

    def calls(self) -> Iterator[tuple[Route, Call]]:
        """Every call of every route."""
        for route in self.routes:
            for call in route.entry.walk():
                yield route, call

    def changed(self, *changes: Change) -> "Workload":
        """The workload after some changes.

        Raises:
            WorkloadError: A change names a component or policy that the workload does not have.
        """
        components = dict(self.components)
        for change in changes:
            for each in (change, *change.also):
                if each.component not in components:
                    raise WorkloadError(f"There is no component {each.component} to change")
                components[each.component] = _changed(components[each.component], each)
        return replace(self, components=components)


def _changed(component: Component, change: Change) -> Component:
    if change.policy is None:
        return replace(component, settings={**component.settings, change.setting: change.after})
    if all(policy.name != change.policy for policy in component.policies):
        raise WorkloadError(f"{component.name} has no scaling policy {change.policy} to change")
    policies = tuple(
        replace(policy, settings={**policy.settings, change.setting: change.after})
        if policy.name == change.policy
        else policy
        for policy in component.policies
    )
    return replace(component, policies=policies)


def check(workload: Workload) -> None:
    """Hold the nouns against each other.

    Raises:
        WorkloadError: A route or objective names something that is not there, shares do not sum to 1, calls form a
            cycle, or nothing is modelled.
    """
    if not workload.components:
        raise WorkloadError(
            f"{workload.architecture} has no resource that Tonnage models",
            remedy="Run 'tonnage services' for the list of what is modelled.",
        )
    if not workload.routes:
        raise WorkloadError(
            f"{workload.architecture}: no way for a request to enter was found (no load balancer, API or function)",
            remedy="Write a tonnage.yaml with 'architecture:' and 'routes:' that say where requests enter.",
        )
    names = [route.name for route in workload.routes]
    for name in names:
        if names.count(name) > 1:
            raise WorkloadError(f"Two routes are called {name!r}", remedy="Give each route its own name.")
    total = math.fsum(route.share for route in workload.routes)
    if abs(total - 1.0) > 1e-6:
        raise WorkloadError(f"The shares of the routes sum to {total:.4g}", remedy="Make them sum to 1 (or 100 %).")
    for route, call in workload.calls():
        if call.component not in workload.components:
            known = ", ".join(sorted(workload.components))
            raise WorkloadError(
                f"Route {route.name} calls {call.component!r}, which is not a modelled component",
                remedy=f"Modelled components are: {known}.",
            )
    for route in workload.routes:
        _refuse_cycle(route, route.entry, ())
    for objective in workload.objectives:
        if objective.route is not None and objective.route not in {*names, *workload.components}:
            raise WorkloadError(
                f"Objective {objective.text!r} names the route {objective.route!r}",
                place=objective.place,
                remedy=f"Routes are: {', '.join(names)}.",
            )


def _refuse_cycle(route: Route, call: Call, above: tuple[str, ...]) -> None:
    if call.component in above:
        loop = " → ".join((*above[above.index(call.component) :], call.component))
        raise WorkloadError(f"Route {route.name} calls in a circle: {loop}", remedy="A route must be a tree of calls.")
    for below in (*call.calls, *call.on_miss):
        _refuse_cycle(route, below, (*above, call.component))
