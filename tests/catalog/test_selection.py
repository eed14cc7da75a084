"""Types by criteria: ranges, what fits, in which order, and what is in the way where nothing does."""

import pytest

from refusals import refusal
from tonnage.catalog import (
    Bounds,
    Criteria,
    DBInstanceClass,
    EC2InstanceType,
    bounds,
    in_the_way,
    load_catalog,
    machine_of,
    price_of,
    select,
)
from tonnage.workload import CatalogError, WorkloadError

CATALOG = load_catalog("us-east-1")
INFINITY = float("inf")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("4", 4, 4), ("4-8", 4, 8), ("4:8", 4, 8), ("4:", 4, INFINITY), (":8", 0, 8), (" 0.5-1.5 ", 0.5, 1.5)],
)
def test_ranges_as_people_write_them(text: str, low: float, high: float) -> None:
    assert bounds(text, alone="exactly") == Bounds(low=low, high=high)


def test_what_a_number_alone_means() -> None:
    assert bounds("10", alone="at least") == Bounds(low=10, high=INFINITY)
    assert bounds("10", alone="at most") == Bounds(low=0, high=10)


@pytest.mark.parametrize("text", ["", "-", ":", "four", "8-4", "1.2.3"])
def test_what_is_no_range(text: str) -> None:
    assert "no range" in refusal(WorkloadError, lambda: bounds(text, alone="exactly")).what


def numbers(**texts: str) -> dict[str, Bounds]:
    return {name.replace("_", "-"): bounds(text, alone="exactly") for name, text in texts.items()}


def test_the_example_of_the_documentation() -> None:
    asked = Criteria(numbers=numbers(vcpus="4", memory="16", max_price=":0.2"), arch="arm64", burstable=False)
    found = select(CATALOG, "ec2", asked, "price per speed")
    names = [each.machine.name for each in found]
    assert "m7g.xlarge" in names
    assert names.index("m8g.xlarge") < names.index("m6g.xlarge")
    for each in found:
        assert isinstance(each.machine, EC2InstanceType)
        assert (each.machine.vcpus, each.machine.memory_gib, each.machine.arch) == (4, 16, "arm64")
        assert each.machine.current_generation
        assert not each.machine.burstable
        assert each.price is not None
        assert each.price.usd <= 0.2
        assert each.usd_per_speed == each.price.usd / (4 * each.speed.value)
    assert [each.usd_per_speed for each in found] == sorted(each.usd_per_speed for each in found)


def test_orders() -> None:
    asked = Criteria(numbers=numbers(vcpus="8"), family="m7*")
    prices = [each.price.usd for each in select(CATALOG, "ec2", asked, "price") if each.price]
    assert prices == sorted(prices)
    memory = [each.machine.memory_gib for each in select(CATALOG, "ec2", asked, "memory")]
    assert memory == sorted(memory)
    network = [each.machine.net_base_gbps for each in select(CATALOG, "ec2", asked, "network")]
    assert network == sorted(network, reverse=True)


def test_previous_generations_and_metal_only_when_asked() -> None:
    old = Criteria(family="m4")
    assert select(CATALOG, "ec2", old) == ()
    assert select(CATALOG, "ec2", Criteria(family="m4", previous=True))
    assert all("metal" in each.machine.name for each in select(CATALOG, "ec2", Criteria(bare_metal=True)))


def test_databases_and_caches() -> None:
    databases = select(CATALOG, "rds", Criteria(numbers=numbers(memory="32"), engine="aurora-postgresql"))
    assert databases
    for each in databases:
        assert isinstance(each.machine, DBInstanceClass)
        assert "aurora-postgresql" in each.machine.engines
    caches = select(CATALOG, "elasticache", Criteria(arch="arm64"))
    assert all(each.machine.name.startswith("cache.") for each in caches)


def test_what_is_in_the_way_where_nothing_fits() -> None:
    asked = Criteria(numbers=numbers(vcpus="4", memory="16") | {"network": Bounds(low=400, high=INFINITY)})
    assert select(CATALOG, "ec2", asked) == ()
    (first, *_) = in_the_way(CATALOG, "ec2", asked)
    assert first[0] == "network"
    assert first[1] > 10


def test_a_machine_by_its_name() -> None:
    assert machine_of(CATALOG, "db.m7g.large")[0] == "rds"
    assert machine_of(CATALOG, "cache.m7g.large")[0] == "elasticache"
    kind, machine = machine_of(CATALOG, "m7g.large")
    assert kind == "ec2"
    assert price_of(CATALOG, machine, "") == CATALOG.instance_price("m7g.large")
    assert "m7g.large" in (refusal(CatalogError, lambda: machine_of(CATALOG, "m7g.larg")).remedy or "")
