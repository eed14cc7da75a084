"""ECS services: tasks behind a load balancer, each with a share of vCPUs and a pool of workers.

A request takes a worker of one task, uses its CPU, keeps the worker while it calls further, and gives it back. The
desired count follows Application Auto Scaling where the files have it. A task needs a while to be pulled, started and
healthy (``start_time``).

Not modelled: memory of the tasks, placement on EC2 container instances (they are taken to be there and are not priced),
Fargate Spot, deployments, service discovery.

Sources: Amazon ECS developer guide, "Task definition parameters", "Service auto scaling"; AWS Fargate pricing.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Fleet, Pool, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Release, Wait, Work
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    ScalingGroup,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_in, number_of, referred, room_of, setting
from tonnage.services._scalable_target import largest_maximum
from tonnage.services._scaling_policies import with_alarm
from tonnage.services._service_scaling import service_policies
from tonnage.services._target_group import (
    ALGORITHM,
    DRAIN,
    RULES,
    SLOW_START,
    TARGET_GROUP_SETTINGS,
    found_out_s,
    gather_target_group,
    taken_in_s,
)
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Resource,
    Stack,
    assumed,
)

KIND = "AWS::ECS::Service"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_ecs_service", "boto3": "ecs:DescribeServices"}
TITLE = "ECS service"
ENTRY = False
ROLE: Role = "tasks"

_GUIDE = "Amazon ECS developer guide"
_TASK = "AWS::ECS::TaskDefinition"
_UNITS_PER_VCPU = 1024.0
SETTINGS = (
    Setting(
        name="Cpu",
        unit="1",
        default=None,
        meaning="CPU units of one task; 1,024 are a vCPU.",
        source=f"{_GUIDE}, task size",
    ),
    Setting(
        name="CpuIsShare",
        unit="",
        default=False,
        meaning="Whether Cpu is a share of the container instance and no limit: containers on EC2 without a task size.",
        source=f"{_GUIDE}, task definition parameters",
    ),
    Setting(name="Memory", unit="MB", default=512, meaning="Memory of one task.", source=f"{_GUIDE}, task size"),
    Setting(name="DesiredCount", unit="1", default=1, meaning="Tasks at the start.", source="CloudFormation"),
    Setting(
        name="MinCapacity",
        unit="1",
        default=None,
        meaning="Least tasks under auto scaling; unset means DesiredCount.",
        source="Application Auto Scaling user guide",
    ),
    Setting(
        name="MaxCapacity",
        unit="1",
        default=None,
        meaning="Most tasks under auto scaling; unset means DesiredCount.",
        source="Application Auto Scaling user guide",
    ),
    Setting(
        name="LaunchType", unit="", default="EC2", meaning="FARGATE or EC2; of a strategy the first.", source=_GUIDE
    ),
    Setting(name="CpuArchitecture", unit="", default="X86_64", meaning="X86_64 or ARM64.", source=_GUIDE),
    *TARGET_GROUP_SETTINGS,
)

CHARACTERISTICS = (
    Characteristic(
        name="workers",
        quantity=fact("app.workers").assumed(),
        meaning="Requests that one task serves at once: worker threads or processes of the web server.",
    ),
    Characteristic(
        name="backlog",
        quantity=fact("app.backlog").assumed(),
        meaning="Requests that wait for a worker of one task before the next is refused: the listen backlog.",
    ),
    Characteristic(
        name="start_time",
        quantity=fact("fargate.start_s").assumed(),
        meaning="From the decision to start a task to its first request: image pull, start, first healthy check. "
        "Compare the service's events with the target's first healthy check.",
    ),
    Characteristic(
        name="vcpu_speed",
        quantity=fact("fargate.relative_speed.x86_64").assumed(),
        meaning="Speed of one x86 vCPU of a task relative to an m5 vCPU; on ARM64 it is taken to be as much faster as "
        "Graviton2 is. Measure the same request on both.",
    ),
    Characteristic(
        name="cpu_variation",
        quantity=assumed(1.0, "1", "application code spreads about as widely as its mean", low=0.5, high=2.0),
        meaning="Standard deviation over mean of the CPU time of a request.",
    ),
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(
            0.010, "s", "a server-rendered page or JSON call takes 2 to 50 ms of CPU", low=0.002, high=0.050
        ),
        meaning="CPU time of a request on one m5 vCPU. Measure: CPUUtilization x Cpu / 1,024 x tasks over requests per "
        "second.",
    ),
)
_LEAST_MEMORY_MB: Mapping[int, int] = {256: 512, 512: 1024, 1024: 2048, 2048: 4096, 4096: 8192, 8192: 16384}
"""Least memory of a Fargate task by its CPU units (Amazon ECS developer guide, task size)."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a service with its task definition, target group and scaling.

    Raises:
        TemplateError: A setting that must be a number is none, or the bounds contradict each other.
    """
    gathered = Gathered()
    gathered.number("DesiredCount", resource)
    gathered.settings["LaunchType"] = _launch_type(resource)
    task = next(referred(resource.get("TaskDefinition"), stack, _TASK), None)
    why = _gather_task(gathered, task) if task is not None else "its task definition is not in the file"
    if why is not None:
        return NotModelled(name=resource.name, kind=KIND, reason=why, place=resource.place, matters=True)
    gather_target_group(gathered, resource.get("LoadBalancers"), stack)
    policies = service_policies(resource, stack, gathered)
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=policies,
        place=resource.place,
    )


def _launch_type(resource: Resource) -> str:
    strategy = resource.get("CapacityProviderStrategy", 0, "CapacityProvider")
    if isinstance(strategy, str):
        return "FARGATE" if strategy.startswith("FARGATE") else "EC2"
    return "FARGATE" if resource.get("LaunchType") == "FARGATE" else "EC2"


def _gather_task(gathered: Gathered, task: Resource) -> str | None:
    """Take the size of a task; a reason where it is not known."""
    for name in ("Cpu", "Memory"):
        value = task.get(name)
        if number_in(value) is not None:
            gathered.number(name, task)
        elif isinstance(value, str):
            gathered.settings[name] = _written_size(value)
    if task.get("RuntimePlatform", "CpuArchitecture") is not None:
        gathered.text("CpuArchitecture", task, "RuntimePlatform", "CpuArchitecture")
    if "Cpu" not in gathered.settings:
        containers = task.get("ContainerDefinitions")
        sizes = [number_in(task.get("ContainerDefinitions", k, "Cpu")) for k in range(_length(containers))]
        total = sum(size for size in sizes if size is not None)
        if total <= 0:
            return "the CPU of its tasks is not known"
        gathered.settings["Cpu"] = total
        gathered.settings["CpuIsShare"] = gathered.settings["LaunchType"] == "EC2"
    cpu = gathered.settings["Cpu"]
    return None if isinstance(cpu, int | float) and cpu > 0 else "the CPU of its tasks is not known"


def _length(value: object) -> int:
    return len(value) if isinstance(value, tuple) else 0


def _written_size(text: str) -> float:
    """A size written with its unit: ``0.25 vCPU``, ``2 GB``; 0 where it is none."""
    number, _, unit = text.strip().partition(" ")
    value = number_in(number)
    scale = {"vcpu": _UNITS_PER_VCPU, "gb": 1024.0}.get(unit.strip().lower(), 0.0)
    return float(value) * scale if value is not None else 0.0


def _bounds(component: Component) -> tuple[int, int, int]:
    """Least tasks, most tasks, tasks at the start."""
    count = int(number_of(_ROOM, component, "DesiredCount"))
    least, most = (component.settings.get(name) for name in ("MinCapacity", "MaxCapacity"))
    low = int(least) if isinstance(least, int | float) else count
    high = int(most) if isinstance(most, int | float) else max(count, low)
    return low, high, min(max(count, low), high)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Tasks with their CPU, a pool of workers in each, and the scaling of their number."""
    name = component.name
    vcpus = number_of(_ROOM, component, "Cpu") / _UNITS_PER_VCPU
    if setting(_ROOM, component, "CpuIsShare"):
        # What other containers leave may be used: at least one vCPU is taken to be there for a request.
        vcpus = max(vcpus, 1.0)
    servers = max(1, int(vcpus))
    low, high, count = _bounds(component)
    ceiling = int(largest_maximum(component.policies))
    algorithm = str(setting(_ROOM, component, ALGORITHM))
    fleet = Fleet(
        servers=servers,
        discipline="processor sharing",
        instances=count,
        max_instances=max(high, ceiling) * 2 + 2,
        rule=RULES.get(algorithm, "round robin"),
        speed=vcpus / servers * _vcpu_speed(component),
        slow_start_s=number_of(_ROOM, component, SLOW_START) if algorithm == "round_robin" else 0.0,
    )
    workers = Pool(
        capacity=max(1, round(characteristic(_ROOM, component, "workers").value)),
        queue_limit=round(characteristic(_ROOM, component, "backlog").value),
        fleet=f"{name}/cpu",
        refusal="all workers busy and backlog full",
    )
    group = ScalingGroup(
        fleet=f"{name}/cpu",
        minimum=low,
        maximum=high,
        desired=count,
        policies=tuple(with_alarm(policy) for policy in component.policies),
        boot_s=characteristic(_ROOM, component, "start_time").value,
        default_warmup_s=0.0,
        default_cooldown_s=300.0,
        drain_s=number_of(_ROOM, component, DRAIN),
        found_out_s=found_out_s(_ROOM, component),
        taken_in_s=taken_in_s(_ROOM, component),
        metric_period_s=60.0,
        ceiling=ceiling,
        keeps_in_deployment=True,
    )
    return Behaviour(
        primitives={f"{name}/cpu": fleet, f"{name}/workers": workers},
        controls=(group,),
        limits={"tasks": max(high, ceiling), "workers": workers.capacity},
    )


