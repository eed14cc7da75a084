"""Documented figures, prices and their evidence."""

import pytest

from tonnage.catalog import Catalog, load_catalog
from tonnage.catalog.catalog import ELSEWHERE
from tonnage.workload import CatalogError

HERE = load_catalog()
IRELAND = load_catalog("eu-west-1")
MILAN = load_catalog("eu-south-1")

# EC2 user guide, "CPU credits and baseline utilization": earned per hour, most kept, baseline.
CREDITS = {
    "t2.micro": (6, 144, 0.10),
    "t2.2xlarge": (81.6, 1958.4, 0.17),
    "t3.nano": (6, 144, 0.05),
    "t3.medium": (24, 576, 0.20),
    "t3.large": (36, 864, 0.30),
    "t4g.xlarge": (96, 2304, 0.40),
}


@pytest.mark.parametrize("name", CREDITS)
def test_credits_are_the_documented_ones(name: str) -> None:
    found = HERE.instance_type(name)
    assert (found.credits_per_hour, found.max_credits, found.baseline) == CREDITS[name]
    assert found.burstable


@pytest.mark.parametrize("name", [name for name in CREDITS if not name.startswith("t2")])
def test_credits_follow_from_the_baseline(name: str) -> None:
    found = HERE.instance_type(name)
    assert found.credits_per_hour == pytest.approx(found.baseline * found.vcpus * 60)
    assert found.max_credits == pytest.approx(24 * found.credits_per_hour)


def test_a_graviton_type_has_its_documented_shape() -> None:
    found = HERE.instance_type("m7g.large")
    assert (found.vcpus, found.cores, found.memory_gib) == (2, 2, 8.0)
    assert (found.arch, found.cpu_maker, found.graviton, found.generation) == ("arm64", "AWS", 3, 7)
    assert (found.ebs_base_iops, found.ebs_peak_iops) == (3600, 40000)
    assert (found.ebs_base_mbs, found.ebs_peak_mbs) == (78.75, 1250)
    assert not found.burstable
    assert found.baseline == 1.0


def test_a_burstable_type_without_published_credits_is_still_burstable() -> None:
    found = HERE.instance_type("t8i.medium")
    assert found.burstable
    assert found.credits_per_hour == 0


def test_a_db_class_has_connections_and_limits() -> None:
    found = HERE.db_class("db.t3.medium")
    assert (found.mysql_max_connections, found.postgres_max_connections) == (341, 450)
    assert (found.credits_per_hour, found.max_credits, found.baseline) == (24, 576, 0.2)
    assert {"mysql", "postgres", "aurora-postgresql"} <= set(found.engines)
    large = HERE.db_class("db.r6g.4xlarge")
    assert large.postgres_max_connections == 5000
    assert (large.ebs_base_mbs, large.generation) == (4750 / 8, 6)


def test_nominal_connections_follow_the_documented_formulas() -> None:
    for found in HERE.db_classes():
        memory = found.memory_gib * 2**30
        if found.mysql_max_connections:
            assert found.mysql_max_connections == pytest.approx(min(100_000, memory / 12_582_880), abs=1)
        if found.postgres_max_connections:
            assert found.postgres_max_connections == pytest.approx(min(5000, memory / 9_531_392), abs=1)


def test_a_cache_node_has_its_memory_and_one_engine_thread() -> None:
    found = HERE.cache_node("cache.r7g.large")
    assert found.maxmemory_bytes == 14_037_181_030
    assert (found.engine_threads("redis"), found.engine_threads("valkey"), found.engine_threads("memcached")) == (
        1,
        1,
        2,
    )
    assert HERE.cache_node("cache.t3.small").baseline == 0.2


def test_prices_of_us_east_1() -> None:
    assert HERE.instance_price("t3.medium").usd == 0.0416
    assert HERE.instance_price("m7g.large").usd == 0.0816
    assert HERE.unit_price("alb", "lcu").usd == 0.008
    assert HERE.unit_price("alb", "lcu").unit == "LCU-hour"
    assert HERE.unit_price("lambda", "requests").usd == 0.2
    assert HERE.unit_price("dynamodb", "on_demand_write").usd == 0.625
    assert HERE.cache_price("cache.r7g.large", "valkey").usd == pytest.approx(
        0.8 * HERE.cache_price("cache.r7g.large", "redis").usd
    )


