"""Step Functions state machines: executions begun, states entered, tasks called one after the other.

What is below a state machine in a route are its tasks. A standard workflow is begun and left to itself, whoever begins
it; each state takes a token of the Region's transitions. An express workflow that is called synchronously is waited
for.

Not modelled: waits and choices (a task that is not always reached has a ``probability``), maps over many items, retries
and catches that the definition states, history limits.

Sources: AWS Step Functions developer guide, "Step Functions service quotas", "Choosing workflow type"; pricing.
"""

import re
import sys
from collections.abc import Iterable, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.services._topic import LARGE_REGIONS
from tonnage.services._workflow import EXPRESS, WORKFLOW_TYPE
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, Text, Value

KIND = "AWS::StepFunctions::StateMachine"
ALSO: tuple[str, ...] = ("AWS::Serverless::StateMachine",)
SPELLINGS = {"terraform": "aws_sfn_state_machine", "boto3": "stepfunctions:ListStateMachines"}
TITLE = "Step Functions state machine"
ENTRY = False
ROLE: Role = "workflow"
_GUIDE = "AWS Step Functions developer guide"
_STATES = "States"
DEFINITIONS = ("DefinitionString", "Definition")
"""Properties that hold the states, as text or as a structure."""
_STATE = re.compile(r'"Type"\s*:\s*"(?:Task|Pass|Choice|Wait|Succeed|Fail|Parallel|Map)"')

SETTINGS = (
    Setting(
        name=WORKFLOW_TYPE,
        unit="",
        default="STANDARD",
        meaning="STANDARD, or EXPRESS for many short executions; SAM calls it Type.",
        source=f"{_GUIDE}, choosing workflow type",
    ),
    Setting(name=_STATES, unit="1", default=3, meaning="States of the definition, each entered once.", source=_GUIDE),
)
CHARACTERISTICS = (
    Characteristic(
        name="state_latency",
        quantity=fact("stepfunctions.state_s").assumed(),
        meaning="Time from one state to the next, whatever its task takes: ExecutionTime minus that of the tasks, over "
        "the states.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()
_VARIATION = 0.5


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a state machine."""
    gathered = Gathered()
    gathered.text(WORKFLOW_TYPE, resource, WORKFLOW_TYPE if resource.kind == KIND else "Type")
    states = max((_states(resource.get(name)) for name in DEFINITIONS), default=0)
    if states:
        gathered.settings[_STATES] = states
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _states(value: Value) -> int:
    """States of a definition, inner ones too; 0 where there is none in the file."""
    if isinstance(value, Mapping):
        own = value.get("States")
        found = len(own) if isinstance(own, Mapping) else 0
        return found + sum(_states(each) for each in value.values())
    if isinstance(value, tuple):
        return sum(_states(each) for each in value)
    if isinstance(value, Text):
        return len(_STATE.findall("".join(part for part in value.parts if isinstance(part, str))))
    return len(_STATE.findall(value)) if isinstance(value, str) else 0


def _express(component: Component) -> bool:
    return setting(_ROOM, component, WORKFLOW_TYPE) == EXPRESS


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """Token buckets of executions begun, and of transitions of standard workflows."""
    name, where = component.name, "large" if catalog.region in LARGE_REGIONS else "other"
    kind = "express" if _express(component) else f"{where}_region"
    begun = Bucket(
        rate_per_s=fact(f"stepfunctions.{kind}_starts_per_s").value,
        capacity=fact(f"stepfunctions.{kind}_starts").value,
        refusal="throttled (StartExecution)",
    )
    primitives = {f"{name}/executions": begun}
    if not _express(component):
        rate = fact(f"stepfunctions.{where}_region_transitions_per_s").value
        primitives[f"{name}/transitions"] = Bucket(
            rate_per_s=rate, capacity=rate, when_empty="delay", refusal="throttled (StateTransition)"
        )
    return Behaviour(primitives=primitives, limits={"executions/s": begun.rate_per_s})


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """An execution is begun, and goes through its states; the tasks come inside."""
    name, states = component.name, max(1.0, number_of(_ROOM, component, _STATES))
    each_s = characteristic(_ROOM, component, "state_latency").value
    through = Wait(lognormal(each_s * states, _VARIATION))
    express = _express(component)
    return Steps(
        enter=(Take(f"{name}/executions"), through if express else Wait(lognormal(each_s, _VARIATION))),
        begun=() if express else (Take(f"{name}/transitions", states), through),
        retry_attempts=int(fact("sdk.attempts").value),
        retry_base_s=0.05,
        retry_cap_s=20.0,
        usage={"transitions": states},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Transitions of standard workflows; requests of express ones, whose duration is counted at its least."""
    per_h = usage.visits_per_s * 3600.0
    if _express(component):
        unit = catalog.unit_price("stepfunctions", "express_requests")
        items = {"requests": per_h / 1e6 * unit.usd}
        notes: tuple[str, ...] = ("the duration of express executions is not counted",)
    else:
        unit = catalog.unit_price("stepfunctions", "standard_transitions")
        items = {"transitions": per_h * usage.per_visit.get("transitions", 0.0) / 1e3 * unit.usd}
        notes = ()
    return Cost(usd_per_h=sum(items.values()), items=items, notes=notes, sources=(source_of(unit),))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Express where executions or transitions are throttled: a new state machine takes the place of the old one."""
    if "throttle" in situation.pressures and WORKFLOW_TYPE in component.origins and not _express(component):
        yield Change(
            component=component.name,
            setting=WORKFLOW_TYPE,
            before=component.settings.get(WORKFLOW_TYPE),
            after=EXPRESS,
            because="express workflows begin 6,000 executions a second, and have no limit of transitions",
            caveat="at least once instead of exactly once, five minutes at most, and no waiting for callbacks",
        )


_ROOM = room_of(sys.modules[__name__])
