"""One room per AWS resource kind. The folder is the registry: a module without a leading underscore is a room."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from tonnage.services._api_gateway import CACHE
from tonnage.services._client_way import (
    edge_round_trip_s,
    edge_to_region,
    nearest_s,
    setup_round_trips,
    to_edge,
    to_region,
)
from tonnage.services._edge_cache import (
    CacheBehavior,
    behavior_of,
    is_cached,
    max_age_s,
    read_behaviors,
    targeted_origins,
)
from tonnage.services._event_sources import POLLED
from tonnage.services._face import (
    Behaviour,
    Burst,
    Characteristic,
    Control,
    Cost,
    Credits,
    Demand,
    GrowingCapacity,
    Hook,
    Offer,
    OnDemandCapacity,
    PartitionSplit,
    Pollers,
    ProvisionedScaling,
    Role,
    Room,
    ScalingGroup,
    Setting,
    Situation,
    Steps,
    TableScaling,
    Usage,
    WarmPool,
    characteristic,
    demand,
)
from tonnage.services._group_policies import (
    daily_minimum,
    predictive_policy,
    takes_policies,
    takes_warm_pool,
    tracking_policy,
    warm_pool,
)
from tonnage.services._launch import DETAILED_MONITORING
from tonnage.services._nodes import (
    Budget,
    ClusterAutoscaler,
    Karpenter,
    NodePool,
    NodeType,
    PodGroup,
)
from tonnage.services._provisioned_scaling import MECHANISM as PROVISIONED_MECHANISM
from tonnage.services._provisioned_scaling import describe as describe_provisioned_policy
from tonnage.services._scalable_target import SCHEDULED, SUSPENDED
from tonnage.services._table_scaling import MECHANISM as TABLE_MECHANISM
from tonnage.services._table_scaling import describe as describe_table_policy
from tonnage.services._target_group import CROSS_ZONE
from tonnage.services._workflow import EXPRESS, WORKFLOW_TYPE
from tonnage.workload import Component, WorkloadError

__all__ = [
    "CROSS_ZONE",
    "DETAILED_MONITORING",
    "PROVISIONED_MECHANISM",
    "SCHEDULED",
    "SUSPENDED",
    "TABLE_MECHANISM",
    "Behaviour",
    "Budget",
    "Burst",
    "CacheBehavior",
    "Characteristic",
    "ClusterAutoscaler",
    "Control",
    "Cost",
    "Credits",
    "Demand",
    "GrowingCapacity",
    "Hook",
    "Karpenter",
    "NodePool",
    "NodeType",
    "Offer",
    "OnDemandCapacity",
    "PartitionSplit",
    "PodGroup",
    "Pollers",
    "ProvisionedScaling",
    "Role",
    "Room",
    "ScalingGroup",
    "Setting",
    "Situation",
    "Steps",
    "TableScaling",
    "Usage",
    "WarmPool",
    "answers_itself",
    "behavior_of",
    "characteristic",
    "daily_minimum",
    "demand",
    "describe_provisioned_policy",
    "describe_table_policy",
    "edge_round_trip_s",
    "edge_to_region",
    "is_cached",
    "keeps_messages",
    "kinds_of",
    "leaves_alone",
    "main_resource_kinds",
    "max_age_s",
    "nearest_s",
    "predictive_policy",
    "read_behaviors",
    "room",
    "rooms",
    "setup_round_trips",
    "takes_policies",
    "takes_warm_pool",
    "targeted_origins",
    "to_edge",
    "to_region",
    "tracking_policy",
    "warm_pool",
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
def kinds_of(*roles: Role) -> frozenset[str]:
    """Kinds of the components that are any of these to others."""
    return frozenset(kind for kind, each in rooms().items() if each.ROLE in roles)


def keeps_messages(component: Component) -> bool:
    """Whether the calls below a component are made for each of its messages, later and by others.

    That is so of queues and streams, and of a table whose stream Lambda polls.
    """
    return room(component.kind).ROLE == "queue" or bool(component.settings.get(POLLED))


def answers_itself(component: Component) -> bool:
    """Whether a component answers what it can from a cache of its own: an edge, a REST API whose stage has a cache."""
    return room(component.kind).ROLE == "edge" or component.settings.get(CACHE) is True


def leaves_alone(component: Component) -> bool:
    """Whether nobody waits for the calls below a component: copies of a topic, tasks of a standard workflow."""
    role = room(component.kind).ROLE
    return role == "topic" or (role == "workflow" and component.settings.get(WORKFLOW_TYPE) != EXPRESS)


@cache
def main_resource_kinds() -> Mapping[str, Room]:
    """Every resource type that a room gathers as its main resource."""
    return MappingProxyType({kind: each for each in rooms().values() for kind in (each.KIND, *each.ALSO)})
