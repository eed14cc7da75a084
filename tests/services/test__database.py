import pytest

from tonnage.engine.program import Hold, Release, Take, Wait
from tonnage.services._database import default_connections, engine_is_known, visit_steps


@pytest.mark.parametrize(
    ("engine", "memory_gib", "connections"),
    [
        # The tables of the RDS and Aurora user guides, at nominal memory.
        ("mysql", 1, 85),
        ("mysql", 4, 341),
        ("mysql", 16, 1365),
        ("postgres", 1, 112),
        ("postgres", 8, 901),
        ("postgres", 64, 5000),
        ("mariadb", 8, 341),
        ("sqlserver-se", 8, 32_767),
        ("aurora-mysql", 4, 90),
        ("aurora-mysql", 16, 1000),
        ("aurora-mysql", 128, 4000),
        ("aurora-postgresql", 16, 1802),
    ],
)
def test_default_connections_are_those_of_the_user_guides(engine: str, memory_gib: float, connections: int) -> None:
    assert default_connections(engine, memory_gib) == connections


def test_engines_whose_limits_are_known() -> None:
    assert all(engine_is_known(name) for name in ("mysql", "postgres", "oracle-ee", "sqlserver-web", "aurora-mysql"))
    assert not any(engine_is_known(name) for name in ("db2-se", "neptune", "docdb", "custom-oracle-ee"))


def test_a_visit_holds_its_connection_over_everything_it_does() -> None:
    enter, leave = visit_steps("Db", cpu_s=0.002, cpu_variation=1.0, queries=4.0, io=2.0, storage_s=0.001, bucket=True)
    assert enter[0] == Hold("Db/connections")
    assert leave == (Release("Db/connections"),)
    assert Take("Db/io", 2.0) in enter
    waits = [step.time.mean_s for step in enter if isinstance(step, Wait)]
    # Four round trips of 0.8 ms between Availability Zones, two operations of 1 ms.
    assert waits == pytest.approx([0.0032, 0.002])
