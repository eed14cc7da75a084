"""Model and scenario to outcome: nothing is lost, the judged time lies right, controls have their history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scaling.groups import predictive_scaling
from tonnage.compile import Compiled
from tonnage.engine.outcome import Outcome
from tonnage.engine.primitives import Bucket, Fleet, constant
from tonnage.engine.program import Take, Work
from tonnage.intake import Overrides, load, open_source
from tonnage.scaling.instances import InstanceState
from tonnage.services import Behaviour, Credits
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Scenario, Traffic
from workloads import a_single_server, a_web_workload, an_api_source, an_api_workload, compiled, with_primitives


def a_traffic(*rates: float, step_s: float = 60.0, start_s: float = 0.0) -> Traffic:
    return Traffic(name="test", start_s=start_s, step_s=step_s, rates_per_s=rates, evidence="declared")


def conserved(seen: Outcome) -> bool:
    return all(r.arrived == r.answered + r.failed + r.late + r.unanswered for r in seen.routes)


# --- where the judged time lies -------------------------------------------------------------------------------------


def test_the_judged_time_is_the_busiest_stretch() -> None:
    traffic = a_traffic(1.0, 2.0, 3.0, 50.0, 60.0, 3.0, 2.0, start_s=1000.0)
    part = stretch(traffic, Scenario(name="t", window_s=120.0, lead_s=60.0, run_out_s=60.0, factor=2.0))
    assert part.judged_from_s == 1000.0 + 3 * 60.0
    assert (part.judged_s, part.lead_s, part.step_s) == (120.0, 60.0, 60.0)
    assert part.rates_per_s.tolist() == [6.0, 100.0, 120.0, 6.0]
    assert part.judged_rates_per_s.tolist() == [100.0, 120.0]
    # Three minutes lie before; an hour at the first rate before them lets the controls settle.
    assert part.before_per_s.tolist() == [2.0] * 60 + [2.0, 4.0]


def test_a_short_traffic_is_judged_whole() -> None:
    part = stretch(a_traffic(5.0, 7.0), Scenario(name="t", window_s=1800.0, lead_s=60.0, run_out_s=30.0))
    assert part.judged_s == 120.0
    assert part.judged_from_s == 0.0
    # What lies before the traffic is as its first step, what lies after as its last.
    assert part.rates_per_s.tolist() == [5.0, 5.0, 7.0, 7.0]


def test_a_coarse_history_is_judged_in_the_middle_of_its_busiest_step() -> None:
    hours = a_traffic(1.0, 9.0, 2.0, step_s=3600.0)
    part = stretch(hours, Scenario(name="t", window_s=600.0, lead_s=60.0))
    assert part.judged_from_s == 3600.0 + 1500.0
    assert part.step_s == 60.0
    assert set(part.rates_per_s.tolist()) == {9.0}


def test_the_hours_before_the_coarse_day_are_kept_for_what_is_forecast() -> None:
    # The traffic begins at 00:40, and hours are those of the clock.
    rising = a_traffic(*[float(minute) for minute in range(3 * 1440)], start_s=2400.0)
    part = stretch(rising, Scenario(name="t", window_s=60.0, lead_s=60.0, factor=2.0))
    begins_s = rising.start_s + (3 * 1440 - 2 - len(part.before_per_s)) * 60.0
    assert len(part.past_per_s) == int(begins_s / 3600.0) - 1
    assert part.past_per_s[:2] == pytest.approx([2.0 * (20.0 + 29.5), 2.0 * (80.0 + 29.5)])
    long = stretch(a_traffic(*[1.0] * (24 * 20), 2.0, step_s=3600.0), Scenario(name="t", window_s=600.0))
    assert len(long.past_per_s) == 14 * 24
    assert len(stretch(a_traffic(5.0, 7.0), Scenario(name="t")).past_per_s) == 0


def test_the_offered_rate_speaks_of_the_judged_time_alone() -> None:
    one = a_single_server(1000.0, traffic=a_traffic(20.0, 20.0, 20.0, 30.0, 1.0, 1.0), objectives=["errors < 1 %"])
    seen = simulate(one, Scenario(name="t", window_s=180.0, lead_s=0.0, run_out_s=60.0), seed=1)
    assert seen.judged_from_s == 60.0
    assert seen.offered_per_s == 30.0
    tail = a_traffic(20.0, 20.0, 39.0, step_s=60.0)
    one = a_single_server(1000.0, traffic=tail, objectives=["errors < 1 %"])
    seen = simulate(one, Scenario(name="t", window_s=60.0, run_out_s=30.0), seed=1)
    assert seen.offered_per_s == 39.0
    falling = a_traffic(10.0, 40.0, 10.0, 45.0, step_s=60.0)
    part = stretch(falling, Scenario(name="t", window_s=180.0, run_out_s=60.0))
    assert float(part.judged_rates_per_s.max()) == 45.0
    assert len(part.judged_rates_per_s) == 3


# --- conservation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", ["light", "overload"])
def test_no_request_is_lost_or_counted_twice(tmp_path: Path, load: str) -> None:
    rate = {"light": 40.0, "overload": 900.0}[load]
    web = compiled(a_web_workload(tmp_path, traffic=f"constant {rate:g}/s for 10 min", max_size=2))
    seen = simulate(web, Scenario(name="t", window_s=60.0, lead_s=20.0, run_out_s=10.0), seed=1)
    assert conserved(seen)
    arrived = sum(route.arrived for route in seen.routes)
    assert arrived == pytest.approx(rate * 60.0, abs=5.0 * (rate * 60.0) ** 0.5)
    assert int(seen.windows[:, 0].sum()) == arrived
    assert int(seen.windows[:, 1].sum()) == sum(route.answered for route in seen.routes)
    assert int(seen.windows[:, 1:].sum()) + sum(route.late for route in seen.routes) >= arrived
    # Every answer, also one that never came, is in the histogram; failures are not.
    timed = sum(int(route.histogram.sum()) for route in seen.routes)
    assert timed == arrived - sum(route.failed for route in seen.routes)
    assert sum(failure.requests for failure in seen.failures) == sum(route.failed for route in seen.routes)
    assert (seen.error_share() > 0.2) == (load == "overload")


def test_a_request_without_an_answer_at_the_end_is_an_error_with_its_age() -> None:
    stuck = a_single_server(1.0, traffic="constant 20/s for 2 min", objectives=["errors < 1 %"], deadline_s=1e6)
    seen = simulate(stuck, Scenario(name="t", window_s=60.0, lead_s=0.0, run_out_s=30.0), seed=1)
    (route,) = seen.routes
    assert conserved(seen)
    assert route.failed == route.late == 0
    assert route.unanswered > 0.9 * route.arrived
    assert seen.error_share() == route.unanswered / route.arrived
    # The youngest of them is 30 s old and the oldest 90 s.
    assert 30.0 < seen.latency_s(50.0) < 90.0


# --- the same luck --------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_arrays(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    scenario = Scenario(name="t", window_s=60.0, lead_s=20.0)
    first, again, other = (simulate(web, scenario, seed=seed) for seed in (7, 7, 8))
    assert [r.histogram.tobytes() for r in first.routes] == [r.histogram.tobytes() for r in again.routes]
    assert first.windows.tobytes() == again.windows.tobytes()
    assert first.window_hist.tobytes() == again.window_hist.tobytes()
    assert {k: v.tobytes() for k, v in first.series.items()} == {k: v.tobytes() for k, v in again.series.items()}
    assert first.components == again.components
    assert [r.histogram.tobytes() for r in first.routes] != [r.histogram.tobytes() for r in other.routes]


def test_a_day_at_hand_changes_nothing(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    scenario = Scenario(name="t", window_s=60.0, lead_s=20.0)
    day = coarse_day(web, stretch(web.workload.traffic, scenario))
    alone, given, twice = (simulate(web, scenario, seed=1, day=d) for d in (None, day, day))
    assert alone.windows.tobytes() == given.windows.tobytes() == twice.windows.tobytes()
    assert alone.components == given.components == twice.components


# --- controls -------------------------------------------------------------------------------------------------------


def test_the_day_before_leaves_a_group_scaled_out(tmp_path: Path) -> None:
    # 300/s need 3 vCPU-seconds a second: at a target of 50 % that is three instances of two vCPUs.
    web = compiled(a_web_workload(tmp_path, traffic="constant 300/s for 3 h", min_size=1, max_size=8))
    part = stretch(web.workload.traffic, Scenario(name="t", window_s=60.0))
    day = coarse_day(web, part)
    assert day.loop.count("Web/cpu", InstanceState.IN_SERVICE) in {3, 4}
    assert 2.5 < day.instances["Web/cpu"] < 4.5
    seen = simulate(web, Scenario(name="t", window_s=60.0), seed=1)
    assert seen.components["Web"].instances in {3.0, 4.0}
    assert seen.error_share() == 0.0


@pytest.mark.parametrize(("metric", "target"), [("ASGCPUUtilization", 50), ("ALBRequestCount", 6000)])
def test_a_group_forecasts_from_the_days_before_the_coarse_day(tmp_path: Path, metric: str, target: int) -> None:
    web = a_web_workload(tmp_path, max_size=12, db_class="db.m5.12xlarge")
    day = tuple(800.0 if 8 * 60 <= minute < 20 * 60 else 200.0 for minute in range(1440))
    mornings = (day * 4)[: 3 * 1440 + 8 * 60] + (900.0,) * 10
    group = replace(web.components["Web"], policies=(predictive_scaling(metric=metric, target=target),))
    shop = compiled(replace(web, traffic=a_traffic(*mornings), components={**web.components, "Web": group}))
    done = coarse_day(shop, stretch(shop.workload.traffic, Scenario(name="t", window_s=600.0, lead_s=60.0)))
    (memory,) = done.loop.memory.values()
    assert memory.prediction is not None
    history = np.array(memory.prediction.history)
    assert len(history) == 3 * 24 + 7
    # What is reckoned from the rates is what is then sampled; 10 ms on two vCPUs.
    assert history[24:48] == pytest.approx(history[:24])
    assert history[48:] == pytest.approx(np.tile(history[:24], 2)[: len(history) - 48], rel=0.02)
    assert history[0] == pytest.approx(100.0 if metric == "ASGCPUUtilization" else 12_000.0)
    assert memory.desired == 8
    assert done.loop.count("Web/cpu", InstanceState.IN_SERVICE) == 8
    assert done.loop.happenings == []


def test_a_group_scales_out_when_the_load_rises(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path, traffic="spike 40/s to 400/s for 20 min", min_size=1, max_size=8))
    seen = simulate(web, Scenario(name="t", window_s=1200.0, lead_s=120.0), seed=1)
    grown = [(time_s, before, after) for fleet, time_s, before, after, _ in seen.activities if after > before]
    assert grown
    assert all(time_s > 0.0 for time_s, _, _ in grown)
    in_service = seen.series["Web/cpu:in service"]
    assert in_service[0] == 1.0
    assert in_service[-1] >= 4.0
    assert float(seen.series["Web/cpu:pending"].max()) > 0.0
    # Ten times the load on one instance, until the first ones have booted.
    assert seen.components["Web"].utilization_peak > 0.95


def test_samples_are_of_one_length_whatever_the_controls_do(tmp_path: Path) -> None:
    workload = a_web_workload(tmp_path, traffic="spike 40/s to 400/s for 20 min", min_size=1, max_size=8)
    web = workload.components["Web"]
    odd_boot = replace(
        web, characteristics={**web.characteristics, "boot_time": web.characteristics["boot_time"].at(67.3)}
    )
    shop = compiled(replace(workload, components={**workload.components, "Web": odd_boot}))
    seen = simulate(shop, Scenario(name="t", window_s=1200.0, lead_s=60.0), seed=1)
    assert seen.activities
    assert seen.times_s == pytest.approx(np.arange(10.0, 1200.1, 10.0))
    assert all(len(values) == len(seen.times_s) for values in seen.series.values())


def test_credits_that_run_out_are_told_and_felt() -> None:
    fleet = Fleet(servers=2)
    spent = Credits(fleet="Server/cpu", earn_per_s=0.4, capacity=600.0, baseline=0.2, unlimited=False)
    one = with_primitives(
        {"Server/cpu": fleet},
        [Work("Server/cpu", constant(0.010))],
        traffic=a_traffic(*[10.0] * 60, *[100.0] * 20),
        behaviour=Behaviour(primitives={"Server/cpu": fleet}, controls=(spent,)),
    )
    seen = simulate(one, Scenario(name="t", window_s=1200.0, lead_s=0.0), seed=1)
    ((primitive, when_s, text),) = seen.happenings
    assert primitive == "Server/cpu"
    assert "credits run out" in text
    # 100/s x 10 ms spend 1.0 and earn 0.4 server-seconds a second: all but the last 96 of 600 last 840 s.
    assert when_s == pytest.approx(840.0, rel=0.03)
    credits_left = seen.series["Server/cpu:credits"]
    assert credits_left[0] > credits_left[50] > 0.0
    assert credits_left[-1] < 1.0
    assert float(seen.series["Server/cpu:without credits"][-1]) == 1.0
    # From then on work of 1.0 meets a speed that falls to 0.4: requests wait.
    assert float(seen.series["Server/cpu:utilization"][-1]) == pytest.approx(0.2, abs=0.01)
    assert float(seen.series[":in flight"][-1]) > 1000.0


def test_surplus_credits_of_the_day_are_counted() -> None:
    fleet = Fleet(servers=2)
    rule = Credits(fleet="Server/cpu", earn_per_s=0.4, capacity=60.0, baseline=0.2, unlimited=True)
    one = with_primitives(
        {"Server/cpu": fleet},
        [Work("Server/cpu", constant(0.010))],
        traffic="constant 100/s for 1h",
        behaviour=Behaviour(primitives={"Server/cpu": fleet}, controls=(rule,)),
    )
    day = coarse_day(one, stretch(one.workload.traffic, Scenario(name="t", window_s=600.0)))
    assert day.surplus_s_per_h["Server/cpu"] == pytest.approx(3600.0 * 0.6, rel=0.01)


# --- ending early ---------------------------------------------------------------------------------------------------


def test_a_watcher_ends_a_run_and_what_is_in_flight_has_not_failed(tmp_path: Path) -> None:
    api = compiled(an_api_workload(tmp_path))
    asked = []

    def watch(run, done: float) -> bool:
        asked.append(done)
        return run.now_s > 100.0

    seen = simulate(api, Scenario(name="t", window_s=600.0, lead_s=60.0), seed=1, watch=watch)
    assert asked == sorted(asked)
    assert asked[-1] < 0.2
    assert "decided" in seen.stopped
    assert sum(route.unanswered for route in seen.routes) == 0
    assert sum(route.arrived for route in seen.routes) < 100.0 * 60.0
    assert seen.error_share() == 0.0


def test_means_over_components_speak_of_the_time_that_was_simulated(tmp_path: Path) -> None:
    api = compiled(an_api_workload(tmp_path, traffic="constant 100/s for 20 min"))
    whole = simulate(api, Scenario(name="t", window_s=600.0, lead_s=60.0), seed=1)
    part = simulate(
        api, Scenario(name="t", window_s=600.0, lead_s=60.0), seed=1, watch=lambda run, _: run.now_s > 200.0
    )
    for seen in (whole, part):
        assert seen.arrivals_per_s == pytest.approx(100.0, rel=0.05)
        assert seen.components["Function"].visits_per_s == pytest.approx(seen.arrivals_per_s, rel=0.01)
        assert seen.components["Function"].concurrency == pytest.approx(100.0 * 0.019, rel=0.1)


def test_burst_capacity_spent_before_the_peak_is_not_there_at_the_peak() -> None:
    # 3,000 tokens of burst, 10 a second refilled: an hour at 15 a second spends them before a ten-minute peak at 16.
    tokens = Bucket(rate_per_s=10.0, capacity=3000.0)
    scenario = Scenario(name="t", window_s=600.0, lead_s=60.0, run_out_s=0.0)
    shares = {}
    for name, before in (("busy", 15.0), ("quiet", 2.0)):
        traffic = a_traffic(*[before] * 60, *[16.0] * 10)
        model = with_primitives({"Server/tokens": tokens}, [Take("Server/tokens")], traffic=traffic)
        part = stretch(model.workload.traffic, scenario)
        assert coarse_day(model, part).levels == {"Server/tokens": 0.0 if name == "busy" else 3000.0}
        shares[name] = simulate(model, scenario, seed=1).error_share()
    assert shares["busy"] == pytest.approx(6.0 / 16.0, abs=0.03)
    assert shares["quiet"] < 0.1


# --- tables that scale ------------------------------------------------------------------------------------------------


TABLE_SCALING = """\
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 20
      MaxCapacity: 1000
      ResourceId: !Sub "table/${Table}"
      ScalableDimension: dynamodb:table:ReadCapacityUnits
  Follow:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 }
