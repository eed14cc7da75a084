"""What every service room must keep to. A room is tried on ``conformance/<its file name>.yaml``, a small template."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.gathering import CATALOG, PRESSED, holds_for_every_room, writable
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.kernels.histogram import FINE_BITS
from tonnage.engine.outcome import Outcome, percentile
from tonnage.iac.sources import read_stack
from tonnage.services import Room, Situation, Usage
from tonnage.simulate import simulate
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import (
    Call,
    Component,
    NotModelled,
    Resource,
    Route,
    Scenario,
    Stack,
    TonnageError,
    Traffic,
    Workload,
)

EXAMPLES = Path(__file__).parent / "conformance"
LIGHT_PER_S = 5.0


def room_file(room: Room) -> str:
    """File name of a room, without its ending."""
    return str(room.__name__).rpartition(".")[2]  # type: ignore[attr-defined]


def example_stack(room: Room, folder: Path = EXAMPLES) -> Stack:
    """The example of a room."""
    file = folder / f"{room_file(room)}.yaml"
    assert file.exists(), f"{file.name}: a room needs a small template in tests/services/conformance"
    return read_stack(file, parameters={}, region="us-east-1")


def example_component(room: Room, stack: Stack) -> Component:
    """The component of the example."""
    resource = next(each for each in stack.resources.values() if each.kind in (room.KIND, *room.ALSO))
    component = room.gather(resource, stack)
    assert isinstance(component, Component), component
    return component


def declares_what_it_is(room: Room) -> None:
    """Names, sentences and sources are there, and ranges hold their values."""
    assert room.KIND.count("::") >= 1
    assert ({"terraform", "boto3"} if room.KIND.startswith("AWS::") else {"kubernetes"}) <= set(room.SPELLINGS)
    assert room.TITLE
    assert (room.__doc__ or "").strip().endswith("."), "the docstring says what is modelled and from which pages"
    named = [item.name for item in (*room.SETTINGS, *room.CHARACTERISTICS, *room.DEMANDS)]
    assert len(set(named)) == len(named)
    for setting in room.SETTINGS:
        assert setting.meaning.endswith("."), setting.name
        assert setting.source, setting.name
    for item in (*room.CHARACTERISTICS, *room.DEMANDS):
        quantity = item.quantity
        assert item.meaning.endswith("."), item.name
        assert quantity.source, item.name
        assert quantity.low <= quantity.value <= quantity.high, item.name


def reads_its_example(room: Room, stack: Stack) -> None:
    """Settings are declared ones, origins point into the template."""
    component = example_component(room, stack)
    assert component.kind == room.KIND
    assert component.place is not None
    assert set(component.settings) <= {setting.name for setting in room.SETTINGS}
    for name, origin in component.origins.items():
        assert origin.resource in stack.resources, name


def behaves(room: Room, stack: Stack) -> None:
    """Its primitives and steps fit each other, its limits are numbers, its price is complete."""
    component = example_component(room, stack)
    holds_for_every_room(room, component)
    behaviour = room.behaviour(component, CATALOG)
    assert all(value >= 0.0 for value in behaviour.limits.values())
    assert behaviour.zone_loss_s >= 0.0


def carries_a_light_load(room: Room, stack: Stack) -> None:
    """Both fidelities answer everything, as fast as each other, and twice the load is no faster."""
    component = example_component(room, stack)
    by_request = simulate(_compiled(component, LIGHT_PER_S), _scenario(), seed=1)
    as_flows = simulate_fluid(_compiled(component, LIGHT_PER_S), _scenario())
    for outcome in (by_request, as_flows):
        route = outcome.routes[0]
        assert route.arrived > 0
        assert route.failed == route.unanswered == 0, outcome.failures
    exact, flows = _median_s(by_request), _median_s(as_flows)
    assert 0.0 <= exact < 10.0
    assert math.isclose(exact, flows, rel_tol=0.35, abs_tol=1e-3), (exact, flows)
    assert _median_s(simulate_fluid(_compiled(component, 2.0 * LIGHT_PER_S), _scenario())) >= 0.8 * flows


def costs_more_for_more(room: Room, stack: Stack) -> None:
    """Prices are finite, add up, and never fall with visits or instances."""
    component = example_component(room, stack)
    usage = room.visit(component, Call(component=component.name), CATALOG).usage
    last = 0.0
    for visits_per_s in (0.0, 1.0, 100.0, 10_000.0):
        cost = room.price(component, Usage(visits_per_s=visits_per_s, per_visit=usage, mean_busy_s=0.1), CATALOG)
        assert math.isfinite(cost.usd_per_h)
        assert math.isclose(cost.usd_per_h, sum(cost.items.values()), rel_tol=1e-9, abs_tol=1e-12)
        assert cost.usd_per_h >= last
        last = cost.usd_per_h
    one, two = (room.price(component, Usage(visits_per_s=1.0, instances=n, per_visit=usage), CATALOG) for n in (1, 2))
    assert two.usd_per_h >= one.usd_per_h


def proposes_what_can_be_done(room: Room, stack: Stack) -> None:
    """Every knob, pressed or idle, can be written into the template and reads back as the changed component."""
    component = example_component(room, stack)
    writable(room, stack, component, PRESSED)
    writable(room, stack, component, Situation())


def takes_any_template(room: Room, resource: Resource, stack: Stack, properties: Mapping[str, Any]) -> None:
    """Whatever stands in a template: a component that can be compiled, a refusal with its reason, or a clear error."""
    changed = replace(resource, properties={**resource.properties, **properties})
    resources = {**stack.resources, resource.name: changed}
    try:
        found = room.gather(changed, replace(stack, resources=resources))
        if isinstance(found, NotModelled):
            assert found.reason
            return
        room.behaviour(found, CATALOG)
        room.visit(found, Call(component=found.name), CATALOG)
        room.price(found, Usage(visits_per_s=1.0), CATALOG)
        list(room.knobs(found, PRESSED, CATALOG))
    except TonnageError:
        return


def _scenario() -> Scenario:
    return Scenario(name="light", window_s=300.0, run_out_s=30.0)


def _compiled(component: Component, rate_per_s: float) -> Compiled:
    workload = Workload(
        name="conformance",
        region="us-east-1",
        architecture="template.yaml",
        components={component.name: component},
        edges=(),
        routes=(Route(name="visit", share=1.0, entry=Call(component=component.name)),),
        traffic=Traffic(name="light", start_s=0.0, step_s=60.0, rates_per_s=(rate_per_s,) * 30, evidence="declared"),
        objectives=(),
    )
    return compile_workload(workload, CATALOG)


def _median_s(outcome: Outcome) -> float:
    return percentile(outcome.routes[0].histogram, 50.0, FINE_BITS)


def rules() -> Iterator[str]:
    """Names of the rules that need nothing but a room and its example."""
    yield from (
        "reads_its_example",
        "behaves",
        "carries_a_light_load",
        "costs_more_for_more",
        "proposes_what_can_be_done",
    )
