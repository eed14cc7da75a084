"""One room per AWS resource kind. The folder is the registry: a module without a leading underscore is a room."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from tonnage.services._event_sources import keeps_messages
from tonnage.services._face import (
    Behaviour,
    Burst,
    Characteristic,
    Control,
    Cost,
    Credits,
    Demand,
    Pollers,
    ProvisionedScaling,
    Room,
    ScalingGroup,
    Setting,
    Situation,
    Steps,
    TableScaling,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._group_policies import daily_minimum, predictive_policy, takes_policies, tracking_policy
from tonnage.services._launch import DETAILED_MONITORING
from tonnage.services._provisioned_scaling import MECHANISM as PROVISIONED_MECHANISM
from tonnage.services._provisioned_scaling import describe as describe_provisioned_policy
from tonnage.services._scalable_target import SCHEDULED, SUSPENDED
from tonnage.services._table_scaling import MECHANISM as TABLE_MECHANISM
from tonnage.services._table_scaling import describe as describe_table_policy
from tonnage.workload import WorkloadError

__all__ = [
    "DETAILED_MONITORING",
    "PROVISIONED_MECHANISM",
    "SCHEDULED",
    "SUSPENDED",
    "TABLE_MECHANISM",
    "Behaviour",
    "Burst",
    "Characteristic",
    "Control",
    "Cost",
    "Credits",
    "Demand",
    "Pollers",
    "ProvisionedScaling",
    "Room",
    "ScalingGroup",
    "Setting",
    "Situation",
    "Steps",
    "TableScaling",
    "Usage",
    "characteristic",
    "daily_minimum",
    "demand",
    "describe_provisioned_policy",
    "describe_table_policy",
    "keeps_messages",
    "main_resource_kinds",
    "predictive_policy",
    "room",
    "rooms",
    "takes_policies",
    "tracking_policy",
]


@cache
def rooms() -> Mapping[str, Room]:
    """All rooms by their canonical kind, in the order of their file names.

    Raises:
        AssertionError: Two rooms claim the same kind, or a module lacks a part of the face: a mistake in this package.
    """
    found: dict[str, Room] = {}
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if entry.name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{entry.name}")
        missing = [part for part in Room.__annotations__ if not hasattr(module, part)]
        assert not missing, f"services/{entry.name}.py lacks {', '.join(missing)}"
        candidate = cast("Room", module)
        assert candidate.KIND not in found, f"services/{entry.name}.py claims {candidate.KIND} a second time"
        found[candidate.KIND] = candidate
    return MappingProxyType(found)


def room(kind: str) -> Room:
    """The room of a component's kind.

    Raises:
        WorkloadError: There is none.
    """
    try:
        return rooms()[kind]
    except KeyError:
        raise WorkloadError(
            f"{kind} is not modelled", remedy="Run 'tonnage services' for the list of what is modelled."
        ) from None


@cache
def main_resource_kinds() -> Mapping[str, Room]:
    """Every resource type that a room gathers as its main resource."""
    return MappingProxyType({kind: each for each in rooms().values() for kind in (each.KIND, *each.ALSO)})
