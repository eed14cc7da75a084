"""Load balancer → targets: listeners forward to target groups, with which groups, services and functions register."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import BALANCERS, FUNCTIONS, GROUPS, TASKS, Wiring, edge, line_of
from tonnage.workload import Edge, Path, Place, Resource, Value

_ELB = "AWS::ElasticLoadBalancingV2"
TARGET_GROUP = f"{_ELB}::TargetGroup"
_ACTIONS: Mapping[str, str] = {f"{_ELB}::Listener": "DefaultActions", f"{_ELB}::ListenerRule": "Actions"}


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from load balancers to the groups and functions behind their listeners."""
    behind = targets(wiring)
    for balancer, target_group, weight, said in forwards(wiring):
        for callee, how, place in behind.get(target_group, ()):
            if weight != 0:
                evidence = f"{how} ({line_of(place)}); {said} forwards to {target_group}"
                yield Edge(caller=balancer, callee=callee, evidence=evidence, certainty="stated", place=place)
    for component in wiring.of_kind(BALANCERS):
        classic = wiring.resource(component)
        for mention in wiring.mentions(classic.get("Instances")) if classic is not None else ():
            if classic is not None and wiring.components[mention.component].kind in GROUPS:
                place = classic.place_of("Instances", *mention.path)
                yield edge(component.name, mention.component, f"Instances of {component.name}", place, "stated")
    for component in wiring.of_kind(GROUPS):
        group = wiring.resource(component)
        for mention in wiring.mentions(group.get("LoadBalancerNames")) if group is not None else ():
            if group is not None and wiring.components[mention.component].kind in BALANCERS:
                place = group.place_of("LoadBalancerNames", *mention.path)
                what = f"LoadBalancerNames of {component.name}"
                yield edge(mention.component, component.name, what, place, "stated")


def forwards(wiring: Wiring) -> Iterator[tuple[str, str, float | None, str]]:
    """Load balancer, target group it forwards to, weight (None: not weighted) and what says so."""
    for resource in wiring.stack.of_kind(*_ACTIONS):
        balancer = wiring.stands_for.get(resource.name)
        actions = resource.get(_ACTIONS[resource.kind])
        if balancer is None or not isinstance(actions, tuple):
            continue
        for index, action in enumerate(actions):
            for path, target, weight in _targets_of(action):
                place = resource.place_of(_ACTIONS[resource.kind], index, *path)
                said = f"{resource.name} ({line_of(place)})"
                if weight is not None:
                    said = f"{resource.name} with weight {weight:g} ({line_of(place)})"
                for named in wiring.named(target):
                    if named.kind == TARGET_GROUP:
                        yield balancer, named.name, weight, said


def _targets_of(action: Value) -> Iterator[tuple[Path, Value, float | None]]:
    if not isinstance(action, Mapping):
        return
    config = action.get("ForwardConfig")
    weighted = config.get("TargetGroups") if isinstance(config, Mapping) else None
    if isinstance(weighted, tuple):
        for index, each in enumerate(weighted):
            if isinstance(each, Mapping):
                path: Path = ("ForwardConfig", "TargetGroups", index)
                yield path, each.get("TargetGroupArn"), _weight(each.get("Weight")) if len(weighted) > 1 else None
    elif "TargetGroupArn" in action:
        yield ("TargetGroupArn",), action["TargetGroupArn"], None


def _weight(value: Value) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


Target = tuple[str, str, Place]


def targets(wiring: Wiring) -> dict[str, list[Target]]:
    """For each target group: component behind it, what says so, and where."""
    behind: dict[str, list[Target]] = {}
    for component in wiring.of_kind(GROUPS):
        group = wiring.resource(component)
        for name in ("TargetGroupARNs", "TrafficSources") if group is not None else ():
            _registered(wiring, group, name, component.name, behind)
    for component in wiring.of_kind(TASKS):
        _registered(wiring, wiring.resource(component), "LoadBalancers", component.name, behind)
    for resource in wiring.stack.of_kind(TARGET_GROUP):
        for mention in wiring.mentions(resource.get("Targets")):
            if wiring.components[mention.component].kind in FUNCTIONS | BALANCERS | GROUPS:
                place = resource.place_of("Targets", *mention.path)
                found = (mention.component, f"Targets of {resource.name}", place)
                behind.setdefault(resource.name, []).append(found)
    return behind


def _registered(
    wiring: Wiring, group: Resource | None, name: str, component: str, behind: dict[str, list[Target]]
) -> None:
    entries = group.get(name) if group is not None else None
    if group is None or entries is None:
        return
    for index, entry in enumerate(entries if isinstance(entries, tuple) else (entries,)):
        for resource in wiring.named(entry):
            if resource.kind == TARGET_GROUP:
                place = group.place_of(name, index)
                behind.setdefault(resource.name, []).append((component, f"{name} of {component}", place))