def _vcpu_speed(component: Component) -> float:
    speed = characteristic(_ROOM, component, "vcpu_speed").value
    if setting(_ROOM, component, "CpuArchitecture") != "ARM64":
        return speed
    return speed * fact("fargate.relative_speed.arm64").value / fact("fargate.relative_speed.x86_64").value


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """To a task, a worker, its CPU; the worker is kept until the calls below are done."""
    cpu, workers = f"{component.name}/cpu", f"{component.name}/workers"
    time = lognormal(demand(_ROOM, call, "cpu").value, characteristic(_ROOM, component, "cpu_variation").value)
    network = lognormal(fact("network.cross_az_rtt_s").value, 0.5)
    return Steps(
        enter=(Wait(network), Choose(cpu), Hold(workers), Work(cpu, time)), leave=(Release(workers), Leave(cpu))
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Tasks by their vCPUs and memory on Fargate; on EC2 the container instances are priced where they stand.

    Raises:
        CatalogError: There is no price.
    """
    if setting(_ROOM, component, "LaunchType") != "FARGATE":
        return Cost(usd_per_h=0.0, notes=("the container instances that the tasks run on are not counted here",))
    cpu = "arm" if setting(_ROOM, component, "CpuArchitecture") == "ARM64" else "x86"
    vcpu, memory = (catalog.unit_price("fargate", f"{cpu}_linux_{part}") for part in ("vcpu", "memory"))
    vcpus = number_of(_ROOM, component, "Cpu") / _UNITS_PER_VCPU
    gb = number_of(_ROOM, component, "Memory") / 1024.0
    items = {"vCPU": usage.instances * vcpus * vcpu.usd, "memory": usage.instances * gb * memory.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("storage above 20 GB and Fargate Spot are not counted",),
        sources=(source_of(vcpu), source_of(memory)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More tasks, larger tasks, an earlier target; fewer tasks where they idle."""
    yield from _sizes(component, situation)
    if "cpu" in situation.pressures or "workers" in situation.pressures or "service time" in situation.pressures:
        yield from _larger(component)
    yield from _targets(component, situation)


def _sizes(component: Component, situation: Situation) -> Iterator[Change]:
    low, high, _ = _bounds(component)
    full = {"cpu", "workers"} & set(situation.pressures)
    for name, now in (("MaxCapacity", high), ("MinCapacity", low), ("DesiredCount", low)):
        if name not in component.origins or (name == "DesiredCount" and "MinCapacity" in component.origins):
            continue
        if full or (name == "MinCapacity" and "scaling lag" in situation.pressures):
            for wanted in dict.fromkeys((round(now * 1.5 + 0.5), now * 2)):
                if name == "MaxCapacity" or wanted <= high or "MaxCapacity" not in component.origins:
                    yield _change(component, name, wanted, "more tasks share the work")
        elif name != "MaxCapacity" and now > 1 and situation.utilization < _IDLE:
            yield _change(component, name, max(1, now // 2), "its tasks are idle even at the peak")


_IDLE = 0.3


def _larger(component: Component) -> Iterator[Change]:
    cpu, memory = (int(number_of(_ROOM, component, name)) for name in ("Cpu", "Memory"))
    wanted = 2 * cpu
    if "Cpu" not in component.origins or wanted not in _LEAST_MEMORY_MB:
        return
    least = _LEAST_MEMORY_MB[wanted]
    also = (_change(component, "Memory", least, ""),) if memory < least and "Memory" in component.origins else ()
    if memory >= least or also:
        yield Change(
            component=component.name,
            setting="Cpu",
            before=component.settings.get("Cpu"),
            after=wanted,
            because="a task with more CPU answers sooner",
            also=also,
        )


def _targets(component: Component, situation: Situation) -> Iterator[Change]:
    if not {"cpu", "scaling lag", "workers"} & set(situation.pressures):
        return
    for policy in component.policies:
        target = policy.settings.get("TargetValue")
        if isinstance(target, int | float) and "TargetValue" in policy.origins:
            for share in (0.8, 0.6):
                yield Change(
                    component=component.name,
                    policy=policy.name,
                    setting="TargetValue",
                    before=target,
                    after=round(target * share),
                    because="it scales out earlier",
                )


def _change(component: Component, name: str, after: int, because: str) -> Change:
    return Change(
        component=component.name, setting=name, before=component.settings.get(name), after=after, because=because
    )


_ROOM = room_of(sys.modules[__name__])
