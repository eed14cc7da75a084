"""Caches on dense keys: a ring of links for each count of use, newest behind the sentinel.

Least recent use has one ring. Least frequent use has one for each count from 0 to 255 (objects used more often share
the last) and drops the oldest of the lowest ring that is not empty.
"""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import FREQUENCIES, Records


@inlined
def _unlink(links: Records, base: int, node: int) -> None:
    above = links[node].newer
    below = links[node].older
    links[base + above].older = below
    links[base + below].newer = above


@inlined
def _make_newest(links: Records, base: int, key: int, sentinel: int) -> None:
    first = links[base + sentinel].older
    links[base + sentinel].older = key
    node = links[base + key]
    node.newer = sentinel
    node.older = first
    links[base + first].newer = key


@inlined
def touch(caches: Records, links: Records, cache: int, key: int, now: float) -> bool:
    """Look a key up: True for a fresh object, which becomes the newest of its ring; an expired one is dropped.

    Args:
        caches: All caches.
        links: What all caches hold.
        cache: Index of this cache.
        key: The key, 0 to ``objects - 1``.
        now: Time, s.
    """
    me = caches[cache]
    base = me.base
    node = links[base + key]
    if node.newer < 0:
        return False
    _unlink(links, base, base + key)
    if now - node.stored > me.ttl_s:
        node.newer = -1
        me.held -= 1
        return False
    if me.frequent == 1 and node.count < FREQUENCIES - 1:
        node.count += 1
    _make_newest(links, base, key, me.objects + node.count)
    return True


@inlined
def fill(caches: Records, links: Records, cache: int, key: int, now: float) -> None:
    """Store a key as the newest object, dropping another when the cache is full."""
    me = caches[cache]
    base = me.base
    objects = me.objects
    node = links[base + key]
    node.stored = now
    if node.newer >= 0 or me.capacity <= 0:
        return
    if me.held >= me.capacity:
        ring = me.lowest
        while links[base + objects + ring].newer == objects + ring:
            ring += 1
        oldest = links[base + objects + ring].newer
        _unlink(links, base, base + oldest)
        links[base + oldest].newer = -1
    else:
        me.held += 1
    me.lowest = 0
    node.count = 0
    _make_newest(links, base, key, objects)
