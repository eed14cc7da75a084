"""Faults at work: each does what it says, when it says, and is made good."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from refusals import refusal
from tonnage.compile import Compiled
from tonnage.engine.outcome import Outcome
from tonnage.engine.primitives import Cache, constant
from tonnage.engine.program import Lookup, Wait
from tonnage.faults import DETECTION_S, WARMING_S
from tonnage.simulate import simulate
from tonnage.workload import Fault, Scenario, WorkloadError, parse_fault
from workloads import a_web_workload, compiled, with_primitives


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("web")
    return compiled(a_web_workload(folder, traffic="constant 60/s for 20 min", min_size=3, max_size=6))


def struck(workload: Compiled, *faults: str, **settings: float) -> Outcome:
    times = {"window_s": 300.0, "lead_s": 30.0, "series_s": 10.0} | settings
    scenario = Scenario(name="t", faults=tuple(parse_fault(text) for text in faults), **times)  # type: ignore[arg-type]
    return simulate(workload, scenario, seed=1)


def shares(seen: Outcome) -> np.ndarray:
    """(windows,) float64: share of requests without an answer in time."""
    return np.asarray(seen.windows[:, 2] / np.maximum(seen.windows[:, 0], 1))


def by_time(seen: Outcome, name: str) -> Mapping[float, float]:
    return dict(zip(seen.times_s.tolist(), seen.series[name].tolist(), strict=True))


def test_without_a_fault_nothing_is_wrong(web: Compiled) -> None:
    seen = struck(web)
    assert seen.error_share() == 0.0
    assert seen.happenings == ()


def test_lost_instances_fail_what_they_are_given_until_they_are_found_out_and_replaced(web: Compiled) -> None:
    seen = struck(web, "lose 1 of Web at 60 s")
    bad = shares(seen)
    # One of three takes a third of the requests.
    until = 60.0 + DETECTION_S
    assert bad[:5].max() == 0.0
    assert bad[7:11].mean() == pytest.approx(1 / 3, abs=0.1)
    assert bad[int(until / 10) + 1 :].max() < 0.02
    assert {f.cause.text for f in seen.failures} == {"instance lost"}
    serving = by_time(seen, "Web/cpu:in service")
    assert serving[50.0] == 3.0
    assert serving[until + 10.0] == 2.0
    assert serving[300.0] == 3.0
    assert ("Web", 60.0, "1 instance of Web lost at 1 min") in seen.happenings


def test_a_zone_takes_its_share_of_a_group_and_the_database_that_stands_in_it(web: Compiled) -> None:
    seen = struck(web, "zone loss at 60 s for 30 s")
    bad = shares(seen)
    assert bad[6:9].min() > 0.9, "a database in one zone is gone with it"
    assert bad[-5:].max() < 0.02
    assert {failure.cause.component for failure in seen.failures} == {"Web", "Database"}


def test_slow_instances_are_slow_for_their_time(web: Compiled) -> None:
    calm = struck(web)
    seen = struck(web, "slow 3 of Web x8 at 60 s for 60 s")
    busy, quiet = by_time(seen, "Web/cpu:utilization"), by_time(calm, "Web/cpu:utilization")
    assert busy[100.0] > 3.0 * quiet[100.0]
    assert busy[250.0] == pytest.approx(quiet[250.0], abs=0.03)


def test_latency_and_errors_last_as_long_as_they_are_told_to(web: Compiled) -> None:
    slow = struck(web, "latency Database +500 ms at 60 s for 60 s")
    late = slow.routes[0].window_histogram
    mean_bucket = (late * np.arange(late.shape[1])).sum(axis=1) / late.sum(axis=1)
    assert mean_bucket[6:12].min() > mean_bucket[:6].max()
    assert mean_bucket[13:].max() < mean_bucket[6:12].min()
    wrong = shares(struck(web, "errors Database 25 % at 60 s for 60 s"))
    assert wrong[6:12].mean() == pytest.approx(0.25, abs=0.03)
    assert wrong[:5].max() == wrong[12:].max() == 0.0


def test_two_faults_of_a_component_do_not_undo_each_other(web: Compiled) -> None:
    bad = shares(struck(web, "errors Database 25 % at 30 s for 120 s", "latency Database +10 ms at 60 s for 30 s"))
    assert bad[10:14].mean() == pytest.approx(0.25, abs=0.04)


def test_a_spike_multiplies_the_traffic(web: Compiled) -> None:
    arrived = struck(web, "spike x3 at 60 s for 60 s").windows[:, 0]
    assert arrived[6:12].mean() == pytest.approx(3 * 60 * 10, rel=0.05)
    assert arrived[13:].mean() == pytest.approx(60 * 10, rel=0.05)


def test_a_deployment_replaces_every_instance_and_keeps_serving(web: Compiled) -> None:
    seen = struck(web, "deploy Web 34 % at 30 s")
    serving = np.array(list(by_time(seen, "Web/cpu:in service").values()))
    assert seen.error_share() == 0.0
    assert serving.min() >= 1
    assert serving[-1] == 3
    assert any("replace" in reason or "renew" in reason for *_, reason in seen.activities) or serving.min() < 3


def cached(cache: Cache) -> Compiled:
    steps = (Wait(constant(0.001)), Lookup("Server/keys"))
    return with_primitives({"Server/keys": cache}, steps, traffic="constant 200/s for 20 min")


def kept_alpha(workload: Compiled) -> float:
    cache = workload.model.primitives["Server/keys"]
    assert isinstance(cache, Cache)
    return cache.alpha


def test_a_cold_cache_fills_again_as_its_keys_are_asked_for() -> None:
    kept = cached(Cache(objects=2000, capacity=2000))
    assert struck(kept).components["Server"].hit_ratio == 1.0
    cold = struck(kept, "cold Server at 0 s", window_s=600.0, run_out_s=0.0).components["Server"].hit_ratio
    assert cold is not None
    # Each key that is asked for is missed once more.
    share = np.arange(1, 2001) ** -kept_alpha(kept)
    expected = float(np.sum(1.0 - np.exp(-share / share.sum() * 200.0 * 600.0)))
    assert (1.0 - cold) * 200.0 * 600.0 == pytest.approx(expected, rel=0.02)


def test_a_cold_cache_of_unknown_keys_comes_back_in_a_straight_line() -> None:
    seen = struck(cached(Cache(hit_ratio=0.8)), "cold Server at 0 s", window_s=WARMING_S).components["Server"]
    assert seen.hit_ratio == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(kind="errors", component="Nothing"), "no component Nothing"),
        (Fault(kind="instance loss", component="Balancer"), "no instances"),
        (Fault(kind="deployment", component="Database"), "no instances"),
        (Fault(kind="cold cache", component="Web"), "not a cache"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(web: Compiled, fault: Fault, words: str) -> None:
    scenario = Scenario(name="t", window_s=60.0, lead_s=0.0, faults=(fault,))
    assert words in refusal(WorkloadError, lambda: simulate(web, scenario, seed=1)).what


def test_the_same_fault_twice_gives_the_same_answer(tmp_path: Path) -> None:
    some = compiled(a_web_workload(tmp_path))
    scenario = Scenario(name="t", window_s=60.0, lead_s=10.0, faults=(parse_fault("lose 1 of Web at 20 s"),))
    first, again = (simulate(some, scenario, seed=3) for _ in range(2))
    assert np.array_equal(first.windows, again.windows)
    assert not np.array_equal(first.windows, simulate(some, replace(scenario, faults=()), seed=3).windows)
