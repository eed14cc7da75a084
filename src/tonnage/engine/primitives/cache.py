"""Cache: what share of look-ups need not go further.

Keys are drawn by popularity: Zipf, or measured ``weights``, or replayed from a ``trace``. Either a fixed ``hit_ratio``
(when the keys are unknown), or ``capacity`` objects kept by least recent use out of ``objects`` whose popularity is
Zipf(``alpha``), with an optional time to live: then the hit ratio emerges, warms up and falls when the cache shrinks.

Closed form held in ``tests/validation``: Che's approximation, ``hit_i = 1 - exp(-lambda_i * T)`` with T from
``sum_i hit_i = capacity`` (Fricker, Robert and Roberts, 2012); and with a time to live alone, of an object that is
fetched again when it is asked for after it expired, ``hit_i = lambda_i * T / (1 + lambda_i * T)`` (Jung, Berger and
Balakrishnan, 2003).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A cache.

    Attributes:
        hit_ratio: Fixed share of hits; None when ``objects`` is given.
        policy: What is dropped when it is full: ``lru``, the object used longest ago; ``lfu``, the one used least often
            since it was stored (counted up to 255, as Redis and Valkey do), the oldest of several.
        objects: Number of distinct keys; 0 with a fixed ratio.
        alpha: Zipf exponent of their popularity.
        weights: Measured popularity of each object instead of Zipf's; as many as ``objects``.
        trace: Keys in the order of the look-ups instead of drawn ones; begun again at its end.
        capacity: Objects that fit.
        ttl_s: An object older than this is a miss; None means never.
        warm: Whether the most popular objects are in it at the start.
        warm_per_s: Look-ups per second that it has had for long before the start: where objects expire, each is then in
            it as often, and as old, as it is at that rate; 0: all that fit, just stored.
    """

    hit_ratio: float | None = None
    policy: Literal["lru", "lfu"] = "lru"
    objects: int = 0
    alpha: float = 0.9
    weights: tuple[float, ...] = ()
    trace: tuple[int, ...] = ()
    capacity: int = 0
    ttl_s: float | None = None
    warm: bool = True
    warm_per_s: float = 0.0


def che_hit_ratio(objects: int, alpha: float, capacity: int) -> float:
    """Hit ratio of an LRU cache under independent Zipf requests, by Che's approximation.

    The characteristic time T solves ``sum_i (1 - exp(-p_i * T)) = capacity``; the hit ratio is
    ``sum_i p_i * (1 - exp(-p_i * T))``.

    Args:
        policy: What is dropped when it is full: ``lru``, the object used longest ago; ``lfu``, the one used least often
            since it was stored (counted up to 255, as Redis and Valkey do), the oldest of several.
        objects: Number of keys.
        alpha: Zipf exponent.
        capacity: Objects that fit.
    """
    if capacity >= objects:
        return 1.0
    if capacity <= 0:
        return 0.0
    popularity = np.arange(1, objects + 1, dtype=np.float64) ** -alpha
    popularity /= popularity.sum()
    low, high = 0.0, float(capacity)
    while float(np.sum(-np.expm1(-popularity * high))) < capacity:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if float(np.sum(-np.expm1(-popularity * middle))) < capacity:
            low = middle
        else:
            high = middle
    return float(np.sum(popularity * -np.expm1(-popularity * high)))


def expiring_hit_ratio(objects: int, alpha: float, lookups_in_ttl: float) -> float:
    """Hit ratio under independent Zipf requests of a cache that drops objects only when their time to live has passed.

    After a miss an object is answered for ``T``, then missed at its next request: ``lambda_i * T`` hits for each miss.

    Args:
        objects: Number of keys.
        alpha: Zipf exponent.
        lookups_in_ttl: Look-ups of the whole cache in one time to live.
    """
    popularity = np.arange(1, objects + 1, dtype=np.float64) ** -alpha
    popularity /= popularity.sum()
    asked = popularity * lookups_in_ttl
    return float(np.sum(popularity * asked / (1.0 + asked)))
