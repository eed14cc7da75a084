"""How an Application or Network Load Balancer gives requests to targets: the attributes of their target group.

Source: User Guide for Application Load Balancers, "Target groups" and "Target group attributes".
"""

from tonnage.engine.primitives.fleet import Rule
from tonnage.services._face import Room, Setting
from tonnage.services._properties import Gathered, attribute_path, number_of, referred
from tonnage.workload import Component, Origin, Resource, Stack, Value

_SOURCE = "User Guide for Application Load Balancers, target group attributes"
_HEALTH = "User Guide for Application Load Balancers, health checks for your target groups"
ALGORITHM = "load_balancing.algorithm.type"
DRAIN = "deregistration_delay.timeout_seconds"
SLOW_START = "slow_start.duration_seconds"
CROSS_ZONE = "load_balancing.cross_zone.enabled"
INTERVAL = "HealthCheckIntervalSeconds"
UNHEALTHY_AFTER = "UnhealthyThresholdCount"
HEALTHY_AFTER = "HealthyThresholdCount"
KIND = "AWS::ElasticLoadBalancingV2::TargetGroup"
_CONNECTIONS = {"TCP", "UDP", "TLS", "TCP_UDP"}
RULES: dict[str, Rule] = {
    "round_robin": "round robin",
    "least_outstanding_requests": "least outstanding",
    "weighted_random": "random",
}
TARGET_GROUP_SETTINGS = (
    Setting(
        name=ALGORITHM,
        unit="",
        default="round_robin",
        meaning="How the load balancer chooses a target.",
        source=_SOURCE,
    ),
    Setting(
        name=DRAIN,
        unit="s",
        default=300,
        meaning="How long a leaving target may finish its requests.",
        source=_SOURCE,
    ),
    Setting(
        name=SLOW_START,
        unit="s",
        default=0,
        meaning="How long a new target gets a share of requests that grows to the full; with round robin only.",
        source=_SOURCE,
    ),
    Setting(
        name=CROSS_ZONE,
        unit="",
        default=True,
        meaning="Whether targets of all zones share the requests; off by default behind a Network Load Balancer.",
        source="Elastic Load Balancing user guide, cross-zone load balancing",
    ),
    Setting(name=INTERVAL, unit="s", default=30, meaning="Time between health checks.", source=_HEALTH),
    Setting(
        name=UNHEALTHY_AFTER,
        unit="1",
        default=2,
        meaning="Failed checks in a row until a target gets no more requests.",
        source=_HEALTH,
    ),
    Setting(
        name=HEALTHY_AFTER,
        unit="1",
        default=5,
        meaning="Good checks in a row until a target that had failed gets requests again.",
        source=_HEALTH,
    ),
)


def gather_target_group(gathered: Gathered, value: Value, stack: Stack) -> bool:
    """Take the attributes of the first target group that a value names; False where it names none."""
    group = next(referred(value, stack, KIND), None)
    if group is None:
        return False
    algorithm = attribute_path(group, "TargetGroupAttributes", ALGORITHM)
    if algorithm is not None:
        gathered.text(ALGORITHM, group, *algorithm)
    for name in (DRAIN, SLOW_START):
        path = attribute_path(group, "TargetGroupAttributes", name)
        if path is not None:
            gathered.number(name, group, *path)
    for name in (INTERVAL, UNHEALTHY_AFTER, HEALTHY_AFTER):
        gathered.number(name, group)
    _gather_cross_zone(gathered, group, stack)
    return True


def _gather_cross_zone(gathered: Gathered, group: Resource, stack: Stack) -> None:
    """The target group decides; else the load balancer, whose default is on for HTTP and off for TCP."""
    path = attribute_path(group, "TargetGroupAttributes", CROSS_ZONE)
    said = str(group.get(*path)).lower() if path is not None else ""
    if path is not None and said in {"true", "false"}:
        gathered.settings[CROSS_ZONE] = said == "true"
        gathered.origins[CROSS_ZONE] = Origin(resource=group.name, path=path, place=group.places.get(path))
    elif str(group.get("Protocol")).upper() in _CONNECTIONS:
        balancers = stack.of_kind("AWS::ElasticLoadBalancingV2::LoadBalancer")
        paths = ((each, attribute_path(each, "LoadBalancerAttributes", CROSS_ZONE)) for each in balancers)
        gathered.settings[CROSS_ZONE] = any(
            at is not None and str(each.get(*at)).lower() == "true" for each, at in paths
        )


def found_out_s(room: Room, component: Component) -> float:
    """Until a target that does not answer gets no more requests: its failed checks, one interval each."""
    return number_of(room, component, INTERVAL) * number_of(room, component, UNHEALTHY_AFTER)


def taken_in_s(room: Room, component: Component) -> float:
    """Until a target that answers again gets requests: its good checks, one interval each."""
    return number_of(room, component, INTERVAL) * number_of(room, component, HEALTHY_AFTER)
