"""Mean-value analysis of a model: what one request asks of every primitive, and the rate at which each is full.

The utilization law (Denning and Buzen, 1978): a resource of capacity C that each request occupies for D on average is
full at the rate C / D. The smallest such rate bounds the throughput of the whole, whatever the queueing: it brackets
the load line before anything is simulated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tonnage.engine.model import Model
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Queue, unreserved
from tonnage.engine.primitives.cache import che_hit_ratio, expiring_hit_ratio
from tonnage.engine.program import Hold, Lease, Lookup, Program, Send, Take, Visit, Wait, Work


@dataclass(slots=True)
class Expected:
    """Means per arriving request, over all routes by their shares, without queueing.

    Attributes:
        visits: Visits by component.
        work_s: Work by fleet, server-seconds at speed 1.
        tokens: Tokens by bucket.
        held_s: Time a token, environment or consumer is held, by pool, environments or queue, seconds per request.
        leases: Leases by environments.
        sent: Messages by queue.
        looked: Look-ups by cache.
        hits: Hit ratio by cache that is looked into.
        own_s: Time a component itself takes of each request, waiting for others not counted, seconds by component.
        latency_s: Mean response time without any queueing.
    """

    visits: dict[str, float] = field(default_factory=dict)
    work_s: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    held_s: dict[str, float] = field(default_factory=dict)
    leases: dict[str, float] = field(default_factory=dict)
    sent: dict[str, float] = field(default_factory=dict)
    looked: dict[str, float] = field(default_factory=dict)
    hits: dict[str, float] = field(default_factory=dict)
    own_s: dict[str, float] = field(default_factory=dict)
    latency_s: float = 0.0


def expected(model: Model, arrivals_per_s: float = 0.0) -> Expected:
    """Means per request of a model.

    Args:
        model: The model.
        arrivals_per_s: Requests per second at which caches with a time to live hit as they do; 0 leaves that time out.
    """
    result = _means(model, {})
    fleeting = {n: p for n, p in model.primitives.items() if isinstance(p, Cache) and p.ttl_s is not None}
    rates = {name: arrivals_per_s * result.looked.get(name, 0.0) for name in fleeting}
    if any(rate > 0 for rate in rates.values()):
        return _means(model, {name: hit_ratio(cache, rates[name]) for name, cache in fleeting.items()})
    return result


def _means(model: Model, hits: Mapping[str, float]) -> Expected:
    """Means with the hit ratios of some caches given."""
    result = Expected(hits=dict(hits))
    for program in model.programs:
        if program.queue is None:
            result.latency_s += program.share * _visit(program.entry, program.share, model, result)
    # Consumers may send to other queues, so they are gone through until nothing is left to send.
    consumers = {program.queue: program for program in model.programs if program.queue is not None}
    open_ = dict(result.sent)
    while open_:
        name, messages = open_.popitem()
        if name not in consumers or messages < 1e-12:
            continue
        before = dict(result.sent)
        _consume(consumers[name], name, messages, model, result)
        for other, total in result.sent.items():
            if total > before.get(other, 0.0):
                open_[other] = open_.get(other, 0.0) + total - before.get(other, 0.0)
    return result


def _consume(program: Program, name: str, messages: float, model: Model, result: Expected) -> None:
    """Book the processing of so many messages, in batches that are full."""
    queue = model.primitives[name]
    assert isinstance(queue, Queue)
    batch_s = _visit(program.entry, messages / queue.batch, model, result, batch=queue.batch)
    result.held_s[name] = result.held_s.get(name, 0.0) + messages / queue.batch * batch_s


def hit_ratio(cache: Cache, lookups_per_s: float = 0.0) -> float:
    """Share of hits of a cache in steady state.

    Args:
        cache: The cache. Where it both evicts and lets objects expire, the smaller of the two ratios is an upper bound.
        lookups_per_s: Its look-ups per second; 0 where not known: the time to live is then left out.
    """
    if cache.hit_ratio is not None:
        return cache.hit_ratio
    kept = che_hit_ratio(cache.objects, cache.alpha, cache.capacity)
    if cache.ttl_s is None or lookups_per_s <= 0:
        return kept
    return min(kept, expiring_hit_ratio(cache.objects, cache.alpha, lookups_per_s * cache.ttl_s))


def _visit(visit: Visit, weight: float, model: Model, result: Expected, *, batch: int = 1, around: str = "") -> float:
    """Book one visit's means; returns the mean time it adds to its caller."""
    share = visit.probability * visit.times * (batch if visit.each_message else 1)
    weight *= share
    component = visit.component or around
    if visit.component:
        result.visits[component] = result.visits.get(component, 0.0) + weight
    time_s = 0.0
    missing = 1.0
    holding: list[tuple[str, float]] = []
    for step in visit.enter:
        if isinstance(step, Wait):
            time_s += step.time.mean_s
        elif isinstance(step, Work):
            fleet = model.primitives[step.fleet]
            assert isinstance(fleet, Fleet)
            result.work_s[step.fleet] = result.work_s.get(step.fleet, 0.0) + weight * step.time.mean_s
            time_s += step.time.mean_s / fleet.speed
        elif isinstance(step, Take):
            result.tokens[step.bucket] = result.tokens.get(step.bucket, 0.0) + weight * step.share * step.amount
        elif isinstance(step, Hold):
            holding.append((step.pool, time_s))
        elif isinstance(step, Lease):
            holding.append((step.environments, time_s))
            result.leases[step.environments] = result.leases.get(step.environments, 0.0) + weight
        elif isinstance(step, Send):
            result.sent[step.queue] = result.sent.get(step.queue, 0.0) + weight
        elif isinstance(step, Lookup):
            cache = model.primitives[step.cache]
            assert isinstance(cache, Cache)
            ratio = result.hits.setdefault(step.cache, hit_ratio(cache))
            result.looked[step.cache] = result.looked.get(step.cache, 0.0) + weight
            missing = 1.0 - ratio
    inside = 0.0
    for below in visit.on_miss:
        inside += missing * _visit(below, weight * missing, model, result, batch=batch, around=component)
    together: list[float] = []
    for below in visit.calls:
        taken_s = _visit(below, weight, model, result, batch=batch, around=component)
        together.append(taken_s if below.waits else 0.0)
    inside += max(together, default=0.0) if visit.parallel else sum(together)
    after = sum(step.time.mean_s for step in visit.leave if isinstance(step, Wait))
    total = time_s + inside + after
    result.own_s[component] = result.own_s.get(component, 0.0) + weight * (time_s + after)
    for name, before_s in holding:
        result.held_s[name] = result.held_s.get(name, 0.0) + weight * (total - before_s)
    return share * total


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The rate at which a primitive is full.

    Attributes:
        primitive: Full name.
        rate_per_s: Requests per second of the whole workload at which it is full.
    """

    primitive: str
    rate_per_s: float


def bounds(model: Model, means: Expected, instances: Mapping[str, float]) -> tuple[Bound, ...]:
    """Throughput bounds of all primitives, the tightest first.

    Args:
        model: The model.
        means: Its means per request.
        instances: Instances that each fleet can have in the long run, as powerful as its own; others keep theirs.
    """
    found: list[Bound] = []
    environments = {name: p for name, p in model.primitives.items() if isinstance(p, Environments)}
    left = unreserved(environments.values())
    sharing_s = sum(means.held_s.get(name, 0.0) for name, each in environments.items() if each.shares)
    for name, primitive in model.primitives.items():
        rate = float("inf")
        if isinstance(primitive, Fleet) and means.work_s.get(name, 0.0) > 0:
            capacity = instances.get(name, primitive.instances) * primitive.servers * primitive.speed
            rate = capacity / means.work_s[name]
        elif isinstance(primitive, Bucket) and means.tokens.get(name, 0.0) > 0:
            rate = primitive.rate_per_s / means.tokens[name]
        elif isinstance(primitive, Pool) and means.held_s.get(name, 0.0) > 0:
            copies = 1.0
            if primitive.fleet is not None:
                fleet = model.primitives[primitive.fleet]
                assert isinstance(fleet, Fleet)
                copies = instances.get(primitive.fleet, fleet.instances)
            rate = primitive.capacity * copies / means.held_s[name]
        elif isinstance(primitive, Environments) and means.held_s.get(name, 0.0) > 0:
            rate = primitive.limit / means.held_s[name]
            if primitive.shares:
                rate = min(rate, left / sharing_s)
        elif isinstance(primitive, Queue) and means.held_s.get(name, 0.0) > 0:
            batches = float(primitive.concurrency)
            if primitive.fleet is not None:
                batches = primitive.per_instance * instances.get(primitive.fleet, batches / primitive.per_instance)
            rate = batches * primitive.shards / means.held_s[name]
        if rate < float("inf"):
            found.append(Bound(primitive=name, rate_per_s=rate))
    return tuple(sorted(found, key=lambda bound: bound.rate_per_s))
