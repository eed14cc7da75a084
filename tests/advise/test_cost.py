"""What a month costs: instances as they were, requests at the mean rate, gaps said."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.cost import HOURS_PER_MONTH, MonthlyCost, monthly_cost
from tonnage.compile import Compiled
from tonnage.services import Cost, room
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.workload import CatalogError, Scenario
from workloads import a_web_workload, an_api_workload, compiled


def cost_of(one: Compiled, factor: float = 1.0) -> MonthlyCost:
    scenario = Scenario(name="t", window_s=60.0, lead_s=30.0, factor=factor)
    day = coarse_day(one, stretch(one.workload.traffic, scenario))
    return monthly_cost(one, day, simulate(one, scenario, seed=1, day=day))


def test_instances_are_paid_as_they_were(tmp_path: Path) -> None:
    two = compiled(a_web_workload(tmp_path, min_size=2, max_size=2))
    four = compiled(a_web_workload(tmp_path, min_size=4, max_size=4))
    hour_usd = two.catalog.instance_price("m5.large").usd
    little, much = cost_of(two), cost_of(four)
    assert set(little.components) == {"Balancer", "Web", "Database"}
    assert little.usd == pytest.approx(sum(little.components.values()))
    assert little.components["Web"] >= 2 * hour_usd * HOURS_PER_MONTH
    assert much.components["Web"] == pytest.approx(2 * little.components["Web"])
    assert much.components["Database"] == pytest.approx(little.components["Database"])
    assert any(note.startswith("Web: ") for note in little.notes)


def test_requests_are_paid_at_the_mean_rate_not_the_peak(tmp_path: Path) -> None:
    even = compiled(an_api_workload(tmp_path, traffic="constant 50/s for 24 h"))
    peaky = compiled(an_api_workload(tmp_path, traffic="diurnal 10/s to 90/s"))
    assert peaky.workload.traffic.mean_per_s == pytest.approx(50.0)
    # 50/s are 131.4 million requests in 730 hours.
    million_usd = even.catalog.unit_price("apigateway", "rest_first_333M").usd
    for one in (even, peaky):
        assert cost_of(one).components["Api"] == pytest.approx(131.4 * million_usd, rel=0.01)
    assert cost_of(even, 2.0).components["Api"] == pytest.approx(2 * 131.4 * million_usd, rel=0.01)


def test_a_component_that_nothing_reaches_still_costs(tmp_path: Path) -> None:
    shop = a_web_workload(tmp_path)
    web_only = replace(shop.routes[0].entry.calls[0], calls=())
    alone = replace(shop, routes=(replace(shop.routes[0], share=1.0, entry=web_only),))
    assert cost_of(compiled(alone)).components["Database"] == pytest.approx(
        cost_of(compiled(shop)).components["Database"]
    )


def test_what_has_no_price_is_simulated_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpriced(*_: object) -> Cost:
        raise CatalogError("m5.large has no price in mars-1")

    one = compiled(a_web_workload(tmp_path))
    monkeypatch.setattr(room("AWS::AutoScaling::AutoScalingGroup"), "price", unpriced)
    cost = cost_of(one)
    assert cost.components["Web"] == 0.0
    assert "Web: not counted: m5.large has no price in mars-1" in cost.notes
    assert cost.usd > 0.0
