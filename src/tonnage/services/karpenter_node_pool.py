"""Karpenter NodePools: nodes that come for pods without room, of the cheapest type that fits, and go when they can.

Requests do not pass through it: what it does is when pods start, and what they cost. Not modelled: Spot capacity (its
price and its interruptions), drift and expiry, weights, taints and labels of pools, volumes and addresses.

Sources: Karpenter documentation, "NodePools", "Disruption", well-known labels of the AWS provider.
"""

import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import get_args

from tonnage.catalog import Catalog, fact
from tonnage.catalog.types import EC2InstanceType
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._kubernetes import DEPLOYMENT, amount, duration_s, mapping, sequence
from tonnage.services._node_price import DAEMONS, daemons, nodes_cost
from tonnage.services._nodes import Budget, Consolidation, Karpenter, NodePool, node_type
from tonnage.services._properties import Gathered, number_in, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    CatalogError,
    Change,
    Component,
    NotModelled,
    Resource,
    Stack,
    TemplateError,
    Value,
)

KIND = "Karpenter::NodePool"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"kubernetes": "karpenter.sh/v1 NodePool"}
TITLE = "Karpenter NodePool"
ENTRY = False
ROLE: Role = "nodes"

_GUIDE = "Karpenter documentation, NodePools"
_POLICY, _AFTER, _LIMIT = "consolidationPolicy", "consolidateAfter", "limits.cpu"
SETTINGS = (
    Setting(name="requirements", unit="", default=(), meaning="Which types it may launch.", source=_GUIDE),
    Setting(
        name=_POLICY,
        unit="",
        default="WhenEmptyOrUnderutilized",
        meaning="Which nodes are consolidated.",
        source=_GUIDE,
    ),
    Setting(
        name=_AFTER,
        unit="",
        default="0s",
        meaning="How long no pod may have come or gone on a node before it is consolidated.",
        source=_GUIDE,
    ),
    Setting(name="budgets", unit="", default=None, meaning="Nodes that may be disrupted at once.", source=_GUIDE),
    Setting(name=_LIMIT, unit="cores", default=None, meaning="Most vCPUs of all its nodes.", source=_GUIDE),
)
CHARACTERISTICS = (
    Characteristic(
        name="node_boot_time",
        quantity=fact("karpenter.node_boot_s").assumed(),
        meaning="From the request for an instance until its node takes pods. Compare the times of a NodeClaim's "
        "creation and its Initialized condition.",
    ),
    *DAEMONS,
)
DEMANDS = ()

