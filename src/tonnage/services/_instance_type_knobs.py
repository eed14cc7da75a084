"""Other instance types that an expert would try first."""

from collections.abc import Iterator

from tonnage.catalog import (
    Catalog,
    EC2InstanceType,
    larger_instance_type,
    newer_instance_types,
    steady_instance_types,
)
from tonnage.services._face import Situation
from tonnage.services._types_to_try import ARM_CODE, one_of_each_architecture
from tonnage.workload import Change, Component

_BUSY = 0.7


def instance_type_knobs(
    component: Component, situation: Situation, catalog: Catalog, arch: str | None = None
) -> Iterator[Change]:
    """Types without CPU credits, of newer processors, and larger ones.

    Args:
        component: The component, with an ``InstanceType``.
        situation: What the simulation saw.
        catalog: The catalogue.
        arch: The only architecture that comes into question; None for both.

    Raises:
        CatalogError: The instance type is not known.
    """
    origin = component.origins.get("InstanceType")
    if origin is None:
        return
    now = catalog.instance_type(str(component.settings["InstanceType"]))
    names: dict[str, str] = {}
    if now.burstable:
        steady = [*one_of_each_architecture(steady_instance_types(catalog, now.name), now.arch)]
        for name in (*steady, *(newest for each in steady for newest in _newest(catalog, each))):
            names.setdefault(name, "it has no CPU credits that can run out")
    for name in one_of_each_architecture(newer_instance_types(catalog, now.name), now.arch):
        names.setdefault(name, "a newer processor does the same work in less time")
    larger = larger_instance_type(catalog, now.name)
    if larger is not None and (situation.pressures or situation.utilization > _BUSY):
        names.setdefault(larger.name, "an instance with more vCPUs queues less at the same utilization")
    for name, because in names.items():
        if arch is not None and catalog.instance_type(name).arch != arch:
            continue
        yield Change(
            component=component.name,
            setting="InstanceType",
            before=now.name,
            after=name,
            because=because,
            caveat=_caveat(now, catalog.instance_type(name)),
        )


def _newest(catalog: Catalog, name: str) -> tuple[str, ...]:
    """The newest type of the same architecture, if there is a newer one."""
    arch = catalog.instance_type(name).arch
    return tuple(each.name for each in newer_instance_types(catalog, name) if each.arch == arch)[:1]


def _caveat(now: EC2InstanceType, then: EC2InstanceType) -> str:
    if then.arch != now.arch:
        return ARM_CODE if then.arch == "arm64" else "image and code must run on x86_64"
    return "" if then.memory_gib >= now.memory_gib else f"memory falls to {then.memory_gib:g} GiB"
