"""EventBridge: the quota of the Region, events by 64 KiB."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.catalog import load_catalog
from tonnage.services import Usage, event_bus, leaves_alone

BUS = "Orders: {Type: AWS::Events::EventBus, Properties: {Name: orders}}"


def test_events_put_on_a_bus(tmp_path: Path) -> None:
    component = gathered(event_bus, a_stack(tmp_path, BUS), "Orders")
    assert event_bus.behaviour(component, CATALOG).limits["messages/s"] == 10_000
    assert event_bus.behaviour(component, load_catalog("eu-north-1")).limits["messages/s"] < 10_000
    assert leaves_alone(component)


@pytest.mark.parametrize(("size", "events"), [(1_000.0, 1), (65_536.0, 1), (65_537.0, 2)])
def test_an_event_of_more_than_64_kib_is_billed_as_several(tmp_path: Path, size: float, events: int) -> None:
    component = gathered(event_bus, a_stack(tmp_path, BUS), "Orders")
    cost = event_bus.price(component, Usage(visits_per_s=10.0, per_visit={"bytes": size}), CATALOG)
    assert cost.usd_per_h == pytest.approx(10 * 3600 / 1e6 * events)
