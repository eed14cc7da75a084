"""Rows become types: every row of every table can be read, and each type is made once."""

import pytest

from tonnage.catalog.rows import CREDITS_PER_VCPU_HOUR, HOURS_OF_CREDITS, cache_node, db_class, instance_type
from tonnage.catalog.tables import indexed
from tonnage.workload import CatalogError


@pytest.mark.parametrize(
    ("table", "column", "make"),
    [
        ("ec2_instance_types", "instance_type", instance_type),
        ("rds_classes", "db_class", db_class),
        ("elasticache_nodes", "node_type", cache_node),
    ],
)
def test_every_row_is_a_type_with_possible_figures(table: str, column: str, make) -> None:
    for name in indexed(table, column):
        found = make(name)
        assert found.name == name
        assert found.vcpus >= 1
        assert found.memory_gib > 0
        assert 0 < found.baseline <= 1
        assert found.relative_speed.low <= found.relative_speed.value <= found.relative_speed.high
        assert found is make(name)
    with pytest.raises(CatalogError, match="not a known"):
        make("banana")


def test_credits_earned_pay_for_the_baseline_and_are_kept_a_day() -> None:
    for name in indexed("rds_classes", "db_class"):
        found = db_class(name)
        assert found.credits_per_hour == pytest.approx(
            found.baseline * found.vcpus * CREDITS_PER_VCPU_HOUR if found.burstable else 0.0
        )
        assert found.max_credits == pytest.approx(HOURS_OF_CREDITS * found.credits_per_hour)
