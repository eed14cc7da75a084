"""Provisioned IOPS or throughput that a volume of this type and size cannot have."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.advise.checks._volumes import VOLUME_KINDS, Volume, volumes
from tonnage.catalog import fact
from tonnage.workload import Resource

_TYPES = ("gp3", "io1", "io2")


def _look(resource: Resource, _: View) -> Iterator[Hit]:
    for volume in volumes(resource):
        if volume.type in _TYPES:
            if volume.iops is not None:
                yield from _iops(volume, volume.iops)
            if volume.mibs is not None:
                yield from _throughput(volume, volume.mibs)


def _iops(volume: Volume, iops: float) -> Iterator[Hit]:
    path = (*volume.path, "Iops")
    least, most = fact(f"ebs.{volume.type}_least_iops").value, fact(f"ebs.{volume.type}_most_iops").value
    ratio = fact(f"ebs.{volume.type}_iops_per_gib").value
    if not least <= iops <= most:
        yield Hit(what=f"{volume.type} has {least:,.0f} to {most:,.0f} IOPS, not {iops:,.0f}", path=path)
    elif volume.gib is not None and iops > max(ratio * volume.gib, least):
        yield Hit(
            what=f"{iops:,.0f} IOPS on {volume.gib:,.0f} GiB are {iops / volume.gib:,.0f} per GiB; {volume.type} has "
            f"{ratio:,.0f} at most",
            path=path,
            remedy=f"Give at least {iops / ratio:,.0f} GiB, or at most {ratio * volume.gib:,.0f} IOPS.",
        )


def _throughput(volume: Volume, mibs: float) -> Iterator[Hit]:
    path = (*volume.path, "Throughput")
    if volume.type != "gp3":
        yield Hit(what=f"{volume.type} takes no throughput, but {mibs:,.0f} MiB/s are given", path=path)
        return
    least, most = fact("ebs.gp3_baseline_mibs").value, fact("ebs.gp3_most_mibs").value
    iops = volume.iops or fact("ebs.gp3_baseline_iops").value
    ratio = fact("ebs.gp3_mibs_per_iops").value
    if not least <= mibs <= most:
        yield Hit(what=f"gp3 has {least:,.0f} to {most:,.0f} MiB/s, not {mibs:,.0f}", path=path)
    elif mibs > ratio * iops:
        yield Hit(
            what=f"{mibs:,.0f} MiB/s with {iops:,.0f} IOPS are more than {ratio:g} MiB/s per IOPS",
            path=path,
            remedy=f"Give at least {mibs / ratio:,.0f} IOPS, or at most {ratio * iops:,.0f} MiB/s.",
        )


CHECK = Check(
    id="ebs-iops-out-of-range",
    title="IOPS and throughput are such as the volume can have",
    why="AWS refuses a volume whose IOPS do not fit its size, or whose throughput does not fit its IOPS.",
    remedy="Give a value inside the limits of the volume type.",
    source="Amazon EBS user guide, EBS volume types; EC2 API reference, CreateVolume",
    best_practice="PERF03-BP02",
    severity="impossible",
    kinds=VOLUME_KINDS,
    look=_look,
)
