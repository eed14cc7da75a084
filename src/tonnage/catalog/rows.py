"""From a row of a table to a type. Each is made once, when it is first asked for."""

from functools import cache

from tonnage.catalog.names import unknown
from tonnage.catalog.relative_speed import generation_of, relative_speed
from tonnage.catalog.tables import Row, indexed, number
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType

CREDITS_PER_VCPU_HOUR = 60.0
"""One CPU credit is one vCPU at full speed for one minute (EC2 user guide, CPU credits and baseline utilization)."""

HOURS_OF_CREDITS = 24.0
"""Credits are kept for at most a day of earning (the same page)."""


@cache
def instance_type(name: str) -> EC2InstanceType:
    """An EC2 instance type. Raises CatalogError for an unknown name."""
    row = _row("ec2_instance_types", "instance_type", name, "EC2 instance type")
    return EC2InstanceType(
        name=name,
        family=row["family"],
        generation=generation_of(row["family"]),
        arch=row["arch"],
        cpu_maker=row["cpu_maker"],
        graviton=int(number(row, "graviton")),
        clock_ghz=number(row, "clock_ghz"),
        vcpus=int(row["vcpus"]),
        cores=int(row["cores"]),
        memory_gib=float(row["memory_gib"]),
        net_base_gbps=float(row["net_base_gbps"]),
        net_peak_gbps=float(row["net_peak_gbps"]),
        ebs_base_mbs=number(row, "ebs_base_mbs"),
        ebs_peak_mbs=number(row, "ebs_peak_mbs"),
        ebs_base_iops=number(row, "ebs_base_iops"),
        ebs_peak_iops=number(row, "ebs_peak_iops"),
        burstable=row["burstable"] == "1",
        credits_per_hour=number(row, "credits_per_hour"),
        max_credits=number(row, "max_credits"),
        baseline=_baseline(row),
        current_generation=row["current_generation"] == "1",
        hypervisor=row["hypervisor"],
        bare_metal=row["bare_metal"] == "1",
        accelerated=row["accelerated"] == "1",
        relative_speed=relative_speed(row["family"]),
    )


@cache
def db_class(name: str) -> DBInstanceClass:
    """An RDS instance class. Raises CatalogError for an unknown name.

    RDS states no credit figures: those of the EC2 family hold, from the baseline.
    """
    row = _row("rds_classes", "db_class", name, "RDS instance class")
    vcpus = int(row["vcpus"])
    burstable = bool(row["baseline_pct_per_vcpu"])
    earned = _baseline(row) * vcpus * CREDITS_PER_VCPU_HOUR if burstable else 0.0
    return DBInstanceClass(
        name=name,
        family=row["family"],
        generation=generation_of(row["family"]),
        arch=row["arch"],
        vcpus=vcpus,
        memory_gib=float(row["memory_gib"]),
        net_base_gbps=float(row["net_base_gbps"]),
        net_peak_gbps=float(row["net_peak_gbps"]),
        ebs_base_mbs=number(row, "ebs_base_mbs"),
        ebs_peak_mbs=number(row, "ebs_peak_mbs"),
        ebs_base_iops=number(row, "ebs_base_iops"),
        ebs_peak_iops=number(row, "ebs_peak_iops"),
        baseline=_baseline(row),
        burstable=burstable,
        credits_per_hour=earned,
        max_credits=HOURS_OF_CREDITS * earned,
        engines=tuple(row["engines"].split("|")),
        mysql_max_connections=int(number(row, "mysql_max_connections_nominal")),
        postgres_max_connections=int(number(row, "postgres_max_connections_nominal")),
        relative_speed=relative_speed(row["family"]),
    )


@cache
def cache_node(name: str) -> CacheNodeType:
    """An ElastiCache node type. Raises CatalogError for an unknown name."""
    row = _row("elasticache_nodes", "node_type", name, "ElastiCache node type")
    return CacheNodeType(
        name=name,
        family=row["family"],
        generation=generation_of(row["family"]),
        arch=row["arch"],
        vcpus=int(row["vcpus"]),
        memory_gib=float(row["host_memory_gib"]),
        maxmemory_bytes=number(row, "maxmemory_bytes"),
        net_base_gbps=float(row["net_base_gbps"]),
        net_peak_gbps=float(row["net_peak_gbps"]),
        burstable=bool(row["baseline_pct_per_vcpu"]),
        baseline=_baseline(row),
        relative_speed=relative_speed(row["family"]),
    )


def _row(name: str, column: str, value: str, what: str) -> Row:
    rows = indexed(name, column)
    if value not in rows:
        raise unknown(value, what, rows)
    return rows[value]


def _baseline(row: Row) -> float:
    return number(row, "baseline_pct_per_vcpu") / 100.0 or 1.0
