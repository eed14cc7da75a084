"""IOPS given to a volume type that has none to set, or missing where they must be set."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.advise.checks._volumes import VOLUME_KINDS, volumes
from tonnage.workload import Resource

_MUST = {"io1", "io2"}
_MUST_NOT = {"gp2", "st1", "sc1", "standard"}


def _look(resource: Resource, _: View) -> Iterator[Hit]:
    for volume in volumes(resource):
        if volume.type in _MUST_NOT and volume.iops is not None:
            yield Hit(
                what=f"{volume.type} takes no IOPS, but {volume.iops:,.0f} are given", path=(*volume.path, "Iops")
            )
        elif volume.type in _MUST and volume.iops is None:
            yield Hit(what=f"{volume.type} must be told its IOPS", path=(*volume.path, "VolumeType"))


CHECK = Check(
    id="ebs-iops-ignored-or-missing",
    title="IOPS are given where the volume type has them",
    why="IOPS can be set for gp3, io1 and io2 alone; io1 and io2 have none of their own.",
    remedy="Choose gp3 and set its IOPS, or leave them out.",
    source="Amazon EBS user guide, EBS volume types; cfn-lint E3671, W3671",
    best_practice="PERF03-BP02",
    severity="impossible",
    kinds=VOLUME_KINDS,
    look=_look,
)
