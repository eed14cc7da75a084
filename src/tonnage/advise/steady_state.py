"""Steady state: where the traffic is constant, what belongs to the warm-up is left out, and what never settles is told.

A history has no steady state to ask for: its peak is judged as it comes, with the queues that the minutes before it
leave behind.
"""

from dataclasses import dataclass, replace

from tonnage.compile import Compiled
from tonnage.engine.statistics import warm_up
from tonnage.simulate import Day, simulate
from tonnage.workload import Scenario, Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a pilot run says of the warm-up.

    Attributes:
        scenario: The scenario with a lead that covers it.
        warm_up_s: Its length beyond the usual lead; None where the requests in flight never settle.
    """

    scenario: Scenario
    warm_up_s: float | None


def is_constant(traffic: Traffic) -> bool:
    """Whether a traffic has one rate, so that there is a steady state to ask for."""
    return len(set(traffic.rates_per_s)) == 1


def settled(compiled: Compiled, scenario: Scenario, seed: int, day: Day) -> Settled:
    """Lengthen the lead of a scenario over the warm-up that a pilot run shows in the requests in flight.

    Args:
        compiled: The workload, under constant traffic.
        scenario: Its load.
        seed: Seed of the pilot run.
        day: The coarse run of the same scenario.
    """
    pilot = simulate(compiled, scenario, seed=seed, day=day)
    dropped = warm_up(pilot.series[":in flight"]) if pilot.stopped is None else None
    if dropped is None:
        return Settled(scenario=scenario, warm_up_s=None)
    warm_up_s = float(pilot.times_s[dropped - 1]) if dropped else 0.0
    return Settled(scenario=replace(scenario, lead_s=scenario.lead_s + warm_up_s), warm_up_s=warm_up_s)
