"""Lambda functions: one request per environment, CPU by memory, cold starts, three limits.

An invocation takes a provisioned environment, a warm one, or a new one after a cold start; it is throttled (429) above
the function's concurrency, above ten synchronous requests per second for each concurrent execution allowed, and while
more than 1,000 new environments per ten seconds are wanted. Work that fills one vCPU takes ``1,769 MB / memory`` times
as long below 1,769 MB, and no less above it unless the code uses several threads. INIT runs at full CPU whatever the
memory (maxday/lambda-perf shows the same init at 128 and 1,024 MB).

With Application Auto Scaling the provisioned concurrency follows its use or a schedule (``provisioned_concurrency``).

A call that is not waited for is an asynchronous invocation: it has no limit on its rate, waits for its turn while the
function is at its concurrency, for six hours at most, and is tried again one and two minutes after a failure. AWS asks
again with a growing backoff where it is taken in line here; what the account's limit refuses counts as a failure.

With SnapStart a published version restores a snapshot instead of initialising: the runtime's start and the code's.

Functions without reserved concurrency share what the account has left: the primitive ``Environments`` counts it.

Not modelled: functions of the account outside the workload (``account_concurrency`` is what they leave).

Sources: AWS Lambda developer guide, "Understanding Lambda function scaling", "Lambda scaling behavior", "Configure
Lambda function memory"; Lambda pricing.
"""

import math
import sys
from collections.abc import Iterable, Iterator

from tonnage.catalog import Catalog, Fact, fact, known_fact
from tonnage.engine.primitives import Bucket, Environments, Pool, lognormal
from tonnage.engine.program import Hold, Lease, Release, Return, Take, Wait
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
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, referred, room_of, setting
from tonnage.services._provisioned_scaling import (
    MECHANISM,
    provisioned_control,
    provisioned_policies,
    provisioned_scaling,
    scaling_of,
)
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
    assumed,
)

KIND = "AWS::Lambda::Function"
ALSO: tuple[str, ...] = ("AWS::Serverless::Function",)
SPELLINGS = {"terraform": "aws_lambda_function", "boto3": "lambda:ListFunctions"}
TITLE = "Lambda function"
ENTRY = False
ROLE: Role = "function"

_PROVISIONED = "ProvisionedConcurrentExecutions"
_ALIAS = "Alias"
_SNAP_START = "SnapStart"
_RETRIES, _AGE = "MaximumRetryAttempts", "MaximumEventAgeInSeconds"
_GUIDE = "AWS Lambda developer guide"

SETTINGS = (
    Setting(name="MemorySize", unit="MB", default=128, meaning="Memory, and CPU with it.", source=f"{_GUIDE}, quotas"),
    Setting(
        name="Timeout",
        unit="s",
        default=3,
        meaning="An invocation is ended after so long.",
        source=f"{_GUIDE}, configure Lambda function timeout",
    ),
    Setting(
        name="ReservedConcurrentExecutions",
        unit="1",
        default=None,
        meaning="Concurrency kept for this function, and its limit; absent means what the account has left.",
        source=f"{_GUIDE}, configuring reserved concurrency",
    ),
    Setting(
        name=_PROVISIONED,
        unit="1",
        default=0,
        meaning="Environments that are always warm, of the alias or version that is called.",
        source=f"{_GUIDE}, configuring provisioned concurrency",
    ),
    Setting(
        name=_SNAP_START,
        unit="",
        default=None,
        meaning="PublishedVersions: versions start from a snapshot (Java 11, Python 3.12, .NET 8 and later).",
        source=f"{_GUIDE}, SnapStart",
    ),
    Setting(
        name=_RETRIES,
        unit="1",
        default=2,
        meaning="Further tries of an asynchronous invocation that failed.",
        source=f"{_GUIDE}, asynchronous invocation",
    ),
    Setting(
        name=_AGE,
        unit="s",
        default=21_600,
        meaning="How long an asynchronous invocation may wait for its turn.",
        source=f"{_GUIDE}, asynchronous invocation",
    ),
    Setting(
        name=_ALIAS,
        unit="",
        default=None,
        meaning="Name of the alias whose provisioned concurrency can be scaled.",
        source="CloudFormation, AWS::Lambda::Alias",
    ),
    Setting(
        name="Architecture", unit="", default="x86_64", meaning="x86_64 or arm64.", source=f"{_GUIDE}, instruction sets"
    ),
    Setting(name="Runtime", unit="", default=None, meaning="Decides the init time.", source=f"{_GUIDE}, runtimes"),
    Setting(
        name="PackageType", unit="", default="Zip", meaning="Zip or Image.", source=f"{_GUIDE}, deployment packages"
    ),
)

