import pytest

from tonnage.catalog import fact, known_fact
from tonnage.catalog.tables import table
from tonnage.workload import CatalogError

DOCUMENTED = {
    "alb.lcu_new_connections_per_s": 25,
    "alb.lcu_active_connections": 3000,
    "apigateway.rate_per_s": 10_000,
    "apigateway.burst": 5_000,
    "lambda.mb_per_vcpu": 1769,
    "lambda.account_concurrency": 1000,
    "lambda.requests_per_s_per_environment": 10,
    "dynamodb.burst_s": 300,
    "dynamodb.read_unit_bytes": 4096,
    "dynamodb.write_unit_bytes": 1024,
    "dynamodb.partition_reads_per_s": 3000,
    "dynamodb.on_demand_writes_per_s": 4000,
    "ebs.gp2_credits": 5_400_000,
    "ebs.gp3_baseline_iops": 3000,
    "rds.gp3_striped_iops": 12_000,
    "rds.mysql_bytes_per_connection": 12_582_880,
    "rds.postgres_bytes_per_connection": 9_531_392,
}


@pytest.mark.parametrize("key", DOCUMENTED)
def test_documented_figures(key: str) -> None:
    found = fact(key)
    assert found.value == DOCUMENTED[key]
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("key", [row["key"] for row in table("facts")])
def test_every_fact_is_sourced_and_inside_its_range(key: str) -> None:
    found = fact(key)
    assert found.low <= found.value <= found.high
    assert found.confidence in {"A", "B", "C"}
    assert found.source
    assert found.date
    assert found.unit
    assert found.assumed().evidence == "assumed"


def test_measured_cold_starts_order_the_runtimes() -> None:
    python, node, java, dotnet = (
        fact(f"lambda.init_s.{runtime}") for runtime in ("python3.12", "nodejs22.x", "java21", "dotnet8")
    )
    assert python.value < node.value < java.value < dotnet.value
    assert all(0 < each.low < each.value < each.high < 1.0 for each in (python, node, java, dotnet))


def test_a_gp2_volume_of_100_gib_bursts_for_2000_s() -> None:
    baseline = 100 * fact("ebs.gp2_iops_per_gib").value
    assert fact("ebs.gp2_credits").value / (fact("ebs.gp2_burst_iops").value - baseline) == 2000


def test_an_unknown_fact_names_the_near_ones() -> None:
    with pytest.raises(CatalogError) as caught:
        fact("lambda.mb_per_vcpus")
    assert "lambda.mb_per_vcpu" in caught.value.remedy


def test_a_fact_that_may_be_missing_is_none() -> None:
    assert known_fact("lambda.init_s.python3.13") == fact("lambda.init_s.python3.13")
    assert known_fact("lambda.init_s.python4") is None
