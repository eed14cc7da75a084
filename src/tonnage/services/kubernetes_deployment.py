"""Kubernetes Deployments: pods with their CPU, each with a pool of workers, on the nodes of a cluster.

A request takes a worker of one pod, uses its CPU, keeps the worker while it calls further, and gives it back. The
number of pods follows a HorizontalPodAutoscaler where the files have one; a new pod waits for a node with room, and
then for its image, its start and its readiness (``start_time``). The nodes are components of their own and are priced
there. Not modelled: memory in use, CPU throttling within a period, affinity and topology spread, sidecars that work,
the strategy of updates.

Sources: Kubernetes documentation, "Resource Management for Pods and Containers", "Pod Lifecycle"; AWS Load Balancer
Controller documentation, Ingress annotations.
"""

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Fleet, Pool, lognormal
from tonnage.engine.primitives.fleet import Rule
from tonnage.engine.program import Choose, Hold, Leave, Release, Wait, Work
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
    demand,
)
from tonnage.services._kubernetes import (
    AUTOSCALER,
    DISRUPTION_BUDGET,
    INGRESS,
    POD,
    SYSTEM,
    amount,
    annotation,
    attributes,
    backends,
    mapping,
    quantity,
    selected,
    sequence,
    services_of,
)
from tonnage.services._nodes import PodGroup
from tonnage.services._properties import Gathered, number_in, number_of, room_of, setting
from tonnage.services._target_group import ALGORITHM, RULES
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Origin,
    Path,
    Resource,
    ScalingPolicy,
    Stack,
    TemplateError,
    Value,
    assumed,
)

KIND = "Kubernetes::Deployment"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "kubernetes_deployment_v1", "kubernetes": "apps/v1 Deployment"}
TITLE = "Kubernetes Deployment"
ENTRY = False
ROLE: Role = "pods"

