"""Tasks of ECS services: UpdateService."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::ECS::Service"
PROPERTIES = ("DesiredCount",)
CREATES = False
CALLS = ("ecs:UpdateService",)


def steps(wanted: Wanted) -> Iterator[Step]:
    """The number of tasks; a policy that scales the service changes it further."""
    now = wanted.now or {}
    yield Step(
        resource=wanted.resource,
        says=wanted.says(),
        call=_update(wanted.physical_id, wanted.wanted),
        undo=_update(wanted.physical_id, now),
    )


def _update(own: str, properties: Mapping[str, Value]) -> Call:
    # …:service/cluster/name
    _, cluster, service = own.rsplit("/", 2)
    return Call(
        service="ecs",
        operation="update_service",
        arguments={"cluster": cluster, "service": service, "desiredCount": number(properties["DesiredCount"])},
    )
