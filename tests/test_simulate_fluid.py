from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tonnage.engine.outcome import Outcome
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.simulate_fluid import evaluate, simulate_fluid
from tonnage.workload import Scenario, Traffic, parse_fault
from workloads import a_single_server, a_web_workload, an_api_workload, compiled

FIVE_MINUTES = Scenario(name="t", window_s=300.0)


def conserved(seen: Outcome) -> bool:
    return all(route.arrived == route.answered + route.failed + route.late + route.unanswered for route in seen.routes)


def test_an_outcome_says_what_it_is_and_adds_up(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path, traffic="constant 200/s for 10 min"))
    seen = simulate_fluid(web, FIVE_MINUTES)
    assert seen.fidelity == "fluid"
    assert seen.not_covered == ()
    assert seen.stopped is None
    assert conserved(seen)
    assert seen.requests == 60_000 == int(seen.windows[:, 0].sum())
    assert [route.arrived for route in seen.routes] == [48_000, 12_000]
    assert int(seen.window_hist.sum()) == 60_000
    assert len(seen.windows) == 5


def test_the_same_components_and_series_as_request_by_request(tmp_path: Path) -> None:
    for source in (a_web_workload, an_api_workload):
        workload = compiled(source(tmp_path / source.__name__, traffic="constant 100/s for 10 min"))
        day = coarse_day(workload, stretch(workload.workload.traffic, FIVE_MINUTES))
        fluid = simulate_fluid(workload, FIVE_MINUTES, day=day)
        exact = simulate(workload, FIVE_MINUTES, seed=1, day=day)
        assert set(fluid.components) == set(exact.components)
        assert set(fluid.series) == set(exact.series)
        assert all(len(values) == len(fluid.times_s) for values in fluid.series.values())
        for name, component in exact.components.items():
            other = fluid.components[name]
            assert other.visits_per_s == pytest.approx(component.visits_per_s, rel=0.02)
            assert other.residence_s == pytest.approx(component.residence_s, rel=0.03)
            assert (other.utilization is None) == (component.utilization is None)
            assert (other.concurrency_limit, other.instances) == (component.concurrency_limit, component.instances)


def test_the_group_scales_as_request_by_request(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path, max_size=12, db_class="db.m5.4xlarge")
    rates = tuple(100.0 + k / 3.0 for k in range(1800))
    rising = Traffic(name="rising", start_s=0.0, step_s=1.0, rates_per_s=rates, evidence="declared")
    web = compiled(replace(workload, traffic=rising))
    scenario = Scenario(name="t", window_s=1500.0)
    day = coarse_day(web, stretch(web.workload.traffic, scenario))
    fluid, exact = simulate_fluid(web, scenario, day=day), simulate(web, scenario, seed=1, day=day)
    changes = [[(before, after) for _, _, before, after, _ in seen.activities] for seen in (fluid, exact)]
    assert len(changes[0]) >= 3
    assert sum(after - before for before, after in changes[0]) == sum(after - before for before, after in changes[1])
    in_service = "Web/cpu:in service"
    assert fluid.series[in_service].mean() == pytest.approx(exact.series[in_service].mean(), rel=0.05)


def test_throttling_is_counted_by_its_cause(tmp_path: Path) -> None:
    api = compiled(an_api_workload(tmp_path, traffic="constant 150/s for 10 min", throttle=100))
    seen = simulate_fluid(api, FIVE_MINUTES)
    (failure,) = seen.failures
    assert failure.cause.text == "throttled (429)"
    assert seen.error_share() == pytest.approx(1.0 / 3.0, rel=5e-3)
    assert seen.components["Api"].refused == failure.requests


def test_an_overload_leaves_requests_unanswered() -> None:
    stuck = a_single_server(10.0, traffic="constant 20/s for 2 min", objectives=["errors < 1 %"], deadline_s=1e6)
    seen = simulate_fluid(stuck, Scenario(name="t", window_s=60.0, lead_s=0.0, run_out_s=30.0))
    exact = simulate(stuck, Scenario(name="t", window_s=60.0, lead_s=0.0, run_out_s=30.0), seed=1)
    assert seen.error_share() == pytest.approx(exact.error_share(), abs=0.05)
    assert seen.error_share() > 0.2
    assert seen.routes[0].unanswered > 0 == seen.routes[0].failed


def test_windows_follow_the_traffic() -> None:
    rates = tuple(float(rate) for rate in np.repeat([10.0, 40.0, 80.0], 60))
    traffic = Traffic(name="steps", start_s=0.0, step_s=1.0, rates_per_s=rates, evidence="declared")
    server = a_single_server(100.0, traffic=traffic, objectives=["errors < 1 %"])
    seen = simulate_fluid(server, Scenario(name="t", window_s=180.0, lead_s=0.0))
    assert seen.windows[:, 0].tolist() == [600, 2400, 4800]
    assert seen.offered_per_s == 80.0
    assert list(seen.times_s[[0, -1]]) == [10.0, 180.0]


def test_designs_are_evaluated_in_their_order() -> None:
    designs = [a_single_server(rate, traffic="constant 50/s for 10 min", objectives=[]) for rate in (100.0, 200.0)]
    slow, fast = evaluate(designs, FIVE_MINUTES)
    assert slow.latency_s(None) == pytest.approx(0.02, rel=0.03)
    assert fast.latency_s(None) == pytest.approx(1.0 / 150.0, rel=0.03)


def test_what_a_load_has_beyond_a_fluid_is_told() -> None:
    server = a_single_server(100.0, traffic="clients 20 thinking 1 s", objectives=[])
    faults = (parse_fault("spike x2 at 1 min for 1 min"), parse_fault("errors Server 5 %"))
    seen = simulate_fluid(server, replace(FIVE_MINUTES, faults=faults))
    assert len(seen.not_covered) == 2
    assert "clients" in seen.not_covered[0]
    assert "errors" not in seen.not_covered[0]
    assert "Server fail" in seen.not_covered[1]


def test_a_day_is_sampled_by_the_minute_and_gives_what_shorter_samples_give() -> None:
    rates = tuple(30.0 + 60.0 * np.sin(np.pi * k / 120.0) ** 2 for k in range(120))
    traffic = Traffic(name="waves", start_s=0.0, step_s=60.0, rates_per_s=rates, evidence="declared")
    server = a_single_server(100.0, traffic=traffic, objectives=[])
    hour = simulate_fluid(server, Scenario(name="t", window_s=3600.0))
    long = simulate_fluid(server, Scenario(name="t", window_s=3660.0))
    assert len(hour.times_s) == 360
    assert len(long.times_s) == 61
    assert long.latency_s(99.0) == pytest.approx(hour.latency_s(99.0), rel=0.03)
