"""Scenarios refuse loads and times that are none."""

import math

import pytest

from refusals import refusal
from tonnage.workload import Scenario, WorkloadError


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan])
def test_a_load_must_be_above_nothing(factor: float) -> None:
    assert "factor" in refusal(WorkloadError, lambda: Scenario(name="t", factor=factor), remedy=False).what


@pytest.mark.parametrize(
    "times", [{"window_s": 0.0}, {"window_s": -1.0}, {"window_s": math.nan}, {"lead_s": -1.0}, {"run_out_s": -1.0}]
)
def test_times_must_be_times(times: dict[str, float]) -> None:
    assert "judged time" in refusal(WorkloadError, lambda: Scenario(name="t", **times), remedy=False).what


def test_a_scenario_may_do_without_lead_and_run_out() -> None:
    assert Scenario(name="t", lead_s=0.0, run_out_s=0.0).window_s == 1800.0
