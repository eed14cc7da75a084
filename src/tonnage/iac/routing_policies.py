"""Routing policies of Route 53 in words: which share of the clients a record sends where, and by what.

Source: Amazon Route 53 developer guide, "Choosing a routing policy".
"""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import Wiring
from tonnage.workload import Reference, Text, Value

_RECORD, _GROUP = "AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup"


def routing_policies(wiring: Wiring) -> Iterator[str]:
    """A sentence for each name whose records have a routing policy; simple routing needs none."""
    found: dict[str, dict[str, list[str]]] = {}
    for resource in wiring.stack.of_kind(_RECORD, _GROUP):
        listed = resource.get("RecordSets") if resource.kind == _GROUP else (resource.properties,)
        for record in listed if isinstance(listed, tuple) else ():
            if not isinstance(record, Mapping):
                continue
            how = _policy(record)
            if how is not None:
                policy, choice = how
                to = wiring.first((record.get("AliasTarget"), record.get("ResourceRecords"))) or "an address outside"
                found.setdefault(_shown(record.get("Name")), {}).setdefault(policy, []).append(f"{choice} to {to}")
    for name, policies in found.items():
        for policy, choices in policies.items():
            yield (
                f"Route 53 answers for {name} by {policy} ({', '.join(choices)}): the traffic given is taken as what "
                "reaches this Region"
            )


def _policy(record: Mapping[str, Value]) -> tuple[str, str] | None:
    """The routing policy of a record, and what of it this record takes."""
    if record.get("Region") is not None:
        return "latency", _shown(record["Region"])
    if record.get("Weight") is not None:
        return "weight", _shown(record["Weight"])
    where = record.get("GeoLocation") or record.get("GeoProximityLocation")
    if isinstance(where, Mapping):
        return "geolocation", " ".join(_shown(value) for value in where.values())
    if record.get("Failover") is not None:
        return "failover", _shown(record["Failover"]).lower()
    if record.get("MultiValueAnswer") is True:
        return "multivalue answer", "one of several"
    return None


def _shown(value: Value) -> str:
    """A value in a few characters; what is known only after deployment by its name."""
    if isinstance(value, Text):
        return "".join(_shown(part) for part in value.parts)
    if isinstance(value, Reference):
        return value.resource
    return str(value) if isinstance(value, str | int | float) else "a name outside"
