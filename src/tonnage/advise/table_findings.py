"""Findings about the keys of a table: one that is asked for more than any partition serves."""

from collections.abc import Iterator

from tonnage.advise.finding import Finding
from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.services import PartitionSplit


def table_findings(compiled: Compiled, rule: PartitionSplit, factor: float) -> Iterator[Finding]:
    """Where the hottest key alone is asked for more than its partition serves at the peak: no capacity helps there."""
    per_request = compiled.means.tokens.get(rule.bucket, 0.0) / rule.share * rule.key_share
    asked_per_s = per_request * factor * compiled.workload.traffic.peak_per_s
    if asked_per_s <= rule.limit_per_s:
        return
    name = component_of(rule.bucket)
    kind = "write" if rule.bucket.endswith("writes") else "read"
    yield Finding(
        component=name,
        what=f"its hottest key is asked for {asked_per_s:,.0f} {kind} units/s at the highest peak judged, but a "
        f"partition serves {rule.limit_per_s:,.0f}, whatever the table has",
        remedy=(
            "Spread the key over several by a suffix (write sharding), or gather its writes before they are made."
            if kind == "write"
            else "Cache the key (DAX, ElastiCache, in the process), or keep copies of it under several keys."
        ),
        place=compiled.workload.components[name].place,
    )