CHARACTERISTICS = (
    Characteristic(
        name="account_concurrency",
        quantity=fact("lambda.account_concurrency").assumed(),
        meaning="Concurrent executions of the account that are left to the functions of this workload: the quota minus "
        "what others use. Functions without reserved concurrency share it.",
    ),
    Characteristic(
        name="keep_alive",
        quantity=fact("lambda.keep_alive_s").assumed(),
        meaning="How long an idle environment is kept.",
    ),
    Characteristic(
        name="init",
        quantity=assumed(
            0.0, "s", "nothing beyond the bare runtime: the code's own start-up is not known", low=0.0, high=3.0
        ),
        meaning="Start-up of the code beyond the bare runtime: Init Duration of the REPORT lines minus the runtime's.",
    ),
    Characteristic(
        name="restore",
        quantity=fact("lambda.snapstart_restore_s").assumed(),
        meaning="Time to restore a snapshot, with SnapStart only: Restore Duration of the REPORT lines.",
    ),
    Characteristic(
        name="provisioning_time",
        quantity=fact("lambda.provisioning_s").assumed(),
        meaning="From a change of provisioned concurrency until the first further environment is there; only where it "
        "is scaled. Compare the activities with ProvisionedConcurrentExecutions.",
    ),
    Characteristic(
        name="threads",
        quantity=assumed(1.0, "1", "most handlers run on one thread", low=1.0, high=2.0),
        meaning="Threads that share the work: how many vCPUs above 1,769 MB help.",
    ),
)
DEMANDS = (
    Demand(
        name="cpu",
        quantity=assumed(
            0.02, "s", "a small handler; Duration of the REPORT lines x memory / 1,769 MB", low=0.005, high=0.1
        ),
        meaning="Time the handler computes at one full vCPU, waiting for others not counted.",
    ),
)

_VARIATION = 1.0
_INVOKE_VARIATION = 0.3
_RUNTIMES = ("python", "nodejs", "java", "dotnet", "ruby", "provided")
_SNAP_RUNTIMES = (
    "java11",
    "java17",
    "java21",
    "java25",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnet8",
    "dotnet9",
    "dotnet10",
)
_FIRST_RETRY_S = 60.0
"""An asynchronous invocation that fails is tried again after one minute, then after two (Lambda developer guide)."""
_HEADROOM = 1.1
_ACCOUNT_KEEPS = 100
"""Concurrency that cannot be reserved away (Lambda developer guide, "Configuring reserved concurrency")."""


_LIMITS = {
    "MemorySize": (128.0, 10_240.0),
    "Timeout": (1.0, 900.0),
    "ReservedConcurrentExecutions": (0.0, math.inf),
}


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a function with the aliases and versions that give it provisioned concurrency.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    gathered = Gathered()
    for name, (least, most) in _LIMITS.items():
        value = gathered.number(name, resource)
        if value is not None and not least <= value <= most:
            raise TemplateError(
                f"{resource.name}: {name} is {value:g}",
                place=resource.place_of(name),
                remedy=f"Give {least:,.0f} to {most:,.0f} (AWS Lambda developer guide, quotas).",
            )
    for name in ("Runtime", "PackageType"):
        gathered.text(name, resource)
    if resource.get("Architectures") is not None:
        gathered.text("Architecture", resource, "Architectures", 0)
    if resource.get("ProvisionedConcurrencyConfig") is not None:
        gathered.number(_PROVISIONED, resource, "ProvisionedConcurrencyConfig", _PROVISIONED)
    if resource.get(_SNAP_START, "ApplyOn") is not None:
        gathered.text(_SNAP_START, resource, _SNAP_START, "ApplyOn")
    _gather_asynchronous(gathered, resource, stack)
    if resource.get("AutoPublishAlias") is not None:
        gathered.text(_ALIAS, resource, "AutoPublishAlias")
    for kind in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        for each in stack.of_kind(kind):
            if (
                resource in referred(each.get("FunctionName"), stack, resource.kind)
                and _PROVISIONED not in gathered.origins
            ):
                if kind == "AWS::Lambda::Alias":
                    gathered.text(_ALIAS, each, "Name")
                path = ("ProvisionedConcurrencyConfig", _PROVISIONED)
                if each.get(*path) is not None:
                    gathered.number(_PROVISIONED, each, *path)
                elif kind == "AWS::Lambda::Alias":
                    gathered.origins[_PROVISIONED] = Origin(resource=each.name, path=path)
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=provisioned_policies(resource, stack),
        place=resource.place,
    )


