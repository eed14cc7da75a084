"""From a file and the account that it was read from: the calls that make the account so, and what is left.

Only capacities, scaling policies, volumes and table modes are changed; every other difference is told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tonnage.iac.account.actions import Step, Wanted, actions
from tonnage.iac.account.metrics import physical_id
from tonnage.iac.edit import same
from tonnage.workload import Reference, Resource, Stack, Text, Unknown, Value, references

_FOLLOWING = frozenset({"DesiredCapacity", "DesiredCount", "ProvisionedThroughput", "ProvisionedConcurrencyConfig"})
"""What a scaling policy sets: the account's value is newer than the file's."""
_FULL_NAMES = {"LoadBalancerFullName": ":loadbalancer/", "TargetGroupFullName": ":"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done.

    Attributes:
        steps: Calls in their order.
        left: Differences that are not made, in words.
        drift: Resources that the account no longer has, or that the file does not know, in words.
    """

    steps: tuple[Step, ...]
    left: tuple[str, ...]
    drift: tuple[str, ...]


def plan(wanted: Stack, now: Stack) -> Plan:
    """Compare a file with what the account has now.

    Args:
        wanted: The file: what 'tonnage account read' wrote, with changes.
        now: The account, read just now.
    """
    names = {name: own for name, each in wanted.resources.items() if (own := physical_id(each))}
    live = {(each.kind, physical_id(each)): each for each in now.resources.values()}
    live_names = {name: own for name, each in now.resources.items() if (own := physical_id(each))}
    steps: list[Step] = []
    left: list[str] = []
    drift: list[str] = []
    following = {
        each.resource for policy in now.resources.values() if _scales(policy) for each in references(policy.properties)
    }
    for name, resource in _ordered(wanted):
        own = names.get(name)
        there = live.get((resource.kind, own))
        if own and there is None:
            drift.append(f"{name} ({own}) is no longer in the account")
            continue
        found = _steps(resource, there, names, live_names, scaled=there is not None and there.name in following)
        steps += found[0]
        left += found[1]
    return Plan(steps=tuple(steps), left=tuple(left), drift=tuple(drift))


def _scales(resource: Resource) -> bool:
    return resource.kind.endswith(("::ScalingPolicy", "::ScalableTarget"))


def _ordered(stack: Stack) -> Iterator[tuple[str, Resource]]:
    """A target before the policies that need it."""
    last = "ScalingPolicy"
    resources = stack.resources.items()
    yield from ((name, each) for name, each in resources if not each.kind.endswith(last))
    yield from ((name, each) for name, each in resources if each.kind.endswith(last))


def _steps(
    resource: Resource, there: Resource | None, names: Mapping[str, str], live_names: Mapping[str, str], *, scaled: bool
) -> tuple[list[Step], list[str]]:
    action = actions().get(resource.kind)
    target = _properties(resource, names)
    before = {} if there is None else _properties(there, live_names)
    differ = [name for name in dict.fromkeys([*before, *target]) if not same(before.get(name), target.get(name))]
    if there is None and (action is None or not action.CREATES):
        return [], [f"{resource.name} is new: {resource.kind} is not made by Tonnage"]
    follows = [name for name in differ if scaled and name in _FOLLOWING and "BillingMode" not in differ]
    differ = [name for name in differ if name not in follows]
    mine = tuple(name for name in differ if action and name in action.PROPERTIES)
    left = [] if there is None else [
        f"{resource.name}.{name} differs, and is not changed by Tonnage" for name in differ if name not in mine
    ]  # fmt: skip
    left += [f"{resource.name}.{name} differs, and follows its scaling policy" for name in follows]
    if action is None or not mine:
        return [], left
    unresolved = [name for name in mine if _holes(target.get(name))]
    if unresolved:
        return [], [*left, f"{resource.name}.{unresolved[0]} names what the account does not have"]
    wanted = Wanted(
        resource=resource.name,
        physical_id=physical_id(resource) or "",
        now=None if there is None else before,
        wanted=target,
        changed=mine,
    )
    return list(action.steps(wanted)), left


def _properties(resource: Resource, names: Mapping[str, str]) -> dict[str, Value]:
    return {name: _resolved(value, names) for name, value in resource.properties.items()}


def _resolved(value: Value, names: Mapping[str, str]) -> Value:
    """A value with what AWS calls the resources that it names."""
    if isinstance(value, Reference):
        own = names.get(value.resource)
        if own is None:
            return Unknown(f"{value.resource} is not in the account")
        if value.attribute in _FULL_NAMES:
            return (
                own.partition(_FULL_NAMES[value.attribute])[2] if value.attribute[0] == "L" else own.rpartition(":")[2]
            )
        return own.rpartition("/")[2] if value.attribute == "Name" else own
    if isinstance(value, Text):
        parts = [_resolved(part, names) if isinstance(part, Reference) else part for part in value.parts]
        if all(isinstance(part, str) for part in parts):
            return "".join(str(part) for part in parts)
        return Unknown("a part of it is not in the account")
    if isinstance(value, tuple):
        return tuple(_resolved(each, names) for each in value)
    if isinstance(value, Mapping):
        return {key: _resolved(each, names) for key, each in value.items()}
    return value


def _holes(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(_holes(each) for each in value.values())
    return any(_holes(each) for each in value) if isinstance(value, tuple) else isinstance(value, Unknown)
