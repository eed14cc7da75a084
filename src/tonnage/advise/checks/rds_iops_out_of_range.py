"""Provisioned IOPS or throughput that the storage of a database instance cannot have."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View, number, text
from tonnage.catalog import fact
from tonnage.workload import Resource

_GP3_LEAST_GIB_PER_IOPS_SQL_SERVER = 2.0
_MUST = {"io1", "io2"}


def _look(resource: Resource, _: View) -> Iterator[Hit]:
    kind = text(resource, "StorageType")
    iops, mibs = number(resource, "Iops"), number(resource, "StorageThroughput")
    gib = number(resource, "AllocatedStorage")
    engine = text(resource, "Engine") or ""
    if engine.startswith("aurora"):
        return
    if kind in _MUST and iops is None:
        yield Hit(what=f"{kind} must be told its IOPS", path=("StorageType",), remedy="Give Iops, or choose gp3.")
    if kind == "gp2" and iops is not None:
        yield Hit(what=f"gp2 takes no IOPS, but {iops:,.0f} are given", path=("Iops",), remedy="Choose gp3.")
    if kind != "gp3" or gib is None:
        return
    striped_from = fact("rds.striped_from_gib").value
    if (iops is not None or mibs is not None) and gib < striped_from and _striped(engine):
        yield Hit(
            what=f"gp3 of {gib:,.0f} GiB always has {fact('ebs.gp3_baseline_iops').value:,.0f} IOPS; they can be set "
            f"from {striped_from:,.0f} GiB on",
            path=("Iops" if iops is not None else "StorageThroughput",),
            remedy=f"Allocate {striped_from:,.0f} GiB, or leave them out.",
        )
    elif iops is not None and mibs is not None and mibs > fact("ebs.gp3_mibs_per_iops").value * iops:
        yield Hit(
            what=f"{mibs:,.0f} MiB/s with {iops:,.0f} IOPS are more than 0.25 MiB/s per IOPS",
            path=("StorageThroughput",),
        )
    elif iops is not None and iops > fact("ebs.gp3_iops_per_gib").value * gib:
        yield Hit(what=f"{iops:,.0f} IOPS on {gib:,.0f} GiB are more than 500 per GiB", path=("Iops",))


def _striped(engine: str) -> bool:
    return engine in {"mysql", "mariadb", "postgres"}


CHECK = Check(
    id="rds-iops-out-of-range",
    title="IOPS and throughput are such as the storage of the database can have",
    why="RDS refuses storage whose IOPS and throughput do not fit its type and size.",
    remedy="Give a value inside the limits of the storage type.",
    source="Amazon RDS user guide, Amazon RDS DB instance storage",
    best_practice="PERF03-BP02",
    severity="impossible",
    kinds=("AWS::RDS::DBInstance",),
    look=_look,
)
