"""Least-recent-use caches on dense keys: a ring of links, newest behind the sentinel."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import Caches


@inlined
def lru_touch(
    caches: Caches,
    base: int,
    objects: int,
    key: int,
    now: float,
    ttl_s: float,
    cache: int,
) -> bool:
    """Look a key up: True for a fresh object, which becomes the newest; an expired one is dropped.

    Args:
        caches: What all caches hold.
        base: Where this cache's links begin; the sentinel is at ``base + objects``.
        objects: Number of keys.
        key: The key, 0 to ``objects - 1``.
        now: Time, s.
        ttl_s: Longest age of a fresh object.
        cache: Index of this cache.
    """
    newer = caches.newer
    older = caches.older
    stored = caches.stored
    held = caches.held
    node = base + key
    if newer[node] < 0:
        return False
    above = newer[node]
    below = older[node]
    older[base + above] = below
    newer[base + below] = above
    if now - stored[node] > ttl_s:
        newer[node] = -1
        held[cache] -= 1
        return False
    first = older[base + objects]
    older[base + objects] = key
    newer[node] = objects
    older[node] = first
    newer[base + first] = key
    return True


@inlined
def lru_fill(
    caches: Caches,
    base: int,
    objects: int,
    key: int,
    now: float,
    capacity: int,
    cache: int,
) -> None:
    """Store a key as the newest object, dropping the oldest when the cache is full."""
    newer = caches.newer
    older = caches.older
    stored = caches.stored
    held = caches.held
    node = base + key
    stored[node] = now
    if newer[node] >= 0 or capacity <= 0:
        return
    if held[cache] >= capacity:
        oldest = newer[base + objects]
        above = newer[base + oldest]
        newer[base + objects] = above
        older[base + above] = objects
        newer[base + oldest] = -1
    else:
        held[cache] += 1
    first = older[base + objects]
    older[base + objects] = key
    newer[node] = objects
    older[node] = first
    newer[base + first] = key
