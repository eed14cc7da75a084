"""The review from files to the answer."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from refusals import refusal
from tonnage.advise.review import Review
from tonnage.intake import load
from tonnage.review import MOST_REPLICATIONS, MOST_SEED, REPLICATIONS, review, summary
from tonnage.workload import Component, WorkloadError
from workloads import a_web_source, an_api_source


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Review, list[str], Path]:
    """150/s for 115 ms each, ten executions reserved."""
    folder = tmp_path_factory.mktemp("throttled")
    source = an_api_source(folder, traffic="constant 150/s for 10 min", cpu="100 ms", concurrency=10, growth=1.2)
    told: list[str] = []
    return review(source, seed=4, window_s=60.0, progress=told.append), told, folder


def test_both_loads_are_judged_with_replications(throttled) -> None:
    answer, told, _ = throttled
    today, grown = answer.loads
    assert (today.scenario.factor, grown.scenario.factor) == (1.0, 1.2)
    assert grown.scenario.name == "+20%"
    assert (today.rate_per_s, grown.rate_per_s) == pytest.approx((150.0, 180.0))
    for load_ in answer.loads:
        assert [outcome.seed for outcome in load_.outcomes] == [4 + k for k in range(REPLICATIONS)]
        assert [judgement.objective.text for judgement in load_.judgements] == ["p99 latency < 1 s", "errors < 0.1 %"]
        assert load_.cost.usd > 0
    assert not today.met
    assert not answer.met
    assert told[0] == "today's peak: 150 requests/s, a pilot run for the warm-up"
    assert told[1].startswith(f"today's peak: 150 requests/s, {REPLICATIONS} runs")


def test_the_load_line_names_what_gives_way(throttled) -> None:
    answer, _, _ = throttled
    # Ten executions of 119 ms carry at most 84/s, and without a refusal much less.
    assert 10.0 < answer.load_line.rate_per_s < 84.0
    assert answer.load_line.gives_way[0].component == "Function"


def test_a_recommendation_has_a_patch_that_does_what_it_says(throttled) -> None:
    answer, _, _ = throttled
    best = answer.recommendations[0]
    assert best.changes[0].setting == "ReservedConcurrentExecutions"
    added = [line for line in best.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
    removed = [line for line in best.diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert len(added) == len(removed) == 1
    assert removed[0][1:].strip() == "ReservedConcurrentExecutions: 10"
    assert f"ReservedConcurrentExecutions: {best.changes[0].after}" in added[0]
    assert best.effect.missed == 0
    assert best.effect.outcome.stopped is None
    # Every run with the change met the same requests as one without it.
    errors = best.changed[1]
    assert errors.n == REPLICATIONS
    assert errors.high < 0.0
    assert best.before.judgements == answer.loads[0].judgements
    assert best.effect.load_line.rate_per_s > 2.0 * answer.load_line.rate_per_s


def test_the_patch_applies_with_the_users_own_tool(throttled, tmp_path: Path) -> None:
    answer, _, folder = throttled
    best = answer.recommendations[0]
    copy = tmp_path / "template.yaml"
    copy.write_text((folder / "template.yaml").read_text())
    done = subprocess.run(
        ["git", "apply", "-"], input=best.diff, text=True, capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"ReservedConcurrentExecutions: {best.changes[0].after}" in copy.read_text()


def test_nothing_of_the_users_is_touched(throttled) -> None:
    _, _, folder = throttled
    assert sorted(path.name for path in folder.iterdir()) == ["template.yaml", "tonnage.yaml"]
    assert "ReservedConcurrentExecutions: 10\n" in (folder / "template.yaml").read_text()


def test_assumptions_are_ranked_and_the_first_simulated(throttled) -> None:
    answer, _, _ = throttled
    scores = [influence.score for influence in answer.influences]
    assert scores == sorted(scores, reverse=True)
    assert answer.influences[0].met is not None
    assert answer.influences[-1].met is None
    # No load of the two holds, so they are tested at one that does.
    assert any(any(influence.met) for influence in answer.influences if influence.met is not None)


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    source = an_api_source(tmp_path, traffic="constant 30/s for 5 min")
    first, again = (review(source, seed=2, advise=False, window_s=60.0) for _ in range(2))
    assert [load_.judgements for load_ in first.loads] == [load_.judgements for load_ in again.loads]
    assert [load_.cost for load_ in first.loads] == [load_.cost for load_ in again.loads]
    assert first.load_line == again.load_line
    assert first.influences == again.influences
    assert first.recommendations == ()


def test_runs_go_on_until_the_figures_are_known(tmp_path: Path) -> None:
    source = an_api_source(tmp_path, traffic="constant 20/s for 10 min", growth=1.1)
    rough, known = (
        review(source, advise=False, window_s=60.0, precision=precision).loads[0] for precision in (0.9, 0.03)
    )
    assert len(rough.outcomes) == REPLICATIONS
    assert len(known.outcomes) > REPLICATIONS
    assert [outcome.seed for outcome in known.outcomes] == list(range(1, len(known.outcomes) + 1))
    (latency, _) = known.judgements
    assert (latency.high - latency.low) / 2 <= 0.03 * latency.value
    never = review(source, advise=False, window_s=60.0, precision=0.001).loads[0]
    assert len(never.outcomes) == MOST_REPLICATIONS
    assert any("not enough" in note for note in never.notes)


@pytest.mark.parametrize("precision", [0.0, -1.0, 1.0, float("nan")])
def test_a_precision_that_is_none_is_refused(tmp_path: Path, precision: float) -> None:
    source = an_api_source(tmp_path)
    assert "precision" in refusal(WorkloadError, lambda: review(source, precision=precision)).what


def test_what_holds_has_room_above(tmp_path: Path) -> None:
    answer = review(a_web_source(tmp_path, growth=1.1), advise=False, window_s=60.0)
    assert answer.met
    assert answer.load_line.factor >= 1.1
    assert answer.summaries["Web"] == "2-6 × m5.large"
    assert answer.summaries["Database"] == "db.m5.large mysql"
    assert answer.limits["Web"]["instances"] == 6
    assert set(answer.policies) == {"Scaling"}
    assert "50" in answer.policies["Scaling"]
    assert answer.unsupported == {}


@pytest.mark.parametrize("seed", [-1, MOST_SEED, 10**30])
def test_a_seed_that_is_none_is_refused(tmp_path: Path, seed: int) -> None:
    error = refusal(WorkloadError, lambda: review(an_api_source(tmp_path), seed=seed))
    assert str(seed) in error.what


@pytest.mark.parametrize("window_s", [0.0, -1.0, float("nan")])
def test_a_judged_time_that_is_none_is_refused(tmp_path: Path, window_s: float) -> None:
    refusal(WorkloadError, lambda: review(an_api_source(tmp_path), window_s=window_s), remedy=False)


def test_a_component_in_a_few_words(tmp_path: Path) -> None:
    api = load(an_api_source(tmp_path))
    assert summary(api.components["Function"]) == "1769 MB"
    assert summary(api.components["Table"]) == "PROVISIONED"
    assert summary(Component(name="F", kind="AWS::Lambda::Function")) == "128 MB"
    group = load(a_web_source(tmp_path)).components["Web"]
    assert summary(replace(group, settings={**group.settings, "MaxSize": 40})) == "2-40 × m5.large"
