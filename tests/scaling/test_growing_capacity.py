"""A load balancer grows with what it is asked for, and not at once."""

from dataclasses import replace

import pytest

from services.conformance import EXAMPLES
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.iac import read_template
from tonnage.scaling._controller import Moment
from tonnage.scaling.growing_capacity import Memory, begin, levels, settings, tick
from tonnage.scaling.readings import BucketRate, Readings
from tonnage.services import GrowingCapacity, load_balancer
from tonnage.simulate import simulate
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Call, Component, Route, Scenario, Traffic, Workload, declared

RULE = GrowingCapacity(bucket="Web/capacity", floor_per_s=1000.0, headroom=2.0, doubling_s=300.0, halving_s=3600.0)


def minutes(memory: Memory, *asked_per_s: float, rule: GrowingCapacity = RULE) -> tuple[Memory, list[float], list[str]]:
    """Capacity after each minute, and what was told; what exceeds the capacity is refused."""
    seen, told = [], []
    for k, asked in enumerate(asked_per_s, start=1):
        taken = min(asked, memory.capacity_per_s)
        readings = Readings(
            cpu={}, requests={}, tokens={rule.bucket: 60.0 * taken}, refused={rule.bucket: 60.0 * (asked - taken)}
        )
        moment = Moment(time_s=60.0 * k, unix_s=60.0 * k, passed_s=60.0, full_minute=True)
        memory, more = tick(rule, memory, moment, readings)
        seen.append(memory.capacity_per_s)
        told += [happening.text for happening in more.happenings]
    return memory, seen, told


def test_below_half_its_floor_nothing_happens() -> None:
    assert minutes(begin(RULE, 0.0), *[500.0] * 30)[1:] == ([1000.0] * 30, [])


def test_it_doubles_in_its_time_and_stops_at_its_headroom() -> None:
    _, seen, told = minutes(begin(RULE, 0.0), *[1500.0] * 12)
    assert seen[4] == pytest.approx(2000.0)
    assert seen[8:] == [pytest.approx(3000.0)] * 4
    assert told == ["refuses: asked for 1,500 requests/s, it has grown to 1,000/s"]


def test_a_slow_rise_is_never_refused() -> None:
    # Ten per cent a minute is less than a doubling in five.
    assert minutes(begin(RULE, 0.0), *[800.0 * 1.1**k for k in range(40)])[2] == []


def test_it_gives_back_by_halves() -> None:
    memory, _, _ = minutes(begin(RULE, 0.0), *[4000.0] * 30)
    assert memory.capacity_per_s == pytest.approx(8000.0)
    _, seen, _ = minutes(memory, *[10.0] * 300)
    assert seen[59] == pytest.approx(4000.0)
    assert seen[-1] == 1000.0


def test_it_lets_a_second_through_at_once() -> None:
    memory = Memory(capacity_per_s=1234.0)
    assert settings(RULE, memory) == (BucketRate(bucket="Web/capacity", rate_per_s=1234.0, capacity=1234.0),)
    assert levels(RULE, memory) == {"Web/capacity:provisioned": 1234.0}


def test_a_rush_is_refused_in_both_fidelities_until_it_has_grown() -> None:
    stack = read_template(EXAMPLES / "load_balancer.yaml", parameters={})
    component = load_balancer.gather(stack.resources["Balancer"], stack)
    assert isinstance(component, Component)
    # 278 requests/s at first: from 100/s to 800/s it must double nearly twice.
    quiet, rush = (100.0,) * 30, (800.0,) * 15
    workload = Workload(
        name="rush",
        region="us-east-1",
        architecture="template.yaml",
        components={"Balancer": replace(component, characteristics={"base_capacity": declared(10.0, "LCU", "a test")})},
        edges=(),
        routes=(Route(name="visit", share=1.0, entry=Call(component="Balancer")),),
        traffic=Traffic(name="rush", start_s=0.0, step_s=60.0, rates_per_s=quiet + rush, evidence="declared"),
        objectives=(),
    )
    compiled = compile_workload(workload, load_catalog("us-east-1"))
    scenario = Scenario(name="rush", window_s=900.0, run_out_s=10.0)
    for outcome in (simulate(compiled, scenario, seed=1), simulate_fluid(compiled, scenario)):
        assert outcome.failures[0].cause.text == "503 while the load balancer grows"
        refused = outcome.series["Balancer/capacity:refused"]
        assert refused[1] > 400.0
        assert refused[-1] < 1.0
        assert any("refuses: asked for" in text for _, _, text in outcome.happenings)