def test_a_standby_costs_as_much_again_but_not_with_aurora() -> None:
    alone = HERE.db_price("db.r6g.large", "mysql")
    assert HERE.db_price("db.r6g.large", "mysql", multi_az=True).usd == 2 * alone.usd
    aurora = HERE.db_price("db.r6g.large", "aurora-mysql")
    assert HERE.db_price("db.r6g.large", "aurora-mysql", multi_az=True) == aurora
    assert aurora.usd == 0.26


def test_a_listed_price_says_where_it_stands() -> None:
    price = HERE.instance_price("m5.large")
    assert (price.basis, price.confidence, price.region, price.date) == ("listed", "A", "us-east-1", "2026-07-20")
    assert "karpenter" in price.source
    assert HERE.db_price("db.m5.large", "postgres").date == "2021-03-30"


def test_an_estimated_price_says_so() -> None:
    price = HERE.db_price("db.m7g.large", "postgres")
    assert price.confidence == "C"
    assert price.basis.startswith("estimated")


def test_the_price_of_an_engine_with_a_licence_says_that_it_lacks_the_licence() -> None:
    price = HERE.db_price("db.m5.large", "sqlserver-se")
    assert price.usd == HERE.db_price("db.m5.large", "postgres").usd
    assert "licences of sqlserver-se" in price.basis
    assert price.confidence == "C"


def test_a_region_with_its_own_price_uses_it() -> None:
    price = IRELAND.instance_price("m7g.large")
    assert (price.usd, price.region, price.basis) == (0.091, "eu-west-1", "listed")


@pytest.mark.parametrize(
    "price",
    [
        IRELAND.unit_price("alb", "lcu"),
        IRELAND.db_price("db.m5.large", "mysql"),
        IRELAND.cache_price("cache.t3.micro", "redis"),
        MILAN.instance_price("m7g.large"),
    ],
    ids=["unit", "db", "cache", "instance"],
)
def test_a_region_without_a_price_gets_that_of_us_east_1_and_says_so(price: object) -> None:
    assert getattr(price, "basis", "").startswith(ELSEWHERE)
    assert getattr(price, "region", "") == "us-east-1"
    assert getattr(price, "confidence", "") == "C"


def test_a_global_price_is_listed_everywhere() -> None:
    assert IRELAND.unit_price("cloudfront", "us_https").basis == "listed"


@pytest.mark.parametrize(
    ("ask", "what", "near"),
    [
        (lambda: HERE.instance_type("m7.large"), "EC2 instance type", "m7g.large"),
        (lambda: HERE.instance_price("t3.meduim"), "EC2 instance type", "t3.medium"),
        (lambda: HERE.db_class("db.m5.lrage"), "RDS instance class", "db.m5.large"),
        (lambda: HERE.cache_node("cache.r7.large"), "ElastiCache node type", "cache.r7g.large"),
        (lambda: HERE.cache_price("cache.r7g.large", "valky"), "ElastiCache engine", "valkey"),
        (lambda: HERE.unit_price("alb", "lcus"), "unit price", "alb/lcu"),
        (lambda: load_catalog("us-east1"), "AWS Region", "us-east-1"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(ask, what: str, near: str) -> None:
    with pytest.raises(CatalogError, match=what) as caught:
        ask()
    assert near in caught.value.remedy


def test_a_name_like_no_other_still_gets_a_remedy() -> None:
    with pytest.raises(CatalogError) as caught:
        HERE.instance_type("?")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "ask",
    [
        lambda: HERE.instance_price("t8i.medium"),
        lambda: IRELAND.instance_price("t8i.medium"),
        lambda: HERE.db_price("db.m9g.large", "aurora-mysql"),
        lambda: HERE.cache_price("cache.r8g.large", "redis"),
    ],
)
def test_a_missing_price_is_an_error(ask) -> None:
    with pytest.raises(CatalogError, match="no price"):
        ask()


def test_a_catalogue_is_loaded_once() -> None:
    assert load_catalog("eu-west-1") is IRELAND
    assert Catalog("eu-west-1") == IRELAND