_GUIDE = "Kubernetes documentation"
_RESOURCES = f"{_GUIDE}, Resource Management for Pods and Containers"
_CPU, _CPU_LIMIT, _MEMORY = "requests.cpu", "limits.cpu", "requests.memory"
_GRACE = "terminationGracePeriodSeconds"
MIB = 2.0**20
SETTINGS = (
    Setting(name="replicas", unit="1", default=1, meaning="Pods at the start.", source=f"{_GUIDE}, Deployments"),
    Setting(
        name="minReplicas",
        unit="1",
        default=None,
        meaning="Least pods of the autoscaler; unset means replicas.",
        source=f"{_GUIDE}, Horizontal Pod Autoscaling",
    ),
    Setting(
        name="maxReplicas",
        unit="1",
        default=None,
        meaning="Most pods of the autoscaler; unset means replicas.",
        source=f"{_GUIDE}, Horizontal Pod Autoscaling",
    ),
    Setting(name=_CPU, unit="cores", default=0, meaning="CPU that a pod requests.", source=_RESOURCES),
    Setting(
        name=_CPU_LIMIT,
        unit="cores",
        default=None,
        meaning="CPU that a pod may use; unset, it uses what its node has left, taken to be at least a core.",
        source=_RESOURCES,
    ),
    Setting(name=_MEMORY, unit="bytes", default=0, meaning="Memory that a pod requests.", source=_RESOURCES),
    Setting(
        name=_GRACE,
        unit="s",
        default=30,
        meaning="How long a leaving pod may finish its requests.",
        source=f"{_GUIDE}, Pod Lifecycle",
    ),
    Setting(
        name="minAvailable",
        unit="",
        default=0,
        meaning="Ready pods, or their share, that an eviction must leave (PodDisruptionBudget).",
        source=f"{_GUIDE}, Disruptions",
    ),
    Setting(
        name="maxUnavailable",
        unit="",
        default=None,
        meaning="Pods, or their share, that evictions may take at once (PodDisruptionBudget).",
        source=f"{_GUIDE}, Disruptions",
    ),
    Setting(
        name=ALGORITHM,
        unit="",
        default="random",
        meaning="How a pod is chosen: by a load balancer that knows the pods, else at random by the node's rules.",
        source=f"{_GUIDE}, Virtual IPs and Service Proxies",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="workers",
        quantity=fact("app.workers").assumed(),
        meaning="Requests that one pod serves at once: worker threads or processes of the web server.",
    ),
    Characteristic(
        name="backlog",
        quantity=fact("app.backlog").assumed(),
        meaning="Requests that wait for a worker of one pod before the next is refused: the listen backlog.",
    ),
    Characteristic(
        name="start_time",
        quantity=fact("kubernetes.pod_start_s").assumed(),
        meaning="From a pod's place on a node to its first request: image pull, start, readiness. Compare the times "
        "of PodScheduled and Ready in the pod's conditions.",
    ),
    Characteristic(
        name="core_speed",
        quantity=assumed(1.0, "1", "the speed of an m5 vCPU; later generations are faster", low=0.8, high=1.6),
        meaning="Speed of a core of the nodes relative to an m5 vCPU. Measure the same request on both.",
    ),
    Characteristic(
        name="cpu_variation",
        quantity=assumed(1.0, "1", "application code spreads about as widely as its mean", low=0.5, high=2.0),
        meaning="Standard deviation over mean of the CPU time of a request.",
    ),
    Characteristic(
        name="metric_delay",
        quantity=fact("kubernetes.metric_delay_s").assumed(),
        meaning="From the end of a window of CPU usage until the autoscaler reads it. Depends on metrics-server's "
        "--metric-resolution.",
    ),
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(
            0.010, "s", "a server-rendered page or JSON call takes 2 to 50 ms of CPU", low=0.002, high=0.050
        ),
        meaning="CPU time of a request on one m5 vCPU. Measure: the container's CPU seconds per second over requests "
        "per second.",
    ),
)


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a Deployment with its autoscaler and disruption budget.

    Raises:
        TemplateError: A setting is no quantity, or the bounds contradict each other.
    """
    if str(resource.get("metadata", "namespace")) in SYSTEM:
        return NotModelled(
            name=resource.name, kind=KIND, reason="carries no requests (it runs the cluster)", place=resource.place
        )
    gathered = Gathered()
    gathered.number("replicas", resource, "spec", "replicas")
    gathered.number(_GRACE, resource, *POD, _GRACE)
    _gather_resources(gathered, resource)
    for name in ("minAvailable", "maxUnavailable"):
        for budget in stack.of_kind(DISRUPTION_BUDGET):
            if (
                selected(budget.get("spec", "selector", "matchLabels"), resource)
                and budget.get("spec", name) is not None
            ):
                gathered.text(name, budget, "spec", name)
    _gather_algorithm(gathered, resource, stack)
    policies = tuple(_policy(each, gathered) for each in stack.of_kind(AUTOSCALER) if _scales(each, resource))[:1]
    least, most = (gathered.settings.get(name) for name in ("minReplicas", "maxReplicas"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        raise TemplateError(
            f"{resource.name}: minReplicas {least:g} and maxReplicas {most:g} contradict each other",
            place=gathered.origins["minReplicas"].place or resource.place,
            remedy="Make minReplicas no larger than maxReplicas.",
        )
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=policies,
        place=resource.place,
    )


def _gather_resources(gathered: Gathered, resource: Resource) -> None:
    """Requests and limits: those of the one container that has them, or the sum over several."""
    containers = range(len(sequence(resource.get(*POD, "containers"))))
    for name, path in ((_CPU, ("requests", "cpu")), (_CPU_LIMIT, ("limits", "cpu")), (_MEMORY, ("requests", "memory"))):
        found: list[tuple[Path, float]] = []
        for k in containers:
            at: Path = (*POD, "containers", k, "resources", *path)
            if path[0] == "requests" and resource.get(*at) is None:
                # A limit alone is the request too.
                at = (*at[:-2], "limits", path[1])
            if resource.get(*at) is not None:
                found.append((at, quantity(gathered, name, resource, *at) or 0.0))
        if name == _CPU_LIMIT and len(found) < len(containers):
            # One container without a limit may use what the node has.
            gathered.settings.pop(name, None)
            gathered.origins.pop(name, None)
        elif len(found) > 1:
            gathered.settings[name] = sum(value for _, value in found)
            gathered.origins.pop(name)


def _gather_algorithm(gathered: Gathered, resource: Resource, stack: Stack) -> None:
    """A load balancer that sends to pods themselves takes turns, unless an annotation says otherwise."""
    services = {str(each.get("metadata", "name")): each for each in services_of(resource, stack)}
    doors = [each for each in stack.of_kind(INGRESS) if any(name in services for name, _ in backends(each))]
    doors += [each for each in services.values() if each.get("spec", "type") == "LoadBalancer"]
    for door in doors:
        prefix = "alb.ingress.kubernetes.io" if door.kind == INGRESS else "service.beta.kubernetes.io/aws-load-balancer"
        joint = "/" if door.kind == INGRESS else "-"
        given = attributes(annotation(door, f"{prefix}{joint}target-group-attributes"))
        by_pod = annotation(door, f"{prefix}{joint}{'target-type' if door.kind == INGRESS else 'nlb-target-type'}")
        if by_pod == "ip":
            gathered.settings[ALGORITHM] = given.get(ALGORITHM, "round_robin")


def _scales(autoscaler: Resource, deployment: Resource) -> bool:
    target = mapping(autoscaler.get("spec", "scaleTargetRef"))
    return target.get("kind") == "Deployment" and target.get("name") == deployment.get("metadata", "name")


def _policy(autoscaler: Resource, gathered: Gathered) -> ScalingPolicy:
    """An autoscaler: its plain values by their dotted path, which is how a change names them."""
    for name in ("minReplicas", "maxReplicas"):
        gathered.number(name, autoscaler, "spec", name)
    settings: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    for path, place in autoscaler.places.items():
        if path[0] != "spec" or len(path) < 2:
            continue
        name, value = ".".join(str(step) for step in path[1:]), autoscaler.get(*path)
        origins[name] = Origin(resource=autoscaler.name, path=path, place=place)
        if isinstance(value, bool | int | float | str):
            settings[name] = value
        # What is inside a mapping is spoken of by that mapping's own name in errors.
        if len(path) > 3 and isinstance(path[-2], str):
            origins.setdefault(f"{path[-2]}.{path[-1]}", origins[name])
    return ScalingPolicy(
        name=autoscaler.name, mechanism="horizontal pod autoscaler", settings=settings, origins=origins
    )


def _bounds(component: Component) -> tuple[int, int, int]:
    """Least pods, most pods, pods at the start."""
    count = max(0, int(number_of(_ROOM, component, "replicas")))
    if not component.policies:
        return count, count, count
    given = number_in(component.settings.get("minReplicas"))
    least = 1 if given is None else int(given)
    most = int(number_in(component.settings.get("maxReplicas")) or max(count, least))
    return least, most, min(max(count, least), most)


def _with_bounds(policy: ScalingPolicy, low: int, high: int) -> ScalingPolicy:
    """The autoscaler with the bounds that the component has: a change sets them there."""
    return replace(policy, settings={**policy.settings, "minReplicas": low, "maxReplicas": high})


def _cores(component: Component) -> tuple[float, float]:
    """CPU that a pod requests, and that it can use, cores."""
    request = amount(setting(_ROOM, component, _CPU)) or 0.0
    limit = amount(component.settings.get(_CPU_LIMIT))
    # Without a limit what other pods leave may be used: at least one core is taken to be there for a request.
    return request, limit if limit is not None and limit > 0 else max(request, 1.0)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Pods with their CPU, a pool of workers in each, and their autoscaler."""
    name = component.name
    low, high, count = _bounds(component)
    request, cores = _cores(component)
    servers = max(1, math.floor(cores))
    rules: dict[str, Rule] = {"random": "random", **RULES}
    fleet = Fleet(
        servers=servers,
        discipline="processor sharing",
        instances=count,
        max_instances=max(high, count) * 2 + 2,
        rule=rules.get(str(setting(_ROOM, component, ALGORITHM)), "round robin"),
        speed=cores / servers * characteristic(_ROOM, component, "core_speed").value,
    )
    workers = Pool(
        capacity=max(1, round(characteristic(_ROOM, component, "workers").value)),
        queue_limit=round(characteristic(_ROOM, component, "backlog").value),
        fleet=f"{name}/cpu",
        refusal="all workers busy and backlog full",
    )
    group = PodGroup(
        fleet=f"{name}/cpu",
        minimum=low,
        maximum=high,
        desired=count,
        policies=tuple(_with_bounds(policy, low, high) for policy in component.policies),
        start_s=characteristic(_ROOM, component, "start_time").value,
        cpu=request,
        memory_mib=(amount(setting(_ROOM, component, _MEMORY)) or 0.0) / MIB,
        cores=cores,
        drain_s=number_of(_ROOM, component, _GRACE),
        min_available=_min_available(component, low),
        metric_delay_s=characteristic(_ROOM, component, "metric_delay").value,
    )
    return Behaviour(
        primitives={f"{name}/cpu": fleet, f"{name}/workers": workers},
        controls=(group,),
        limits={"pods": high, "workers": workers.capacity},
    )


