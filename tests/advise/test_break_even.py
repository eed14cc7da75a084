"""Costs of the same work elsewhere, against arithmetic on the price lists."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from refusals import refusal
from tonnage.advise.break_even import BreakEven, Change, Variant, Work, break_even, changes, comparable, work_of
from tonnage.catalog import load_catalog
from tonnage.intake import load
from tonnage.workload import Traffic, Workload, WorkloadError
from workloads import a_web_source, an_api_source

CATALOG = load_catalog("us-east-1")


@pytest.fixture
def api(tmp_path: Path) -> Workload:
    return load(an_api_source(tmp_path / "api", traffic="constant 20/s for 1 h"))


def usd(found: BreakEven, beginning: str, rate_per_s: float) -> float:
    (variant,) = (each for each in found.variants if each.name.startswith(beginning))
    return variant.usd_per_month(rate_per_s)


def test_a_function_is_billed_for_what_it_computes_and_waits_for(api: Workload) -> None:
    assert comparable(api) == ("Function",)
    work = Work(cpu_s=0.018, waited_s=0.010)
    found = break_even(api, CATALOG, "Function", work)
    # 1,769 MB is one vCPU of nine tenths of m5: 20 ms computed, 10 ms waited.
    gb_s = 0.030 * 1769 / 1024
    expected = 10.0 * 3600 * 730 * (0.20 / 1e6 + gb_s * 0.0000166667)
    assert usd(found, "Lambda", 10.0) == pytest.approx(expected, rel=1e-3)
    assert [each.present for each in found.variants] == [False, False, True]


def test_tasks_follow_the_traffic_and_are_never_fewer_than_two(api: Workload) -> None:
    shaped = replace(
        api, traffic=Traffic(name="t", rates_per_s=(10.0, 30.0), step_s=60.0, start_s=0.0, evidence="declared")
    )
    found = break_even(shaped, CATALOG, "Function", Work(cpu_s=0.019, waited_s=0.0), utilization=0.5)
    task = (0.04048 + 2 * 0.004445) * 730
    assert usd(found, "Fargate", 0.1) == pytest.approx(2 * task, rel=1e-3)
    # A task of one vCPU at 0.95 of m5 carries 25/s at half its CPU: 4 tasks at 100/s, 12 at 300/s.
    assert usd(found, "Fargate", 200.0) == pytest.approx((4 + 12) / 2 * task, rel=1e-3)
    assert found.peak_over_mean == pytest.approx(1.5)


def test_instances_pay_for_credits_beyond_those_they_earn(tmp_path: Path) -> None:
    web = load(a_web_source(tmp_path / "web", traffic="constant 20/s for 1 h", instance_type="t3.medium"))
    found = break_even(web, CATALOG, "Web", Work(cpu_s=0.020, waited_s=0.0), utilization=0.5)
    speed = CATALOG.instance_type("t3.medium").relative_speed.value
    busy = 1_000.0 * 0.020 / speed
    instances = math.ceil(busy / (2 * 0.5))
    # Two vCPUs earn a fifth each; what is used above is billed at 0.05 dollars a vCPU-hour.
    surplus = (busy - instances * 2 * 0.2) * 0.05 * 730
    alone = usd(found, "EC2", 0.01) / 2
    assert usd(found, "EC2", 1_000.0) == pytest.approx(instances * alone + surplus, rel=1e-3)


def test_the_changes_are_where_two_lines_cross() -> None:
    flat = Variant(name="flat", present=True, usd_per_month=lambda _: 100.0)
    steep = Variant(name="steep", present=False, usd_per_month=lambda rate: 4.0 * rate)
    (change,) = changes((flat, steep))
    assert change == Change(rate_per_s=pytest.approx(25.0), before="steep", after="flat")
    assert changes((flat,)) == ()


def test_the_work_of_a_function_is_that_of_an_m5_vcpu(api: Workload) -> None:
    (call,) = (call for _, call in api.calls() if call.component == "Function")
    cpu_s = call.demands["cpu"].value
    work = work_of(api, "Function", residence_s=cpu_s + 0.005)
    assert work.cpu_s == pytest.approx(0.9 * cpu_s)
    assert work.waited_s == pytest.approx(0.005)


def test_what_cannot_be_compared(api: Workload) -> None:
    work = Work(cpu_s=0.01, waited_s=0.0)
    error = refusal(WorkloadError, lambda: break_even(api, CATALOG, "Table", work))
    assert "no compute component" in error.what
    assert "Function" in (error.remedy or "")
    assert "outside" in refusal(WorkloadError, lambda: break_even(api, CATALOG, "Function", work, utilization=2.0)).what
