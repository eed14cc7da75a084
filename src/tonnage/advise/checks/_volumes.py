"""EBS volumes wherever a template writes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tonnage.advise.checks._face import NotKnownError, items, number, text
from tonnage.workload import Resource

VOLUME_KINDS = (
    "AWS::EC2::Volume",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
)
_MAPPINGS: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::Instance": ("BlockDeviceMappings",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "BlockDeviceMappings"),
    "AWS::AutoScaling::LaunchConfiguration": ("BlockDeviceMappings",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume as written.

    Attributes:
        path: Path of its properties below the resource's.
        type: Its type; gp2 where none is written, as the EC2 API has it.
        gib: Its size; None where it is that of a snapshot.
        iops: Provisioned IOPS; None where none are written.
        mibs: Provisioned throughput, MiB/s; None where none is written.
    """

    path: tuple[str | int, ...]
    type: str
    gib: float | None
    iops: float | None
    mibs: float | None


def volumes(resource: Resource) -> Iterator[Volume]:
    """The volumes of a resource.

    Raises:
        NotKnownError: A type, size or rate is not known from the files.
    """
    if resource.kind == "AWS::EC2::Volume":
        yield _volume(resource, (), "Size")
        return
    if resource.kind not in _MAPPINGS:
        raise NotKnownError(f"{resource.kind} has no volumes")
    path = _MAPPINGS[resource.kind]
    for k, mapping in enumerate(items(resource, *path)):
        if isinstance(mapping, Mapping) and isinstance(mapping.get("Ebs"), Mapping):
            yield _volume(resource, (*path, k, "Ebs"), "VolumeSize")


def _volume(resource: Resource, path: tuple[str | int, ...], size: str) -> Volume:
    return Volume(
        path=path,
        type=text(resource, *path, "VolumeType") or "gp2",
        gib=number(resource, *path, size),
        iops=number(resource, *path, "Iops"),
        mibs=number(resource, *path, "Throughput"),
    )
