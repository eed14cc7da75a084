"""The model: names to numbers and back."""

import numpy as np
import pytest

from engine.runs import routed
from tonnage.engine.model import SHARING_LIMIT, build, component_of, stream
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, constant
from tonnage.engine.program import Program, Visit, Wait

NOTHING = Visit(component="a", enter=(Wait(constant(0.0)),))


def test_slots_and_pools_stand_one_after_the_other() -> None:
    primitives = {
        "w/cpu": Fleet(servers=2, discipline="fifo", instances=2, max_instances=5),
        "w/workers": Pool(capacity=8, fleet="w/cpu"),
        "d/cpu": Fleet(servers=4),
        "d/connections": Pool(capacity=100),
    }
    model = routed(primitives, NOTHING)
    assert model.fleet_slots("w/cpu") == range(5)
    assert model.fleet_slots("d/cpu") == range(5, 6)
    assert model.pool_range("w/workers") == range(5)
    assert model.pool_range("d/connections") == range(5, 6)
    assert list(model.things.instances["fleet"]) == [0] * 5 + [1]
    # A line for each instance, then one for each pool.
    assert len(model.things.lines) == 6 + 6
    # FIFO needs room for its servers, sharing for all it serves at once.
    assert list(model.things.instances["room"]) == [2] * 5 + [SHARING_LIMIT]
    assert list(model.things.instances["base"]) == [0, 2, 4, 6, 8, 10]


def test_every_refusal_has_a_cause_with_its_words() -> None:
    primitives = {
        "w/cpu": Fleet(servers=1),
        "w/pool": Pool(capacity=1, refusal="no thread", patience_s=1.5),
        "b/tokens": Bucket(rate_per_s=1.0, capacity=1.0, refusal="429"),
        "f/env": Environments(limit=1, cold_start=constant(0.0), keep_alive_s=1.0, refusal="busy"),
    }
    model = routed(primitives, Visit(component="a", calls=(Visit(component="late", timeout_s=3.0),)))
    told = {(cause.component, cause.primitive, cause.text) for cause in model.causes}
    assert told == {
        ("", "", "the caller had given up"),
        ("w", "w/cpu", "queue full"),
        ("w", "w/cpu", "no instance in service"),
        ("w", "w/cpu", "instance lost"),
        ("w", "w/cpu", "waited too long"),
        ("w", "w/pool", "no thread"),
        ("w", "w/pool", "waited longer than 1.5 s"),
        ("w", "w/pool", "waited too long"),
        ("b", "b/tokens", "429"),
        ("f", "f/env", "busy"),
        ("late", "late", "timed out after 3 s"),
        ("late", "late", "fault"),
        ("a", "a", "fault"),
    }
    things = model.things
    assert model.causes[things.buckets["cause"][0]].text == "429"
    assert model.causes[things.lines["full"][1]].text == "no thread"
    assert model.causes[things.pools["impatient"][0]].text == "waited longer than 1.5 s"


def test_shares_are_cumulated_to_one() -> None:
    model = build({}, [Program(route=name, share=share, entry=NOTHING) for name, share in (("x", 3.0), ("y", 1.0))])
    assert list(model.route_until) == pytest.approx([0.75, 1.0])
    assert model.routes == ("x", "y")


def test_zipf_popularity_is_drawn_by_alias() -> None:
    model = routed({"a/keys": Cache(objects=100, alpha=1.0, capacity=10)}, NOTHING)
    share = model.aliases["share"]
    drawn = share / 100.0
    np.add.at(drawn, model.aliases["other"], (1.0 - share) / 100.0)
    weight = 1.0 / np.arange(1, 101)
    assert drawn == pytest.approx(weight / weight.sum())


def test_caches_of_unknown_keys_take_no_room() -> None:
    caches = {"a/x": Cache(hit_ratio=0.5), "a/y": Cache(objects=7, capacity=9), "a/z": Cache(objects=5, capacity=2)}
    rules = routed(caches, NOTHING).things.caches
    assert list(rules["fixed"]) == [0.5, -1.0, -1.0]
    assert list(rules["objects"]) == [0, 7, 5]
    assert list(rules["capacity"]) == [0, 7, 2]
    # One sentinel more than objects for each cache; the alias tables have none.
    assert list(rules["base"]) == [0, 1, 9]
    assert list(rules["alias_base"]) == [0, 0, 7]
    assert np.isinf(rules["ttl_s"]).all()


def test_a_stream_is_64_bits_of_its_name() -> None:
    assert stream("r:web:0:enter1") == stream("r:web:0:enter1") != stream("r:web:0:enter2")
    assert 0 <= stream("anything") < 2**64


def test_the_component_is_what_stands_before_the_slash() -> None:
    assert component_of("Web/cpu") == "Web"
    assert component_of("Web") == "Web"
