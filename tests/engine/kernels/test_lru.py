"""The least-recent-use cache against an ordered dictionary."""

from collections import OrderedDict

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.lru import lru_fill, lru_touch
from tonnage.engine.model import build
from tonnage.engine.primitives import Cache, constant
from tonnage.engine.program import Program, Visit, Wait
from tonnage.engine.start import Measure, fresh_state

OBJECTS = 8


@kernel
def touch(caches, base, objects, key, now, ttl_s, cache):
    return lru_touch(caches, base, objects, key, now, ttl_s, cache)


@kernel
def fill(caches, base, objects, key, now, capacity, cache):
    lru_fill(caches, base, objects, key, now, capacity, cache)


@settings(max_examples=60, deadline=None)
@given(
    capacity=st.integers(0, OBJECTS),
    ttl_s=st.sampled_from([2.0, 5.5, 1e9]),
    steps=st.lists(st.tuples(st.integers(0, OBJECTS - 1), st.sampled_from(["ask", "fill", "both"])), max_size=60),
)
@example(capacity=2, ttl_s=2.0, steps=[(1, "fill"), (1, "ask"), (1, "ask"), (1, "ask")])
def test_it_keeps_what_an_ordered_dictionary_keeps(capacity: int, ttl_s: float, steps: list[tuple[int, str]]) -> None:
    # A second cache behind the first: their links must not touch.
    caches = {"a/x": Cache(objects=5, capacity=5), "a/y": Cache(objects=OBJECTS, capacity=capacity, warm=False)}
    entry = Visit(component="a", enter=(Wait(constant(0.0)),))
    model = build(caches, [Program(route="r", share=1.0, entry=entry)])
    state = fresh_state(model, Measure(start_s=0.0, end_s=1.0, window_s=1.0)).caches
    base = int(model.cache_rules.base[1])
    kept: OrderedDict[int, float] = OrderedDict()
    for second, (key, what) in enumerate(steps):
        now = float(second)
        if what != "fill":
            hit = key in kept and now - kept[key] <= ttl_s
            if hit:
                kept.move_to_end(key)
            else:
                kept.pop(key, None)
            assert touch(state, base, OBJECTS, key, now, ttl_s, 1) == hit
        if what != "ask":
            if key in kept:
                kept[key] = now
            elif capacity:
                if len(kept) == capacity:
                    kept.popitem(last=False)
                kept[key] = now
            fill(state, base, OBJECTS, key, now, capacity, 1)
        assert state.held[1] == len(kept)
        ring, node = [], int(state.newer[base + OBJECTS])
        while node != OBJECTS:
            ring.append(node)
            node = int(state.newer[base + node])
        assert ring == list(kept)
    assert state.held[0] == 5
