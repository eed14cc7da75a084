"""ElastiCache Serverless: processing units, growth, the documented price."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Cache
from tonnage.engine.program import Take
from tonnage.services import GrowingCapacity, Situation, Usage, serverless_cache
from tonnage.services.serverless_cache import units
from tonnage.workload import Call, Component, declared

CACHE = "Sessions: {Type: AWS::ElastiCache::ServerlessCache, Properties: {Engine: %s, ServerlessCacheName: s%s}}"
LIMITS = ", CacheUsageLimits: {ECPUPerSecond: {Minimum: %d, Maximum: %d}, DataStorage: {Maximum: 1, Unit: GB}}"


def cache(tmp_path: Path, engine: str = "valkey", limits: str = "") -> Component:
    return gathered(serverless_cache, a_stack(tmp_path, CACHE % (engine, limits)), "Sessions")


@pytest.mark.parametrize(("size", "expected"), [(100.0, 1.0), (1000.0, 1.0), (3200.0, 3.2)])
def test_a_command_uses_a_unit_for_each_kilobyte(size: float, expected: float) -> None:
    # Amazon ElastiCache pricing: a GET that transfers 3.2 KB uses 3.2 ECPUs.
    assert units(size) == pytest.approx(expected)


def test_the_worked_example_of_the_price(tmp_path: Path) -> None:
    # 50,000 GET/s of 1 KB and 10 GB on Valkey: 0.414 + 0.84 dollars an hour.
    component = replace(cache(tmp_path), characteristics={"stored": declared(10.0, "GB", "a test")})
    cost = serverless_cache.price(component, Usage(visits_per_s=50_000.0, per_visit={"ecpu": 1.0}), CATALOG)
    assert cost.items["processing units"] == pytest.approx(0.414)
    assert cost.items["data"] == pytest.approx(0.84)
    assert cost.usd_per_h == pytest.approx(1.25, abs=0.005)


def test_it_grows_from_what_it_takes_at_first_to_its_maximum(tmp_path: Path) -> None:
    (control,) = serverless_cache.behaviour(cache(tmp_path), CATALOG).controls
    assert isinstance(control, GrowingCapacity)
    assert control.floor_per_s == 30_000
    prepared = serverless_cache.behaviour(cache(tmp_path, limits=LIMITS % (50_000, 90_000)), CATALOG)
    assert prepared.limits["ECPU/s"] == 50_000
    bounded = serverless_cache.behaviour(cache(tmp_path, limits=LIMITS % (1_000, 5_000)), CATALOG)
    assert (bounded.limits["ECPU/s"], bounded.controls) == (5_000, ())


def test_what_is_prepared_for_is_paid(tmp_path: Path) -> None:
    component = cache(tmp_path, limits=LIMITS % (10_000, 90_000))
    cost = serverless_cache.price(component, Usage(visits_per_s=1.0, per_visit={"ecpu": 1.0}), CATALOG)
    assert cost.items["processing units"] == pytest.approx(10_000 * 3600 / 1e6 * 0.0023)


def test_commands_of_a_visit(tmp_path: Path) -> None:
    demands = {"operations": declared(2.0, "1", "a test"), "bytes": declared(2000.0, "bytes", "a test")}
    steps = serverless_cache.visit(cache(tmp_path), Call(component="Sessions", demands=demands), CATALOG)
    assert [step.amount for step in steps.enter if isinstance(step, Take)] == [4.0]


def test_keys_above_the_maximum_of_storage_are_evicted(tmp_path: Path) -> None:
    known = {"objects": declared(2e6, "1", "a test"), "object_size": declared(1000.0, "bytes", "a test")}
    full = replace(cache(tmp_path, limits=LIMITS % (0, 90_000)), characteristics=known)
    free = replace(cache(tmp_path), characteristics=known)
    kept = [serverless_cache.behaviour(each, CATALOG).primitives["Sessions/keys"] for each in (full, free)]
    assert [each.capacity for each in kept if isinstance(each, Cache)] == [1_000_000, 2_000_000]


def test_preparation_or_a_higher_maximum_is_proposed_where_it_throttles(tmp_path: Path) -> None:
    pressed = Situation(pressures=("throttle",), peak_visits_per_s=60_000.0, per_visit={"ecpu": 1.0})
    for limits, expected in (
        ("", "Sessions CacheUsageLimits.ECPUPerSecond.Minimum (unset) → 66000"),
        (LIMITS % (0, 20_000), "Sessions CacheUsageLimits.ECPUPerSecond.Maximum 20000 → 66000"),
    ):
        stack = a_stack(tmp_path, CACHE % ("valkey", limits))
        component = gathered(serverless_cache, stack, "Sessions")
        assert titles(writable(serverless_cache, stack, component, pressed)) == [expected]
