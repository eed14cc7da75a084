"""Node groups of an EKS cluster: nodes of one type whose number the Cluster Autoscaler changes, if there is one.

Requests do not pass through it: what it does is when pods start, and what they cost. The flags are those of the
Deployment in the files that runs ``cluster-autoscaler``. Not modelled: Spot capacity, several types in one group (the
first counts), updates of the group, node repair.

Sources: CloudFormation, AWS::EKS::Nodegroup; eksctl schema; kubernetes/autoscaler, Cluster Autoscaler FAQ.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import get_args

from tonnage.catalog import Catalog, fact
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
from tonnage.services._kubernetes import DEPLOYMENT, duration_s, runs
from tonnage.services._node_price import DAEMONS, daemons, nodes_cost
from tonnage.services._nodes import ClusterAutoscaler, Expander, NodePool, node_type
from tonnage.services._properties import Gathered, number_in, number_of, referred, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Origin,
    Resource,
    Stack,
    TemplateError,
    Value,
)

KIND = "AWS::EKS::Nodegroup"
ALSO = ("eksctl::NodeGroup",)
SPELLINGS = {"terraform": "aws_eks_node_group", "boto3": "eks:DescribeNodegroup", "eksctl": "managedNodeGroups"}
TITLE = "EKS node group"
ENTRY = False
ROLE: Role = "nodes"

_GUIDE = "CloudFormation, AWS::EKS::Nodegroup"
_FAQ = "Cluster Autoscaler FAQ"
_TYPE = "InstanceType"
_FLAGS: Mapping[str, Value] = {
    "scan-interval": "10s",
    "scale-down-unneeded-time": "10m",
    "scale-down-utilization-threshold": 0.5,
    "scale-down-delay-after-add": "10m",
    "max-scale-down-parallelism": 10,
    "scale-down-enabled": "true",
    "expander": "least-waste",
}
SETTINGS = (
    Setting(
        name=_TYPE, unit="", default="t3.medium", meaning="Type of its nodes; of several the first.", source=_GUIDE
    ),
    Setting(name="MinSize", unit="1", default=1, meaning="Least nodes.", source=_GUIDE),
    Setting(name="MaxSize", unit="1", default=2, meaning="Most nodes.", source=_GUIDE),
    Setting(name="DesiredSize", unit="1", default=None, meaning="Nodes at the start; unset means two.", source=_GUIDE),
    Setting(
        name="cluster-autoscaler",
        unit="",
        default=False,
        meaning="Whether a Cluster Autoscaler in the files changes its size.",
        source=_FAQ,
    ),
    *(
        Setting(name=flag, unit="", default=default, meaning=f"Flag --{flag} of the Cluster Autoscaler.", source=_FAQ)
        for flag, default in _FLAGS.items()
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="node_boot_time",
        quantity=fact("eks.node_boot_s").assumed(),
        meaning="From the request for an instance until its node takes pods. Compare the group's scaling activity "
        "with the node's first Ready condition.",
    ),
    *DAEMONS,
)
DEMANDS = ()
_SIZES = {
    "MinSize": (("ScalingConfig", "MinSize"), ("minSize",)),
    "MaxSize": (("ScalingConfig", "MaxSize"), ("maxSize",)),
    "DesiredSize": (("ScalingConfig", "DesiredSize"), ("desiredCapacity",)),
}
_TYPES: tuple[tuple[str | int, ...], ...] = (("InstanceTypes", 0), ("instanceType",), ("instanceTypes", 0))


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a node group; where no Deployment is in the files nothing runs on it.

    Raises:
        TemplateError: A size is no number, or a flag none that the Cluster Autoscaler takes.
    """
    if next(stack.of_kind(DEPLOYMENT), None) is None:
        reason = "what runs on the nodes is not in the file, and is not simulated"
        return NotModelled(name=resource.name, kind=resource.kind, reason=reason, place=resource.place, matters=True)
    gathered = Gathered()
    for path in _TYPES:
        if resource.get(*path) is not None:
            gathered.text(_TYPE, resource, *path)
    for launch in referred(resource.get("LaunchTemplate"), stack, "AWS::EC2::LaunchTemplate"):
        if launch.get("LaunchTemplateData", "InstanceType") is not None:
            gathered.text(_TYPE, launch, "LaunchTemplateData", "InstanceType")
    for name, paths in _SIZES.items():
        for path in paths:
            if resource.get(*path) is not None:
                gathered.number(name, resource, *path)
    _gather_flags(gathered, stack)
    component = Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )
    _rule(component)
    return component


