"""An account read into a stack: every reader asked, names turned into references, plain texts left out.

Environment values and parameters that name no resource of the account are not kept: they may be secrets.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tonnage.iac.account.answered_defaults import without_defaults
from tonnage.iac.account.found import Found
from tonnage.iac.account.services import readers
from tonnage.iac.intrinsic import assemble
from tonnage.workload import Place, Reference, Resource, Stack, TemplateError, Value

_CLIENT_CONFIG = {"retries": {"mode": "adaptive", "max_attempts": 10}}


def policy() -> dict[str, object]:
    """The IAM policy that reading needs, no more."""
    actions = sorted({call for reader in readers().values() for call in reader.CALLS})
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


def read_account(
    region: str,
    *,
    tags: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
    endpoint_url: str | None = None,
) -> Stack:
    """Read what an account has in a Region.

    Args:
        region: The Region.
        tags: Of resources that have tags, only those with these; resources whose listing has no tags are kept.
        progress: Told which service is being read.
        endpoint_url: Where to ask instead of AWS.

    Raises:
        TemplateError: boto3 is not there, there are no credentials, or nothing could be read.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise TemplateError(
            "Reading an account needs boto3", remedy="Install it: pip install 'tonnage[aws]'."
        ) from None
    session = boto3.session.Session(region_name=region)
    clients: dict[str, Any] = {}

    notes: dict[str, None] = {}

    def softly(service: str, operation: str, key: str, **arguments: object) -> Iterator[Any]:
        try:
            yield from ask(service, operation, key, **arguments)
        except ClientError as error:
            said = error.response.get("Error", {})
            what = str(said.get("Message") or "").partition("\n")[0][:200]
            notes.setdefault(f"{service}: {error.operation_name} was refused: {said.get('Code')}: {what}")

    def ask(service: str, operation: str, key: str, **arguments: object) -> Iterator[Any]:
        client = clients.get(service)
        if client is None:
            config = Config(**_CLIENT_CONFIG)
            client = clients[service] = session.client(service, endpoint_url=endpoint_url, config=config)
        pages: Iterable[Any]
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate(**arguments)
        else:
            pages = [getattr(client, operation)(**arguments)]
        for page in pages:
            value = page.get(key)
            if isinstance(value, list):
                yield from value
            elif value is not None:
                yield value

    found: list[Found] = []
    for name, reader in readers().items():
        progress(f"reading {name.replace('_', ' ')}")
        try:
            found += reader.read(softly)
        except BotoCoreError as error:
            if not found:
                raise TemplateError(
                    f"The account cannot be asked: {error}", remedy="Give credentials as for the AWS command line."
                ) from None
            notes.setdefault(f"{name.replace('_', ' ')} were not read to the end: {error}")
    kept = [each for each in found if not tags or not each.tags or tags.items() <= each.tags.items()]
    if not kept:
        raise TemplateError(
            f"Nothing was found in {region}" + (f": {next(iter(notes))}" if notes else ""),
            remedy="Check the Region, the tags and what the credentials may read ('tonnage account policy').",
        )
    return linked(kept, region, notes)


def linked(found: Iterable[Found], region: str, notes: Iterable[str] = ()) -> Stack:
    """A stack of what was found, with references where one resource names another."""
    named: dict[str, Found] = {}
    known: dict[str, Reference] = {}
    for each in found:
        logical = _logical_id(each.name, named)
        named[logical] = each
        known.update({text: Reference(logical, attribute) for text, attribute in each.identifiers.items() if text})
    resources = {}
    for logical, each in named.items():
        resources[logical] = Resource(
            name=logical,
            kind=each.kind,
            properties={
                name: _value(value, known, logical, secret=name in _PRIVATE)
                for name, value in without_defaults(each.kind, each.properties).items()
            },
            place=Place(file=region, line=1),
        )
    return Stack(file=region, resources=resources, region=region, notes=tuple(notes))


_PRIVATE = frozenset({"Environment", "ContainerDefinitions"})
_KEPT_TEXTS = frozenset({"Name", "Cpu", "Memory", "MemoryReservation", "Essential", "ContainerPort"})


def _logical_id(name: str, taken: Mapping[str, Found]) -> str:
    pieces = re.findall(r"[A-Za-z0-9]+", name)
    base = "".join(piece[:1].upper() + piece[1:] for piece in pieces)[:200] or "Resource"
    logical, number = base, 2
    while logical in taken:
        logical, number = f"{base}{number}", number + 1
    return logical


def _value(value: Value, known: Mapping[str, Reference], own: str, *, secret: bool) -> Value:
    """A value with references; texts that name nothing are left out where they may be secrets."""
    if isinstance(value, str):
        reference = known.get(value)
        if reference is not None and reference.resource != own:
            return reference
        parts = _parts(value, known, own)
        if parts is not None:
            return parts
        return None if secret else value
    if isinstance(value, tuple):
        return tuple(_value(each, known, own, secret=secret) for each in value)
    if isinstance(value, Mapping):
        made = {
            key: each if key in _KEPT_TEXTS and not isinstance(each, tuple | Mapping)
            else _value(each, known, own, secret=secret)
            for key, each in value.items()
        }  # fmt: skip
        return {key: each for key, each in made.items() if each is not None}
    return value


def _parts(text: str, known: Mapping[str, Reference], own: str) -> Value:
    """A text that holds an address, an ARN or a URL of a resource, or a path of names; None for any other."""
    for identifier, reference in known.items():
        if len(identifier) > 8 and identifier in text and reference.resource != own:
            before, _, after = text.partition(identifier)
            # What stands around an address may be a password: only an ARN's own continuation is kept.
            return (
                assemble([before, reference, after]) if text.startswith(("arn:", "table/", "service/")) else reference
            )
    head, _, last = text.rpartition("/")
    if head in {"table", "cluster", "replication-group"} and last in known:
        return assemble([f"{head}/", known[last]])
    return None
