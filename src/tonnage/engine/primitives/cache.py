"""Cache: what share of look-ups need not go further.

Either a fixed ``hit_ratio`` (when the keys are unknown), or ``capacity`` objects kept by least recent use out of
``objects`` whose popularity is Zipf(``alpha``), with an optional time to live: then the hit ratio emerges, warms up and
falls when the cache shrinks.

Closed form held in ``tests/validation``: Che's approximation, ``hit_i = 1 - exp(-lambda_i * T)`` with T from
``sum_i hit_i = capacity`` (Fricker, Robert and Roberts, 2012).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A cache.

    Attributes:
        hit_ratio: Fixed share of hits; None when ``objects`` is given.
        objects: Number of distinct keys; 0 with a fixed ratio.
        alpha: Zipf exponent of their popularity.
        capacity: Objects that fit.
        ttl_s: An object older than this is a miss; None means never.
        warm: Whether the most popular objects are in it at the start.
    """

    hit_ratio: float | None = None
    objects: int = 0
    alpha: float = 0.9
    capacity: int = 0
    ttl_s: float | None = None
    warm: bool = True
