"""An account read into a stack: every reader asked, names turned into references, plain texts left out.

Environment values and parameters that name no resource of the account are not kept: they may be secrets.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tonnage.iac.account import metrics
from tonnage.iac.account.actions import actions
from tonnage.iac.account.answered_defaults import without_defaults
from tonnage.iac.account.asking import Account
from tonnage.iac.account.found import Found
from tonnage.iac.account.services import readers
from tonnage.iac.intrinsic import assemble
from tonnage.workload import Place, Reference, Resource, Stack, TemplateError, Value


def policy(*, apply: bool = False) -> dict[str, object]:
    """The IAM policy that reading needs, no more.

    Args:
        apply: Whether it shall allow what 'tonnage apply' changes as well.
    """
    needed = {*metrics.CALLS, *(call for reader in readers().values() for call in reader.CALLS)}
    if apply:
        needed.update(call for action in actions().values() for call in action.CALLS)
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": sorted(needed), "Resource": "*"}]}


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
    account = Account(region, endpoint_url=endpoint_url)
    found: list[Found] = []
    for name, reader in readers().items():
        progress(f"reading {name.replace('_', ' ')}")
        found += reader.read(account)
    notes = list(account.notes)
    kept = [each for each in found if not tags or not each.tags or tags.items() <= each.tags.items()]
    if not kept:
        raise TemplateError(
            f"Nothing was found in {region}" + (f": {notes[0]}" if notes else ""),
            remedy="Check the Region, the tags and what the credentials may read ('tonnage account policy').",
        )
    return linked(kept, region, notes)


def linked(found: Iterable[Found], region: str, notes: Iterable[str] = ()) -> Stack:
    """A stack of what was found, with references where one resource names another."""
    named: dict[str, Found] = {}
    known: dict[str, Reference] = {}
    seen: set[tuple[str, str]] = set()
    for each in found:
        own = (each.kind, each.physical_id or next(iter(each.identifiers), each.name))
        if own in seen:
            continue
        seen.add(own)
        logical = _logical_id(each.name, named)
        named[logical] = replace(each, physical_id=own[1])
        known.update({text: Reference(logical, attribute) for text, attribute in each.identifiers.items() if text})
    resources = {}
    for logical, each in named.items():
        resources[logical] = Resource(
            name=logical,
            kind=each.kind,
            properties={
                name: _Links(known, logical, name in _PRIVATE).of(value, name)
                for name, value in without_defaults(each.kind, each.properties).items()
            },
            place=Place(file=region, line=1),
            attributes={"Metadata": {"Tonnage": {"PhysicalId": each.physical_id}}},
        )
    return Stack(file=region, resources=resources, region=region, notes=tuple(notes))


_PRIVATE = frozenset({"Environment", "ContainerDefinitions"})
"""Properties whose texts may be secrets."""
_KEPT_TEXTS = frozenset({"Name", "Cpu", "Memory", "MemoryReservation", "Essential", "ContainerPort"})
"""Members of private properties that are none."""
_NAMING = frozenset(
    {
        "AlarmActions", "ApiId", "AutoScalingGroupName", "Cluster", "ClusterName", "DBClusterIdentifier",
        "DBClusterIdentifiers", "DBInstanceIdentifiers", "DBProxyName", "EventBusName", "FileSystemId", "FunctionName",
        "Instances", "LaunchConfigurationName", "LaunchTemplateId", "LaunchTemplateName", "LoadBalancerNames",
        "CachePolicyId", "RestApiId", "SourceDBInstanceIdentifier", "TableName", "Value", "Variables", "Bucket",
    }
)  # fmt: skip
"""Properties that hold names of resources, as ``web`` may be; anywhere else only ARNs, ids and addresses are."""
_ID = re.compile(r"[a-z]+-[0-9a-f]{8,}|[a-z]+(-[a-z]+)*/.*")


def _logical_id(name: str, taken: Mapping[str, Found]) -> str:
    pieces = re.findall(r"[A-Za-z0-9]+", name)
    base = "".join(piece[:1].upper() + piece[1:] for piece in pieces)[:200] or "Resource"
    logical, number = base, 2
    while logical in taken:
        logical, number = f"{base}{number}", number + 1
    return logical


def _is_name(identifier: str) -> bool:
    """Whether a text may mean something else than the resource that is called so."""
    return not any(mark in identifier for mark in ":/.|") and not _ID.fullmatch(identifier)


@dataclass(frozen=True, slots=True)
class _Links:
    """Who is meant by which text, for the values of one resource."""

    known: Mapping[str, Reference]
    own: str
    secret: bool

    def of(self, value: Value, key: str) -> Value:
        """A value with references; texts that name nothing are left out where they may be secrets."""
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, tuple):
            return tuple(self.of(each, key) for each in value)
        if isinstance(value, Mapping):
            made = {
                name: each
                if self.secret and name in _KEPT_TEXTS and not isinstance(each, tuple | Mapping)
                else self.of(each, key if key == "Variables" else name)
                for name, each in value.items()
            }
            return {name: each for name, each in made.items() if each is not None}
        return value

    def _text(self, text: str, key: str) -> Value:
        if text.startswith("service/") and text in self.known:
            return assemble([f"{text.rpartition('/')[0]}/", self.known[text]])
        reference = self.known.get(text)
        if reference is not None and reference.resource != self.own and (key in _NAMING or not _is_name(text)):
            return reference
        parts = self._parts(text)
        if parts is not None:
            return parts
        return None if self.secret else text

    def _parts(self, text: str) -> Value:
        """A text that holds an address, an ARN or a URL of a resource, or a path of names; None for any other."""
        head, _, last = text.rpartition("/")
        if head in {"table", "cluster", "replication-group"} and last in self.known:
            return assemble([f"{head}/", self.known[last]])
        for identifier, reference in self.known.items():
            if len(identifier) > _SHORTEST and identifier in text and reference.resource != self.own:
                if _is_name(identifier):
                    continue
                before, _, after = text.partition(identifier)
                # What stands around an address may be a password: only an ARN's own continuation is kept.
                return assemble([before, reference, after]) if text.startswith("arn:") else reference
        return None


_SHORTEST = 8
"""An address is longer."""
