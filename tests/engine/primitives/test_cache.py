"""Caches: Che's approximation itself, and what a run keeps of warm, cold, small and ageing caches."""

import math

import numpy as np
import pytest

from engine.runs import one_route, stream
from tonnage.engine.primitives import Cache
from tonnage.engine.primitives.cache import che_hit_ratio
from tonnage.engine.program import Lookup

KEYS = "a/keys"


def hits(cache: Cache, rate: float = 100.0, duration_s: float = 50.0) -> tuple[int, int]:
    found = stream(one_route({KEYS: cache}, Lookup(KEYS)), rate, duration_s).state.things.caches[0]
    return int(found["lookups"]), int(found["hits"])


def test_ches_ratio_of_equal_keys_is_the_share_that_fits() -> None:
    assert che_hit_ratio(1000, 0.0, 250) == pytest.approx(0.25)


def test_ches_ratio_runs_from_nothing_to_everything() -> None:
    ratios = [che_hit_ratio(500, 0.9, capacity) for capacity in (0, 1, 10, 100, 400, 499, 500, 900)]
    assert ratios[0] == 0.0
    assert ratios[-2:] == [1.0, 1.0]
    assert ratios == sorted(ratios)


def test_ches_characteristic_time_fills_the_cache() -> None:
    # Two keys, one place: p (1 - exp(-p T)) + q (1 - exp(-q T)) where both occupancies sum to 1.
    alpha = math.log2(3.0)  # popularities 3/4 and 1/4
    low, high = 0.0, 100.0
    for _ in range(100):
        time = (low + high) / 2
        full = 2.0 - math.exp(-0.75 * time) - math.exp(-0.25 * time)
        low, high = (time, high) if full < 1.0 else (low, time)
    exact = 1.0 - 0.75 * math.exp(-0.75 * low) - 0.25 * math.exp(-0.25 * low)
    assert che_hit_ratio(2, alpha, 1) == pytest.approx(exact, abs=1e-9)


def test_a_warm_cache_that_holds_everything_never_misses_and_a_cold_one_misses_each_key_once() -> None:
    looked, hit = hits(Cache(objects=20, capacity=20))
    assert hit == looked > 0
    looked, hit = hits(Cache(objects=20, capacity=20, warm=False))
    assert looked - hit == 20


def test_nothing_fits_in_no_cache() -> None:
    assert hits(Cache(objects=20, capacity=0))[1] == 0


def test_an_object_is_missed_once_in_each_time_to_live() -> None:
    # One key, asked for all the time: a miss, then hits until it is too old.
    looked, hit = hits(Cache(objects=1, capacity=1, ttl_s=1.0, warm=False), rate=1000.0)
    assert looked - hit == pytest.approx(50.0 / 1.001, abs=1.0)


def test_the_hit_ratio_of_a_time_to_live_is_that_of_a_renewal_process() -> None:
    # Key i at rate l: one miss in 1 + l * ttl look-ups, since the time to live counts from the filling.
    objects, alpha, ttl_s, rate = 50, 0.9, 2.0, 200.0
    share = np.arange(1, objects + 1) ** -alpha
    share /= share.sum()
    exact = float(np.sum(share * (1.0 - 1.0 / (1.0 + share * rate * ttl_s))))
    looked, hit = hits(Cache(objects=objects, alpha=alpha, capacity=objects, ttl_s=ttl_s, warm=False), rate, 2000.0)
    assert hit / looked == pytest.approx(exact, abs=0.003)
