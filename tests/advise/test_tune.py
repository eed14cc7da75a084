"""Tuning: error budgets, the front, and a search that finds what is known to be better."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcomes import a_route, an_outcome
from refusals import refusal
from tonnage.advise.levers import Proposal
from tonnage.advise.tune import Build, Design, Tuning, budget_spent, pareto, thinned, tune
from tonnage.compile import Compiled
from tonnage.engine.kernels.histogram import COARSE_BITS, bucket_edges, bucket_of
from tonnage.engine.outcome import RouteOutcome
from tonnage.workload import Change, Traffic, Workload, WorkloadError, parse_objective
from workloads import a_web_workload, compiled


def a_design(usd: float, spent: float, **settings: object) -> Design:
    defaults = {"changes": (), "affordable": True, "later": None, "elasticities": (), "activities": 0}
    return Design(**(defaults | {"usd": usd, "tuned": spent, "spikes": 0.0} | settings))  # type: ignore[arg-type]


def windowed(windows: list[list[int]], histogram: np.ndarray) -> RouteOutcome:
    return replace(a_route("all", {0.05: 1}), windows=np.array(windows), window_histogram=histogram)


def test_the_budget_counts_what_is_too_slow() -> None:
    edges = bucket_edges(COARSE_BITS)
    counts = np.zeros((2, len(edges) - 1), dtype=np.int32)
    fast, slow = (bucket_of(each, COARSE_BITS) for each in (0.05, 0.9))
    counts[0, fast], counts[0, slow], counts[1, fast] = 980, 20, 1000
    route = windowed([[1000, 1000, 0], [1010, 1000, 10]], counts)
    outcome = an_outcome(route)
    p99, errors = parse_objective("p99 latency < 300 ms"), parse_objective("errors < 1 %")
    assert budget_spent(outcome, p99, slice(0, 1)) == pytest.approx(2.0)
    assert budget_spent(outcome, p99, slice(None)) == pytest.approx(1.0)
    assert budget_spent(outcome, p99, np.array([1])) == 0.0
    assert budget_spent(outcome, errors, slice(None)) == pytest.approx(10 / 2010 / 0.01)
    mean = parse_objective("mean latency < 100 ms")
    assert budget_spent(outcome, mean, slice(1, 2)) == pytest.approx(0.5, rel=0.1)


def test_nothing_answered_is_all_budget() -> None:
    nothing = np.zeros((1, len(bucket_edges(COARSE_BITS)) - 1), dtype=np.int32)
    route = windowed([[5, 0, 5]], nothing)
    assert budget_spent(an_outcome(route), parse_objective("p99 latency < 1 s"), slice(None)) == math.inf


def test_the_front_has_what_no_other_is_better_than() -> None:
    cheap, good, dear, bad = a_design(10, 3.0), a_design(20, 0.5), a_design(30, 0.5), a_design(25, 2.0)
    assert pareto([bad, dear, good, cheap]) == (cheap, good)


def test_a_long_front_keeps_its_ends_and_the_first_that_meets() -> None:
    front = [a_design(100.0 + k, 10.0 * 0.8**k) for k in range(40)]
    few = thinned(front, 6)
    assert len(few) == 6
    assert few[0] is front[0]
    assert few[-1] is front[-1]
    assert next(d for d in front if d.spent <= 1.0) in few
    assert thinned(front[:3], 6) == tuple(front[:3])


def late(folder: Path) -> Workload:
    """A group whose target leaves no room: the morning's rise finds it full."""
    web = a_web_workload(
        folder, min_size=2, max_size=12, db_class="db.m5.12xlarge", objectives=["p95 latency < 200 ms", "errors < 1 %"]
    )
    day = tuple(700.0 if 9 * 60 <= minute < 18 * 60 else 150.0 for minute in range(0, 1440, 5))
    return replace(
        web, traffic=Traffic(name="days", start_s=0.0, step_s=300.0, rates_per_s=day * 2, evidence="declared")
    )


def builder(web: Workload) -> Build:
    def build(changes: Sequence[Proposal]) -> Compiled:
        settings = [change for change in changes if isinstance(change, Change)]
        if len(settings) < len(changes):
            raise WorkloadError("additions go through the files")
        return compiled(web.changed(*settings))

    return build


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Tuning:
    web = late(tmp_path_factory.mktemp("web"))
    return tune(compiled(web), builder(web), designs=12)


def test_it_finds_what_spends_less(tuned: Tuning) -> None:
    assert (tuned.tuned_s, tuned.later_s) == (86_400.0, 86_400.0)
    assert tuned.tried + tuned.refused >= 10
    assert tuned.refused > 0, "additions cannot be made here"
    assert tuned.best is not None
    assert tuned.best.worst < tuned.now.worst
    assert tuned.best.changes
    assert all(design.confirmed is not None for design in tuned.front)


def test_the_front_is_one(tuned: Tuning) -> None:
    for one in tuned.front:
        assert not any(other.usd < one.usd and other.spent < one.spent for other in tuned.front)


def test_the_same_seed_is_the_same_answer(tmp_path: Path) -> None:
    web = late(tmp_path)
    first, again = (tune(compiled(web), builder(web), designs=4, seed=3) for _ in range(2))
    assert [design.changes for design in first.front] == [design.changes for design in again.front]
    assert [design.spent for design in first.front] == [design.spent for design in again.front]


def test_an_interruption_keeps_what_was_found(tmp_path: Path) -> None:
    web = late(tmp_path)

    def impatient(text: str) -> None:
        if text.startswith("design 4"):
            raise KeyboardInterrupt

    found = tune(compiled(web), builder(web), designs=12, progress=impatient)
    assert found.stopped
    assert 1 <= found.tried <= 3
    assert found.now.confirmed is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"objectives": ["cost < 100 USD/month"]}, "no objective of latency"), ({}, "designs are outside")],
)
def test_what_cannot_be_tuned_is_refused(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    web = a_web_workload(tmp_path, **settings)
    error = refusal(WorkloadError, lambda: tune(compiled(web), builder(web), designs=60 if settings else 1))
    assert said in str(error)
