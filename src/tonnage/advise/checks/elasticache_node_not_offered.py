"""A cache node type that does not exist, or that its engine does not run on."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View, text
from tonnage.workload import CatalogError, Resource


def _look(resource: Resource, view: View) -> Iterator[Hit]:
    name, engine = text(resource, "CacheNodeType"), text(resource, "Engine")
    if name is None:
        return
    try:
        view.catalog.cache_node(name)
        if engine is not None:
            view.catalog.cache_price(name, engine.lower())
    except CatalogError as error:
        yield Hit(what=error.what, path=("CacheNodeType",), remedy=error.remedy or "")


CHECK = Check(
    id="elasticache-node-not-offered",
    title="The cache node type exists, and its engine runs on it",
    why="A cache of a node type that is not offered for its engine cannot be created.",
    remedy="Choose another node type.",
    source="Amazon ElastiCache user guide, supported node types",
    best_practice="PERF02-BP01",
    severity="impossible",
    kinds=("AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"),
    look=_look,
)
