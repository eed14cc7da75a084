"""Caches against an ordered dictionary, and against counting."""

from collections import OrderedDict

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels import caches as kernels
from tonnage.engine.model import build
from tonnage.engine.primitives import Cache, constant
from tonnage.engine.program import Program, Visit, Wait
from tonnage.engine.start import Measure, fresh_state

OBJECTS = 8


@kernel
def touch(caches, links, cache, key, now):
    return kernels.touch(caches, links, cache, key, now)


@kernel
def fill(caches, links, cache, key, now):
    kernels.fill(caches, links, cache, key, now)


def things_of(cache: Cache):
    """A second cache behind a first one: their links must not touch."""
    caches = {"a/x": Cache(objects=5, capacity=5), "a/y": cache}
    entry = Visit(component="a", enter=(Wait(constant(0.0)),))
    model = build(caches, [Program(route="r", share=1.0, entry=entry)])
    return fresh_state(model, Measure(start_s=0.0, end_s=1.0, window_s=1.0)).things


STEPS = st.lists(st.tuples(st.integers(0, OBJECTS - 1), st.sampled_from(["ask", "fill", "both"])), max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    capacity=st.integers(0, OBJECTS),
    ttl_s=st.sampled_from([2.0, 5.5, 1e9]),
    steps=STEPS,
)
@example(capacity=2, ttl_s=2.0, steps=[(1, "fill"), (1, "ask"), (1, "ask"), (1, "ask")])
def test_it_keeps_what_an_ordered_dictionary_keeps(capacity: int, ttl_s: float, steps: list[tuple[int, str]]) -> None:
    things = things_of(Cache(objects=OBJECTS, capacity=capacity, warm=False, ttl_s=ttl_s))
    base = int(things.caches["base"][1])
    kept: OrderedDict[int, float] = OrderedDict()
    for second, (key, what) in enumerate(steps):
        now = float(second)
        if what != "fill":
            hit = key in kept and now - kept[key] <= ttl_s
            if hit:
                kept.move_to_end(key)
            else:
                kept.pop(key, None)
            assert touch(things.caches, things.links, 1, key, now) == hit
        if what != "ask":
            if key in kept:
                kept[key] = now
            elif capacity:
                if len(kept) == capacity:
                    kept.popitem(last=False)
                kept[key] = now
            fill(things.caches, things.links, 1, key, now)
        assert things.caches["held"][1] == len(kept)
        ring, node = [], int(things.links["newer"][base + OBJECTS])
        while node != OBJECTS:
            ring.append(node)
            node = int(things.links["newer"][base + node])
        assert ring == list(kept)
    assert things.caches["held"][0] == 5


@settings(max_examples=80, deadline=None)
@given(capacity=st.integers(1, OBJECTS), steps=STEPS)
def test_least_frequent_use_drops_the_least_counted_and_of_several_the_one_used_longest_ago(
    capacity: int, steps: list[tuple[int, str]]
) -> None:
    things = things_of(Cache(objects=OBJECTS, capacity=capacity, warm=False, policy="lfu"))
    counted: dict[int, tuple[int, int]] = {}
    for now, (key, what) in enumerate(steps):
        if what != "fill":
            hit = key in counted
            assert touch(things.caches, things.links, 1, key, float(now)) == hit
            if hit:
                counted[key] = (counted[key][0] + 1, now)
        if what != "ask":
            fill(things.caches, things.links, 1, key, float(now))
            if key not in counted:
                if len(counted) == capacity:
                    del counted[min(counted, key=lambda k: counted[k])]
                counted[key] = (0, now)
        held = {k for k in range(OBJECTS) if things.links["newer"][int(things.caches["base"][1]) + k] >= 0}
        assert held == set(counted)


def test_counts_of_use_end_at_255() -> None:
    things = things_of(Cache(objects=OBJECTS, capacity=2, policy="lfu"))
    for now in range(400):
        assert touch(things.caches, things.links, 1, 0, float(now))
    assert things.links["count"][int(things.caches["base"][1])] == 255
