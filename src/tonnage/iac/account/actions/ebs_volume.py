"""Type, IOPS and throughput of EBS volumes: ModifyVolume.

The size is left: a volume can grow and never shrink again. A volume can be modified again after six hours (EBS user
guide, requirements for volume modifications), so that undoing may have to wait.
"""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::EC2::Volume"
PROPERTIES = ("VolumeType", "Iops", "Throughput")
CREATES = False
CALLS = ("ec2:ModifyVolume",)
_WITH_IOPS = ("io1", "io2", "gp3")


def steps(wanted: Wanted) -> Iterator[Step]:
    """The volume stays in use while it changes."""
    yield Step(
        resource=wanted.resource,
        says=wanted.says(),
        call=_modify(wanted.physical_id, wanted.wanted),
        undo=_modify(wanted.physical_id, wanted.now or {}),
    )


def _modify(own: str, properties: Mapping[str, Value]) -> Call:
    kind = str(properties.get("VolumeType") or "gp2")
    arguments: dict[str, object] = {"VolumeId": own, "VolumeType": kind}
    if kind in _WITH_IOPS and properties.get("Iops") is not None:
        arguments["Iops"] = number(properties["Iops"])
    if kind == "gp3" and properties.get("Throughput") is not None:
        arguments["Throughput"] = number(properties["Throughput"])
    return Call(service="ec2", operation="modify_volume", arguments=arguments)
