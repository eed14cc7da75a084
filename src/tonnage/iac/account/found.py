"""What a service's reader gives: resources in CloudFormation's vocabulary, with the names that others use for them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tonnage.workload import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One resource of an account.

    Attributes:
        kind: CloudFormation resource type.
        name: What people call it; its logical id is made of it.
        properties: As CloudFormation has them; whatever names another resource is what AWS answered.
        identifiers: Every string that stands for it elsewhere (ARN, id, URL, address), to the attribute that it is;
            None for the resource itself.
        tags: Its tags, where the answer has them.
        physical_id: What AWS knows it by, as CloudFormation's physical id is; the first identifier where nothing is
            said.
    """

    kind: str
    name: str
    properties: Mapping[str, Value]
    identifiers: Mapping[str, str | None] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    physical_id: str = ""


class Ask(Protocol):
    """How a reader asks an account.

    Attributes:
        region: The Region that is read.
    """

    region: str

    def __call__(self, service: str, operation: str, key: str, **arguments: object) -> Iterator[Any]:
        """Items of all pages below a key of the answers; the value itself where it is no list.

        Args:
            service: boto3's name of the client.
            operation: Its method.
            key: Member of the answer.
            arguments: What the method is given.
        """


class Reader(Protocol):
    """The face of a module in ``services``."""

    CALLS: tuple[str, ...]
    """What it asks, as IAM's actions: ``ec2:DescribeInstances``."""
    read: "Callable[[Ask], Iterator[Found]]"


def plain(value: object) -> Value:
    """An answer of boto3 as a value."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(each) for each in value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def picked(answer: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Value]:
    """Some members of an answer that are there, under their names or others.

    Args:
        answer: The answer.
        names: Members that keep their names.
        renamed: Property by member.
    """
    wanted = {**{name: name for name in names}, **renamed}
    return {
        new: plain(answer[old])
        for old, new in wanted.items()
        if answer.get(old) is not None and answer[old] not in ("", [], {})
    }


def tags_of(items: object) -> dict[str, str]:
    """Tags of an answer, whichever way it spells them."""
    if isinstance(items, Mapping):
        return {str(key): str(value) for key, value in items.items()}
    found = {}
    for each in items if isinstance(items, list) else ():
        key = each.get("Key", each.get("key"))
        found[str(key)] = str(each.get("Value", each.get("value", "")))
    return found