def _min_available(component: Component, pods: int) -> int:
    """Pods that an eviction must leave; a share is of the least pods, rounded up as the controller does."""

    def count(value: Value) -> int:
        text = str(value)
        if text.endswith("%"):
            return math.ceil(pods * (number_in(text[:-1]) or 0.0) / 100.0 - 1e-9)
        return int(number_in(value) or 0)

    unavailable = component.settings.get("maxUnavailable")
    if unavailable is not None:
        return max(0, pods - count(unavailable))
    return count(setting(_ROOM, component, "minAvailable"))


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """To a pod, a worker, its CPU; the worker is kept until the calls below are done."""
    cpu, workers = f"{component.name}/cpu", f"{component.name}/workers"
    time = lognormal(demand(_ROOM, call, "cpu").value, characteristic(_ROOM, component, "cpu_variation").value)
    network = lognormal(fact("network.cross_az_rtt_s").value, 0.5)
    return Steps(
        enter=(Wait(network), Choose(cpu), Hold(workers), Work(cpu, time)), leave=(Release(workers), Leave(cpu))
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Nothing of its own: the nodes are priced where they stand."""
    return Cost(
        usd_per_h=0.0,
        notes=("its pods are paid for with their nodes",),
        sources=("Amazon EKS pricing: pods on EC2 nodes cost nothing of their own",),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More pods, an earlier target, larger pods; fewer pods where they idle."""
    yield from _sizes(component, situation)
    yield from _targets(component, situation)
    if {"cpu", "workers", "service time"} & set(situation.pressures):
        yield from _larger(component)


_IDLE = 0.3


def _sizes(component: Component, situation: Situation) -> Iterator[Change]:
    low, high, count = _bounds(component)
    full = {"cpu", "workers"} & set(situation.pressures)
    names = (("maxReplicas", high), ("minReplicas", low)) if component.policies else (("replicas", count),)
    for name, now in names:
        if name not in component.origins:
            continue
        if full or (name == "minReplicas" and "scaling lag" in situation.pressures):
            for wanted in dict.fromkeys((round(now * 1.5 + 0.5), now * 2)):
                if name != "minReplicas" or wanted <= high:
                    yield _change(component, name, wanted, "more pods share the work")
        elif name != "maxReplicas" and now > 1 and situation.utilization < _IDLE:
            yield _change(component, name, max(1, now // 2), "its pods are idle even at the peak")


def _targets(component: Component, situation: Situation) -> Iterator[Change]:
    if not {"cpu", "scaling lag", "workers"} & set(situation.pressures):
        return
    for policy in component.policies:
        for name, target in policy.settings.items():
            if name.endswith(".averageUtilization") and isinstance(target, int | float):
                for share in (0.8, 0.6):
                    yield Change(
                        component=component.name,
                        policy=policy.name,
                        setting=name,
                        before=target,
                        after=round(target * share),
                        because="it scales out earlier",
                    )


def _larger(component: Component) -> Iterator[Change]:
    """Twice the CPU, request and limit together: a limit below the request is refused."""
    request, limit = (amount(component.settings.get(name)) for name in (_CPU, _CPU_LIMIT))
    if _CPU_LIMIT not in component.origins or limit is None or request is None:
        return
    also = () if component.origins.get(_CPU) in {None, component.origins[_CPU_LIMIT]} else (_CPU,)
    yield Change(
        component=component.name,
        setting=_CPU_LIMIT,
        before=component.settings[_CPU_LIMIT],
        after=_milli(2.0 * limit),
        because="a pod with more CPU answers sooner",
        also=tuple(
            Change(component=component.name, setting=name, before=component.settings[name], after=_milli(2.0 * request))
            for name in also
        ),
    )


def _milli(cores: float) -> str:
    return f"{round(1000.0 * cores)}m"


def _change(component: Component, name: str, after: int, because: str) -> Change:
    return Change(
        component=component.name, setting=name, before=component.settings.get(name), after=after, because=because
    )


_ROOM = room_of(sys.modules[__name__])
