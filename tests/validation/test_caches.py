"""Caches: exact hit ratios under independent requests, and the same keys replayed through plain Python caches.

Sources: the stationary list of least recent use, W. F. King, "Analysis of Demand Paging Algorithms" (IFIP 1971); the
static optimum that least frequent use tends to, A. V. Aho, P. J. Denning and J. D. Ullman, "Principles of Optimal Page
Replacement" (J. ACM 18(1), 1971); objects that expire, J. Jung, A. W. Berger and H. Balakrishnan, "Modeling TTL-based
Internet Caches" (INFOCOM 2003); characteristic time, H. Che, Y. Tung and Z. Wang (IEEE JSAC 20(7), 2002).
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest

from tonnage.engine.primitives import Cache, constant
from tonnage.engine.primitives.cache import expiring_hit_ratio
from tonnage.engine.program import Lookup, Visit, Wait
from tonnage.engine.run import Run
from validation.replications import agrees, judge, run

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("time varying")]

LOOKING = Visit(component="a", enter=(Lookup("a/keys"),))
FREQUENCY_CAP = 255


def hit_ratio(simulation: Run) -> float:
    cache = simulation.state.things.caches[0]
    return float(cache["hits"] / cache["lookups"])


def zipf(objects: int, alpha: float) -> np.ndarray:
    weights = np.arange(1, objects + 1) ** -alpha
    return weights / weights.sum()


def recent(capacity: int, keys: Sequence[int]) -> int:
    """Hits of a cache that drops the key used longest ago."""
    held: OrderedDict[int, None] = OrderedDict()
    hits = 0
    for key in keys:
        if key in held:
            hits += 1
            held.move_to_end(key)
            continue
        if len(held) == capacity:
            held.popitem(last=False)
        held[key] = None
    return hits


def frequent(capacity: int, keys: Sequence[int]) -> int:
    """Hits of a cache that drops the key used least often since it was stored; of several the one used longest ago."""
    held: dict[int, tuple[int, int]] = {}
    hits = 0
    for moment, key in enumerate(keys):
        if key in held:
            hits += 1
            held[key] = (min(held[key][0] + 1, FREQUENCY_CAP), moment)
            continue
        if len(held) == capacity:
            del held[min(held, key=held.__getitem__)]
        held[key] = (0, moment)
    return hits


def replayed(cache: Cache, lookups: int) -> Run:
    """A run that looks up at least so many keys, one after the other."""
    simulation = run({"a/keys": cache}, LOOKING, 1_000.0, lookups / 1_000.0, seed=1)
    assert simulation.state.things.caches["lookups"][0] >= lookups
    return simulation


@pytest.mark.parametrize("capacity", [1, 10, 150, 399])
@pytest.mark.parametrize(("policy", "plain"), [("lru", recent), ("lfu", frequent)])
def test_a_replayed_trace_hits_exactly_as_often_as_in_a_plain_cache(policy: str, plain, capacity: int) -> None:
    # Popularity drifts, so that neither policy is at home.
    draws = np.random.default_rng(7).choice(300, size=20_000, p=zipf(300, 0.8))
    keys = ((draws + np.arange(20_000) // 200) % 400).tolist()
    cache = Cache(objects=400, trace=tuple(keys), capacity=capacity, policy=policy, warm=False)  # type: ignore[arg-type]
    found = replayed(cache, 20_000).state.things.caches[0]
    more = int(found["lookups"])
    again = (keys * (more // len(keys) + 1))[:more]
    assert int(found["hits"]) == plain(capacity, again)


def test_counts_of_use_stop_at_a_limit() -> None:
    # A key used 1,000 times and one used 300 times count the same: the older use is dropped.
    keys = [0] * 1_000 + [1] * 300 + [2, 0, 1]
    cache = Cache(objects=3, trace=tuple(keys), capacity=2, policy="lfu", warm=False)
    found = replayed(cache, len(keys)).state.things.caches[0]
    assert int(found["hits"]) == frequent(2, (keys * (int(found["lookups"]) // len(keys) + 1))[: int(found["lookups"])])


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_a_small_cache_of_least_recent_use_is_kings_list(capacity: int) -> None:
    weights = (8.0, 4.0, 2.0, 1.0, 1.0)
    shares = np.array(weights) / sum(weights)
    exact = 0.0
    for held in permutations(range(len(weights)), capacity):
        probability, left = 1.0, 1.0
        for key in held:
            probability *= shares[key] / left
            left -= shares[key]
        exact += probability * float(shares[list(held)].sum())
    cache = {"a/keys": Cache(objects=5, weights=weights, capacity=capacity)}
    agrees(hit_ratio, exact, cache, LOOKING, 1_000.0, 100.0, precise=0.002)


def test_measured_weights_of_popularity_are_met() -> None:
    weights = tuple(float(w) for w in np.random.default_rng(3).lognormal(0.0, 2.0, 2_000))
    shares = np.array(weights) / sum(weights)
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if -np.expm1(-shares * middle).sum() < 300 else (low, middle)
    exact = float(np.sum(shares * -np.expm1(-shares * high)))
    cache = {"a/keys": Cache(objects=2_000, weights=weights, capacity=300)}
    # Che's approximation, whose error vanishes with the number of objects.
    values = [hit_ratio(run(cache, LOOKING, 1_000.0, 1_000.0, seed)) for seed in range(4)]
    assert np.mean(values) == pytest.approx(exact, rel=0.005)


@pytest.mark.parametrize(("alpha", "reached"), [(0.8, 0.90), (1.1, 0.97)])
def test_least_frequent_use_lies_between_least_recent_use_and_the_static_optimum(alpha: float, reached: float) -> None:
    objects, capacity = 2_000, 200
    optimum = float(zipf(objects, alpha)[:capacity].sum())

    def settled(policy: str) -> list[float]:
        cache = Cache(objects=objects, alpha=alpha, capacity=capacity, policy=policy)  # type: ignore[arg-type]
        found = []
        for seed in range(4):
            simulation = run({"a/keys": cache}, LOOKING, 2_000.0, 400.0, seed)
            before = simulation.state.things.caches[0].copy()
            simulation.advance(simulation.now_s + 150.0)
            after = simulation.state.things.caches[0]
            found.append(float((after["hits"] - before["hits"]) / (after["lookups"] - before["lookups"])))
        return found

    # The optimum needs the counts of all keys. Counts that begin with the storing keep whoever was lucky early, and one
    # place is always a newcomer's: the flatter the popularity, the more is lost.
    often, lately = np.mean(settled("lfu")), np.mean(settled("lru"))
    assert reached * optimum < often < optimum
    assert lately < 0.95 * often


@pytest.mark.parametrize("ttl_s", [0.5, 5.0, 50.0])
def test_objects_that_expire_are_a_renewal_process(ttl_s: float) -> None:
    # A fetch is followed by all requests of the next ttl: of n + 1 requests n hit, n being Poisson of mean rate x ttl.
    rate = 200.0
    shares = zipf(1_000, 0.9)
    exact = float(np.sum(shares * rate * shares * ttl_s / (1.0 + rate * shares * ttl_s)))
    cache = {"a/keys": Cache(objects=1_000, alpha=0.9, capacity=1_000, ttl_s=ttl_s, warm=False)}
    values = []
    for seed in range(8):
        simulation = run(cache, LOOKING, rate, 300.0, seed)
        before = simulation.state.things.caches[0].copy()
        simulation.advance(simulation.now_s + 200.0)
        after = simulation.state.things.caches[0]
        values.append(float((after["hits"] - before["hits"]) / (after["lookups"] - before["lookups"])))
    judge(values, exact, precise=0.005)


def test_look_ups_while_the_object_is_being_fetched_miss_too() -> None:
    # One key, fetched for 1 s, kept for 3 s: a cycle is a fetch (its requests miss) and the rest of the 3 s.
    rate, fetch_s, ttl_s = 4.0, 1.0, 3.0
    fetch = Visit(component="b", enter=(Wait(constant(fetch_s)),))
    visit = Visit(component="a", enter=(Lookup("a/keys"),), on_miss=(fetch,))
    # Whoever misses during the fetch stores the object once more when its own fetch ends, the last of them up to 1 s
    # later; the object expires 3 s after the last of them, which came u before the fetch ended.
    last = fetch_s - (1.0 - np.exp(-rate * fetch_s)) / rate
    hits, misses = rate * (ttl_s + last), 1.0 + rate * fetch_s
    cache = {"a/keys": Cache(objects=1, alpha=0.0, capacity=1, ttl_s=ttl_s, warm=False)}
    values = [hit_ratio(run(cache, visit, rate, 20_000.0, seed)) for seed in range(8)]
    judge(values, hits / (hits + misses), precise=0.005)


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_a_fixed_hit_ratio_is_met(ratio: float) -> None:
    found = run({"a/keys": Cache(hit_ratio=ratio)}, LOOKING, 1_000.0, 100.0, seed=2)
    assert hit_ratio(found) == pytest.approx(ratio, abs=4.0 * (0.25 / 300_000) ** 0.5)


@pytest.mark.parametrize(("ttl_s", "objects"), [(30.0, 200), (3_600.0, 20_000), (86_400.0, 100_000)])
def test_objects_that_expire_hit_at_once_as_they_do_after_a_long_time(ttl_s: float, objects: int) -> None:
    # Jung, Berger and Balakrishnan: rate x TTL hits for each miss; most times to live are longer than the run.
    rate = 50.0
    exact = expiring_hit_ratio(objects, 0.9, rate * ttl_s)
    cache = Cache(objects=objects, alpha=0.9, capacity=objects, ttl_s=ttl_s, warm_per_s=rate)
    agrees(hit_ratio, exact, {"a/keys": cache}, LOOKING, rate, 200.0, precise=0.01)
