"""Recommendations: an expert's first change is found, useless ones are not shown, nothing unrelated has an effect."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.load_line import find_load_line
from tonnage.advise.pressure import pressures
from tonnage.advise.recommend import Proposal, Recommendation, Trial, _together, proposals, recommend
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.iac import patch
from tonnage.iac.yaml_marks import replaced
from tonnage.intake import Source, load
from tonnage.workload import Addition, Call, Change, Component, Route, Scenario, Traffic, Workload, WorkloadError
from workloads import a_web_source, an_api_source


def a_trial(source: Source, *, window_s: float = 120.0, factor: float = 1.0, seed: int = 1) -> Trial:
    workload = load(source)

    def rebuild(changes: Sequence[Proposal]) -> Workload:
        with replaced({source.architecture: patch(source.architecture, changes, workload).after}):
            return load(source)

    scenario = Scenario(name="t", window_s=window_s, lead_s=60.0, factor=factor)
    return Trial(workload, load_catalog(workload.region), scenario, seed, rebuild)


def found_for(trial: Trial) -> tuple[Recommendation, ...]:
    base = trial.compiled(())
    line = find_load_line(base, replace(trial.scenario, factor=1.0), trial.seed, tolerance=0.08)
    return recommend(trial, base, replace(trial.effect_of(base, early=False), load_line=line))


def test_a_full_database_gets_a_larger_class(tmp_path: Path) -> None:
    # 5 ms on two vCPUs carry 400/s; 480/s come. The web servers have room.
    trial = a_trial(a_web_source(tmp_path, traffic="constant 480/s for 20 min", max_size=12))
    found = found_for(trial)
    first = found[0].changes[0]
    assert (first.component, first.setting) == ("Database", "DBInstanceClass")
    assert found[0].before.missed > 0
    assert found[0].effect.missed == 0
    assert found[0].effect.load_line.factor > 1.0 > found[0].before.load_line.factor
    assert found[0].effect.outcome.stopped is None, "what is shown is the whole judged time"
    assert first.because


def test_a_throttled_function_gets_concurrency(tmp_path: Path) -> None:
    # 150/s for 115 ms are 17 executions at once, and ten are reserved.
    trial = a_trial(an_api_source(tmp_path, traffic="constant 150/s for 20 min", cpu="100 ms", concurrency=10))
    found = found_for(trial)
    first = found[0].changes[0]
    assert (first.component, first.setting) == ("Function", "ReservedConcurrentExecutions")
    assert first.after > 17
    assert found[0].effect.missed == 0


def test_two_things_that_are_full_are_changed_together(tmp_path: Path) -> None:
    # Relieving the throttle alone only shows the function's limit.
    trial = a_trial(
        an_api_source(tmp_path, traffic="constant 150/s for 20 min", cpu="100 ms", concurrency=10, throttle=90)
    )
    found = found_for(trial)
    assert found[0].effect.missed == 0
    assert {change.component for change in found[0].changes} == {"Api", "Function"}
    assert "; " in found[0].title


def test_what_changes_nothing_is_not_shown(tmp_path: Path) -> None:
    trial = a_trial(a_web_source(tmp_path, traffic="constant 480/s for 20 min", max_size=12))
    base = trial.compiled(())
    tried = [change for change in proposals(base, trial.effect_of(base).outcome, ()) if change.component == "Web"]
    found = found_for(trial)
    shown = [change for item in found for change in item.changes]
    assert any(getattr(change, "policy", None) == "Scaling" for change in tried)
    assert not any(getattr(change, "policy", None) == "Scaling" for change in shown), "the database is what is full"
    for item in found:
        now, then = item.before, item.effect
        raised = then.load_line.factor > now.load_line.above
        assert then.missed < now.missed or raised or then.usd < 0.97 * now.usd, item.title
    settings = [(change.component, getattr(change, "setting", change.title)) for change in shown]
    assert all(settings.count(each) <= 2 for each in settings)


def test_where_nothing_fails_only_savings_are_shown(tmp_path: Path) -> None:
    # 5/s pay for 2,000 reads a second.
    found = found_for(a_trial(an_api_source(tmp_path, traffic="constant 5/s for 20 min", reads=2000)))
    assert [change.setting for change in found[0].changes] == ["BillingMode"]
    for item in found:
        assert item.effect.missed == 0
        assert item.effect.usd < 0.97 * item.before.usd
        assert item.effect.load_line.factor >= 0.97 * item.before.load_line.factor


def test_an_unrelated_change_has_no_effect_at_all(tmp_path: Path) -> None:
    # Common random numbers: nobody writes, so more write capacity changes nothing but the bill.
    trial = a_trial(an_api_source(tmp_path, traffic="constant 150/s for 20 min", cpu="100 ms", concurrency=10))
    idle = Change(component="Table", setting="WriteCapacityUnits", before=100, after=500)
    before, after = trial.effect(()), trial.effect((idle,))
    assert after.outcome.windows.tobytes() == before.outcome.windows.tobytes()
    assert after.outcome.routes[0].histogram.tobytes() == before.outcome.routes[0].histogram.tobytes()
    assert [j.value for j in after.judgements] == [j.value for j in before.judgements]
    assert after.outcome.stopped == before.outcome.stopped is not None
    assert after.usd > before.usd


def test_what_cannot_be_made_is_left_out(tmp_path: Path) -> None:
    trial = a_trial(a_web_source(tmp_path))
    assert trial.effect((Change(component="Web", setting="InstanceType", before="m5.large", after="m5.huge"),)) is None
    assert trial.effect((Change(component="Nobody", setting="MaxSize", before=1, after=2),)) is None
    with pytest.raises(WorkloadError, match="Nobody"):
        trial.compiled((Change(component="Nobody", setting="MaxSize", before=1, after=2),))


def test_an_addition_goes_through_the_files(tmp_path: Path) -> None:
    trial = a_trial(a_web_source(tmp_path))
    policy = Addition(
        component="Web",
        title="track requests",
        resources={
            "Extra": {
                "Type": "AWS::AutoScaling::ScalingPolicy",
                "Properties": {
                    "AutoScalingGroupName": "Web",
                    "PolicyType": "TargetTrackingScaling",
                    "TargetTrackingConfiguration": {
                        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                        "TargetValue": 30,
                    },
                },
            }
        },
    )
    more = Change(component="Web", setting="MaxSize", before=6, after=9)
    changed = trial.compiled((policy, more)).workload
    assert changed.components["Web"].settings["MaxSize"] == 9
    assert changed.architecture == trial.workload.architecture


def test_the_worst_pressed_component_is_asked_first(tmp_path: Path) -> None:
    trial = a_trial(a_web_source(tmp_path, traffic="constant 480/s for 20 min", max_size=12))
    base = compile_workload(trial.workload, trial.catalog)
    outcome = trial.effect_of(base, early=False).outcome
    offered = proposals(base, outcome, pressures(base, outcome))
    assert offered[0].component == "Database"
    assert {"Database", "Web"} <= {change.component for change in offered}


def test_the_same_change_is_tried_on_all_functions_that_requests_reach() -> None:
    function = "AWS::Lambda::Function"
    names = {"F": function, "G": function, "Idle": function, "T": "AWS::DynamoDB::Table"}
    workload = Workload(
        name="w",
        region="us-east-1",
        architecture="t.yaml",
        components={name: Component(name=name, kind=kind) for name, kind in names.items()},
        edges=(),
        routes=(Route(name="r", share=1.0, entry=Call(component="F", calls=(Call(component="G"),))),),
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="declared"),
        objectives=(),
    )
    more = [Change(component=name, setting="MemorySize", before=None, after=512) for name in ("F", "G", "Idle")]
    alone = [Change(component="F", setting="MemorySize", before=None, after=1024)]
    other = [Change(component="T", setting="MemorySize", before=None, after=512)]
    assert _together([*more, *alone, *other], workload) == [(more[0], more[1])]
