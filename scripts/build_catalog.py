"""Bring compact tables of AWS facts into the package's own tables.

Usage: ``build_catalog.py --from FOLDER`` with ``ec2_instance_types.csv``, ``ec2_prices.csv``, ``rds_classes.csv``,
``elasticache_nodes.csv`` and ``unit_prices.csv`` in it. The output is sorted and repeatable.
"""

import argparse
import csv
import sys
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
    "gpu_count",
]
RDS = [
    "db_class",
    "family",
    "arch",
    "vcpus",
    "memory_gib",
    "net_base_gbps",
    "net_peak_gbps",
    "ebs_base_mbps",
    "ebs_peak_mbps",
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


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(name: str, columns: list[str], records: list[dict[str, str]]) -> None:
    TABLES.mkdir(parents=True, exist_ok=True)
    with (TABLES / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(records, key=lambda record: tuple(record[column] for column in columns[:2])))
    print(f"{name}: {len(records)} rows")


def prices(folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    """One row for each type, one column for each Region; a price that is not listed carries its basis behind a bar."""
    table: dict[str, dict[str, str]] = {}
    regions: set[str] = set()
    for row in rows(folder, "ec2_prices.csv"):
        regions.add(row["region"])
        price = row["usd_per_hour"] if row["basis"] == "listed" else f"{row['usd_per_hour']}|{row['basis']}"
        table.setdefault(row["instance_type"], {"instance_type": row["instance_type"]})[row["region"]] = price
    columns = ["instance_type", *sorted(regions)]
    return columns, [{column: record.get(column, "") for column in columns} for record in table.values()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder with the compact tables")
    folder = parser.parse_args().folder
    write("ec2_instance_types.csv", EC2, rows(folder, "ec2_instance_types.csv"))
    write("ec2_prices.csv", *prices(folder))
    write("rds_classes.csv", RDS, rows(folder, "rds_classes.csv"))
    write("elasticache_nodes.csv", NODES, rows(folder, "elasticache_nodes.csv"))
    write("unit_prices.csv", UNITS, rows(folder, "unit_prices.csv"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
