"""What an expert would try on a DynamoDB table: capacity, the other billing mode, warm throughput."""

from collections.abc import Iterator, Mapping

from tonnage.catalog import fact
from tonnage.services._face import Situation
from tonnage.services._properties import number_in
from tonnage.workload import Change, Component, Value

ON_DEMAND = "PAY_PER_REQUEST"
UNITS: Mapping[str, str] = {"reads": "ReadCapacityUnits", "writes": "WriteCapacityUnits"}
WARM: Mapping[str, str] = {
    "reads": "WarmThroughput.ReadUnitsPerSecond",
    "writes": "WarmThroughput.WriteUnitsPerSecond",
}
MAXIMUM: Mapping[str, str] = {
    "reads": "OnDemandThroughput.MaxReadRequestUnits",
    "writes": "OnDemandThroughput.MaxWriteRequestUnits",
}

_THROUGHPUT = "ProvisionedThroughput"
HEADROOM = 0.7
"""Share of the capacity that a peak should use (DynamoDB developer guide: auto scaling targets 70 %)."""
_IDLE = 0.7
"""Capacity is idle where the peak with headroom needs less than this share of it."""


def table_knobs(component: Component, situation: Situation, *, on_demand: bool) -> Iterator[Change]:
    """Changes worth trying, most promising first."""
    wanted = {
        part: max(1, round(situation.peak_visits_per_s * situation.per_visit.get(part, 0.0) / HEADROOM))
        for part in UNITS
    }
    if on_demand:
        yield from _on_demand(component, situation, wanted)
    else:
        yield from _provisioned(component, wanted)


def _provisioned(component: Component, wanted: Mapping[str, int]) -> Iterator[Change]:
    now = {part: number_in(component.settings.get(name)) or 5.0 for part, name in UNITS.items()}
    for part, name in UNITS.items():
        if name in component.origins and wanted[part] > now[part]:
            yield _change(component, name, wanted[part], f"the peak at {HEADROOM:.0%} of the capacity")
            yield _change(component, name, 2 * wanted[part], "room for twice the peak")
    if "BillingMode" in component.origins and not _indexes(component):
        there = UNITS["reads"] in component.settings
        # The table goes on with what it was provisioned for: that much it is warm for, and to say so costs nothing.
        kept = [part for part in UNITS if now[part] > fact(f"dynamodb.on_demand_{part}_per_s").value]
        warm = [_change(component, WARM[part], now[part], "") for part in kept if now[part] > _warm(component, part)]
        yield _change(
            component,
            "BillingMode",
            ON_DEMAND,
            "an on-demand table takes 4,000 writes and 12,000 reads per second at once, and twice its previous peak",
            also=(*([_change(component, _THROUGHPUT, None, "", before="set")] if there else []), *warm),
        )
    for part, name in UNITS.items():
        if name in component.origins and 0 < wanted[part] < _IDLE * now[part]:
            yield _change(component, name, wanted[part], "more capacity is paid for than the peak uses")


def _on_demand(component: Component, situation: Situation, wanted: Mapping[str, int]) -> Iterator[Change]:
    if "throttle" in situation.pressures:
        for part, name in MAXIMUM.items():
            most = number_in(component.settings.get(name)) or -1.0
            if 0 < most < wanted[part]:
                yield _change(component, name, wanted[part], "its own maximum stands below the peak")
        for part, name in WARM.items():
            if name in component.origins and wanted[part] > _warm(component, part):
                yield _change(
                    component,
                    name,
                    wanted[part],
                    "a table warmed before an event serves its peak at once",
                    caveat="raising warm throughput is billed once by the unit, and it cannot be lowered again",
                )
    if "BillingMode" in component.origins and all(name in component.origins for name in UNITS.values()):
        if _indexes(component) or situation.peak_visits_per_s <= 0:
            return
        units = tuple(_change(component, name, wanted[part], "") for part, name in UNITS.items())
        yield _change(
            component,
            "BillingMode",
            "PROVISIONED",
            "steady use of provisioned capacity costs less than the same requests on demand",
            also=units,
            caveat="add auto scaling where the load swings",
        )


def _warm(component: Component, part: str) -> float:
    return number_in(component.settings.get(WARM[part])) or 0.0


def _indexes(component: Component) -> bool:
    return bool(component.settings.get("Indexes"))


def _change(
    component: Component,
    name: str,
    after: Value,
    because: str,
    *,
    before: Value = None,
    caveat: str = "",
    also: tuple[Change, ...] = (),
) -> Change:
    return Change(
        component=component.name,
        setting=name,
        before=component.settings.get(name) if before is None else before,
        after=after,
        because=because,
        caveat=caveat,
        also=also,
    )
