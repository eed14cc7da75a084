"""What a workload costs in a month, from what the simulation saw it do.

Instances and credits are those of the 24 hours that end with the judged peak; requests are those of the whole traffic
history at its mean rate. A month has 730 hours, as on AWS's price pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.engine.outcome import Outcome
from tonnage.engine.primitives import Fleet
from tonnage.services import Cost, Usage, room
from tonnage.simulate import Day
from tonnage.workload import CatalogError

HOURS_PER_MONTH = 730.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyCost:
    """Cost of a month.

    Attributes:
        usd: All components together.
        components: By component.
        notes: What is estimated or left out.
    """

    usd: float
    components: Mapping[str, float]
    notes: tuple[str, ...]


def monthly_cost(compiled: Compiled, day: Day, outcome: Outcome) -> MonthlyCost:
    """Price all components of a workload under one outcome."""
    workload = compiled.workload
    mean_per_s = workload.traffic.mean_per_s * outcome.factor
    parts: dict[str, float] = {}
    notes: list[str] = []
    for name, component in workload.components.items():
        seen = outcome.components[name]
        # Requests that a service throttles are not billed.
        served_per_s = max(0.0, seen.visits_per_s - seen.refused / outcome.judged_s)
        per_request = served_per_s / outcome.arrivals_per_s if outcome.arrivals_per_s else 0.0
        fleets = [n for n, p in compiled.behaviours[name].primitives.items() if isinstance(p, Fleet)]
        fleet = fleets[0] if fleets else None
        busy_s = seen.concurrency / seen.visits_per_s if seen.concurrency and seen.visits_per_s else 0.0
        usage = Usage(
            visits_per_s=per_request * mean_per_s,
            instances=day.instances.get(fleet, 1.0) if fleet else 1.0,
            instances_of=day.kinds.get(fleet, {}) if fleet else {},
            per_visit=compiled.per_visit.get(name, {}),
            surplus_credit_s_per_h=day.surplus_s_per_h.get(fleet, 0.0) if fleet else 0.0,
            mean_busy_s=busy_s,
            provisioned={
                bucket.partition("/")[2]: mean
                for bucket, mean in day.provisioned.items()
                if component_of(bucket) == name
            }
            | {each.partition("/")[2]: day.instances.get(each, 1.0) for each in fleets[1:]},
        )
        try:
            cost: Cost = room(component.kind).price(component, usage, compiled.catalog)
        except CatalogError as error:
            # What cannot be priced can still be simulated.
            cost = Cost(usd_per_h=0.0, notes=(f"not counted: {error.what}",))
        parts[name] = cost.usd_per_h * HOURS_PER_MONTH
        notes += [f"{name}: {note}" for note in cost.notes]
    return MonthlyCost(usd=sum(parts.values()), components=parts, notes=tuple(notes))