"""


def a_table(tmp_path: Path, scaled: bool) -> Compiled:
    """Five minutes at 20/s, then 100/s for half an hour, on 50 read units a second."""
    an_api_source(tmp_path, reads=50)
    if scaled:
        template = (tmp_path / "template.yaml").read_text() + TABLE_SCALING
        (tmp_path / "template.yaml").write_text(template)
    workload = load(open_source(str(tmp_path), Overrides()))
    rates = (20.0,) * 5 + (100.0,) * 30
    return compiled(replace(workload, traffic=a_traffic(*rates)))


def test_a_table_follows_what_is_consumed_of_it(tmp_path: Path) -> None:
    scenario = Scenario(name="t", window_s=2100.0, lead_s=0.0)
    fixed, scaled = (simulate(a_table(tmp_path / str(s), s), scenario, seed=1) for s in (False, True))
    # The burst of a fixed table carries 100/s for five minutes; then it refuses half of them.
    assert fixed.error_share() > 0.2
    # The other was lowered to 29 units in the quiet before, and 300 s of those are spent before it has grown.
    assert 0.02 < scaled.error_share() < 0.1
    provisioned = scaled.series["Table/reads:provisioned"]
    # 100 units a second are 70 % of 143.
    assert provisioned[-1] == pytest.approx(143.0, abs=8.0)
    ((bucket, time_s, before, after, reason), *_) = scaled.activities
    assert bucket == "Table/reads"
    assert after > before
    assert "2 minutes above 70%" in reason
    assert 300.0 + 120.0 <= time_s <= 300.0 + 420.0


def test_flows_see_the_same_scaling(tmp_path: Path) -> None:
    scenario = Scenario(name="t", window_s=2100.0, lead_s=0.0)
    web = a_table(tmp_path, True)
    flows, requests = simulate_fluid(web, scenario), simulate(web, scenario, seed=1)
    assert flows.series["Table/reads:provisioned"][-1] == pytest.approx(
        requests.series["Table/reads:provisioned"][-1], abs=8.0
    )
    assert flows.error_share() == pytest.approx(requests.error_share(), abs=0.03)


def test_a_scaled_table_costs_what_was_provisioned_on_average(tmp_path: Path) -> None:
    web = a_table(tmp_path, True)
    day = coarse_day(web, stretch(web.workload.traffic, Scenario(name="t", window_s=2100.0, lead_s=0.0)))
    assert 30.0 < day.provisioned["Table/reads"] < 143.0
