"""How a workload stands below its load line, beside the utilization law."""

import pytest

from emit.judged import LINE, web_shop
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.emit.near_limit import near_limit
from tonnage.workload.scenario import Scenario


def test_the_database_is_as_busy_as_its_demand_says() -> None:
    compiled = compile_workload(web_shop(), load_catalog("us-east-1"))
    near = near_limit(compiled, Scenario(name="peak", window_s=300.0), LINE, seed=3)
    assert near.rate_per_s == 200.0
    # A fifth of 85 % of the requests takes 17 ms, 15 % take 20 ms, on two vCPUs whose speed is estimated.
    demand_s = 0.85 * 0.2 * 0.017 + 0.15 * 0.020
    rough = 210.7 * demand_s / 2
    assert 0.7 * rough < near.busy["Database"] < 1.6 * rough
    assert near.limits["Database"]["max_connections"] == pytest.approx(341, abs=1)
