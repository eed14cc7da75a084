"""The catalogue of one Region: types by name, prices by name, with a person's error for an unknown one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from tonnage.catalog import rows
from tonnage.catalog.names import unknown
from tonnage.catalog.tables import indexed, table
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType, Price
from tonnage.workload import CatalogError

PRICED_REGION = "us-east-1"
"""The Region whose prices every table has."""

GLOBAL = "global"
ELSEWHERE = "us-east-1 price, regional price not in the catalogue"

_AURORA = "aurora"
_OPEN_ENGINES = ("postgres", "mysql", "mariadb")
_WITHOUT_LICENCE = "postgres"
"""Whose price stands in for an engine that needs a licence: hardware and operation cost about the same."""

_CACHE_COLUMNS = {"redis": "usd_hour_redis_oss", "memcached": "usd_hour_memcached", "valkey": "usd_hour_valkey"}
_NODE_WITH_STANDBY = 2.0


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
            CatalogError: It is not in the catalogue; the error names the nearest ones.
        """
        return rows.instance_type(name)

    def instance_types(self) -> Iterator[EC2InstanceType]:
        """All EC2 instance types, by name."""
        return (rows.instance_type(row["instance_type"]) for row in table("ec2_instance_types"))

    def db_class(self, name: str) -> DBInstanceClass:
        """An RDS instance class; likewise."""
        return rows.db_class(name)

    def db_classes(self) -> Iterator[DBInstanceClass]:
        """All RDS instance classes, by name."""
        return (rows.db_class(row["db_class"]) for row in table("rds_classes"))

    def cache_node(self, name: str) -> CacheNodeType:
        """An ElastiCache node type; likewise."""
        return rows.cache_node(name)

    def cache_nodes(self) -> Iterator[CacheNodeType]:
        """All ElastiCache node types, by name."""
        return (rows.cache_node(row["node_type"]) for row in table("elasticache_nodes"))

    def instance_price(self, name: str) -> Price:
        """On-Demand Linux price of an instance type, per hour.

        Raises:
            CatalogError: The type is unknown, or has no price in the Region (it may not be offered there).
        """
        row = indexed("ec2_prices", "instance_type").get(rows.instance_type(name).name, {})
        region = self.region if self.region in table("ec2_prices")[0] else PRICED_REGION
        field = row.get(region)
        if not field:
            raise CatalogError(
                f"The catalogue has no price for {name} in {self.region}",
                remedy="It may not be offered there; choose another type.",
            )
        usd, _, basis = field.partition("|")
        prices = f"ec2 {region}" if region == PRICED_REGION and basis in {"", "corrected"} else "ec2"
        return self._in_region(_price(float(usd), prices, basis or "listed", region))

    def db_price(self, name: str, engine: str, *, multi_az: bool = False) -> Price:
        """Price of an RDS class, per hour, with a standby for ``multi_az``; for Aurora that of one instance.

        An engine that needs a licence (Oracle, SQL Server, Db2) gets the price of PostgreSQL, and the basis says that
        the licence is missing.

        Args:
            name: ``db.m7g.large``.
            engine: As in ``AWS::RDS::DBInstance``: ``mysql``, ``postgres``, ``aurora-postgresql`` …
            multi_az: Whether there is a standby, which costs as much again.

        Raises:
            CatalogError: The class is unknown, or the catalogue has no price for that class and engine.
        """
        row = indexed("rds_classes", "db_class")[rows.db_class(name).name]
        aurora = engine.startswith(_AURORA)
        sold_as = _AURORA if aurora else engine if engine in _OPEN_ENGINES else _WITHOUT_LICENCE
        usd = row["usd_hour_aurora_standard" if aurora else f"usd_hour_{sold_as}"]
        if not usd:
            raise CatalogError(
                f"The catalogue has no price for {name} with {engine}",
                remedy="It may not be offered for that engine; choose another class.",
            )
        nodes = _NODE_WITH_STANDBY if multi_az and not aurora else 1.0
        price = _price(float(usd) * nodes, "rds", row[f"basis_{sold_as}"], PRICED_REGION)
        if sold_as not in (_AURORA, engine):
            basis = f"PostgreSQL price ({price.basis}); licences of {engine} are not in the catalogue"
            price = replace(price, confidence="C", basis=basis)
        return self._in_region(price)

    def cache_price(self, name: str, engine: str) -> Price:
        """Price of an ElastiCache node, per hour.

        Args:
            name: ``cache.r7g.large``.
            engine: ``redis``, ``valkey`` or ``memcached``.

        Raises:
            CatalogError: The node type or engine is unknown, or the node is not offered for the engine.
        """
        if engine not in _CACHE_COLUMNS:
            raise unknown(engine, "ElastiCache engine", _CACHE_COLUMNS)
        usd = indexed("elasticache_nodes", "node_type")[rows.cache_node(name).name][_CACHE_COLUMNS[engine]]
        if not usd:
            raise CatalogError(
                f"The catalogue has no price for {name} with {engine}",
                remedy="It may not be offered for that engine; choose another node type.",
            )
        return self._in_region(_price(float(usd), "elasticache", "listed", PRICED_REGION))

    def unit_price(self, service: str, item: str) -> Price:
        """A unit price of a service.

        Raises:
            CatalogError: There is none: a mistake in this package.
        """
        prices = indexed("unit_prices", "service", "item")
        key = f"{service}/{item}"
        if key not in prices:
            raise unknown(key, "unit price", prices)
        row = prices[key]
        return self._in_region(
            Price(
                usd=float(row["usd"]),
                unit=row["unit"],
                region=row["region"],
                source=row["source"],
                date=row["source_date"],
                confidence=row["confidence"],
            )
        )

    def _in_region(self, price: Price) -> Price:
        """The same price, which says so if it is another Region's."""
        if price.region in {self.region, GLOBAL}:
            return price
        basis = ELSEWHERE if price.basis == "listed" else f"{ELSEWHERE}; {price.basis}"
        return replace(price, confidence="C", basis=basis)


def _price(usd: float, prices: str, basis: str, region: str) -> Price:
    row = indexed("price_bases", "table", "basis")[f"{prices}/{basis}"]
    return Price(
        usd=usd,
        unit="hour",
        region=region,
        source=row["source"],
        date=row["date"],
        confidence=row["confidence"],
        basis=row["meaning"],
    )


@cache
def load_catalog(region: str = PRICED_REGION) -> Catalog:
    """The catalogue of a Region.

    Raises:
        CatalogError: There is no such Region. One without prices of its own gets those of us-east-1, and says so.
    """
    regions = indexed("regions", "region")
    if region not in regions:
        raise unknown(region, "AWS Region", regions)
    return Catalog(region)
