"""What an expert would try on a relational database: another class, another volume, more connections."""

from collections.abc import Iterator

from tonnage.catalog import Catalog, larger_db_class, newer_db_classes, steady_db_classes
from tonnage.services._face import Situation
from tonnage.services._properties import number_in
from tonnage.services._types_to_try import one_of_each_architecture
from tonnage.workload import Change, Component

_BUSY = 0.6
_RESTART = (
    "the instance restarts: minutes without the database, about one with a standby; the engine version must support "
    "the class"
)
_GROWS_ONLY = "storage cannot be made smaller again"
_GP2_MOST_USEFUL_GIB = 4000
_STRIPED_FROM_GIB = 400
_GP3_STRIPED_IOPS, _GP3_MOST = 12_000, 64_000


def class_knobs(component: Component, situation: Situation, catalog: Catalog, engine: str) -> Iterator[Change]:
    """Classes without credits, newer ones, larger ones. A managed database runs on Graviton without a change of code.

    Raises:
        CatalogError: The class is not known.
    """
    if "DBInstanceClass" not in component.origins:
        return
    now = catalog.db_class(str(component.settings["DBInstanceClass"]))
    names: dict[str, str] = {}
    if now.burstable:
        steady = [*one_of_each_architecture(steady_db_classes(catalog, now.name, engine), "arm64")]
        newest = [each.name for name in steady[:1] for each in newer_db_classes(catalog, name, engine)[:1]]
        for name in (*newest, *steady):
            names.setdefault(name, "it has no CPU credits that can run out or be billed")
    for name in one_of_each_architecture(newer_db_classes(catalog, now.name, engine), "arm64"):
        names.setdefault(name, "a newer processor does the same work in less time")
    if situation.pressures or situation.utilization > _BUSY:
        larger = larger_db_class(catalog, now.name, engine)
        twice = larger_db_class(catalog, larger.name, engine) if larger is not None else None
        for each in (larger, twice):
            if each is not None:
                names.setdefault(each.name, "more vCPUs, memory and connections")
    for name, because in names.items():
        yield Change(
            component=component.name,
            setting="DBInstanceClass",
            before=now.name,
            after=name,
            because=because,
            caveat=_RESTART,
        )


def connection_knobs(component: Component, situation: Situation, default: int) -> Iterator[Change]:
    """The engine's own limit where the parameter group sets a lower one."""
    own = number_in(component.settings.get("max_connections"))
    if "connections" not in situation.pressures or own is None or own >= default:
        return
    if "max_connections" in component.origins:
        yield Change(
            component=component.name,
            setting="max_connections",
            before=own,
            after=default,
            because="the parameter group allows fewer connections than the engine would by its memory",
            caveat="each connection takes some memory, 5 to 10 MB with PostgreSQL",
        )


def storage_knobs(
    component: Component, situation: Situation, kind: str, gib: float, *, striped: bool
) -> Iterator[Change]:
    """A volume type without a balance that runs out, more provisioned IOPS, or more storage where that brings IOPS."""
    full = "iops" in situation.pressures
    iops = number_in(component.settings.get("Iops"))
    if kind in {"gp2", "standard"} and "StorageType" in component.origins:
        yield Change(
            component=component.name,
            setting="StorageType",
            before=component.settings.get("StorageType"),
            after="gp3",
            because="gp3 has 3,000 IOPS (12,000 from 400 GiB) at any size, and no burst balance that runs out",
        )
    if not full:
        return
    if "AllocatedStorage" in component.origins:
        yield from _more_storage(component, kind, gib)
    if kind in {"io1", "io2"} or (kind == "gp3" and striped):
        before = iops if iops is not None else (_GP3_STRIPED_IOPS if kind == "gp3" else None)
        if before is not None and "Iops" in component.origins:
            for factor in (1.5, 2.0):
                after = min(round(before * factor), _GP3_MOST if kind == "gp3" else 256_000)
                if after > before:
                    yield Change(
                        component=component.name,
                        setting="Iops",
                        before=iops,
                        after=after,
                        because="the volume is at its provisioned IOPS",
                    )
    if kind == "io1" and iops is not None and "StorageType" in component.origins:
        yield Change(
            component=component.name,
            setting="StorageType",
            before=component.settings.get("StorageType"),
            after="io2",
            because="io2 answers in less than a millisecond on average",
        )


def _more_storage(component: Component, kind: str, gib: float) -> Iterator[Change]:
    """gp2 earns 3 IOPS per GiB; both types are striped over four volumes from 400 GiB."""
    wanted: list[int] = []
    if kind in {"gp2", "gp3"} and gib < _STRIPED_FROM_GIB and not _of_sql_server(component):
        wanted.append(_STRIPED_FROM_GIB)
    if kind == "gp2" and gib < _GP2_MOST_USEFUL_GIB:
        wanted.append(round(gib * 2))
    for after in dict.fromkeys(wanted):
        if after > gib:
            yield Change(
                component=component.name,
                setting="AllocatedStorage",
                before=component.settings.get("AllocatedStorage"),
                after=after,
                because="a larger volume has more IOPS",
                caveat=_GROWS_ONLY,
            )


def _of_sql_server(component: Component) -> bool:
    return str(component.settings.get("Engine", "")).startswith("sqlserver-")
