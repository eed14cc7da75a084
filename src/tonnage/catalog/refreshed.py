"""Tables that the user has refreshed: instance types and their prices as AWS states them, in the user's own folder.

A refreshed table has the columns of the package's and takes its place. What AWS's answers do not hold (CPU credits, the
relative speed of a family) stays that of the package; types of families that it does not know are left out.

Sources: Amazon EC2 API reference, DescribeInstanceTypes; AWS Billing user guide, "Using the AWS Price List Query API".
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tonnage.catalog.tables import Row, own_table, refreshed_folder
from tonnage.workload import CatalogError

TYPES, PRICES, BASES = "ec2_instance_types", "ec2_prices", "price_bases"
BASIS = "refreshed"


def instance_row(description: Mapping[str, Any], known: Row | None) -> dict[str, str]:
    """A row of the instance types from an item of DescribeInstanceTypes.

    Args:
        description: The item.
        known: The package's row of the type, for what the item does not hold.

    Raises:
        CatalogError: The item lacks what every type has.
    """
    try:
        name = str(description["InstanceType"])
        cpu, processor = description["VCpuInfo"], description["ProcessorInfo"]
        network = description["NetworkInfo"]["NetworkCards"]
        row = {
            "instance_type": name,
            "family": name.partition(".")[0],
            "arch": next(each for each in processor["SupportedArchitectures"] if each in {"x86_64", "arm64"}),
            "cpu_maker": str(processor.get("Manufacturer", "")),
            "clock_ghz": _text(processor.get("SustainedClockSpeedInGhz")),
            "vcpus": _text(cpu["DefaultVCpus"]),
            "cores": _text(cpu.get("DefaultCores", cpu["DefaultVCpus"])),
            "memory_gib": _text(description["MemoryInfo"]["SizeInMiB"] / 1024.0),
            "net_base_gbps": _text(sum(card.get("BaselineBandwidthInGbps", 0.0) for card in network)),
            "net_peak_gbps": _text(sum(card.get("PeakBandwidthInGbps", 0.0) for card in network)),
            "burstable": _flag(description.get("BurstablePerformanceSupported")),
            "hypervisor": str(description.get("Hypervisor") or "none"),
            "bare_metal": _flag(description.get("BareMetal")),
            "current_generation": _flag(description.get("CurrentGeneration")),
            "accelerated": _flag(
                any(description.get(f"{kind}Info") for kind in ("Gpu", "Fpga", "Neuron", "Inference"))
            ),
        }
    except (KeyError, TypeError, StopIteration) as error:
        raise CatalogError(
            f"DescribeInstanceTypes gave an item that cannot be read: {error!r}",
            remedy="Nothing was replaced; a newer version of Tonnage may read it.",
        ) from None
    storage = description.get("EbsInfo", {}).get("EbsOptimizedInfo", {})
    row |= {
        "ebs_base_mbs": _text(storage.get("BaselineThroughputInMBps")),
        "ebs_peak_mbs": _text(storage.get("MaximumThroughputInMBps")),
        "ebs_base_iops": _text(storage.get("BaselineIops")),
        "ebs_peak_iops": _text(storage.get("MaximumIops")),
    }
    columns = own_table(TYPES)[0].keys()
    kept = known or {}
    return {column: row.get(column, kept.get(column, "")) for column in columns}


def product_price(product: Mapping[str, Any]) -> tuple[str, float] | None:
    """Type and On-Demand price an hour of an item of GetProducts; None where it is no hourly price."""
    attributes = product.get("product", {}).get("attributes", {})
    name = attributes.get("instanceType")
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            usd = float(dimension.get("pricePerUnit", {}).get("USD", 0.0))
            if name and dimension.get("unit") == "Hrs" and usd > 0.0:
                return str(name), usd
    return None


def refreshed_tables(
    descriptions: Iterable[Mapping[str, Any]], prices: Mapping[str, float], region: str, today: str
) -> tuple[dict[str, list[dict[str, str]]], list[str]]:
    """The package's tables with what AWS answered in the place of what they hold.

    Args:
        descriptions: Items of DescribeInstanceTypes.
        prices: On-Demand price an hour by type.
        region: The Region that both are of.
        today: Date of the answers.

    Returns:
        Rows by table, and types left out because their family is not known.

    Raises:
        CatalogError: An item cannot be read, or the tables have no prices of the Region.
    """
    if region not in own_table(PRICES)[0]:
        known_regions = [column for column in own_table(PRICES)[0] if column != "instance_type"]
        raise CatalogError(
            f"The catalogue keeps no prices of {region}", remedy=f"It keeps those of {', '.join(known_regions)}."
        )
    speeds = {row["family"] for row in own_table("relative_speed")}
    rows = {row["instance_type"]: dict(row) for row in own_table(TYPES)}
    left_out: list[str] = []
    for description in descriptions:
        row = instance_row(description, rows.get(str(description.get("InstanceType"))))
        if row["family"] not in speeds:
            left_out.append(row["instance_type"])
            continue
        if not row["generation"]:
            row["generation"] = next((letter for letter in row["family"] if letter.isdigit()), "0")
        rows[row["instance_type"]] = row
    priced = {row["instance_type"]: dict(row) for row in own_table(PRICES)}
    columns = own_table(PRICES)[0].keys()
    for name, usd in prices.items():
        if name in rows:
            entry = priced.setdefault(name, dict.fromkeys(columns, "") | {"instance_type": name})
            entry[region] = f"{usd:g}|{BASIS}"
    bases = [dict(row) for row in own_table(BASES)]
    bases.append(
        {
            "table": "ec2",
            "basis": BASIS,
            "confidence": "A",
            "source": "AWS Price List API",
            "date": today,
            "meaning": "listed",
        }
    )
    return {
        TYPES: [rows[name] for name in sorted(rows)],
        PRICES: [priced[name] for name in sorted(priced)],
        BASES: bases,
    }, sorted(left_out)


def write_tables(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Path:
    """Write refreshed tables, each whole or not at all.

    Returns:
        The folder.
    """
    folder = refreshed_folder()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(own_table(name)[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        beside = folder / f"{name}.csv.new"
        beside.write_text(text.getvalue(), encoding="utf-8")
        written.append((beside, folder / f"{name}.csv"))
    for beside, target in written:
        beside.replace(target)
    return folder


def _text(value: float | None) -> str:
    return "" if value is None else f"{float(value):g}"


def _flag(value: object) -> str:
    return "1" if value else "0"
