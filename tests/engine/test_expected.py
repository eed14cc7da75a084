"""Means per request and throughput bounds against closed forms and against the request-level run."""

import math
from pathlib import Path

import pytest

from tonnage.engine.expected import Bound, bounds, expected, hit_ratio
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, constant, exponential
from tonnage.engine.program import Choose, Hold, Lease, Leave, Lookup, Program, Release, Return, Take, Visit, Wait, Work
from tonnage.simulate import simulate
from tonnage.workload import Scenario
from workloads import a_web_workload, compiled, with_primitives


def test_work_is_weighed_by_share_probability_times_and_misses() -> None:
    store = Visit(component="Store", enter=(Work("Store/cpu", constant(0.010)),))
    cache = Visit(component="Cache", enter=(Wait(constant(0.001)), Lookup("Cache/keys")), on_miss=(store,))
    mail = Visit(component="Mail", enter=(Work("Mail/cpu", constant(0.020)),), probability=0.5, times=3)
    read = Visit(component="Web", enter=(Work("Web/cpu", constant(0.002)),), calls=(cache,))
    write = Visit(component="Web", enter=(Work("Web/cpu", constant(0.004)),), calls=(mail,))
    model = build(
        {name: Fleet(servers=1, speed=2.0) for name in ("Web/cpu", "Store/cpu", "Mail/cpu")}
        | {"Cache/keys": Cache(hit_ratio=0.75)},
        [Program(route="read", share=0.8, entry=read), Program(route="write", share=0.2, entry=write)],
    )
    means = expected(model)
    assert means.visits == pytest.approx({"Web": 1.0, "Cache": 0.8, "Store": 0.2, "Mail": 0.3})
    assert means.work_s == pytest.approx({"Web/cpu": 0.0024, "Store/cpu": 0.002, "Mail/cpu": 0.006})
    # Time runs at twice the speed; work does not.
    assert means.own_s == pytest.approx({"Web": 0.0012, "Cache": 0.0008, "Store": 0.001, "Mail": 0.003})
    assert means.latency_s == pytest.approx(sum(means.own_s.values()))


def test_tokens_are_held_from_where_they_are_taken_until_the_calls_below_are_done() -> None:
    below = Visit(component="Below", enter=(Wait(constant(0.030)),))
    entry = Visit(
        component="Web",
        enter=(Wait(constant(0.100)), Choose("Web/cpu"), Hold("Web/workers"), Work("Web/cpu", constant(0.010))),
        leave=(Release("Web/workers"), Leave("Web/cpu")),
        calls=(below,),
    )
    primitives = {"Web/cpu": Fleet(servers=1), "Web/workers": Pool(capacity=4, fleet="Web/cpu")}
    means = expected(build(primitives, [Program(route="all", share=1.0, entry=entry)]))
    assert means.held_s == pytest.approx({"Web/workers": 0.040})
    assert means.latency_s == pytest.approx(0.140)


@pytest.mark.parametrize(
    ("primitive", "enter", "leave", "rate"),
    [
        (Fleet(servers=4, speed=2.0, instances=3, max_instances=3), [Work("Server/x", exponential(0.020))], [], 1200.0),
        (Bucket(rate_per_s=300.0, capacity=10.0), [Take("Server/x", 2.0)], [], 150.0),
        (Pool(capacity=10), [Hold("Server/x"), Wait(constant(0.050))], [Release("Server/x")], 200.0),
        (
            Environments(limit=40, cold_start=constant(0.1), keep_alive_s=60.0),
            [Lease("Server/x"), Wait(constant(0.020))],
            [Return("Server/x")],
            2000.0,
        ),
    ],
)
def test_each_primitive_is_full_at_capacity_over_demand(primitive, enter, leave, rate) -> None:
    one = with_primitives({"Server/x": primitive}, enter, leave, traffic="constant 1/s")
    assert bounds(one.model, one.means, {}) == (Bound(primitive="Server/x", rate_per_s=pytest.approx(rate)),)


