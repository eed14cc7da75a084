"""Faults at work: each does what it says, when it says, and is made good."""

from collections import Counter
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
from tonnage.intake import Overrides, load, open_source
from tonnage.scaling.choosing import initial
from tonnage.services import ScalingGroup
from tonnage.simulate import simulate
from tonnage.workload import Fault, Scenario, WorkloadError, parse_fault
from workloads import a_web_source, a_web_workload, compiled, with_primitives


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("web")
    return compiled(a_web_workload(folder, traffic="constant 60/s for 20 min", min_size=3, max_size=6))


def struck(workload: Compiled, *faults: str, **settings: float) -> Outcome:
    times = {"window_s": 300.0, "lead_s": 30.0, "series_s": 10.0} | settings
    scenario = Scenario(name="t", faults=tuple(parse_fault(text) for text in faults), **times)  # type: ignore[arg-type]
    return simulate(workload, scenario, seed=1)


def web_with(folder: Path, *group: str, launch: str = "", **settings: int) -> Compiled:
    """A web tier whose group has further properties; ``launch`` stands instead of its launch template."""
    a_web_source(folder, traffic="constant 60/s for 30 min", **{"min_size": 3, "max_size": 9} | settings)  # type: ignore[arg-type]
    template = folder / "template.yaml"
    text = template.read_text()
    properties = "".join(f"      {line}\n" for line in group)
    text = text.replace("      TargetGroupARNs:", properties + "      TargetGroupARNs:", 1)
    if launch:
        a, b = text.index("      LaunchTemplate:\n"), text.index("      MinSize:")
        text = text[:a] + launch + text[b:]
    template.write_text(text)
    return compiled(load(open_source(str(folder), Overrides())))


SPOT = """\
      MixedInstancesPolicy:
        InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: capacity-optimized}
        LaunchTemplate:
          LaunchTemplateSpecification: {LaunchTemplateId: !Ref Launch, Version: "1"}
          Overrides: [{InstanceType: m5.large}]
"""


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


def test_a_lost_zone_is_one_zone_and_is_filled_again_when_it_is_back(tmp_path: Path) -> None:
    six = web_with(tmp_path, "HealthCheckType: ELB", min_size=6, max_size=6)
    seen = struck(six, "zone loss at 60 s for 400 s", window_s=900.0)
    serving = by_time(seen, "Web/cpu:in service")
    assert serving[150.0] == 4.0
    # Two of six, one at a time: found out at 120 s, each boots for 60 s.
    assert (serving[190.0], serving[250.0]) == (5.0, 6.0)
    moved = [reason for *_, reason in seen.activities if "moved to the zone with fewest: 0, 3, 3 before" in reason]
    assert moved
    pending = by_time(seen, "Web/cpu:pending")
    assert max(serving[t] + pending[t] for t in serving) == 7.0, "beyond its maximum while zones are balanced"
    assert serving[900.0] == 6.0


def test_a_group_in_one_zone_is_gone_with_it(tmp_path: Path) -> None:
    alone = web_with(tmp_path, "AvailabilityZones: [us-east-1a, us-east-1a]", "HealthCheckType: ELB")
    seen = struck(alone, "zone loss at 60 s for 200 s", window_s=600.0)
    assert shares(seen)[7:25].min() > 0.99
    assert shares(seen)[-5:].max() < 0.02
    assert any(reason.startswith("launch: launching") for *_, reason in seen.activities)


def test_only_a_group_that_heeds_the_load_balancer_replaces_what_does_not_answer(tmp_path: Path) -> None:
    until = 60.0 + 300.0 + 5 * 30.0
    for health, back in (("EC2", until), ("ELB", 60.0 + DETECTION_S + 60.0)):
        some = web_with(tmp_path / health, f"HealthCheckType: {health}")
        seen = struck(some, "fail 1 of Web at 60 s for 300 s", window_s=600.0)
        serving = by_time(seen, "Web/cpu:in service")
        assert serving[70.0 + DETECTION_S] == serving[back - 10.0] == 2.0
        assert serving[back + 10.0] == 3.0
        assert shares(seen)[13:].max() < 0.02


def test_spot_gives_two_minutes_notice(tmp_path: Path) -> None:
    plain = struck(web_with(tmp_path / "a", launch=SPOT), "interrupt Web 30 % at 30 s", window_s=600.0)
    serving, bad = by_time(plain, "Web/cpu:in service"), shares(plain)
    assert bad[:14].max() == 0.0
    assert bad[16:20].mean() == pytest.approx(1 / 3, abs=0.1), "nobody knows for a minute"
    assert (serving[200.0], serving[220.0], serving[280.0]) == (3.0, 2.0, 3.0)
    early = web_with(tmp_path / "b", "CapacityRebalance: true", launch=SPOT)
    seen = struck(early, "interrupt Web 30 % at 30 s", window_s=600.0)
    assert shares(seen).max() < 0.01
    assert min(by_time(seen, "Web/cpu:in service").values()) == 3.0


def test_launches_that_fail_are_retried_until_they_succeed(web: Compiled) -> None:
    seen = struck(web, "launches of Web fail at 0 s for 200 s", "lose 1 of Web at 30 s", window_s=400.0)
    serving = by_time(seen, "Web/cpu:in service")
    assert serving[200.0] == serving[250.0] == 2.0
    assert serving[270.0] == 3.0, "launched at 200 s, boots for 60 s"


def test_a_deployment_follows_the_maintenance_policy(tmp_path: Path) -> None:
    policy = "InstanceMaintenancePolicy: {MinHealthyPercentage: 100, MaxHealthyPercentage: 200}"
    seen = struck(web_with(tmp_path, policy), "deploy Web at 30 s", window_s=400.0)
    serving = by_time(seen, "Web/cpu:in service")
    assert (min(serving.values()), max(by_time(seen, "Web/cpu:pending").values())) == (3.0, 3.0)
    assert seen.activities[-1][4] == "instance refresh: done, 100 % replaced"
    slow = struck(web_with(tmp_path / "b"), "deploy Web 34 % checkpoints 30, 100 pause 2 min at 30 s", window_s=900.0)
    assert any("33 % replaced: waits 2 min at its checkpoint" in reason for *_, reason in slow.activities)


def test_a_faster_type_is_less_busy_with_the_same_requests(tmp_path: Path) -> None:
    mixed = SPOT.replace("0, Spot", "50, Spot").replace("m5.large}]", "m5.large}, {InstanceType: m5.4xlarge}]")
    mixed = mixed.replace("capacity-optimized", "lowest-price, SpotInstancePools: 2")
    both = web_with(tmp_path / "b", launch=mixed, min_size=12, max_size=12)
    plain, seen = struck(web_with(tmp_path / "a", min_size=12, max_size=12)), struck(both)
    group = next(control for control in both.behaviours["Web"].controls if isinstance(control, ScalingGroup))
    counts = Counter(group.offers[instance.offer].speed for instance in initial(group, 12, 0))
    assert counts == {1.0: 9, 8.0: 3}, "in every zone two On-Demand, one Spot of each type"
    own, faster = (outcome.components["Web"].utilization for outcome in (plain, seen))
    assert own is not None
    assert faster == pytest.approx(own * (9.0 + 3.0 / 8.0) / 12.0, rel=0.05)


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
        (Fault(kind="Spot interruption", component="Web"), "no Spot Instances"),
        (Fault(kind="failing launches", component="Database"), "no instances"),
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
