"""What an expert would try instead of a type: newer, steadier, larger. Only what has a price, cheapest first."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from tonnage.catalog.catalog import Catalog
from tonnage.catalog.relative_speed import generation_of
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType
from tonnage.workload import CatalogError

_Kind = TypeVar("_Kind", EC2InstanceType, DBInstanceClass, CacheNodeType)
_SERIES = ("m", "c", "r")
_PLAIN = ("", "g", "i", "a")


def newer_instance_types(catalog: Catalog, name: str) -> tuple[EC2InstanceType, ...]:
    """Types of the same series, vCPUs and memory, of a later generation or on Graviton; newest generations first."""
    now = catalog.instance_type(name)
    found = [
        other
        for other in catalog.instance_types()
        if _plain(other.family)
        and _series(other.family) == _series(now.family)
        and other.vcpus == now.vcpus
        and other.memory_gib == now.memory_gib
        and not other.bare_metal
        and (other.relative_speed.value > now.relative_speed.value * 1.05)
    ]
    return _priced(found, lambda other: catalog.instance_price(other.name).usd, newest_first=True)


def steady_instance_types(catalog: Catalog, name: str) -> tuple[EC2InstanceType, ...]:
    """Types without CPU credits of at least the size of a burstable one, the nearest memory first; else nothing."""
    now = catalog.instance_type(name)
    if not now.burstable:
        return ()
    found = [
        other
        for other in catalog.instance_types()
        if _plain(other.family)
        and _series(other.family) in _SERIES
        and other.generation >= 6
        and not other.bare_metal
        and other.vcpus == max(2, now.vcpus)
        and other.memory_gib >= now.memory_gib
    ]
    return _priced(found, lambda other: catalog.instance_price(other.name).usd)


def larger_instance_type(catalog: Catalog, name: str) -> EC2InstanceType | None:
    """The next size up in the same family, or None."""
    now = catalog.instance_type(name)
    found = [o for o in catalog.instance_types() if o.family == now.family and not o.bare_metal]
    found = [o for o in found if (o.vcpus, o.memory_gib) > (now.vcpus, now.memory_gib)]
    priced = _priced(found, lambda other: catalog.instance_price(other.name).usd)
    return priced[0] if priced else None


def newer_db_classes(catalog: Catalog, name: str, engine: str) -> tuple[DBInstanceClass, ...]:
    """Classes of the same series, vCPUs and memory on a later generation; newest first."""
    now = catalog.db_class(name)
    found = [
        other
        for other in catalog.db_classes()
        if _plain(other.family)
        and _series(other.family) == _series(now.family)
        and other.vcpus == now.vcpus
        and abs(other.memory_gib - now.memory_gib) < 0.5
        and engine in other.engines
        and other.relative_speed.value > now.relative_speed.value * 1.05
    ]
    return _priced(found, lambda other: catalog.db_price(other.name, engine).usd, newest_first=True)


def steady_db_classes(catalog: Catalog, name: str, engine: str) -> tuple[DBInstanceClass, ...]:
    """Classes without CPU credits of at least the size of a burstable one, cheapest first; else nothing."""
    now = catalog.db_class(name)
    if not now.burstable:
        return ()
    found = [
        other
        for other in catalog.db_classes()
        if _plain(other.family)
        and _series(other.family) in ("m", "r")
        and generation_of(other.family) >= 6
        and other.vcpus == max(2, now.vcpus)
        and other.memory_gib >= now.memory_gib
        and engine in other.engines
    ]
    return _priced(found, lambda other: catalog.db_price(other.name, engine).usd)


def larger_db_class(catalog: Catalog, name: str, engine: str) -> DBInstanceClass | None:
    """The next size up in the same family, or None."""
    now = catalog.db_class(name)
    found = [
        other
        for other in catalog.db_classes()
        if other.family == now.family
        and engine in other.engines
        and (other.vcpus, other.memory_gib) > (now.vcpus, now.memory_gib)
    ]
    priced = _priced(found, lambda other: catalog.db_price(other.name, engine).usd)
    return priced[0] if priced else None


def newer_cache_nodes(catalog: Catalog, name: str, engine: str) -> tuple[CacheNodeType, ...]:
    """Nodes of the same series and vCPUs on a later generation; newest first."""
    now = catalog.cache_node(name)
    found = [
        other
        for other in catalog.cache_nodes()
        if _plain(other.family)
        and _series(other.family) == _series(now.family)
        and other.vcpus == now.vcpus
        and other.relative_speed.value > now.relative_speed.value * 1.05
    ]
    return _priced(found, lambda other: catalog.cache_price(other.name, engine).usd, newest_first=True)


def larger_cache_node(catalog: Catalog, name: str, engine: str) -> CacheNodeType | None:
    """The next size up in the same family, or None."""
    now = catalog.cache_node(name)
    found = [
        other
        for other in catalog.cache_nodes()
        if other.family == now.family and other.maxmemory_bytes > now.maxmemory_bytes
    ]
    priced = _priced(found, lambda other: catalog.cache_price(other.name, engine).usd)
    return priced[0] if priced else None


def _series(family: str) -> str:
    return family.rstrip("abcdefghijklmnopqrstuvwxyz-").rstrip("0123456789") or family


def _plain(family: str) -> bool:
    """Whether a family is a plain member of its series: no local disks, no extra network, not ``-flex``."""
    return family[len(_series(family)) :].lstrip("0123456789") in _PLAIN


def _priced(
    found: Iterable[_Kind], price: Callable[[_Kind], float], *, newest_first: bool = False
) -> tuple[_Kind, ...]:
    """Those with a price, cheapest first, or by generation with the newest first and the cheapest of each first."""
    priced: list[tuple[float, _Kind]] = []
    for each in found:
        try:
            priced.append((price(each), each))
        except CatalogError:
            continue
    if newest_first:
        priced.sort(key=lambda item: (-generation_of(item[1].family), item[0], item[1].name))
    else:
        priced.sort(key=lambda item: (item[0], item[1].name))
    return tuple(each for _, each in priced)