def _gather_asynchronous(gathered: Gathered, resource: Resource, stack: Stack) -> None:
    """Take the settings of asynchronous invocations: SAM's own, else those of a resource beside the function."""
    kind = "AWS::Lambda::EventInvokeConfig"
    beside = [x for x in stack.of_kind(kind) if resource in referred(x.get("FunctionName"), stack, resource.kind)]
    for name in (_RETRIES, _AGE):
        if resource.get("EventInvokeConfig", name) is not None:
            gathered.number(name, resource, "EventInvokeConfig", name)
        elif beside and beside[0].get(name) is not None:
            gathered.number(name, beside[0])


def _cold_s(component: Component) -> float:
    """A cold start: the environment is made, then the runtime and the code start, or a snapshot of them is restored."""
    made_s = fact("lambda.environment_s").value
    if _restores(component):
        return made_s + characteristic(_ROOM, component, "restore").value
    return made_s + _init(component).value + characteristic(_ROOM, component, "init").value


def _restores(component: Component) -> bool:
    """Whether SnapStart serves what is called: a published version, which an alias or provisioned version shows."""
    runtime = str(setting(_ROOM, component, "Runtime") or "")
    published = component.settings.get(_ALIAS) is not None
    return (
        setting(_ROOM, component, _SNAP_START) == "PublishedVersions"
        and published
        and runtime.startswith(_SNAP_RUNTIMES)
        and not number_of(_ROOM, component, _PROVISIONED)
    )


def _init(component: Component) -> Fact:
    """Init time of the bare runtime: of its version where it was measured, else of its language."""
    runtime = str(setting(_ROOM, component, "Runtime") or "")
    language = next((name for name in _RUNTIMES if runtime.startswith(name)), "other")
    return known_fact(f"lambda.init_s.{runtime}") or fact(f"lambda.init_s.{language}")


