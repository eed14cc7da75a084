"""Sensitivity: both methods against functions whose indices are known, and the ranking of real assumptions."""

import builtins
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from refusals import refusal
from tonnage.advise.sensitivity import between, screen, sensitivity, total_indices
from tonnage.workload import Scenario, WorkloadError, assumed
from workloads import a_web_workload, compiled

PEAK = Scenario(name="peak", window_s=300.0)


def test_the_elementary_effects_of_a_linear_function_are_its_coefficients() -> None:
    (only,) = screen(lambda u: np.array([3.0 * u[0] - 2.0 * u[1]]), 3, trajectories=6, seed=1)
    assert only.mean == pytest.approx([3.0, 2.0, 0.0], abs=1e-9)
    assert only.spread == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_an_effect_that_depends_on_others_spreads() -> None:
    product, plain = screen(lambda u: np.array([u[0] * u[1], u[0]]), 2, trajectories=20, seed=1)
    # The effect of one is the other, uniform: mean a half, and it differs from path to path.
    assert product.mean == pytest.approx([0.5, 0.5], abs=0.2)
    assert product.spread.min() > 0.2
    assert plain.mean == pytest.approx([1.0, 0.0])


def test_total_indices_of_ishigamis_function() -> None:
    # Ishigami and Homma (1990) with a = 7, b = 0.1: totals 0.5576, 0.4424, 0.2437 (Sobol and Levitan 1999).
    def ishigami(u: np.ndarray) -> np.ndarray:
        x = math.pi * (2.0 * u - 1.0)
        return np.array([math.sin(x[0]) + 7.0 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0])])

    totals, half = total_indices(ishigami, 3, base=1024, seed=1)
    assert totals == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.06)
    assert np.all(half < 0.12)


def test_a_function_that_never_changes_has_no_indices() -> None:
    totals, half = total_indices(lambda _: np.array([1.0]), 2, base=8, seed=1)
    assert totals.tolist() == half.tolist() == [0.0, 0.0]


def test_wide_ranges_are_gone_through_in_equal_ratios() -> None:
    wide, narrow = assumed(0.01, "s", "t", low=0.001, high=0.1), assumed(2.0, "1", "t", low=1.0, high=3.0)
    assert [between(wide, u) for u in (0.0, 0.5, 1.0)] == pytest.approx([0.001, 0.01, 0.1])
    assert [between(narrow, u) for u in (0.0, 0.5, 1.0)] == [1.0, 2.0, 3.0]
    assert between(assumed(0.0, "s", "t", low=0.0, high=9.0), 0.5) == 4.5


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory):
    web = a_web_workload(tmp_path_factory.mktemp("web"), traffic="constant 120/s for 20 min", db_cpu="12 ms (8-20 ms)")
    told: list[str] = []
    found = sensitivity(compiled(web), PEAK, 1, trajectories=4, refine=8, progress=told.append)
    return found, told


def test_what_the_database_takes_decides(ranked) -> None:
    found, told = ranked
    first = found.factors[0]
    # Two vCPUs carry 120/s of up to 16 ms each: the range goes beyond.
    assert (first.assumption.component, first.assumption.name) == ("Database", "cpu")
    assert first.met == (True, False)
    assert first.decides
    assert first.by_request
    assert sum(factor.by_request for factor in found.factors) <= 3
    # The web tier bounds the throughput where the database does not.
    assert 0.5 < first.capacity <= math.log(20 / 8) + 1e-9
    assert found.met
    assert any("screening" in words for words in told)


def test_only_what_matters_is_refined(ranked) -> None:
    found, _ = ranked
    totals = [factor.total is not None for factor in found.factors]
    assert totals[0]
    assert sum(totals) <= 6
    assert totals == sorted(totals, reverse=True)


def test_the_same_seed_gives_the_same_ranking(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    first, again = (sensitivity(web, PEAK, 3, trajectories=2) for _ in range(2))
    assert first == again


def test_nothing_assumed_is_nothing_to_rank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tonnage.advise.sensitivity.assumptions", lambda _: [])
    refusal(WorkloadError, lambda: sensitivity(compiled(a_web_workload(tmp_path)), PEAK, 1))


def test_without_salib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = builtins.__import__

    def without(name: str, *rest: object, **more: object):
        if name.startswith("SALib"):
            raise ImportError(name)
        return ordinary(name, *rest, **more)

    for name in [name for name in sys.modules if name.startswith("SALib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    error = refusal(WorkloadError, lambda: screen(lambda u: u, 1, trajectories=2, seed=1))
    assert error.remedy is not None
    assert "tonnage[sensitivity]" in error.remedy
