"""Batches and concurrency of event source mappings: UpdateEventSourceMapping."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, jsonable
from tonnage.workload import Value

KIND = "AWS::Lambda::EventSourceMapping"
PROPERTIES = ("BatchSize", "ParallelizationFactor", "ScalingConfig")
CREATES = False
CALLS = ("lambda:UpdateEventSourceMapping",)


def steps(wanted: Wanted) -> Iterator[Step]:
    """What was not set before goes back to what Lambda takes by itself."""
    now = wanted.now or {}
    names = [name for name in wanted.changed if wanted.wanted.get(name) is not None or name == "ScalingConfig"]
    if names:
        yield Step(
            resource=wanted.resource,
            says=wanted.says(*names),
            call=_update(wanted.physical_id, wanted.wanted, names),
            undo=_update(wanted.physical_id, now, names),
        )


def _update(own: str, properties: Mapping[str, Value], names: list[str]) -> Call:
    values = {
        name: jsonable(properties.get(name)) if properties.get(name) is not None else {}
        for name in names
        if properties.get(name) is not None or name == "ScalingConfig"
    }
    return Call(service="lambda", operation="update_event_source_mapping", arguments={"UUID": own, **values})
