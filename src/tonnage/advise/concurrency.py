"""Findings about the concurrency of Lambda functions: what the account cannot give, and scaling that cannot act.

Sources: AWS Lambda developer guide, "Configuring reserved concurrency" (100 stay unreserved), "Configuring provisioned
concurrency" (no more than is reserved, a target of 10 % to 90 %, not for the unpublished version).
"""

from collections.abc import Iterator, Mapping

from tonnage.advise.finding import Finding, place_of
from tonnage.catalog import fact
from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.engine.primitives import Environments, unreserved
from tonnage.services import PROVISIONED_MECHANISM
from tonnage.workload import Component, Place, ScalingPolicy

LEAST_TARGET, MOST_TARGET = 0.1, 0.9
_RESERVED, _PROVISIONED = "ReservedConcurrentExecutions", "ProvisionedConcurrentExecutions"


def concurrency_findings(compiled: Compiled) -> Iterator[Finding]:
    """Everything found in the concurrency of the functions of a workload."""
    environments = {
        component_of(name): p for name, p in compiled.model.primitives.items() if isinstance(p, Environments)
    }
    components = compiled.workload.components
    yield from _reservations(components, environments)
    for name, each in environments.items():
        yield from _provisioned(components[name], each, environments)
        if each.provisioned and components[name].settings.get("SnapStart") == "PublishedVersions":
            yield Finding(
                component=name,
                what="SnapStart and provisioned concurrency cannot be had together, which AWS refuses",
                remedy="Leave one of them out.",
                place=_place(components[name], "SnapStart"),
            )
        for policy in components[name].policies:
            if policy.mechanism == PROVISIONED_MECHANISM:
                yield from _scaling(name, policy)


def _reservations(components: Mapping[str, Component], environments: Mapping[str, Environments]) -> Iterator[Finding]:
    reserved = {name: each.limit for name, each in environments.items() if each.reserved}
    account = max((each.account for each in environments.values() if each.account is not None), default=0)
    keeps = int(fact("lambda.unreserved_concurrency").value)
    if reserved and sum(reserved.values()) > account - keeps:
        largest = max(reserved, key=lambda name: reserved[name])
        yield Finding(
            component=largest,
            what=f"{sum(reserved.values()):,} concurrent executions are reserved in all, of an account with "
            f"{account:,}, of which {keeps} stay unreserved: AWS refuses that",
            remedy=f"Reserve no more than {max(0, account - keeps):,}, or tell the quota by account_concurrency.",
            place=_place(components[largest], _RESERVED),
        )


def _provisioned(
    component: Component, own: Environments, environments: Mapping[str, Environments]
) -> Iterator[Finding]:
    """What is, or may be, provisioned beyond what the function or the account has."""
    keeps = int(fact("lambda.unreserved_concurrency").value)
    most = own.limit if own.reserved else max(0, unreserved(environments.values()) - keeps)
    wanted = {_PROVISIONED: (component.settings.get(_PROVISIONED), _place(component, _PROVISIONED))}
    for policy in component.policies:
        if policy.mechanism == PROVISIONED_MECHANISM:
            wanted[f"MaxCapacity of {policy.name}"] = (
                policy.settings.get("MaxCapacity"),
                place_of(policy, "MaxCapacity"),
            )
    for what, (count, place) in wanted.items():
        if own.account is not None and isinstance(count, int | float) and count > most:
            whose = "the function has reserved" if own.reserved else "the account leaves to it"
            yield Finding(
                component=component.name,
                what=f"{what} is {count:g}, more than the {most:,} that {whose}",
                remedy=f"Give no more than {most:,}, or reserve more.",
                place=place,
            )


def _scaling(name: str, policy: ScalingPolicy) -> Iterator[Finding]:
    qualifier, target = policy.settings.get("Qualifier"), policy.settings.get("TargetValue")
    if qualifier in {"", "$LATEST"}:
        yield Finding(
            component=name,
            what=f"{policy.name} scales the provisioned concurrency of no alias or version, which AWS refuses",
            remedy="End the ResourceId with the name of an alias: function:name:alias.",
            place=place_of(policy),
        )
    if isinstance(target, int | float) and not LEAST_TARGET <= target <= MOST_TARGET:
        then = ": it never scales out" if target >= 1.0 else ""
        yield Finding(
            component=name,
            what=f"{policy.name} keeps {target:g} of the provisioned environments in use, outside {LEAST_TARGET:g} to "
            f"{MOST_TARGET:g}{then}",
            remedy="Give a share such as 0.7.",
            place=place_of(policy, "TargetValue"),
        )


def _place(component: Component, setting: str) -> Place | None:
    origin = component.origins.get(setting)
    return origin.place if origin is not None and origin.place is not None else component.place
