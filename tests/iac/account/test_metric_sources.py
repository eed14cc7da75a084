"""Every kind that reports is one that a room models, and says at most one load."""

import pytest

from tonnage.iac.account.metric_sources import SOURCES
from tonnage.services import main_resource_kinds


@pytest.mark.parametrize("kind", SOURCES)
def test_a_kind_that_reports_is_modelled(kind: str) -> None:
    assert kind in main_resource_kinds()
    assert sum(metric.load for metric in SOURCES[kind].metrics) <= 1
    pairs = [(metric.name, metric.statistic) for metric in SOURCES[kind].metrics]
    assert len(pairs) == len(set(pairs))
