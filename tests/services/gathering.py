"""Components from small templates, and what must hold for every room."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from tonnage.catalog import Catalog, load_catalog
from tonnage.engine.program import Choose, Hold, Lease, Leave, Lookup, Release, Return, Send, Step, Take, Wait, Work
from tonnage.iac import patch, read_template
from tonnage.iac.sources import read_stack
from tonnage.services import NodePool, Room, Situation, Usage
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Stack, Traffic, Value, Workload

CATALOG: Catalog = load_catalog("us-east-1")
PRESSED = Situation(
    utilization=0.95,
    pressures=("cpu", "credits", "connections", "iops", "scaling lag", "workers", "memory"),
    peak_visits_per_s=500.0,
    peak_instances=4.0,
)


def a_stack(tmp_path: Path, resources: str, parameters: Mapping[str, str] | None = None) -> Stack:
    """A stack from the resources of a template, written indented as YAML."""
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n" + "".join(f"  {line}\n" for line in dedent(resources).strip().splitlines()))
    return read_template(file, parameters=parameters or {})


def gathered(room: Room, stack: Stack, name: str) -> Component:
    """The component of a resource, which must be modelled."""
    component = room.gather(stack.resources[name], stack)
    assert isinstance(component, Component), component
    return component


def refused(room: Room, stack: Stack, name: str) -> NotModelled:
    """The refusal of a resource, which must not be modelled."""
    refusal = room.gather(stack.resources[name], stack)
    assert isinstance(refusal, NotModelled)
    assert refusal.place is not None
    assert refusal.kind == room.KIND
    return refusal


def primitive_of(step: Step) -> str | None:
    match step:
        case Choose(name) | Work(name, _) | Leave(name) | Hold(name) | Release(name):
            return name
        case Take(name, _) | Lookup(name) | Lease(name) | Return(name) | Send(name):
            return name
        case Wait():
            return None


def holds_for_every_room(room: Room, component: Component) -> None:
    """Steps name declared primitives only, what is taken is given back, and nothing is for nothing."""
    behaviour = room.behaviour(component, CATALOG)
    steps = room.visit(component, Call(component=component.name), CATALOG)
    named = {name for step in (*steps.enter, *steps.leave) if (name := primitive_of(step)) is not None}
    assert named <= set(behaviour.primitives)
    assert all(name.startswith(f"{component.name}/") for name in behaviour.primitives)
    held = [step.pool for step in steps.enter if isinstance(step, Hold)]
    assert held == [step.pool for step in reversed(steps.leave) if isinstance(step, Release)]
    assert not any(isinstance(step, Lookup) for step in steps.enter[:-1])
    for control in behaviour.controls:
        if isinstance(control, NodePool):
            continue
        target = next(getattr(control, name) for name in ("fleet", "bucket", "queue") if hasattr(control, name))
        assert target in behaviour.primitives
    idle = room.price(component, Usage(visits_per_s=0.0), CATALOG)
    busy = room.price(component, Usage(visits_per_s=100.0, per_visit=steps.usage), CATALOG)
    unpriced = any("not in the catalogue" in note for note in idle.notes)
    assert unpriced or idle.usd_per_h > 0 or busy.usd_per_h > 0 or room.ROLE in {"pods", "nodes"}
    assert idle.usd_per_h == sum(idle.items.values())
    assert busy.usd_per_h >= idle.usd_per_h
    assert unpriced or idle.sources


def a_workload(stack: Stack, *components: Component) -> Workload:
    return Workload(
        name="test",
        region=stack.region,
        architecture=stack.file,
        components={component.name: component for component in components},
        edges=(),
        routes=(),
        traffic=Traffic(name="test", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="declared"),
        objectives=(),
    )


def writable(room: Room, stack: Stack, component: Component, situation: Situation = PRESSED) -> list[Change | Addition]:
    """The knobs of a component, each of which can be written as a patch that reads back as the changed component."""
    knobs = list(room.knobs(component, situation, CATALOG))
    workload = a_workload(stack, component)
    for knob in knobs:
        assert knob.because
        if isinstance(knob, Change):
            assert knob.after != knob.before
            origins = component.origins
            if knob.policy is not None:
                origins = next(p for p in component.policies if p.name == knob.policy).origins
            assert knob.setting in origins, knob.title
        written = patch(stack.file, [knob], workload)
        assert written.diff, knob.title
        if isinstance(knob, Change):
            with TemporaryDirectory() as folder:
                file = Path(folder) / Path(stack.file).name
                file.write_text(written.after)
                again = gathered(room, read_stack(file, parameters={}, region="us-east-1"), component.name)
            changed = workload.changed(knob).components[component.name]
            same = again.settings == changed.settings
            assert same or room.behaviour(again, CATALOG) == room.behaviour(changed, CATALOG), knob.title
            assert [_flat(p.settings) for p in again.policies] == [_flat(p.settings) for p in changed.policies]
            room.behaviour(again, CATALOG)
    return knobs


def _flat(settings: Mapping[str, Value]) -> dict[str, Value]:
    """Settings of a policy without its alarm as a whole and bounds, whose changed values stand beside it."""
    return {name: value for name, value in settings.items() if name not in {"Alarm", "minReplicas", "maxReplicas"}}


def titles(knobs: list[Change | Addition]) -> list[str]:
    return [knob.title for knob in knobs]
