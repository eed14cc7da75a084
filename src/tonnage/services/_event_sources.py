"""Lambda event sources of queues and streams: mappings, and events of SAM functions.

Source: CloudFormation, AWS::Lambda::EventSourceMapping; AWS SAM developer guide, event sources of a function.
"""

from collections.abc import Iterator, Mapping

from tonnage.services._properties import Gathered
from tonnage.workload import Origin, Path, Resource, Stack, Value, references

POLLED = "EventSourceMapping"
"""Setting that says whether Lambda polls the source."""
_MAPPING = "AWS::Lambda::EventSourceMapping"
_SAM_FUNCTION = "AWS::Serverless::Function"


def gather_event_source(
    gathered: Gathered, resource: Resource, stack: Stack, settings: Mapping[str, Path], *, sam: tuple[str, str]
) -> None:
    """Take the settings of the first event source that polls a resource.

    Args:
        gathered: What is gathered.
        resource: The queue or stream.
        stack: All resources.
        settings: Setting to its path below the event source.
        sam: Type of the event in SAM, and the property that names the source.

    Raises:
        TemplateError: A setting is not a number.
    """
    for holder, path in _event_sources(resource, stack, *sam):
        gathered.settings[POLLED] = True
        at = path or ("EventSourceArn",)
        gathered.origins[POLLED] = Origin(resource=holder.name, path=at, place=holder.places.get(at))
        for name, below in settings.items():
            if holder.get(*path, *below) is not None:
                gathered.number(name, holder, *path, *below)
        return


def _event_sources(resource: Resource, stack: Stack, kind: str, name: str) -> Iterator[tuple[Resource, Path]]:
    for mapping in stack.of_kind(_MAPPING):
        if _refers(mapping.get("EventSourceArn"), resource):
            yield mapping, ()
    for function in stack.of_kind(_SAM_FUNCTION):
        events = function.get("Events")
        for key, event in events.items() if isinstance(events, Mapping) else ():
            if isinstance(event, Mapping) and event.get("Type") == kind:
                path: Path = ("Events", key, "Properties")
                if _refers(function.get(*path, name), resource):
                    yield function, path


def _refers(value: Value, resource: Resource) -> bool:
    return any(reference.resource == resource.name for reference in references(value))
