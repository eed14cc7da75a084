"""Topology: who calls whom in an architecture, with the evidence for it, and where requests enter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tonnage.iac.architecture import Architecture
from tonnage.iac.edges import RULES
from tonnage.iac.edges.load_balancer_target import forwards, targets
from tonnage.iac.routing_policies import routing_policies
from tonnage.iac.wiring import BALANCERS, COMPUTE, DATASTORES, FUNCTIONS, GROUPS, PODS, QUEUES, TASKS, Wiring
from tonnage.services import main_resource_kinds
from tonnage.workload import Component, Edge, Reference, Stack, Text, Unknown, references

_INSTANCE = "AWS::EC2::Instance"
_STRENGTH = {"stated": 0, "inferred": 1, "guessed": 2}
_SHOWN = 2
_IMPORTED = "imported value"


def connect(wiring: Wiring) -> tuple[tuple[Edge, ...], tuple[str, ...]]:
    """All edges of an architecture and what is uncertain about them.

    Every rule of ``edges/`` is asked. Of several pieces of evidence for one edge the strongest counts and the others
    are mentioned. Calls that close a circle are dropped, weakest evidence first: a request that goes in circles is a
    misreading (a web server is told the name of the load balancer in front of it).

    Returns:
        Edges in the file order of callers, then callees; and notes.
    """
    merged = _merged(edge for rule in RULES for edge in rule(wiring))
    kept, circles = _without_circles(merged)
    guesses, open_ends = _guessed(wiring, kept)
    position = {name: index for index, name in enumerate(wiring.components)}
    edges = sorted([*kept, *guesses], key=lambda edge: (position[edge.caller], position[edge.callee]))
    notes = [
        *circles,
        *open_ends,
        *_stray_targets(wiring),
        *_silent_doors(wiring, edges),
        *_uncalled(wiring, edges),
        *_elsewhere(wiring),
        *routing_policies(wiring),
    ]
    return tuple(edges), tuple(dict.fromkeys(notes))


def entries(architecture: Architecture) -> tuple[str, ...]:
    """Components where requests enter, in file order.

    Load balancers, APIs and functions with a URL that nobody calls; where there are none, functions that nobody calls;
    where there are none, groups of instances that nobody calls; where there are none, queues: the traffic is messages.
    """
    called = {edge.callee for edge in architecture.edges}
    free = [component for name, component in architecture.components.items() if name not in called]
    doors = [component for component in free if _door(component, architecture.stack)]
    functions = [component for component in free if component.kind in FUNCTIONS]
    groups = [component for component in free if component.kind in GROUPS | TASKS | PODS]
    queues = [component for component in free if component.kind in QUEUES]
    return tuple(component.name for component in doors or functions or groups or queues)


def _door(component: Component, stack: Stack) -> bool:
    kinds = main_resource_kinds()
    if component.kind in kinds and kinds[component.kind].ENTRY:
        return True
    if component.kind not in FUNCTIONS or component.name not in stack.resources:
        return False
    urls = [each.get("TargetFunctionArn") for each in stack.of_kind("AWS::Lambda::Url")]
    named = any(each.resource == component.name for value in urls for each in references(value))
    return named or stack.resources[component.name].get("FunctionUrlConfig") is not None


def _merged(found: Iterable[Edge]) -> list[Edge]:
    by_pair: dict[tuple[str, str], list[Edge]] = {}
    for edge in found:
        if edge.caller != edge.callee:
            by_pair.setdefault((edge.caller, edge.callee), []).append(edge)
    return [_strongest(edges) for edges in by_pair.values()]


def _strongest(edges: Sequence[Edge]) -> Edge:
    first, *others = sorted(edges, key=lambda edge: _STRENGTH[edge.certainty])
    more = [text for text in dict.fromkeys(edge.evidence for edge in others) if text != first.evidence]
    if not more:
        return first
    rest = f" and {len(more) - _SHOWN} more" if len(more) > _SHOWN else ""
    return replace(first, evidence=f"{first.evidence}; also {', '.join(more[:_SHOWN])}{rest}")


def _without_circles(edges: Sequence[Edge]) -> tuple[list[Edge], list[str]]:
    below: dict[str, set[str]] = {}
    kept: list[Edge] = []
    notes: list[str] = []
    for edge in sorted(edges, key=lambda edge: _STRENGTH[edge.certainty]):
        if edge.caller in _reached(below, edge.callee):
            why = f"{edge.callee} itself calls {edge.caller}"
            notes.append(f"{edge.evidence}: taken as no call from {edge.caller} to {edge.callee}, because {why}")
            continue
        below.setdefault(edge.caller, set()).add(edge.callee)
        kept.append(edge)
    return kept, notes


def _reached(below: dict[str, set[str]], start: str) -> set[str]:
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(below.get(name, ()))
    return reached


def _guessed(wiring: Wiring, edges: Sequence[Edge]) -> tuple[list[Edge], list[str]]:
    """With one compute component only, it must be the one that uses a datastore; with several nobody can tell."""
    called = {edge.callee for edge in edges}
    compute = wiring.of_kind(COMPUTE)
    # A single instance that nobody calls is a bastion or a build host beside those that serve requests.
    compute = [each for each in compute if each.kind != _INSTANCE or each.name in called or len(compute) == 1]
    lonely = [each for each in wiring.of_kind(DATASTORES) if each.name not in called and not _replica(wiring, each)]
    guesses = [_guess(compute[0], each) for each in lonely if len(compute) == 1 and not _streams(wiring, each)]
    guessed = {edge.callee for edge in guesses}
    return guesses, [
        f"Nothing in the file says who calls {each.name}: it is left out of the routes unless a workload file names it"
        for each in lonely
        if each.name not in guessed
    ]


def _guess(caller: Component, callee: Component) -> Edge:
    evidence = f"a guess: {caller.name} is the only compute component, and nothing says who uses {callee.name}"
    return Edge(caller=caller.name, callee=callee.name, evidence=evidence, certainty="guessed", place=callee.place)


def _replica(wiring: Wiring, component: Component) -> bool:
    resource = wiring.resource(component)
    return resource is not None and resource.get("SourceDBInstanceIdentifier") is not None


def _streams(wiring: Wiring, component: Component) -> bool:
    """Whether something reads the stream of a table: its consumer need not call the table."""
    stream = Reference(component.name, "StreamArn")
    return any(stream in references(resource.properties) for resource in wiring.stack.resources.values())


def _stray_targets(wiring: Wiring) -> Iterator[str]:
    """Target groups that have targets and no listener, and forwards of weight 0."""
    forwarded = {group: weight for _, group, weight, _ in forwards(wiring)}
    for group, behind in targets(wiring).items():
        names = ", ".join(dict.fromkeys(component for component, _, _ in behind))
        if group not in forwarded:
            yield f"{names} is in target group {group}, to which no listener of a modelled load balancer forwards"
        elif forwarded[group] == 0:
            yield f"{names} is in target group {group}, to which the listener forwards with weight 0: no requests"


def _silent_doors(wiring: Wiring, edges: Sequence[Edge]) -> Iterator[str]:
    callers = {edge.caller for edge in edges}
    for component in wiring.components.values():
        if component.name not in callers and component.kind not in COMPUTE and _door(component, wiring.stack):
            what = "forwards to" if component.kind in BALANCERS else "calls"
            yield f"{component.name} {what} nothing that is modelled: what is behind it is not simulated"


def _uncalled(wiring: Wiring, edges: Sequence[Edge]) -> Iterator[str]:
    """Functions and groups beside the doors: events, schedules or people may start them, requests do not."""
    called = {edge.callee for edge in edges}
    doors = {name for name, each in wiring.components.items() if _door(each, wiring.stack)}
    names = [each.name for each in wiring.of_kind(COMPUTE) if each.name not in called | doors]
    if names and doors:
        yield f"No modelled component calls {', '.join(names)}: no requests unless a workload file names them"


def _elsewhere(wiring: Wiring) -> Iterator[str]:
    """Functions configured with what another stack exports: what they call there is missing."""
    imports: dict[str, list[str]] = {}
    for component in wiring.of_kind(FUNCTIONS):
        resource = wiring.resource(component)
        variables = resource.get("Environment", "Variables") if resource is not None else None
        for value in variables.values() if isinstance(variables, Mapping) else ():
            for part in value.parts if isinstance(value, Text) else (value,):
                if isinstance(part, Unknown) and part.reason.startswith(_IMPORTED):
                    imports.setdefault(part.reason, []).append(component.name)
    for what, names in imports.items():
        yield f"{', '.join(dict.fromkeys(names))}: calls to {what} are missing, it belongs to another stack"
