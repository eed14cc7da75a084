"""Every row of every table is usable, and importing the catalogue reads none of them."""

import math
import subprocess
import sys

import pytest

from tonnage.catalog import load_catalog
from tonnage.catalog.tables import number, table
from tonnage.workload import CatalogError

HERE = load_catalog()
KEYS = {
    "ec2_instance_types": ("instance_type",),
    "ec2_prices": ("instance_type",),
    "rds_classes": ("db_class",),
    "elasticache_nodes": ("node_type",),
    "unit_prices": ("service", "item"),
    "price_bases": ("table", "basis"),
    "facts": ("key",),
    "processors": ("processor",),
    "relative_speed": ("family",),
    "regions": ("region",),
    "places": ("place",),
    "round_trips": ("between",),
}
NUMBERS = ("vcpus", "cores", "memory_gib", "net_base_gbps", "net_peak_gbps")


@pytest.mark.parametrize("name", KEYS)
def test_names_are_unique_and_no_field_is_missing_or_left_over(name: str) -> None:
    rows = table(name)
    names = [tuple(row[column] for column in KEYS[name]) for row in rows]
    assert len(set(names)) == len(names) > 0
    assert all(all(part for part in each) for each in names)
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("name", ["ec2_instance_types", "rds_classes", "elasticache_nodes", "unit_prices", "facts"])
def test_numbers_are_finite_and_not_negative(name: str) -> None:
    words = {"nan", "inf"}
    for row in table(name):
        for column, field in row.items():
            assert field.lower() not in words
            if column.startswith(("usd", "ebs_", "net_", "memory_gib", "maxmemory", "value", "low", "high", "vcpus")):
                assert math.isfinite(number(row, column))
                assert number(row, column) >= 0, (row, column)


def test_every_type_can_be_made_and_makes_sense() -> None:
    for each in HERE.instance_types():
        assert all(getattr(each, name) > 0 for name in NUMBERS), each.name
        assert each.cores <= each.vcpus
        assert each.net_base_gbps <= each.net_peak_gbps
        assert each.ebs_base_iops <= each.ebs_peak_iops
        assert each.ebs_base_mbs <= each.ebs_peak_mbs
        assert each.arch in {"x86_64", "arm64"}
        assert (each.graviton > 0) == (each.cpu_maker == "AWS") == (each.arch == "arm64")
        assert 0 < each.baseline <= 1
        assert each.burstable or (each.credits_per_hour == 0 and each.baseline == 1)
        assert each.bare_metal == (each.hypervisor == "none")


def test_every_class_and_node_can_be_made_and_makes_sense() -> None:
    for each in (*HERE.db_classes(), *HERE.cache_nodes()):
        assert each.vcpus > 0
        assert each.memory_gib > 0
        assert 0 < each.baseline <= 1
        assert each.burstable == (each.baseline < 1)
        assert each.net_base_gbps <= each.net_peak_gbps
        assert each.name.split(".")[1] == each.family
    for node in HERE.cache_nodes():
        assert node.maxmemory_bytes <= node.memory_gib * 2**30


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-3"])
def test_every_price_has_its_evidence(region: str) -> None:
    catalog = load_catalog(region)
    asked = [
        *(lambda name=each.name: catalog.instance_price(name) for each in catalog.instance_types()),
        *(lambda name=each.name: catalog.db_price(name, "mysql") for each in catalog.db_classes()),
        *(lambda name=each.name: catalog.db_price(name, "aurora-mysql") for each in catalog.db_classes()),
        *(lambda name=each.name: catalog.cache_price(name, "valkey") for each in catalog.cache_nodes()),
        *(lambda row=row: catalog.unit_price(row["service"], row["item"]) for row in table("unit_prices")),
    ]
    found = 0
    for ask in asked:
        try:
            price = ask()
        except CatalogError:
            continue
        found += 1
        assert price.usd >= 0
        assert price.confidence in {"A", "B", "C"}
        assert all((price.source, price.date, price.basis, price.unit, price.region))
    assert found > 1000


def test_sources_are_named_as_anyone_can_find_them() -> None:
    for row in (*table("unit_prices"), *table("facts"), *table("price_bases"), *table("processors")):
        words = row["source"].lower()
        assert words
        assert "stored" not in words
        assert "/work" not in words


def test_the_regions_with_prices_are_regions() -> None:
    priced = set(table("ec2_prices")[0]) - {"instance_type"}
    assert priced <= {row["region"] for row in table("regions")}


def test_importing_the_catalogue_reads_no_file() -> None:
    code = (
        "import sys, tonnage.workload\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "import tonnage.catalog\n"
        "print([name for name in opened if name.endswith(('.csv', '.md'))])\n"
        "print('difflib' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]