def _gather_flags(gathered: Gathered, stack: Stack) -> None:
    for deployment in stack.of_kind(DEPLOYMENT):
        words = runs(deployment, "cluster-autoscaler")
        if words:
            gathered.settings["cluster-autoscaler"] = True
        for word in words:
            name, sign, value = word.removeprefix("--").partition("=")
            name = "max-scale-down-parallelism" if name == "max-empty-bulk-delete" else name
            if sign and name in _FLAGS:
                gathered.settings[name] = value
                gathered.origins[name] = Origin(resource=deployment.name, path=(), place=deployment.place)


def _rule(component: Component) -> ClusterAutoscaler | None:
    """The flags of the Cluster Autoscaler; None where there is none.

    Raises:
        TemplateError: One is none that it takes.
    """
    if not setting(_ROOM, component, "cluster-autoscaler"):
        return None

    def seconds(flag: str) -> float:
        found = duration_s(setting(_ROOM, component, flag))
        if found is None:
            raise _refusal(component, flag, "Give a duration such as 10m.")
        return found

    expanders: Mapping[str, Expander] = {name: name for name in get_args(Expander)}
    expander = str(setting(_ROOM, component, "expander")).partition(",")[0]
    threshold = number_in(setting(_ROOM, component, "scale-down-utilization-threshold"))
    if expander not in expanders or threshold is None:
        flag = "expander" if expander not in expanders else "scale-down-utilization-threshold"
        raise _refusal(
            component, flag, f"Use one of {', '.join(expanders)}." if flag == "expander" else "Give a share."
        )
    return ClusterAutoscaler(
        scan_s=max(1.0, seconds("scan-interval")),
        unneeded_s=seconds("scale-down-unneeded-time"),
        threshold=threshold,
        after_add_s=seconds("scale-down-delay-after-add"),
        empty_at_once=int(number_in(setting(_ROOM, component, "max-scale-down-parallelism")) or 10),
        scale_down=str(setting(_ROOM, component, "scale-down-enabled")).lower() == "true",
        expander=expanders[expander],
    )


def _refusal(component: Component, flag: str, remedy: str) -> TemplateError:
    origin = component.origins.get(flag)
    return TemplateError(
        f"--{flag} of the Cluster Autoscaler is {setting(_ROOM, component, flag)!r}",
        place=origin.place if origin else component.place,
        remedy=remedy,
    )


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """No primitive: nodes serve no requests themselves."""
    low, high = (int(number_of(_ROOM, component, name)) for name in ("MinSize", "MaxSize"))
    desired = number_in(component.settings.get("DesiredSize"))
    pool = NodePool(
        name=component.name,
        types=(node_type(str(setting(_ROOM, component, _TYPE)), catalog, *daemons(_ROOM, component)),),
        minimum=low,
        maximum=high,
        desired=min(max(int(desired if desired is not None else 2), low), high),
        boot_s=characteristic(_ROOM, component, "node_boot_time").value,
        provisioner=_rule(component),
    )
    return Behaviour(primitives={}, controls=(pool,), limits={"nodes": high})


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Nothing: requests go to pods."""
    return Steps(enter=())


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Its nodes, on demand.

    Raises:
        CatalogError: There is no price.
    """
    return nodes_cost(usage, catalog)


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: which nodes come follows from the pods."""
    return ()


_ROOM = room_of(sys.modules[__name__])
