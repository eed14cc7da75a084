"""What an expert would try instead of a type: newer, steadier, larger. Only what has a price in the Region.

Whether an alternative helps is for the simulation to say; whether the code runs on arm64 is for the user. ``-flex``
families are never proposed: they run at 40 % of their speed for some of the day, which is not modelled.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from tonnage.catalog.catalog import Catalog
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType
from tonnage.workload import CatalogError

_Kind = TypeVar("_Kind", EC2InstanceType, DBInstanceClass, CacheNodeType)

_FAMILY = re.compile(r"([a-z]+)\d+([a-z]*)(.*)")
_PROCESSOR_LETTERS = str.maketrans("", "", "agi")
_GENERAL = ("c", "m", "r")
_FASTER = 1.05
"""A type counts as newer if its vCPU is estimated to be at least this much faster."""
_OLDEST_STEADY = 6
"""Before the sixth generation, types cost as much as their successors and do less."""
_LEAST_VCPUS = 2
_LEAST_MEMORY, _MOST_MEMORY = 0.93, 1.25
"""Memory of the same class: c4.large has 3.75 GiB where c5.large has 4."""


def find_instance_types(
    catalog: Catalog,
    *,
    min_vcpus: int,
    min_memory_gib: float,
    arch: str | None = None,
    burstable: bool | None = None,
    current_generation: bool = True,
    series: Iterable[str] = _GENERAL,
) -> tuple[EC2InstanceType, ...]:
    """Virtual types without accelerators of at least a size, cheapest first.

    Args:
        catalog: Facts of the Region.
        min_vcpus: Least vCPUs.
        min_memory_gib: Least memory.
        arch: ``x86_64`` or ``arm64``; None for either.
        burstable: Whether it may, or must, live on CPU credits; None for either. With True, name ``t`` in ``series``.
        current_generation: Whether to leave out what AWS calls a previous generation.
        series: Letters before the generation: ``m``, ``c``, ``r``, ``t`` …
    """
    wanted = frozenset(series)
    found = (
        each
        for each in catalog.instance_types()
        if _series(each) in wanted
        and each.vcpus >= min_vcpus
        and each.memory_gib >= min_memory_gib
        and arch in {None, each.arch}
        and burstable in {None, each.burstable}
        and (each.current_generation or not current_generation)
        and _virtual(each)
    )
    return _by_price(found, lambda each: catalog.instance_price(each.name).usd)


def newer_instance_types(catalog: Catalog, name: str) -> tuple[EC2InstanceType, ...]:
    """Types of the same shape with a faster vCPU, newest generation first, cheapest first within one.

    The same shape is the same series (``m``), the same extras (``d`` for local disks, ``n`` for network), the same
    vCPUs or size, and the same class of memory.
    """
    now = catalog.instance_type(name)
    found = (each for each in catalog.instance_types() if _virtual(each) and _newer(each, now))
    return _newest_first(found, lambda each: catalog.instance_price(each.name).usd)


def steady_instance_types(catalog: Catalog, name: str) -> tuple[EC2InstanceType, ...]:
    """Types without CPU credits of at least the size of a burstable one, cheapest first; none if it is not burstable.

    A type on Graviton is answered with Graviton only: its code need not run on x86_64.
    """
    now = catalog.instance_type(name)
    if not now.burstable:
        return ()
    found = find_instance_types(
        catalog,
        min_vcpus=max(_LEAST_VCPUS, now.vcpus),
        min_memory_gib=now.memory_gib,
        arch="arm64" if now.arch == "arm64" else None,
        burstable=False,
        current_generation=False,
    )
    return tuple(each for each in found if _steady(each, now))


def larger_instance_type(catalog: Catalog, name: str) -> EC2InstanceType | None:
    """The next size up in the same family, or None."""
    now = catalog.instance_type(name)
    found = (each for each in catalog.instance_types() if not each.bare_metal and _larger(each, now))
    return _first(_by_price(found, lambda each: catalog.instance_price(each.name).usd))


def newer_db_classes(catalog: Catalog, name: str, engine: str) -> tuple[DBInstanceClass, ...]:
    """Classes of the same shape on a faster processor that the engine offers, newest generation first."""
    now = catalog.db_class(name)
    found = (each for each in catalog.db_classes() if engine in each.engines and _newer(each, now))
    return _newest_first(found, lambda each: catalog.db_price(each.name, engine).usd)


def steady_db_classes(catalog: Catalog, name: str, engine: str) -> tuple[DBInstanceClass, ...]:
    """Classes without CPU credits of at least the size of a burstable one, cheapest first; none if it is steady.

    A managed database runs on Graviton as it does on x86_64, so both are answered.
    """
    now = catalog.db_class(name)
    if not now.burstable:
        return ()
    found = (
        each for each in catalog.db_classes() if engine in each.engines and not each.burstable and _steady(each, now)
    )
    return _by_price(found, lambda each: catalog.db_price(each.name, engine).usd)


def larger_db_class(catalog: Catalog, name: str, engine: str) -> DBInstanceClass | None:
    """The next size up in the same family that the engine offers, or None."""
    now = catalog.db_class(name)
    found = (each for each in catalog.db_classes() if engine in each.engines and _larger(each, now))
    return _first(_by_price(found, lambda each: catalog.db_price(each.name, engine).usd))


def newer_cache_nodes(catalog: Catalog, name: str, engine: str) -> tuple[CacheNodeType, ...]:
    """Nodes of the same shape on a faster processor, newest generation first."""
    now = catalog.cache_node(name)
    found = (each for each in catalog.cache_nodes() if _newer(each, now))
    return _newest_first(found, lambda each: catalog.cache_price(each.name, engine).usd)


def larger_cache_node(catalog: Catalog, name: str, engine: str) -> CacheNodeType | None:
    """The next size up in the same family, or None."""
    now = catalog.cache_node(name)
    found = (each for each in catalog.cache_nodes() if each.family == now.family and each.memory_gib > now.memory_gib)
    return _first(_by_price(found, lambda each: catalog.cache_price(each.name, engine).usd))


def _virtual(each: EC2InstanceType) -> bool:
    return not (each.bare_metal or each.accelerated or each.family.endswith("-flex"))


def _parts(family: str) -> tuple[str, str]:
    """Series and extras of a family: ``c`` and ``n`` for ``c7gn``; processor letters are no extras."""
    match = _FAMILY.fullmatch(family)
    return (match[1], match[2].translate(_PROCESSOR_LETTERS) + match[3]) if match else (family, "")


def _series(each: EC2InstanceType) -> str:
    return _parts(each.family)[0]


def _newer(other: _Kind, now: _Kind) -> bool:
    same_size = other.vcpus == now.vcpus or other.name.rpartition(".")[2] == now.name.rpartition(".")[2]
    return (
        _parts(other.family) == _parts(now.family)
        and same_size
        and _LEAST_MEMORY <= other.memory_gib / now.memory_gib <= _MOST_MEMORY
        and other.relative_speed.value >= now.relative_speed.value * _FASTER
    )


def _steady(other: EC2InstanceType | DBInstanceClass, now: EC2InstanceType | DBInstanceClass) -> bool:
    series, extras = _parts(other.family)
    return (
        series in _GENERAL
        and not extras
        and other.generation >= _OLDEST_STEADY
        and other.vcpus == max(_LEAST_VCPUS, now.vcpus)
        and other.memory_gib >= now.memory_gib
    )


def _larger(other: _Kind, now: _Kind) -> bool:
    return other.family == now.family and (other.vcpus, other.memory_gib) > (now.vcpus, now.memory_gib)


def _first(found: tuple[_Kind, ...]) -> _Kind | None:
    return found[0] if found else None


def _priced(found: Iterable[_Kind], price: Callable[[_Kind], float]) -> list[tuple[float, _Kind]]:
    """Those that have a price, with it."""
    priced: list[tuple[float, _Kind]] = []
    for each in found:
        try:
            priced.append((price(each), each))
        except CatalogError:
            continue
    return priced


def _by_price(found: Iterable[_Kind], price: Callable[[_Kind], float]) -> tuple[_Kind, ...]:
    return tuple(each for _, each in sorted(_priced(found, price), key=lambda item: (item[0], item[1].name)))


def _newest_first(found: Iterable[_Kind], price: Callable[[_Kind], float]) -> tuple[_Kind, ...]:
    by_age = sorted(_priced(found, price), key=lambda item: (-item[1].generation, item[0], item[1].name))
    return tuple(each for _, each in by_age)
