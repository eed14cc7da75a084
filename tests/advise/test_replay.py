"""Replay: capacity against need, and which windows miss what."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcomes import a_route, an_outcome
from refusals import refusal
from scaling.groups import predictive_scaling
from tonnage.advise.replay import (
    Replay,
    elasticity,
    instability,
    missed_windows,
    replay,
    window_s,
    worst_windows,
)
from tonnage.compile import Compiled
from tonnage.engine.kernels.histogram import COARSE_BITS, bucket_edges, bucket_of
from tonnage.services import ScalingGroup
from tonnage.workload import ScalingPolicy, Scenario, Traffic, WorkloadError, parse_objective
from workloads import a_web_workload, compiled


def rising(folder: Path, *rates: float, minutes: int = 30, **settings: object) -> Compiled:
    """Each rate for half an hour."""
    web = a_web_workload(folder, max_size=8, db_class="db.m5.4xlarge", **settings)
    steps = tuple(rate for rate in rates for _ in range(minutes))
    traffic = Traffic(name="steps", start_s=0.0, step_s=60.0, rates_per_s=steps, evidence="declared")
    return compiled(replace(web, traffic=traffic))


WHOLE = Scenario(name="as recorded", window_s=1e9)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Compiled, Replay]:
    web = rising(tmp_path_factory.mktemp("web"), 60.0, 500.0, 60.0)
    return web, replay(web, WHOLE)


def test_capacity_follows_need_late_and_stays_too_long(steps: tuple[Compiled, Replay]) -> None:
    _, done = steps
    (group,) = done.elasticities
    assert done.outcome.fidelity == "fluid"
    # 10 ms on two vCPUs: 140/s are 70 % of an instance.
    assert group.needed.max() == 4.0
    assert group.needed.min() == 1.0
    assert group.supplied.max() >= 4.0
    assert 0.01 < group.time_too_few < 0.1, "minutes of alarm and boot, after a step"
    assert 0.2 < group.time_too_many < 1.0, "a minimum of two, and a slow way in"
    assert 0.0 < group.too_few < group.time_too_few
    assert group.instance_hours > 1.5 * 2.0
    assert done.outcome.activities[0][2:4][1] > done.outcome.activities[0][2:4][0]
    assert done.usd == pytest.approx(done.cost.usd * 1.5 / 730.0)


def test_it_is_the_same_request_by_request(tmp_path: Path) -> None:
    web = rising(tmp_path, 40.0, 300.0, minutes=10)
    flows, requests = (replay(web, WHOLE, by_request=by).elasticities[0] for by in (False, True))
    # A datapoint close to the target may come a minute earlier or later.
    assert requests.instance_hours == pytest.approx(flows.instance_hours, rel=0.2)
    assert requests.time_too_few == pytest.approx(flows.time_too_few, abs=0.1)


def every_morning(folder: Path, *policies: ScalingPolicy) -> Compiled:
    """Three days by the minute: two instances are enough by night, seven are needed from eight to twenty."""
    web = a_web_workload(folder, max_size=12, db_class="db.m5.12xlarge")
    day = tuple(900.0 if 8 * 60 <= minute < 20 * 60 else 200.0 for minute in range(1440))
    traffic = Traffic(name="days", start_s=0.0, step_s=60.0, rates_per_s=day * 3, evidence="declared")
    group = replace(web.components["Web"], policies=(*web.components["Web"].policies, *policies))
    return compiled(replace(web, traffic=traffic, components={**web.components, "Web": group}))


def test_predictive_scaling_has_the_capacity_ready_in_the_morning(tmp_path: Path) -> None:
    dynamic, predictive = (
        replay(every_morning(tmp_path, *policies), WHOLE) for policies in ((), (predictive_scaling(),))
    )
    (late,), (ready,) = dynamic.elasticities, predictive.elasticities
    # The first morning is the day of history that is needed; on the other two nothing is late.
    assert 0.25 < ready.time_too_few / late.time_too_few < 0.45
    days = [
        [(at_s // 86_400.0, why) for _, at_s, _, _, why in done.outcome.activities] for done in (dynamic, predictive)
    ]
    assert not any("forecast of CPU" in why for _, why in days[0])
    assert [day for day, why in days[1] if "forecast of CPU" in why] == [1.0, 2.0]
    assert ready.instance_hours < 1.1 * late.instance_hours
    assert [text for _, _, text in predictive.outcome.happenings] == [
        "Predict does not act before 24 h of history are there: it begins with 0 h"
    ]


def test_windows_are_as_long_as_is_worth_looking_at() -> None:
    assert [window_s(length) for length in (3600.0, 43_200.0, 86_400.0, 14 * 86_400.0)] == [60.0, 60.0, 600.0, 3600.0]


def test_supply_against_need_is_instability() -> None:
    need, supply = np.array([1.0, 2, 3, 3, 2, 1]), np.array([3.0, 2, 2, 2, 3, 3])
    # Once up against down, then twice down against up or nothing.
    assert instability(need, supply, 1) == pytest.approx(2 / 5)
    assert instability(need, need, 1) == 0.0
    assert instability(need, supply, 9) == 0.0


def in_windows(*counts: dict[float, int], failed: tuple[int, ...]):
    hist = np.zeros((len(counts), len(bucket_edges(COARSE_BITS)) - 1), dtype=np.int32)
    for k, times in enumerate(counts):
        for time_s, n in times.items():
            hist[k, bucket_of(time_s, COARSE_BITS)] += n
    rows = np.array([[sum(c.values()) + f, sum(c.values()), f] for c, f in zip(counts, failed, strict=True)])
    return an_outcome(replace(a_route("r", {0.1: 10}), windows=rows, window_histogram=hist))


def test_a_window_is_judged_by_itself() -> None:
    seen = in_windows({0.1: 100}, {0.1: 97, 0.9: 3}, {}, {}, failed=(0, 1, 5, 0))
    assert missed_windows(seen, parse_objective("p99 latency < 500 ms")).tolist() == [False, True, True, False]
    assert missed_windows(seen, parse_objective("p50 latency < 500 ms")).tolist() == [False, False, True, False]
    assert missed_windows(seen, parse_objective("mean latency < 110 ms")).tolist() == [False, True, True, False]
    assert missed_windows(seen, parse_objective("errors < 0.5 %")).tolist() == [False, True, True, False]
    assert len(missed_windows(seen, parse_objective("cost < 5 USD/month"))) == 0


def test_the_worst_windows_lose_the_most(steps: tuple[Compiled, Replay]) -> None:
    _, done = steps
    seen = in_windows({0.1: 100}, {0.1: 90}, {0.1: 50}, {0.1: 90}, failed=(0, 10, 50, 10))
    windows = seen.routes[0].windows
    bad = np.array([False, True, True, True])
    poor = replace(done, outcome=replace(seen, windows=windows), missed=(bad,))
    assert list(worst_windows(poor)) == [2, 1, 3]
    assert list(worst_windows(poor, 1)) == [2]


def test_a_need_counts_for_the_utilization_that_is_wanted(steps: tuple[Compiled, Replay]) -> None:
    web, done = steps
    group = next(c for b in web.behaviours.values() for c in b.controls if isinstance(c, ScalingGroup))
    relaxed = elasticity(web, done.outcome, group, 1.0)
    assert relaxed.needed.max() == 3.0
    assert relaxed.time_too_few <= done.elasticities[0].time_too_few


@pytest.mark.parametrize("busy", [0.0, 1.1, -1.0])
def test_a_utilization_that_is_none_is_refused(steps: tuple[Compiled, Replay], busy: float) -> None:
    refusal(WorkloadError, lambda: replay(steps[0], WHOLE, busy=busy))


def test_too_many_requests_are_not_taken_one_by_one(tmp_path: Path) -> None:
    web = rising(tmp_path, 9000.0, minutes=200)
    assert "too many" in refusal(WorkloadError, lambda: replay(web, WHOLE, by_request=True)).what
