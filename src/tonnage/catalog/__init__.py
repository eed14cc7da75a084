"""AWS facts as sourced data: types, classes, nodes, prices, limits. Nothing is read before it is asked for."""

from tonnage.catalog.catalog import Catalog, load_catalog
from tonnage.catalog.facts import Fact, fact, known_fact
from tonnage.catalog.neighbours import (
    find_instance_types,
    larger_cache_node,
    larger_db_class,
    larger_instance_type,
    newer_cache_nodes,
    newer_db_classes,
    newer_instance_types,
    steady_db_classes,
    steady_instance_types,
)
from tonnage.catalog.refreshed import product_price, refreshed_tables, write_tables
from tonnage.catalog.relative_speed import relative_speed
from tonnage.catalog.round_trip import Spot, region_spots, round_trip, spot
from tonnage.catalog.selection import (
    DEFAULT_ENGINES,
    Bounds,
    Candidate,
    Criteria,
    Kind,
    Machine,
    Sorting,
    bounds,
    in_the_way,
    machine_of,
    price_of,
    select,
)
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType, Price

__all__ = [
    "DEFAULT_ENGINES",
    "Bounds",
    "CacheNodeType",
    "Candidate",
    "Catalog",
    "Criteria",
    "DBInstanceClass",
    "EC2InstanceType",
    "Fact",
    "Kind",
    "Machine",
    "Price",
    "Sorting",
    "Spot",
    "bounds",
    "fact",
    "find_instance_types",
    "in_the_way",
    "known_fact",
    "larger_cache_node",
    "larger_db_class",
    "larger_instance_type",
    "load_catalog",
    "machine_of",
    "newer_cache_nodes",
    "newer_db_classes",
    "newer_instance_types",
    "price_of",
    "product_price",
    "refreshed_tables",
    "region_spots",
    "relative_speed",
    "round_trip",
    "select",
    "spot",
    "steady_db_classes",
    "steady_instance_types",
    "write_tables",
]