def test_bounds_count_the_instances_a_group_may_have_and_stand_tightest_first(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path, max_size=6, web_cpu="10 ms", db_cpu="5 ms", workers=100))
    speed = web.model.primitives["Web/cpu"].speed
    found = {bound.primitive: bound.rate_per_s for bound in bounds(web.model, web.means, {"Web/cpu": 6})}
    assert found["Web/cpu"] == pytest.approx(6 * 2 * speed / 0.010)
    assert found["Web/workers"] == pytest.approx(6 * 100 / web.means.held_s["Web/workers"])
    assert list(found.values()) == sorted(found.values())
    # Without a word about the group it keeps the two instances it starts with, and so do its workers.
    at_start = {bound.primitive: bound.rate_per_s for bound in bounds(web.model, web.means, {})}
    assert at_start["Web/cpu"] == pytest.approx(found["Web/cpu"] / 3)
    assert at_start["Web/workers"] == pytest.approx(found["Web/workers"] / 3)


def test_what_no_request_uses_bounds_nothing() -> None:
    one = with_primitives(
        {"Server/cpu": Fleet(servers=1), "Server/idle": Bucket(rate_per_s=1.0, capacity=1.0)},
        [Work("Server/cpu", constant(0.01))],
        traffic="constant 1/s",
    )
    assert [bound.primitive for bound in bounds(one.model, one.means, {})] == ["Server/cpu"]


def test_hit_ratio_is_the_given_one_or_ches() -> None:
    assert hit_ratio(Cache(hit_ratio=0.3)) == 0.3
    small, large = (hit_ratio(Cache(objects=1000, alpha=0.9, capacity=c)) for c in (50, 500))
    assert 0.0 < small < large < 1.0
    assert hit_ratio(Cache(objects=1000, alpha=0.9, capacity=1000)) == 1.0


@pytest.mark.validation
def test_utilization_law_and_littles_law_hold_in_the_simulation(tmp_path: Path) -> None:
    rate = 120.0
    web = compiled(a_web_workload(tmp_path, traffic=f"constant {rate:g}/s for 20 min", max_size=2))
    seen = simulate(web, Scenario(name="test", window_s=900.0), seed=3)
    for component, cpu, servers in (("Web", "Web/cpu", 4), ("Database", "Database/cpu", 2)):
        fleet = web.model.primitives[cpu]
        law = rate * web.means.work_s[cpu] / (servers * fleet.speed)
        # Work of n lognormal jobs with cv 1, and n itself Poisson: relative error sqrt(2 / n), at 4 sigma.
        error = 4.0 * math.sqrt(2.0 / (rate * 900.0))
        assert seen.components[component].utilization == pytest.approx(law, rel=error)
    # Little: tokens in use are the rate times the time held; queueing can only lengthen it.
    held = web.means.held_s["Web/workers"] * rate
    in_use = float(seen.series["Web/workers:in use"].mean())
    assert held * 0.98 < in_use < held * 1.35
    assert web.means.latency_s * 0.98 < seen.latency_s(None)


def test_tokens_count_by_the_share_of_visits_that_take_them() -> None:
    visit = Visit(component="a", enter=(Take("a/hot", 4.0, 0.25), Take("a/all", 4.0)), times=2)
    buckets = {"a/hot": Bucket(rate_per_s=1.0, capacity=1.0), "a/all": Bucket(rate_per_s=1.0, capacity=1.0)}
    means = expected(build(buckets, [Program(route="r", share=1.0, entry=visit)]))
    assert means.tokens == {"a/hot": 2.0, "a/all": 8.0}


def test_objects_that_expire_hit_as_often_as_they_are_asked_for() -> None:
    # One object asked for 2 times/s and kept for 3 s: 6 hits for each miss.
    cache = Cache(objects=1, capacity=1, ttl_s=3.0)
    assert hit_ratio(cache) == 1.0
    assert hit_ratio(cache, 2.0) == pytest.approx(6.0 / 7.0)
    model = build(
        {"Edge/keys": cache, "Origin/cpu": Fleet(servers=1)},
        [
            Program(
                route="r",
                share=1.0,
                entry=Visit(
                    component="Edge",
                    enter=(Lookup("Edge/keys"),),
                    on_miss=(Visit(component="Origin", enter=(Work("Origin/cpu", constant(1.0)),)),),
                ),
            )
        ],
    )
    means = expected(model, 2.0)
    assert means.hits == {"Edge/keys": pytest.approx(6.0 / 7.0)}
    assert means.looked == {"Edge/keys": 1.0}
    assert means.work_s["Origin/cpu"] == pytest.approx(1.0 / 7.0)
    assert expected(model).work_s["Origin/cpu"] == 0.0