def _limit(component: Component) -> int:
    reserved = setting(_ROOM, component, "ReservedConcurrentExecutions")
    if reserved is not None:
        return int(number_of(_ROOM, component, "ReservedConcurrentExecutions"))
    return int(characteristic(_ROOM, component, "account_concurrency").value)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """Environments under the concurrency limit, and a bucket for ten requests per second and concurrent execution."""
    name, limit = component.name, _limit(component)
    provisioned = min(limit, int(number_of(_ROOM, component, _PROVISIONED)))
    scaling = provisioned_control(
        component, limit, provisioned, begin_s=characteristic(_ROOM, component, "provisioning_time").value
    )
    most_per_s = fact("lambda.requests_per_s_per_environment").value * limit
    return Behaviour(
        primitives={
            f"{name}/rate": Bucket(
                rate_per_s=max(most_per_s, 1e-9),
                capacity=max(most_per_s, 1.0) if limit else 0.0,
                refusal="throttled (429)",
            ),
            f"{name}/events": Pool(
                capacity=max(limit, 1),
                patience_s=number_of(_ROOM, component, _AGE),
                refusal="event dropped: too old",
            ),
            f"{name}/environments": Environments(
                limit=limit,
                account=int(characteristic(_ROOM, component, "account_concurrency").value),
                reserved=setting(_ROOM, component, "ReservedConcurrentExecutions") is not None,
                cold_start=lognormal(_cold_s(component), fact("lambda.init_variation").value),
                keep_alive_s=characteristic(_ROOM, component, "keep_alive").value,
                provisioned=provisioned if scaling is None else scaling.start,
                scale_per_s=fact("lambda.scale_per_s").value,
                scale_burst=fact("lambda.scale_burst").value,
            ),
        },
        limits={
            "timeout_s": number_of(_ROOM, component, "Timeout"),
            "concurrent executions": float(limit),
            "synchronous requests/s": most_per_s,
        },
        controls=() if scaling is None else (scaling,),
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Take a request's worth of rate, lease an environment, compute at the memory's share of CPU; calls come inside."""
    name = component.name
    memory_mb = number_of(_ROOM, component, "MemorySize")
    threads = characteristic(_ROOM, component, "threads").value
    share = min(memory_mb / fact("lambda.mb_per_vcpu").value, max(1.0, threads), fact("lambda.most_vcpus").value)
    cpu_s = demand(_ROOM, call, "cpu").value / share
    work = (
        Lease(f"{name}/environments"),
        Wait(lognormal(fact("lambda.invoke_s").value, _INVOKE_VARIATION)),
        Wait(lognormal(cpu_s, _VARIATION)),
    )
    if call.waits:
        return Steps(enter=(Take(f"{name}/rate"), *work), leave=(Return(f"{name}/environments"),))
    return Steps(
        enter=(Hold(f"{name}/events"), *work),
        leave=(Return(f"{name}/environments"), Release(f"{name}/events")),
        retry_attempts=1 + int(number_of(_ROOM, component, _RETRIES)),
        retry_base_s=_FIRST_RETRY_S,
        retry_cap_s=2.0 * _FIRST_RETRY_S,
        retry_jitter="none",
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Requests, GB-seconds of the first tier, and provisioned concurrency."""
    arm = setting(_ROOM, component, "Architecture") == "arm64"
    cpu = "arm" if arm else "x86"
    gb = number_of(_ROOM, component, "MemorySize") / 1024.0
    as_written = min(_limit(component), number_of(_ROOM, component, _PROVISIONED))
    provisioned = usage.provisioned.get("environments", as_written)
    requests = catalog.unit_price("lambda", "requests")
    duration = catalog.unit_price("lambda", "arm_duration_first_7.5B" if arm else "x86_duration_first_6B")
    kept = catalog.unit_price("lambda", f"{cpu}_provisioned_concurrency")
    items = {
        "requests": usage.visits_per_s * 3600.0 / 1e6 * requests.usd,
        "duration": usage.visits_per_s * usage.mean_busy_s * gb * 3600.0 * duration.usd,
    }
    if provisioned:
        items["provisioned concurrency"] = provisioned * gb * 3600.0 * kept.usd
    if _restores(component) and not str(setting(_ROOM, component, "Runtime")).startswith("java"):
        items["snapshot"] = gb * 3600.0 * catalog.unit_price("lambda", "snapstart_cache").usd
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("duration is priced at the first tier; the lower rate of provisioned duration is not counted",),
        sources=(source_of(requests), source_of(duration)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More concurrency where it throttles, more memory where it computes, warm environments, arm64, less memory."""
    reserved = setting(_ROOM, component, "ReservedConcurrentExecutions")
    memory = int(number_of(_ROOM, component, "MemorySize"))
    most = int(characteristic(_ROOM, component, "account_concurrency").value) - _ACCOUNT_KEEPS
    if (
        "ReservedConcurrentExecutions" in component.origins
        and reserved is None
        and "concurrency" in situation.pressures
    ):
        for factor in (_HEADROOM, 2.0):
            wanted = min(most, math.ceil(factor * situation.peak_concurrency - 1e-9))
            if wanted > 0:
                yield _change(
                    component,
                    "ReservedConcurrentExecutions",
                    wanted,
                    "what is reserved for it the other functions of the account cannot take, and it takes no more",
                )
    if "ReservedConcurrentExecutions" in component.origins and reserved is not None:
        for wanted in dict.fromkeys((min(most, 2 * _limit(component)), min(most, 5 * _limit(component)))):
            if wanted > _limit(component):
                yield _change(
                    component,
                    "ReservedConcurrentExecutions",
                    wanted,
                    "reserved concurrency is the function's limit too",
                )
    for larger in dict.fromkeys((2 * memory, 1769, 3008)):
        if memory < larger <= 4 * memory and larger <= 10_240:
            yield _change(component, "MemorySize", larger, "CPU comes with memory: the handler computes faster")
    yield from _provisioned(component, situation)
    if setting(_ROOM, component, "Architecture") == "x86_64" and component.origins.get("Architecture"):
        yield _change(
            component,
            "Architecture",
            "arm64",
            "Graviton costs a fifth less per GB-second",
            caveat="the code and its libraries must run on arm64",
        )
    if memory >= 512:
        yield _change(component, "MemorySize", memory // 2, "half the memory costs half, where latency has room")


def _provisioned(component: Component, situation: Situation) -> Iterator[Change | Addition]:
    """Environments for the peak and a tenth more, always there, or there while they are needed.

    Source: AWS Lambda developer guide, "Configuring provisioned concurrency" (10 % more than the peak).
    """
    wanted = max(1, math.ceil(_HEADROOM * situation.peak_concurrency - 1e-9))
    if _PROVISIONED not in component.origins:
        return
    if wanted > number_of(_ROOM, component, _PROVISIONED):
        yield _change(component, _PROVISIONED, wanted, "provisioned environments have no cold starts")
    alias = component.settings.get(_ALIAS)
    if isinstance(alias, str) and scaling_of(component) is None:
        holder = component.origins[_ALIAS].resource
        # SAM names the alias that it makes after the function.
        resource = f"{holder}Alias{alias}" if holder == component.name else holder
        yield provisioned_scaling(component, resource, alias, wanted)
    for policy in component.policies:
        most = policy.settings.get("MaxCapacity")
        if policy.mechanism == MECHANISM and isinstance(most, int | float) and most < wanted:
            yield Change(
                component=component.name,
                setting="MaxCapacity",
                before=most,
                after=wanted,
                policy=policy.name,
                because="the peak is above what may be provisioned",
            )


def _change(component: Component, name: str, after: int | str, because: str, caveat: str = "") -> Change:
    return Change(
        component=component.name,
        setting=name,
        before=component.settings.get(name),
        after=after,
        because=because,
        caveat=caveat,
    )


_ROOM = room_of(sys.modules[__name__])