_MOST_NODES = 1000
_DEFAULT_CATEGORIES = ("c", "m", "r")
_LABEL = "karpenter.k8s.aws/instance-"


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a NodePool; where no Deployment is in the files nothing runs on it.

    Raises:
        TemplateError: A setting is none that Karpenter takes.
    """
    if next(stack.of_kind(DEPLOYMENT), None) is None:
        reason = "what runs on the nodes is not in the files, and is not simulated"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place, matters=True)
    gathered = Gathered()
    for name in (_POLICY, _AFTER):
        gathered.text(name, resource, "spec", "disruption", name)
    gathered.text(_LIMIT, resource, "spec", "limits", "cpu")
    gathered.settings["requirements"] = resource.get("spec", "template", "spec", "requirements")
    gathered.settings["budgets"] = resource.get("spec", "disruption", "budgets")
    component = Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )
    _rule(component)
    return component


def _rule(component: Component) -> Karpenter:
    """Its settings of disruption and its limit.

    Raises:
        TemplateError: One is none that Karpenter takes.
    """
    policy, after = (str(setting(_ROOM, component, name)) for name in (_POLICY, _AFTER))
    policies = {name: name for name in get_args(Consolidation)} | {"WhenUnderutilized": "WhenEmptyOrUnderutilized"}
    after_s = math.inf if after == "Never" else duration_s(after)
    if policy not in policies or after_s is None:
        name = _POLICY if policy not in policies else _AFTER
        origin = component.origins.get(name)
        raise TemplateError(
            f"{component.name}: {name} is {setting(_ROOM, component, name)!r}",
            place=(origin.place if origin else None) or component.place,
            remedy=f"Give one of {', '.join(policies)}."
            if name == _POLICY
            else "Give a duration such as 30s, or Never.",
        )
    given = sequence(component.settings.get("budgets"))
    limit = amount(component.settings.get(_LIMIT))
    return Karpenter(
        consolidation=policies[policy],
        after_s=after_s,
        budgets=tuple(_budget(mapping(each)) for each in given) or Karpenter().budgets,
        cpu_limit=math.inf if limit is None else limit,
    )


def _budget(given: Mapping[str, Value]) -> Budget:
    text = str(given.get("nodes", "10%"))
    share = (number_in(text[:-1]) or 0.0) / 100.0 if text.endswith("%") else None
    return Budget(
        share=share,
        nodes=None if share is not None else int(number_in(text) or 0),
        reasons=tuple(str(reason) for reason in sequence(given.get("reasons"))),
        schedule=str(given.get("schedule") or ""),
        duration_s=duration_s(given.get("duration")) or 0.0,
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """No primitive: nodes serve no requests themselves."""
    required = [mapping(each) for each in sequence(setting(_ROOM, component, "requirements"))]
    offered = [each for each in catalog.instance_types() if _allowed(each, required)]
    types = [node_type(each.name, catalog, *daemons(_ROOM, component)) for each in offered]
    types = [each for each in types if math.isfinite(each.usd_per_h) and each.cpu > 0 and each.pods > 0]
    if not types:
        raise CatalogError(
            f"{component.name}: no instance type of the catalogue meets its requirements",
            remedy="Widen spec.template.spec.requirements.",
        )
    types.sort(key=lambda each: (each.usd_per_h, each.vcpus, each.name))
    pool = NodePool(
        name=component.name,
        types=tuple(types),
        minimum=0,
        maximum=_MOST_NODES,
        desired=0,
        boot_s=characteristic(_ROOM, component, "node_boot_time").value,
        provisioner=_rule(component),
    )
    return Behaviour(primitives={}, controls=(pool,), limits={})


def _allowed(instance: EC2InstanceType, required: Iterable[Mapping[str, Value]]) -> bool:
    """Whether a type meets all requirements; without any about its category, only c, m and r of generation 3 on."""
    if instance.bare_metal or not instance.hypervisor:
        return False
    rules = list(required)
    labels = _labels(instance)
    if not any(
        str(rule.get("key", "")).startswith((_LABEL, "node.kubernetes.io/instance-type")) for rule in rules
    ) and (labels[f"{_LABEL}category"] not in _DEFAULT_CATEGORIES or instance.generation < 3):
        return False
    if not any(rule.get("key") == "kubernetes.io/arch" for rule in rules) and instance.arch != "x86_64":
        # Nodes of another architecture are launched only for pods that ask for it.
        return False
    return all(_meets(labels, rule) for rule in rules)


def _labels(instance: EC2InstanceType) -> dict[str, str]:
    size = instance.name.partition(".")[2]
    category = re.match(r"[a-z]+", instance.family)
    return {
        "node.kubernetes.io/instance-type": instance.name,
        "kubernetes.io/arch": "arm64" if instance.arch == "arm64" else "amd64",
        f"{_LABEL}category": category[0][:1] if category else "",
        f"{_LABEL}family": instance.family,
        f"{_LABEL}generation": str(instance.generation),
        f"{_LABEL}size": size,
        f"{_LABEL}cpu": str(instance.vcpus),
        f"{_LABEL}memory": str(round(1024.0 * instance.memory_gib)),
        f"{_LABEL}cpu-manufacturer": instance.cpu_maker.lower(),
        f"{_LABEL}hypervisor": instance.hypervisor,
    }


def _meets(labels: Mapping[str, str], rule: Mapping[str, Value]) -> bool:
    """Whether a type's labels meet one requirement; a label that says nothing of types is met."""
    key, operator = str(rule.get("key", "")), str(rule.get("operator", "In"))
    if key not in labels:
        return True
    values = [str(value) for value in sequence(rule.get("values"))]
    if operator in {"Gt", "Lt"}:
        have, limit = (amount(text) or 0.0 for text in (labels[key], values[0] if values else ""))
        return have > limit if operator == "Gt" else have < limit
    if operator in {"In", "NotIn"}:
        return (labels[key] in values) == (operator == "In")
    return operator != "DoesNotExist"


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Nothing: requests go to pods."""
    return Steps(enter=())


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Its nodes by their types, on demand.

    Raises:
        CatalogError: There is no price.
    """
    spot = any(
        mapping(each).get("key") == "karpenter.sh/capacity-type" and "spot" in sequence(mapping(each).get("values"))
        for each in sequence(setting(_ROOM, component, "requirements"))
    )
    notes = ("Spot capacity is priced, and simulated, as on-demand",) if spot else ()
    return nodes_cost(usage, catalog, notes)


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: which nodes come follows from the pods."""
    return ()


_ROOM = room_of(sys.modules[__name__])
