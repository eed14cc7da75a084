"""Tables refreshed from AWS's answers: what they hold, keep and leave out, how they are written and read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refusals import refusal
from tonnage.catalog import load_catalog, product_price, refreshed_tables, write_tables
from tonnage.catalog.refreshed import instance_row
from tonnage.catalog.rows import instance_type
from tonnage.catalog.tables import indexed, own_table, table
from tonnage.workload import CatalogError


def described(name: str, **more: Any) -> dict[str, Any]:
    return {
        "InstanceType": name,
        "CurrentGeneration": True,
        "BareMetal": False,
        "Hypervisor": "nitro",
        "BurstablePerformanceSupported": False,
        "ProcessorInfo": {
            "SupportedArchitectures": ["arm64"],
            "SustainedClockSpeedInGhz": 2.8,
            "Manufacturer": "AWS",
        },
        "VCpuInfo": {"DefaultVCpus": 2, "DefaultCores": 2},
        "MemoryInfo": {"SizeInMiB": 8192},
        "NetworkInfo": {"NetworkCards": [{"BaselineBandwidthInGbps": 0.937, "PeakBandwidthInGbps": 12.5}]},
        "EbsInfo": {
            "EbsOptimizedInfo": {"BaselineThroughputInMBps": 78.75, "BaselineIops": 3600, "MaximumIops": 41000}
        },
        **more,
    }


def product(name: str, usd: str = "0.0999", unit: str = "Hrs") -> dict[str, Any]:
    dimensions = {"a": {"unit": unit, "pricePerUnit": {"USD": usd}}}
    return {
        "product": {"attributes": {"instanceType": name}},
        "terms": {"OnDemand": {"b": {"priceDimensions": dimensions}}},
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TONNAGE_CATALOG", str(tmp_path / "catalog"))
    for each in (table, indexed, instance_type):
        each.cache_clear()
    yield tmp_path / "catalog"
    for each in (table, indexed, instance_type):
        each.cache_clear()


def test_a_row_has_what_aws_says_and_keeps_what_it_does_not() -> None:
    known = indexed("ec2_instance_types", "instance_type")["m7g.large"]
    row = instance_row(described("m7g.large"), known)
    assert row.keys() == known.keys()
    assert (row["ebs_peak_iops"], row["clock_ghz"], row["memory_gib"]) == ("41000", "2.8", "8")
    assert (row["generation"], row["graviton"]) == (known["generation"], known["graviton"])


def test_an_item_that_cannot_be_read() -> None:
    broken = described("m7g.large")
    del broken["VCpuInfo"]
    assert "cannot be read" in refusal(CatalogError, lambda: instance_row(broken, None)).what


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (product("m7g.large"), ("m7g.large", 0.0999)),
        (product("m7g.large", usd="0.0"), None),
        (product("m7g.large", unit="Quantity"), None),
        ({}, None),
    ],
)
def test_the_price_of_a_product(item: dict[str, Any], expected: tuple[str, float] | None) -> None:
    assert product_price(item) == expected


def test_what_is_written_takes_the_place_of_the_packages_own(folder: Path) -> None:
    types = [described("m7g.large"), described("m7g.huge", MemoryInfo={"SizeInMiB": 4096}), described("zz9.large")]
    tables, left_out = refreshed_tables(types, {"m7g.large": 0.0999, "m7g.huge": 0.3}, "eu-west-1", "2026-11-23")
    assert left_out == ["zz9.large"]
    assert write_tables(tables) == folder
    assert sorted(each.name for each in folder.iterdir()) == [
        "ec2_instance_types.csv",
        "ec2_prices.csv",
        "price_bases.csv",
    ]
    catalog = load_catalog("eu-west-1")
    assert catalog.instance_type("m7g.large").ebs_peak_iops == 41_000
    assert catalog.instance_type("m7g.huge").memory_gib == 4
    price = catalog.instance_price("m7g.large")
    assert (price.usd, price.source, price.date) == (0.0999, "AWS Price List API", "2026-11-23")
    # What was not asked stays.
    assert load_catalog("us-east-1").instance_price("m7g.large").source != "AWS Price List API"
    assert catalog.instance_type("t3.medium").credits_per_hour == 24


def test_a_table_of_another_version_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "ec2_prices.csv").write_text("instance_type,usd\nm7g.large,1\n")
    error = refusal(CatalogError, lambda: load_catalog("us-east-1").instance_price("m7g.large"))
    assert "no table of this version" in error.what
    assert "Delete it" in (error.remedy or "")


def test_a_region_without_prices_of_its_own() -> None:
    assert "keeps no prices" in refusal(CatalogError, lambda: refreshed_tables([], {}, "af-south-1", "today")).what


def test_nothing_asked_changes_nothing() -> None:
    tables, _ = refreshed_tables([], {}, "us-east-1", "2026-11-23")
    assert [dict(row) for row in own_table("ec2_instance_types")] == sorted(
        tables["ec2_instance_types"], key=lambda row: row["instance_type"]
    )
