"""The reference job as Tonnage sees it, plain, autoscaled, and with everything on.

Plain: Poisson 1000/s to a gateway (c = 4, exponential 2 ms), a load balancer (c = 2, exponential 1 ms), twenty servers
of four workers behind least outstanding (lognormal 56 ms, cv 1), a cache (c = 2, exponential 1 ms) that answers 80 %,
and a database of 64 connections (lognormal 224 ms, cv 1.5).

With everything on, each server has four processors and eight workers; a worker is held while cache and database are
called; eight requests may wait for one; the balancer gives up on a server after 3 s and the server on the database
after 1 s, both try three times with backoff, and work whose caller has given up is refused; the servers are a scaling
group under target tracking with boot time and draining, and earn and spend CPU credits.
"""

from tonnage.compile import Compiled
from tonnage.engine.expected import expected
from tonnage.engine.kernels.histogram import FINE_BITS, bucket_edges, percentile
from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Cache, Fleet, Pool, Primitive, exponential, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Lookup, Program, Release, Visit, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from tonnage.services import Behaviour, Credits, ScalingGroup
from tonnage.services._face import Control
from tonnage.workload import ScalingPolicy, Traffic, Workload

RATE, SERVERS, WORKERS = 1000.0, 20, 4
HELD_WORKERS, WAITING = 8, 8
WEB_TIMEOUT_S, WEB_BACKOFF_S, DATABASE_TIMEOUT_S, DATABASE_BACKOFF_S = 3.0, 0.05, 1.0, 0.1
ATTEMPTS, BACKOFF_CAP_S = 3, 1.0
FLEET = "web/cpu"
GROUP = ScalingGroup(
    fleet=FLEET,
    minimum=10,
    maximum=40,
    desired=16,
    policies=(
        ScalingPolicy(
            name="cpu",
            mechanism="target tracking",
            settings={"PredefinedMetricType": "ASGAverageCPUUtilization", "TargetValue": 65.0},
        ),
    ),
    boot_s=60.0,
    default_warmup_s=60.0,
    default_cooldown_s=300.0,
    drain_s=30.0,
    metric_period_s=60.0,
)
# Credits of a t3.xlarge, the rates and the largest balance as AWS gives them; they last for hours at this load.
CREDITS = Credits(fleet=FLEET, earn_per_s=1.6, capacity=138_240.0, baseline=0.4, unlimited=False)


def _stations(scale: int) -> dict[str, Primitive]:
    """All but the servers."""
    return {
        "gateway/cpu": Fleet(servers=4 * scale, discipline="fifo"),
        "balancer/cpu": Fleet(servers=2 * scale, discipline="fifo"),
        "cache/cpu": Fleet(servers=2 * scale, discipline="fifo"),
        "cache/keys": Cache(hit_ratio=0.8),
        "database/cpu": Fleet(servers=64 * scale, discipline="fifo"),
    }


def _servers(instances: int, most: int) -> Fleet:
    return Fleet(servers=WORKERS, discipline="fifo", instances=instances, max_instances=most, rule="least outstanding")


def _program(web: Visit) -> Program:
    balancer = Visit(component="balancer", enter=(Work("balancer/cpu", exponential(0.001)),), calls=(web,))
    gateway = Visit(component="gateway", enter=(Work("gateway/cpu", exponential(0.002)),), calls=(balancer,))
    return Program(route="all", share=1.0, entry=gateway)


def _cache(database: Visit) -> Visit:
    enter = (Work("cache/cpu", exponential(0.001)), Lookup("cache/keys"))
    return Visit(component="cache", enter=enter, on_miss=(database,))


def plain(scale: int = 1, *, autoscaled: bool = False) -> Model:
    """The job; ``scale`` times as much of everything; with room for a scaling group."""
    instances = SERVERS * scale
    primitives = _stations(scale) | {FLEET: _servers(instances, GROUP.slots if autoscaled else instances)}
    cache = _cache(Visit(component="database", enter=(Work("database/cpu", lognormal(0.224, 1.5)),)))
    enter = (Choose(FLEET), Work(FLEET, lognormal(0.056, 1.0)), Leave(FLEET))
    return build(primitives, [_program(Visit(component="web", enter=enter, calls=(cache,)))])


def featured() -> Model:
    """The job with everything on."""
    workers = Pool(capacity=HELD_WORKERS, queue_limit=WAITING, fleet=FLEET)
    primitives = _stations(1) | {FLEET: _servers(SERVERS, GROUP.slots), "web/workers": workers}
    database = Visit(
        component="database",
        enter=(Work("database/cpu", lognormal(0.224, 1.5)),),
        timeout_s=DATABASE_TIMEOUT_S,
        attempts=ATTEMPTS,
        backoff_base_s=DATABASE_BACKOFF_S,
        backoff_cap_s=BACKOFF_CAP_S,
        deadline=True,
    )
    web = Visit(
        component="web",
        enter=(Choose(FLEET), Hold("web/workers"), Work(FLEET, lognormal(0.056, 1.0))),
        calls=(_cache(database),),
        leave=(Release("web/workers"), Leave(FLEET)),
        timeout_s=WEB_TIMEOUT_S,
        attempts=ATTEMPTS,
        backoff_base_s=WEB_BACKOFF_S,
        backoff_cap_s=BACKOFF_CAP_S,
        deadline=True,
    )
    return build(primitives, [_program(web)])


def controlled(model: Model, rates: tuple[float, ...], step_s: float, *controls: Control) -> Compiled:
    """A model under controls, as the product's ``simulate`` takes it: a workload without AWS components."""
    traffic = Traffic(name="job", start_s=0.0, step_s=step_s, rates_per_s=rates, evidence="declared")
    workload = Workload(
        name="reference job",
        region="",
        architecture="",
        components={},
        edges=(),
        routes=(),
        traffic=traffic,
        objectives=(),
    )
    return Compiled(
        workload=workload,
        catalog=None,  # type: ignore[arg-type] - a simulation looks nothing up
        model=model,
        behaviours={"web": Behaviour(primitives=model.primitives, controls=controls)},
        means=expected(model),
        per_visit={},
    )


def start_run(model: Model, requests: float, rate: float = RATE, seed: int = 1) -> tuple[Run, float]:
    """A run that is about to begin, and when about so many requests have arrived."""
    duration_s = requests / rate
    return Run(model, [rate], duration_s, Measure(start_s=0.0, end_s=duration_s, window_s=60.0), seed), duration_s


def mean_and_p99(counts) -> tuple[float, float]:
    """Of a fine histogram of response times, s."""
    edges = bucket_edges(FINE_BITS)
    return float(counts @ ((edges[1:] + edges[:-1]) / 2.0) / counts.sum()), percentile(counts, 99.0, FINE_BITS)
