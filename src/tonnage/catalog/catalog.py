"""The catalogue of one Region: types by name, prices by name, with a person's error for an unknown one."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from tonnage.catalog.relative_speed import generation_of, relative_speed
from tonnage.catalog.tables import Row, indexed, number, table
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType, Price
from tonnage.workload import CatalogError

_ENGINES = {"postgres": "postgres", "mysql": "mysql", "mariadb": "mariadb"}
_CACHE_ENGINES = {"redis": "usd_hour_redis_oss", "memcached": "usd_hour_memcached", "valkey": "usd_hour_valkey"}
_CREDITS_OF_T_CLASS = 60.0


@dataclass(frozen=True, slots=True)
class Catalog:
    """AWS facts for one Region.

    Attributes:
        region: The Region whose prices hold.
    """

    region: str

    def instance_type(self, name: str) -> EC2InstanceType:
        """An EC2 instance type.

        Raises:
            CatalogError: It is not in the catalogue.
        """
        return _instance_type(_row("ec2_instance_types", "instance_type", name, "EC2 instance type"))

    def instance_types(self) -> Iterator[EC2InstanceType]:
        """All EC2 instance types."""
        return (_instance_type(row) for row in table("ec2_instance_types"))

    def db_class(self, name: str) -> DBInstanceClass:
        """An RDS instance class; likewise."""
        return _db_class(_row("rds_classes", "db_class", name, "RDS instance class"))

    def db_classes(self) -> Iterator[DBInstanceClass]:
        """All RDS instance classes."""
        return (_db_class(row) for row in table("rds_classes"))

    def cache_node(self, name: str) -> CacheNodeType:
        """An ElastiCache node type; likewise."""
        return _cache_node(_row("elasticache_nodes", "node_type", name, "ElastiCache node type"))

    def cache_nodes(self) -> Iterator[CacheNodeType]:
        """All ElastiCache node types."""
        return (_cache_node(row) for row in table("elasticache_nodes"))

    def instance_price(self, name: str) -> Price:
        """On-Demand Linux price of an instance type, per hour.

        Raises:
            CatalogError: The catalogue has no price for it.
        """
        prices = indexed("ec2_prices", "instance_type").get(name, {})
        for region in (self.region, "us-east-1"):
            if field := prices.get(region):
                usd, _, basis = field.partition("|")
                if region != self.region:
                    basis = "us-east-1 price: the catalogue has none for the Region"
                source = "karpenter-provider-aws" if region == "us-east-1" else "apache-libcloud"
                return Price(
                    usd=float(usd),
                    unit="hour",
                    region=region,
                    source=source,
                    date="2026-07-20" if region == "us-east-1" else "2025-03-02",
                    confidence="A" if not basis else "B",
                    basis=basis or "listed",
                )
        raise CatalogError(f"The catalogue has no price for {name}", remedy="Choose a type that is sold in the Region.")

    def db_price(self, name: str, engine: str, *, multi_az: bool = False) -> Price:
        """Price of an RDS class, per hour: us-east-1, twice with a standby. Aurora engines have their own prices.

        Raises:
            CatalogError: The catalogue has no price for that class and engine.
        """
        row = _row("rds_classes", "db_class", name, "RDS instance class")
        key = "aurora" if engine.startswith("aurora") else _ENGINES.get(engine, "postgres")
        column = "usd_hour_aurora_standard" if key == "aurora" else f"usd_hour_{key}"
        if not row[column]:
            raise CatalogError(f"The catalogue has no price for {name} with {engine}")
        basis = row[f"basis_{key}"]
        if engine not in _ENGINES and key != "aurora":
            basis = f"PostgreSQL price ({basis}); licences of {engine} are not in the catalogue"
        if self.region != "us-east-1":
            basis += "; us-east-1 price"
        return Price(
            usd=float(row[column]) * (2.0 if multi_az and key != "aurora" else 1.0),
            unit="hour",
            region="us-east-1",
            source="RDS class table, see catalog/tables/SOURCES.md",
            date=basis.rpartition("-")[2] if basis.startswith("listed-2") else "2026",
            confidence="B",
            basis=basis,
        )

    def cache_price(self, name: str, engine: str) -> Price:
        """Price of an ElastiCache node, per hour, us-east-1.

        Raises:
            CatalogError: The catalogue has no price for that node and engine.
        """
        row = _row("elasticache_nodes", "node_type", name, "ElastiCache node type")
        column = _CACHE_ENGINES.get(engine, "usd_hour_redis_oss")
        if not row[column]:
            raise CatalogError(f"The catalogue has no price for {name} with {engine}")
        basis = "listed" if self.region == "us-east-1" else "us-east-1 price: the catalogue has none for the Region"
        return Price(
            usd=float(row[column]),
            unit="hour",
            region="us-east-1",
            source="AWS Price List read-out",
            date="2026-10-02",
            confidence="A",
            basis=basis,
        )

    def unit_price(self, service: str, item: str) -> Price:
        """A unit price of a service, us-east-1.

        Raises:
            CatalogError: There is none: a mistake in this package.
        """
        for row in table("unit_prices"):
            if row["service"] == service and row["item"] == item:
                return Price(
                    usd=float(row["usd"]),
                    unit=row["unit"],
                    region=row["region"],
                    source=row["source"],
                    date=row["source_date"],
                    confidence=row["confidence"],
                    basis="listed" if row["region"] in {self.region, ""} else f"{row['region']} price",
                )
        raise CatalogError(f"The catalogue has no unit price {service}/{item}")


def _row(name: str, column: str, value: str, what: str) -> Row:
    rows = indexed(name, column)
    if value in rows:
        return rows[value]
    raise CatalogError(f"{value!r} is not a known {what}", remedy=_near(value, rows))


def _near(value: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, list(known), n=3)
    return f"Did you mean {' or '.join(near)}?" if near else "Check the spelling."


@cache
def load_catalog(region: str = "us-east-1") -> Catalog:
    """The catalogue of a Region.

    Raises:
        CatalogError: There is no such Region. One without prices of its own gets those of us-east-1, and says so.
    """
    if region not in _REGIONS:
        raise CatalogError(f"{region!r} is not an AWS Region", remedy=_near(region, _REGIONS))
    return Catalog(region)


_REGIONS = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "cn-north-1",
    "cn-northwest-1",
]


def _instance_type(row: Row) -> EC2InstanceType:
    baseline = number(row, "baseline_pct_per_vcpu") / 100.0
    return EC2InstanceType(
        name=row["instance_type"],
        family=row["family"],
        generation=generation_of(row["family"]),
        arch=row["arch"],
        cpu_maker=row["cpu_maker"],
        vcpus=int(number(row, "vcpus")),
        cores=int(number(row, "cores")),
        memory_gib=number(row, "memory_gib"),
        net_base_gbps=number(row, "net_base_gbps"),
        net_peak_gbps=number(row, "net_peak_gbps"),
        ebs_base_iops=number(row, "ebs_base_iops"),
        ebs_peak_iops=number(row, "ebs_peak_iops"),
        burstable=row["burstable"] == "1",
        credits_per_hour=number(row, "credits_per_hour"),
        max_credits=number(row, "max_credits"),
        baseline=baseline or 1.0,
        current_generation=row["current_generation"] == "1",
        bare_metal=row["bare_metal"] == "1",
        accelerated=number(row, "gpu_count") > 0,
        relative_speed=relative_speed(row["family"], row["arch"], row["cpu_maker"]),
    )


def _maker(family: str, arch: str) -> str:
    return "AWS" if arch == "arm64" else "AMD" if family.endswith("a") or "a" in family[2:] else "Intel"


def _db_class(row: Row) -> DBInstanceClass:
    baseline = number(row, "baseline_pct_per_vcpu") / 100.0
    vcpus = int(number(row, "vcpus"))
    earned = baseline * vcpus * _CREDITS_OF_T_CLASS
    return DBInstanceClass(
        name=row["db_class"],
        family=row["family"],
        arch=row["arch"],
        vcpus=vcpus,
        memory_gib=number(row, "memory_gib"),
        ebs_base_iops=number(row, "ebs_base_iops"),
        ebs_peak_iops=number(row, "ebs_peak_iops"),
        baseline=baseline or 1.0,
        burstable=baseline > 0,
        credits_per_hour=earned,
        max_credits=24.0 * earned,
        engines=tuple(row["engines"].split("|")),
        relative_speed=relative_speed(row["family"], row["arch"], _maker(row["family"], row["arch"])),
    )


def _cache_node(row: Row) -> CacheNodeType:
    return CacheNodeType(
        name=row["node_type"],
        family=row["family"],
        arch=row["arch"],
        vcpus=int(number(row, "vcpus")),
        maxmemory_bytes=number(row, "maxmemory_bytes"),
        net_base_gbps=number(row, "net_base_gbps"),
        baseline=number(row, "baseline_pct_per_vcpu") / 100.0 or 1.0,
        relative_speed=relative_speed(row["family"], row["arch"], _maker(row["family"], row["arch"])),
    )
